"""Joint display: one row per case, holes in words, withheld scores hidden, and a fit that only people judge."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nsi.errors import StudyError
from nsi.methods.joint_display import COLUMNS, FITS, joint_display
from nsi.methods.joint_fit import check_fit
from nsi.methods.quotes import pick_quotes

SCORES = pd.DataFrame(
    [
        ("a", 3.0, 2.8, 3.2, 20, "", "Weaker"),
        ("b", 4.0, 3.9, 4.1, 1_200, "", "Stronger"),
        ("c", 3.5, 3.4, 3.6, 3, "withheld;low_response", "Stronger"),
        ("d", 2.0, np.nan, np.nan, 9, "", "Weaker"),
    ],
    columns=["case", "estimate", "low", "high", "n", "flag", "band"],
)
THEMES = pd.DataFrame(
    [("a", "some", pd.NA), ("b", "strong", "They say so."), ("d", pd.NA, "Hardly.")],
    columns=["case", "rating", "summary"],
)
QUOTES = pd.DataFrame(
    [("a", "We do.", "d1", "par. 1"), ("b", "One\n two", "d2", None), ("b", "More", None, "p. 3")],
    columns=["case", "text", "document", "place"],
)
INFERENCES = pd.DataFrame(
    [("a", "Both agree.", "confirms", "R. W.", "2031-05-17"), ("b", "", "expands", "R. W.", None)],
    columns=["case", "text", "fit", "who", "written_on"],
)


def display(**changes: Any) -> pd.DataFrame:
    parts = {"scores": SCORES, "themes": THEMES, "quotes": QUOTES, "inferences": INFERENCES}
    tables = [changes.pop(name, table) for name, table in parts.items()]
    return joint_display(*tables, **changes)


def of(case: str, **changes: Any) -> dict[Any, Any]:
    return display(**changes).set_index("case").loc[case].to_dict()


def test_each_case_has_one_row_the_highest_score_first_and_those_without_one_last():
    frame = display()
    assert list(frame["case"]) == ["b", "a", "d", "c"]
    assert list(frame.columns) == COLUMNS


@pytest.mark.parametrize(("order", "cases"), [("given", "abcd"), (["d", "c", "b", "a"], "dcba")])
def test_the_order_is_the_one_asked_for(order, cases):
    assert "".join(display(order=order)["case"]) == cases


def test_scores_are_told_with_their_interval_and_their_n():
    frame = display(order="given", least=5)
    assert list(frame["score"]) == [
        "3.00 (2.80 to 3.20)",
        "4.00 (3.90 to 4.10)",
        "withheld (n<5)",
        "2.00 (no interval)",
    ]
    assert list(frame["n_told"]) == ["20", "1,200", "<5", "9"]


def test_a_withheld_score_leaves_no_number_and_no_band():
    row = of("c")
    assert (row["score"], row["n_told"], row["band"]) == ("withheld", "withheld", "")
    assert all(np.isnan(row[name]) for name in ("estimate", "low", "high", "n"))


def test_a_table_for_readers_that_says_withheld_gives_the_same():
    told = SCORES.astype({name: object for name in ("estimate", "low", "high", "n")})
    told.loc[2, ["estimate", "low", "high", "n"]] = ["withheld", "withheld", "withheld", "<5"]
    assert display(scores=told).equals(display())


def test_a_score_that_is_missing_says_why():
    scores = SCORES.assign(estimate=[3.0, 4.0, 3.5, np.nan], flag=["", "", "withheld", "no_responses"])
    assert of("d", scores=scores)["score"] == "no responses"


def test_negative_scores_have_a_real_minus_sign_and_zero_has_none():
    scores = SCORES.assign(
        estimate=[-1.0, -0.001, 3.5, 2.0], low=[-2.0, np.nan, np.nan, np.nan], high=[0.0] + [np.nan] * 3
    )
    assert of("a", scores=scores)["score"] == "\u22121.00 (\u22122.00 to 0.00)"
    assert of("b", scores=scores)["score"] == "0.00 (no interval)"


def test_what_is_not_there_is_said_in_its_place_and_listed():
    row = of("c")
    assert (row["theme"], row["quote"], row["inference"], row["fit"]) == (
        "no theme rated yet",
        "no quote chosen",
        "inference not written yet",
        "fit not judged yet",
    )
    assert row["n_holes"] == 4
    assert of("b")["holes"] == "inference not written yet"
    assert of("a")["holes"] == ""


def test_themes_join_rating_and_summary():
    frame = display(order="given")
    assert list(frame["theme"]) == ["some", "strong: They say so.", "no theme rated yet", "Hardly."]


def test_all_quotes_of_a_case_stand_with_their_source_each_on_one_line():
    assert of("a")["quote"] == "“We do.” (d1, par. 1)"
    assert of("b")["quote"] == "“One two” (d2)\n“More” (p. 3)"


def test_quotes_are_taken_as_they_were_picked():
    segments = pd.DataFrame(
        {
            "row": ["a"],
            "column": ["x"],
            "segment": ["s"],
            "document": ["d"],
            "place": ["p. 1"],
            "speaker": ["Jo"],
            "text": ["one two three four five"],
            "stance": ["supports"],
        }
    )
    assert of("a", quotes=pick_quotes(segments, where="w").chosen)["quote"] == "“one two three four five” (d, p. 1)"


def test_empty_tables_give_a_display_that_is_all_holes():
    frame = display(themes=THEMES[:0], quotes=QUOTES[:0], inferences=INFERENCES[:0])
    assert list(frame["n_holes"]) == [4] * 4


def test_no_fit_is_ever_suggested():
    assert set(display(inferences=INFERENCES[:0])["fit"]) == {"fit not judged yet"}


@pytest.mark.parametrize(
    "text", ["<script>x</script>", "=1+1", "\u202eשלום\u200b", "a\x07\x00b", "x" * 40_000, "\\input{x}", "; "]
)
def test_hostile_texts_stand_as_they_are(text):
    row = of(
        "a",
        themes=THEMES.assign(summary=text),
        inferences=INFERENCES.assign(text=text),
        quotes=QUOTES.assign(text=text),
    )
    assert (row["summary"], row["inference"]) == (text.strip(), text.strip())
    assert text.strip() in row["quote"]


@given(st.permutations(range(4)), st.permutations(range(3)))
@settings(max_examples=15, deadline=None)
def test_the_order_of_rows_does_not_change_the_display(rows, others):
    shuffled = display(scores=SCORES.iloc[rows], themes=THEMES.iloc[others], inferences=INFERENCES[::-1])
    assert shuffled.equals(display())


@given(st.lists(st.tuples(*[st.sampled_from(["", "text"])] * 3, st.sampled_from(["", *FITS])), min_size=4, max_size=4))
@settings(max_examples=40, deadline=None)
def test_holes_are_counted_where_and_only_where_something_is_missing(found):
    cases = list("abcd")
    frame = joint_display(
        SCORES,
        pd.DataFrame({"case": cases, "rating": "", "summary": [one[0] for one in found]}),
        pd.DataFrame({"case": cases, "text": [one[1] for one in found]}),
        pd.DataFrame(
            {
                "case": cases,
                "text": [one[2] for one in found],
                "fit": [one[3] for one in found],
                "who": "R.",
                "written_on": None,
            }
        ),
        order="given",
    )
    assert list(frame["n_holes"]) == [one.count("") for one in found]
    assert (frame[["score", "n_told", "theme", "quote", "inference", "fit"]] != "").all(axis=None)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"scores": SCORES.drop(columns="flag")}, "scores lack the column(s) flag; found case, estimate"),
        ({"scores": pd.concat([SCORES, SCORES[:1]])}, "scores: case 'a' stands twice; give one row of each"),
        (
            {"scores": SCORES.assign(estimate=np.nan)},
            "scores: case 'a' has no estimate and no reason; put one into flag",
        ),
        ({"scores": SCORES.assign(low=5.0)}, "scores: the estimate of case 'a' lies outside its interval"),
        ({"scores": SCORES.assign(n="many")}, "scores row 1: n is 'many', but must be a number; compute it again"),
        ({"scores": SCORES.assign(estimate=np.inf)}, "scores row 1: estimate is 'inf', but must be a number"),
        ({"themes": THEMES.assign(case="z")}, "themes: no score for case 'z'; add a row to scores"),
        ({"quotes": QUOTES.assign(case=None)}, "quotes: a row has no case; name it"),
        ({"themes": pd.concat([THEMES, THEMES])}, "themes: case 'a' stands twice; keep one row, or join their texts"),
        (
            {"inferences": INFERENCES.assign(fit="agrees")},
            "inferences: fit of case 'a' is 'agrees', allowed are confirms, expands, contradicts, silent; correct it",
        ),
        ({"inferences": INFERENCES.assign(who="")}, "inferences: case 'a' does not say who wrote it; fill in 'who'"),
        (
            {"inferences": INFERENCES.assign(written_on="May")},
            "written_on of case 'a' is 'May'; write it as 2031-05-17",
        ),
        (
            {"order": "size"},
            "order is 'size', but must be 'score', 'band', 'given', or each of the cases once: a, b, c, d",
        ),
        ({"order": ["a", "b"]}, "order is a, b, but must be"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_words(changes, told):
    with pytest.raises(StudyError, match=re.escape(told)):
        display(**changes)


# --- questions about declared fits

LEVELS = ["none seen", "some", "strong"]


def asked(fit: str, *, estimate: float = 4.0, rating: str = "strong", summary: str = "", flag: str = "") -> str:
    scores = pd.DataFrame(
        {
            "case": ["a"],
            "estimate": [estimate],
            "low": [estimate - 0.2],
            "high": [estimate + 0.2],
            "n": [20],
            "flag": [flag],
        }
    )
    frame = joint_display(
        scores,
        pd.DataFrame({"case": ["a"], "rating": [rating], "summary": [summary]}),
        QUOTES[:0],
        pd.DataFrame({"case": ["a"], "text": ["t"], "fit": [fit], "who": ["R."], "written_on": [None]}),
    )
    return "".join(check_fit(frame, levels=LEVELS, middle=3.5)["question"])


@pytest.mark.parametrize(
    ("fit", "given", "question"),
    [
        ("confirms", {}, ""),
        ("confirms", {"estimate": 3.0, "rating": "none seen"}, ""),
        (
            "confirms",
            {"rating": "none seen"},
            "the score lies above 3.5 and the rating is 'none seen': is the fit right?",
        ),
        ("contradicts", {"rating": "none seen"}, ""),
        ("contradicts", {}, "the score lies above 3.5 and the rating is 'strong': is the fit right?"),
        (
            "contradicts",
            {"estimate": 3.0, "rating": "none seen"},
            "the score lies below 3.5 and the rating is 'none seen': is the fit right?",
        ),
        ("confirms", {"estimate": 3.6}, "the interval of the score holds 3.5: what does it confirm?"),
        ("contradicts", {"rating": "some"}, "the rating 'some' is in the middle: what does it contradict?"),
        (
            "confirms",
            {"flag": "withheld", "rating": ""},
            "the score is withheld and there is no rating: what does it confirm?",
        ),
        ("expands", {}, ""),
        ("expands", {"rating": ""}, "there is neither a rating nor a summary: what expands the score?"),
        ("silent", {"rating": ""}, ""),
        ("silent", {}, "the material has a rating or a summary: is it silent on what the score measures?"),
        ("", {"rating": "none seen"}, ""),
    ],
)
def test_a_fit_at_odds_with_what_stands_beside_it_is_asked_about(fit, given, question):
    assert asked(fit, **given) == question


def test_turned_levels_turn_the_question():
    frame = display(inferences=INFERENCES.assign(fit=["confirms", "confirms"]), themes=THEMES[:2])
    assert list(check_fit(frame, levels=["some", "strong"], middle=3.5)["case"]) == []
    assert list(check_fit(frame, levels=["strong", "some"], middle=3.5)["case"]) == ["b", "a"]


def test_levels_must_be_those_of_the_ratings():
    with pytest.raises(
        StudyError, match=re.escape("rating 'strong', 'some' is none of the levels low, high; correct it")
    ):
        check_fit(display(), levels=["low", "high"], middle=3.5)
    with pytest.raises(StudyError, match="levels are low; give at least two, each once, lowest first"):
        check_fit(display(), levels=["low"], middle=3.5)


def test_bands_stand_together_the_highest_first_and_cases_without_one_last():
    frame = display(order="band")
    assert list(frame["case"]) == ["b", "a", "d", "c"]
    assert list(frame["band"]) == ["Stronger", "Weaker", "Weaker", ""]
    turned = display(scores=SCORES.assign(band=["Stronger", "Weaker", "Weaker", "Stronger"]), order="band")
    assert list(turned["case"]) == ["b", "a", "d", "c"]  # by the mean of a band, not by its name
    assert list(turned["band"]) == ["Weaker", "Stronger", "Stronger", ""]


def test_what_is_told_beside_a_score_is_kept_and_nothing_is_no_text():
    told = display(scores=SCORES.assign(beside=pd.Series(["Other 2.00", None, "", "x"])), order="given")
    assert list(told["beside"]) == ["Other 2.00", "", "", "x"]
    assert display()["beside"].eq("").all()
