"""How many cases each of several samples holds; a bound looks different from a number, and samples are kept apart."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nsi.errors import StudyError
from nsi.figures.frames import require_columns, require_labels
from nsi.figures.keys import SAMPLE, Key, fill_key, fit_keys
from nsi.figures.lettering import block_height, text_width, wrap
from nsi.figures.page import box, new_page, rule, write
from nsi.figures.style import INK, NARROW, OKABE_ITO, QUIET, WHITE, WIDE, house_style, tint
from nsi.figures.value_columns import require_once, require_values, require_width

TABLE = "table of samples"
NEEDED = ["sample", "label", "told", "least", "most", "unit"]
BAR = 4.0  # mm
PAD = 3.2  # mm between two samples, where the sign stands
OPEN = 7.0  # mm that the open end of a bound reaches on
SIGN = "⊄"
SIGN_ROOM = 3.5  # mm
LABELS = 0.3  # of the page, the most that the names of samples may take
REMARKS = 0.3  # of the page, the room of remarks at the right
FILLS: tuple[dict[str, Any], ...] = (
    {"facecolor": tint(OKABE_ITO[0], 0.55), "edgecolor": OKABE_ITO[0], "hatch": ""},
    {"facecolor": tint(OKABE_ITO[1], 0.45), "edgecolor": "#8A5A00", "hatch": "//////"},
    {"facecolor": "#D0D0D0", "edgecolor": INK, "hatch": "......"},
)


@house_style()
def sample_sizes(
    samples: pd.DataFrame,
    *,
    units: Mapping[str, str],
    title: str,
    note: str,
    apart: str = "",
    width: float = WIDE,
) -> Figure:
    """Draw one bar per sample, with what was sampled in words beside it.

    Parameters
    ----------
    samples : DataFrame
        One row per sample, drawn as they come: ``sample`` (id), ``label``, ``told`` (its size in words, such as "34" or
        "over 40"), ``least`` and ``most`` (between which whole numbers it lies; equal where the number is known, one of
        them missing where only a bound is), ``unit`` (what is counted), and, if wanted, ``when`` (printed below the
        label) and ``remark`` (printed at the right).
    units : mapping of str to str
        Unit to printed words; bars of each unit have their own fill and hatch. At most three.
    title, note : str
        The statement above and the reading aid below.
    apart : str
        What the sign between two rows means, such as "not a part of the sample above"; without it there is no sign.
    width : float
        `NARROW` or `WIDE`, mm; remarks stand below their bar on a narrow page.

    Returns
    -------
    Figure
        A known number is a bar with a closed end. Of "over 40" the bar is open: dashed from its bound on.

    Raises
    ------
    StudyError
        If a column or label is missing, a sample stands twice, neither bound is known, or they contradict each other.
    """
    room = require_width(width)
    rows = _checked(samples, units).to_dict("records")
    beside = width > NARROW
    labels = [_label(row, LABELS * room if beside else room - SIGN_ROOM) for row in rows]
    left = max(max(text_width(line, bold=True) for line in text.split("\n")) for text, _ in labels) + 3.0
    margin = SIGN_ROOM if apart else 0.0
    left = margin + (left if beside else 0.0)
    right = REMARKS * room if beside and any(row["remark"] for row in rows) else 0.0
    told = max(text_width(str(row["told"])) for row in rows) + 2.0
    per_case = (room - left - right - told - OPEN - 2.0) / max(_reach(row) for row in rows)
    remarks = [wrap(row["remark"], right - 1.0 if beside else room - left) if row["remark"] else "" for row in rows]
    heights = [_height(label, remark, beside=beside) for label, remark in zip(labels, remarks, strict=True)]
    keys = fit_keys(_keys(rows, units, apart), room)
    top = keys.height + 2.5
    page = new_page(width, top + sum(heights), title=title, note=note)
    ground = page.panel(0, 0, page.width, page.height)
    keys.draw(ground)
    y = top
    for place, (row, label, remark, height) in enumerate(zip(rows, labels, remarks, heights, strict=True)):
        if place and apart:
            write(ground, SIGN_ROOM / 2 - 0.6, y, SIGN, ha="center", weight="bold")
            rule(ground, (SIGN_ROOM, room), (y, y), color="#D8D8D8", linewidth=0.4)
        fill = FILLS[list(units).index(str(row["unit"]))]
        _draw(ground, row, label, remark, (margin, left, y, height, per_case, room - right), fill, beside=beside)
        y += height
    return page.figure


def _checked(samples: pd.DataFrame, units: Mapping[str, str]) -> pd.DataFrame:
    """Refuse what cannot be drawn; give bounds as numbers and remarks as text."""
    require_columns(samples, NEEDED, table=TABLE)
    require_once(samples, ["sample"], table=TABLE)
    require_labels(units, [str(unit) for unit in samples["unit"]], what=f"units of the {TABLE}")
    if len(units) > len(FILLS):
        raise StudyError(f"{TABLE}: {len(units)} units, but {len(FILLS)} can be told apart; draw two figures")
    for name in ("label", "told"):
        require_labels(dict(zip(samples["sample"], samples[name].fillna(""), strict=True)), list(samples["sample"]),
                       what=f"{name} of the {TABLE}")  # fmt: skip
    low, high = (require_values(samples, name, table=TABLE, low=0) for name in ("least", "most"))
    wrong = (low.isna() & high.isna()) | (low > high)
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        least, most = low.iloc[row], high.iloc[row]
        found = f"lies between {least:g} and {most:g}" if least > most else "has no bound"
        raise StudyError(f"{TABLE} row {row + 1}: the size {found}; give least and most, equal where it is known")
    words = {name: samples[name].fillna("").astype(str) if name in samples else "" for name in ("when", "remark")}
    return samples.assign(least=low, most=high, **words)


def _label(row: Mapping[Hashable, Any], room: float) -> tuple[str, str]:
    """Name and, below it, when."""
    return wrap(str(row["label"]), room, bold=True), wrap(row["when"], room) if row["when"] else ""


def _height(label: tuple[str, str], remark: str, *, beside: bool) -> float:
    words = block_height(label[0]) + block_height(label[1])
    if beside:
        return max(words, block_height(remark), BAR) + PAD
    return words + 0.8 + BAR + (0.8 + block_height(remark) if remark else 0.0) + PAD


def _reach(row: Mapping[Hashable, Any]) -> float:
    return float(row["most"] if pd.isna(row["least"]) else row["least"])


def _known(row: Mapping[Hashable, Any]) -> bool:
    return bool(row["least"] == row["most"])


def _keys(rows: Sequence[Mapping[Hashable, Any]], units: Mapping[str, str], apart: str) -> list[Key]:
    met = {str(row["unit"]) for row in rows}
    keys = [fill_key(label, **look) for (unit, label), look in zip(units.items(), FILLS, strict=False) if unit in met]
    if not all(map(_known, rows)):
        keys.append(Key(lambda axes, x, y: _open_end(axes, x, y, 2.3, SAMPLE), "open end: only a bound is known"))
    if apart:
        keys.append(Key(_sign, apart))
    return keys


def _sign(axes: Axes, x: float, y: float) -> None:
    write(axes, x + SAMPLE / 2, y, SIGN, ha="center", weight="bold")


def _draw(
    axes: Axes, row: Mapping[Hashable, Any], label: tuple[str, str], remark: str,
    place: tuple[float, float, float, float, float, float], fill: dict[str, Any], *, beside: bool,
) -> None:  # fmt: skip
    """Draw one sample: its words, its bar, its size."""
    margin, left, top, height, per_case, right = place
    words = block_height(label[0]) + block_height(label[1])
    at = top + (height - words) / 2 if beside else top + PAD / 2
    start = margin if beside else left
    write(axes, start, at, label[0], weight="bold", va="top")
    if label[1]:
        write(axes, start, at + block_height(label[0]), label[1], va="top", color=QUIET)
    middle = top + height / 2 if beside else at + words + 0.8 + BAR / 2
    end = left + _reach(row) * per_case
    box(axes, left, middle - BAR / 2, end - left, BAR, linewidth=0.8 if _known(row) else 0.0, **fill)
    if not _known(row):
        rule(axes, (end, left, left, end), (middle - BAR / 2,) * 2 + (middle + BAR / 2,) * 2, linewidth=0.8,
             color=fill["edgecolor"])  # fmt: skip
        _open_end(axes, end, middle, BAR, OPEN)
    write(axes, end + (1.2 if _known(row) else OPEN + 1.2), middle, str(row["told"]), weight="bold")
    if remark:
        where = (right + 1.0, middle, "center") if beside else (left, middle + BAR / 2 + 0.8, "top")
        write(axes, where[0], where[1], remark, va=where[2])


def _open_end(axes: Axes, x: float, y: float, height: float, reach: float) -> None:
    """Dashed lines and an arrow: at least this, how many more nobody says."""
    for edge in (y - height / 2, y + height / 2):
        rule(axes, (x, x + reach - 1.5), (edge, edge), linewidth=0.8, linestyle=(0, (2, 1.5)))
    rule(axes, (x + 0.8, x + reach - 0.8), (y, y), linewidth=0.8)
    axes.plot([x + reach - 0.8], [y], marker=">", markersize=3.5, color=INK, markeredgecolor=WHITE, markeredgewidth=0.0)
