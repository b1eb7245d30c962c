"""Which cases are stronger or weaker than the rest, by the probability that they are, and which are uncertain."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nsi.errors import StudyError, listed
from nsi.figures.frames import require_codes, require_columns, require_labels, require_order, whole_percent
from nsi.figures.keys import Key, fill_key, fit_keys, line_key, mark, mark_key
from nsi.figures.lettering import block_height, text_width, wrap
from nsi.figures.page import Page, new_page, write
from nsi.figures.row_layout import BAND, case_rows
from nsi.figures.style import HEADING, INK, OKABE_ITO, QUIET, WHITE, WIDE, house_style, tint
from nsi.figures.value_axis import FOOT, GRID
from nsi.figures.value_columns import reason, require_once, require_reasons, require_values, require_width

TABLE = "table of selected cases"
NEEDED = ["case", "p_top", "p_bottom", "group", "flag"]
GROUPS = ("stronger", "weaker", "uncertain")
STEP = 4.0  # mm, the lowest row
BAR = 2.5  # mm
SIDES = text_width(">99%") + 1.0  # mm for a probability
LEAST = 14.0  # mm, the narrowest room for bars
APART = 4.0  # mm between waves
TOP: dict[str, Any] = {"facecolor": OKABE_ITO[0], "edgecolor": OKABE_ITO[0], "hatch": ""}
BOTTOM: dict[str, Any] = {"facecolor": tint(OKABE_ITO[1], 0.45), "edgecolor": "#8A5A00", "hatch": "//////"}
LOOKS: dict[str, dict[str, Any]] = {
    "stronger": {"marker": "^", "colour": OKABE_ITO[0]},
    "weaker": {"marker": "v", "colour": "#8A5A00"},
    "uncertain": {"marker": "o", "colour": "#6A6A6A", "hollow": True},
}


@house_style()
def selection_chart(
    frame: pd.DataFrame,
    *,
    labels: Mapping[str, str],
    title: str,
    note: str,
    threshold: float,
    top_label: str,
    bottom_label: str,
    words: Mapping[str, str] | None = None,
    waves: Mapping[str, str] | None = None,
    width: float = WIDE,
) -> Figure:
    """Draw one row per case: the probability of belonging to the bottom to the left, to the top to the right.

    Parameters
    ----------
    frame : DataFrame
        One row per case (and wave): ``case``, ``p_top``, ``p_bottom`` (0 to 1; NaN = withheld or undefined),
        ``group`` (``stronger``, ``weaker`` or ``uncertain``; missing where the probabilities are), ``flag``
        (why they are missing; "" where fine), and ``wave`` where `waves` are given. Cases are drawn as they
        come.
    labels : mapping of str to str
        Case to printed label.
    title, note : str
        The statement above and the reading aid below.
    threshold : float
        The probability that a case must reach to count as stronger or weaker, drawn dashed on both sides.
    top_label, bottom_label : str
        What the two probabilities are, for the key, such as "probability of the six highest ranks".
    words : mapping of str to str, optional
        Printed word of each group.
    waves : mapping of str to str, optional
        Waves side by side from left to right, with printed labels.
    width : float
        `NARROW` or `WIDE`, mm.

    Returns
    -------
    Figure
        As high as the rows need. The group stands beside the bars as a marker and a word.

    Raises
    ------
    StudyError
        If a column or label is missing, a case stands twice, a probability leaves 0 to 1, a group is unknown
        or missing without a reason, or the waves do not fit side by side.
    """
    room = require_width(width)
    told = {group: (words or {}).get(group, group) for group in GROUPS}
    checked = _checked(frame, labels, waves, threshold)
    cases = list(dict.fromkeys(checked["case"]))
    panels = waves if waves is not None else {"": ""}
    beside = 2 * SIDES + max(text_width(text) for text in told.values()) + 6.5
    taken = beside * len(panels) + APART * (len(panels) - 1) + 2.5
    laid = case_rows([labels[case] for case in cases], room, taken=taken, step=STEP, panels=len(panels))
    own = (room - laid.width - 2.5 - APART * (len(panels) - 1)) / len(panels)
    bars = own - beside
    if bars < LEAST:
        raise StudyError(f"{len(panels)} waves do not fit side by side; draw them in parts, or wider")
    keys = fit_keys(_keys(threshold, top_label, bottom_label, told), room)
    names = {wave: wrap(label, own, HEADING, bold=True) for wave, label in panels.items()}
    head = keys.height + 2.0 + max(block_height(name, HEADING) for name in names.values()) + 0.8
    page = new_page(width, head + laid.height + FOOT, title=title, note=note)
    ground = page.panel(0, 0, page.width, head + laid.height + FOOT)
    keys.draw(ground)
    laid.draw(ground, head, page.width)
    for place, (wave, name) in enumerate(names.items()):
        left = laid.width + 2.5 + place * (own + APART)
        write(ground, left + SIDES, head - 0.8, name, size=HEADING, weight="bold", va="bottom")
        axes = _axes(page, left + SIDES, head, bars, laid.height, threshold)
        rows = checked[checked["wave"] == wave].set_index("case").to_dict("index")
        for row, case in enumerate(cases):
            colour = BAND if row % 2 == 0 else WHITE
            _draw_case(axes, ground, rows.get(case), laid.middle(row), (left, head, bars), told, colour)
    return page.figure


def _checked(
    frame: pd.DataFrame, labels: Mapping[str, str], waves: Mapping[str, str] | None, threshold: float
) -> pd.DataFrame:
    keys = ["case", "wave"] if waves is not None else ["case"]
    require_columns(frame, NEEDED + keys[1:], table=TABLE)
    require_once(frame, keys, table=TABLE)
    require_labels(labels, list(dict.fromkeys(str(case) for case in frame["case"])), what=f"cases of the {TABLE}")
    if not 0.5 <= threshold <= 1:
        raise StudyError(f"threshold is {threshold:g}, but is a probability from 0.5 to 1; give such a share")
    numbers = frame.assign(
        p_top=require_values(frame, "p_top", table=TABLE, low=0, high=1),
        p_bottom=require_values(frame, "p_bottom", table=TABLE, low=0, high=1),
        case=frame["case"].astype(str),
        wave=frame["wave"].astype(str) if waves is not None else "",
    )
    for column in ("p_top", "p_bottom"):
        require_reasons(numbers, column, table=TABLE)
    found = numbers["p_top"].notna() & numbers["p_bottom"].notna()
    require_codes(numbers.loc[found, "group"], GROUPS, table=TABLE)
    if waves is not None:
        require_order(list(waves), what=f"waves of the {TABLE}")
        stray = [wave for wave in dict.fromkeys(numbers["wave"]) if wave not in waves]
        if stray:
            raise StudyError(f"{TABLE}: wave '{stray[0]}' is not among {listed(waves, 12)}; add its label")
    return numbers


def _keys(threshold: float, top: str, bottom: str, told: Mapping[str, str]) -> list[Key]:
    return [
        fill_key(bottom, **BOTTOM),
        fill_key(top, **TOP),
        line_key(f"threshold, {whole_percent(threshold)}%", color=QUIET, linewidth=0.8, linestyle=(0, (3, 2))),
        *(mark_key(told[group], **LOOKS[group]) for group in GROUPS),
    ]


def _axes(page: Page, left: float, top: float, width: float, height: float, threshold: float) -> Axes:
    """Axes of the probabilities: bottom to the left, top to the right, mm downward."""
    axes = page.plot(left, top, width, height)
    axes.set(xlim=(-1, 1), ylim=(height, 0))
    wide = width > 5 * (SIDES + 0.5)
    ticks = (-1.0, -0.5, 0.0, 0.5, 1.0) if wide else (-1.0, 0.0, 1.0)
    axes.set_xticks(ticks, [f"{100 * abs(tick):.0f}%" for tick in ticks])
    axes.set_yticks([])
    axes.tick_params(axis="x", length=2, pad=1.5)
    axes.spines["left"].set_visible(False)
    axes.set_facecolor("none")
    for tick in ticks:
        axes.axvline(tick, color=GRID, linewidth=0.4, zorder=0)
    for cut in (-threshold, threshold):
        axes.axvline(cut, color=QUIET, linewidth=0.8, linestyle=(0, (3, 2)), zorder=3)
    axes.axvline(0, color=INK, linewidth=0.7, zorder=4)
    return axes


def _draw_case(
    axes: Axes, ground: Axes, row: Mapping[Hashable, Any] | None, y: float, at: tuple[float, float, float],
    told: Mapping[str, str], ground_colour: str,
) -> None:  # fmt: skip
    """Draw both bars and print both probabilities, marker and word; or say why there are none."""
    left, head, bars = at
    values = None if row is None else (float(row["p_bottom"]), float(row["p_top"]))
    if row is None or values is None or any(pd.isna(value) for value in values):
        text = "not surveyed" if row is None else reason(row["flag"])
        frame = {"facecolor": ground_colour, "edgecolor": "none", "pad": 0.6}
        write(axes, -1.0, y, text, style="italic", color=INK, bbox=frame, zorder=6)
        return
    for value, side, look in zip(values, (-1, 1), (BOTTOM, TOP), strict=True):
        axes.barh(y, side * value, height=BAR, linewidth=0.5, zorder=2, **look)
    write(ground, left + SIDES - 1.0, head + y, f"{whole_percent(values[0])}%", ha="right")
    write(ground, left + SIDES + bars + 1.0, head + y, f"{whole_percent(values[1])}%")
    group = str(row["group"])
    x = left + 2 * SIDES + bars + 2.0
    mark(ground, x, head + y, **LOOKS[group])
    write(ground, x + 2.2, head + y, told[group])
