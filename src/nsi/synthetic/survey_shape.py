"""What a study may declare for its look-alike survey: the keys under ``surveys`` in assumptions.yml.

Read as ``nsi.synthetic.shape`` says. Case, wave, role, scale and item are the study's own names.
"""

from __future__ import annotations

from nsi.synthetic.shape_kinds import COUNT, DAY, EFFECTS, NUMBER, RATES, SHARE, SHARES, WEIGHTS, Shape

WAVE: dict[str, Shape] = {
    "file": "text",
    "roster": "text",  # its file
    "form": "text",  # qualtrics, spss or excel
    "choices": "text",  # numbers or labels
    "skipped": "text",  # what stands in the cell of a question that was seen and not answered
    "first_day": DAY,
    "last_day": DAY,
}

GROUP: dict[str, Shape] = {
    "cases?": "texts",  # left out: all cases that no other group names
    "level": NUMBER,
    "sd": NUMBER,
    "change": NUMBER,
    "change_sd": NUMBER,
}

CASES: dict[str, Shape] = {
    "names": "texts",
    "sizes": {"*": WEIGHTS},  # any number of lists, each with its own basis
    "sizes_drawn": {"median": NUMBER, "log_sd": NUMBER, "least": COUNT, "most": COUNT},
    "first_invited": RATES,
    "groups": {"*": GROUP},
    "shifts": {"*": {"cases": "texts", "scales": EFFECTS}},
    "no_roster": {"case": "text", "wave": "text"},
    "in_two": "texts",
}

SCALE: dict[str, Shape] = {
    "offset": NUMBER,
    "follows": NUMBER,
    "sd": NUMBER,
    "rise": NUMBER,
    "by_role?": EFFECTS,
}

PEOPLE: dict[str, Shape] = {
    "roles": SHARES,
    "schooled": "texts",  # roles that belong to a school
    "members_per_school": COUNT,
    "turnover": SHARE,
    "alternate": SHARE,
    "uses_alternate": SHARE,
    "domains": "texts",
    "schools": SHARES,  # ways to write school {n}; the first is the roster's
}

ANSWERS: dict[str, Shape] = {
    "centre": NUMBER,
    "profile": "texts",  # scales over which a case's peculiarities cancel out
    "thresholds": EFFECTS,
    "sds": {"general": NUMBER, "scale": NUMBER, "occasion": NUMBER, "item": NUMBER, "reversed": NUMBER},
    "item_sd": NUMBER,
    "item_offsets": EFFECTS,
    "skipped": SHARE,
    "left_early": SHARE,
    "reasons": {"*": {"code": "text", "label": "text", "shares": RATES}},
}

RESPONDING: dict[str, Shape] = {
    "least": SHARE,
    "most": SHARE,
    "wave_sd": NUMBER,
    "roles": EFFECTS,
    "set": RATES,
    "steadiness": SHARE,
    "seconds": {"median": NUMBER, "log_sd": NUMBER, "least": COUNT},
    "languages": SHARES,
}

OPEN: dict[str, Shape] = {
    "start": "text",
    "share": SHARE,
    "words": "texts",
    "endings": "texts",
    "odd": "texts",
    "odd_share": SHARE,
}

MESS: dict[str, Shape] = {
    "previews": COUNT,
    "tests": COUNT,
    "unfinished": COUNT,
    "declined": COUNT,
    "hurried": COUNT,
    "straight": COUNT,
    "came_back": COUNT,
    "twice": COUNT,
    "other_address": COUNT,
    "resubmitted": COUNT,
    "anonymous": COUNT,
    "unlisted": COUNT,
    "hurried_seconds": {"least": COUNT, "most": COUNT},
    "padded": SHARE,
    "misspelt": {"*": {"case": "text", "written": "text", "who": "text", "why": "text"}},
}

COLUMNS: dict[str, Shape] = dict.fromkeys(("case", "role_text", "consent", "role", "school", "open"), "text")

SURVEYS: dict[str, Shape] = {
    "items": "text",
    "crosswalk": "text",
    "waves": {"*": WAVE},
    "columns": COLUMNS,
    "roster_columns": "texts",  # case, person, role, school, address, second address
    "fields": {"role": "text", "consent": "text"},
    "questions": {"consent": "text", "role": "text", "school": "text", "items": "text", "open": "text"},
    "time_zone": "text",
    "cases": CASES,
    "scales": {"*": SCALE},
    "people": PEOPLE,
    "answers": ANSWERS,
    "responding": RESPONDING,
    "open": OPEN,
    "mess": MESS,
}
