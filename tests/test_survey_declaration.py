"""What study.yml declares of a survey: read whole, and every mistake named by its place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from study_folder import StudyFolder, told

ITEMS = """\
item,scale,answers,reverse,asked_of,text
t_1,trust,agree,no,,We trust each other
t_2,trust,agree,yes,,We hide mistakes
w_1,worth,agree,no,teacher,It is worth the time
"""
CROSSWALK = """\
item,wave,column
t_1,first,Q1
t_2,first,Q2
w_1,first,Q3
t_1,second,Q1a
w_1,second,Q3
"""
CODES = """\
field,field_label,level,code,label,definition
agree,Agreement,ordinal,1,Disagree,
agree,Agreement,ordinal,2,Neither,
agree,Agreement,ordinal,3,Agree,
post,Post,nominal,teacher,Teacher,
post,Post,nominal,leader,Leader,
"""
SURVEY = {
    "items": "items.csv",
    "crosswalk": "crosswalk.csv",
    "waves": {"first": 2021, "second": 2022},
    "scales": {"trust": {"label": "Trust", "minimum": 0.6}, "worth": None},
    "domains": {"two": {"Social": ["trust"], "All": ["trust", "worth"]}},
}
RAW = {
    "answers_first": {
        "file": "survey/first.csv",
        "holds": "responses",
        "wave": "first",
        "form": "qualtrics",
        "columns": {"respondent": "mail", "case": "place", "role": {"from": "Q0", "type": "code", "field": "post"}},
    }
}


def survey_folder(root: Path) -> StudyFolder:
    """A study that declares a survey, before it is opened."""
    folder = StudyFolder(root)
    for name, content in (("items.csv", ITEMS), ("crosswalk.csv", CROSSWALK), ("codes.csv", CODES)):
        folder.put(name, content, folder="study")
    folder.keys |= {"survey": dict(SURVEY), "raw": {"answers_first": {**RAW["answers_first"]}}}
    return folder


def test_items_keep_their_order_scale_limits_and_direction(tmp_path: Path) -> None:
    frame = survey_folder(tmp_path).open().survey().items_frame()
    assert frame["item"].tolist() == ["t_1", "t_2", "w_1"]
    assert frame["reverse"].tolist() == [False, True, False]
    assert frame[["low", "high"]].to_numpy().tolist() == [[1.0, 3.0]] * 3
    assert frame["asked_of"].tolist() == ["", "", "teacher"]


def test_a_scale_without_words_of_its_own_has_its_name_and_half_of_its_items_as_minimum(tmp_path: Path) -> None:
    frame = survey_folder(tmp_path).open().survey().scales_frame()
    assert frame.to_numpy().tolist() == [["trust", "Trust", 0.6], ["worth", "worth", 0.5]]


def test_the_crosswalk_shows_the_column_of_an_item_and_nothing_where_it_was_not_asked(tmp_path: Path) -> None:
    frame = survey_folder(tmp_path).open().survey().crosswalk_frame()
    assert frame[["first", "second"]].fillna("-").to_numpy().tolist() == [["Q1", "Q1a"], ["Q2", "-"], ["Q3", "Q3"]]


def test_roles_that_were_asked_a_scale_are_told_and_nobody_means_everyone(tmp_path: Path) -> None:
    survey = survey_folder(tmp_path).open().survey()
    assert survey.asked_roles("worth") == ["teacher"]
    assert survey.asked_roles("trust") == []


def test_a_table_of_responses_knows_the_columns_of_its_wave(tmp_path: Path) -> None:
    folder = survey_folder(tmp_path)
    folder.open()
    from nsi.declaration import Declaration

    table = Declaration(tmp_path / "study", tmp_path / "data_raw").table("answers_first")
    assert table.item_columns == {"t_1": "Q1", "t_2": "Q2", "w_1": "Q3"}
    assert table.coded_fields == ["post", "agree"]


def test_a_study_without_a_survey_says_so(tmp_path: Path) -> None:
    study = StudyFolder(tmp_path).open()
    assert told(study.survey) == "study.yml declares no survey; add the key 'survey' with its items and scales"


def test_the_digest_of_the_survey_follows_items_and_crosswalk(tmp_path: Path) -> None:
    from nsi.declaration import Declaration

    folder = survey_folder(tmp_path)
    folder.open()
    places = (tmp_path / "study", tmp_path / "data_raw")
    before = Declaration(*places).digest("survey")
    assert Declaration(*places).digest("survey") == before
    folder.put("crosswalk.csv", CROSSWALK.replace("Q1a", "Q9"), folder="study")
    assert Declaration(*places).digest("survey") != before


def put(file: str, old: str, new: str) -> Callable[[StudyFolder], None]:
    """A change to one of the survey's files."""
    content = {"items.csv": ITEMS, "crosswalk.csv": CROSSWALK, "codes.csv": CODES}[file]
    assert old in content
    return lambda folder: folder.put(file, content.replace(old, new, 1), folder="study")


