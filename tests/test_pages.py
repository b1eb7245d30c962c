"""Pages of executed notebooks: readable offline, and nothing in them acts, whatever the data say."""

import base64
import re
from collections.abc import Callable
from copy import deepcopy
from html.parser import HTMLParser

import pandas as pd
import pytest
from nbformat import NotebookNode, v4

from nsi.errors import StudyError
from nsi.pipeline.page_clean import allowed_html
from nsi.pipeline.pages import PageEntry, notebook_title, render_index, render_page, story_group

POINT = (  # one grey pixel
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)
PAYLOADS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT >",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href="jav&#x09;ascript:alert(1)">x</a>',
    '<a href=" &#14; JaVaScRiPt&colon;alert(1)">x</a>',
    '<a href="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==">x</a>',
    '<a href="vbscript:msgbox(1)">x</a>',
    '<iframe src="javascript:alert(1)"></iframe>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<object data="data:text/html;base64,PHNjcmlwdD4="></object><embed src="x.swf">',
    '<form action="javascript:alert(1)"><button formaction="javascript:alert(1)">go</button></form>',
    '<base href="https://evil.example/"><link rel="stylesheet" href="//evil.example/x.css">',
    '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)' x='",
    "</pre></details></style></title></script><script>alert(1)</script>",
    "<style>@import url(https://evil.example/x.css); td {background: url(javascript:alert(1))}</style>",
    '<div style="background: url(javascript:alert(1)); position: fixed">x</div>',
    "<details open ontoggle=alert(1)>x</details>",
    "<input autofocus onfocus=alert(1)><video><source onerror=alert(1)></video>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
    '<svg></p><style><a id="</style><img src=x onerror=alert(1)>">',
    "<!--><img src=x onerror=alert(1)>--><![CDATA[><script>alert(1)</script>]]>",
    "[x](javascript:alert(1)) ![x](javascript:alert(1)) ![x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x]: javascript:alert(1)\n[x] <javascript:alert(1)>",
    "$<img src=x onerror=alert(1)>$ and $$<script>alert(1)</script>$$",
    "```html\n<script>alert(1)</script>\n```\n`<img src=x onerror=alert(1)>`",
    "\x1b[31m<script>alert(1)</script>\x1b[38;2;1;2;3m<img src=x onerror=alert(1)>",
    "<template><script>alert(1)</script></template><xmp><img src=x onerror=alert(1)></xmp>",
]
FORBIDDEN = {
    "script",
    "template",
    "noscript",
    "noembed",
    "xmp",
    "svg",
    "math",
    "base",
    "link",
    "applet",
    "portal",
}
FORBIDDEN |= {"iframe", "frame", "frameset", "object", "embed", "video", "audio", "source", "marquee"}
FORBIDDEN |= {"form", "button", "input", "select", "textarea"}
PLAIN_STYLE = re.compile(r"(text-align:(left|right|center);?|(background-)?color:rgb\([\d,]+\);?)+")
ADDRESSES = {
    "href",
    "src",
    "action",
    "formaction",
    "data",
    "xlink:href",
    "poster",
    "background",
    "srcdoc",
    "srcset",
}


class Actors(HTMLParser):
    """Lists everything in a page that could run, load or send."""

    def __init__(self):
        super().__init__()
        self.found = []
        self.policies = 0

    def handle_starttag(self, tag, attrs):
        if tag in FORBIDDEN:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            self._attribute(tag, name, re.sub(r"[\x00-\x20]", "", value or "").lower())

    def _attribute(self, tag, name, value):
        if name.startswith("on"):
            self.found.append(f"{tag} {name}")
        if name == "style" and not PLAIN_STYLE.fullmatch(value):
            self.found.append(f"{tag} style {value}")
        if name == "http-equiv":
            self.policies += value == "content-security-policy"
            if value != "content-security-policy":
                self.found.append(f"{tag} {name} {value}")
        if name in ADDRESSES:
            embedded = tag == "img" and re.fullmatch(r"data:image/(png|svg\+xml);base64,[a-z0-9+/=]+", value)
            relative_or_web = tag == "a" and re.match(r"(https?://|mailto:|#|[\w.-]+(/|$|#))", value)
            if not embedded and not relative_or_web:
                self.found.append(f"{tag} {name} {value}")


