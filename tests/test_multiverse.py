"""The declaration of a multiverse: combinations, what a universe changes in study.yml, and mistakes by their text."""

import pytest
import yaml

from nsi.errors import StudyError
from nsi.multiverse import read_multiverse

STUDY = {
    "title": "t", "settings": {"least": 2, "rule": {"waves": ["1", "2"]}},
    "survey": {"scales": {"s": {"minimum": 0.6}}},
}  # fmt: skip
GOOD = {
    "choices": {
        "least": {"label": "Least", "sets": "settings.least", "options": {"four": 4, "two": 2}, "usual": "two"},
        "waves": {"label": "Waves", "sets": "settings.rule.waves", "options": {"both": ["1", "2"], "one": ["1"]},
                  "usual": "both"},
        "answered": {"label": "Answered", "sets": "survey.scales.s.minimum", "options": {"60%": 0.6, "all": 1.0},
                     "usual": "60%"},
    },
    "notebooks": ["01_items"],
    "questions": {"many": {"says": "There are many.", "test": "n > 3", "estimate": "n", "label": "how many"}},
}  # fmt: skip


def read(folder, change=None):
    declared = yaml.safe_load(yaml.safe_dump(GOOD, sort_keys=False))
    if change:
        change(declared)
    (folder / "study.yml").write_text(yaml.safe_dump(STUDY), encoding="utf-8")
    (folder / "multiverse.yml").write_text(yaml.safe_dump(declared, sort_keys=False), encoding="utf-8")
    return read_multiverse(folder)


def test_universes_are_all_combinations_and_the_study_itself_is_the_first(tmp_path):
    universes = read(tmp_path).universes()
    assert len(universes) == 8
    assert len({tuple(one.items()) for one in universes}) == 8
    assert universes[0] == {"least": "two", "waves": "both", "answered": "60%"}


def test_a_universe_changes_its_keys_and_nothing_else_and_leaves_the_study_alone(tmp_path):
    multiverse = read(tmp_path)
    changed = multiverse.otherwise(STUDY, {"least": "four", "waves": "one"})
    assert changed["settings"] == {"least": 4, "rule": {"waves": ["1"]}}
    assert changed["survey"] == STUDY["survey"]
    assert STUDY["settings"] == {"least": 2, "rule": {"waves": ["1", "2"]}}
    assert multiverse.otherwise(STUDY, multiverse.universes()[0]) == STUDY


def test_a_choice_knows_the_key_that_the_record_of_a_run_notes(tmp_path):
    choices = read(tmp_path).choices
    assert [choice.declared for choice in choices.values()] == ["settings.least", "settings.rule", "survey"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.pop("questions"), "questions"),
        (lambda d: d.update(choices={}), "choices: there is none; name at least one"),
        (lambda d: d["choices"]["least"].update(sets="raw.items"), "must begin with settings or survey"),
        (lambda d: d["choices"]["least"].update(sets="settings.lest"), "lest"),
        (lambda d: d["choices"]["least"].update(options={"two": 2}), "has 1 option\\(s\\); a choice has two or more"),
        (lambda d: d["choices"]["least"].update(usual="six"), "usual is 'six', but its options are four, two"),
        (lambda d: d["choices"]["least"].update(usual="four"), "usual option 'four' is 4, but study.yml says 2"),
        (lambda d: d["choices"].update(again=d["choices"]["least"]), "two of them set settings.least"),
        (lambda d: d["questions"].update(many="n > 3"), "questions.many must hold keys and values"),
        (lambda d: d["questions"]["many"].update(tset="n > 3"), "tset"),
        (lambda d: d["questions"]["many"].update(test="n >"), "many.test cannot be read: 'n >'; compare recorded"),
        (lambda d: d["questions"]["many"].update(reference="5%"), "many.reference must be a number, .* found text"),
        (lambda d: d["questions"]["many"].update(reference=True), "many.reference must be a number, .* a yes/no value"),
    ],
)
def test_mistakes_are_named(tmp_path, change, message):
    with pytest.raises(StudyError, match=message):
        read(tmp_path, change)


def test_a_study_without_a_multiverse_says_what_to_do(tmp_path):
    with pytest.raises(StudyError, match=r"the study has no multiverse.yml; declare choices, notebooks and questions"):
        read_multiverse(tmp_path)


def test_a_question_knows_the_numbers_that_it_needs_and_what_to_hold_them_against(tmp_path):
    def ask(declared):
        declared["questions"]["many"].update(test="n >= 0.05 and 0 < least < n", reference=0.05)

    question = read(tmp_path, ask).questions["many"]
    assert question.numbers == ["n", "least"]
    assert question.reference == 0.05
    assert read(tmp_path).questions["many"].reference is None