def key(value: object, *path: str) -> Callable[[StudyFolder], None]:
    """A change to a key below ``survey``, or below the raw table where the path begins with ``raw``."""

    def change(folder: StudyFolder) -> None:
        at = folder.keys["raw"]["answers_first"] if path[0] == "raw" else folder.keys["survey"]
        for name in path[1:-1] if path[0] == "raw" else path[:-1]:
            at[name] = dict(at[name])
            at = at[name]
        at[path[-1]] = value

    return change


MISTAKES = [
    (put("items.csv", "t_2,trust", "t_1,trust"),
     "items.csv row 3: the item 't_1' stands twice; remove one of the two rows"),
    (put("items.csv", "t_2,", "t 2,"),
     "items.csv row 3: the item 't 2' must be letters, digits and '_', because it becomes a column; rename it"),
    (put("items.csv", "w_1,worth", "w_1,value"),
     "items.csv row 4: item 'w_1' belongs to scale 'value', but study.yml survey.scales declares trust, worth; correct "
     "one of them"),
    (put("items.csv", "agree,yes", "agree,true"), "items.csv row 3: reverse is 'true', but must be yes or no"),
    (put("items.csv", "w_1,worth,agree", "w_1,worth,likert"),
     "codes.csv has no field 'likert'; it has agree, post. Add the field's codes there, or correct the name"),
    (put("items.csv", "w_1,worth,agree", "w_1,worth,post"),
     "field 'post' is nominal, so each of its codes must be a number, but the codebook has teacher, leader; declare it "
     "nominal or ordinal, or recode"),
    (put("codes.csv", "agree,Agreement,ordinal,2", "agree,Agreement,ordinal,1.5"),
     "codes.csv: field 'agree' holds the answers of item 't_1', so it needs at least two codes, whole numbers in "
     "order, and a level other than nominal"),
    (put("items.csv", "w_1,worth,agree,no,teacher,It is worth the time\n", ""),
     "items.csv: no item belongs to scale 'worth'; add its items, or remove the scale"),
    (put("crosswalk.csv", "t_2,first,Q2", "t_3,first,Q2"),
     "crosswalk.csv row 3: there is no item 't_3' in the list of items; correct the name, or add it"),
    (put("crosswalk.csv", "t_2,first,Q2", "t_2,third,Q2"),
     "crosswalk.csv row 3: wave 'third' is none of first, second; correct it, or declare the wave"),
    (put("crosswalk.csv", "t_2,first,Q2", "t_2,first,Q1"),
     "crosswalk.csv row 3: in wave 'first', item 't_2' and column 'Q1' must both be filled and stand once; remove or "
     "correct the row"),
    (put("crosswalk.csv", "t_2,first,Q2\n", ""),
     "crosswalk.csv: item 't_2' was asked in no wave; give it a row, or remove the item"),
    (key("other.csv", "items"), "other.csv is missing from the study's folder; study.yml survey names it"),
    (key({"label": "Trust", "minimum": 0}, "scales", "trust"),
     "study.yml survey.scales.trust.minimum is 0, but is the share of items that must be answered: above 0, at most 1"),
    (key("early", "waves", "first"), "study.yml survey.waves.first must be a number, but found 'early'"),
    (key({"Social": ["trst"]}, "domains", "two"),
     "study.yml survey.domains.two.Social: there is no scale 'trst'; declared are trust, worth"),
    (key("third", "raw", "wave"),
     "study.yml raw.answers_first.wave is 'third', but study.yml survey.waves declares first, second; correct it"),
    (key("rows", "raw", "holds"),
     "study.yml raw.answers_first.wave is for tables that hold responses; add holds: responses, or remove it"),
    (key({"respondent": "mail"}, "raw", "columns"),
     "study.yml raw.answers_first.columns: responses need 'case'; map it to its column"),
    (key({"respondent": "mail", "case": "place", "t_1": "Q1"}, "raw", "columns"),
     "study.yml raw.answers_first.columns.t_1: that name is kept for what reading responses makes; rename it"),
    (key({"respondent": "mail", "case": "place"}, "raw", "columns"),
     "study.yml raw.answers_first: item 'w_1' is asked of 'teacher', but the column 'role' knows no codes; map 'role' "
     "with type: code to a field with that code"),
    (key(["mail"], "raw", "key"),
     "study.yml raw.answers_first.key names 'mail', which is no column; columns are respondent, case, role"),
    (key("stata", "raw", "form"),
     "study.yml raw.answers_first.form is 'stata', but allowed are delimited, qualtrics, spss, excel"),
    (key("../first.csv", "raw", "file"),
     "study.yml raw.answers_first.file is '../first.csv', but must be a file in the raw data folder, such as 'log.csv' "
     "or 'folder/log.csv'"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_in_the_survey_is_named_by_its_place(
    tmp_path: Path, change: Callable[[StudyFolder], None], message: str
) -> None:
    folder = survey_folder(tmp_path)
    change(folder)
    assert told(folder.open) == message


def test_a_survey_must_be_declared_before_responses_can_be_read(tmp_path: Path) -> None:
    folder = survey_folder(tmp_path)
    del folder.keys["survey"]
    assert told(folder.open) == (
        "study.yml raw.answers_first holds responses, but study.yml has no key 'survey'; add it, with the items"
    )
