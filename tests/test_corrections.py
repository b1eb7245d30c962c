"""Hand corrections: each fits one row as it stood when somebody looked, or it stops."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from study_folder import LONG, SHEET, StudyFolder, told

from nsi.readers.corrections import apply_corrections
from nsi.readers.ratings import clean_ratings
from nsi.readers.tables import clean_table


def documents(folder: StudyFolder) -> tuple[pd.DataFrame, pd.DataFrame]:
    return clean_table(folder.open().raw("documents"))


def test_a_cell_is_corrected_and_the_log_says_in_which_row(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.put("documents.csv", SHEET.replace("check", " chekc "))
    folder.correct("documents.csv,doc=a2,use,chekc,check,AP,Misspelt", ",,,,,,", "")
    raw = folder.open().raw("documents")
    assert raw.applied.to_dict("records") == [{"row": 3, "column": "use", "who": "AP", "why": "Misspelt"}]
    table, log = clean_table(raw)
    assert table["use"].tolist() == ["plan", "check"]
    assert log.iloc[0].to_dict() == {
        "table": "documents", "rule": "hand corrections", "what": "rows of corrections.csv are applied",
        "rows_before": 2, "rows_after": 2, "rows_changed": 1, "rows": "3",
    }  # fmt: skip


def test_a_whole_row_is_dropped_and_counted(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.correct("documents.csv,doc=a1,*,,drop,AP,Never in the study")
    table, log = documents(folder)
    assert table["doc"].tolist() == ["a2"]
    assert list(log.iloc[0][["rows_before", "rows_after", "rows_changed", "rows"]]) == [2, 1, 0, "2"]


def test_a_cell_can_be_filled_and_emptied(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.put("documents.csv", SHEET.replace("plan", ""))
    folder.table("documents")["columns"]["size"]["blank"] = "skipped"
    folder.correct("documents.csv,doc=a1,use,,plan,AP,Found on paper", "documents.csv,doc=a2,size,7,,AP,A guess")
    table, _ = documents(folder)
    assert table["use"].tolist() == ["plan", "check"]
    assert table["size_missing"].tolist()[1] == "skipped"


def test_later_corrections_see_what_earlier_ones_did(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.correct("documents.csv,doc=a1,size,12,13,AP,Counted again", "documents.csv,doc=a1,size,13,14,BQ,And again")
    assert documents(folder)[0]["size"].tolist() == [14, 7]


def test_of_two_rows_with_one_key_the_one_with_the_old_value_is_meant(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.put("ratings.csv", LONG + "north,a1,AP,use,none,2021-03-04\n")
    folder.correct("ratings.csv,doc=a1;who=AP,who,,CR,AP,x", "ratings.csv,doc=a1;who=AP;code=none,who,AP,CR,AP,x")
    assert told(lambda: folder.open().raw("ratings")) == (
        "corrections.csv row 2, for ratings.csv (doc=a1;who=AP): 'who' in row 2, 6 no longer holds the old "
        "value ''; the "
        "file has changed, so look again and remove or renew the correction"
    )
    folder.correct(
        "ratings.csv,doc=a1;who=AP,code,none,check,AP,A slip",
        "ratings.csv,doc=a1;code=check;who=AP,who,AP,CR,AP,x",
    )
    ratings, _ = clean_ratings(folder.open().raw("ratings"))
    assert ratings.loc[ratings["coder"] == "CR", ["value", "source_row"]].to_numpy().tolist() == [["check", 6]]


def test_rows_that_nothing_else_tells_apart_are_told_apart_by_their_row(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.put("documents.csv", SHEET + "a1,2021-03-04,plan,12\n")
    folder.correct("documents.csv,doc=a1,*,,drop,AP,Entered twice")
    assert told(lambda: documents(folder)) == (
        "corrections.csv row 2, for documents.csv: doc=a1 fits rows 2, 4; add a column to the key that tells "
        "them apart, "
        "or the row, as in doc=a1;row=2"
    )
    folder.correct("documents.csv,doc=a1;row=4,*,,drop,AP,Entered twice")
    assert documents(folder)[0]["doc"].tolist() == ["a1", "a2"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            "documents.csv,doc=a1,use,check,none,AP,x",
            " (doc=a1): 'use' in row 2 no longer holds the old value 'check'; the file has changed, so look "
            "again and "
            "remove or renew the correction",
        ),
        (
            "documents.csv,doc=a9,use,plan,none,AP,x",
            ": no row has doc=a9; correct the key, or remove the correction",
        ),
        (
            "documents.csv,doc,use,plan,none,AP,x",
            ": row_key 'doc' must be column=value pairs with columns of the file",
        ),
        (
            "documents.csv,id=a1,use,plan,none,AP,x",
            ": row_key 'id=a1' must be column=value pairs with columns of the file",
        ),
        (
            "documents.csv,doc=a1,usage,plan,none,AP,x",
            " (doc=a1): the file has no column 'usage'; it has doc, made, use, size",
        ),
        (
            "documents.csv,doc=a1,use,plan,none,,x",
            " (doc=a1): 'who' and 'why' must be filled, so that a reader can judge it",
        ),
        (
            "documents.csv,doc=a1,use,plan,none,AP, ",
            " (doc=a1): 'who' and 'why' must be filled, so that a reader can judge it",
        ),
        (
            "documents.csv,doc=a1,*,,delete,AP,x",
            " (doc=a1): column '*' stands for the whole row, so 'new' must be 'drop'",
        ),
    ],
)
def test_a_correction_that_does_not_fit_is_named_with_its_row(tmp_path: Path, row: str, message: str) -> None:
    folder = StudyFolder(tmp_path)
    folder.correct("ratings.csv,doc=a1;who=AP,code,plan,check,AP,another file", row)
    assert told(lambda: documents(folder)) == f"corrections.csv row 3, for documents.csv{message}"


def test_a_correction_of_no_file_at_all_stops_instead_of_being_passed_over(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.correct("document.csv,doc=a1,use,plan,none,AP,x")
    assert told(lambda: documents(folder)) == (
        "corrections.csv row 2: there is no raw file 'document.csv'; study.yml declares documents.csv, "
        "ratings.csv. "
        "Correct the name, or remove the row"
    )
    folder.put("document.csv", "not declared, but there")
    assert len(documents(folder)[0]) == 2


def test_a_corrections_file_of_another_form_stops_instead_of_being_passed_over(tmp_path: Path) -> None:
    folder = StudyFolder(tmp_path)
    folder.put("corrections.csv", "file;row_key;column;old;new;who;why\ndocuments.csv;doc=a1;use;plan;none;AP;x\n")
    assert told(lambda: documents(folder)) == (
        "corrections.csv row 1: the columns must be file, row_key, column, old, new, who, why, but found "
        "file;row_key;column;old;new;who;why"
    )
    folder.correct('documents.csv,doc=a1,use,plan,none,AP,"never closed', "documents.csv,doc=a2,use,check,none,AP,x")
    assert told(lambda: documents(folder)) == (
        "corrections.csv: unexpected end of data; look for a quote that is opened and never closed"
    )
    folder.put("corrections.csv", "file,row_key,column,old,new,who,why\ndocuments.csv,doc=a1,use,plan,none,AP\n")
    assert told(lambda: documents(folder)) == (
        "corrections.csv row 2: 6 cells, but the header has 7; quote text that has commas"
    )


def test_the_frame_that_is_corrected_stays_as_it_was() -> None:
    frame = pd.DataFrame({"id": ["1"], "x": ["a"]}, index=pd.RangeIndex(2, 3, name="row"), dtype="str")
    corrected, applied = apply_corrections(frame, [["f.csv", "id=1", "x", "a", "b", "AP", "y"]], file="f.csv")
    assert (frame.at[2, "x"], corrected.at[2, "x"]) == ("a", "b")
    assert applied["row"].tolist() == [2]
    nothing, none = apply_corrections(frame, [], file="f.csv")
    pd.testing.assert_frame_equal(nothing, frame)
    assert list(none.columns) == ["row", "column", "who", "why"]
    assert none.empty
