"""The pages of a study: one per run and an index, brought up to date from the executed notebooks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from nsi.declaration import Declaration
from nsi.door import write_atomically
from nsi.pipeline.execute import Folders, Outcome
from nsi.pipeline.gallery import PAGE, Picture, alt_text, render_gallery
from nsi.pipeline.lock import Lock, Record
from nsi.pipeline.page_files import PageFile, write_pages
from nsi.pipeline.page_index import PageEntry, render_index, story_group
from nsi.pipeline.plan import Run

HREF = "html"


class Site:
    """Writes the pages that are out of date, and removes those of runs that are no more.

    Parameters
    ----------
    runs : list of Run
        All runs; the pages follow their notebooks' names, which is the order of the story.
    folders : Folders
        Where executed notebooks and pages are.
    declaration : Declaration
        For the study's title and the names of the parts of its story.
    """

    def __init__(self, runs: list[Run], folders: Folders, declaration: Declaration) -> None:
        self.runs = sorted(runs, key=lambda run: run.notebook.name)
        self.folders = folders
        self.declaration = declaration
        self.html = folders.build / HREF
        self._known = folders.build / "pages.json"

    def update(self, lock: Lock, outcomes: Mapping[str, Outcome], processes: int = 1) -> bool:
        """Write what is out of date.

        Parameters
        ----------
        lock : Lock
            The records after the runs.
        outcomes : mapping
            What became of the runs of this time; a run that failed gets a page too.
        processes : int
            How many pages may be written at once.

        Returns
        -------
        bool
            Whether anything was written.
        """
        known = _read(self._known)
        wanted = {run.slug: self._state(run, lock, outcomes.get(run.id)) for run in self.runs}
        stale = []
        for position, run in enumerate(self.runs):
            page = self.html / f"{run.slug}.html"
            if known.get(run.slug) != wanted[run.slug] or not page.is_file():
                stale.append(self._page(position, lock, outcomes.get(run.id), known.get(run.slug)))
        for gone in (file.target for file in stale if not file.source.is_file()):
            gone.unlink(missing_ok=True)
        write_pages([file for file in stale if file.source.is_file()], processes)
        for slug in set(known) - set(wanted):
            for leftover in (self.html / f"{slug}.html", self.folders.build / "notebooks" / f"{slug}.ipynb"):
                leftover.unlink(missing_ok=True)
        if known == wanted and all((self.html / page).is_file() for page in ("index.html", PAGE)):
            return False
        self._write_index(lock, outcomes)
        self._write_gallery(lock)
        write_atomically(self._known, json.dumps(wanted, indent=1, sort_keys=True).encode())
        return True

    def _state(self, run: Run, lock: Lock, outcome: Outcome | None) -> dict[str, str]:
        """Everything that a page shows, as digests: its text, its record, its neighbours, its error."""
        record = lock.runs.get(run.id)
        shown = [
            json.dumps(vars(record) if record else None, sort_keys=True),  # in memory keys stand in another order
            outcome.error if outcome and outcome.state == "failed" else "",
            outcome.state if outcome and outcome.state == "blocked" else "",
            self.declaration.digest("title"),
            repr(self.declaration.story),
            [other.slug for other in self.runs],
        ]
        rest = hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode()).hexdigest()
        return {"text": run.notebook.text, "rest": rest}

    def _page(self, position: int, lock: Lock, outcome: Outcome | None, known: object) -> PageFile:
        """Say from what the page of a run is made."""
        run = self.runs[position]
        failed = outcome is not None and outcome.state == "failed"
        record = lock.runs.get(run.id)
        same_code = record is not None and record.code == run.notebook.code  # not so where it waits for a failed run
        # Only prose or comments changed, or the notebook would have run: new words around the same results.
        reworded = not failed and same_code and isinstance(known, dict) and known.get("text") != run.notebook.text
        outputs = sorted(record.outputs) if record and not failed else []
        told = {
            "title": run.notebook.title,
            "run": run.id,
            "parameters": run.parameters,
            "group": story_group(run.notebook.name, self.declaration.story),
            "previous": self._neighbour(position - 1),
            "next": self._neighbour(position + 1),
            "outputs": {name: f"../../{name}" for name in outputs},
            "notebook": run.notebook.path.name,
            "synthetic": bool(record and record.synthetic),
            "study_title": self.declaration.title,
        }
        return PageFile(
            source=self.folders.failed(run) if failed else self.folders.executed(run),
            target=self.html / f"{run.slug}.html",
            renewed=run.notebook.path if reworded else None,
            told=told,
        )

    def _neighbour(self, position: int) -> tuple[str, str] | None:
        if not 0 <= position < len(self.runs):
            return None
        run = self.runs[position]
        return run.id, f"{run.slug}.html"

    def _write_index(self, lock: Lock, outcomes: Mapping[str, Outcome]) -> None:
        entries = [self._entry(run, lock, outcomes.get(run.id)) for run in self.runs]
        synthetic = any(record.synthetic for record in lock.runs.values())
        content = render_index(entries, study_title=self.declaration.title, synthetic=synthetic)
        write_atomically(self.html / "index.html", content.encode())

    def _write_gallery(self, lock: Lock) -> None:
        pictures = [
            self._picture(run, lock.runs[run.id], name)
            for run in self.runs
            if run.id in lock.runs
            for name in sorted(lock.runs[run.id].figures)
        ]
        synthetic = any(record.synthetic for record in lock.runs.values())
        content = render_gallery(pictures, study_title=self.declaration.title, synthetic=synthetic)
        write_atomically(self.html / PAGE, content.encode())

    def _picture(self, run: Run, record: Record, name: str) -> Picture:
        svg = self.folders.out / "figures" / f"{name}.svg"
        page = self.html / f"{run.slug}.html"
        return Picture(
            name=name,
            group=story_group(run.notebook.name, self.declaration.story),
            alt=alt_text(svg.read_text(encoding="utf-8")) if svg.is_file() else "",
            run=run.id,
            href=page.name if page.is_file() else "",
            notebook=record.notebook,
            folder="../../figures",
            width=record.figures[name]["width"],
            height=record.figures[name]["height"],
            problems=record.figures[name]["problems"],
            made_from=dict(sorted(record.inputs.items())),
            files={
                path: digest for path, digest in sorted(record.outputs.items()) if path.startswith(f"figures/{name}.")
            },
        )

    def _entry(self, run: Run, lock: Lock, outcome: Outcome | None) -> PageEntry:
        there = (self.html / f"{run.slug}.html").is_file()
        state, headline = "ok", ""
        if outcome is not None and outcome.state == "failed":
            state, headline = "failed", outcome.error
        elif outcome is not None and outcome.state == "blocked":
            state, headline = "waits", f"waits for {outcome.blocked_by}"
        return PageEntry(
            run=run.id,
            title=run.notebook.title,
            group=story_group(run.notebook.name, self.declaration.story),
            parameters=run.parameters,
            href=f"{run.slug}.html" if there else "",
            state=state,
            headline=headline,
        )


def _read(path: Path) -> dict[str, object]:
    """Pages are rebuilt from executed notebooks, so a damaged record of them only costs that work."""
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
