"""Specification curve: one estimate under every combination of choices, and beneath it which options each rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from nsi.figures.frames import require_codes, require_columns, require_labels, require_order
from nsi.figures.keys import Key, fit_keys, line_key, mark, mark_key
from nsi.figures.lettering import line_height, text_width, wrap
from nsi.figures.page import Page, new_page, write
from nsi.figures.row_layout import CASE_SHARE, Rows, lay_rows
from nsi.figures.style import INK, OKABE_ITO, QUIET, WIDE, house_style
from nsi.figures.value_axis import GRID, number, value_limits
from nsi.figures.value_columns import require_once, require_values, require_width

TABLE = "table of universes"
NEEDED = ["place", "estimate", "verdict"]
HEIGHT = 34.0  # mm, the curve
STEP = 3.9  # mm, the lowest row of an option
VERDICTS = ("holds", "does not hold", "cannot be tested")
LOOKS = {
    "holds": {"colour": OKABE_ITO[0], "marker": "o", "markersize": 2.6},
    "does not hold": {"colour": OKABE_ITO[4], "marker": "D", "markersize": 3.0, "hollow": True},
}
UNTESTED = {"colour": QUIET, "marker": "x", "markersize": 2.4, "hollow": True}  # a cross has an edge only
DARK, PALE = INK, OKABE_ITO[4]
DASHED = (0, (3, 2))
UNDRAWN = "No universe has a number to draw."


@house_style()
def specification_curve(
    curve: pd.DataFrame,
    *,
    choices: Mapping[str, str],
    options: Mapping[str, Mapping[str, str]],
    title: str,
    note: str,
    value_label: str,
    usual: Mapping[str, str] | None = None,
    reference: float | None = None,
    width: float = WIDE,
) -> Figure:
    """Draw the estimates in order, and below them one row per option with a tick for every universe that took it.

    Parameters
    ----------
    curve : DataFrame
        One row per universe, from the method of the same name: ``place``, ``estimate`` (missing = none), ``verdict``
        (holds, does not hold, cannot be tested) and one column per choice.
    choices : mapping of str to str
        Choices from top to bottom, with printed labels.
    options : mapping of str to mapping of str to str
        Options of each choice from top to bottom, with printed labels.
    title, note : str
        The statement above and the reading aid below.
    value_label : str
        What the estimate is.
    usual : mapping of str to str, optional
        The option that the study takes, by choice; its universe is marked.
    reference : float, optional
        A value to hold estimates against, such as a level of p.
    width : float
        `NARROW` or `WIDE`, mm.

    Returns
    -------
    Figure
        As high as the options need. At the right of each option stands in how many of its universes the question
        holds; universes without an estimate stand at the right end and have no mark. Where none has an estimate, a
        sentence stands in place of the curve.

    Raises
    ------
    StudyError
        If a column, label or option is missing or unknown, or a place stands twice.
    """
    room = require_width(width)
    checked = _checked(curve, choices, options)
    rows = [(choice, option) for choice in choices for option in options[choice]]
    told = {row: _held(checked, *row) for row in rows}
    side = max(text_width(text) for text in [*told.values(), "holds in"]) + 2.0
    shown = [options[choice][option] + _star(usual, choice, option) for choice, option in rows]
    over = [choices[choice] for choice, _ in rows]
    laid = lay_rows(shown, most=CASE_SHARE * room, step=STEP, headings=over, room=room)
    left = laid.width + 4.0
    across = room - left - side
    lacking = bool((checked["verdict"] == VERDICTS[2]).any())
    keys = fit_keys(
        [mark_key(word, **look) for word, look in LOOKS.items()] + _more(usual, reference, lacking=lacking), room
    )
    head = keys.height + 2.0 + line_height() + 1.0
    top = head + HEIGHT + 4.0
    page = new_page(width, top + laid.height + 0.5, title=title, note=note)
    ground = page.panel(0, 0, page.width, top + laid.height + 0.5)
    keys.draw(ground)
    write(ground, left, head - 1.0, wrap(value_label, across), va="bottom", color=QUIET)
    if checked["estimate"].isna().all():
        write(ground, left, head + HEIGHT / 2, UNDRAWN, color=QUIET)
    else:
        _draw_curve(page, checked, (left, across), head, usual, reference)
    laid.draw(ground, top, page.width)
    write(ground, page.width - 0.8, top - 0.8, "holds in", ha="right", va="bottom", color=QUIET)
    for place, row in enumerate(rows):
        write(ground, page.width - 0.8, top + laid.middle(place), told[row], ha="right")
    _draw_options(page, checked, rows, laid, (left, across), top)
    return page.figure


def _checked(
    curve: pd.DataFrame, choices: Mapping[str, str], options: Mapping[str, Mapping[str, str]]
) -> pd.DataFrame:
    require_order(list(choices), what=f"choices of the {TABLE}")
    require_columns(curve, [*NEEDED, *choices], table=TABLE)
    require_once(curve, ["place"], table=TABLE)
    require_labels(choices, list(choices), what=f"choices of the {TABLE}")
    require_codes(curve["verdict"].astype(str), VERDICTS, table=TABLE)
    for choice in choices:
        known = options.get(choice, {})
        require_order(list(known), what=f"options of '{choice}'")
        require_labels(known, list(known), what=f"options of '{choice}'")
        require_codes(curve[choice].astype(str), list(known), table=TABLE)
    checked = curve.assign(estimate=require_values(curve, "estimate", table=TABLE))
    return checked.sort_values("place", kind="stable").reset_index(drop=True)


def _held(curve: pd.DataFrame, choice: str, option: str) -> str:
    """In how many of the universes that took an option, and could be tested, the question holds."""
    own = curve[(curve[choice].astype(str) == option) & (curve["verdict"] != VERDICTS[2])]
    return f"{(own['verdict'] == VERDICTS[0]).sum()} of {len(own)}" if len(own) else "untested"


def _star(usual: Mapping[str, str] | None, choice: str, option: str) -> str:
    return " *" if usual is not None and usual.get(choice) == option else ""


def _more(usual: Mapping[str, str] | None, reference: float | None, *, lacking: bool) -> list[Key]:
    keys = []
    if usual is not None:
        keys.append(mark_key("the study's own choices (*)", marker="s", markersize=5.4, colour=INK, hollow=True))
    if lacking:
        keys.append(mark_key(f"{VERDICTS[2]} (below)", **UNTESTED))
    if reference is not None:
        keys.append(line_key(f"line at {_plain(reference)}", color=INK, linewidth=0.8, linestyle=DASHED))
    return keys


def _plain(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def _draw_curve(
    page: Page, curve: pd.DataFrame, at: tuple[float, float], top: float, usual: Mapping[str, str] | None,
    reference: float | None,
) -> None:  # fmt: skip
    axes = page.plot(at[0], top, at[1], HEIGHT)
    within = None if reference is None else (reference, reference)
    low, high = value_limits(curve["estimate"], within)
    axes.set(xlim=(0.5, len(curve) + 0.5), ylim=(low, high))
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.set_facecolor("none")
    counts = bool((curve["estimate"].dropna() % 1 == 0).all())  # of a count, half of one is no tick
    found = MaxNLocator(4, steps=[1, 2, 5, 10]).tick_values(low, high)
    ticks = [tick for tick in found if low <= tick <= high and not (counts and tick % 1)]
    digits = next((d for d in (0, 1, 2) if all(abs(round(tick, d) - tick) < 1e-9 for tick in ticks)), 3)
    axes.set_yticks(ticks, [number(tick, digits) for tick in ticks])
    axes.tick_params(axis="y", length=2, pad=1.5)
    for tick in ticks:
        axes.axhline(tick, color=GRID, linewidth=0.4, zorder=0)
    if reference is not None:
        axes.axhline(reference, color=INK, linewidth=0.8, linestyle=DASHED, zorder=1)
    for verdict, look in LOOKS.items():
        own = curve[(curve["verdict"] == verdict) & curve["estimate"].notna()]
        hollow = bool(look.get("hollow"))
        axes.plot(own["place"], own["estimate"], linestyle="none", marker=str(look["marker"]), clip_on=False, zorder=3,
                  markersize=look["markersize"], markerfacecolor="#FFFFFF" if hollow else look["colour"],
                  markeredgecolor=look["colour"], markeredgewidth=0.7)  # fmt: skip
    if usual is not None:
        own = curve[np.all([curve[choice].astype(str) == option for choice, option in usual.items()], axis=0)]
        for x, y in own[["place", "estimate"]].dropna().to_numpy(dtype=float).tolist():
            # Over its neighbours, which stand so close that they would hide it, and with nothing inside.
            mark(axes, x, y, marker="s", markersize=5.4, hollow=True, markerfacecolor="none")


def _draw_options(
    page: Page, curve: pd.DataFrame, rows: Sequence[tuple[str, str]], laid: Rows, at: tuple[float, float], top: float
) -> None:
    """Ticks, one for each universe that took the option: long where the question holds, short and low where not.

    A cross in its place says that the universe could not be tested.
    """
    axes = page.plot(at[0], top, at[1], laid.height)
    axes.set(xlim=(0.5, len(curve) + 0.5), ylim=(laid.height, 0))
    axes.axis("off")
    thick = min(max(0.55 * at[1] / len(curve) / 0.3528, 0.35), 2.5)
    for place, (choice, option) in enumerate(rows):
        y = laid.middle(place)
        own = curve[curve[choice].astype(str) == option]
        for verdict, colour, ends in (
            (VERDICTS[0], DARK, (y - 1.4, y + 1.4)),
            (VERDICTS[1], PALE, (y + 0.2, y + 1.4)),
        ):
            at_place = own.loc[own["verdict"] == verdict, "place"].to_numpy(dtype=float)
            lines = [((x, ends[0]), (x, ends[1])) for x in at_place]
            axes.add_collection(LineCollection(lines, colors=colour, linewidths=thick, zorder=2))
        lacking = own.loc[own["verdict"] == VERDICTS[2], "place"].to_numpy(dtype=float)
        axes.plot(lacking, np.full(len(lacking), y), linestyle="none", marker=str(UNTESTED["marker"]), color=QUIET,
                  markersize=min(2.2, max(2.4 * thick, 1.2)), markeredgewidth=0.4, clip_on=False, zorder=2)  # fmt: skip