def actors(page):
    parser = Actors()
    parser.feed(page)
    parser.close()
    assert parser.policies == 1
    return parser.found


def page_of(*cells, title="10 A question", **changes):
    notebook = changes.pop("executed", None) or v4.new_notebook(cells=list(cells))
    told = {
        "title": title,
        "run": "10_question[field=use]",
        "parameters": {"field": "use"},
        "group": "Reliability",
        "previous": ("03 Ratings", "03.html"),
        "next": ("11 Scales", "11.html"),
        "outputs": {},
        "notebook": "10_question.ipynb",
        "synthetic": True,
    }
    return render_page(notebook, **{**told, **changes})


def output(data, metadata=None):
    return v4.new_output("display_data", data=data, metadata=metadata or {})


def code(*outputs, source="1 + 1", **metadata):
    return v4.new_code_cell(source, outputs=list(outputs), metadata=metadata)


def attached(payload):
    cell = v4.new_markdown_cell("![x](attachment:a.png)\n\n![y](attachment:b.png)")
    encoded = base64.b64encode(payload.encode()).decode()
    cell["attachments"] = {"a.png": {"text/html": encoded}, "b.png": {'image/png"onerror="alert(1)': encoded}}
    return cell


def styled(payload):
    frame = pd.DataFrame({payload: [payload]}, index=[payload])
    return code(output({"text/html": frame.style.set_caption(payload).to_html()}))


def picture(alt, **metadata):
    return code(
        output({"image/png": POINT, "text/plain": "<Figure>"}, {"image/png": {"alt": alt}, **metadata})
    )


def failed(ename="KeyError", evalue="'x'", traceback=("Traceback", "KeyError: 'x'"), source="frame['x']"):
    return code(v4.new_output("error", ename=ename, evalue=evalue, traceback=list(traceback)), source=source)


CELLS: dict[str, Callable[[str], NotebookNode]] = {
    "markdown cell": v4.new_markdown_cell,
    "markdown heading": lambda text: v4.new_markdown_cell(f"## {text}"),
    "markdown table": lambda text: v4.new_markdown_cell(f"|a|b|\n|-|-:|\n|{text}|1|"),
    "markdown attachment": attached,
    "raw cell": lambda text: v4.new_raw_cell(text, metadata={"raw_mimetype": "text/html"}),
    "code": lambda text: code(source=text),
    "stdout": lambda text: code(v4.new_output("stream", name="stdout", text=text)),
    "stderr": lambda text: code(v4.new_output("stream", name="stderr", text=text)),
    "plain output": lambda text: code(output({"text/plain": text})),
    "markdown output": lambda text: code(output({"text/markdown": text})),
    "html output": lambda text: code(output({"text/html": text})),
    "html output in its own frame": lambda text: code(
        output({"text/html": text}, {"text/html": {"isolated": True}})
    ),
    "frame, escaped": lambda text: code(output({"text/html": pd.DataFrame({text: [text]}).to_html()})),
    "frame, unescaped": lambda text: code(
        output({"text/html": pd.DataFrame({text: [text]}).to_html(escape=False)})
    ),
    "styler": styled,
    "latex": lambda text: code(output({"text/latex": text})),
    "svg": lambda text: code(
        output({"image/svg+xml": f"<svg>{text}</svg>"}, {"image/svg+xml": {"alt": "a"}})
    ),
    "png that is none": lambda text: code(
        output({"image/png": text}, {"image/png": {"alt": "a"}}), failed().outputs[0]
    ),
    "alt text": lambda text: picture(f"{text} a"),
    "picture size": lambda text: picture("a", width=text, height=text, filenames={"image/png": text}),
    "javascript": lambda text: code(output({"application/javascript": text, "text/plain": text})),
    "javascript alone": lambda text: code(output({"application/javascript": text})),
    "unknown type": lambda text: code(output({f"text/{text}": text})),
    "widget": lambda text: code(output({"application/vnd.jupyter.widget-view+json": {"model_id": text}})),
    "mermaid": lambda text: code(output({"text/vnd.mermaid": text, "text/plain": text})),
    "error": lambda text: failed(text, text, [text], source=text),
    "error without traceback": lambda text: failed(text, text, []),
    "cell metadata": lambda text: code(
        source="1", tags=[text.replace(",", "")], magics_language=text, alt=text
    ),
}


