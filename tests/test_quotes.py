"""Quotes: chosen by rule, each with its reason, never silently shortened, never a speaker or a withheld text."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nsi.errors import StudyError
from nsi.methods.quote_log import LOG, earlier_uses, use_log
from nsi.methods.quote_rules import QuoteRules, excerpt, redact, sentences, word_count
from nsi.methods.quotes import CHOSEN, REJECTED, pick_quotes

WORDS = "one two three four five six seven"


def segment(name: str, row: str = "A", column: str = "aims", **changes: Any) -> dict[str, Any]:
    usual = {
        "row": row,
        "column": column,
        "segment": name,
        "document": f"d-{name}",
        "place": "par. 4",
        "speaker": f"s-{name}",
        "text": f"{WORDS} {name}",
        "stance": "supports",
        "date": pd.Timestamp("2031-03-01"),
        "agreed": True,
    }
    return usual | changes


def frame(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(list(rows)).assign(agreed=lambda table: table["agreed"].astype("boolean"))


def picked(*rows: dict[str, Any], **rules: Any) -> list[str]:
    return list(pick_quotes(frame(*rows), QuoteRules(**rules), where="here").chosen["segment"])


def reasons(*rows: dict[str, Any], used: pd.DataFrame | None = None, **rules: Any) -> dict[str, str]:
    rejected = pick_quotes(frame(*rows), QuoteRules(**rules), where="here", used=used).rejected
    return dict(zip(rejected["segment"], rejected["reason"], strict=True))


# --- which one


def test_one_quote_of_each_case_and_theme_is_chosen_and_the_other_is_told_why_not():
    quotes = pick_quotes(
        frame(segment("p"), segment("q"), segment("r", row="B"), segment("s", column="means")), where="here"
    )
    assert list(quotes.chosen["segment"]) == ["p", "r", "s"]
    assert quotes.rejected[["segment", "reason"]].to_numpy().tolist() == [["q", "case_has_one"]]
    assert list(quotes.chosen.columns) == CHOSEN
    assert list(quotes.rejected.columns) == REJECTED


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"agreed": True}, {"agreed": pd.NA}),
        ({"agreed": pd.NA}, {"agreed": False}),
        ({"stance": "supports", "agreed": False}, {"stance": "contrary"}),
        ({"date": pd.Timestamp("2031-02-01")}, {}),
        ({}, {"date": pd.NaT}),
    ],
    ids=["agreed over once", "once over disagreed", "stance over agreement", "earlier", "dated"],
)
def test_what_comes_first(better, worse):
    assert picked(segment("z", **better), segment("a", **worse)) == ["z"]
    assert picked(segment("a", **worse), segment("z", **better)) == ["z"]


def test_contrary_evidence_comes_first_where_it_is_asked_for():
    pair = segment("a"), segment("b", stance="contrary")
    assert picked(*pair, prefer="contrary") == ["b"]
    assert picked(*pair, prefer="either") == ["a"]


def test_the_reason_for_a_choice_is_said_in_words():
    chosen = pick_quotes(frame(segment("a", stance="contrary", agreed=pd.NA), segment("b", row="B")), where="x").chosen
    assert list(chosen["why"]) == [
        "contrary, coded once, 8 words; the only one possible",
        "supporting, coders agreed, 8 words; the only one possible",
    ]
    two = pick_quotes(frame(segment("a"), segment("b")), where="x").chosen
    assert two["why"].iloc[0].endswith("; first of 2 possible")


def test_the_same_speaker_is_not_quoted_twice_even_for_another_case():
    assert reasons(segment("a", speaker="Jo"), segment("b", row="B", speaker="Jo ")) == {"b": "same_speaker"}


def test_names_of_speakers_may_be_names_within_a_case_only():
    pair = segment("a", speaker="leader"), segment("b", row="B", speaker="leader")
    assert picked(*pair, speaker_within="case") == ["a", "b"]
    same = segment("a", speaker="leader"), segment("b", column="means", speaker="leader")
    assert picked(*same, speaker_within="case") == ["a"]
    assert picked(*same, speaker_within="document") == ["a", "b"]


def test_a_document_without_a_speaker_speaks_once():
    pair = segment("a", speaker=pd.NA, document="d"), segment("b", row="B", speaker=pd.NA, document="d")
    assert reasons(*pair) == {"b": "same_speaker"}


def test_who_has_only_one_speaker_chooses_first_so_that_no_case_goes_empty():
    rows = segment("a", speaker="Jo"), segment("b", speaker="Al"), segment("c", row="B", speaker="Jo")
    assert picked(*rows) == ["b", "c"]


def test_a_segment_or_its_words_stand_once():
    twice = segment("a", speaker="Jo"), segment("a", column="means", speaker="Jo")
    assert reasons(*twice) == {"a": "chosen_already"}
    copied = segment("a", text=WORDS), segment("b", row="B", text=f" {WORDS.upper()} ")
    assert reasons(*copied) == {"b": "chosen_already"}


def test_over_all_themes_a_case_is_quoted_as_often_as_the_rules_allow():
    rows = [segment(name, column=theme) for name, theme in (("a", "x"), ("b", "y"), ("c", "z"))]
    one = pick_quotes(frame(*rows), where="w", theme=None)
    assert list(one.chosen["segment"]) == ["a"]
    two = pick_quotes(frame(*rows), QuoteRules(per_case=2), where="w", theme=None)
    assert list(two.chosen["segment"]) == ["a", "b"]
    assert list(two.rejected["reason"]) == ["case_has_2"]


def test_segments_without_a_matrix_are_quoted_by_case_and_code():
    rows = frame(segment("a"), segment("b", row="B")).rename(columns={"row": "case", "column": "code"})
    assert list(pick_quotes(rows, where="w", case="case", theme="code").chosen["case"]) == ["A", "B"]


# --- which ones never


@pytest.mark.parametrize(
    ("changes", "reason", "words"),
    [
        ({"text": "[withheld]"}, "withheld", 0),
        ({"withheld": True}, "withheld", 0),
        ({"text": None}, "no_text", 0),
        ({"text": "  \n"}, "no_text", 0),
        ({"text": "only four words here"}, "too_short", 4),
        ({"text": "word " * 41}, "too_long", 41),
        ({"text": "x" * 40_000}, "too_long", 6_667),
        ({"text": "Miss Marple said so on a Monday"}, "redacted", 7),
    ],
    ids=["withheld text", "withheld", "none", "blank", "short", "long", "one endless word", "forbidden"],
)
def test_some_texts_are_never_quoted(changes, reason, words):
    one = segment("a") | {"withheld": False} | changes
    found = pick_quotes(frame(one), QuoteRules(redactions={"Marple": ""}), where="w").rejected
    assert found[["reason", "words"]].to_numpy().tolist() == [[reason, words]]


def test_a_withheld_text_leaves_no_word_in_either_frame():
    quotes = pick_quotes(frame(segment("a", withheld=True, text="the secret of the hub stays here")), where="w")
    assert "secret" not in quotes.chosen.to_csv() + quotes.rejected.to_csv()


@pytest.mark.parametrize(("n", "fits"), [(4, False), (5, True), (40, True), (41, False)])
def test_the_bounds_of_length_are_allowed_themselves(n, fits):
    assert bool(picked(segment("a", text="word " * n))) is fits


def test_a_quote_used_elsewhere_is_not_used_again_but_keeps_its_place_here():
    used = pd.DataFrame({"segment": ["a", "b"], "used_in": ["paper 2", "here"]})
    assert reasons(segment("a"), segment("b", row="B"), used=used) == {"a": "used_in_paper 2"}
    assert picked(segment("a"), again=True) == ["a"]


def test_a_second_choice_for_another_paper_sees_the_log_of_the_first():
    rows = frame(segment("a"), segment("b"))
    first = pick_quotes(rows, where="paper 1")
    log = use_log(first.chosen, "paper 1", kind="paper")
    second = pick_quotes(rows, where="paper 2", used=log)
    assert (list(first.chosen["segment"]), list(second.chosen["segment"])) == (["a"], ["b"])
    assert second.rejected["why"].tolist() == ["stands already in paper 1"]
    assert list(log.columns) == LOG
    assert "two" not in log.to_csv()
    assert use_log(first.chosen, "paper 1", kind="paper", earlier=log).empty
    assert pick_quotes(rows, where="paper 1", used=log).chosen.equals(first.chosen)


# --- words that must not be told


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Mary's school", "[name]'s school"),
        ("MARY and Maryland", "[name] and Maryland"),
        ("M\u200ba\u00adry came", "[name] came"),
        ("Saint\n Olaf school", "[a school]"),
        ("Jose\u0301 said", "[name] said"),
        ("很好王芳说", "很好[name]说"),
    ],
)
def test_redacted_words_are_replaced_in_brackets_however_they_are_written(text, shown):
    words = {"Mary": "name", "Saint Olaf school": "[a school]", "José": "name", "王芳": "name"}
    assert redact(text, words) == (shown, 1, False)


def test_a_text_without_such_words_is_returned_as_it_was():
    assert redact("Jose\u0301", {"Ann": "name"}) == ("Jose\u0301", 0, False)


def test_how_often_something_was_redacted_is_told():
    chosen = pick_quotes(
        frame(segment("a", text=f"Ann and Ann: {WORDS}")), QuoteRules(redactions={"ann": "name"}), where="w"
    ).chosen
    assert chosen[["text", "redacted"]].to_numpy().tolist() == [[f"[name] and [name]: {WORDS}", 2]]
    assert "2 redacted" in chosen["why"].iloc[0]


# --- shortening


LONG = "We met Dr. Lee at 3.5 points. " + "Filler words go on and on. " * 9 + "It worked! Did it?"


def test_a_long_text_is_refused_unless_parts_are_asked_for():
    assert reasons(segment("a", text=LONG)) == {"a": "too_long"}
    chosen = pick_quotes(frame(segment("a", text=LONG)), QuoteRules(excerpts=True), where="w").chosen
    assert chosen["excerpt"].tolist() == [True]
    assert chosen["text"].iloc[0].startswith("[…] Filler")
    assert "part of a longer text" in chosen["why"].iloc[0]


@pytest.mark.parametrize(
    ("text", "longest", "shown"),
    [
        ("One two. Three four five. Six.", 3, "[…] Three four five. […]"),
        ("One two three. Four. Five.", 3, "One two three. […]"),
        ("One. Two. Three four five.", 3, "[…] Three four five."),
        ("One two three four.", 3, ""),
        ("[SYNTHETIC] One two. Three four five six.", 3, "[SYNTHETIC] One two. […]"),
        ("你好吗。我很好。", 1, "你好吗。 […]"),
    ],
)
def test_a_part_is_whole_sentences_with_a_mark_where_something_is_left_out(text, longest, shown):
    assert excerpt(text, longest) == shown


def test_points_within_a_sentence_do_not_end_it():
    assert sentences("We met Dr. Lee at 3.5 points, e.g. today. Then she left.") == [
        "We met Dr. Lee at 3.5 points, e.g. today.",
        " Then she left.",
    ]


@given(st.text(max_size=200))
@settings(max_examples=150, deadline=None)
def test_sentences_joined_are_the_text(text):
    assert "".join(sentences(text)) == text


@given(st.lists(st.sampled_from(["Ab cd.", "ef", "Gh!", "[x]", "Ij kl mn?", "\n"]), max_size=30), st.integers(1, 12))
@settings(max_examples=150, deadline=None)
def test_a_part_is_never_longer_than_allowed_and_unmarked_only_where_it_is_all(pieces, longest):
    text = " ".join(pieces)
    part = excerpt(text, longest)
    plain = part.replace("[…]", " ").split()
    assert word_count(part) <= longest
    assert " ".join(plain) in " ".join(text.split()) or part.startswith("[")
    if part and "[…]" not in part:
        assert re.findall(r"\w+", part) == re.findall(r"\w+", text)


# --- always


@st.composite
def pools(draw):
    n = draw(st.integers(1, 12))
    texts = st.sampled_from([WORDS, "other words that are long enough too", "short", "[withheld]", "", "word " * 50])
    return [
        segment(
            f"s{i}",
            row=draw(st.sampled_from("AB")),
            column=draw(st.sampled_from("xy")),
            speaker=draw(st.sampled_from(["Jo", "Al", None])),
            document=draw(st.sampled_from(["d", "e"])),
            text=draw(texts) + draw(st.sampled_from(["", " again"])),
            agreed=draw(st.sampled_from([True, False, pd.NA])),
            stance=draw(st.sampled_from(["supports", "contrary"])),
        )
        for i in range(n)
    ]


@given(pools(), st.integers(1, 2), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_every_candidate_is_chosen_or_rejected_once_whatever_the_order_of_rows(pool, per_case, shuffler):
    rules = QuoteRules(per_case=per_case)
    quotes = pick_quotes(frame(*pool), rules, where="w")
    chosen = set(quotes.chosen["segment"])
    assert sorted([*quotes.chosen["segment"], *quotes.rejected["segment"]]) == sorted(one["segment"] for one in pool)
    shuffled = list(pool)
    shuffler.shuffle(shuffled)
    assert set(pick_quotes(frame(*shuffled), rules, where="w").chosen["segment"]) == chosen
    known = quotes.chosen["speaker"][quotes.chosen["speaker"] != ""]
    assert not known.duplicated().any()
    assert (quotes.chosen.groupby(["case", "theme"]).size() <= per_case).all()
    assert quotes.chosen["words"].between(5, 40).all()
    assert (quotes.rejected["reason"] != "").all()


@given(st.text(max_size=300))
@settings(max_examples=80, deadline=None)
def test_any_text_is_either_quoted_as_it_is_or_refused(text):
    quotes = pick_quotes(frame(segment("a", text=text.encode("utf-8", "replace").decode())), where="w")
    assert len(quotes.chosen) + len(quotes.rejected) == 1
    if len(quotes.chosen):
        assert quotes.chosen["text"].iloc[0] == text.encode("utf-8", "replace").decode().strip()


def test_nothing_to_choose_from_gives_two_empty_frames():
    quotes = pick_quotes(frame(segment("a")).iloc[:0], where="w")
    assert (list(quotes.chosen.columns), len(quotes.chosen), len(quotes.rejected)) == (CHOSEN, 0, 0)


# --- what is refused


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({"longest": 3}, "longest no less than shortest"),
        ({"per_case": 0}, "per_case 0, shortest 5 and longest 40 must be 1 or more"),
        ({"prefer": "nice"}, "prefer is 'nice', allowed are supports, contrary, either; correct it"),
        ({"redactions": {" ": "x"}}, "a word to redact is blank; take it off the list, or write the word"),
    ],
)
def test_rules_that_make_no_sense_are_refused(rules, told):
    with pytest.raises(StudyError, match=re.escape(told)):
        QuoteRules(**rules)


def test_what_cannot_be_chosen_from_is_refused_in_words():
    rows = frame(segment("a"))
    for table, told in (
        (rows.drop(columns="text"), "segments to quote lack the column(s) text; found row, column"),
        (rows.assign(row=None), "row, column, segment must be known in every row; fill them in"),
        (pd.concat([rows, rows]), "'a' stand twice for one row and column; keep one of each"),
    ):
        with pytest.raises(StudyError, match=re.escape(told)):
            pick_quotes(table, where="w")
    with pytest.raises(StudyError, match="it is not said what they are for"):
        pick_quotes(rows, where=" ")
    with pytest.raises(StudyError, match=re.escape("log of quotes lacks the column(s) used_in")):
        pick_quotes(rows, where="w", used=pd.DataFrame({"segment": ["a"]}))
    with pytest.raises(StudyError, match="kind 'book'; name the place, and give one of matrix, display, paper, report"):
        use_log(pick_quotes(rows, where="w").chosen, "w", kind="book")


# --- the log of what is in print


def printed(**changes: Any) -> pd.DataFrame:
    return pd.DataFrame([{"segment": "s1", "used_in": "paper 1", "kind": "paper"} | changes])


def test_what_is_in_print_becomes_a_log_that_says_where_each_segment_is_from():
    rows = pd.DataFrame({"segment": ["s1", "s1", "s2"], "document": ["d1", "d1", "d2"], "case": ["a", "a", "b"]})
    log = earlier_uses(printed(), rows)
    assert list(log.columns) == LOG
    assert list(log.loc[0, ["segment", "document", "case", "theme", "used_in", "kind"]]) == [
        "s1", "d1", "a", "", "paper 1", "paper",
    ]  # fmt: skip
    assert log[["words", "excerpt"]].isna().all(axis=None)
    assert earlier_uses(printed().iloc[:0], rows).empty


@pytest.mark.parametrize(("log", "told"), [
    (printed(segment="s9"), "earlier uses of quotes: there is no segment 's9'; correct the log"),
    (printed(kind="book"), "log of quotes: used in 'paper 1', kind 'book'; name the place, and give one of matrix, "
                           "display, paper, report, other as its kind"),
    (printed(used_in=" "), "log of quotes: used in ' ', kind 'paper'; name the place"),
    (printed().drop(columns="kind"), "earlier uses of quotes lack the column(s) kind; add what is lacking"),
])  # fmt: skip
def test_a_log_of_prints_that_does_not_hold_is_refused(log, told):
    rows = pd.DataFrame({"segment": ["s1"], "document": ["d1"], "case": ["a"]})
    with pytest.raises(StudyError) as error:
        earlier_uses(log, rows)
    assert str(error.value).startswith(told)
