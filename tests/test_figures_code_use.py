"""The figure of code use: a panel per code, a mark per coder, a ring around what was called out."""

from typing import Any

import pandas as pd
import pytest
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.code_use import code_use
from nsi.figures.legibility import legibility_problems
from nsi.figures.rendering import stamp


def table(n_batches=4, n_coders=2, n_codes=3) -> Any:
    rows = [
        (f"{batch}", f"coder {c}", f"c{k}", 900 + batch, ((batch * 7 + c * 3 + k * 5) % 11) / 11, (batch + k) % 5 == 0)
        for batch in range(n_batches)
        for c in range(n_coders)
        for k in range(n_codes)
    ]
    return pd.DataFrame(rows, columns=["batch", "coder", "code", "n_ratings", "share", "significant"])


def draw(given=None, **changed):
    given = table() if given is None else given
    codes = sorted(set(given["code"]))
    labels = {code: f"Code {code}" for code in codes}
    how: dict[str, Any] = {"codes": codes, "labels": labels, "title": "Coders", "note": "n"}
    return code_use(given, **(how | changed))


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def rings(figure):
    return [line for line in figure.findobj(lambda a: getattr(a, "get_markersize", lambda: 0)() == 9.0)]


def test_every_code_has_a_panel_and_every_mark_its_number_of_ratings():
    found = texts(draw(batch_title="Round"))
    assert {"Code c0", "Code c1", "Code c2", "Round", "coder 0, ratings", "coder 1, ratings"} <= set(found)
    assert found.count("900") == 2
    gone = table()[lambda t: (t["batch"] != "3") | (t["coder"] != "coder 1")]
    assert texts(draw(gone)).count("–") == 1


def test_only_what_was_called_out_is_ringed():
    legend = 1
    assert len(rings(draw())) == legend + int(table()["significant"].sum())
    assert len(rings(draw(table().assign(significant=False)))) == legend


def test_marks_stand_at_the_shares():
    figure = draw(table(1, 1, 1).assign(share=0.25))
    drawn = [line for axes in figure.axes for line in axes.lines if list(line.get_ydata()) == [0.25]]
    assert drawn


@pytest.mark.parametrize(
    ("size", "labels"),
    [((1, 1, 1), "One"), ((4, 2, 4), "A name of a code"), ((12, 5, 9), "Außergewöhnlich langer Name eines Codes"),
     ((24, 5, 2), "Kurz")],
)  # fmt: skip
def test_everything_can_be_read(size, labels):
    given = table(*size)
    given["batch"] = "2030-" + given["batch"].str.zfill(2)
    given["coder"] = "Anna-Katharina " + given["coder"]
    figure = draw(given, labels={code: f"{labels} {code}" for code in set(given["code"])})
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []


@pytest.mark.parametrize(
    ("given", "changed", "told"),
    [
        (table().drop(columns="significant"), {}, "table of code use lacks column significant"),
        (table()[:0], {"codes": ["c0"], "labels": {"c0": "x"}}, "table of code use has no rows"),
        (table(), {"codes": ["c0"], "labels": {"c0": "x"}}, "table of code use row 2: code is 'c1', allowed are c0"),
        (table(), {"labels": {}}, "codes of the table of code use: no label for c0, c1, c2"),
        (table(), {"coders": ["nobody"]}, "coder 'nobody' is not in the table of code use; found coder 0, coder 1"),
        (table(n_coders=6), {}, "6 coders asked for, 5 can be told apart; choose some"),
        (pd.concat([table(), table()[:1]]), {}, "batch '0', coder 'coder 0', code 'c0' stands twice"),
        (table().assign(share=40), {}, "table of code use row 0: share is 40, but lies from 0 to 1"),
        (table(25), {}, "25 batches cannot be told apart, 24 can"),
    ],
)
def test_tables_that_cannot_be_drawn_are_refused(given, changed, told):
    with pytest.raises(StudyError, match=told):
        draw(given, **changed)


def test_some_of_many_coders_can_be_chosen():
    assert "coder 5, ratings" in texts(draw(table(n_coders=6), coders=["coder 5", "coder 0"]))
