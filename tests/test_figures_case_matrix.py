"""The case matrix prints a share, a median or "not rated" for every case and field."""

import pandas as pd
import pytest
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.case_matrix import HATCH, case_matrix
from nsi.figures.legibility import legibility_problems
from nsi.figures.rendering import stamp

CASES = {"n1": "Case one", "n2": "Case two"}
FIELDS = {"aim": {"a": "Planning", "b": "Learning"}, "depth": {"1": "1", "2": "2", "3": "3"}}
MATRIX = pd.DataFrame(
    [
        ("n1", "aim", "a", "share", 0.75, 40),
        ("n1", "aim", "b", "share", 0.25, 40),
        ("n2", "aim", "b", "share", 1.0, 12),  # code a did not occur: share 0
        ("n1", "depth", "1", "share", 0.004, 40),
        ("n1", "depth", "2", "share", 0.5, 40),
        ("n1", "depth", "3", "share", 0.496, 40),
        ("n1", "depth", None, "median", 2.5, 40),
    ],
    columns=["case", "field", "code", "statistic", "value", "n"],
)


def draw(matrix=MATRIX, cases=CASES, fields=FIELDS, **changes):
    settings = {
        "case_order": list(cases),
        "case_labels": cases,
        "field_codes": fields,
        "field_labels": {name: name.title() for name in fields},
        "title": "They differ",
        "note": "Year one",
    }
    return case_matrix(matrix, **(settings | changes))


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def hatched(figure):
    return [patch for patch in figure.findobj(Rectangle) if patch.get_hatch() == HATCH]


def test_shares_are_printed_in_per_cent_and_medians_beside_them():
    found = texts(draw())
    assert {"75", "25", "100", "0", "<1", "50", "2.5", "median", "40", "12"} <= set(found)


def test_a_case_that_was_not_rated_is_hatched_and_explained_never_blank():
    figure = draw()
    assert len(hatched(figure)) == 4  # one median and three codes of depth for the second case
    note = next(text for text in texts(figure) if text.startswith("Year one"))
    assert note == (
        "Year one. Numbers in shaded cells: % of the case’s units. Outlined: median. "
        "Hatched: not rated. n: units rated."
    )


def test_n_of_zero_is_the_same_as_no_row():
    explicit = pd.concat(
        [MATRIX, pd.DataFrame([("n2", "depth", "1", "share", None, 0)], columns=MATRIX.columns)]
    )
    assert texts(draw(explicit)) == texts(draw())


def test_n_moves_into_the_fields_where_it_differs():
    other = MATRIX.assign(n=MATRIX["n"].where(MATRIX["field"] == "aim", 38))
    assert texts(draw()).count("n") == 1
    assert texts(draw(other)).count("n") == 2
    assert "38" in texts(draw(other))


def test_in_brief_a_field_takes_one_column_with_the_code_named():
    brief = texts(draw(detail=False))
    assert {"75", "0", "2.5"} <= set(brief)  # most units over both cases have code a: 30 of 52
    assert any("Planning" in text and text.endswith("%") for text in brief)
    led = texts(draw(detail=False, lead={"aim": "b"}))
    assert {"25", "100"} <= set(led)


def many(cases, fields, codes, *, same_n):
    names = {
        f"f{i}": {str(c): str(c) if i % 2 else f"Code Nr. {c} mit Umlaut ü" for c in range(codes)}
        for i in range(fields)
    }
    rows: list[tuple[object, ...]] = []
    for k in range(cases):
        for i, name in enumerate(names):
            if (k + i) % 7 == 6:
                continue
            n = 1000 if same_n else 1000 + 37 * i
            rows += [(f"n{k}", name, code, "share", 1 / codes, n) for code in names[name]]
            rows += [(f"n{k}", name, None, "median", 2.0, n)] if i % 2 else []
    return (
        pd.DataFrame(rows, columns=MATRIX.columns),
        {f"n{k}": f"Case Nr. {k} of many" for k in range(cases)},
        names,
    )


@pytest.mark.parametrize(("detail", "same_n"), [(True, False), (False, True), (False, False)])
@pytest.mark.parametrize(("cases", "fields", "codes"), [(2, 2, 5), (6, 19, 5), (11, 19, 3)])
def test_everything_can_be_read_from_small_to_large(cases, fields, codes, same_n, detail):
    matrix, labels, names = many(cases, fields, codes, same_n=same_n)
    headings = {name: f"Connecting Mathematical Representations {name}" for name in names}
    figure = draw(matrix, labels, names, field_labels=headings, detail=detail)
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []


def test_a_matrix_that_would_not_fit_on_a_page_is_drawn_in_brief():
    matrix, labels, names = many(11, 19, 5, same_n=True)
    height = draw(matrix, labels, names).get_size_inches()[1] * 25.4
    assert height < 150
    assert draw(matrix, labels, names, detail=True).get_size_inches()[1] * 25.4 > 235


def changed(row, column, value):
    matrix = MATRIX.astype("object")
    matrix.loc[row, column] = value
    return matrix


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (MATRIX.drop(columns="n"), "case matrix lacks column n; found: case, field, code, statistic, value"),
        (MATRIX[:0], "case matrix has no rows"),
        (changed(0, "case", "n9"), "case matrix row 1: case is 'n9', allowed are n1, n2; correct the value"),
        (changed(0, "field", "tone"), "case matrix row 1: field is 'tone', allowed are aim, depth"),
        (
            changed(1, "statistic", "mean"),
            "case matrix row 2: statistic is 'mean', allowed are share, median",
        ),
        (changed(0, "code", "z"), "case 'n1', field 'aim': code is 'z', allowed are a, b; correct the code"),
        (changed(0, "n", -1), "case matrix row 1: n is -1, but a count is a whole number from 0 up"),
        (changed(0, "n", 41), "n of case 'n1' on field 'aim' is both 41 and 40; give every row"),
        (
            changed(0, "value", 75),
            "the share of code 'a' is 75, allowed are 0 to 1; give shares as parts of 1",
        ),
        (
            changed(6, "value", None),
            "the median of case 'n1' on field 'depth' is missing although n is above 0",
        ),
        (
            MATRIX.drop(index=0),
            "case 'n1', field 'aim': no share for code 'a', and the others sum to 0.25, not 1",
        ),
        (
            pd.concat([MATRIX, MATRIX[:1]]),
            "case 'n1', field 'aim': the share of code 'a' stands twice; keep one",
        ),
    ],
)
def test_matrices_that_cannot_be_drawn_are_refused_by_name(matrix, message):
    with pytest.raises(StudyError, match=message):
        draw(matrix)


def test_unknown_lead_codes_and_fields_are_refused():
    with pytest.raises(StudyError, match="lead code 'z' of field 'aim' is unknown, allowed are a, b"):
        draw(detail=False, lead={"aim": "z"})
    with pytest.raises(StudyError, match="lead row 1: field is 'tone', allowed are aim, depth"):
        draw(detail=False, lead={"tone": "z"})
