"""The rules that say which responses stay: each declared strictly, applied in order, told and counted."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from study_folder import told

from nsi.codebook import Code, Field
from nsi.raw_columns import Column
from nsi.raw_tables import RawTable
from nsi.readers.cleaning_log import CleaningLog
from nsi.readers.response_rules import apply_rules, read_rules
from nsi.survey import Item, Scale, Survey

FIELDS = {"yes": Field("yes", "yes", "nominal", (Code("0", "No", ""), Code("1", "Yes", "")))}
COLUMNS = [
    Column("case", ("Net",)), Column("respondent", ("Mail",)), Column("state", ("Status",)),
    Column("agreed", ("Consent",), "code", "yes"), Column("took", ("Duration",), "number"),
    Column("ended", ("End",), "time", "", ("%Y-%m-%d %H:%M:%S",)),
]  # fmt: skip
ITEMS = ("a1", "a2", "a3", "a4")


def survey(reverse: tuple[str, ...] = ("a2",)) -> Survey:
    items = {name: Item(name, "s", "agree", name in reverse, (), "") for name in ITEMS}
    limits = dict.fromkeys(ITEMS, (1.0, 5.0))
    return Survey(items, {"s": Scale("s", "S", 0.5)}, {"one": 1.0}, {"one": {name: name for name in ITEMS}}, limits, {})


def table(*more: Column, without: str = "") -> RawTable:
    columns = {column.name: column for column in [*COLUMNS, *more] if column.name != without}
    return RawTable("panel", "panel.csv", "responses", "long", (), columns, (), {}, "stop", "stop", "utf-8", ",")


def frame(*rows: dict[str, Any]) -> pd.DataFrame:
    """Responses with the answers given as text such as "111-" ("-": skipped, "n": not asked)."""
    made = []
    for place, row in enumerate(rows):
        answers = row.pop("answers", "1234")
        full = {"case": "north", "respondent": f"m{place}", "response": f"R{place}", "state": "live", "agreed": "1",
                "took": 300.0, "ended": "2021-03-04 10:00:00", "on_roster": True, **row}  # fmt: skip
        for item, answer in zip(ITEMS, answers, strict=True):
            full[item] = int(answer) if answer.isdigit() else None
            full[f"{item}_missing"] = {"-": "skipped", "n": "not_asked"}.get(answer)
        made.append(full)
    typed = {**dict.fromkeys(ITEMS, "Int16"), **{f"{item}_missing": "str" for item in ITEMS}, "on_roster": "boolean",
             "ended": "datetime64[us]", "took": "float64"}  # fmt: skip
    return pd.DataFrame(made, index=range(2, len(made) + 2)).astype(typed)


def applied(
    responses: pd.DataFrame, *rules: dict[str, Any], of: Survey | None = None, to: RawTable | None = None
) -> tuple[list[int], pd.DataFrame]:
    """The rows that stay, and the log."""
    log = CleaningLog("panel")
    declared = read_rules(rules, to or table(), FIELDS)
    return list(apply_rules(responses, declared, of or survey(), log).index), log.frame()


def refused(*rules: Any, to: RawTable | None = None) -> str:
    return told(lambda: read_rules(rules, to or table(), FIELDS))


# --- what each rule does, and what it says


def test_drop_if_takes_out_values_and_leaves_blanks() -> None:
    responses = frame({"state": "preview"}, {}, {"state": None}, {"state": "test"})
    kept, log = applied(
        responses, {"rule": "drop_if", "column": "state", "values": ["preview", "test"], "why": "Nobody's answer."}
    )
    assert kept == [3, 4]
    assert log.iloc[0].tolist() == [
        "panel", "drop if state", "responses whose state is preview or test are left out. Why: Nobody's answer",
        4, 2, 0, "2 5",
    ]  # fmt: skip


def test_keep_if_takes_out_everything_else_blanks_too() -> None:
    kept, log = applied(
        frame({"agreed": "0"}, {}, {"agreed": None}),
        {"rule": "keep_if", "column": "agreed", "values": ["1"], "why": "consent"},
    )
    assert kept == [3]
    assert log["what"].tolist() == ["responses whose agreed is 1 stay, all others are left out. Why: consent"]
    assert log["rows"].tolist() == ["2 4"]


@pytest.mark.parametrize(
    ("share", "kept"), [(0.5, [2, 3, 4, 6]), (0.51, [2, 3, 6]), (1, [2, 3, 6]), (0.25, [2, 3, 4, 5, 6])]
)
def test_answered_counts_the_items_that_this_respondent_was_asked(share: float, kept: list[int]) -> None:
    responses = frame(
        {"answers": "1234"}, {"answers": "12nn"}, {"answers": "12--"}, {"answers": "1---"}, {"answers": "nnnn"}
    )
    assert applied(responses, {"rule": "answered", "at_least": share, "why": "w"})[0] == kept


def test_answered_says_how_many_were_asked_nothing() -> None:
    _, log = applied(frame({"answers": "nnnn"}, {"answers": "----"}), {"rule": "answered", "at_least": 0.5, "why": "w"})
    assert log["what"].tolist() == [
        "responses to less than 0.5 of the items that the respondent was asked are left out "
        "(1 asked no item stays). Why: w"
    ]


def test_a_share_is_exact() -> None:
    names = [f"i{number}" for number in range(25)]
    items = {name: Item(name, "s", "agree", False, (), "") for name in names}
    long = Survey(items, {}, {}, {}, dict.fromkeys(names, (1.0, 5.0)), {})
    cells = {name: pd.array([1 if place < 14 else None], dtype="Int16") for place, name in enumerate(names)}
    reasons = {f"{name}_missing": pd.array([None if place < 14 else "skipped"], dtype="str")
               for place, name in enumerate(names)}  # fmt: skip
    assert 0.56 * 25 > 14  # as floats are
    rule = {"rule": "answered", "at_least": 0.56, "why": "w"}
    assert applied(pd.DataFrame({**cells, **reasons}), rule, of=long)[0] == [0]


def test_too_fast_goes_and_a_blank_duration_stays_and_is_counted() -> None:
    kept, log = applied(
        frame({"took": 119.9}, {"took": 120}, {"took": None}, {"took": -5}),
        {"rule": "seconds", "column": "took", "at_least": 120, "why": "nobody reads so fast"},
    )
    assert kept == [3, 4]
    assert log["what"].tolist() == [
        "responses of less than 120 seconds (took) are left out (1 without a duration stays). Why: nobody reads so fast"
    ]


LINES: dict[str, Any] = {"rule": "straight_lining", "at_least_items": 3, "why": "w"}


def test_one_answer_to_items_of_both_directions_is_straight_lining() -> None:
    responses = frame({"answers": "4444"}, {"answers": "444-"}, {"answers": "44--"}, {"answers": "4443"},
                      {"answers": "4-44"}, {"answers": "----"}, {"answers": "nnnn"})  # fmt: skip
    kept, log = applied(responses, LINES)
    assert kept == [4, 5, 6, 7, 8]
    assert log["rule"].tolist() == ["straight-lining"]
    assert log["what"].tolist() == [
        "one and the same answer to all of at least 3 items, reverse-keyed ones among them: left out "
        "(1 in one direction only stays). Why: w"
    ]


def test_where_no_item_asked_is_reverse_keyed_sameness_alone_has_to_do_and_is_told() -> None:
    for of, answers in ((survey(()), "4444"), (survey(), "4n44")):
        kept, log = applied(frame({"answers": answers}, {"answers": "4n43"}), LINES, of=of)
        assert kept == [3]
        assert log["what"].tolist() == [
            "one and the same answer to all of at least 3 items (no item asked is reverse-keyed, so that an honest "
            "answer may look like this): left out. Why: w"
        ]


def test_straight_lining_may_be_counted_only() -> None:
    kept, log = applied(frame({"answers": "4444"}, {}), {**LINES, "action": "keep"})
    assert kept == [2, 3]
    assert log["what"].tolist() == [
        "one and the same answer to all of at least 3 items, reverse-keyed ones among them: found 1, left in. Why: w"
    ]
    assert log["rows"].tolist() == [""]


@pytest.mark.parametrize(
    ("action", "kept", "what"),
    [
        ("drop", [2, 4], "are left out (1 of cases without a roster stays)"),
        ("keep", [2, 3, 4], ": found 1, left in"),
    ],
)
def test_who_is_not_on_the_roster_stays_or_goes(action: str, kept: list[int], what: str) -> None:
    responses = frame({}, {"on_roster": False}, {"on_roster": None})
    stayed, log = applied(responses, {"rule": "not_on_roster", "action": action, "why": "w"})
    assert stayed == kept
    blank = "" if what.startswith(":") else " "
    assert log["what"].tolist() == [f"responses of people who are not on the roster of the case{blank}{what}. Why: w"]


TWICE = (
    {"respondent": "m", "answers": "12--", "ended": "2021-03-04 10:00:00", "response": "R3"},
    {"respondent": "m", "answers": "1234", "ended": "2021-03-04 09:00:00", "response": "R2"},
    {"respondent": "m", "answers": "1---", "ended": "2021-03-04 11:00:00", "response": "R1"},
    {"respondent": "m", "answers": "1---", "ended": "2021-03-04 11:00:00", "case": "south"},
)


@pytest.mark.parametrize(
    ("keep", "kept", "what"),
    [
        ("most_answered", [3, 5], "one with most answers stays, of equal ones the last"),
        ("latest", [4, 5], "one given last stays"),
        ("first", [3, 5], "one given first stays"),
    ],
)
def test_of_several_responses_of_a_person_in_a_case_one_stays(keep: str, kept: list[int], what: str) -> None:
    stayed, log = applied(frame(*map(dict, TWICE)), {"rule": "duplicates", "keep": keep, "why": "w"})
    assert stayed == kept
    assert log["rule"].tolist() == [f"duplicates: {keep}"]
    assert log["what"].tolist() == [f"of several responses of one person in one case the {what}. Why: w"]


def test_ties_go_to_the_latest_then_to_the_response_id_then_to_the_row() -> None:
    same: dict[str, Any] = {"respondent": "m", "answers": "12--"}
    most = {"rule": "duplicates", "keep": "most_answered", "why": "w"}
    later = frame({**same, "ended": "2021-03-05 10:00:00"}, {**same}, {**same, "ended": None})
    assert applied(later, most)[0] == [2]
    by_id = frame({**same, "response": "R9"}, {**same, "response": "R10"})
    assert applied(by_id, most)[0] == [2]
    assert applied(by_id.iloc[::-1], most)[0] == [2]
    assert applied(by_id, {**most, "keep": "first"})[0] == [3]
    nameless = frame({**same, "response": None}, {**same, "response": None})
    assert applied(nameless, most)[0] == [3]
    assert applied(nameless, {**most, "keep": "first"})[0] == [2]


def test_a_response_without_a_time_is_neither_first_nor_last() -> None:
    responses = frame({"respondent": "m", "ended": None}, {"respondent": "m"})
    for keep in ("first", "latest"):
        assert applied(responses, {"rule": "duplicates", "keep": keep, "why": "w"})[0] == [3]


def test_who_is_anonymous_is_never_a_duplicate() -> None:
    responses = frame({"respondent": "anonymous/R1"}, {"respondent": "anonymous/R1"})
    assert applied(responses, {"rule": "duplicates", "keep": "latest", "why": "w"})[0] == [2, 3]


def test_rules_are_applied_in_their_order_and_their_counts_chain() -> None:
    responses = frame(*map(dict, TWICE), {"state": "preview"}, {"took": 5.0}, {"on_roster": False})
    rules: list[dict[str, Any]] = [
        {"rule": "duplicates", "keep": "most_answered", "why": "w"},
        {"rule": "drop_if", "column": "state", "values": ["preview"], "why": "w"},
        {"rule": "answered", "at_least": 0.5, "why": "w"},
        {"rule": "seconds", "column": "took", "at_least": 120, "why": "w"},
        {"rule": "not_on_roster", "action": "drop", "why": "w"},
    ]
    kept, log = applied(responses, *rules)
    assert kept == [3]
    assert log[["rows_before", "rows_after", "rows"]].to_numpy().tolist() == [
        [7, 5, "2 4"], [5, 4, "6"], [4, 3, "5"], [3, 2, "7"], [2, 1, "8"],
    ]  # fmt: skip
    # In another order another response of the person stays: the order is part of what is declared.
    assert applied(responses, {"rule": "drop_if", "column": "state", "values": ["live"], "why": "w"}, rules[0])[0] == [
        6
    ]


def test_no_rule_leaves_everything_and_rules_may_leave_nothing() -> None:
    responses = frame({"answers": "4444"})
    assert applied(responses)[0] == [2]
    nobody = {"rule": "keep_if", "column": "agreed", "values": ["0"], "why": "w"}
    others: list[dict[str, Any]] = [
        LINES,
        {"rule": "duplicates", "keep": "first", "why": "w"},
        {"rule": "answered", "at_least": 1, "why": "w"},
    ]
    kept, log = applied(responses, nobody, *others)
    assert kept == []
    assert log["rows_after"].tolist() == [0, 0, 0, 0]


# --- what is declared wrongly

PLACE = "study.yml, rule 1 for responses"


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("finished", "{} must hold keys and values with the key 'rule'; rules are drop_if, keep_if, answered, seconds, "
                     "straight_lining, not_on_roster, duplicates"),
        ({"why": "w"}, "{} must hold keys and values with the key 'rule'; rules are drop_if, keep_if, answered, "
                       "seconds, "
                       "straight_lining, not_on_roster, duplicates"),
        ({"rule": "drop", "why": "w"}, "{}: rule is 'drop', but allowed are drop_if, keep_if, answered, seconds, "
                                       "straight_lining, not_on_roster, duplicates"),
        ({"rule": ["drop_if"], "why": "w"}, "{}: rule is ['drop_if'], but allowed are drop_if, keep_if, answered, "
                                            "seconds, "
                                            "straight_lining, not_on_roster, duplicates"),
        ({"rule": "answered", "atleast": 0.5, "why": "w"}, "{} (answered): unknown key 'atleast'; did you mean "
                                                           "'at_least'? "
                                                           "allowed are rule, why, at_least"),
        ({"rule": "answered", "at_least": 0.5}, "{} (answered): 'why' is missing; add it"),
        ({"rule": "answered", "at_least": 0.5, "why": " . "}, "{} (answered): why is empty; say in a few words why, "
                                                              "since "
                                                              "it stands in the log and the figure"),
        ({"rule": "answered", "at_least": 0.5, "why": 3}, "{} (answered): why must be text, but found a number (3); "
                                                          "put it "
                                                          "in quotes"),
        ({"rule": "answered", "at_least": 50, "why": "w"}, "{} (answered): at_least must be a share above 0, at most "
                                                           "1, but "
                                                           "found a number (50); correct it"),
        ({"rule": "answered", "at_least": True, "why": "w"}, "{} (answered): at_least must be a share above 0, at "
                                                             "most 1, "
                                                             "but found a yes/no value (True); correct it"),
        ({"rule": "answered", "at_least": "half", "why": "w"}, "{} (answered): at_least must be a share above 0, at "
                                                               "most 1, "
                                                               "but found text ('half'); correct it"),
        ({"rule": "seconds", "column": "took", "at_least": float("nan"), "why": "w"},
         "{} (seconds): at_least must be a number above 0, but found a number (nan); correct it"),
        ({"rule": "straight_lining", "at_least_items": 1, "why": "w"},
         "{} (straight_lining): at_least_items must be a whole number from 2, but found a number (1); correct it"),
        ({"rule": "straight_lining", "at_least_items": 20, "why": "w", "action": "flag"},
         "{} (straight_lining): action is 'flag', but allowed are drop, keep"),
        ({"rule": "duplicates", "keep": "last", "why": "w"},
         "{} (duplicates): keep is 'last', but allowed are most_answered, latest, first"),
        ({"rule": "drop_if", "column": "status", "values": ["x"], "why": "w"},
         "{} (drop_if): column is 'status', but there is no such column; columns in raw.panel are case, state, "
         "agreed, took, "
         "ended"),
        ({"rule": "drop_if", "column": "respondent", "values": ["x"], "why": "w"},
         "{} (drop_if): column is 'respondent', but single responses are dropped in data_raw/corrections.csv; "
         "columns in "
         "raw.panel are case, state, agreed, took, ended"),
        ({"rule": "seconds", "column": "state", "at_least": 5, "why": "w"},
         "{} (seconds): column 'state' is of type text, but the rule needs integer or number; declare it so in "
         "raw.panel.columns"),
        ({"rule": "drop_if", "column": "took", "values": ["5"], "why": "w"},
         "{} (drop_if): column 'took' is of type number, but the rule needs text or code; declare it so in "
         "raw.panel.columns"),
        ({"rule": "duplicates", "keep": "latest", "column": "took", "why": "w"},
         "{} (duplicates): column 'took' is of type number, but the rule needs date or time; declare it so in "
         "raw.panel.columns"),
        ({"rule": "keep_if", "column": "agreed", "values": ["yes"], "why": "w"},
         "{} (keep_if): 'yes' is no code of column 'agreed'; the codebook has 0, 1"),
        ({"rule": "keep_if", "column": "agreed", "values": [True], "why": "w"},
         "{} (keep_if): values, item 1 must be text, but found a yes/no value (True); put it in quotes"),
    ],
)  # fmt: skip
def test_a_rule_that_is_declared_wrongly_stops(rule: Any, message: str) -> None:
    assert refused(rule) == message.format(PLACE)


def test_the_place_in_the_list_is_told() -> None:
    good = {"rule": "answered", "at_least": 0.5, "why": "w"}
    assert refused(good, {"rule": "x"}).startswith("study.yml, rule 2 for responses: rule is 'x'")


def test_rules_must_be_a_list() -> None:
    for wrong, found in (({"rule": "x"}, "keys and values"), ("answered", "text"), (None, "nothing")):
        message = told(lambda wrong=wrong: read_rules(wrong, table(), FIELDS))
        assert message.startswith(f"the rules for responses in study.yml must be a list of rules, but found {found}")


def test_which_time_tells_the_last_must_be_clear() -> None:
    begun = Column("begun", ("Start",), "date", "", ("%Y-%m-%d",))
    rule = {"rule": "duplicates", "keep": "latest", "why": "w"}
    assert refused(rule, to=table(begun)) == (
        f"{PLACE} (duplicates): ended, begun are dates or times; say with 'column' which one tells the last"
    )
    assert refused(rule, to=table(without="ended")) == (
        f"{PLACE} (duplicates): keep: latest needs a column of type date or time, but raw.panel has none"
    )
    most = read_rules([{**rule, "keep": "most_answered"}], table(without="ended"), FIELDS)
    assert most[0].said["column"] == ""
    named = read_rules([{**rule, "column": "begun"}], table(begun), FIELDS)
    assert named[0].said["column"] == "begun"
