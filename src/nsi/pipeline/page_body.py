"""The cells of an executed notebook as one piece of HTML, by nbconvert, with our own plain template."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from copy import copy
from functools import cache
from typing import Any

from nbconvert.exporters import HTMLExporter, TemplateExporter
from nbconvert.filters import Highlight2HTML
from nbformat import NotebookNode
from traitlets.config import Config

from nsi.errors import StudyError
from nsi.pipeline.page_clean import allowed_html, parsed

PAPERMILL_MARK = "papermill-error-cell-tag"  # its notes in a failed notebook; the page has its own
INJECTED = "injected-parameters"
# No javascript, widget or mermaid: an output that has nothing else is named, not run.
SHOWN_TYPES = ["text/html", "text/markdown", "image/png", "image/jpeg", "image/svg+xml", "text/latex", "text/plain"]
TEMPLATE = """
{%- macro picture(output, type, data) -%}
<img src="data:{{ type }};base64,{{ data | e }}" alt="{{ output | alt_text(type) | e }}"{{ output | width(type) }}>
{%- endmacro -%}
{%- macro shown(output, type) -%}
{%- if type == "image/svg+xml" -%}{{ picture(output, type, output.data[type] | text_base64) }}
{%- elif type.startswith("image/") -%}{{ picture(output, type, output.data[type] | base64_only) }}
{%- elif type == "text/latex" -%}<pre class="latex">{{ output.data[type] | e }}</pre>
{%- else -%}<pre>{{ output.data[type] | ansi2html }}</pre>
{%- endif -%}
{%- endmacro -%}
{%- for cell in nb.cells %}
<section class="cell {{ cell.cell_type | e }}" id="cell-{{ resources.numbers[loop.index0] }}">
{%- if resources.numbers[loop.index0] is number %}
<a class="number" href="#cell-{{ resources.numbers[loop.index0] }}" title="link to this cell">
{{- resources.numbers[loop.index0] }}</a>
{%- endif %}
{%- block cell_content scoped %}
{%- if cell.cell_type == "markdown" %}
<div class="prose">{{ cell.source | markdown2html | allowed_html }}</div>
{%- elif cell.cell_type == "code" %}
{%- if cell.source.strip() %}
<details class="code"{% if cell | failed %} open=""{% endif %}><summary>{{ cell | code_label | e }}</summary>
{{ cell.source | highlight_code }}</details>
{%- endif %}
{%- for output in cell.outputs %}
{%- if output.output_type == "stream" %}
<div class="output stream {{ output.name | e }}"><pre>{{ output.text | ansi2html }}</pre></div>
{%- elif output.output_type == "error" %}
<div class="output error"><pre>{{ output | error_text | ansi2html }}</pre></div>
{%- else %}
{%- for type in output.data | shown_type %}
{%- if type == "text/html" %}
<div class="output rich" tabindex="0">{{ output.data[type] | allowed_html }}</div>
{%- elif type == "text/markdown" %}
<div class="output rich prose">{{ output.data[type] | markdown2html | allowed_html }}</div>
{%- else %}
<div class="output {{ type.split("/")[0] }}">{{ shown(output, type) }}</div>
{%- endif %}
{%- else %}
<div class="output note">Not shown: an output of type {{ output.data | sort | join(", ") | e }}.</div>
{%- endfor %}
{%- endif %}
{%- endfor %}
{%- else %}
<div class="output"><pre>{{ cell.source | e }}</pre></div>
{%- endif %}
{%- endblock %}
</section>
{%- endfor %}
"""


def body_html(executed: NotebookNode, run: str) -> str:
    """Render each cell of an executed notebook as ``<section id="cell-N">``, N being one of `cell_numbers`.

    Parameters
    ----------
    executed : NotebookNode
        As it came from the kernel; it is not changed.
    run : str
        Name of the run, for the error.

    Returns
    -------
    str
        HTML without a script; text from the data is escaped or cleaned.

    Raises
    ------
    StudyError
        If a run that did not fail shows a picture without alt text.
    """
    view = copy(executed)  # a new notebook of the same cells; nbconvert itself works on a deep copy
    view.cells = story_cells(executed)
    view.metadata = copy(executed.metadata)
    view.metadata.clear()
    view.metadata.language_info = {"name": "python", "pygments_lexer": "ipython3"}
    body, _ = _exporter().from_notebook_node(view, resources={"numbers": cell_numbers(view.cells)})
    if first_error(executed) is None:  # a failed run must still get its page
        _refuse_mute_pictures(body, run)
    return str(body)


class _PlainExporter(HTMLExporter):
    """Leaves out a second parsing of the whole page, for class names that only nbconvert's own templates have."""

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: Any = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        lexer = nb.metadata.language_info["pygments_lexer"]
        colours = Highlight2HTML(pygments_lexer=lexer, parent=self)
        self.register_filter("highlight_code", colours)  # type: ignore[no-untyped-call]
        return TemplateExporter.from_notebook_node(self, nb, resources, **kw)


