"""Estimates in rows, each with its interval and its numbers, against a line that means no change."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from nsi.figures.frames import require_columns, require_labels
from nsi.figures.keys import fit_keys, line_key, mark, mark_key, upright_key
from nsi.figures.lettering import block_height, line_height, text_width, wrap
from nsi.figures.page import new_page, rule, write
from nsi.figures.row_layout import item_rows
from nsi.figures.style import INK, MARKS, QUIET, WIDE, house_style
from nsi.figures.value_axis import FOOT, number, signed, value_axis, value_limits
from nsi.figures.value_columns import reason, require_once, require_reasons, require_values, require_width

TABLE = "table of estimates"
LINE = 0.9  # pt
SCALE = 30.0  # mm, the least for the scale


@house_style()
def estimate_rows(
    estimates: pd.DataFrame,
    *,
    labels: Mapping[str, str],
    title: str,
    note: str,
    unit: str,
    headings: Mapping[str, str] | None = None,
    base: float = 0.0,
    base_label: str = "no change",
    counted: str = "n",
    digits: int = 2,
    confidence: float = 0.95,
    width: float = WIDE,
) -> Figure:
    """Draw one row per estimate, those with the same heading together and in one colour and shape.

    Parameters
    ----------
    estimates : DataFrame
        One row each: ``name``, ``estimate``, ``low``, ``high`` (in one unit; missing where undefined), ``n`` (text or
        number, as it is to be printed) and ``flag`` (why an estimate is missing; "" where fine).
    labels : mapping of str to str
        Name to printed label.
    title, note : str
        The statement above and the reading aid below.
    unit : str
        Unit of the estimates, printed over the scale.
    headings : mapping of str to str, optional
        Name to the heading that it stands under.
    base, base_label : float, str
        Where the upright line stands, and what it means.
    counted : str
        Heading of the column of n.
    digits : int
        Decimals of the numbers printed.
    confidence : float
        Of the intervals, for the key.
    width : float
        `NARROW` or `WIDE`, mm.

    Returns
    -------
    Figure
        As high as the rows need; estimate and n stand at the right, on a wide page also the interval.

    Raises
    ------
    StudyError
        If a column or label is missing, a name stands twice, or an estimate is missing without a reason.
    """
    room = require_width(width)
    require_columns(estimates, ["name", "estimate", "low", "high", "n", "flag"], table=TABLE)
    require_once(estimates, ["name"], table=TABLE)
    table = estimates.assign(**{c: require_values(estimates, c, table=TABLE) for c in ("estimate", "low", "high")})
    require_reasons(table, "estimate", table=TABLE)
    names = [str(name) for name in table["name"]]
    require_labels(labels, names, what=f"names of the {TABLE}")
    if headings is not None:
        require_labels(headings, names, what=f"headings of the {TABLE}")
    order, laid = item_rows(names, labels, headings, width)
    rows = table.assign(name=names).set_index("name").loc[order]
    told = [_told(row, digits, brief=width != WIDE) for row in rows.to_dict("records")]
    counts = [f"{n:,}" if isinstance(n, (int, np.integer)) else str(n) for n in rows["n"]]
    n_width, told_width = max(map(text_width, [*counts, counted])), max(map(text_width, told))
    left = laid.width + 3.0
    across = max(room - left - n_width - told_width - 8.0, SCALE)
    keys = fit_keys([mark_key("estimate"), line_key(f"{confidence:.0%} interval", linewidth=LINE),
                     upright_key(base_label, color=QUIET, linewidth=LINE, linestyle=(0, (2, 1)))], room)  # fmt: skip
    head = keys.height + 1.5 + line_height() + 0.8
    below = wrap(unit, across + 2 * min(left, room - left - across))  # centred under the scale, within the page
    height = head + laid.height + FOOT + block_height(below)
    page = new_page(width, height, title=title, note=note)
    ground = page.panel(0, 0, page.width, height)
    keys.draw(ground)
    laid.draw(ground, head, page.width)
    write(ground, room - 0.8, head - 0.8, counted, ha="right", va="bottom", color=QUIET)
    write(ground, left + across / 2, height, below, ha="center", va="bottom", multialignment="center")
    limits = value_limits([*rows["low"], *rows["high"], *rows["estimate"], base])
    axes = value_axis(page, left, head, across, laid.height, limits)
    looks = _looks(order, headings)
    for place, row in enumerate(rows.reset_index().to_dict("records")):
        y, (top, tall) = laid.middle(place), laid.lane(place)
        rule(axes, (base, base), (top, top + tall), color=QUIET, linewidth=LINE, linestyle=(0, (2, 1)), zorder=1)
        colour, marker = looks[str(row["name"])]
        write(ground, room - 0.8, head + y, counts[place], ha="right")
        write(ground, room - n_width - 3.5, head + y, told[place], ha="right")
        if np.isfinite(row["low"]) and np.isfinite(row["high"]):
            rule(axes, (row["low"], row["high"]), (y, y), color=colour, linewidth=LINE, zorder=3)
        if np.isfinite(row["estimate"]):
            mark(axes, row["estimate"], y, colour=colour, marker=marker, hollow=not np.isfinite(row["low"]))
    return page.figure


def _looks(order: Sequence[str], headings: Mapping[str, str] | None) -> dict[str, tuple[str, str]]:
    """Colour and shape of each row's mark: one for all, or one for each heading."""
    if headings is None:
        return dict.fromkeys(order, (INK, "o"))
    over = list(dict.fromkeys(headings[name] for name in order))
    return {name: MARKS[over.index(headings[name]) % len(MARKS)] for name in order}


def _told(row: Mapping[Hashable, object], digits: int, *, brief: bool) -> str:
    """Estimate, on a wide page with its interval; or why there is none."""
    estimate, low, high = (float(str(row[name])) for name in ("estimate", "low", "high"))
    if np.isnan(estimate):
        return reason(row["flag"])
    told = signed(estimate, digits)
    return told if brief or np.isnan(low) else f"{told} ({number(low, digits)} to {number(high, digits)})"
