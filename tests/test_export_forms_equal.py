"""One set of answers in five forms of export gives the same bytes."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from study_folder import StudyFolder

from nsi.readers.responses import clean_responses
from nsi.synthetic.export_forms import ExportColumn, excel_xlsx, qualtrics_csv, spss_sav
from nsi.tables import check_frame, to_parquet

LABELS = {
    "1": "Strongly disagree",
    "2": "Disagree",
    "3": "Neither agree nor disagree",
    "4": "Agree",
    "5": "Strongly agree",
}
MISSING = {"98": "Prefer not to say", "99": "Does not apply"}
PARTS = {"1": "Leads", "2": "Teaches"}
YES = {"0": "No", "1": "Yes"}
PLACES = {"1": "North", "2": "South", "3": "'West' – old town"}
ITEMS = [f"q{number}" for number in range(1, 9)]
TEACH_ONLY = ITEMS[6:]
ROWS = 400
RULES: list[dict[str, Any]] = [
    {"rule": "keep_if", "column": "finished", "values": ["1"], "why": "complete only"},
    {"rule": "answered", "at_least": 0.5, "why": "too little to score"},
    {"rule": "seconds", "column": "took", "at_least": 60, "why": "nobody reads so fast"},
    {"rule": "straight_lining", "at_least_items": 5, "why": "no thought given"},
    {"rule": "not_on_roster", "action": "keep", "why": "rosters lag behind"},
    {"rule": "duplicates", "keep": "most_answered", "why": "one person, one voice"},
]
WORDS = [
    "",
    "=1+1",
    "NA",
    "nan",
    "None",
    "👍🏽",
    'he said "no"',
    "a, b; c",
    "two\nlines",
    "-5",
    "007",
    "é",
    "<b>&amp;</b>",
    "TRUE",
]


def codebook() -> str:
    lines = [
        "field,field_label,level,code,label,definition",
        "use,Use,nominal,plan,Plan,",
        "grade,Grade,ordinal,1,Low,",
    ]
    for field, level, codes in (("agree", "ordinal", LABELS), ("part", "nominal", PARTS), ("yes", "nominal", YES),
                                ("place", "nominal", PLACES)):  # fmt: skip
        lines += [f'{field},{field},{level},{code},"{label}",' for code, label in codes.items()]
    return "\n".join(lines) + "\n"


def answers() -> list[list[str]]:
    """Coded answers with every kind of nothing; one row per response."""
    chance = np.random.Generator(np.random.PCG64(11))
    rows = []
    for place in range(ROWS):
        person = int(chance.integers(0, ROWS - 60))
        part = ["1", "2", "2", ""][int(chance.integers(0, 4))]
        cells = [["1", "2", "3", "4", "5", "", "98", "99"][int(draw)] for draw in
                 chance.choice(8, len(ITEMS), p=[0.16, 0.17, 0.17, 0.2, 0.2, 0.05, 0.03, 0.02])]  # fmt: skip
        if place % 29 == 0:
            cells = ["4"] * len(ITEMS)
        cells = ["" if part == "1" and item in TEACH_ONLY and place % 17 else cell
                 for item, cell in zip(ITEMS, cells, strict=True)]  # fmt: skip
        when = pd.Timestamp("2021-03-01 09:00:00") + pd.Timedelta(minutes=int(chance.integers(0, 30_000)))
        mail = "" if place % 23 == 0 else f"Member{person}@X.org"
        rows.append([f"R_{place:05d}", mail, str(1 + person % 3), part, "01"[int(place % 13 > 0)],
                     "" if place % 31 == 0 else str(int(chance.integers(20, 2000))), str(when),
                     WORDS[place % len(WORDS)], *cells])  # fmt: skip
    return rows


NAMES = [
    "ResponseId",
    "Mail",
    "Net",
    "Part",
    "Finished",
    "Seconds",
    "Ended",
    "Words",
    *(item.upper() for item in ITEMS),
]
CODED: dict[str, dict[str, str]] = {
    "Net": PLACES,
    "Part": PARTS,
    "Finished": YES,
    **{item.upper(): LABELS for item in ITEMS},
}


def columns(*, typed: bool) -> list[ExportColumn]:
    made = []
    for place, name in enumerate(NAMES):
        kind = "number" if name in CODED or name == "Seconds" else "datetime" if name == "Ended" else "text"
        item = CODED.get(name) is LABELS
        labels = CODED.get(name, {}) | (MISSING if item else {})
        made.append(ExportColumn(name, f"Question {place}\nin two lines", f"QID{place}", labels,
                                 tuple(MISSING) if item else (), kind if typed else "text"))  # fmt: skip
    return made


def in_words(rows: list[list[str]]) -> list[list[str]]:
    """The same answers as text of choices, in the many ways in which programs write one text."""
    ways: list[Callable[[str], str]] = [
        str,
        str.upper,
        str.lower,
        lambda text: f" {text.replace(' ', '  ')} ",
        lambda text: text.replace("'", "’"),
    ]
    return [
        [ways[place % len(ways)]((CODED[name] | MISSING).get(cell, cell)) if name in CODED else cell
         for name, cell in zip(NAMES, row, strict=True)] for place, row in enumerate(rows)
    ]  # fmt: skip


def plain_csv(rows: list[list[str]], separator: str = ",") -> bytes:
    stream = io.StringIO()
    pd.DataFrame(rows, columns=NAMES).to_csv(stream, sep=separator, index=False, lineterminator="\r\n")
    return stream.getvalue().encode("utf-8-sig")


@pytest.fixture(scope="module")
def forms() -> dict[str, tuple[bytes, dict[str, str]]]:
    """Each form's bytes, and how study.yml declares it."""
    rows = answers()
    return {
        "numbers": (qualtrics_csv(columns(typed=False), rows), {"form": "qualtrics"}),
        "words": (qualtrics_csv(columns(typed=False), in_words(rows)), {"form": "qualtrics"}),
        "spss": (spss_sav(columns(typed=True), rows), {"form": "spss"}),
        "excel": (excel_xlsx(columns(typed=True), rows), {"form": "excel"}),
        "shuffled": (plain_csv(rows[::-1], ";"), {"form": "delimited", "separator": ";"}),
    }


