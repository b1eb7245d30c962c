"""The list of outputs that a reviewer checks, in the form of codecheck.yml, with what the fresh runs said of each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import yaml

from nsi.pipeline.diff_pictures import alt_text
from nsi.pipeline.lock import Lock
from nsi.pipeline.verify_compare import Comparison
from nsi.pipeline.verify_tree import Setting

VERSION = "https://codecheck.org.uk/spec/config/1.0/"
FORMS = re.compile(r"\.(png|pdf|csv)$")  # a figure is listed once, by its SVG
HEAD = """\
# Outputs of this compendium in the form of a CODECHECK configuration (codecheck.org.uk).
# Written by `make verify`; whoever checks adds paper, codechecker, certificate and check_time.
"""


def manifest(title: str, lock: Lock, out: Path, runs: Mapping[Setting, Comparison]) -> str:
    """Write the manifest.

    Parameters
    ----------
    title : str
        Of the study.
    lock : Lock
        The record of results.
    out : Path
        OUT, where the figures' words are read.
    runs : mapping
        Each way of running to what came of it; may be empty.

    Returns
    -------
    str
        YAML: one entry per figure, table, document and list of numbers, with the run that writes it and what is on it.
    """
    entries = []
    for run, record in sorted(lock.runs.items()):
        names = [name for name in sorted(record.outputs) if name.startswith("figures/")]
        pictures = {name.removesuffix(".svg") for name in names if name.endswith(".svg")}
        for name in names:
            stem = FORMS.sub("", name)
            if stem == name or stem not in pictures:
                words = alt_text(_bytes(out / name)) if name.endswith(".svg") else ""
                entries.append({"file": name, "comment": _comment(run, words, name.removesuffix(".svg"), runs)})
    numbers = "figures/numbers.json"
    entries.append({"file": numbers, "comment": _comment("every run that records a number", "", numbers, runs)})
    whole = {"version": VERSION, "source": title, "manifest": entries}
    return HEAD + yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=110)


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _comment(run: str, words: str, name: str, runs: Mapping[Setting, Comparison]) -> str:
    verdicts = ((setting.name, found.verdicts.get(name)) for setting, found in runs.items())
    states = [f"fresh run {letter}: {verdict.state if verdict else 'not made'}" for letter, verdict in verdicts]
    return ". ".join(part.rstrip(".") for part in (f"By {run}", words, *states) if part) + "."
