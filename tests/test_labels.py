"""Final labels: one unit counts once, however many people coded it."""

from __future__ import annotations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from study_folder import told

from nsi.methods.labels import COLUMNS, final_labels, first_codings

RATING = ["case", "unit", "coder", "field", "value"]


def frame(*rows: tuple[str, str, str, str, str | None]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=RATING, dtype="str")


def test_a_settled_label_stands_before_what_the_coders_said() -> None:
    independent = frame(
        ("n", "a1", "AP", "use", "plan"), ("n", "a1", "BQ", "use", "check"), ("n", "a2", "AP", "use", "plan")
    )
    labels = final_labels(independent, frame(("n", "a1", "CR", "use", "check")))
    assert labels.to_numpy().tolist() == [
        ["n", "a1", "use", "check", 1.0, "consensus"],
        ["n", "a2", "use", "plan", 1.0, "one coder"],
    ]
    assert list(labels.columns) == COLUMNS


def test_coders_who_were_not_brought_together_share_the_unit() -> None:
    labels = final_labels(
        frame(*[("n", "a1", coder, "use", value) for coder, value in zip("ABCD", ["x", "y", "x", None], strict=True)]),
        frame(),
    )
    assert labels[["value", "weight", "basis"]].to_numpy().tolist() == [
        ["x", 2 / 3, "several coders"],
        ["y", 1 / 3, "several coders"],
    ]


def test_a_settled_label_without_a_value_settles_nothing() -> None:
    labels = final_labels(frame(("n", "a1", "AP", "use", "plan")), frame(("n", "a1", "CR", "use", None)))
    assert labels["basis"].tolist() == ["one coder"]


def test_units_of_one_name_in_two_cases_or_fields_are_different() -> None:
    rows = [("n", "a1", "AP", "use", "x"), ("s", "a1", "AP", "use", "y"), ("n", "a1", "AP", "grade", "1")]
    labels = final_labels(frame(*rows), frame(("n", "a1", "AP", "use", "z")))
    assert labels[["case", "field", "value", "weight"]].to_numpy().tolist() == [
        ["n", "use", "z", 1.0], ["s", "use", "y", 1.0], ["n", "grade", "1", 1.0],
    ]  # fmt: skip


def test_nothing_rated_gives_no_label() -> None:
    assert final_labels(frame(), frame()).empty
    assert final_labels(frame(("n", "a1", "AP", "use", None)), frame()).empty
    assert list(final_labels(frame(), frame()).columns) == COLUMNS


def test_a_unit_with_two_settled_labels_stops() -> None:
    settled = frame(("n", "a1", "CR", "use", "x"), ("n", "a1", "DS", "use", "y"))
    assert told(lambda: final_labels(frame(), settled)) == (
        "unit 'a1' of case 'n' has 2 settled labels for 'use', but a unit has one; remove the others in "
        "data_raw/corrections.csv"
    )


@settings(max_examples=60, deadline=None)
@given(
    given_codes=st.dictionaries(
        st.tuples(st.sampled_from("12"), st.sampled_from("abc"), st.sampled_from("ABCDEFG"), st.sampled_from("fg")),
        st.sampled_from(["x", "y", "z", None]),
    ),
    settled=st.dictionaries(
        st.tuples(st.sampled_from("12"), st.sampled_from("abc"), st.sampled_from("fg")),
        st.sampled_from("xyz"),
    ),
)
def test_the_weights_of_each_unit_with_a_label_add_up_to_one(given_codes, settled) -> None:
    independent = frame(
        *[(case, unit, coder, field, value) for (case, unit, coder, field), value in given_codes.items()]
    )
    consensus = frame(*[(case, unit, "team", field, value) for (case, unit, field), value in settled.items()])
    labels = final_labels(independent, consensus)
    sums = labels.groupby(["case", "unit", "field"])["weight"].sum()
    assert ((sums - 1).abs() < 1e-12).all()
    rated = {(case, unit, field) for (case, unit, _, field), value in given_codes.items() if value}
    assert set(sums.index) == rated | set(settled)
    assert not labels.duplicated(["case", "unit", "field", "value"]).any()


def test_a_later_coding_of_a_unit_by_its_coder_is_kept_apart_from_the_first() -> None:
    days = pd.to_datetime(["2021-03-01", "2021-01-01", "2021-01-02", "2021-01-05"])
    ratings = pd.DataFrame(
        {"case": "c", "unit": ["u", "u", "u", "v"], "coder": ["A", "A", "B", "A"], "field": "f", "value": list("xyxy")}
    ).assign(round=["2", "1", "1", "1"], rated_on=days)
    first, recoded = first_codings(ratings)
    assert first[["unit", "coder", "value"]].to_numpy().tolist() == [["u", "A", "y"], ["u", "B", "x"], ["v", "A", "y"]]
    assert recoded[["unit", "coder", "round"]].to_numpy().tolist() == [["u", "A", "2"], ["u", "A", "1"]]
    assert first_codings(first)[1].empty
