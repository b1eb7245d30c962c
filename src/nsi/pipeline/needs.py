"""Which runs need which: who writes what another reads, tables and numbers alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nsi.errors import StudyError
from nsi.names import checked_name
from nsi.pipeline.notebook import NUMBERS

if TYPE_CHECKING:
    from nsi.pipeline.plan import Run


def filled(template: str, run: Run) -> str:
    """Return a name with the run's parameters in place of braces."""
    name = re.sub(r"\{(\w+)\}", lambda match: str(run.parameters[match.group(1)]), template)
    return checked_name(name, "output")


def resolve_needs(runs: dict[str, Run]) -> None:
    """Fill in which tables and numbers each run reads, and which runs write them.

    Raises
    ------
    StudyError
        If two runs write one output, or a run reads what nobody writes.
    """
    writers: dict[str, str] = {}
    templates: dict[str, list[tuple[str, str]]] = {}
    for run in runs.values():
        for path in [*run.outputs, *(f"number {name}" for name in run.numbers)]:
            # Windows and macOS take Fig1 and fig1 for one file.
            other = writers.setdefault(path.lower(), run.id)
            if other != run.id:
                raise StudyError(f"{path} is written by '{other}' and by '{run.id}'; give each output its own name")
        for template in run.notebook.templates("write"):
            templates.setdefault(template, []).append((filled(template, run), run.id))
    for run in runs.values():
        for template in run.notebook.templates("read"):
            name = filled(template, run)
            writer = writers.get(f"data_processed/{name}.parquet".lower())
            if writer is None:
                tables = sorted(name for found in templates.values() for name, _ in found)
                raise StudyError(
                    f"'{run.id}' reads the table '{name}', but no run of study.yml writes it; they write "
                    f"{', '.join(tables) or 'none'}. Add the notebook that writes it, or correct the name"
                )
            run.reads.append(name)
            run.needs.append(writer)
        for template in run.notebook.templates("read_each"):
            found = templates.get(template, [])
            if not found:
                raise StudyError(
                    f"'{run.id}' reads every table '{template}', but no run of study.yml writes such tables"
                )
            run.gathered[template] = [name for name, _ in found]
            run.reads += [name for name, _ in found]
            run.needs += [writer for _, writer in found]
    _resolve_numbers(runs)
    for run in runs.values():
        run.needs = list(dict.fromkeys(run.needs))


def _resolve_numbers(runs: dict[str, Run]) -> None:
    """Who reads numbers reads those of every run that does not itself read numbers."""
    readers = [run for run in runs.values() if run.notebook.templates(NUMBERS)]
    sources = [run for run in runs.values() if run.numbers and run not in readers]
    for run in readers:
        run.number_files = [source.own_numbers for source in sources]
        run.needs += [source.id for source in sources]
