"""Cleaning ratings: long and wide sheets, declared policies, and real ratings with what such files hold."""

from __future__ import annotations

import csv
import io
import tempfile
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from study_folder import LONG, StudyFolder, told

from nsi.codebook import Code, Field
from nsi.door import Places
from nsi.raw_columns import Column
from nsi.raw_tables import RawTable
from nsi.readers.ratings import STANDARD, clean_ratings
from nsi.readers.raw_data import RawData
from nsi.study import Study

ROOT = Path(__file__).resolve().parents[1]
GTI = ROOT / "../shared/data/gti_artefacts/GTI-Artefact-Data.csv"
REMEDY = "settle it in data_raw/corrections.csv"


def cleaned(folder: StudyFolder) -> tuple[pd.DataFrame, pd.DataFrame]:
    return clean_ratings(folder.open().raw("ratings"))


def wide(folder: StudyFolder, *lines: str) -> StudyFolder:
    """Declare the ratings as a sheet with a column per field; coders are numbered within each place."""
    folder.table("ratings").update(
        layout="wide",
        columns={"case": "place", "unit": "doc", "coder": ["place", "who"]},
        missing={"9": "missing", "8": "not_applicable"},
    )
    folder.put("ratings.csv", "\n".join(["place,doc,who,use,grade", *lines]) + "\n")
    return folder


def test_a_long_sheet_becomes_one_row_per_rating(tmp_path: Path) -> None:
    ratings, _ = cleaned(StudyFolder(tmp_path))
    assert list(ratings.columns) == [*STANDARD, "source_row"]
    assert ratings[["case", "unit", "coder", "field", "value", "source_row"]].to_numpy().tolist() == [
        ["north", "a1", "AP", "use", "plan", 2],
        ["north", "a1", "BQ", "use", "check", 3],
        ["south", "a2", "AP", "use", "plan", 4],
        ["south", "a2", "AP", "grade", "2", 5],
    ]
    assert ratings["label_stage"].unique().tolist() == ["independent"]
    assert ratings["rated_on"].dt.strftime("%d.%m.%Y").tolist()[:2] == ["04.03.2021", "05.03.2021"]
    assert ratings[["secondary", "missing", "round"]].isna().to_numpy().all()


def test_a_wide_sheet_becomes_one_row_per_rating(tmp_path: Path) -> None:
    ratings, log = cleaned(wide(StudyFolder(tmp_path), "north,a1,1,plan,3", "south,a2,1,8,9"))
    assert ratings[["case", "unit", "coder", "field", "source_row"]].to_numpy().tolist() == [
        ["north", "a1", "north/1", "use", 2],
        ["south", "a2", "south/1", "use", 3],
        ["north", "a1", "north/1", "grade", 2],
        ["south", "a2", "south/1", "grade", 3],
    ]
    assert ratings["value"].fillna("-").tolist() == ["plan", "-", "3", "-"]
    assert ratings["missing"].fillna("-").tolist() == ["-", "not_applicable", "-", "missing"]
    assert str(ratings["rated_on"].dtype) == "datetime64[us]"
    assert log["rule"].tolist() == ["hand corrections", "trim blanks", "drop empty rows"]


def test_coders_whose_numbers_repeat_in_other_cases_stay_different_coders(tmp_path: Path) -> None:
    ratings, _ = cleaned(wide(StudyFolder(tmp_path), "north,a1,1,plan,3", "south,a2,1,plan,3", "north,a3,1,plan,3"))
    assert Counter(ratings["coder"]) == {"north/1": 4, "south/1": 2}


