"""Cleaning responses: from the text of an export to typed answers with reasons, and a log that adds up."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from study_folder import StudyFolder, told

from nsi.errors import StudyError
from nsi.readers.raw_data import RawData
from nsi.readers.responses import CleanResponses, clean_responses
from nsi.tables import check_frame, from_parquet, to_parquet

REMEDY = "settle it in data_raw/corrections.csv"
CODES = """\
field,field_label,level,code,label,definition
agree,Agreement,ordinal,1,Strongly disagree,
agree,Agreement,ordinal,2,Disagree,
agree,Agreement,ordinal,3,Neither,
agree,Agreement,ordinal,4,Agree,
agree,Agreement,ordinal,5,Strongly agree,
use,Use,nominal,plan,Plan,
grade,Grade,ordinal,1,Low,
part,Part,nominal,lead,Leads,
part,Part,nominal,teach,Teaches,
yes,Yes or no,nominal,0,False,
yes,Yes or no,nominal,1,True,
place,Place,nominal,north,North,
place,Place,nominal,south,South,
"""
ITEMS = """\
item,scale,answers,reverse,asked_of,text
t1,trust,agree,no,,We rely on each other
t2,trust,agree,yes,,We rarely talk
t3,trust,agree,no,,We keep promises
g1,gain,agree,no,teach,My lessons changed
g2,gain,agree,no,teach,My pupils gain
n1,gain,agree,no,,New this year
"""
CROSSWALK = "item,wave,column\nt1,one,Q1\nt2,one,Q2\nt3,one,Q3\ng1,one,Q7\ng2,one,Q8\nn1,two,Q9\n"
ASKED = {"t1": "Q1", "t2": "Q2", "t3": "Q3", "g1": "Q7", "g2": "Q8"}
HEADER = ["Status", "Finished", "Seconds", "Ended", "Id", "Mail", "Net", "Part", *ASKED.values(), "Words"]
ROW = dict(zip(HEADER, ["live", "1", "300", "2021-03-04 10:00:00", "R1", "ann@x.org", "north", "teach", *"12345", "ok"],
               strict=True))  # fmt: skip
RULES: list[dict[str, Any]] = [
    {"rule": "drop_if", "column": "state", "values": ["preview"], "why": "nobody's answer"},
    {"rule": "keep_if", "column": "finished", "values": ["1"], "why": "complete only"},
    {"rule": "answered", "at_least": 0.5, "why": "too little to score"},
    {"rule": "seconds", "column": "took", "at_least": 60, "why": "nobody reads so fast"},
    {"rule": "straight_lining", "at_least_items": 3, "why": "no thought given"},
    {"rule": "not_on_roster", "action": "keep", "why": "rosters lag behind"},
    {"rule": "duplicates", "keep": "most_answered", "why": "one person, one voice"},
]
FIRST = ["wave", "case", "respondent", "response", "role", "on_roster", "role_missing", "state", "state_missing",
         "finished", "finished_missing", "took", "took_missing", "ended", "ended_missing",
         "words", "words_missing"]  # fmt: skip
ROSTER = pd.DataFrame(
    [["north", "M1", "teach", "ann@x.org"], ["north", "M2", "lead", "bo@x.org"], ["south", "M1", "teach", "ann@x.org"]],
    columns=["case", "respondent", "role", "address"],
)


@pytest.fixture
def folder(tmp_path: Path) -> StudyFolder:
    """A study with a survey of two waves, of which the first has an export."""
    made = StudyFolder(tmp_path)
    made.put("codes.csv", CODES, folder="study")
    made.put("items.csv", ITEMS, folder="study")
    made.put("crosswalk.csv", CROSSWALK, folder="study")
    made.keys["survey"] = {
        "items": "items.csv", "crosswalk": "crosswalk.csv", "waves": {"one": 1, "two": 2},
        "scales": {"trust": {"label": "Trust"}, "gain": {"label": "Gain"}},
    }  # fmt: skip
    made.keys["raw"] = {
        "panel": {
            "file": "panel.csv", "holds": "responses", "wave": "one",
            "missing": {"98": "refused", "99": "not_applicable"},
            "columns": {
                "state": "Status",
                "finished": {"from": "Finished", "type": "code", "field": "yes"},
                "took": {"from": "Seconds", "type": "number", "blank": "skipped"},
                "ended": {"from": "Ended", "type": "time", "formats": ["%Y-%m-%d %H:%M:%S"]},
                "response": "Id", "respondent": "Mail",
                "case": {"from": "Net", "type": "code", "field": "place"},
                "role": {"from": "Part", "type": "code", "field": "part", "blank": "skipped"},
                "words": {"from": "Words", "blank": "skipped"},
            },
        }
    }  # fmt: skip
    return made


def export(*rows: dict[str, str]) -> str:
    """An export of rows that differ from `ROW` as said; ids differ, too."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(HEADER)
    for place, row in enumerate(rows, start=1):
        writer.writerow({**ROW, "Id": f"R{place}", "Mail": f"p{place}@x.org", **row}.values())
    return stream.getvalue()


