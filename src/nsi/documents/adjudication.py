"""The workbook in which somebody settles what coders disagreed on: one row per unit, drop-downs for the answers.

A hidden column holds a fingerprint per row, and a hidden sheet what was issued under each, so that whoever reads
the filled workbook back can tell that rows were not swapped, added, doubled or lost.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from nsi.documents import workbook
from nsi.documents.zip_bytes import holdable, one_line_end
from nsi.errors import StudyError, listed, shown

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

FORMAT = "adjudication form 1"  # readers refuse any other
HELP, DECIDE, LEGEND, CONTINUED, ISSUED = "Read me first", "Decide", "Legend", "Continued", "issued"
ANSWERS = ("Final label", "How settled", "Reason", "Who", "When")
ANSWER_WIDTHS = (26.0, 15.0, 22.0, 14.0, 13.0)
NOW = {"final": "Label now", "rule": "How settled (now)", "reason": "Reason (now)"}
LONGEST_NAME = 60  # characters of who settled it
LONGEST_ID = 255  # characters of an id or a code; more is a text in the wrong column


def adjudication_workbook(
    to_settle: pd.DataFrame,
    *,
    field: str,
    field_label: str,
    said: Sequence[str],
    codes: Sequence[str],
    labels: Mapping[str, str],
    definitions: Mapping[str, str],
    rules: Mapping[str, str],
    reasons: Mapping[str, str],
    excerpt: str | None = None,
    note: str = "",
) -> bytes:
    """Write the units that coders disagreed on into an Excel workbook for whoever settles them.

    Parameters
    ----------
    to_settle : DataFrame, one row per unit
        Columns case, unit, those of `said`, final, rule and reason (what holds now, missing where nothing was
        settled), and `excerpt` if given. All text; missing is an empty cell.
    field, field_label : str
        The field, as in the data and as a reader sees it.
    said : sequence of str
        The columns of the coders, named as they shall stand in the header.
    codes : sequence of str
        All codes of the field in the codebook's order.
    labels, definitions : mapping of str to str
        By code: its words and its meaning.
    rules, reasons : mapping of str to str
        How a label can be settled, and why coders differed: what stands in the data, and what it means.
    excerpt : str, optional
        Column with the words or the title that help to decide. Longer than a cell holds, it goes on in the sheet
        "Continued"; characters that a cell cannot hold are shown as signs.
    note : str
        Stands above the instructions, such as that the data are synthetic.

    Returns
    -------
    bytes
        An .xlsx; equal input gives equal bytes. No cell holds a formula.

    Raises
    ------
    StudyError
        If a column is lacking, a unit stands twice, has no id, or an id or a code cannot be written as it is.
    """
    columns = ["case", "unit", *said, *([excerpt] if excerpt else []), *NOW]
    table = _checked(to_settle, columns, field, excerpt)
    book = Workbook()
    about, decide, legend = book.worksheets[0], book.create_sheet(DECIDE), book.create_sheet(LEGEND)
    lists = _write_legend(legend, codes, labels, definitions, rules, reasons)
    shown_excerpt = [excerpt.capitalize()] if excerpt else []
    names = ["fingerprint", "Case", "Unit", *said, *shown_excerpt, *NOW.values(), *ANSWERS]
    if len(set(names)) < len(names):
        raise StudyError(f"the form for {field!r} would have two columns of one name: {listed(names, 30)}; rename one")
    kept = [number for number, name in enumerate(columns) if name != excerpt]
    prints = [_fingerprint([field, *cells]) for cells in table.iloc[:, kept].to_numpy().tolist()]
    continued = _write_rows(decide, names, table, prints, columns.index(excerpt) if excerpt else None)
    _ask(decide, len(names), len(table), lists)
    if continued:
        _write_continued(book.create_sheet(CONTINUED), table, continued)
    marks = 0 if excerpt is None else sum(not holdable(one_line_end(text)) for text in table[excerpt])
    _write_help(about, field_label, len(table), note, marks)
    _write_issued(book.create_sheet(ISSUED), field, [names[0], *(names[1 + place] for place in kept)],
                  table.iloc[:, kept].to_numpy().tolist(), prints)  # fmt: skip
    return workbook.workbook_bytes(book, f"Settling {field_label}")


def _checked(frame: pd.DataFrame, columns: list[str], field: str, excerpt: str | None) -> pd.DataFrame:
    lacking = [name for name in columns if name not in frame.columns]
    if lacking:
        raise StudyError(f"the list of {field!r} to settle lacks column(s) {listed(lacking)}; add them")
    if len(frame) >= workbook.LAST_ROW:
        raise StudyError(f"{len(frame)} units are more than a sheet has rows ({workbook.LAST_ROW}); write one per case")
    table = frame[columns].reset_index(drop=True)
    table = pd.DataFrame({name: [workbook.cell_text(cell) for cell in table[name]] for name in columns}, dtype=object)
    for name in columns:
        for row, text in enumerate(table[name]):
            if name in ("case", "unit") and not text:
                raise StudyError(f"the list of {field!r} to settle, row {row}: no {name}; every unit needs one")
            if name != excerpt and (len(text) > LONGEST_ID or not holdable(text) or text != text.strip()):
                raise StudyError(
                    f"the list of {field!r} to settle, row {row}: {name} is {shown(text)} ({len(text)} characters); "
                    f"a cell needs at most {LONGEST_ID}, no control character and no blank at either end, or it "
                    "would not come back as it is; correct it in the data"
                )
    again = table.duplicated(["case", "unit"])
    if again.any():
        first = table[again].iloc[0]
        raise StudyError(
            f"unit {shown(first['unit'])} of case {shown(first['case'])} stands more than once in the list of "
            f"{field!r} to settle; give each unit one row"
        )
    return table


def _fingerprint(cells: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(list(cells)).encode()).hexdigest()[:16]


def _write_rows(
    sheet: Worksheet, names: list[str], table: pd.DataFrame, prints: list[str], excerpt: int | None
) -> list[tuple[int, str]]:
    """Write header and rows; return the texts that did not fit, by row of the table."""
    longest = [max([0, *(len(text) for text in table[name])]) for name in table.columns]
    widths = [3.0, *(_width(length) for length in longest), *ANSWER_WIDTHS]
    if excerpt is not None:
        widths[excerpt + 1] = 60.0
    workbook.lay_out(sheet, widths, frozen="D2")
    workbook.put_header(sheet, 1, names)
    workbook.fit_height(sheet, 1, dict(enumerate(names[1:], start=2)))
    continued: list[tuple[int, str]] = []
    for row, cells in enumerate(table.to_numpy(), start=2):
        texts = [prints[row - 2], *cells]
        if excerpt is not None:
            texts[excerpt + 1], rest = workbook.first_and_rest(
                texts[excerpt + 1], f"\n[goes on in the sheet {CONTINUED}]"
            )
            continued += [(row - 2, part) for part in rest]
        for column, text in enumerate([*texts, *[""] * len(ANSWERS)], start=1):
            answer = column > len(texts)
            fill = workbook.ANSWER if answer else workbook.GIVEN
            cell = workbook.put(sheet, row, column, text, fill=fill, border=True)
            if answer:
                workbook.answerable(cell)
        workbook.fit_height(sheet, row, dict(enumerate(texts[1:], start=2)))
        sheet.cell(row, len(names)).number_format = "yyyy-mm-dd"
    sheet.column_dimensions[get_column_letter(1)].hidden = True
    return continued


def _width(longest: int) -> float:
    return min(max(12.0, longest + 3.0), 28.0)


def _write_continued(sheet: Worksheet, table: pd.DataFrame, continued: list[tuple[int, str]]) -> None:
    workbook.lay_out(sheet, [20.0, 20.0, 110.0], frozen="A2")
    lines = [(str(table.at[row, "case"]), str(table.at[row, "unit"]), part) for row, part in continued]
    workbook.put_rows(sheet, 1, ["Case", "Unit", "Goes on"], lines)
    workbook.protect(sheet)


def _ask(sheet: Worksheet, n_columns: int, n_rows: int, lists: Mapping[str, str]) -> None:
    """Put drop-downs and limits on the answers, and mark a row that is filled in half."""
    if n_rows:
        first = n_columns - len(ANSWERS) + 1
        letters = dict(zip(ANSWERS, (get_column_letter(first + number) for number in range(len(ANSWERS))), strict=True))
        cells = {name: f"{letter}2:{letter}{n_rows + 1}" for name, letter in letters.items()}
        for name in ANSWERS[:3]:
            told = f"Choose from the list, or leave blank. What each means stands in the sheet {LEGEND}."
            workbook.choose_from(sheet, cells[name], lists[name], title=name, told=told)
        workbook.ask_for_text(sheet, cells["Who"], LONGEST_NAME, title="Who", told="Who settled it: id or name.")
        workbook.ask_for_date(sheet, cells["When"], title="When", told="The day on which it was settled.")
        final, how, _, who, when = letters.values()
        half = f'AND(COUNTA(${final}2:${when}2)>0,OR(${final}2="",${how}2="",${who}2=""))'
        workbook.mark_where(sheet, f"{final}2:{when}{n_rows + 1}", half)
        sheet.auto_filter.ref = f"A1:{when}{n_rows + 1}"
    workbook.protect(sheet)


def _write_legend(
    sheet: Worksheet, codes: Sequence[str], labels: Mapping[str, str], definitions: Mapping[str, str],
    rules: Mapping[str, str], reasons: Mapping[str, str],
) -> dict[str, str]:  # fmt: skip
    """Write codes, rules and reasons with their meaning; return the range of each list."""
    workbook.lay_out(sheet, [32.0, 32.0, 90.0])
    blocks = {
        "Final label": [(code, labels.get(code, code), definitions.get(code, "")) for code in codes],
        "How settled": [(rule, "", meaning) for rule, meaning in rules.items()],
        "Reason": [(reason, "", meaning) for reason, meaning in reasons.items()],
    }
    ranges, row = {}, 1
    for name, lines in blocks.items():
        if not lines:
            raise StudyError(f"the form has nothing to choose from under {name!r}; pass at least one")
        ranges[name] = f"{LEGEND}!$A${row + 1}:$A${row + len(lines)}"
        row = workbook.put_rows(sheet, row, [name, "In words", "Meaning"], lines) + 1
    workbook.protect(sheet)
    return ranges


def _write_help(sheet: Worksheet, field_label: str, n_units: int, note: str, n_marked: int) -> None:
    sheet.title = HELP
    workbook.lay_out(sheet, [100.0])
    lines = [
        f"Settle what coders disagreed on: {field_label}, {n_units} units",
        note,
        f"1. Go to the sheet {DECIDE}. Each row is a unit; the grey cells say what each coder gave and what holds now.",
        f"2. In the yellow cells choose the final label, how it was settled and the reason why coders differed. The "
        f"sheet {LEGEND} says what each choice means.",
        "3. Enter who settled it, and the day. Final label, how settled and who belong together: a row that lacks one "
        "of them turns orange. Reason and day may stay blank, and are then reported as not recorded.",
        "4. Leave all yellow cells of a row blank while the unit is not settled; what holds now then keeps holding.",
        "5. Do not add, delete or copy rows, and do not change grey cells. Every row carries a hidden fingerprint, and "
        "a workbook whose rows do not fit theirs is refused. Sheets are protected, without a password, against slips.",
        "6. Type no formulas. Save as .xlsx under the same name, and send it back.",
        f"Characters that a workbook cannot hold are shown as signs such as ␇ or � (texts affected: {n_marked})."
        if n_marked else "",
    ]  # fmt: skip
    for row, text in enumerate([line for line in lines if line], start=1):
        workbook.put(sheet, row, 1, text, bold=row == 1 or text == note)
        workbook.fit_height(sheet, row, {1: text})
    workbook.protect(sheet)


def _write_issued(
    sheet: Worksheet, field: str, names: list[str], rows: Sequence[Sequence[str]], prints: list[str]
) -> None:
    """Write, hidden, what the form is and what was issued under each fingerprint."""
    about = [[FORMAT], ["field", field], ["sheet", DECIDE], ["answers", *ANSWERS], names]
    issued = [[mark, *cells] for mark, cells in zip(prints, rows, strict=True)]
    for number, cells in enumerate([*about, *issued], start=1):
        for column, text in enumerate(cells, start=1):
            workbook.put(sheet, number, column, text)
    sheet.sheet_state = "veryHidden"
    workbook.protect(sheet)