@cache
def _exporter() -> _PlainExporter:
    """One for all pages: its template is compiled once."""
    exporter = _PlainExporter(  # type: ignore[no-untyped-call]
        config=Config({"NbConvertBase": {"display_data_priority": SHOWN_TYPES}}),
        template_name="base",
        raw_template=TEMPLATE,
        sanitize_html=True,
        exclude_anchor_links=True,
    )
    for name, function in FILTERS.items():
        exporter.register_filter(name, function)  # type: ignore[no-untyped-call]
    return exporter


def story_cells(executed: NotebookNode) -> list[NotebookNode]:
    """Give the cells in order, without the notes that papermill adds to a failed notebook."""
    return [cell for cell in executed.cells if PAPERMILL_MARK not in _tags(cell)]


def cell_numbers(cells: Sequence[NotebookNode]) -> list[int | str]:
    """Number cells as in the source notebook, from 1; handed-in parameters, in no source, have a name."""
    numbers: list[int | str] = []
    count = 0
    for cell in cells:
        handed_in = INJECTED in _tags(cell)
        count += not handed_in
        numbers.append("parameters" if handed_in else count)
    return numbers


def first_error(executed: NotebookNode) -> tuple[int | str, str] | None:
    """Find where a run failed.

    Returns
    -------
    tuple or None
        Number of the cell (`cell_numbers`) and ``"Name: message"``. None if nothing failed.
    """
    cells = story_cells(executed)
    for number, cell in zip(cell_numbers(cells), cells, strict=True):
        for output in _errors(cell):
            return number, f"{output.get('ename', 'Error')}: {output.get('evalue', '')}".strip(": ")
    return None


def _tags(cell: NotebookNode) -> list[str]:
    tags = cell.metadata.get("tags", [])
    return [str(tag) for tag in tags] if isinstance(tags, list) else []


def _errors(cell: NotebookNode) -> Iterator[NotebookNode]:
    return (output for output in cell.get("outputs", []) if output.output_type == "error")


def _failed(cell: NotebookNode) -> bool:
    return any(True for _ in _errors(cell))


def _code_label(cell: NotebookNode) -> str:
    return "code: the parameters of this run" if INJECTED in _tags(cell) else "code"


def _error_text(output: NotebookNode) -> str:
    lines = output.get("traceback") or [f"{output.get('ename', '')}: {output.get('evalue', '')}"]
    return "\n".join(str(line) for line in lines)


def _shown_type(data: NotebookNode) -> list[str]:
    return next(([kind] for kind in SHOWN_TYPES if kind in data), [])


def _alt_text(output: NotebookNode, kind: str) -> str:
    # Where IPython.display.Image(alt=...) puts it, or one level up.
    metadata = output.get("metadata", {})
    own = metadata.get(kind)
    words = own.get("alt") if isinstance(own, dict) else None
    return str(words or metadata.get("alt") or "").strip()


def _width(output: NotebookNode, kind: str) -> str:
    # Where IPython.display.Image(width=...) puts it; anything but a plain number is left out.
    own = output.get("metadata", {}).get(kind)
    width = own.get("width") if isinstance(own, dict) else None
    return f' width="{width}"' if type(width) is int and width > 0 else ""


def _base64_only(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9+/=]", "", text)


FILTERS = {
    "allowed_html": allowed_html,
    "alt_text": _alt_text,
    "base64_only": _base64_only,
    "code_label": _code_label,
    "error_text": _error_text,
    "failed": _failed,
    "width": _width,
    "shown_type": _shown_type,
}


def _refuse_mute_pictures(body: str, run: str) -> None:
    mute = []
    for picture in parsed(body).iter("img"):
        if not picture.get("alt", "").strip():
            cell = next(picture.iterancestors("section"))
            mute.append(cell.get("id").removeprefix("cell-"))
    if mute:
        raise StudyError(
            f"run {run}, cell {', '.join(dict.fromkeys(mute))}: a picture has no alt text, so who cannot see it"
            " reads nothing; say in one sentence what it shows, as alt=... where the picture is made"
        )