def raw(folder: StudyFolder, *rows: dict[str, str]) -> RawData:
    folder.put("panel.csv", export(*rows))
    return folder.open().raw("panel")


def cleaned(
    folder: StudyFolder, *rows: dict[str, str], rules: list[dict[str, Any]] | None = None, roster: bool = False
) -> CleanResponses:
    return clean_responses(raw(folder, *rows), rules or [], ROSTER if roster else None)


def answers(frame: pd.DataFrame, *items: str) -> list[list[object]]:
    """Each answer, or its reason."""
    both = [frame[item].astype("object").where(frame[item].notna(), frame[f"{item}_missing"]) for item in items]
    return pd.concat(both, axis=1).to_numpy().tolist()


# --- what comes out


def test_responses_have_their_columns_and_types(folder: StudyFolder) -> None:
    frame = cleaned(folder, {}, roster=True).responses
    items = [column for item in ("t1", "t2", "t3", "g1", "g2", "n1") for column in (item, f"{item}_missing")]
    assert list(frame.columns) == [*FIRST, *items]
    assert {name: str(frame[name].dtype) for name in [*FIRST, "t1", "t1_missing"]} == {
        "state_missing": "str", "ended_missing": "str",
        "wave": "str", "case": "str", "respondent": "str", "response": "str", "role": "category",
        "on_roster": "boolean", "role_missing": "str", "state": "str", "finished": "category",
        "finished_missing": "str", "took": "float64", "took_missing": "str", "ended": "datetime64[us]",
        "words": "str", "words_missing": "str", "t1": "Int16", "t1_missing": "str",
    }  # fmt: skip
    assert frame["role"].cat.categories.tolist() == ["lead", "teach"]
    assert frame[["wave", "case", "respondent", "response", "role"]].to_numpy().tolist() == [
        ["one", "north", "p1@x.org", "R1", "teach"]
    ]
    assert answers(frame, "t1", "t2", "t3", "g1", "g2", "n1") == [[1, 2, 3, 4, 5, "not_asked"]]


def test_the_frame_can_be_stored_and_read_back(folder: StudyFolder) -> None:
    frame = cleaned(folder, {}, {"Part": "", "Q1": "98"}).responses
    again, _ = from_parquet(
        to_parquet(check_frame(frame, "responses", ["wave", "case", "respondent"]), synthetic=False)
    )
    pd.testing.assert_frame_equal(again, frame)


def test_reasons_stay_apart(folder: StudyFolder) -> None:
    frame = cleaned(
        folder,
        {"Q1": "", "Q2": "98", "Q3": "99"},
        {"Part": "lead", "Q7": "", "Q8": ""},
        {"Part": "", "Q7": "", "Q8": "4"},
    ).responses
    assert answers(frame, "t1", "t2", "t3", "g1", "g2", "n1") == [
        ["skipped", "refused", "not_applicable", 4, 5, "not_asked"],
        [1, 2, 3, "not_asked", "not_asked", "not_asked"],
        [1, 2, 3, "skipped", 4, "not_asked"],
    ]


