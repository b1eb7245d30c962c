"""What a study may declare for its look-alike documents: the keys under ``corpora`` in assumptions.yml.

Read as ``nsi.synthetic.shape`` says. Part, case, group, kind of document, role, field and code are the study's own
names; so are the columns of the files, which stand in the files in the order in which they are declared.
"""

from __future__ import annotations

from nsi.synthetic.shape_kinds import COUNT, DAY, EFFECTS, NUMBER, RATES, SHARE, SHARES, WEIGHTS, Shape

DOCUMENT_COLUMNS = ("id", "part", "case", "day", "kind", "title", "role")
SEGMENT_COLUMNS = (
    "id", "document", "part", "case", "field", "code", "stance", "coder", "round", "day", "version", "stage", "rule",
    "reason", "speaker", "place", "withheld", "text",
)  # fmt: skip
TRIAL_COLUMNS = ("id", "case", "school", "day")
EVENT_COLUMNS = ("id", "case", "lane", "first", "last", "text")

GROUP: dict[str, Shape] = {
    "cases?": "texts",  # named here
    "shift?": "text",  # or those of this shift under surveys.cases.shifts; neither: all cases of the survey
}

KIND: dict[str, Shape] = {
    "at_start?": COUNT,  # per case, in its first weeks
    "per_year?": NUMBER,  # per case, evenly over its time
    "first_day?": DAY,  # none of this kind before
    "total?": COUNT,  # over all cases together, dealt out evenly
    "coded": NUMBER,  # how likely a segment is cut from one of them, against the other kinds
    "speakers?": SHARES,  # left out: nobody speaks in it
    "titles": "texts",
}

FIELD: dict[str, Shape] = {
    "shares": {"*": SHARES},  # by group
    "trend?": EFFECTS,  # per code and year: by how much the logarithm of its weight rises
    "code_sd?": NUMBER,  # how differently cases use single codes: sd of the logarithm of their weight
    "rank_sd?": NUMBER,  # how differently cases rank: sd of the change of that logarithm from code to next code
    "left_out?": SHARE,  # share of codes that a case never shows
    "contrary": SHARE,
    "accuracy": SHARE,
    "skipped": COUNT,
    "phrases?": {"*": "texts"},  # by code; needed for the main field of a segment
}

PART: dict[str, Shape] = {
    "first_id": "text",
    "first_day": DAY,
    "last_day": DAY,
    "from_launch": "text",  # yes or no: whether a case's documents begin with its launch
    "groups": {"*": GROUP},
    "sparse?": RATES,  # cases with fewer documents and segments: which share of the usual number
    "kinds": {"*": KIND},
    "segments_per_case": COUNT,
    "centre": DAY,  # the day at which shares hold as declared
    "main": SHARES,  # each segment is coded in one of these fields
    "also?": RATES,  # and, if it is not contrary, in these beside it
    "fields": {"*": FIELD},
}

LAUNCH: dict[str, Shape] = {
    "given": {"*": WEIGHTS},  # any number of lists of case and year, each with its own basis
    "drawn": SHARES,  # years of all other cases
    "month": COUNT,
}

CODING: dict[str, Shape] = {
    "coders": "texts",
    "adjudicator": "text",
    "double": SHARE,
    "rounds": {"*": {"codebook_version": "text", "first_day": DAY, "last_day": DAY, "share": SHARE}},
    "settling_days": COUNT,
    "discussed": SHARE,
    "reasons": SHARES,
    "reason_if_missing": "text",
    "misspelt": {"field": "text", "code": "text", "written": "text", "who": "text", "why": "text"},
    "coded_twice": {"who": "text", "why": "text"},
}

TEXTS: dict[str, Shape] = {
    "start": "text",
    "openings": {"supports": "texts", "contrary": "texts"},
    "endings": "texts",
    "odd": "texts",  # with {text} for the ordinary text; each stands in one segment
    "longest": COUNT,  # characters of the one very long segment
    "withheld": SHARE,
    "voices": COUNT,
    "paragraphs": COUNT,
}

MARK: dict[str, Shape] = {
    "shares": RATES,  # by group
    "given?": "text",  # only where this other mark is yes
    "otherwise?": SHARE,
}

TRIALS: dict[str, Shape] = {
    "file": "text",
    "columns": dict.fromkeys(TRIAL_COLUMNS, "text"),
    "first_id": "text",
    "part": "text",  # of which part the cases are
    "per_case": {"least": COUNT, "most": COUNT},
    "schools": "text",  # column of the table of cases that counts them
    "school_pattern": "text",
    "stages": {"*": RATES},  # by group
    "case_sd": NUMBER,
    "stepwise": SHARE,
    "marks": {"*": MARK},
    "undated": SHARE,
}

EVENTS: dict[str, Shape] = {
    "file": "text",
    "columns": dict.fromkeys(EVENT_COLUMNS, "text"),
    "first_id": "text",
    "part": "text",
    "lanes": {"*": {"lasts_from": COUNT, "lasts_to": COUNT, "texts": {"*": "texts"}}},
}

CASE_TABLE: dict[str, Shape] = {
    "file": "text",
    "case": "text",  # the column that names the case
    "rows": {"*": {"codes": {"*": "text"}, "counts": WEIGHTS}},
    "part": "text",
    "marked": {"column": "text", "group": "text"},  # yes for the cases of this group of the part
}

CORPORA: dict[str, Shape] = {
    "documents": {"file": "text", "columns": dict.fromkeys(DOCUMENT_COLUMNS, "text")},
    "segments": {"file": "text", "columns": dict.fromkeys(SEGMENT_COLUMNS, "text"), "first_id": "text"},
    "launch": LAUNCH,
    "parts": {"*": PART},
    "texts": TEXTS,
    "coding": CODING,
    "trials": TRIALS,
    "events": EVENTS,
    "case_table": CASE_TABLE,
}
