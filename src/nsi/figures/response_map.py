"""Response rates of cases by wave or by role: the rate written in its cell, and every kind of nothing apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nsi.errors import StudyError, listed
from nsi.figures.frames import require_columns, require_labels, require_order, whole_percent
from nsi.figures.headings import fit_headings
from nsi.figures.keys import Key, fill_key, fit_keys
from nsi.figures.lettering import block_width, text_width, wrap
from nsi.figures.page import box, new_page, write
from nsi.figures.row_layout import Rows, lay_rows
from nsi.figures.style import INK, NEUTRAL, PAPER, SEQUENTIAL, WHITE, WIDE, house_style, text_on
from nsi.figures.value_columns import WITHHELD, reason, require_once, require_values, require_width

TABLE = "table of response rates"
STEP = 4.8  # mm, a row of one line
TWO_LINES = 7.6  # mm
MOST = 34.0  # mm, the widest cell
STUB = 18.0  # mm, the least room for labels
HATCH = "/////"
HIDDEN = "....."
NO_ROSTER = "no roster"
NOT_SURVEYED = "–"
NOBODY = "none"


class Cell(NamedTuple):
    """One cell: people on the roster (NaN = unknown), responses, rate, and whether it is withheld."""

    roster: float
    n: float
    rate: float
    hidden: bool


@house_style()
def response_map(
    rates: pd.DataFrame,
    *,
    labels: Mapping[str, str],
    columns: Mapping[str, str],
    title: str,
    note: str,
    by: str = "wave",
    threshold: float | None = 0.5,
    width: float = WIDE,
) -> Figure:
    """Draw a heat map of response rates with cases in rows.

    Parameters
    ----------
    rates : DataFrame
        One row per case and column: ``case``, a column named by `by`, ``roster`` (people invited; missing =
        unknown), ``responses`` (of them), ``off_roster`` (other responses), ``response_rate`` (0 to 1; missing
        where there is no roster, or nobody on it) and ``flag`` ("withheld" where counts may not be shown). No
        row means that the case was not surveyed there. Cases are drawn as they come.
    labels : mapping of str to str
        Case to printed label.
    columns : mapping of str to str
        Waves or roles from left to right, with printed labels.
    title, note : str
        The statement above and the reading aid below.
    by : str
        Name of the column that makes the columns, such as ``wave`` or ``role``. Filter the table to one role, or
        one wave, first.
    threshold : float, optional
        A rate below it is outlined.
    width : float
        `NARROW` or `WIDE`, mm.

    Returns
    -------
    Figure
        As high as the rows need. A cell prints the rate and responses of invited; "none" is a rate of 0 out of
        a known roster; a cell without roster is hatched and prints its n; a withheld one says so; "–" was not
        surveyed.

    Raises
    ------
    StudyError
        If a column or label is missing, a cell stands twice, a rate is not responses over invited, or there
        are more columns than fit.
    """
    room = require_width(width)
    cells = _checked(rates, labels, columns, by)
    cases = list(dict.fromkeys(str(case) for case in rates["case"]))
    names = [labels[case] for case in cases]
    stub, cell, apart = _measures(names, cells, room, len(columns))
    laid = lay_rows(names, most=stub - 2.5, step=STEP if apart == " " else TWO_LINES)
    heads = fit_headings(list(columns.values()), cell)
    keys = fit_keys(_keys(cells, threshold, len(cases) * len(columns)), room)
    head = keys.height + 2.0 + heads.height + 1.0
    page = new_page(width, head + laid.height + 0.5, title=title, note=note)
    axes = page.panel(0, 0, page.width, head + laid.height + 0.5)
    keys.draw(axes)
    heads.draw(axes, [stub + cell * (place + 0.5) for place in range(len(columns))], head - 1.0)
    _draw_labels(axes, laid, head)
    for row, case in enumerate(cases):
        for place, column in enumerate(columns):
            at = (stub + cell * place, head + laid.tops[row], cell, laid.heights[row])
            _draw_cell(axes, at, cells.get((case, column)), apart, threshold)
    return page.figure


def _checked(
    rates: pd.DataFrame, labels: Mapping[str, str], columns: Mapping[str, str], by: str
) -> dict[tuple[str, str], Cell]:
    """Refuse what cannot be drawn; give each cell by case and column."""
    numbers = ["roster", "responses", "off_roster", "response_rate"]
    require_columns(rates, ["case", by, *numbers, "flag"], table=TABLE)
    require_once(rates, ["case", by], table=TABLE)
    require_order(list(columns), what=f"{by}s of the {TABLE}")
    require_labels(labels, list(dict.fromkeys(str(case) for case in rates["case"])), what=f"cases of the {TABLE}")
    stray = [str(value) for value in dict.fromkeys(rates[by]) if str(value) not in columns]
    if stray:
        raise StudyError(f"{TABLE}: {by} '{stray[0]}' is not among {listed(columns, 12)}; add its label")
    roster, responses, others, rate = (require_values(rates, name, table=TABLE, low=0) for name in numbers)
    hidden = rates["flag"].map(reason) == WITHHELD
    off = ~hidden & ~((rate - responses / roster.where(roster > 0)).abs() < 1e-6) & ((roster > 0) | rate.notna())
    if off.any():
        row = int(off.to_numpy().argmax())
        raise StudyError(
            f"{TABLE} row {row + 1}: response_rate is {rates['response_rate'].iloc[row]}, but is responses / roster, "
            "and missing without a roster; compute it again"
        )
    keys = zip(rates["case"].astype(str), rates[by].astype(str), strict=True)
    # Without a roster all responses are off it; of a roster only its own people count.
    n = responses.where(roster.notna(), others)
    cells = zip(roster, n, rate.mask(hidden), hidden, strict=True)
    return {key: Cell(*cell) for key, cell in zip(keys, cells, strict=True)}


def _measures(
    names: Sequence[str], cells: Mapping[tuple[str, str], Cell], room: float, n_columns: int
) -> tuple[float, float, str]:
    """Room for labels, width of a cell, and whether its words stand on one line or on two."""
    told = [cell for cell in cells.values() if cell.roster > 0] or [Cell(1.0, 1.0, 1.0, False)]
    long, short = (max(block_width(_words(cell, apart)) for cell in told) + 1.6 for apart in (" ", "\n"))
    wanted = min(max(map(text_width, names)) + 3.0, 0.4 * room)
    for least, apart in ((long, " "), (short, "\n")):
        stub = min(wanted, room - least * n_columns)
        if stub >= min(wanted, STUB if apart == "\n" else 0.3 * room):
            return stub, min((room - stub) / n_columns, MOST), apart
    raise StudyError(f"{n_columns} columns do not fit beside the labels; draw them in parts, or wider")


def _words(cell: Cell, apart: str) -> str:
    """What stands in a cell of a case that was surveyed."""
    if cell.hidden:
        return WITHHELD
    if pd.isna(cell.roster):
        return f"{NO_ROSTER} (n {cell.n:,.0f})" if apart == " " else f"{NO_ROSTER}\nn {cell.n:,.0f}"
    if cell.roster == 0:
        return f"nobody{apart}invited"
    share = NOBODY if cell.n == 0 else f"{whole_percent(cell.rate)}%"
    counts = f"{cell.n:,.0f}/{cell.roster:,.0f}"
    return f"{share} ({counts})" if apart == " " else f"{share}\n{counts}"


def _keys(
    cells: Mapping[tuple[str, str], Cell], threshold: float | None, n_cells: int
) -> list[Key]:
    """Say only what is in the map."""
    found = list(cells.values())
    keys = [fill_key("response rate (responses/invited)", facecolor=SEQUENTIAL(0.45), edgecolor="none")]
    if threshold is not None and any(cell.rate < threshold for cell in found):
        words = f"outlined: below {whole_percent(threshold)}%"
        keys.append(fill_key(words, facecolor=WHITE, edgecolor=INK, linewidth=1.2))
    if any(cell.n == 0 and cell.roster > 0 for cell in found):
        keys.append(fill_key("none: invited, nobody answered", facecolor=WHITE, edgecolor=NEUTRAL))
    if any(pd.isna(cell.roster) and not cell.hidden for cell in found):
        keys.append(fill_key("no roster, so no rate", facecolor=WHITE, edgecolor=NEUTRAL, hatch=HATCH))
    if any(cell.hidden for cell in found):
        keys.append(fill_key("withheld: too few to show", facecolor=WHITE, edgecolor=NEUTRAL, hatch=HIDDEN))
    if len(cells) < n_cells:
        keys.append(fill_key("–: not surveyed", facecolor=PAPER, edgecolor="none"))
    return keys


def _draw_labels(axes: Axes, laid: Rows, head: float) -> None:
    for place, text in enumerate(laid.texts):
        write(axes, 0, head + laid.middle(place), text)


def _draw_cell(
    axes: Axes, at: Sequence[float], cell: Cell | None, apart: str, threshold: float | None
) -> None:
    """Fill one cell and write its words; a low rate has an outline within the cell."""
    left, top, width, height = at
    fill: object = PAPER
    if cell is None:
        box(axes, left, top, width, height, facecolor=PAPER, edgecolor=WHITE)
        write(axes, left + width / 2, top + height / 2, NOT_SURVEYED, ha="center")
        return
    words = _words(cell, apart)
    frame = None
    if pd.isna(cell.rate):
        hatch = HIDDEN if cell.hidden else HATCH if pd.isna(cell.roster) else None
        box(axes, left, top, width, height, facecolor=WHITE, edgecolor=NEUTRAL, hatch=hatch, linewidth=0.3)
        fill, frame = WHITE, {"facecolor": WHITE, "edgecolor": "none", "pad": 0.5}
        if block_width(words) > width - 0.8:  # n is the first to go
            words = NO_ROSTER if pd.isna(cell.roster) and not cell.hidden else words
        words = wrap(words, width - 0.8) if apart == "\n" else words
    else:
        fill = SEQUENTIAL(0.75 * cell.rate)  # the darkest quarter would leave no room for an outline
        box(axes, left, top, width, height, facecolor=fill, edgecolor=WHITE)
        if threshold is not None and cell.rate < threshold:
            box(axes, left + 0.3, top + 0.3, width - 0.6, height - 0.6, edgecolor=INK, linewidth=1.2, zorder=3)
    write(axes, left + width / 2, top + height / 2, words, ha="center", multialignment="center",
          color=text_on(fill), bbox=frame, zorder=4)  # fmt: skip