def test_declared_missing_codes_and_blanks_keep_their_reasons(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.table("ratings")["missing"] = {"": "skipped", "99": "not_asked", "-1": "withheld"}
    folder.put(
        "ratings.csv",
        "place,doc,who,what,code,on\nnorth,a1,AP,use,,\nnorth,a1,BQ,use,99,\nnorth,a1,CR,use,-1,\nnorth,a1,DS,use,none,\n",
    )
    ratings, _ = cleaned(folder)
    assert ratings["missing"].fillna("-").tolist() == ["skipped", "not_asked", "withheld", "-"]
    assert ratings["value"].fillna("-").tolist() == ["-", "-", "-", "none"]
    assert (ratings["value"].isna() != ratings["missing"].isna()).all()
    assert ratings["rated_on"].isna().all()


def test_a_blank_that_is_not_declared_stops(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.put("ratings.csv", LONG.replace("use,check", "use,"))
    folder.table("ratings")["missing"] = {"99": "skipped"}
    assert told(lambda: cleaned(folder)) == (
        "ratings.csv row 3: use is blank, but the codebook allows plan, check, none and '99' (missing) "
        f"(rows affected: 3); {REMEDY}, or declare in study.yml under 'missing' what a blank means, or "
        "declare "
        "outside_codebook: invalid"
    )


TWICE = LONG + "north,a1,AP,use,check,2021-03-09\nnorth,a1,AP,use,none,2021-03-10\n"


@pytest.mark.parametrize(("policy", "kept", "rows"), [("first", "plan", "6 7"), ("last", "none", "2 6")])
def test_of_ratings_that_stand_several_times_the_declared_one_stays(
    tmp_path: Path, policy: str, kept: str, rows: str
) -> None:
    folder = StudyFolder(tmp_path)
    folder.table("ratings")["duplicates"] = policy
    folder.put("ratings.csv", TWICE)
    ratings, log = cleaned(folder)
    assert ratings.loc[(ratings["unit"] == "a1") & (ratings["coder"] == "AP"), "value"].tolist() == [kept]
    line = log[log["rule"] == f"duplicates: {policy}"].iloc[0]
    assert line[["rows_before", "rows_after", "rows_changed", "rows"]].tolist() == [6, 4, 0, rows]


def test_a_unit_coded_twice_by_one_coder_stops_by_default(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.put("ratings.csv", TWICE)
    assert told(lambda: cleaned(folder)) == (
        "ratings.csv rows 2, 6, 7: coder AP coded unit a1 3 times for 'use' (3 rows affected in all); "
        f"{REMEDY}, or declare under 'duplicates' in study.yml which one stays"
    )
    folder = wide(StudyFolder(tmp_path / "wide"), "north,a1,1,plan,3", "north,a1,1,plan,3")
    assert told(lambda: cleaned(folder)).startswith(
        "ratings.csv rows 2, 3: coder north/1 coded unit a1 twice (2 rows affected in all); "
    )


def test_an_independent_and_a_consensus_label_of_one_coder_are_two(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.table("ratings")["columns"]["label_stage"] = "stage"
    lines = [line + (",stage" if number == 0 else ",independent") for number, line in enumerate(LONG.splitlines())]
    folder.put("ratings.csv", "\n".join([*lines, "north,a1,AP,use,check,2021-03-09,consensus"]))
    ratings, _ = cleaned(folder)
    assert Counter(ratings["label_stage"]) == {"independent": 4, "consensus": 1}
    folder.put("ratings.csv", "\n".join([*lines, *["north,a1,AP,use,check,2021-03-09,consensus"] * 2]))
    assert "coder AP coded unit a1 twice for 'use' (consensus)" in told(lambda: cleaned(folder))
    folder.put("ratings.csv", "\n".join([*lines, "north,a1,AP,use,check,2021-03-09,agreed"]))
    assert told(lambda: cleaned(folder)) == (
        "ratings.csv row 6: unknown label_stage 'agreed', but the study knows independent, consensus (rows "
        "affected: 6); "
        f"{REMEDY}, or declare the label_stage"
    )


def test_secondary_codes_are_checked_and_a_blank_is_none_given(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.table("ratings")["columns"]["secondary"] = "also"
    lines = [line + (",also" if number == 0 else ",") for number, line in enumerate(LONG.splitlines())]
    lines[1] += "check"
    folder.put("ratings.csv", "\n".join(lines))
    assert cleaned(folder)[0]["secondary"].fillna("-").tolist() == ["check", "-", "-", "-"]
    lines[1] += "ed"
    folder.put("ratings.csv", "\n".join(lines))
    assert told(lambda: cleaned(folder)).startswith(
        "ratings.csv row 2: also is 'checked', but the codebook allows plan, check, none and a blank (missing) "
    )


def test_further_columns_get_their_declared_type_and_blanks_are_missing(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.table("ratings")["columns"] |= {
        "round": {"type": "integer"}, "note": "note", "seen": {"type": "date", "formats": ["%d.%m.%Y"]},
        "kind": {"type": "code", "field": "grade"},
    }  # fmt: skip
    lines = [line + ",1,,,3" for line in LONG.splitlines()]
    lines[0] = "place,doc,who,what,code,on,round,note,seen,kind"
    lines[4] = lines[4].replace(",1,,,3", ",,007,05.04.2021,")
    folder.put("ratings.csv", "\n".join(lines))
    ratings, _ = cleaned(folder)
    assert list(ratings.columns) == [*STANDARD, "note", "seen", "kind", "source_row"]
    assert ratings["round"].tolist()[:3] == [1, 1, 1]
    given_once = [False, True, True, False]
    assert ratings[["round", "note", "seen", "kind"]].isna().to_numpy().tolist() == [
        *[given_once] * 3,
        [True, False, False, True],
    ]
    assert ratings.at[3, "note"] == "007"
    folder.put("ratings.csv", "\n".join([*lines, "south,a2,BQ,use,plan,2021-03-04,1,,,4"]))
    assert "ratings.csv row 6: kind is '4', but the codebook allows 1, 2, 3" in told(lambda: cleaned(folder))


@pytest.mark.parametrize("column", ["case", "unit", "coder", "field"])
def test_a_rating_that_does_not_say_whose_it_is_stops(tmp_path: Path, column: str) -> None:
    folder = StudyFolder(tmp_path)
    position = {"case": 0, "unit": 1, "coder": 2, "field": 3}[column]
    cells = ["south", "a2", "AP", "grade", "2", "2021-03-06"]
    cells[position] = ""
    folder.put("ratings.csv", LONG + ",".join(cells))
    assert told(lambda: cleaned(folder)) == (
        f"ratings.csv row 6: {column} is blank, but it says which row this is; fill it, or drop the row, in "
        "data_raw/corrections.csv"
    )


def test_a_field_that_the_study_did_not_rate_stops(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.put("ratings.csv", LONG.replace("grade", "grades"))
    assert told(lambda: cleaned(folder)) == (
        "ratings.csv row 5: unknown field 'grades', but the study knows use, grade (rows affected: 5); "
        f"{REMEDY}, "
        "or declare the field"
    )


def test_a_unit_under_two_cases_stops(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.put("ratings.csv", LONG.replace("north,a1,BQ", "south,a1,BQ"))
    assert told(lambda: cleaned(folder)) == (
        f"ratings.csv rows 2, 3: unit 'a1' stands under several cases (north, south); {REMEDY}, or make the "
        "unit's id of "
        "several columns in study.yml"
    )


def test_a_case_called_like_the_row_over_all_cases_stops(tmp_path: Path) -> None:
    folder = wide(StudyFolder(tmp_path), "north,a1,1,plan,3", "all,a2,1,plan,3")
    assert told(lambda: cleaned(folder)) == (
        "ratings.csv row 3: the case is called 'all', but in every table of results that is the row over all "
        "cases "
        "(rows affected: 3); give the case another name in the file"
    )


def test_cases_coders_and_units_keep_their_names_whatever_these_look_like(tmp_path: Path) -> None:
    names = ["NA", "None", "007", "1e5", "B-M-V (Chile), Bío-Bío", "nan", "北", "<b>"]
    text = io.StringIO()
    csv.writer(text).writerows([name, f"{name} 1", name, "plan", "1"] for name in names)
    ratings, _ = cleaned(wide(StudyFolder(tmp_path), *text.getvalue().splitlines()))
    assert ratings["case"].unique().tolist() == names
    assert ratings["coder"].unique().tolist() == [f"{name}/{name}" for name in names]
    assert ratings["value"].notna().all()


USE = Field("use", "Use", "nominal", (Code("plan", "Plan", ""), Code("check", "Check", "")))
TABLE = RawTable(
    "ratings", "r.csv", "ratings", "long", (),
    {name: Column(name, (name,)) for name in ("case", "unit", "coder", "field", "value")},
    ("use",), {"": "skipped"}, "stop", "invalid", "utf-8", ",",
)  # fmt: skip
NO_CORRECTIONS = pd.DataFrame(columns=["row", "column", "who", "why"])


@settings(max_examples=40, deadline=None)
@given(
    sheet=st.dictionaries(
        st.tuples(st.sampled_from("abc"), st.sampled_from("pqr")),
        st.sampled_from(["plan", "check", "", " plan", "4", "x", "NA"]),
        min_size=1,
    ),
    order=st.randoms(use_true_random=False),
)
def test_the_order_of_the_rows_changes_nothing_but_the_row_numbers(sheet: dict[tuple[str, str], str], order) -> None:
    rows = [[f"case {unit}", unit, coder, "use", value] for (unit, coder), value in sheet.items()]
    shuffled = order.sample(rows, len(rows))

    def ratings(lines: list[list[str]]) -> pd.DataFrame:
        index = pd.RangeIndex(2, len(lines) + 2, name="row")
        frame = pd.DataFrame(lines, columns=list(TABLE.columns), index=index, dtype="str")
        long, log = clean_ratings(RawData(TABLE, frame, NO_CORRECTIONS, {"use": USE}))
        strays = [row for row, line in zip(index, lines, strict=True) if line[4] in ("4", "x", "NA")]
        named = " ".join(log.loc[log["rule"] == "outside the codebook", "rows"])
        assert named == " ".join(map(str, strays))
        return long.sort_values(["unit", "coder"]).drop(columns="source_row").reset_index(drop=True)

    pd.testing.assert_frame_equal(ratings(rows), ratings(shuffled))


# Real ratings: the OECD's Global TALIS Video Study, artefact ratings; not part of the project.
real = pytest.mark.skipif(
    not GTI.exists(), reason="needs ../shared/data/gti_artefacts, which is not part of the project"
)
CONN, LAST = "CONN_MATH_REP_RATE", "APPLY_REAL_WORLD_RATE"


class RealSheet:
    """The rows of the real file, to be changed in a copy, and cleaned by the declaration as it stands."""

    def __init__(self) -> None:
        with GTI.open(encoding="utf-8-sig", newline="") as lines:
            self.header, *self.rows = csv.reader(lines)

    def at(self, column: str) -> int:
        return self.header.index(column)

    def cleaned(self, study: Path = ROOT / "examples/gti") -> tuple[pd.DataFrame, pd.DataFrame]:
        with tempfile.TemporaryDirectory() as name:
            with (Path(name) / GTI.name).open("w", encoding="utf-8", newline="") as lines:
                csv.writer(lines).writerows([self.header, *self.rows])
            return clean_ratings(Study(Places(study, Path(name), Path(name) / "out")).raw("ratings"))


@real
def test_the_real_ratings_are_read_as_declared() -> None:
    ratings, log = RealSheet().cleaned()
    # Counts of the file as it is published: 1,248 rows, 612 sets of artefacts, 12 raters in 2 countries.
    assert ratings["unit"].nunique() == 612
    assert ratings["coder"].nunique() == 12
    assert ratings["coder"].str.split("/").str[1].nunique() == 8
    sheet = RealSheet()
    key = [sheet.at(name) for name in ("COUNTRY", "IDARTEFACT", "IDRATER")]
    assert len(ratings) == 19 * len({tuple(row[position] for position in key) for row in sheet.rows})
    here = ratings[ratings["field"] == CONN]
    assert Counter(here["missing"].dropna()) == {"missing": 2}
    assert Counter(ratings.loc[ratings["field"] == LAST, "missing"].dropna()) == {
        "not_applicable": 250,
        "missing": 2,
    }
    assert "outside the codebook" not in set(log["rule"])


@real
def test_other_countries_planted_repetitions_and_stray_codes_need_no_change_of_the_declaration() -> None:
    plain, _ = RealSheet().cleaned()
    sheet = RealSheet()
    names = {"Chile": "B-M-V (Chile), Bío-Bío", "Japan": "日本 / K-S-T"}
    for row in sheet.rows:
        row[sheet.at("COUNTRY")] = names[row[sheet.at("COUNTRY")]]
    strays = {10: "4", 20: "x", 30: "1.5", 40: "-1"}
    for number, value in strays.items():
        sheet.rows[number - 2][sheet.at(CONN)] = value
    again = list(sheet.rows[100 - 2])
    again[sheet.at(CONN)] = {"1": "2", "2": "3", "3": "1"}[again[sheet.at(CONN)]]
    sheet.rows.append(again)
    ratings, log = sheet.cleaned()

    assert ratings["case"].unique().tolist() == list(names.values())
    expected = plain.assign(
        case=plain["case"].map(names), coder=[f"{names[c]}/{r}" for c, r in plain["coder"].str.split("/")]
    )
    stray = (expected["field"] == CONN) & expected["source_row"].isin(strays)
    expected.loc[stray, "value"] = None
    expected.loc[stray, "missing"] = "invalid"
    pd.testing.assert_frame_equal(ratings, expected)  # the planted second rating changed nothing

    told_rows = log.set_index("rule")["rows"]
    assert told_rows["outside the codebook"] == "10 20 30 40"
    assert str(len(sheet.rows) + 1) in told_rows["duplicates: first"].split()


@real
def test_without_the_policies_the_same_file_stops_with_row_and_remedy(tmp_path: Path) -> None:
    declared = (ROOT / "examples/gti/study.yml").read_text(encoding="utf-8")
    strict = declared.replace("    duplicates: first\n", "").replace("    outside_codebook: invalid\n", "")
    assert len(strict) < len(declared) - 40
    (tmp_path / "study.yml").write_text(strict, encoding="utf-8")
    (tmp_path / "codes.csv").write_bytes((ROOT / "examples/gti/codes.csv").read_bytes())

    sheet = RealSheet()
    key = [sheet.at(name) for name in ("COUNTRY", "IDARTEFACT", "IDRATER")]
    seen: set[tuple[str, ...]] = set()
    once = []
    for row in sheet.rows:
        if (identity := tuple(row[position] for position in key)) not in seen:
            once.append(row)
        seen.add(identity)
    sheet.rows = [*once, list(once[0])]
    country, unit, coder = (once[0][position] for position in key)
    assert told(lambda: sheet.cleaned(tmp_path)) == (
        f"GTI-Artefact-Data.csv rows 2, {len(once) + 2}: coder {country}/{coder} coded unit {unit} twice (2 "
        "rows affected "
        f"in all); {REMEDY}, or declare under 'duplicates' in study.yml which one stays"
    )
    sheet.rows = once
    sheet.rows[8][sheet.at(CONN)] = "4"
    assert told(lambda: sheet.cleaned(tmp_path)) == (
        f"GTI-Artefact-Data.csv row 10: {CONN} is '4', but the codebook allows 1, 2, 3 and '9999', '9992' "
        "(missing) "
        f"(rows affected: 10); {REMEDY}, or add the code to the codebook, or declare outside_codebook: "
        "invalid"
    )
