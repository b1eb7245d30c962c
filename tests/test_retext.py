"""Where only words changed, old outputs stand under the new text, and never under other code."""

import re
from copy import deepcopy

import pytest
from nbformat import v4

from nsi.pipeline.retext import with_new_text


def code(source, *outputs, count=None, **metadata):
    return v4.new_code_cell(source, outputs=list(outputs), execution_count=count, metadata=metadata)


def said(text):
    return v4.new_output("stream", name="stdout", text=text)


def source_of(*cells):
    return v4.new_notebook(cells=list(cells))


def ran():
    cells = [
        v4.new_markdown_cell("# Old title"),
        code("n: int = 1  # how many", count=1, tags=["parameters"], execution={"t": "1"}),
        code("# Parameters\nn = 2\n", count=2, tags=["injected-parameters"]),
        code("print(n)", said("2"), count=3),
        code("n", v4.new_output("execute_result", data={"text/plain": "2"}, execution_count=4), count=4),
    ]
    return v4.new_notebook(cells=cells, metadata={"papermill": {"parameters": {"n": 2}}, "note": "old"})


def new_source():
    return source_of(
        v4.new_markdown_cell("# New title"),
        v4.new_markdown_cell("One more cell of words."),
        code("n: int = 1  # how many draws", tags=["parameters"]),
        code("# said aloud\nprint( n )"),
        v4.new_markdown_cell("And words between."),
        code("n", tags=["shown"]),
    )


def test_new_words_take_the_old_outputs():
    merged = with_new_text(ran(), new_source())
    assert [cell.source for cell in merged.cells] == [
        "# New title",
        "One more cell of words.",
        "n: int = 1  # how many draws",
        "# Parameters\nn = 2\n",
        "# said aloud\nprint( n )",
        "And words between.",
        "n",
    ]
    assert [cell.execution_count for cell in merged.cells if cell.cell_type == "code"] == [1, 2, 3, 4]
    assert merged.cells[4].outputs == [said("2")]
    assert merged.cells[6].outputs[0].data == {"text/plain": "2"}
    assert merged.cells[6].metadata.tags == ["shown"]
    assert merged.cells[2].metadata == {"tags": ["parameters"], "execution": {"t": "1"}}
    assert merged.metadata == {"papermill": {"parameters": {"n": 2}}}


def test_an_unchanged_source_gives_back_the_executed_notebook():
    executed = ran()
    source = deepcopy(executed)
    del source.cells[2]
    for cell in source.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    assert with_new_text(executed, source) == executed


def test_without_a_parameters_cell_handed_in_parameters_stand_first():
    executed = source_of(code("n = 2", count=1, tags=["injected-parameters"]), code("n + 1", count=2))
    merged = with_new_text(executed, source_of(v4.new_markdown_cell("# A"), code("n + 1")))
    assert [cell.source for cell in merged.cells] == ["n = 2", "# A", "n + 1"]


def test_neither_notebook_is_changed_nor_shared():
    executed, source = ran(), new_source()
    before = deepcopy((executed, source))
    merged = with_new_text(executed, source)
    merged.cells[4].outputs[0].text = "changed"
    merged.metadata.papermill.parameters.n = 3
    assert (executed, source) == before


def test_another_number_of_code_cells_is_refused():
    source = new_source()
    source.cells.append(code("n + 1"))
    with pytest.raises(
        ValueError, match="the executed notebook has 3 code cells and its source 4; run it again"
    ):
        with_new_text(ran(), source)


@pytest.mark.parametrize("changed", ["print(n, n)", "%time print(n)", "print(n", "PRINT(n)"])
def test_outputs_never_stand_under_code_that_did_not_make_them(changed):
    source = new_source()
    source.cells[3].source = changed
    with pytest.raises(
        ValueError, match=re.escape("code cell 2 is not the code that ran; run the notebook again")
    ):
        with_new_text(ran(), source)


def test_a_cell_that_is_not_plain_python_is_compared_as_text():
    executed = source_of(code("%time f()", said("1"), count=1))
    assert with_new_text(executed, source_of(code("%time f()"))).cells[0].outputs == [said("1")]
