"""What matrices.yml declares: read whole, every mistake named by its place, and ready to be drawn up."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from matrix_material import CODES, material

from nsi.codebook import Codebook, read_codebook
from nsi.errors import StudyError
from nsi.matrices import DISPLAYS as DECLARED
from nsi.matrices import MEASURES as DECLARED_MEASURES
from nsi.matrices import as_declared, read_matrices
from nsi.methods.matrix import DISPLAYS, MEASURES, Plan, draw_up, plan_of
from nsi.methods.matrix.periods import PARTS

BOOK = "field,field_label,level,code,label,definition\n" + "".join(
    f"{code['field']},{code['field_label']},nominal,{code['code']},{code['label']},{code['definition']}\n"
    for code in CODES
) + "kind,Kind,nominal,x,Extra,\nkind,Kind,nominal,y,Yearly,\n"  # fmt: skip
WHOLE: dict[str, Any] = {
    "ways": {
        "title": "What they did",
        "display": "case_ordered",
        "note": "Look-alike data.",
        "rows": {
            "of": "case", "title": "Case", "order_by": "score", "descending": True,
            "bands": {"column": "group", "order": ["stronger", "weaker"]}, "mark": "rank_crosses_cut",
        },
        "columns": {"of": "code", "field": ["ties", "say"], "attributes": ["kind", {"column": "size", "label": "N"}]},
        "cell": {
            "rating": {
                "strong": {"n_sources": 2, "n_contrary": {"at_most": 0}},
                "some": {"n_segments": 1},
                "none": {},
            }
        },
        "evidence": {"stances": True, "thin_below": 2},
        "looked_for": "all",
    },
}  # fmt: skip
SETS: dict[str, Any] = {
    "title": "Which combinations",
    "display": "truth_table",
    "sets": {
        "conditions": {"XKIND": {"column": "kind", "is": ["x"]}, "BIG": {"column": "size", "at_least": 80}},
        "outcome": {"HIGH": {"column": "score", "at_least": 4, "label": "Aligned"}},
        "consistency": 0.75,
        "cases": ["A", "B", "C"],
    },
}


@pytest.fixture
def codebook(tmp_path: Path) -> Codebook:
    """The codebook of the trial study, with one attribute of cases."""
    (tmp_path / "codes.csv").write_text(BOOK, encoding="utf-8")
    return read_codebook(tmp_path / "codes.csv")


def read(folder: Path, codebook: Codebook, declared: dict[str, Any]) -> Any:
    (folder / "matrices.yml").write_text(yaml.safe_dump(declared, sort_keys=False), encoding="utf-8")
    return read_matrices(folder / "matrices.yml", codebook)


def test_a_declared_matrix_can_be_drawn_up_as_it_stands(tmp_path, codebook):
    spec = read(tmp_path, codebook, WHOLE)["ways"]
    matrix = draw_up(material(), **spec.arguments())
    assert matrix.rows["row"].tolist() == ["A", "C", "B", "D"]
    assert matrix.columns["label"].tolist() == ["Kind", "N", "Open", "Closed", "Joint", "Told"]
    assert matrix.cells["shown"].tolist()[:4] == ["Extra", "70", "strong", "none (looked for, none found)"]
    assert matrix.row_title == "Case"
    assert matrix.note.endswith("strong: at least 2 sources and no contrary segments; some: at least 1 segment; none: "
                                "otherwise.")  # fmt: skip


def test_a_declared_truth_table_can_be_drawn_up(tmp_path, codebook):
    spec = read(tmp_path, codebook, {"sets": SETS})["sets"]
    matrix = draw_up(material(), **spec.arguments())
    assert matrix.rows["label"].tolist()[0] == "XKIND * ~BIG"
    assert matrix.cells["state"].isin(["value", "not_looked"]).all()


@pytest.mark.parametrize("display", sorted(set(DISPLAYS) - {"truth_table"}))
def test_every_display_can_be_declared_and_drawn_up(tmp_path, codebook, display):
    plain: dict[str, Any] = {"title": "T", "display": display, "rows": {"of": "case"},
                             "columns": {"of": "code", "field": ["ties", "say"]}}  # fmt: skip
    if display == "time_ordered":
        plain["rows"] = {"of": "period", "period": "half_year"}
    if display in ("contrast", "variable_by_variable"):
        plain |= {"columns": {"of": "group"}, "rows": {"of": "code", "field": "ties", "attributes": ["kind"]}}
    if display == "variable_by_variable":
        plain["rows"] = {"of": "kind"}
    if display == "predictor_outcome":
        plain["outcome"] = {"column": "score", "label": "Alignment"}
    matrix = draw_up(material(), **read(tmp_path, codebook, {"m": plain})["m"].arguments())
    assert matrix.display == display
    assert len(matrix.cells) == len(matrix.rows) * len(matrix.columns) > 0


def test_a_study_without_matrices_has_none(tmp_path, codebook):
    assert read_matrices(tmp_path / "matrices.yml", codebook) == {}


def test_what_is_declared_and_what_the_methods_know_are_the_same():
    assert set(DECLARED) == set(DISPLAYS)
    assert set(DECLARED_MEASURES) == set(MEASURES)
    from nsi.matrix_axes import PERIODS

    assert set(PERIODS) == set(PARTS)


def test_arguments_are_those_of_a_plan(tmp_path, codebook):
    spec = read(tmp_path, codebook, WHOLE)["ways"]
    assert isinstance(plan_of(**spec.arguments()), Plan)


def test_what_is_hashed_follows_the_declaration_and_the_words_of_the_codebook(tmp_path, codebook):
    before = json.dumps(as_declared(read(tmp_path, codebook, WHOLE)["ways"]))
    assert json.dumps(as_declared(read(tmp_path, codebook, WHOLE)["ways"])) == before
    (tmp_path / "codes.csv").write_text(BOOK.replace("Anyone may join", "All may join"), encoding="utf-8")
    assert json.dumps(as_declared(read(tmp_path, read_codebook(tmp_path / "codes.csv"), WHOLE)["ways"])) != before


def key(value: object, *path: str) -> Callable[[dict[str, Any]], None]:
    """A change to one key of the trial matrix; None removes it."""

    def change(declared: dict[str, Any]) -> None:
        at = declared["ways"]
        for name in path[:-1]:
            at = at.setdefault(name, {})
        if value is None:
            del at[path[-1]]
        else:
            at[path[-1]] = value

    return change


def test_a_typical_code_can_be_declared_and_drawn_up(tmp_path, codebook):
    plain = {"title": "T", "display": "case_ordered", "rows": {"of": "case"}, "cell": {"typical": "mode"},
             "columns": {"of": "field", "field": ["ties", "say"]}}  # fmt: skip
    spec = read(tmp_path, codebook, {"m": plain})["m"]
    assert (spec.typical, spec.shows) == ("mode", "rating")
    assert draw_up(material(), **spec.arguments()).cells["shown"].tolist()[0] == "Open"


def test_a_truth_table_may_take_its_sets_from_the_ratings_of_another_matrix(tmp_path, codebook):
    whole = deepcopy({**WHOLE, "sets": SETS})
    whole["sets"]["sets"] |= {"ratings_of": "ways", "conditions": {"OPEN": {"column": "open", "is": ["strong"]}}}
    made = read(tmp_path, codebook, whole)
    assert made["sets"].rated == made["ways"]
    matrix = draw_up(material(), **made["sets"].arguments())
    assert matrix.rows["label"].tolist() == ["OPEN", "~OPEN"]
    # The table of sets follows the words of the codebook behind the ratings, so that a change of these reruns it.
    assert "Anyone may join" in json.dumps(as_declared(made["sets"]))


AT = "matrices.yml ways"
MISTAKES: list[tuple[Callable[[dict[str, Any]], None], str]] = [
    (key("pie", "display"), f"{AT}.display is 'pie', but allowed are {', '.join(DECLARED)}"),
    (key(None, "display"), f"{AT}: 'display' is missing; add it. There is title, note, rows, columns, cell, evidence, "
                           "looked_for"),
    (key(None, "columns"), f"{AT}: 'columns' is missing; add it"),
    (key(" ", "title"), f"{AT}.title is empty; say what the matrix shows"),
    (key(1, "colums"), f"{AT}: unknown key 'colums'; did you mean 'columns'? allowed are title, display, rows, "
                       "columns, note, cell, evidence, looked_for"),
    (key("effects", "display"), f"{AT}: unknown key 'cell'; allowed are title, display, rows, columns, note, evidence, "
                                "looked_for"),
    (key("tyes", "columns", "field"), "codes.csv has no field 'tyes'; it has ties, say, kind. Add the field's codes "
                                      "there, or correct the name"),
    (key(None, "columns", "field"), f"{AT}.columns.field is missing; name the codebook field, or the list of fields, "
                                    "that 'code' is of"),
    (key("ties", "rows", "field"), f"{AT}.rows.field is for of: code and of: field, but found of: case; remove it, or "
                                   "name it under evidence.fields"),
    (key(["opne"], "columns", "only"), f"{AT}.columns.only names opne, but the codebook has open, closed, joint, told; "
                                       "correct it"),
    (key({"X": ["open"], "Y": ["open"]}, "columns", "groups"), f"{AT}.columns.groups puts 'open' under two headings; "
                                                               "keep one"),
    (key({"X": ["open"]}, "rows", "groups"), f"{AT}.rows.groups is for of: code and of: field, but found of: case; "
                                             "remove it"),
    (key(["kind", "kind"], "columns", "attributes"), f"{AT}.columns.attributes names 'kind' twice; remove one of them"),
    (key("score", "columns", "order_by"), f"{AT}.columns: unknown key 'order_by'; allowed are of, title, field, only, "
                                          "labels, groups, attributes, period, year_starts"),
    (key("yes", "rows", "descending"), f"{AT}.rows.descending must be true or false, but found text ('yes')"),
    (key({"column": "group"}, "rows", "bands"), f"{AT}.rows.bands: 'order' is missing; add it"),
    (key("always", "rows", "mark"), f"{AT}.rows.mark is 'always', but allowed are rank_crosses_cut"),
    (key(None, "rows", "bands"), f"{AT}.rows.mark needs bands, or cuts under ranks, to know where a band ends; add "
                                 "them"),
    (key([0], "rows", "ranks", "cuts"), f"{AT}.rows.ranks.cuts must be a whole number from 1 on, but found a number "
                                        "(0)"),
    (key("week", "rows", "period"), f"{AT}.rows.period is 'week', but allowed are year, half_year, quarter, month"),
    (key(13, "rows", "year_starts"), f"{AT}.rows.year_starts must be a month from 1 to 12, and needs period: year"),
    (key("numbers", "cell", "shows"), f"{AT}.cell.shows is 'numbers', but allowed are rating, counts, summary"),
    (key({"shows": "rating"}, "cell"),
     f"{AT}.cell.shows is rating, but there is no rule; add 'rating' with its levels, or 'typical'"),
    (key({"n_sauces": 2}, "cell", "rating", "some"),
     f"{AT}.cell.rating.some: unknown key 'n_sauces'; did you mean 'n_sources'? allowed are "
     f"{', '.join(DECLARED_MEASURES)}"),
    (key({}, "cell", "rating", "some"),
     f"{AT}.cell.rating.some needs nothing, so that no cell could have a level below it; order levels from the highest "
     "to the lowest, or say what it needs"),
    (key({"net": 1}, "cell", "rating", "none"),
     f"{AT}.cell.rating.none is the last level, so it must need nothing: write 'none: {{}}'; otherwise some cells "
     "would have no level"),
    (key({"net": {"at_least": 2, "at_most": 1}}, "cell", "rating", "some"),
     f"{AT}.cell.rating.some.net must say at_least, at_most or both, and at_least must not be above at_most"),
    (key({"net": "two"}, "cell", "rating", "some"), f"{AT}.cell.rating.some.net must be a number, but found text "
                                                    "('two')"),
    (key(["say"], "evidence", "fields"), f"{AT}.evidence.fields: rows or columns show the field 'ties', which is not "
                                         "among them; add it"),
    (key(0, "evidence", "thin_below"), f"{AT}.evidence.thin_below must be a whole number from 1 on, but found a number "
                                       "(0)"),
    (key("no", "evidence", "stances"), f"{AT}.evidence.stances must be true or false, but found text ('no')"),
    (key("some", "looked_for"), f"{AT}.looked_for is 'some', but allowed are documents, all"),
    (key({"of": "group"}, "columns"),
     f"{AT}.evidence.fields is missing; name the codebook fields whose segments count"),
    (key({"of": "attribute", "attributes": ["kind"]}, "columns"),
     f"{AT}: only the columns of predictor_outcome may be of: attribute"),
    (key("time_ordered", "display"), f"{AT} is time_ordered, so that either rows or columns must be of: period"),
    (key("mode", "cell", "typical"), f"{AT}.cell: 'typical' and 'rating' exclude each other; keep one"),
    (key({"typical": "mean"}, "cell"), f"{AT}.cell.typical is 'mean', but allowed are median, mode"),
    (key({"typical": "mode"}, "cell"),
     f"{AT}.cell.typical is the usual code of one field, so that rows or columns must be of: field, or evidence.fields "
     "must name one field"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_in_a_matrix_is_named_by_its_place(tmp_path, codebook, change, message):
    declared = deepcopy(WHOLE)
    change(declared)
    with pytest.raises(StudyError) as caught:
        read(tmp_path, codebook, declared)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("part", "value", "message"),
    [
        ("conditions", {"B!": {"column": "size"}}, "conditions.B!: the name of a set must be letters, digits and '_', "
                                                   "as R's QCA takes it; rename it"),
        ("conditions", {"B": {"column": "kind", "is": ["z"]}}, "conditions.B.is names z, but the codebook's field "
                                                              "'kind' has x, y"),
        ("conditions", {"B": {"column": "kind", "is": ["x"], "at_least": 1}},
         "conditions.B: 'is' and 'at_least' exclude each other; keep one"),
        ("conditions", {}, " needs at least one condition and one outcome, each as a name with its rule, but found 0 "
                           "and 1"),
        ("consistency", 80, "consistency is 80, but is a share: above 0, at most 1"),
        ("least_cases", 0, "least_cases must be a whole number from 1 on, but found a number (0)"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_truth_table_is_named_by_its_place(tmp_path, codebook, part, value, message):
    declared = deepcopy(SETS)
    declared["sets"][part] = value
    with pytest.raises(StudyError) as caught:
        read(tmp_path, codebook, {"table": declared})
    place = "matrices.yml table.sets"
    assert str(caught.value) == place + (message if message.startswith(" ") else f".{message}")


def test_codes_without_an_order_have_no_middle(tmp_path, codebook):
    plain = {"title": "T", "display": "case_ordered", "rows": {"of": "case"},
             "columns": {"of": "field", "field": "ties"}, "cell": {"typical": "median"}}  # fmt: skip
    with pytest.raises(StudyError) as caught:
        read(tmp_path, codebook, {"m": plain})
    assert str(caught.value) == (
        "matrices.yml m.cell.typical is median, but the codes of 'ties' have no order; write mode"
    )


def test_ratings_must_be_those_of_a_matrix_that_rates_cases(tmp_path, codebook):
    counts = {"title": "T", "display": "case_ordered", "rows": {"of": "case"},
              "columns": {"of": "code", "field": "ties"}}  # fmt: skip
    whole: dict[str, Any] = {"counts": counts, "table": deepcopy(SETS)}
    whole["table"]["sets"]["ratings_of"] = "counts"
    with pytest.raises(StudyError) as caught:
        read(tmp_path, codebook, whole)
    assert str(caught.value) == (
        "matrices.yml table.sets.ratings_of is 'counts', which has no ratings of cases; name a matrix with rows of: "
        "case, with ratings, displayed as case_ordered, role_ordered, clustered, time_ordered"
    )
    whole["table"]["sets"]["ratings_of"] = "none"
    with pytest.raises(StudyError, match="ratings_of is 'none', but allowed are counts, table"):
        read(tmp_path, codebook, whole)


def test_the_name_of_a_matrix_becomes_the_name_of_files(tmp_path, codebook):
    with pytest.raises(StudyError) as caught:
        read(tmp_path, codebook, {"../x": WHOLE["ways"]})
    assert str(caught.value) == (
        "matrices.yml ../x: the name becomes the name of files, so it must be small letters, digits and '_'; rename it"
    )


def test_a_matrix_that_stands_twice_is_named_with_its_row(tmp_path, codebook):
    (tmp_path / "matrices.yml").write_text("a: {title: x}\na: {title: y}\n", encoding="utf-8")
    with pytest.raises(StudyError) as caught:
        read_matrices(tmp_path / "matrices.yml", codebook)
    assert str(caught.value) == "matrices.yml row 2: the key 'a' stands twice; remove one of them"
