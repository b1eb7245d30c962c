"""From raw double codings to final segments: whose label holds, who coded, and whether they agreed."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from matrix_material import CODES, cases, documents

from nsi.errors import StudyError
from nsi.methods.matrix import Material, coded_documents, draw_up, settled

NAMES = ["unit", "case", "coder", "field", "value", "rated_on"]
RATINGS = [
    ("s1", "A", "C2", "ties", "open", "2022-01-02"),
    ("s1", "A", "C1", "ties", "open", "2022-01-01"),
    ("s2", "A", "C1", "ties", "open", "2022-01-01"),
    ("s2", "A", "C2", "ties", "closed", "2022-01-03"),
    ("s3", "B", "C1", "ties", "open", "2022-01-01"),
    ("s3", "B", "C2", "ties", "closed", "2022-01-01"),
    ("s3", "B", "C1", "say", "nothing", "2022-01-01"),
    ("s4", "C", "C1", "ties", None, "2022-01-01"),
    ("s4", "C", "C1", "say", "told", "2022-01-01"),
    ("s1", "A", "C1", "way", "supports", "2022-01-01"),
    ("s2", "A", "C1", "way", "contrary", "2022-01-01"),
]


def ratings() -> pd.DataFrame:
    frame = pd.DataFrame(RATINGS, columns=NAMES)
    return frame.assign(rated_on=pd.to_datetime(frame["rated_on"]), codebook_version="v1")


def consensus() -> pd.DataFrame:
    frame = pd.DataFrame([("s2", "A", "C3", "ties", "closed", "2022-02-01")], columns=NAMES)
    return frame.assign(rated_on=pd.to_datetime(frame["rated_on"]), codebook_version="v2")


def passages() -> pd.DataFrame:
    return pd.DataFrame({
        "segment": ["s2", "s1", "s3", "s4"], "document": ["d2", "d1", "d3", "d4"], "text": "words", "place": "par. 1",
        "speaker": "p1", "withheld": False, "mood": ["a", "b", "c", "d"],
    })  # fmt: skip


def final(**more: Any) -> pd.DataFrame:
    frames: dict[str, Any] = {"ratings": ratings(), "consensus": consensus(), "passages": passages(),
                              "documents": documents()}  # fmt: skip
    given = {**frames, **more}
    rest = {name: value for name, value in given.items() if name not in frames}
    return settled(*(given[name] for name in frames), **{"fields": ["ties", "say"], "nothing": ["nothing"], **rest})


def test_a_settled_segment_has_one_code_and_an_open_one_those_of_its_coders():
    found = final()
    assert found[["segment", "field", "code"]].to_numpy().tolist() == [
        ["s2", "ties", "closed"], ["s1", "ties", "open"], ["s3", "ties", "closed"], ["s3", "ties", "open"],
        ["s4", "say", "told"],
    ]  # fmt: skip


def test_coders_are_those_who_coded_by_themselves_and_agreement_is_theirs():
    found = final().drop_duplicates("segment").set_index("segment")
    assert found["coders"].to_dict() == {"s2": "C1, C2", "s1": "C1, C2", "s3": "C1, C2", "s4": "C1"}
    assert found["n_coders"].tolist() == [2, 2, 2, 1]
    assert found["agreed"].tolist()[:3] == [False, True, False]
    assert found["agreed"].isna().tolist() == [False, False, False, True]  # coded once: nobody could agree


def test_who_settled_a_segment_that_nobody_had_coded_is_its_coder():
    only = ratings()[ratings()["unit"] != "s2"]
    found = final(ratings=only).drop_duplicates("segment").set_index("segment")
    assert (found.loc["s2", "coders"], found.loc["s2", "n_coders"]) == ("C3", 1)


def test_the_newest_coding_counts_settling_included():
    found = final().drop_duplicates("segment").set_index("segment")
    assert found.loc["s2", "coded_on"] == pd.Timestamp("2022-02-01")
    assert found.loc["s1", "coded_on"] == pd.Timestamp("2022-01-02")
    assert (found.loc["s2", "codebook_version"], found.loc["s1", "codebook_version"]) == ("v2", "v1")


def test_case_date_and_kind_of_source_come_from_the_document_and_other_columns_stay():
    found = final().set_index("segment")
    assert (found.loc["s1", "case"], found.loc["s1", "source_type"]) == ("A", "interview")
    assert found.loc["s1", "date"] == pd.Timestamp("2019-02-01")
    assert found.loc["s1", "mood"] == "b"


def test_a_passage_with_a_date_of_its_own_keeps_it():
    own = passages().assign(date=pd.to_datetime(pd.Series([None, "2019-02-07", None, None])))
    found = final(passages=own).set_index("segment")["date"]
    assert found["s1"] == pd.Timestamp("2019-02-07")
    assert found["s2"] == pd.Timestamp("2020-03-01")


def test_the_stance_may_be_a_field_that_coders_rated_or_a_column_of_the_passage():
    assert final(stance="way").drop_duplicates("segment").set_index("segment")["stance"].to_dict() == {
        "s2": "contrary", "s1": "supports", "s3": "supports", "s4": "supports"
    }  # fmt: skip
    marked = passages().assign(stance=["contrary", "supports", "supports", "supports"])
    assert final(passages=marked)["stance"].tolist()[0] == "contrary"


def test_settled_segments_make_a_matrix():
    looked = coded_documents(ratings(), passages(), ["ties", "say"])
    source = Material(final(), documents(), cases(), looked=looked)
    matrix = draw_up(source, name="t", title="T", display="case_ordered", rows={"of": "case"}, columns={"of": "code"},
                     codes=CODES)  # fmt: skip
    shown = matrix.cells.pivot(index="row", columns="column", values="shown")
    assert shown.loc["A", "closed"] == "1 segment, 1 source"
    assert shown.loc["B", "told"] == "looked for, none found"  # a coder found nothing of the field there
    assert shown.loc["A", "told"] == "not looked for"


def test_the_order_of_codings_changes_nothing():
    other = final(ratings=ratings().iloc[::-1])
    pd.testing.assert_frame_equal(final(), other)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"passages": pd.concat([passages(), passages().iloc[[0]]])},
         "segment 's2' stands twice; keep one row per segment"),
        ({"passages": passages().assign(document="d9")},
         "passages name the document d9, of which nothing is known; add it"),
        ({"passages": passages().iloc[1:]},
         "codings name the segment 's2', of which nothing is known; add it to the passages, or correct the codings"),
        ({"ratings": ratings().assign(case="B")},
         "segment 's1' was coded in another case than that of its document (8 rows affected); correct one of them"),
        ({"stance": "ties"},
         "coders differ on 'ties' of segment s3 and nobody settled it; settle whether it supports its code or is "
         "contrary to it"),
        ({"consensus": pd.concat([consensus(), consensus()])},
         "unit 's2' of case 'A' has 2 settled labels for 'ties', but a unit has one; remove the others in "
         "data_raw/corrections.csv"),
    ],
)  # fmt: skip
def test_codings_that_do_not_fit_are_refused(changed, message):
    with pytest.raises(StudyError) as caught:
        final(**changed)
    assert str(caught.value) == message
