"""Code use: how often each coder gives each code, batch by batch; what the tests call out is ringed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from nsi.errors import StudyError, listed
from nsi.figures.frames import require_codes, require_columns, require_counts, require_labels, require_order
from nsi.figures.headings import Headings, fit_headings
from nsi.figures.lettering import block_height, line_height, text_width, wrap
from nsi.figures.page import Page, new_page, rule, write
from nsi.figures.style import INK, MARKS, WIDE, house_style

TABLE = "table of code use"
NEEDED = ["batch", "coder", "code", "n_ratings", "share", "significant"]
HEIGHT = 30.0  # mm of each scale
GAP = 4.0  # mm between panels
SIDE = 9.0  # mm for the numbers of the vertical scale
LEAST = 34.0  # mm, the narrowest panel
RING = 9.0  # pt
RING_TOLD = "Ring: differs from the other coders in that batch beyond chance (corrected for all tests)"
LINE = 3.7  # mm, a line of the table at the foot
MOST_BATCHES = 24


@house_style()
def code_use(
    table: pd.DataFrame,
    *,
    codes: Sequence[str],
    labels: Mapping[str, str],
    title: str,
    note: str,
    batch_title: str = "Batch",
    coders: Sequence[str] | None = None,
) -> Figure:
    """Draw the share of each code in each coder's ratings, one panel per code, batches from left to right.

    Parameters
    ----------
    table : DataFrame
        One row per batch, coder and code: ``batch``, ``coder``, ``code``, ``n_ratings`` (of that coder in
        that batch), ``share`` (0 to 1), ``significant`` (whether a corrected test calls it out). Batches in
        order of appearance; a coder without ratings in a batch has no rows there.
    codes : sequence of str
        Codes in codebook order, one panel each.
    labels : mapping of str to str
        Code to printed label.
    title, note : str
        The statement above and the reading aid below.
    batch_title : str
        What a batch is called.
    coders : sequence of str, optional
        Which coders, at most five; all of them where not given.

    Returns
    -------
    Figure
        174 mm wide. A coder has a colour and a shape; a ring around a mark says that it was called out. The
        number of ratings behind each mark stands in a table at the foot.

    Raises
    ------
    StudyError
        If a column or label is missing, a code is unknown, a combination stands twice, a share leaves 0 to 1,
        or there are too many coders or batches.
    """
    drawn = _checked(table, codes, labels, coders)
    batches = list(dict.fromkeys(drawn["batch"].astype(str)))
    people = list(coders) if coders is not None else sorted(dict.fromkeys(drawn["coder"].astype(str)))
    columns, width = _grid(len(codes), WIDE - 4)
    heads = [wrap(labels[code], width) for code in codes]
    head = max(map(block_height, heads)) + 2.0
    step = head + HEIGHT + line_height() + 3.5
    rows = -(-len(codes) // columns)
    foot = _foot_height(batches, people, batch_title)
    page = new_page(WIDE, rows * step + foot, title=title, note=note)
    top = _top(float(drawn["share"].max()))
    for place, code in enumerate(codes):
        row, column = divmod(place, columns)
        left = SIDE + column * (width + GAP + SIDE)
        axes = _panel(page, left, row * step + head, width, batches, top)
        write(page.panel(left, row * step, width, head), 0, head / 2 - 0.5, heads[place], weight="bold")
        _marks(axes, drawn[drawn["code"] == code], batches, people)
    _numbers(page, rows * step, drawn, batches, people, batch_title)
    return page.figure


def _checked(
    table: pd.DataFrame, codes: Sequence[str], labels: Mapping[str, str], coders: Sequence[str] | None
) -> pd.DataFrame:
    """Refuse what cannot be drawn, and give the rows to draw."""
    require_columns(table, NEEDED, table=TABLE)
    require_counts(table, "n_ratings", table=TABLE)
    require_order(codes, what="codes of the table of code use")
    require_codes(table["code"], codes, table=TABLE)
    require_labels(labels, codes, what="codes of the table of code use")
    met = sorted({str(coder) for coder in table["coder"]})
    if coders is not None:
        require_order(coders, what="coders to draw")
        stray = [coder for coder in coders if coder not in met]
        if stray:
            raise StudyError(f"coder '{stray[0]}' is not in the {TABLE}; found {listed(met, 12)}; correct the name")
    if len(coders or met) > len(MARKS):
        raise StudyError(
            f"{len(coders or met)} coders asked for, {len(MARKS)} can be told apart; choose some with coders=[...]"
        )
    drawn = table[table["coder"].isin(list(coders or met))]
    twice = drawn.duplicated(["batch", "coder", "code"])
    if twice.any():
        batch, coder, code = drawn.loc[twice, ["batch", "coder", "code"]].iloc[0]
        raise StudyError(f"{TABLE}: batch '{batch}', coder '{coder}', code '{code}' stands twice; keep one row of each")
    wrong = ~drawn["share"].between(0, 1)  # true for a missing share too
    if wrong.any():
        place, value = drawn.index[wrong][0], drawn["share"][wrong].iloc[0]
        raise StudyError(f"{TABLE} row {place}: share is {value}, but lies from 0 to 1; divide by the coder's ratings")
    n_batches = drawn["batch"].nunique()
    if n_batches > MOST_BATCHES:
        raise StudyError(f"{n_batches} batches cannot be told apart, {MOST_BATCHES} can; merge batches before drawing")
    return drawn


def _grid(n_codes: int, room: float) -> tuple[int, float]:
    """How many panels stand side by side, and how wide each is."""
    most = int((room + GAP) // (LEAST + GAP + SIDE))
    rows = -(-n_codes // most)
    columns = -(-n_codes // rows)
    side_by_side = max(columns, 2)  # one panel alone need not fill the page
    return columns, (room - side_by_side * SIDE - (side_by_side - 1) * GAP) / side_by_side


def _top(share: float) -> float:
    """Upper end of all scales: the next tenth above the largest share."""
    return min(1.0, (int(share * 10 + 1e-9) + 1) / 10)


def _panel(page: Page, left: float, top: float, width: float, batches: Sequence[str], high: float) -> Axes:
    axes = page.plot(left, top, width, HEIGHT)
    axes.set(xlim=(-0.5, len(batches) - 0.5), ylim=(-0.03 * high, 1.03 * high))
    ticks = [tick for tick in MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(0, high) if -1e-9 <= tick <= high + 1e-9]
    axes.set_yticks(ticks, [f"{100 * tick:.0f}%" for tick in ticks])
    axes.grid(axis="y", color="#E3E3E3", linewidth=0.4)
    axes.set_axisbelow(True)
    per_batch = width / len(batches)
    every = -int(-max(text_width(name) + 1.5 for name in batches) // per_batch)  # names that would touch are left out
    fitting = [wrap(name, max(per_batch * every - 1.0, 6.0)).split("\n")[0] for name in batches]
    axes.set_xticks(range(len(batches)), [name if i % every == 0 else "" for i, name in enumerate(fitting)])
    return axes


def _marks(axes: Axes, table: pd.DataFrame, batches: Sequence[str], coders: Sequence[str]) -> None:
    """Draw a line of marks per coder, side by side within a batch, and a ring around what is called out."""
    for place, (coder, (colour, marker)) in enumerate(zip(coders, MARKS, strict=False)):
        own = table[table["coder"] == coder].set_index("batch")
        here = [batch for batch in batches if batch in own.index]
        x = [batches.index(batch) + 0.12 * (place - (len(coders) - 1) / 2) for batch in here]
        y = own.loc[here, "share"].astype(float).tolist()
        axes.plot(x, y, color=colour, linewidth=0.8, zorder=2)
        axes.plot(x, y, linestyle="none", marker=marker, markersize=4.2, color=colour, markeredgecolor="white",
                  markeredgewidth=0.4, zorder=3, clip_on=False)  # fmt: skip
        ringed = own.loc[here, "significant"].astype(bool).tolist()
        rings = [(a, b) for a, b, ring in zip(x, y, ringed, strict=True) if ring]
        for a, b in rings:
            axes.plot([a], [b], marker="o", markersize=RING, markerfacecolor="none", markeredgecolor=INK,
                      markeredgewidth=0.9, zorder=4, clip_on=False)  # fmt: skip


def _columns(batches: Sequence[str], coders: Sequence[str], batch_title: str) -> tuple[float, float, Headings]:
    """Width of the names and of a column in the table at the foot, and its headings."""
    room = WIDE - 4
    name = min(max(max(text_width(f"{c}, ratings") for c in coders) + 8, text_width(batch_title) + 2), 60.0)
    column = min(max(max(text_width(b) for b in [*batches, "8,888"]) + 3, 8.0), (room - name) / len(batches))
    return name, column, fit_headings(batches, column)


def _foot_height(batches: Sequence[str], coders: Sequence[str], batch_title: str) -> float:
    _, _, heads = _columns(batches, coders, batch_title)
    return heads.height + 1.5 + len(coders) * LINE + line_height() + 4.0


def _numbers(
    page: Page, top: float, table: pd.DataFrame, batches: Sequence[str], coders: Sequence[str], batch_title: str
) -> None:
    """Print the legend as a table: each coder's mark, name, and number of ratings per batch."""
    axes = page.panel(0, top, page.width, _foot_height(batches, coders, batch_title))
    name, column, heads = _columns(batches, coders, batch_title)
    n = table.drop_duplicates(["coder", "batch"]).set_index(["coder", "batch"])["n_ratings"]
    centres = [name + column * (place + 0.5) for place in range(len(batches))]
    heads.draw(axes, centres, heads.height)
    write(axes, 0, heads.height, batch_title, va="bottom")
    rule(axes, (0, name + column * len(batches)), (heads.height + 0.7,) * 2)
    for line, (coder, (colour, marker)) in enumerate(zip(coders, MARKS, strict=False)):
        y = heads.height + 1.5 + LINE * (line + 0.5)
        rule(axes, (0, 4), (y, y), color=colour, linewidth=0.8)
        axes.plot([2], [y], marker=marker, markersize=4.2, color=colour, markeredgecolor="white", markeredgewidth=0.4)
        write(axes, 5.5, y, wrap(f"{coder}, ratings", name - 6).split("\n")[0])
        for x, batch in zip(centres, batches, strict=True):
            write(axes, x, y, f"{int(n[coder, batch]):,}" if (coder, batch) in n.index else "–", ha="center")
    y = heads.height + 1.5 + LINE * len(coders) + line_height() / 2 + 2.0
    axes.plot([2], [y], marker="o", markersize=RING, markerfacecolor="none", markeredgecolor=INK, markeredgewidth=0.9)
    write(axes, 5.5, y, RING_TOLD)
