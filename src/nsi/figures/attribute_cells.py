"""What stands in the cells of an attribute matrix and in the panel of tests beneath it, checked and in words."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from nsi.errors import StudyError
from nsi.figures.frames import require_codes, require_columns, require_labels, require_order
from nsi.figures.value_axis import number
from nsi.figures.value_columns import require_once, require_reasons, require_values

TABLE = "table of attributes"
TESTS = "table of tests"
NEEDED = ["case", "band", "value", "low", "high", "flag"]
TESTED = ["attribute", "n", "p", "p_min_attainable", "effect_name", "effect", "effect_low", "effect_high",
          "detectable", "detectable_what", "flips", "flips_depth"]  # fmt: skip
NUMBERS = ("p", "p_min_attainable", "effect", "effect_low", "effect_high", "detectable", "flips")
UNKNOWN = "missing"
UNTESTED = "no test"
READING = (
    "Panel: p counts every arrangement of the outcome over the cases; the smallest p is what the best of them would "
    "have given; a weaker effect than the one that could be detected is missed more than one time in five. A large p "
    "does not say that an attribute does not matter."
)


@dataclass(frozen=True)
class Cell:
    """One cell: its text, the place of its category or the length of its bar, or that it is missing."""

    text: str
    level: int | None = None
    part: float | None = None
    missing: bool = False


@dataclass(frozen=True)
class AttributeData:
    """Cases in drawing order, cells by case and attribute, tests as heading -> attribute -> text."""

    cases: list[str]
    band: dict[str, str]
    bands: list[str]
    names: list[str]
    values: pd.DataFrame
    cells: dict[str, dict[str, Cell]]
    tests: dict[str, dict[str, str]]
    visible: dict[str, bool]
    reading: str = READING

    def texts(self, name: str, shape: float) -> list[str]:
        """Texts that should fit into a column unbroken; a category takes the room of its shape too, as blanks."""
        blanks = " " * round(shape / 0.8)
        return [(blanks if cells[name].level is not None else "") + cells[name].text for cells in self.cells.values()]


def attribute_data(
    cases: pd.DataFrame,
    panel: pd.DataFrame,
    labels: Mapping[str, str],
    bands: Mapping[str, str],
    attributes: Mapping[str, str],
    levels: Mapping[str, Mapping[str, str]],
    alpha: float,
) -> AttributeData:
    """Check both frames and put every cell into words.

    Parameters
    ----------
    cases, panel, labels, bands, attributes, levels, alpha
        As for `attribute_matrix`.

    Raises
    ------
    StudyError
        See `attribute_matrix`.
    """
    names = list(attributes)
    require_order(names, what=f"attributes of the {TABLE}")
    require_columns(cases, [*NEEDED, *names], table=TABLE)
    require_once(cases, ["case"], table=TABLE)
    require_labels(attributes, names, what=f"attributes of the {TABLE}")
    require_labels(labels, [str(case) for case in cases["case"]], what=f"cases of the {TABLE}")
    require_codes(cases["band"].astype(str), list(bands), table=TABLE)
    values = cases.assign(
        case=cases["case"].astype(str), band=cases["band"].astype(str),
        **{name: require_values(cases, name, table=TABLE) for name in ("value", "low", "high")},
    )  # fmt: skip
    require_reasons(values, "value", table=TABLE)
    values["turn"] = values["band"].map({name: turn for turn, name in enumerate(bands)})
    values = values.sort_values("turn", kind="stable").reset_index(drop=True)
    order = list(values["case"])
    columns = {name: _column(values, name, levels.get(name)) for name in names}
    kinds = {name: len({cell.level for cell in columns[name] if cell.level is not None}) for name in names}
    tests, visible = _tests(panel, names, alpha, _margins(columns, levels), kinds)
    return AttributeData(
        order, dict(zip(order, values["band"], strict=True)), list(dict.fromkeys(values["band"])), names, values,
        {case: {name: columns[name][place] for name in names} for place, case in enumerate(order)}, tests, visible,
    )  # fmt: skip


def _column(values: pd.DataFrame, name: str, known: Mapping[str, str] | None) -> list[Cell]:
    """Cells of one attribute from top to bottom."""
    gone = [Cell(UNKNOWN, missing=True) if missing else None for missing in values[name].isna()]
    if known is not None:
        there = values.loc[values[name].notna(), name].astype(str)
        require_codes(there, list(known), table=TABLE)
        places = {code: place for place, code in enumerate(known)}
        return [cell or Cell(str(known[str(code)]), level=places[str(code)])
                for cell, code in zip(gone, values[name], strict=True)]  # fmt: skip
    numbers = require_values(values, name, table=TABLE)
    low, high = (min(0.0, float(numbers.min())), float(numbers.max())) if numbers.notna().any() else (0.0, 0.0)
    if numbers.min() > 0.5 * numbers.max():
        low = float(numbers.min()) - 0.15 * (high - float(numbers.min()))  # such as years: bars from 0 would not differ
    across = high - low or 1.0
    return [cell or Cell(_plain(value), part=(value - low) / across) for cell, value in zip(gone, numbers, strict=True)]


def _plain(value: float) -> str:
    return f"{value:.0f}" if float(value).is_integer() else number(value)


def _margins(columns: Mapping[str, Sequence[Cell]], levels: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """How many cases each category has, or from where to where numbers go."""
    told = {}
    for name, cells in columns.items():
        if name in levels:
            counts = [sum(cell.level == place for cell in cells) for place in range(len(levels[name]))]
            told[name] = ", ".join(str(count) for count in counts if count)
        else:
            found = sorted((cell.part, cell.text) for cell in cells if cell.part is not None)
            told[name] = f"{found[0][1]} to {found[-1][1]}" if found else UNKNOWN
    return told


def _tests(
    panel: pd.DataFrame, names: Sequence[str], alpha: float, margins: Mapping[str, str], kinds: Mapping[str, int]
) -> tuple[dict[str, dict[str, str]], dict[str, bool]]:
    require_columns(panel, TESTED, table=TESTS)
    require_once(panel, ["attribute"], table=TESTS)
    absent = [name for name in names if name not in set(panel["attribute"])]
    if absent:
        raise StudyError(f"{TESTS} has no row for attribute '{absent[0]}'; test it, or leave its column out")
    numbers = panel.assign(**{name: require_values(panel, name, table=TESTS) for name in NUMBERS})
    rows = {str(row["attribute"]): row for row in numbers.to_dict("records")}
    tests: dict[str, dict[str, str]] = {}
    for name in names:
        for heading, text in _told(rows[name], alpha, margins[name], kinds[name]).items():
            tests.setdefault(heading, {})[name] = text
    return tests, {name: bool(rows[name]["p"] < alpha) for name in names}


def _told(row: Mapping[Hashable, Any], alpha: float, margin: str, kinds: int) -> dict[str, str]:
    """The panel's texts for one attribute."""
    untested = pd.isna(row["p"])
    size = f"{row['effect_name']}\n{number(row['effect'])}\n({_ends(row, kinds)})"
    effect = UNTESTED if pd.isna(row["effect"]) else size
    detectable = f"{number(row['detectable'])}" if pd.notna(row["detectable"]) else "none"
    flips = f"{row['flips']:.0f}" if pd.notna(row["flips"]) else f"more than {row['flips_depth']:.0f}"
    return {
        "cases in each category, or range": margin,
        "exact p": UNTESTED if untested else p_told(row["p"]),
        "smallest p that any arrangement could reach": UNTESTED if untested else p_told(row["p_min_attainable"]),
        "effect (95% interval)": effect,
        "weakest effect that 80% of such tests would detect": UNTESTED if untested else detectable,
        "fewest recoded cells that would turn it around": UNTESTED if untested else flips,
        "so the test says": _verdict(row, alpha),
    }


def _ends(row: Mapping[Hashable, Any], kinds: int) -> str:
    """The interval of an effect in words.

    An effect of several categories that is smaller than chance alone would make it has an interval that shrinks to
    nothing: precision that these few cases do not have.
    """
    low, high = row["effect_low"], row["effect_high"]
    if pd.isna(low) or pd.isna(high):
        return "no interval"
    if kinds > 2 and high < (kinds - 1) / (row["n"] - 1):
        return "no usable interval: less than chance gives"
    return f"{number(low)} to {number(high)}"


def p_told(p: float) -> str:
    """Print a p value; a very small one as such, never as nothing."""
    return "below 0.001" if p < 0.001 else f"{p:.3f}"


def _verdict(row: Mapping[Hashable, Any], alpha: float) -> str:
    """What the test says, in words that claim no more."""
    if pd.isna(row["p"]):
        return "nothing: not tested"
    if row["p_min_attainable"] >= alpha:
        return f"nothing: p below {alpha:g} was out of reach"
    if row["p"] < alpha:
        return "an association is visible"
    return "none visible; not that there is none"
