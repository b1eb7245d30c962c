"""The look of every page: one plain style sheet for light, dark and paper, with no file of its own."""

LIGHT = """
color-scheme: light;
--paper: #ffffff; --ink: #1c2024; --soft: #5a6470; --line: #d9dee4; --tint: #f5f7f9; --link: #0b57a4;
--bad: #a3150f; --bad-tint: #fdf0ef; --mark: #fff6d6;
--keyword: #7a2a8c; --string: #20622f; --number: #8a4500; --comment: #5f6b76; --name: #0b57a4;
"""
DARK = """
color-scheme: dark;
--paper: #15181b; --ink: #e4e7ea; --soft: #a3adb8; --line: #363c43; --tint: #1d2126; --link: #86bdf5;
--bad: #ff9b94; --bad-tint: #331c1b; --mark: #3a3417;
--keyword: #d6a3e6; --string: #93d3a0; --number: #e8b07a; --comment: #98a3ae; --name: #86bdf5;
"""
PAGE = """
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1.0625rem/1.6 system-ui, -apple-system, "Segoe UI", "Helvetica Neue", "Noto Sans", "DejaVu Sans",
    sans-serif; }
a { color: var(--link); text-underline-offset: 0.15em; text-decoration-thickness: 1px; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
code, pre, kbd, samp { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono",
  monospace;
  font-size: 0.875em; }
h1, h2, h3, h4, h5, h6 { line-height: 1.25; margin: 2em 0 0.5em; text-wrap: balance;
  overflow-wrap: anywhere; }
h1 { font-size: 1.75rem; margin-top: 0.5rem; } h2 { font-size: 1.3rem; } h3 { font-size: 1.1rem; }
h4, h5, h6 { font-size: 1rem; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--paper); padding: 0.5rem 1rem; z-index: 1; }
.synthetic { margin: 0; padding: 0.5rem 1rem; background: #ffdd75; color: #2e2500; text-align: center;
  font-size: 0.9375rem; line-height: 1.4; }
.frame { max-width: 58rem; margin: 0 auto; padding: 1.25rem 1.25rem 3rem 3.25rem; }
.where { margin: 0; color: var(--soft); font-size: 0.9375rem; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 0.15rem 1rem; margin: 0.75rem 0;
  font-size: 0.9375rem; }
.facts dt { color: var(--soft); } .facts dd { margin: 0; overflow-wrap: anywhere; }
.facts ul { list-style: none; margin: 0; padding: 0; }
.order { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0.25rem 2rem;
  font-size: 0.9375rem;
  padding: 0.5rem 0; border: solid var(--line); border-width: 1px 0; margin: 1rem 0 1.5rem; }
.order span { color: var(--soft); } .order a { overflow-wrap: anywhere; } .order .next { margin-left: auto;
  text-align: right; }
.failed { background: var(--bad-tint); color: var(--bad); border-left: 4px solid var(--bad);
  padding: 0.6rem 1rem;
  margin: 1rem 0; overflow-wrap: anywhere; white-space: pre-line; }
.failed a { color: inherit; }
.contents { font-size: 0.9375rem; margin: 0 0 1.5rem; } .contents summary { color: var(--soft);
  cursor: pointer; }
.contents ul { margin: 0.25rem 0; padding-left: 1.25rem; }
"""
CELLS = """
.cell { position: relative; margin: 0 0 1rem; }
.cell:target { background: var(--mark); box-shadow: 0 0 0 0.5rem var(--mark); }
.number { position: absolute; right: calc(100% + 0.75rem); top: 0.2em; font-size: 0.75rem; color: var(--soft);
  text-decoration: none; font-variant-numeric: tabular-nums; }
.number:hover { text-decoration: underline; }
.prose { max-width: 44rem; overflow-wrap: break-word; }
.prose > :first-child { margin-top: 0; } .prose > :last-child { margin-bottom: 0; }
.cell:has(> .prose > h2:first-child) { margin-top: 2.25rem; }
.prose table { display: block; overflow-x: auto; width: fit-content; max-width: 100%; }
blockquote { margin: 1em 0; padding-left: 1rem; border-left: 3px solid var(--line); color: var(--soft); }
.code summary { width: fit-content; cursor: pointer; color: var(--soft); font-size: 0.8125rem;
  line-height: 1.75; }
.highlight { margin: 0.25rem 0 0.75rem; } .highlight pre, .prose pre { margin: 0; padding: 0.75rem 1rem;
  overflow-x: auto;
  background: var(--tint); border: 1px solid var(--line); border-radius: 4px; line-height: 1.5; tab-size: 4; }
.prose code { background: var(--tint); padding: 0.1em 0.25em; border-radius: 3px;
  } .prose pre code { padding: 0; }
.output { margin: 0.25rem 0 0.75rem; max-width: 100%; overflow-x: auto; }
.output pre { margin: 0; line-height: 1.45; white-space: pre; }
.stream pre, .error pre { white-space: pre-wrap; overflow-wrap: anywhere; }
.stderr, .note { color: var(--soft); border-left: 3px solid var(--line); padding-left: 0.75rem; }
.note { font-size: 0.9375rem; }
.error { background: var(--bad-tint); border-left: 4px solid var(--bad); padding: 0.75rem 1rem; }
img { max-width: 100%; height: auto; background: #fff; border-radius: 2px; display: block; }
table { border-collapse: collapse; font-size: 0.9375rem; line-height: 1.4; font-variant-numeric: tabular-nums;
  margin: 0.5rem 0; border-top: 1.5px solid var(--ink); border-bottom: 1.5px solid var(--ink); }
th, td { padding: 0.3rem 0.9rem 0.3rem 0; text-align: left; vertical-align: top; }
th:last-child, td:last-child { padding-right: 0.2rem; }
.output th { white-space: nowrap; }
.output td { max-width: 15rem; overflow-wrap: anywhere; } .output table { width: max-content; }
.output.prose td, .output.prose th { white-space: normal; }
thead th { font-weight: 600; } thead tr:last-child th { border-bottom: 1px solid var(--ink); }
tbody th { font-weight: 400; } tbody tr + tr > * { border-top: 1px solid var(--line); }
caption { text-align: left; color: var(--soft); padding-bottom: 0.25rem; }
.rich table + p { margin: 0.25rem 0; color: var(--soft); font-size: 0.875rem; }
"""
INDEX = """
.runs .wide { overflow-x: auto; } .runs h3 { margin: 1.5rem 0 0.25rem; }
.runs th, .runs td { white-space: nowrap; }
.runs td.said { white-space: pre-line; min-width: 16rem; overflow-wrap: break-word; }
.runs table { width: 100%; } .runs th:last-child, .runs td.said { width: 100%; }
.runs tr.stopped > * { background: var(--bad-tint); } .runs tr.stopped td { color: var(--bad); }
.runs p.said { margin: 0 0 0.25rem; color: var(--soft); }
.index .contents ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; list-style: none; padding: 0; }
.index .frame { padding-left: 1.25rem; }
.index h2 { margin-top: 2.5rem; padding-bottom: 0.25rem; border-bottom: 1px solid var(--line); }
.state { font-weight: 600; }
figure { margin: 1.5rem 0 2.5rem; } figcaption { max-width: 44rem; font-size: 0.9375rem; }
figure img { max-height: 56rem; width: auto; } figcaption p { margin: 0.5rem 0; } figcaption .wide { overflow-x: auto; }
"""
# Pygments' short class names, in the few kinds a reader tells apart.
CODE = """
.k, .kc, .kd, .kn, .kp, .kr, .kt, .ow { color: var(--keyword); }
.s, .sa, .sb, .sc, .dl, .s1, .s2, .se, .sh, .si, .sx, .sr, .ss { color: var(--string); }
.sd, .c, .ch, .cm, .cp, .c1, .cs { color: var(--comment); font-style: italic; }
.m, .mb, .mf, .mh, .mi, .mo, .il { color: var(--number); }
.nb, .bp, .nc, .nf, .fm, .nd, .ne { color: var(--name); }
.err { text-decoration: underline wavy var(--bad); }
.ansi-bold { font-weight: 600; } .ansi-underline { text-decoration: underline; }
.ansi-red-fg, .ansi-red-intense-fg { color: var(--bad); }
.ansi-green-fg, .ansi-green-intense-fg { color: var(--string); }
.ansi-yellow-fg, .ansi-yellow-intense-fg { color: var(--number); }
.ansi-blue-fg, .ansi-blue-intense-fg, .ansi-cyan-fg, .ansi-cyan-intense-fg { color: var(--name); }
.ansi-magenta-fg, .ansi-magenta-intense-fg { color: var(--keyword); }
"""
SMALL = """
@media (max-width: 40rem) {
  body { font-size: 1rem; }
  .frame { padding: 1rem 1rem 2rem; }
  .number { position: static; float: right; margin-left: 0.5rem; }
  h1 { font-size: 1.4rem; } h2 { font-size: 1.15rem; }
  .facts { grid-template-columns: 1fr; gap: 0; } .facts dd { margin-bottom: 0.35rem; }
}
@media print {
  body { font-size: 10pt; } .frame { max-width: none; padding: 0; }
  .skip, .order, .contents, .number, details.code:not([open]) { display: none; }
  .synthetic { border: 1px solid #2e2500; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .output { overflow: visible; } .output pre { white-space: pre-wrap;
    } .output td, .output th { white-space: normal; }
  .output.image, tr, img { break-inside: avoid; } h1, h2, h3 { break-after: avoid; }
}
"""


def style_sheet() -> str:
    """Give the whole style sheet as text; light is the default, and paper is always light."""
    # The colours that a traceback brings along are meant for white.
    plain = ".output pre span[style] { color: inherit !important; background: none !important; }"
    dark = f"@media screen and (prefers-color-scheme: dark) {{ :root {{{DARK}}} {plain} }}"
    return "\n".join([f":root {{{LIGHT}}}", dark, PAGE, CELLS, INDEX, CODE, SMALL])