def test_a_blank_means_what_the_declaration_says(folder: StudyFolder) -> None:
    folder.table("panel")["missing"] = {"": "refused"}
    frame = cleaned(folder, {"Q1": "", "Part": "lead", "Q7": "", "Q8": ""}).responses
    assert answers(frame, "t1", "g1") == [["refused", "not_asked"]]


def test_an_answer_outside_the_block_is_set_aside_and_logged(folder: StudyFolder) -> None:
    done = cleaned(
        folder, {"Part": "lead"}, {}, {"Part": "lead", "Q7": "98", "Q8": ""}, {"Part": "lead", "Q7": "", "Q8": ""}
    )
    assert answers(done.responses, "g1", "g2") == [["not_asked"] * 2, [4, 5], ["not_asked"] * 2, ["not_asked"] * 2]
    line = done.log.set_index("rule").loc["answers outside the block"]
    assert line["rows"] == "2 4"
    assert line["what"] == (
        "answers to 2 items that are not put to the respondent's role are set aside, reason 'not_asked'"
    )


def test_a_role_that_the_roster_fills_decides_who_was_asked(folder: StudyFolder) -> None:
    done = cleaned(folder, {"Part": "", "Mail": "BO@x.org", "Q7": "", "Q8": "3"}, roster=True)
    assert done.responses[["respondent", "role", "on_roster"]].to_numpy().tolist() == [["M2", "lead", True]]
    assert done.responses["role_missing"].isna().all()
    assert answers(done.responses, "g1", "g2") == [["not_asked", "not_asked"]]


def test_a_role_that_must_not_be_blank_may_come_from_the_roster_and_else_stops(folder: StudyFolder) -> None:
    del folder.table("panel")["columns"]["role"]["blank"]
    frame = cleaned(folder, {"Part": "", "Mail": "bo@x.org", "Q7": "", "Q8": ""}, {}, roster=True).responses
    assert frame["role"].tolist() == ["lead", "teach"]
    assert told(lambda: cleaned(folder, {}, {"Part": ""}, roster=True)) == (
        "panel.csv row 3: Part is blank, and no roster has it (rows affected: 3); fill it in "
        "data_raw/corrections.csv, or "
        "declare in study.yml what a blank means there, for example blank: skipped"
    )


def test_without_a_column_for_the_role_it_comes_from_the_roster(folder: StudyFolder) -> None:
    del folder.table("panel")["columns"]["role"]
    folder.put("items.csv", ITEMS.replace("teach", ""), folder="study")
    frame = cleaned(folder, {"Mail": "bo@x.org"}, {}, roster=True).responses
    assert frame["role"].fillna("-").tolist() == ["lead", "-"]
    assert cleaned(folder, {}).responses["role"].isna().all()


def test_one_person_in_two_cases_stays_in_both(folder: StudyFolder) -> None:
    rows = [{"Mail": "ann@x.org", "Net": net} for net in ("north", "South", "NORTH")]
    frame = cleaned(folder, *rows, rules=RULES, roster=True).responses
    assert frame[["case", "respondent"]].to_numpy().tolist() == [["north", "M1"], ["south", "M1"]]


def test_anonymous_responses_are_named_by_their_response(folder: StudyFolder) -> None:
    frame = cleaned(folder, {"Mail": ""}, {"Mail": " "}, rules=RULES).responses
    assert frame["respondent"].tolist() == ["anonymous/R1", "anonymous/R2"]
    del folder.table("panel")["columns"]["response"]
    frame = cleaned(folder, {"Mail": ""}, {"Mail": " "}, rules=RULES).responses
    assert frame["respondent"].tolist() == ["anonymous/2", "anonymous/3"]
    assert frame["response"].isna().all()


def test_labels_and_numbers_give_one_frame(folder: StudyFolder) -> None:
    labels = ["Strongly disagree", "DISAGREE", "neither", " Agree", "Strongly  agree"]
    text = {**dict(zip(ASKED.values(), labels, strict=True)), "Finished": "TRUE", "Part": "Teaches", "Net": "North"}
    pd.testing.assert_frame_equal(cleaned(folder, text).responses, cleaned(folder, {}).responses)


