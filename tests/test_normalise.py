"""A normalised notebook keeps what a run says and loses what differs from run to run."""

import hashlib
import json
import sys
from copy import deepcopy

import nbformat
import pandas as pd
import papermill
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat import v4

from nsi.pipeline.normalise import normalise, normalised_hash, normalised_text

# From a repr, a pandas Styler, a warning of a kernel, uuid.uuid4(), matplotlib's SVG, a path of the machine.
CHANGING = [
    "<object object at 0x7f3c5a1b2c30>",
    "0xDEADBEEF01",
    '<style>#T_1cc86_row0_col0 {}</style><table id="T_1cc86">',
    "/tmp/ipykernel_812/3041.py:1: UserWarning: odd",
    "/var/folders/a+b/T/ipykernel_7/12.py",
    "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed",
    "<dc:date>2024-05-01T10:00:00</dc:date>",
    "/home/me/study/figures/a.svg",
    "/home/me/study2 and /home/me/study.",
    "//home/me/study//home/me/study",
]
ROOTS = {"PROJECT": "/home/me/study", "HOME": "/home/me"}
TEXTS = st.lists(
    st.sampled_from(CHANGING) | st.text(alphabet="ab0x/T_# <>-.:é\n", max_size=8), max_size=6
).map("".join)


def stream(text, name="stdout"):
    return v4.new_output("stream", name=name, text=text)


def shown(text, kind="text/plain"):
    return v4.new_output("display_data", data={kind: text})


def notebook_of(*outputs, source="1", metadata=None):
    return v4.new_notebook(cells=[v4.new_code_cell(source, outputs=list(outputs), metadata=metadata or {})])


def plain(notebook, roots=None):
    return normalise(notebook, notebook="10_agree", roots=roots or {})


def only_output(*outputs, roots=None):
    (found,) = plain(notebook_of(*outputs), roots).cells[0].outputs
    return found


NOTEBOOKS = st.builds(
    notebook_of,
    st.builds(stream, TEXTS, st.sampled_from(["stdout", "stderr"])),
    st.builds(stream, TEXTS, st.sampled_from(["stdout", "stderr"])),
    st.builds(shown, TEXTS, st.sampled_from(["text/plain", "text/html", "image/svg+xml", "image/png"])),
    st.builds(lambda text: v4.new_output("error", ename="E", evalue=text, traceback=[text, text]), TEXTS),
    st.builds(stream, TEXTS, st.sampled_from(["stdout", "stderr"])),
    source=TEXTS,
    metadata=st.fixed_dictionaries({"note": TEXTS, "execution": st.just({"a": "b"})}),
)


@settings(deadline=None)  # a busy machine is no counterexample
@given(NOTEBOOKS)
def test_normalising_twice_changes_nothing_more(notebook):
    once = plain(notebook, ROOTS)
    assert plain(once, ROOTS) == once
    assert normalised_text(once, notebook="10_agree", roots=ROOTS) == normalised_text(
        notebook, notebook="10_agree", roots=ROOTS
    )


@settings(deadline=None)
@given(NOTEBOOKS)
def test_normalising_leaves_the_notebook_as_it_was_and_gives_a_valid_one(notebook):
    before = deepcopy(notebook)
    nbformat.validate(plain(notebook, ROOTS))
    assert notebook == before


@pytest.mark.parametrize(
    ("kind", "said", "kept"),
    [
        ("text/plain", "<object object at 0x7f3c5a1b2c30>", "<object object at <address>>"),
        ("text/plain", "mask 0xff of 10x200000", "mask 0xff of 10x200000"),
        ("text/plain", "id 1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed!", "id <uuid>!"),
        (
            "text/plain",
            "1b9d6bcd-bbfd-1b2d-9b5d-ab8dfbbd4bed",
            "1b9d6bcd-bbfd-1b2d-9b5d-ab8dfbbd4bed",
        ),  # version 1
        ("text/html", '<td id="T_1cc86_row0">', '<td id="T_styler_row0">'),
        ("text/html", "#T_1cc86_row0_col0 {}", "#T_styler_row0_col0 {}"),
        ("text/html", "<td>T_12345</td>", "<td>T_12345</td>"),  # somebody's own code stays
        ("image/svg+xml", "<dc:date>2024-05-01T10:00:00.1</dc:date>", "<dc:date/>"),
        ("image/png", "0x7f3c5a1b2c30AAAA", "0x7f3c5a1b2c30AAAA"),  # letters of a picture, not an address
    ],
)
def test_what_differs_between_runs_becomes_a_fixed_word_and_nothing_else_does(kind, said, kept):
    assert only_output(shown(said, kind)).data[kind] == kept


