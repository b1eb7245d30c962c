"""What a study may declare for its look-alike data: the keys of assumptions.yml, and what each holds.

A name that ends in ``?`` may be left out; ``*`` stands for all other names, which the study gives.
``Choice`` picks a shape by the word under ``kind``. A word in capitals is a number with its basis;
``text`` and ``texts`` are plain words.
"""

from __future__ import annotations

from nsi.synthetic.document_shape import CORPORA
from nsi.synthetic.shape_kinds import COUNT, DAY, RATES, SHARE, SHARES, WEIGHTS, Choice, Shape
from nsi.synthetic.survey_shape import SURVEYS
from nsi.synthetic.writing_shape import WRITING

CODED: dict[str, Shape] = {
    "kind": "text",
    "field?": "text",
    "shares?": SHARES,
    "given?": "text",
    "shares_given?": {"*": SHARES},
    "tilt?": {"by": "text", "factors": {"*": WEIGHTS}},
}

COLUMN = Choice(
    {
        "id": {"kind": "text", "first": "text"},
        "text": {
            "kind": "text",
            "start": "text",
            "given": "text",
            "words": {"*": "texts"},
            "endings": "texts",
        },
        "day": {"kind": "text", "months": WEIGHTS},
        "code": CODED,
        "exact": {**CODED, "count": COUNT, "otherwise": "text"},
    }
)

ROUND: dict[str, Shape] = {
    "codebook_version": "text", "first_day": DAY, "last_day": DAY, "by_both": COUNT, "by_one": COUNT,
}  # fmt: skip

RATED_FIELD: dict[str, Shape] = {
    "accuracy": RATES,
    "errors_given": {"*": SHARES},
    "skipped": COUNT,
    "secondary?": {"column": "text", "missed": SHARE, "added": SHARE},
}

RATINGS: dict[str, Shape] = {
    "file": "text",
    "table": "text",
    "key": "text",
    "copied": "texts",
    "coders": "texts",
    "adjudicator": "text",
    "rounds": {"*": ROUND},
    "settling_days": COUNT,
    "discussed": SHARE,
    "reasons": SHARES,
    "reason_if_missing": "text",
    "fields": {"*": RATED_FIELD},
}

MESS: dict[str, Shape] = {
    "padded?": {"columns": "texts", "share": SHARE},
    "dates?": {"column": "text", "format": "text", "share": SHARE},
    "logged_twice?": {"first_lacks": "text", "second_lacks": "text", "rows_later": COUNT},
    "misspelt?": {
        "key": "text",
        "column": "text",
        "code": "text",
        "written": "text",
        "who": "text",
        "why": "text",
    },
    "entered_twice?": {"key": "texts", "column": "text", "day": "text", "who": "text", "why": "text"},
    "empty_rows?": COUNT,
}

TABLE: dict[str, Shape] = {"file": "text", "rows": COUNT, "columns": {"*": COLUMN}}

SHAPE: dict[str, Shape] = {
    "seed": COUNT,
    "corrections": "text",
    "ratings?": RATINGS,
    "mess?": {"*": MESS},
    "surveys?": SURVEYS,
    "corpora?": {**CORPORA, "mess": {"*": MESS}},
    "writing?": WRITING,
    "*": TABLE,
}
