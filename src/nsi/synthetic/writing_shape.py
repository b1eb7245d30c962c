"""What a study may declare for texts that people write about its data: the keys under ``writing``.

Read as ``nsi.synthetic.shape`` says. Part, case, matrix and place are the study's own names. In a sentence, ``{case}``
stands for the case, and ``{label}`` for the words of the code.
"""

from __future__ import annotations

from nsi.synthetic.shape_kinds import COUNT, DAY, Shape

CELLS: dict[str, Shape] = {
    "file": "text",
    "matrix": "text",  # whose rows are cases, and whose columns codes
    "part": "text",  # of the documents that it is drawn up from
    "supported": COUNT,  # texts about cells whose segments all support
    "mixed": COUNT,  # about cells with segments for and against
    "absent": COUNT,  # about cells without a segment, of cases that have some in the field
    "outdated": COUNT,  # of all of these, how many are older than the newest coding beneath them
    "first_day": DAY,
    "last_day": DAY,
    "sentences": {"supported": "texts", "mixed": "texts", "absent": "texts"},
}

INFERENCES: dict[str, Shape] = {
    "file": "text",
    "first_day": DAY,
    "last_day": DAY,
    "fits": {"*": {"cases": "texts", "sentences": "texts"}},  # by fit; "undecided" leaves it blank
}

USES: dict[str, Shape] = {
    "file": "text",
    "part": "text",
    "field": "text",  # segments of this field
    "count": COUNT,
    "used_in": "text",
    "kind": "text",
}

WRITING: dict[str, Shape] = {
    "start": "text",
    "writers": "texts",
    "cells": CELLS,
    "inferences": INFERENCES,
    "uses": USES,
}