def test_hostile_text_stays_text(folder: StudyFolder) -> None:
    words = ["=1+1", "NA", "None", "nan", "👍🏽", 'say "no"', "a\nb", "-99"]
    frame = cleaned(folder, *({"Words": word} for word in words)).responses
    assert frame["words"].tolist() == words


def test_a_duration_of_99_seconds_is_no_missing_answer(folder: StudyFolder) -> None:
    rules = [{"rule": "seconds", "column": "took", "at_least": 120, "why": "w"}]
    assert cleaned(folder, {"Seconds": "99"}, {"Seconds": ""}, {}, rules=rules).responses["response"].tolist() == [
        "R2",
        "R3",
    ]


# --- rules and log


def test_rules_by_value_that_come_first_are_applied_before_anything_else_is_read(folder: StudyFolder) -> None:
    preview = {"Status": "preview", "Net": "", "Q1": "test", "Ended": "", "Finished": "?"}
    done = cleaned(folder, preview, {"Finished": "0", "Net": "nowhere"}, {}, rules=RULES)
    assert done.responses["response"].tolist() == ["R3"]
    assert told(lambda: cleaned(folder, preview, {}, rules=RULES[1:])).startswith("panel.csv row 2: Finished is '?'")


def test_the_log_leads_from_the_export_to_what_is_analysed(folder: StudyFolder) -> None:
    done = cleaned(
        folder, {"Status": "preview"}, {"Finished": "0"}, {"Q1": "", "Q2": "", "Q3": ""}, {"Seconds": "5"},
        {**dict.fromkeys(ASKED.values(), "4")}, {"Mail": "ann@x.org"}, {"Mail": "ANN@x.org", "Q3": ""}, {},
        rules=RULES, roster=True,
    )  # fmt: skip
    told_lines = done.log[["rule", "rows_before", "rows_after", "rows_changed", "rows"]].to_numpy().tolist()
    assert told_lines == [
        ["hand corrections", 8, 8, 0, ""], ["trim blanks", 8, 8, 0, ""], ["drop empty rows", 8, 8, 0, ""],
        ["drop if state", 8, 7, 0, "2"], ["keep if finished", 7, 6, 0, "3"],
        ["without an id", 6, 6, 0, ""], ["linked to the roster", 6, 6, 2, "7 8"],
        ["role from the roster", 6, 6, 0, ""], ["role against the roster", 6, 6, 0, ""],
        ["read dates", 6, 6, 0, ""], ["answered", 6, 5, 0, "4"], ["seconds: took", 5, 4, 0, "5"],
        ["straight-lining", 4, 3, 0, "6"], ["not on the roster", 3, 3, 0, ""],
        ["duplicates: most_answered", 3, 2, 0, "8"],
    ]  # fmt: skip
    assert done.responses["response"].tolist() == ["R6", "R8"]
    assert set(done.log["table"]) == {"panel"}


def test_rules_that_leave_nobody_leave_an_empty_frame_with_all_types(folder: StudyFolder) -> None:
    full, empty = (cleaned(folder, {"Finished": finished}, rules=RULES).responses for finished in "10")
    assert len(empty) == 0
    assert dict(empty.dtypes) == dict(full.dtypes)


