"""What is drawn from all records together: the numbers, the text of results, and the list of what is synthetic."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from nsi.pipeline.holding import save_if_new
from nsi.pipeline.lock import Lock
from nsi.pipeline.results_text import PLACE, filled_in, names_in

NUMBERS = "figures/numbers.json"
MARK = "figures/SYNTHETIC.txt"


def write_numbers(lock: Lock, out: Path) -> dict[str, float | str]:
    """Write every recorded number, sorted by name, and return them."""
    numbers = {name: value for record in lock.runs.values() for name, value in record.numbers.items()}
    save_if_new(out / NUMBERS, json.dumps(numbers, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n")
    return numbers


def write_results(templates: Mapping[str, str], numbers: Mapping[str, float | str], lock: Lock, out: Path) -> None:
    """Write the text of results; where a run that it needs has not succeeded yet, the old one stands, and that is told.

    Raises
    ------
    StudyError
        If a template lays a number out in a way that does not fit its value.
    """
    if not templates:
        return
    absent = sorted(names_in(templates) - set(numbers))
    if absent:
        print(f"{PLACE} is as it was: {absent[0]} is not recorded yet ({len(absent)} numbers are lacking in all)")
        return
    synthetic = any(record.synthetic for record in lock.runs.values())
    save_if_new(out / PLACE, filled_in(templates, numbers, synthetic=synthetic).encode())


def mark_synthetic(lock: Lock, out: Path) -> None:
    """List what rests on synthetic data, for those who meet a table without its page."""
    names = sorted(
        path
        for record in lock.runs.values()
        if record.synthetic
        for path in record.outputs
        if path.startswith("figures/")
    )
    mark = out / MARK
    if not names:
        mark.unlink(missing_ok=True)
        return
    head = "SYNTHETIC DATA. These files show that the pipeline works; nothing in them is a finding.\n\n"
    save_if_new(mark, (head + "".join(f"{name}\n" for name in names)).encode())