@pytest.mark.parametrize("route", CELLS)
def test_nothing_a_notebook_holds_can_act_on_its_page(route):
    notebook = v4.new_notebook(cells=[CELLS[route](payload) for payload in PAYLOADS])
    for payload in PAYLOADS:
        notebook.metadata[payload] = payload
    notebook.metadata.widgets = {"application/vnd.jupyter.widget-state+json": {"state": {PAYLOADS[0]: {}}}}
    notebook.metadata.language_info = {"name": PAYLOADS[2], "pygments_lexer": PAYLOADS[2]}
    notebook.cells.append(failed())  # a failed run gets its page even where a picture has lost its words
    page = page_of(executed=notebook)
    assert actors(page) == []
    assert page.count('<section class="cell') == len(PAYLOADS) + 1


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_the_pipeline_is_told_can_act_on_a_page(payload):
    told = {
        "title": payload,
        "run": payload,
        "parameters": {payload: payload},
        "group": payload,
        "previous": (payload, "a.html"),
        "next": (payload, "b.html"),
        "outputs": {payload: "figures/a.svg", f"{payload}.csv": "figures/a.csv"},
        "notebook": payload,
        "study_title": payload,
    }
    assert actors(page_of(v4.new_markdown_cell("no heading"), **told)) == []
    entries = [
        PageEntry(f"{state}{payload}", payload, payload, {payload: payload}, "a.html", state, payload)
        for state in ("failed", "ok", payload)
    ]
    assert actors(render_index(entries, study_title=payload, synthetic=True)) == []


@pytest.mark.parametrize("payload", [p for p in PAYLOADS if p.startswith("<") and "noscript" not in p])
def test_the_search_for_actors_finds_them_where_text_is_not_cleaned(payload):
    page = page_of(v4.new_markdown_cell("# here"))
    assert actors(page.replace(">here<", f">{payload}<")) or "<style>" in payload or "<!--" in payload


def test_hostile_text_stays_readable_as_text():
    page = page_of(code(v4.new_output("stream", name="stdout", text="<b>& </script>")))
    assert "&lt;b&gt;&amp; &lt;/script&gt;" in page
    assert allowed_html("a <blink>b</blink>") == "a &lt;blink&gt;b&lt;/blink&gt;"
    assert allowed_html("before <script>alert(1)</script> after") == "before [script not shown] after"


def test_a_page_loads_nothing():
    page = page_of(
        v4.new_markdown_cell("![far](https://example.org/a.png) [link](https://example.org)"), picture("a")
    )
    assert "[picture not shown: far]" in page
    assert re.findall(r'(?:src|srcset|poster)="(?!data:image/)', page) == []
    assert re.findall(r"url\(|@import|<script|<link", page) == []
    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:" in page
    assert '<a href="https://example.org">link</a>' in page  # a reader may follow it; the page does not


def test_headings_tables_lists_and_pictures_survive_cleaning():
    text = "# Title\n\nA *word* and `code`.\n\n|a|n|\n|-|-|\n|x|12|\n\n- [x] done\n\n> said\n\n~~no~~"
    page = page_of(v4.new_markdown_cell(text))
    for kept in (
        "<h1>Title</h1>",
        "<p>A <em>word</em> and <code>code</code>.</p>",
        "<blockquote>",
        "<del>no</del>",
    ):
        assert kept in page
    assert '<th scope="col">a</th>' in page
    assert "\u2611 done" in page


def test_numbers_stand_to_the_right_and_words_to_the_left():
    frame = pd.DataFrame({"who": ["A", "B"], "alpha": [0.71, None], "n": ["1,200", "<10"]})
    table = allowed_html(frame.to_html())
    assert '<th scope="col">who</th>' in table
    assert "<td>A</td>" in table
    assert '<th scope="col" style="text-align: right;">alpha</th>' in table
    assert '<td style="text-align: right;">NaN</td>' in table
    assert '<td style="text-align: right;">&lt;10</td>' in table


