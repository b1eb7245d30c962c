"""A study in a folder of its own, for tests of reading, cleaning and the door: no notebook, no pipeline."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from nsi.door import Places
from nsi.errors import StudyError
from nsi.study import Study

CODES = """\
field,field_label,level,code,label,definition
use,Use,nominal,plan,Plan,To plan
use,Use,nominal,check,Check,To check
use,Use,nominal,none,None,Not at all
grade,Grade,ordinal,1,Low,Lowest
grade,Grade,ordinal,2,Middle,Middle
grade,Grade,ordinal,3,High,Highest
place,Place,nominal,north,North,Up
place,Place,nominal,south,South,Down
"""
LONG = """\
place,doc,who,what,code,on
north,a1,AP,use,plan,2021-03-04
north,a1,BQ,use,check,2021-03-05
south,a2,AP,use,plan,2021-03-06
south,a2,AP,grade,2,2021-03-06
"""
SHEET = """\
doc,made,use,size
a1,2021-03-04,plan,12
a2,2021-03-05,check,7
"""
KEYS: dict[str, Any] = {
    "title": "A study",
    "seed": 7,
    "settings": {"least": 2},
    "raw": {
        "ratings": {
            "file": "ratings.csv",
            "holds": "ratings",
            "layout": "long",
            "fields": ["use", "grade"],
            "columns": {
                "case": {"from": "place", "type": "code", "field": "place"},
                "unit": "doc",
                "coder": "who",
                "field": "what",
                "value": "code",
                "rated_on": {"from": "on", "type": "date", "formats": ["%Y-%m-%d"]},
            },
        },
        "documents": {
            "file": "documents.csv",
            "key": ["doc"],
            "columns": {
                "doc": "doc",
                "made": {"type": "date", "formats": ["%Y-%m-%d", "%d.%m.%Y"]},
                "use": {"type": "code"},
                "size": {"type": "integer"},
            },
        },
    },
    "notebooks": [{"run": "10_reliability", "over": {"field": ["use", "grade"]}}],
}


class StudyFolder:
    """What a test declares and puts in place before it opens the study."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.keys = copy.deepcopy(KEYS)
        for name in ("study", "data_raw", "out"):
            (root / name).mkdir(parents=True)
        self.put("codes.csv", CODES, folder="study")
        self.put("ratings.csv", LONG)
        self.put("documents.csv", SHEET)

    def put(self, name: str, content: str | bytes, folder: str = "data_raw") -> None:
        """Write a file of the study."""
        data = content if isinstance(content, bytes) else content.encode()
        (self.root / folder / name).write_bytes(data)

    def correct(self, *rows: str) -> None:
        """Write corrections.csv with these rows below its header."""
        self.put("corrections.csv", "\n".join(["file,row_key,column,old,new,who,why", *rows]) + "\n")

    def table(self, name: str) -> dict[str, Any]:
        """Return the declaration of one raw table, to be changed."""
        found: dict[str, Any] = self.keys["raw"][name]
        return found

    def open(self, *, in_pipeline: bool = False) -> Study:
        """Write study.yml as declared so far, and open the study."""
        self.put("study.yml", yaml.safe_dump(self.keys, sort_keys=False, allow_unicode=True), folder="study")
        return Study(self.places(in_pipeline=in_pipeline))

    def places(self, *, in_pipeline: bool = False) -> Places:
        """Return where its files are."""
        staging = self.root / "staging" if in_pipeline else None
        return Places(self.root / "study", self.root / "data_raw", self.root / "out", staging)

    def held(self, folder: str = "out") -> dict[str, bytes | None]:
        """Every file and folder below a folder, with a file's bytes; the same before and after, or not."""
        found = sorted((self.root / folder).rglob("*"))
        return {path.relative_to(self.root).as_posix(): path.read_bytes() if path.is_file() else None for path in found}


def told(action: Callable[[], object]) -> str:
    """Return what a person is told when this is refused."""
    with pytest.raises(StudyError) as caught:
        action()
    return str(caught.value)