# --- what stops


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"Q2": "7"}, "panel.csv row 3: Q2 is '7', but the codebook allows 1 (Strongly disagree), 2 (Disagree), 3 "
                      "(Neither), "
                      "4 (Agree), 5 (Strongly agree) and a blank, '98', '99' (missing) (rows affected: 3); "
                      f"{REMEDY}, or add the code to the codebook, or declare outside_codebook: invalid"),
        ({"Net": "west"}, "panel.csv row 3: Net is 'west', but the codebook allows north (North), south (South) (rows "
                          f"affected: 3); {REMEDY}, or add the code to the codebook, or declare outside_codebook: "
                          f"invalid"),
        ({"Net": ""}, "panel.csv row 3: case is blank, but it says which row this is; fill it, or drop the row, in "
                      "data_raw/corrections.csv"),
        ({"Id": ""}, "panel.csv row 3: response is blank, but it says which row this is; fill it, or drop the row, in "
                     "data_raw/corrections.csv"),
        ({"Ended": "4/3/2021"}, "panel.csv row 3: Ended is '4/3/2021', which is no date in the formats %Y-%m-%d "
                                "%H:%M:%S "
                                f"(rows affected: 3); {REMEDY}, or add the format in study.yml"),
        ({"Seconds": "long"}, "panel.csv row 3: Seconds is 'long', but must be a number (rows affected: 3); " + REMEDY),
        ({"Mail": "p1@X.org"},
         "panel.csv: 2 cells are not as the study declares\n"
         "  row 2: respondent is 'p1@x.org', but must stand once in a case; add the rule 'duplicates' for responses in "
         "study.yml, or drop one row\n"
         "  row 3: respondent is 'p1@x.org', but must stand once in a case; add the rule 'duplicates' for responses in "
         "study.yml, or drop one row"),
    ],
    ids=["answer", "case", "blank case", "blank response", "date", "number", "twice"],
)  # fmt: skip
def test_what_the_declaration_does_not_settle_stops_with_row_value_and_remedy(
    folder: StudyFolder, row: dict[str, str], message: str
) -> None:
    assert told(lambda: cleaned(folder, {}, row)) == message


def test_a_case_outside_the_codebook_stops_even_where_answers_may_be_invalid(folder: StudyFolder) -> None:
    folder.table("panel")["outside_codebook"] = "invalid"
    done = cleaned(folder, {"Q1": "7"})
    assert answers(done.responses, "t1") == [["invalid"]]
    assert done.log.set_index("rule").at["outside the codebook", "rows"] == "2"
    assert "Net is 'west'" in told(lambda: cleaned(folder, {"Net": "west"}))


def test_a_case_that_is_called_all_stops(folder: StudyFolder) -> None:
    folder.table("panel")["columns"]["case"] = "Net"
    assert told(lambda: cleaned(folder, {}, {"Net": "all"})) == (
        "panel.csv row 3: the case is called 'all', but in every table of results that is the row over all cases (rows "
        "affected: 3); give the case another name in the file"
    )


def test_a_column_of_an_item_that_is_not_there_stops(folder: StudyFolder) -> None:
    folder.put("panel.csv", export({}).replace("Q7", "Q77"))
    message = told(lambda: clean_responses(folder.open().raw("panel"), RULES))
    assert message.startswith("panel.csv row 1: the column 'Q7' is missing; the file has Status, Finished")


def test_a_table_without_responses_stops(folder: StudyFolder) -> None:
    folder.table("panel").pop("wave")
    folder.table("panel")["holds"] = "rows"
    assert told(lambda: cleaned(folder, {})) == (
        "raw.panel holds no responses; declare holds: responses and wave in study.yml"
    )


# --- properties

CELLS = st.fixed_dictionaries({
    "Status": st.sampled_from(["live", "preview"]), "Finished": st.sampled_from(["1", "1", "0"]),
    "Seconds": st.sampled_from(["300", "30", ""]), "Mail": st.sampled_from(["ann@x.org", "bo@x.org", "", "zoe@x.org"]),
    "Net": st.sampled_from(["north", "south"]), "Part": st.sampled_from(["teach", "lead", ""]),
    **{column: st.sampled_from(["1", "4", "4", "", "98"]) for column in ASKED.values()},
})  # fmt: skip
TABLES = st.lists(CELLS, min_size=1, max_size=12)
LABEL = {"1": "Strongly disagree", "4": "agree", "98": "98", "": ""}


@pytest.fixture
def declared(folder: StudyFolder) -> RawData:
    return raw(folder, {})


