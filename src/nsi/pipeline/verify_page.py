"""The page of a verification: one row per output, one column per fresh run, and what differs side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from nsi.pipeline.diff_markup import STYLE, table_html, visible
from nsi.pipeline.diff_page import changes_html
from nsi.pipeline.page_frame import document
from nsi.pipeline.verify_compare import DIFFERENT, IDENTICAL, STATES, Comparison, Verdict
from nsi.pipeline.verify_tree import Setting

TITLE = "Verification"
PASSED = "Everything was made again and is what the record says."
KIND_ORDER = ("record", "numbers", "figures", "tables", "matrices", "documents", "processed", "notebooks")


def render_verification(
    title: str, faults: Sequence[str], runs: Mapping[Setting, Comparison], *, synthetic: bool, rerun: bool
) -> str:
    """Write the page.

    Parameters
    ----------
    title : str
        Of the study.
    faults : sequence of str
        What is not as recorded, and runs that failed.
    runs : mapping
        Each way of running to what came of it.
    synthetic : bool
        Whether results rest on synthetic data.
    rerun : bool
        Whether the fresh runs were to be made.

    Returns
    -------
    str
        A whole HTML document: no script, nothing loaded from anywhere.
    """
    passed = not faults and rerun and not any(found.different for found in runs.values())
    parts = [f"<header>\n<h1>{TITLE}: {visible(title)}</h1>", _summary(faults, runs, passed, rerun), "</header>"]
    parts += ['<main id="main">', _faults(faults), _table(runs), *_details(runs), "</main>"]
    page = document(TITLE, "\n".join(part for part in parts if part), synthetic=synthetic, kind="diff")
    return page.replace("</style>", f"{STYLE}</style>", 1)


def counts(found: Comparison) -> str:
    """Say how many outputs are in each state."""
    states = [verdict.state for verdict in found.verdicts.values()]
    return ", ".join(f"{states.count(state)} {state}" for state in STATES if states.count(state))


def _summary(faults: Sequence[str], runs: Mapping[Setting, Comparison], passed: bool, rerun: bool) -> str:
    told = PASSED if passed else "This does not pass." if faults or runs else "Every file is as it was recorded."
    told_of = ((setting, counts(found)) for setting, found in runs.items())
    items = [f"<li>run {setting.name}: {states}<br>{visible(setting.told)}</li>" for setting, states in told_of]
    if not rerun:
        items.append("<li>Only files and the record were compared; nothing was made again.</li>")
    return f"<p><strong>{escape(told)}</strong></p>\n<ul>{''.join(items)}</ul>"


def _faults(faults: Sequence[str]) -> str:
    if not faults:
        return ""
    items = "".join(f"<li>{visible(fault)}</li>" for fault in faults)
    return f'<section id="faults">\n<h2>Not as recorded</h2>\n<ul>{items}</ul>\n</section>'


def _table(runs: Mapping[Setting, Comparison]) -> str:
    if not runs:
        return ""
    verdicts = {name: verdict for found in runs.values() for name, verdict in found.verdicts.items()}
    rows = []
    order = {kind: place for place, kind in enumerate(KIND_ORDER)}
    for name in sorted(verdicts, key=lambda name: (_worst_first(name, runs), order[verdicts[name].kind], name)):
        cells = [_cell(found.verdicts.get(name)) for found in runs.values()]
        rows.append([visible(name), verdicts[name].kind, *cells])
    heads = ("output", "kind", *(f"run {setting.name}" for setting in runs))
    return f'<section id="outputs">\n<h2>Outputs</h2>\n{table_html(heads, rows)}\n</section>'


def _worst_first(name: str, runs: Mapping[Setting, Comparison]) -> int:
    found = [comparison.verdicts.get(name) for comparison in runs.values()]
    return -max(STATES.index(verdict.state) if verdict else len(STATES) for verdict in found)


def _cell(verdict: Verdict | None) -> str:
    if verdict is None:
        return f"<strong>{DIFFERENT}</strong>: not made"
    state = f"<strong>{verdict.state}</strong>" if verdict.state == DIFFERENT else verdict.state
    return state + (f": {visible(verdict.told)}" if verdict.told and verdict.state != IDENTICAL else "")


def _details(runs: Mapping[Setting, Comparison]) -> list[str]:
    """Show what differs, pictures side by side; of a second run only where it differs in another way."""
    seen, parts = {""}, []
    for setting, found in runs.items():
        plain = changes_html(found.difference, "")
        if plain not in seen:
            heading = f"What differs in run {setting.name}: before is the record, now is the fresh run"
            parts.append(f"<h2>{heading}</h2>\n{changes_html(found.difference, f'run-{setting.name}-')}")
        seen.add(plain)
    return parts