def test_two_stylers_of_one_frame_say_the_same():
    frame = pd.DataFrame({"n": [1, 2]}, index=["T_12345", "b"])
    first, second = (frame.style.highlight_max().to_html() for _ in range(2))
    assert first != second
    assert only_output(shown(first, "text/html")) == only_output(shown(second, "text/html"))
    assert ">T_12345</th>" in only_output(shown(first, "text/html")).data["text/html"]


@pytest.mark.parametrize(
    "file", ["/tmp/ipykernel_812/3041.py", "/var/folders/a+b/T/ipykernel_7/12.py", r"C:\T\ipykernel_7\12.py"]
)
def test_the_file_that_a_warning_names_is_that_of_any_kernel(file):
    assert (
        only_output(stream(f"{file}:1: UserWarning: odd", "stderr")).text
        == "<kernel>/cell.py:1: UserWarning: odd"
    )


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("/home/me/study/figures/a.svg", "<PROJECT>/figures/a.svg"),
        ("'/home/me/study', /home/me/study.", "'<PROJECT>', <PROJECT>."),
        ("/home/me/data.csv", "<HOME>/data.csv"),
        (
            "/home/me/study2 /mnt/home/me/study /home/me/study.old",
            "<HOME>/study2 /mnt/home/me/study <HOME>/study.old",
        ),
    ],
)
def test_the_longest_root_becomes_its_name_and_longer_names_are_no_roots(said, kept):
    assert only_output(stream(said), roots=ROOTS).text == kept


def test_roots_are_replaced_in_handed_in_parameters_and_in_tracebacks_too():
    failed = v4.new_output(
        "error", ename="E", evalue="no /home/me/study/a", traceback=["at /home/me/study/a"]
    )
    notebook = notebook_of(failed, source='folder = "/home/me/study/x"')
    notebook.metadata.papermill = {"parameters": {"folder": "/home/me/study/x"}, "start_time": "2024"}
    normal = plain(notebook, ROOTS)
    assert normal.cells[0].source == 'folder = "<PROJECT>/x"'
    assert normal.cells[0].outputs[0].traceback == ["at <PROJECT>/a"]
    assert normal.metadata == {"papermill": {"parameters": {"folder": "<PROJECT>/x"}}}


def test_the_root_of_the_disk_is_no_root():
    assert only_output(stream("/a/b"), roots={"DISK": "/"}).text == "/a/b"


def test_a_root_is_known_by_its_resolved_name_too(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    said = f"{tmp_path / 'link'}/a {(tmp_path / 'real').resolve()}/b"
    assert only_output(stream(said), roots={"OUT": tmp_path / "link"}).text == "<OUT>/a <OUT>/b"


def test_an_address_in_a_source_is_the_authors_and_stays():
    assert plain(notebook_of(source="mask = 0x7f3c5a1b")).cells[0].source == "mask = 0x7f3c5a1b"


def test_times_paths_and_versions_of_the_run_are_dropped():
    times = {"start_time": "1", "end_time": "2", "duration": 3.0}
    notebook = notebook_of(
        metadata={
            "execution": {"iopub.execute_input": "2024-05-01"},
            "papermill": {**times, "exception": False, "status": "completed"},
            "tags": ["parameters"],
        }
    )
    notebook.metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python", "version": "3.11.7"},
        "papermill": {
            **times,
            "input_path": "/a",
            "output_path": "/b",
            "version": "2.7.0",
            "parameters": {"n": 1},
        },
    }
    normal = plain(notebook)
    assert normal.cells[0].metadata == {
        "papermill": {"exception": False, "status": "completed"},
        "tags": ["parameters"],
    }
    assert normal.metadata == {"language_info": {"name": "python"}, "papermill": {"parameters": {"n": 1}}}