def of_rows(declared: RawData, rows: list[dict[str, str]], first: int = 2) -> RawData:
    """The same export with other rows, without a detour over a file."""
    made = [{**ROW, "Id": f"R{place:02d}", **row} for place, row in enumerate(rows)]
    frame = pd.DataFrame(made, columns=HEADER, dtype="str", index=pd.RangeIndex(first, first + len(made), name="row"))
    return replace(declared, frame=frame)


settled = settings(max_examples=10, deadline=None)


@pytest.mark.parametrize("with_roster", [True, False])
def test_no_row_is_lost_without_a_line_and_every_line_starts_where_the_last_ended(
    declared: RawData, with_roster: bool
) -> None:
    @settled
    @given(TABLES)
    def holds(rows: list[dict[str, str]]) -> None:
        done = clean_responses(of_rows(declared, rows), RULES, ROSTER if with_roster else None)
        log = done.log
        assert log["rows_before"].iloc[0] == len(rows)
        assert log["rows_after"].iloc[-1] == len(done.responses)
        assert (log["rows_before"].iloc[1:].to_numpy() == log["rows_after"].iloc[:-1].to_numpy()).all()
        went = " ".join(log.loc[log["rows_before"] > log["rows_after"], "rows"]).split()
        stayed = {int(response[1:]) + 2 for response in done.responses["response"]}
        assert sorted([*map(int, went), *stayed]) == list(range(2, len(rows) + 2))

    holds()


def test_the_order_of_rows_and_where_they_begin_do_not_matter(declared: RawData) -> None:
    @settled
    @given(TABLES, st.randoms(use_true_random=False))
    def holds(rows: list[dict[str, str]], chance: Any) -> None:
        numbered = [{**row, "Id": f"R{place:02d}"} for place, row in enumerate(rows)]
        expected = clean_responses(of_rows(declared, numbered), RULES, ROSTER).responses
        chance.shuffle(numbered)
        found = clean_responses(of_rows(declared, numbered, first=7), RULES, ROSTER).responses
        assert to_parquet(found, synthetic=False) == to_parquet(expected, synthetic=False)

    holds()


def test_text_and_numbers_give_the_same_bytes(declared: RawData) -> None:
    @settled
    @given(TABLES)
    def holds(rows: list[dict[str, str]]) -> None:
        flag = {"0": "False", "1": "TRUE"}
        labelled = [
            {**row, **{column: LABEL[row[column]] for column in ASKED.values()}, "Finished": flag[row["Finished"]],
             "Net": row["Net"].title()} for row in rows
        ]  # fmt: skip
        found = [clean_responses(of_rows(declared, table), RULES, ROSTER).responses for table in (rows, labelled)]
        assert to_parquet(found[0], synthetic=False) == to_parquet(found[1], synthetic=False)

    holds()