def study(folder: StudyFolder, declared: dict[str, str], data: bytes) -> StudyFolder:
    folder.put("codes.csv", codebook(), folder="study")
    items = [
        f"{item},s,agree,{'yes' if item == 'q2' else 'no'},{'2' if item in TEACH_ONLY else ''},words" for item in ITEMS
    ]
    folder.put("items.csv", "item,scale,answers,reverse,asked_of,text\n" + "\n".join(items) + "\n", folder="study")
    crosswalk = [f"{item},one,{item.upper()}" for item in ITEMS]
    folder.put("crosswalk.csv", "item,wave,column\n" + "\n".join(crosswalk) + "\n", folder="study")
    folder.put("panel.bin", data)
    folder.keys["survey"] = {
        "items": "items.csv",
        "crosswalk": "crosswalk.csv",
        "waves": {"one": 1},
        "scales": {"s": None},
    }
    folder.keys["raw"] = {"panel": {
        "file": "panel.bin", "holds": "responses", "wave": "one", **declared,
        "missing": dict.fromkeys(["98", "Prefer not to say"], "refused")
        | dict.fromkeys(["99", "Does not apply"], "not_applicable"),
        "columns": {
            "response": "ResponseId", "respondent": "Mail", "case": {"from": "Net", "type": "code", "field": "place"},
            "role": {"from": "Part", "type": "code", "field": "part", "blank": "skipped"},
            "finished": {"from": "Finished", "type": "code", "field": "yes"},
            "took": {"from": "Seconds", "type": "integer", "blank": "skipped"},
            "ended": {"from": "Ended", "type": "time", "formats": ["%Y-%m-%d %H:%M:%S"]},
            "words": {"from": "Words", "blank": "skipped"},
        },
    }}  # fmt: skip
    return folder


def roster() -> pd.DataFrame:
    rows = [[str(1 + person % 3), f"P{person:03d}", "12"[person % 2], f"member{person}@x.org"] for person in range(250)]
    return pd.DataFrame(rows, columns=["case", "respondent", "role", "address_1"])


def cleaned(root: Path, declared: dict[str, str], data: bytes, with_roster: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    done = clean_responses(
        study(StudyFolder(root), declared, data).open().raw("panel"), RULES, roster() if with_roster else None
    )
    return done.responses, done.log


@pytest.mark.parametrize("with_roster", [True, False], ids=["roster", "no roster"])
def test_every_form_of_the_same_answers_gives_the_same_bytes(
    tmp_path: Path, forms: dict[str, tuple[bytes, dict[str, str]]], with_roster: bool
) -> None:
    found = {name: cleaned(tmp_path / name, declared, data, with_roster) for name, (data, declared) in forms.items()}
    expected, log = found["numbers"]
    key = ["wave", "case", "respondent"]
    whole = to_parquet(check_frame(expected, "responses", key), synthetic=True)
    for name, (responses, other) in found.items():
        pd.testing.assert_frame_equal(responses, expected, obj=name)
        assert to_parquet(check_frame(responses, "responses", key), synthetic=True) == whole, name
        counts = other[~other["rule"].isin(["trim blanks"])][
            ["rule", "what", "rows_before", "rows_after", "rows_changed"]
        ]
        wanted = log[~log["rule"].isin(["trim blanks"])][["rule", "what", "rows_before", "rows_after", "rows_changed"]]
        pd.testing.assert_frame_equal(counts, wanted, obj=name)
    assert 200 < len(expected) < ROWS
    assert set(expected["q1_missing"].dropna()) == {"skipped", "refused", "not_applicable"}
    assert set(expected["q8_missing"].dropna()) == {"skipped", "refused", "not_applicable", "not_asked"}
    assert set(log.loc[log["rows_before"] > log["rows_after"], "rule"]) == {
        "keep if finished", "answered", "seconds: took", "straight-lining", "duplicates: most_answered"
    }  # fmt: skip


def test_the_answers_are_those_that_were_written(
    tmp_path: Path, forms: dict[str, tuple[bytes, dict[str, str]]]
) -> None:
    data, declared = forms["words"]
    responses, _ = cleaned(tmp_path, declared, data, False)
    written = {row[0]: dict(zip(NAMES, row, strict=True)) for row in answers()}
    reasons = {"": "skipped", "98": "refused", "99": "not_applicable"}
    for line in responses.to_dict("records"):
        row = written[str(line["response"])]
        assert (line["words"] if pd.notna(line["words"]) else "") == row["Words"]
        for item in ITEMS:
            cell = row[item.upper()]
            unasked = item in TEACH_ONLY and row["Part"] == "1"
            said = "not_asked" if unasked else reasons.get(cell, cell)
            assert str(line[f"{item}_missing"] if pd.isna(line[item]) else line[item]) == said