def test_a_cells_id_is_made_of_the_notebooks_name_and_the_cells_place():
    cells = [v4.new_markdown_cell("a"), v4.new_markdown_cell("a")]
    normal = plain(v4.new_notebook(cells=cells))
    assert [cell.id for cell in normal.cells] == [
        hashlib.sha1(f"10_agree:{place}".encode()).hexdigest() for place in (0, 1)
    ]


def test_how_a_stream_is_cut_does_not_matter_but_where_a_result_stands_does():
    whole = notebook_of(stream("ab"), stream("c", "stderr"), shown("x"), stream("d"))
    cut = notebook_of(stream("a"), stream("c", "stderr"), stream(""), stream("b"), shown("x"), stream("d"))
    moved = notebook_of(stream("abd"), stream("c", "stderr"), shown("x"))
    assert plain(whole) == plain(cut)
    assert plain(whole) != plain(moved)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(notebook_of(shown("alpha 0.71"), source="2"), id="source"),
        pytest.param(notebook_of(shown("alpha 0.72")), id="output"),
        pytest.param(notebook_of(stream("alpha 0.71")), id="kind-of-output"),
        pytest.param(notebook_of(shown("alpha 0.71"), metadata={"tags": ["a"]}), id="tags"),
    ],
)
def test_what_a_notebook_says_changes_its_hash(changed):
    first = notebook_of(shown("alpha 0.71"))
    assert normalised_hash(first, notebook="a") != normalised_hash(changed, notebook="a")


def test_the_hash_is_that_of_the_written_file(tmp_path):
    notebook = notebook_of(shown("é 0x7f3c5a1b2c30"))
    file = tmp_path / "a.ipynb"
    file.write_text(normalised_text(notebook, notebook="a"), encoding="utf-8", newline="\n")
    assert hashlib.sha256(file.read_bytes()).hexdigest() == normalised_hash(notebook, notebook="a")
    assert plain(nbformat.read(file, as_version=4)) == plain(notebook)


def test_keys_are_in_order():
    assert list(plain(notebook_of(shown("x"))).cells[0]) == sorted(plain(notebook_of(shown("x"))).cells[0])


RUN_TWICE = [
    "import os, sys, uuid, warnings",
    "case = 'a'",
    "print(object(), case, os.getcwd())\nprint('beside', file=sys.stderr)\nwarnings.warn('odd')",
    "print(uuid.uuid4())\n[object(), {case: 1}]",
    "for line in range(200):\n    print(line, flush=True)",
]


def executed(folder, kernel):
    """Execute the same notebook in a folder of its own, by papermill, as `make all` does."""
    folder.mkdir()
    notebook = v4.new_notebook(cells=[v4.new_code_cell(source) for source in RUN_TWICE])
    notebook.cells[1].metadata.tags = ["parameters"]
    notebook.metadata.kernelspec = {"name": kernel, "display_name": kernel, "language": "python"}
    nbformat.write(notebook, folder / "source.ipynb")
    papermill.execute_notebook(
        str(folder / "source.ipynb"),
        str(folder / "ran.ipynb"),
        {"case": "b"},
        cwd=str(folder),
        progress_bar=False,
    )
    return folder / "ran.ipynb"


@pytest.mark.filterwarnings("default")  # papermill and the kernel client warn of their own affairs
def test_two_real_runs_differ_in_bytes_and_not_in_what_they_say(tmp_path, monkeypatch):
    spec = tmp_path / "jupyter" / "kernels" / "this_python"
    spec.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (spec / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "x", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    files = [executed(tmp_path / name, "this_python") for name in ("first", "second")]
    assert files[0].read_bytes() != files[1].read_bytes()
    first, second = (
        normalised_text(nbformat.read(file, as_version=4), notebook="05_twice", roots={"RUN": file.parent})
        for file in files
    )
    assert first == second
    for said in ("<address>", "<kernel>/cell.py", "<uuid>", "<RUN>", 'case = \\"b\\"'):
        assert said in first