def test_many_rows_are_counted_as_few_are(declared: RawData) -> None:
    cells = ["1", "4", "agree", "", "98"]
    rows = []
    for place in range(100):
        given_cells = {column: cells[place * step % 5] for step, column in enumerate(ASKED.values(), start=1)}
        who = {"Mail": f"p{place}@x.org", "Part": ["teach", "lead", ""][place % 3]}
        rows.append({**who, "Seconds": ["300", "5", ""][place % 7 % 3], **given_cells})
    few = of_rows(declared, rows)
    many = pd.concat([few.frame] * 1000, ignore_index=True)
    many.index = pd.RangeIndex(2, len(many) + 2, name="row")
    for column in ("Id", "Mail"):
        many[column] = many[column] + pd.Series([str(place // 100) for place in range(len(many))], index=many.index)
    found = clean_responses(replace(declared, frame=many), RULES, ROSTER)
    expected = clean_responses(few, RULES, ROSTER)
    assert len(found.responses) == 1000 * len(expected.responses) > 0
    assert found.log["rows_after"].tolist() == [1000 * count for count in expected.log["rows_after"]]
    for column in [*ASKED, *(f"{item}_missing" for item in ASKED)]:
        pd.testing.assert_series_equal(
            found.responses[column].value_counts().sort_index(),
            1000 * expected.responses[column].value_counts().sort_index(),
        )


# --- mutations: read right, or refused with a place

STRAY = ["", " ", "7", "4.0", "Agree", "agree ", "98", "-1", "=1+1", "nan", "NA", "👍", "x" * 300, "1e3", "0", "teach",
         "North", "preview", "2021-03-04 10:00:00", "all", "\u200b4"]  # fmt: skip
MEANS = {**{str(code): str(code) for code in range(1, 6)}, "4.0": "4", "agree": "4"}


def mutated(chance: np.random.Generator) -> pd.DataFrame:
    """A valid export of eight rows with one to three things wrong."""
    rows = [{**ROW, "Id": f"R{place}", "Mail": f"p{place}@x.org", "Part": ["teach", "lead", ""][place % 3],
             **({"Q7": "", "Q8": ""} if place % 3 == 1 else {})} for place in range(8)]  # fmt: skip
    frame = pd.DataFrame(rows, columns=HEADER, dtype="str", index=pd.RangeIndex(2, 10, name="row"))
    for _ in range(int(chance.integers(1, 4))):
        kind = chance.integers(0, 4)
        row, column = int(chance.integers(0, 8)), int(chance.integers(0, len(HEADER)))
        other = int(chance.integers(0, len(HEADER)))
        if kind == 0:
            frame.iloc[row, column] = STRAY[int(chance.integers(0, len(STRAY)))]
        elif kind == 1:
            frame = frame.set_axis([{HEADER[column]: HEADER[other], HEADER[other]: HEADER[column]}.get(name, name)
                                    for name in frame.columns], axis=1)  # fmt: skip
        elif kind == 2:
            frame.iloc[row] = ""
        else:
            frame.iloc[row] = frame.iloc[int(chance.integers(0, 8))]
    return frame


def naive(frame: pd.DataFrame) -> Counter[tuple[str, str]]:
    """Answers by item, counted row by row with nothing of ours; of responses that stay."""
    best: dict[object, tuple[int, str, str, Counter[tuple[str, str]]]] = {}
    for number, cells in zip(frame.index, frame.to_dict("records"), strict=True):
        row = {name: str(cell).strip() for name, cell in cells.items()}
        if not any(row.values()) or row["Status"] == "preview" or row["Finished"] != "1":
            continue
        part = {"teaches": "teach", "leads": "lead"}.get(row["Part"].lower(), row["Part"])
        asked = [item for item in ASKED if not (part == "lead" and item in ("g1", "g2"))]
        given_answers = {item: MEANS[row[ASKED[item]].lower()] for item in asked if row[ASKED[item]].lower() in MEANS}
        took = row["Seconds"]
        both = "t2" in given_answers and len(given_answers) > 1
        if 2 * len(given_answers) < len(asked) or (took and float(took) < 60):
            continue
        if len(given_answers) >= 3 and len(set(given_answers.values())) == 1 and both:
            continue
        person = (row["Net"].lower(), row["Mail"].lower()) if row["Mail"] else ("", f"{number}")
        rank = (len(given_answers), row["Ended"], row["Id"], Counter(given_answers.items()))
        if person not in best or rank[:3] >= best[person][:3]:
            best[person] = rank
    return sum((rank[3] for rank in best.values()), Counter({("n", "rows"): len(best)}))


def test_a_mutated_export_is_refused_with_its_place_or_read_right(declared: RawData) -> None:
    outcomes = Counter[str]()
    for seed in range(200):
        frame = mutated(np.random.Generator(np.random.PCG64(seed)))
        try:
            found = clean_responses(replace(declared, frame=frame), RULES, None).responses
        except StudyError as error:
            message = str(error)
            assert "panel.csv" in message and ("row" in message or "column" in message), message
            assert "; " in message and len(message) < 1500, message
            outcomes["refused"] += 1
            continue
        counted = Counter({("n", "rows"): len(found)})
        for item in ASKED:
            counted.update((item, str(value)) for value in found[item].dropna())
        assert counted == naive(frame), seed
        outcomes["read"] += 1
    assert min(outcomes.values()) > 30, outcomes