def test_a_row_label_is_a_head_of_its_row():
    assert '<th scope="row">first</th>' in allowed_html(pd.DataFrame({"n": [1]}, index=["first"]).to_html())


def test_words_under_two_heads_keep_the_table_whole():
    columns = pd.MultiIndex.from_product([["before", "after"], ["mean", "n"]])
    table = allowed_html(pd.DataFrame([[0.5, 1, 0.7, 2]], columns=columns).to_html())
    assert table.count('colspan="2"') == 2
    assert table.count('style="text-align: right;"') == 4 + 4  # four numbers, and mean, n, mean, n over them


def test_text_cannot_take_the_name_of_a_cell_or_dress_as_the_page():
    page = page_of(v4.new_markdown_cell('<div id="cell-1" class="synthetic">x</div>'))
    assert page.count('id="cell-1"') == 1
    assert page.count('class="synthetic"') == 1


class Words(HTMLParser):
    """Collects alt texts."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found += [dict(attrs).get("alt")] if tag == "img" else []


def test_alt_text_of_a_picture_arrives_in_the_page():
    words = Words()
    words.feed(page_of(picture('Bars; "use" rises & <falls>'), picture("It's flat")))
    assert words.found == ['Bars; "use" rises & <falls>', "It's flat"]


def test_alt_text_may_stand_one_level_up_as_display_metadata_does():
    assert 'alt="Rising line"' in page_of(code(output({"image/png": POINT}, {"alt": "Rising line"})))


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param(code(output({"image/png": POINT})), id="none"),
        pytest.param(picture("   "), id="blank"),
        pytest.param(code(output({"image/svg+xml": "<svg/>"})), id="svg"),
        pytest.param(code(output({"text/html": f'<img src="data:image/png;base64,{POINT}">'})), id="html"),
    ],
)
def test_a_picture_without_alt_text_is_refused_by_run_and_cell(cell):
    with pytest.raises(StudyError) as refused:
        page_of(v4.new_markdown_cell("# A"), picture("fine"), cell)
    assert str(refused.value) == (
        "run 10_question[field=use], cell 3: a picture has no alt text, so who cannot see it reads nothing;"
        " say in one sentence what it shows, as alt=... where the picture is made"
    )


def test_a_failed_run_gets_its_page_even_with_a_picture_without_alt_text():
    assert "This run failed in" in page_of(code(output({"image/png": POINT})), failed())


def test_an_svg_is_shown_as_a_picture_and_not_as_markup():
    drawn = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    page = page_of(code(output({"image/svg+xml": drawn}, {"image/svg+xml": {"alt": "Line"}})))
    found = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', page)
    assert found and base64.b64decode(found[1]).decode() == drawn
    assert "<svg" not in page


def test_a_failed_run_says_where_and_shows_the_traceback_as_text_with_its_code_open():
    traceback = ["\x1b[31mKeyError\x1b[0m  Traceback", "----> 1 frame['x']", "KeyError: 'x'"]
    page = page_of(v4.new_markdown_cell("# A"), code(), failed(traceback=traceback))
    assert 'This run failed in <a href="#cell-3">cell 3</a>. KeyError: &#x27;x&#x27;' in page
    assert '<span class="ansi-red-fg">KeyError</span>  Traceback\n----&gt; 1 frame' in page
    assert page.count('<details class="code">') == 1
    assert page.count('<details class="code" open="">') == 1


def test_code_is_folded_and_outputs_are_not():
    page = page_of(code(v4.new_output("stream", name="stdout", text="820 units"), source="print(n)"))
    folded = re.search(r"<details class=\"code\">.*?</details>", page, flags=re.DOTALL)
    assert folded and "print" in folded[0] and "820 units" not in folded[0]
    assert "820 units" in page


def test_cells_are_numbered_as_in_the_source_and_papermills_own_are_not_counted():
    mark = {"tags": ["papermill-error-cell-tag"]}
    page = page_of(
        v4.new_markdown_cell("An Exception was encountered", metadata=mark),
        v4.new_markdown_cell("# A"),
        code(source="field = 'a'", tags=["parameters"]),
        code(source="field = 'b'", tags=["injected-parameters"]),
        v4.new_markdown_cell("Execution encountered an exception here", metadata=mark),
        failed(),
    )
    assert re.findall(r'id="(cell-\w+)"', page) == ["cell-1", "cell-2", "cell-parameters", "cell-3"]
    assert "xception" not in page.split("<main", 1)[1]
    assert "code: the parameters of this run" in page


def test_the_head_of_a_page_tells_run_parameters_outputs_and_neighbours():
    page = page_of(
        v4.new_markdown_cell("# 10 A question"),
        parameters={"field": "use", "draws": 2000},
        outputs={
            "fig2.svg": "../figures/fig2.svg",
            "fig2.csv": "../figures/fig2.csv",
            "alpha": "../t/alpha.csv",
        },
        study_title="A study",
    )
    assert '<a href="index.html">A study</a>' in page
    assert "<dt>draws</dt><dd><code>2000</code></dd>" in page
    assert (
        '<li>fig2: <a href="../figures/fig2.svg">svg</a> <a href="../figures/fig2.csv">csv</a></li>' in page
    )
    assert '<li>alpha: <a href="../t/alpha.csv">csv</a></li>' in page
    assert (
        page.count('<a href="03.html">03 Ratings</a>') == page.count('<a href="11.html">11 Scales</a>') == 2
    )
    assert "<title>10 A question (10_question[field=use])</title>" in page


def test_the_title_is_a_heading_only_where_the_notebook_has_none():
    assert page_of(v4.new_markdown_cell("# 10 A question")).count("<h1>") == 1
    assert "<h1>10 A question</h1>" in page_of(v4.new_markdown_cell("only words"))


def test_the_first_and_the_last_page_have_one_neighbour_and_a_lone_page_none():
    assert "<span>before</span>" not in page_of(previous=None)
    assert "<footer>" not in page_of(previous=None, next=None)


def test_synthetic_data_are_named_on_page_and_index_and_real_ones_are_not():
    entries = [PageEntry("01_a", "A", "Cleaning")]
    for made in (page_of(synthetic=True), render_index(entries, study_title="S", synthetic=True)):
        assert made.count("SYNTHETIC DATA") == 1
    for made in (page_of(synthetic=False), render_index(entries, study_title="S", synthetic=False)):
        assert "SYNTHETIC DATA" not in made


@pytest.mark.parametrize(
    "href", ["https://example.org/a.html", "//example.org/a", "/etc/passwd", "javascript:x"]
)
def test_a_link_between_pages_must_be_relative(href):
    with pytest.raises(
        ValueError, match=re.escape(f"link '11 Scales' leads to '{href}'; links between pages")
    ):
        page_of(next=("11 Scales", href))


def test_the_same_notebook_makes_the_same_page_and_is_left_as_it_was():
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell("# A"), picture("a"), styled("x"), failed()])
    before = deepcopy(notebook)
    assert page_of(executed=notebook) == page_of(executed=notebook)
    assert notebook == before


def test_an_output_that_a_page_cannot_show_is_named():
    page = page_of(code(output({"application/vnd.jupyter.widget-view+json": {"model_id": "a"}})))
    assert "Not shown: an output of type application/vnd.jupyter.widget-view+json." in page


def test_mathematics_stays_as_it_was_typed():
    assert r"$\alpha = 1 - D_o/D_e$" in page_of(v4.new_markdown_cell(r"so $\alpha = 1 - D_o/D_e$ holds"))


def test_headings_are_listed_where_there_are_many():
    cells = [v4.new_markdown_cell(f"## Part {n}") for n in range(1, 4)]
    assert '<li><a href="#cell-2">Part 2</a></li>' in page_of(*cells)
    assert "On this page" not in page_of(*cells[:2])


def test_the_title_of_a_notebook_is_its_first_heading_as_plain_text():
    cells = [
        code(),
        v4.new_markdown_cell("words\n```\n# a comment\n```\n## **10** Do [they](x) agree on `use_1`? ##"),
    ]
    assert notebook_title(v4.new_notebook(cells=cells)) == "10 Do they agree on use_1?"
    assert notebook_title(v4.new_notebook(cells=[code()]), "10_agree") == "10_agree"


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("01_clean.ipynb", "Cleaning"),
        ("09_x", "Cleaning"),
        ("notebooks/12_scales.ipynb", "Reliability, scales, scores"),
        ("29_matrix", "Matrices"),
        ("33_what", "Notebooks 30-39"),
        ("40_where", "Places"),
        ("41_where", "Notebooks 40-49"),
        ("95_claims", "Last words"),
        ("99_more", "Overview and claims"),
        ("00_start", "Notebooks 00-09"),
        ("scratch", "Other"),
        ("2022_wave", "Other"),
    ],
)
def test_a_notebooks_number_names_its_part_of_the_story(name, group):
    assert story_group(name, {"40": "Places", "95-95": "Last words"}) == group


def test_a_study_may_rename_a_part_of_the_story():
    assert story_group("03_x", {"01-09": "First steps"}) == "First steps"


@pytest.mark.parametrize("key", ["forty", "4", "49-40", "40-"])
def test_a_part_of_the_story_is_declared_by_number_or_range(key):
    with pytest.raises(StudyError) as refused:
        story_group("40_x", {key: "Places"})
    assert str(refused.value) == (
        f"study.yml groups: '{key}' is no range of notebooks; write '40' or '30-39'"
    )


ENTRIES = [
    PageEntry("10_agree[n=10]", "10 Agree?", "Reliability", {"n": 10}, "c.html", "done", "alpha 0.71"),
    PageEntry("10_agree[n=9]", "10 Agree?", "Reliability", {"n": 9}, "b.html", "failed", "KeyError: 'x'"),
    PageEntry("02_clean", "02 Clean?", "Cleaning", {}, "a.html", "fresh", "9,120 answers"),
    PageEntry("40_where", "40 Where?", "Places", {}, "", "blocked", "waits for 10_agree[n=9]"),
]


def test_the_index_lists_runs_in_story_order_whatever_order_they_came_in():
    index = render_index(ENTRIES, study_title="S", synthetic=False)
    assert index == render_index(ENTRIES[::-1], study_title="S", synthetic=False)
    assert re.findall(r"<h2>(.*?)</h2>", index) == ["Cleaning", "Reliability", "Places"]
    body = index.split("<main", 1)[1]
    assert body.index("10_agree[n=9]") < body.index("10_agree[n=10]")
    assert "3 notebooks, 4 runs, <strong>1 failed</strong>" in index


def test_the_index_gives_each_run_a_row_and_each_parameter_a_column():
    index = render_index(ENTRIES, study_title="S", synthetic=False)
    assert (
        '<th scope="col">run</th><th scope="col">n</th><th scope="col">state</th><th scope="col">result</th>'
        in index
    )
    assert (
        '<th scope="row"><a href="c.html">10_agree[n=10]</a></th><td>10</td><td class="state"></td>' in index
    )
    assert index.count("<h3>10 Agree?</h3>") == 1
    assert '<h3><a href="a.html">02 Clean?</a></h3>\n<p class="said">9,120 answers</p>' in index


def test_the_index_marks_a_failed_run_with_its_error_and_a_link():
    index = render_index(ENTRIES, study_title="S", synthetic=False)
    assert '<p class="failed"><a href="b.html">10_agree[n=9]</a> failed. KeyError: &#x27;x&#x27;</p>' in index
    assert '<tr class="stopped"><th scope="row"><a href="b.html">' in index
    assert "failed" not in render_index(ENTRIES[:1], study_title="S", synthetic=False).split("</head>")[1]


def test_a_run_without_a_page_is_listed_without_a_link():
    index = render_index(ENTRIES, study_title="S", synthetic=False)
    assert '<th scope="row">40_where</th><td class="state">blocked</td>' in index


def test_the_index_is_the_same_whether_a_run_was_needed_or_not():
    done, fresh = (
        render_index(
            [PageEntry("01_a", "A", "Cleaning", {"x": 1}, "a.html", state)], study_title="S", synthetic=False
        )
        for state in ("done", "fresh")
    )
    assert done == fresh


def test_a_run_is_listed_once():
    with pytest.raises(
        StudyError, match=re.escape("index: listed twice: 02_clean; each run has one name and one page")
    ):
        render_index([ENTRIES[2], ENTRIES[2]], study_title="S", synthetic=False)
