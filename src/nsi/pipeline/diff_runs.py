"""Why an output changed: which run wrote it, and what that run rested on that is not the same any more."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nsi.errors import listed
from nsi.pipeline.diff_source import Result
from nsi.pipeline.diff_values import as_written
from nsi.pipeline.lock import changed

LOCK = "figures/lock.json"
NEW, GONE = "is new", "is gone"
MODULES_SHOWN = 4
REASONS_SHOWN = 8
BY_HAND = ("its run did not write what stood there before", "its run did not write what stands there now")
NAMES_ITSELF = ("requirements", "input ", "declared ")


@dataclass(frozen=True)
class Records:
    """What a lock says; empty where there is none that can be read."""

    study: str = ""
    versions: str = ""
    runs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    fault: str = ""

    def writer(self, output: str) -> str:
        """Name the run that writes an output; empty where none is on record."""
        return next((run for run, record in self.runs.items() if output in record.get("outputs", {})), "")

    def number_writer(self, name: str) -> str:
        """Name the run that a number comes from; empty where none is on record."""
        return next((run for run, record in self.runs.items() if name in record.get("numbers", {})), "")


def read_records(result: Result) -> Records:
    """Read the lock of a result, of any version of the pipeline: what is not in it is not known."""
    data = result.files.get(LOCK)
    if data is None:
        return Records(fault=f"'{result.label}' has no {LOCK}")
    try:
        plain = json.loads(data)
        runs = {str(run): dict(record) for run, record in plain["runs"].items()}
        return Records(str(plain.get("study", "")), str(plain.get("versions", "")), runs)
    except (ValueError, KeyError, TypeError, AttributeError):
        return Records(fault=f"{LOCK} of '{result.label}' cannot be read")


@dataclass(frozen=True)
class RunChange:
    """One run that rests on something else than before.

    Attributes
    ----------
    run : str
        Its id.
    reasons : tuple of str
        What is not the same, as a person would put it: inputs, what is declared, parameters, code.
    modules : tuple of str
        Modules that it imports and that are not the same.
    upstream : tuple of str
        Runs that wrote an input which is not the same.
    """

    run: str
    reasons: tuple[str, ...]
    modules: tuple[str, ...] = ()
    upstream: tuple[str, ...] = ()

    @property
    def all_reasons(self) -> list[str]:
        """Reasons, with the modules in one."""
        return [*self.reasons, *in_one(self.modules)]


def in_one(modules: Iterable[str]) -> list[str]:
    """Name the first few of many modules that changed."""
    names = list(dict.fromkeys(modules))
    return [f"{'module' if len(names) == 1 else 'modules'} {listed(names, MODULES_SHOWN)} changed"] if names else []


class Causes:
    """Everything that two locks say about why results differ.

    Parameters
    ----------
    old, new : Result
        The compared results.
    """

    def __init__(self, old: Result, new: Result) -> None:
        self.old, self.new = read_records(old), read_records(new)
        self._locks = (self.old, self.new)
        self._files = (old.files, new.files)
        self.versions_differ = bool(self.known and self.old.versions != self.new.versions)
        self.runs: dict[str, RunChange] = {}
        for run in sorted({*self.old.runs, *self.new.runs}) if self.known else ():
            if found := self._change(run):
                self.runs[run] = found

    @property
    def known(self) -> bool:
        """Whether both locks could be read."""
        return not (self.old.fault or self.new.fault)

    def why(self, *outputs: str) -> tuple[str, str]:
        """Say which run writes some outputs that belong together, and why they changed.

        Returns
        -------
        run, reason : str
            Both empty where the locks do not say.
        """
        run = next((found for name in outputs if (found := self.new.writer(name) or self.old.writer(name))), "")
        by_hand = [told for name in outputs for told in self._by_hand(name)]
        return (run, "; ".join([*dict.fromkeys(by_hand), *self._reasons(run)])) if self.known else ("", "")

    def why_number(self, name: str, old: str = "", new: str = "") -> tuple[str, str]:
        """Say the same of a number, given as it is written in both results; empty where it is not."""
        run = self.new.number_writer(name) or self.old.number_writer(name)
        recorded = [as_written(records.runs.get(run, {}).get("numbers", {}).get(name, "")) for records in self._locks]
        sides = zip(BY_HAND, recorded, (old, new), strict=True)
        by_hand = [told for told, once, stands in sides if once and stands and once != stands]
        return (run, "; ".join([*by_hand, *self._reasons(run)])) if self.known else ("", "")

    def roots(self) -> list[str]:
        """List what nothing else on record stands behind: raw files, declarations, code, versions."""
        found = ["requirements.lock changed"] if self.versions_differ else []
        for run, change in self.runs.items():
            for reason in self._own(change):
                found.append(reason if reason.startswith(NAMES_ITSELF) else f"run {run}: {reason}")
        modules = in_one(name for change in self.runs.values() for name in change.modules)
        # Data and declarations first: they are what a study means by a change.
        return sorted(dict.fromkeys(found), key=lambda reason: not reason.startswith(NAMES_ITSELF)) + modules

    def _reasons(self, run: str) -> list[str]:
        if not run:
            return ["no run on record writes it"]
        told = ["requirements.lock changed"] if self.versions_differ else []
        for name in self._chain(run):
            if own := [*self._own(self.runs[name]), *in_one(self.runs[name].modules)]:
                where = "" if name == run else f" (in {name})"
                told.append(f"{listed(own, REASONS_SHOWN)}{where}")
        return told or ["nothing that its run rests on changed"]

    def _chain(self, run: str) -> list[str]:
        """List a run and the changed ones before it, each once."""
        chain = [run] if run in self.runs else []
        for name in chain:  # grows while it is read
            chain += [other for other in self._upstream(self.runs[name]) if other not in chain]
        return chain

    def _own(self, change: RunChange) -> list[str]:
        """Leave out inputs that an earlier run wrote: that run is told by itself."""
        written = {f"input {name}" for run in self._upstream(change) for name in self._outputs(run)}
        return [reason for reason in change.reasons if reason.rpartition(" changed")[0] not in written]

    def _upstream(self, change: RunChange) -> list[str]:
        return [run for run in change.upstream if run in self.runs]

    def _outputs(self, run: str) -> set[str]:
        return {name for records in (self.old, self.new) for name in records.runs.get(run, {}).get("outputs", {})}

    def _by_hand(self, output: str) -> list[str]:
        """Tell of a file that is not as its run left it."""
        told = []
        for records, by_hand, files in zip(self._locks, BY_HAND, self._files, strict=True):
            recorded = records.runs.get(records.writer(output), {}).get("outputs", {}).get(output)
            data = files.get(output)
            if recorded and data is not None and hashlib.sha256(data).hexdigest() != recorded:
                told.append(by_hand)
        return told

    def _change(self, run: str) -> RunChange | None:
        before, now = self.old.runs.get(run), self.new.runs.get(run)
        if before is None or now is None:
            return RunChange(run, (NEW if before is None else GONE,))
        inputs = changed(before.get("inputs", {}), now.get("inputs", {}), "input {}")
        reasons = inputs + changed(before.get("declared", {}), now.get("declared", {}), "declared {}")
        reasons += [f"its {what} changed" for what in ("parameters", "code") if before.get(what) != now.get(what)]
        old_modules, modules = before.get("modules", {}), now.get("modules", {})
        other = [name for name in sorted({*old_modules, *modules}) if old_modules.get(name) != modules.get(name)]
        if not reasons and not other:
            return None
        upstream = [self.new.writer(name) for name in now.get("inputs", {}) if f"input {name} changed" in inputs]
        return RunChange(run, tuple(reasons), tuple(other), tuple(dict.fromkeys(name for name in upstream if name)))
