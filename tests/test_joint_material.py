"""What a joint display puts side by side: intervals and bands by hand, ratings by counting, and words for the fit."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nsi.errors import StudyError
from nsi.methods.joint_display import FITS, joint_display
from nsi.methods.joint_material import BANDS, joint_middle, joint_scores, joint_themes
from nsi.methods.joint_words import fit_words

SCORES = pd.DataFrame(
    [
        ("a", "trust", "2", 40, 4.0, 0.1, ""), ("b", "trust", "2", 50, 3.5, 0.2, "low_response"),
        ("c", "trust", "2", 60, 3.0, 0.1, ""), ("d", "trust", "2", 3, 1.0, 0.9, "withheld"),
        ("a", "trust", "1", 40, 1.0, 0.1, ""), ("a", "pace", "2", 40, 2.0, 0.1, ""),
        ("b", "pace", "2", 4, None, None, "withheld;low_response"), ("d", "pace", "2", 30, 3.0, 0.1, ""),
    ],
    columns=["case", "scale", "wave", "n", "eb_mean", "eb_se", "flag"],
)  # fmt: skip
CODED = pd.DataFrame(
    [
        ("a", "d1", "depth", "2", "supports"), ("a", "d1", "depth", "3", "supports"),
        ("a", "d2", "depth", "1", "contrary"), ("a", "d2", "theme", "x", "supports"),
        ("a", "d2", "theme", "y", "supports"), ("a", "d3", "theme", "y", "supports"),
        ("b", "d4", "depth", "1", "supports"), ("c", "d5", "theme", "x", "supports"),
        ("e", "d6", "depth", "3", "contrary"),
    ],
    columns=["case", "document", "field", "code", "stance"],
)  # fmt: skip
LEVELS = {"1": "Low", "2": "Middle", "3": "High"}


def scored(**changes: Any) -> pd.DataFrame:
    asked: dict[str, Any] = {"scale": "trust", "wave": "2", "cases": list("abcde"), "least": 5}
    asked["beside"] = {"pace": "Pace"}
    return joint_scores(SCORES, **(asked | changes)).set_index("case")


def themed(rows: pd.DataFrame = CODED, **changes: Any) -> pd.DataFrame:
    asked: dict[str, Any] = {"rated": "depth", "levels": LEVELS, "counted": {"theme": {"x": "X", "y": "Y", "z": "Z"}}}
    return joint_themes(rows, **(asked | changes)).set_index("case")


def test_the_scores_of_one_scale_in_one_wave_with_normal_intervals():
    frame = scored()
    assert frame.loc[["a", "b", "c"], "estimate"].tolist() == [4.0, 3.5, 3.0]
    assert frame.loc["a", "low"] == pytest.approx(4.0 - 1.959963984540054 * 0.1, abs=1e-12)  # qnorm(0.975) in R
    assert scored(confidence=0.9).loc["a", "high"] == pytest.approx(4.0 + 1.6448536269514722 * 0.1, abs=1e-12)


def test_bands_say_whether_the_interval_lies_above_on_or_below_the_mean_of_those_that_may_be_told():
    frame = scored()
    assert joint_middle(frame.reset_index()) == 3.5  # d is withheld and counts for nothing
    assert frame["band"].tolist()[:3] == list(BANDS)
    assert list(frame.loc["e", ["band", "flag"]]) == ["", "not_measured"]


def test_other_scales_stand_beside_in_words_or_say_why_not():
    frame = scored()
    assert frame.loc["a", "beside"] == "Pace 2.00 (1.80 to 2.20)"
    assert frame.loc["b", "beside"] == "Pace withheld (n<5)"
    assert frame.loc["c", "beside"] == "Pace not measured"
    assert frame.loc["e", "beside"] == ""
    assert scored(beside=None)["beside"].eq("").all()


def test_a_display_takes_them_and_hides_what_is_withheld():
    empty = pd.DataFrame(columns=["case", "text", "fit", "who", "written_on"], dtype="str")
    quotes = pd.DataFrame(columns=["case", "text"], dtype="str")
    frame = joint_display(scored().reset_index(), themed().reset_index().query("case != 'e'"), quotes, empty,
                          order="band", least=5)  # fmt: skip
    assert frame["case"].tolist() == ["a", "b", "c", "d", "e"]
    row = frame.set_index("case").loc["d"]
    assert (row["score"], row["band"]) == ("withheld (n<5)", "")
    assert frame.loc[0, "beside"] == "Pace 2.00 (1.80 to 2.20)"


@pytest.mark.parametrize(("changes", "told"), [
    ({"scale": "calm"}, "there are no scores of scale 'calm' in wave '2'; scales are trust, pace"),
    ({"beside": {"calm": "Calm"}}, "there are no scores of scale 'calm' in wave '2'"),
    ({"confidence": 1.0}, "joint display: confidence is 1.0, but must lie between 0 and 1; correct it"),
])  # fmt: skip
def test_scores_that_are_not_there_are_refused(changes, told):
    with pytest.raises(StudyError) as error:
        scored(**changes)
    assert str(error.value).startswith(told)


def test_scores_that_stand_twice_or_lack_a_column_are_refused():
    asked: dict[str, Any] = {"scale": "trust", "wave": "2", "cases": ["a"]}
    with pytest.raises(StudyError, match="scale 'trust', wave '2': case 'a' stands twice; keep one row of each"):
        joint_scores(pd.concat([SCORES, SCORES.head(1)]), **asked)
    with pytest.raises(StudyError, match=r"scores lack the column\(s\) eb_se"):
        joint_scores(SCORES.drop(columns="eb_se"), **asked)


def test_a_rating_is_the_level_in_the_middle_and_of_two_the_lower():
    assert themed()["rating"].to_dict() == {"a": "Middle", "b": "Low", "c": ""}
    more = pd.concat([CODED, CODED.iloc[[1]]])
    assert themed(more).loc["a", "rating"] == "High"


def test_other_codes_are_counted_the_most_frequent_first_and_contrary_segments_left_out():
    frame = themed()
    assert frame.loc["a", "summary"] == "Y 2, X 1"
    assert frame.loc["b", "summary"] == ""
    assert list(frame.loc["a", ["n_rated", "n_sources"]]) == [2, 1]


@given(st.permutations(range(len(CODED))))
@settings(max_examples=20, deadline=None)
def test_the_order_of_segments_changes_nothing(order):
    pd.testing.assert_frame_equal(themed(CODED.iloc[list(order)]), themed())


def test_a_code_that_is_no_level_or_a_missing_column_is_refused():
    with pytest.raises(StudyError, match="depth has the code '3', but the levels are 1, 2"):
        themed(levels={"1": "Low", "2": "Middle"})
    with pytest.raises(StudyError, match=r"segments lack the column\(s\) stance"):
        themed(CODED.drop(columns="stance"))


@pytest.mark.parametrize(("judged", "told"), [
    (["confirms", "expands", "expands", "?"], "Most often the material expands the scores: 2 of 3 cases judged, 1 not "
                                              "judged yet"),
    (["silent"], "Most often the material is silent on the scores: 1 of 1 cases judged"),
    (["silent", "confirms"], "Equally often the material confirms the scores and is silent on the scores: 1 each of 2 "
                             "cases judged"),
    (["?", "?"], "Whether scores and material fit is not judged yet in any of 2 cases"),
])  # fmt: skip
def test_the_most_frequent_fit_is_said_without_hiding_ties_and_holes(judged, told):
    assert fit_words(FITS, judged, "cases") == told
