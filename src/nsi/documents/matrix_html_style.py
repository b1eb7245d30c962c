"""The look of a matrix as a page: light, dark and paper, wide and narrow; no file of its own, nothing to load."""

LIGHT = """
color-scheme: light;
--paper: #ffffff; --ink: #1c2024; --soft: #5a6470; --line: #d9dee4; --tint: #eef1f4; --link: #0b57a4;
--mark: #fff3c4; --flag: #8a3a00; --against: #9b1c5a;
--strong: #dcebf8; --thin: #f1f7fc; --mixed: #f6e9dc; --nothing: #ffffff; --edge: #2b6cb0;
"""
DARK = """
color-scheme: dark;
--paper: #15181b; --ink: #e4e7ea; --soft: #a3adb8; --line: #3b424a; --tint: #22272d; --link: #8cc3f8;
--mark: #453c12; --flag: #f0b27a; --against: #f2a0c8;
--strong: #1c3650; --thin: #18242f; --mixed: #3a2d20; --nothing: #15181b; --edge: #6aaae4;
"""
PAGE = """
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }
body { margin: 0; background: var(--paper); color: var(--ink); overflow-wrap: anywhere;
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", "Helvetica Neue", "Noto Sans", "DejaVu Sans", sans-serif; }
a { color: var(--link); text-underline-offset: 0.15em; text-decoration-thickness: 1px; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
h1, h2, h3, h4 { line-height: 1.25; margin: 1.75em 0 0.5em; text-wrap: balance; }
h1 { font-size: 1.6rem; margin-top: 0.5rem; } h2 { font-size: 1.3rem; } h3 { font-size: 1.15rem; }
h4 { font-size: 1rem; margin: 0 0 0.25rem; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--paper); padding: 0.5rem 1rem; z-index: 9; }
.stamp { margin: 0; padding: 0.5rem 1rem; background: #ffdd75; color: #2e2500; text-align: center; font-weight: 700; }
main { padding: 1rem 1.5rem 3rem; }
.prose { max-width: 52rem; } .prose p, .prose > div { white-space: pre-line; }
nav a { margin-right: 1.5rem; }
.states { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 0.75rem; margin: 0.5rem 0;
  font-size: 0.9375rem; max-width: 52rem; }
.states dt { padding: 0.1rem 0.5rem; } .states dd { margin: 0; padding: 0.1rem 0; }
.columns dt { font-weight: 600; } .columns dd { margin: 0 0 0.75rem; max-width: 52rem; }
.columns dt:target, .columns dt:target + dd { background: var(--mark); }
.small { font-size: 0.8125rem; color: var(--soft); } .flag, .small.flag { color: var(--flag); font-weight: 600; }
.paper { display: none; }
.long { max-height: 16rem; overflow: auto; border: 1px dashed var(--soft); padding: 0.25rem; }
p, .long { unicode-bidi: plaintext; text-align: start; }
"""
TABLE = """
.wide { overflow: auto; max-height: 94vh; border: 1px solid var(--line); }
table { border-collapse: separate; border-spacing: 0; font-size: 0.9375rem; line-height: 1.35;
  font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding: 0.5rem 0.75rem; }
caption span { position: sticky; left: 0.75rem; display: inline-block; max-width: min(60rem, 85vw); }
th, td { text-align: left; vertical-align: top; padding: 0.45rem 0.6rem; min-width: 9rem; max-width: 17rem;
  border-bottom: 1px solid var(--line); border-right: 1px solid var(--line); }
.many th, .many td { min-width: 7.25rem; padding: 0.4rem 0.5rem; }
th p, td p { margin: 0 0 0.2rem; white-space: pre-line; } th { font-weight: 600; }
thead { position: sticky; top: 0; z-index: 3; } thead th, thead td { background: var(--tint); }
thead tr:last-child > * { border-bottom: 2px solid var(--ink); }
tbody th[scope="row"], thead tr:first-child > :first-child { position: sticky; left: 0; z-index: 1;
  background: var(--tint); border-right: 2px solid var(--ink); }
th .small { font-weight: 400; } th .flag { font-weight: 600; }
.band th { background: var(--tint); border-top: 2px solid var(--ink); max-width: none; }
.band p { position: sticky; left: 0.6rem; width: max-content; max-width: 85vw; }
.shown { font-weight: 600; } .value .shown { font-weight: 400; }
.strong, .thin, .mixed, .absent, .not_looked { border-left: 4px solid var(--edge); }
.strong { background: var(--strong); } .thin { background: var(--thin); border-left-style: dotted; }
.mixed { background: var(--mixed); border-left-style: double; border-left-width: 6px; }
.absent { background: var(--nothing); border-left: 4px dashed var(--line); }
.not_looked { background: repeating-linear-gradient(135deg, var(--nothing) 0 7px, var(--tint) 7px 9px);
  border-left: 4px dotted var(--line); }
.absent .shown, .not_looked .shown { font-weight: 400; }
td { scroll-margin: 9rem 1rem 1rem 16rem; }
td[id]:target { outline: 3px solid var(--ink); outline-offset: -3px; }
"""
EVIDENCE = """
.row { max-width: 56rem; } .row:target > h3, #all:target > .row > h3 { text-decoration: underline; }
.e { margin: 0 0 1rem; padding: 0.6rem 0.8rem; border: 1px solid var(--line); border-radius: 4px; }
.e:target { border-color: var(--ink); box-shadow: 0 0 0 2px var(--ink); background: var(--mark); }
.e:target .small, .e:target small, .e:target a, .e:target .against small { color: var(--ink); }
.e > p { margin: 0 0 0.35rem; }
ul { list-style: none; margin: 0.6rem 0 0; padding: 0; }
li { margin: 0 0 0.7rem; padding-left: 0.75rem; border-left: 2px solid var(--line); white-space: pre-wrap;
  unicode-bidi: plaintext; text-align: start; }
li small { display: block; font-size: 0.8125rem; color: var(--soft); white-space: normal; unicode-bidi: plaintext; }
.against { border-left: 5px double var(--against); } .against small { color: var(--against); font-weight: 600; }
.folded .e { display: none; } .folded .row > h3 { margin: 0.75em 0 0; } .folded .row > p { margin: 0; }
.folded .e:target, .folded .row:target .e, .folded:target .e { display: block; }
"""
SMALL = """
@media (max-width: 40rem) {
  main { padding: 0.75rem 0.75rem 2rem; } h1 { font-size: 1.35rem; }
  table { font-size: 0.875rem; } th, td { min-width: 8rem; max-width: 12rem; padding: 0.35rem 0.45rem; }
  tbody th[scope="row"], thead tr:first-child > :first-child { min-width: 6rem; max-width: 7rem; }
  td { scroll-margin-left: 8rem; } .states { grid-template-columns: 1fr; gap: 0; }
}
@media (max-height: 30rem) { thead { position: static; } }
@page { size: A4 landscape; margin: 12mm; }
@media print {
  body { font-size: 9pt; } main { padding: 0; } .skip, nav { display: none; }
  a { color: inherit; text-decoration: none; }
  .wide, .long { overflow: visible; max-height: none; border: 0; }
  .row { max-width: none; }
  table { font-size: 7.5pt; width: 100%; table-layout: fixed; } .small, li small { font-size: 0.9em; }
  #head { break-before: page; }
  th, td { min-width: 0; max-width: none; padding: 0.2rem 0.3rem; }
  thead, tbody th[scope="row"], thead tr:first-child > :first-child { position: static; }
  .band p, caption span { position: static; width: auto; max-width: none; }
  .strong, .thin, .mixed, .not_looked, .stamp { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .stamp { border: 1px solid #2e2500; } td, li, h2, h3, h4, dt { break-inside: avoid; }
  h2, h3, h4 { break-after: avoid; }
  .many, .many tbody { display: block; } .many thead { display: none; }
  .many caption { display: block; }
  .many tr { display: grid; grid-template-columns: repeat(6, 1fr); border-top: 2px solid #000; margin-bottom: 3mm; }
  .many tr > th { grid-column: 1 / -1; break-after: avoid; } .many .paper { display: block; }
}
"""


def matrix_style() -> str:
    """Return the whole style sheet; light is the default, and paper is always light."""
    dark = f"@media screen and (prefers-color-scheme: dark) {{ :root {{{DARK}}} }}"
    return "\n".join([f":root {{{LIGHT}}}", dark, PAGE, TABLE, EVIDENCE, SMALL])
