"""The cleaning flow shows every rule with the rows that it took out or changed."""

import pandas as pd
import pytest
from matplotlib.text import Text

from nsi.errors import StudyError
from nsi.figures.cleaning_flow import cleaning_flow
from nsi.figures.legibility import legibility_problems
from nsi.figures.rendering import stamp

COLUMNS = ["rule", "table", "rows_before", "rows_after", "rows_changed", "what"]
LOG = pd.DataFrame(
    [
        ("drop_tests", "answers", 1012, 998, 0, "Answers given while the form was tried out"),
        ("match_roles", "answers", 998, 998, 27, None),
        ("trim", "answers", 998, 998, 0, "Blanks at either end"),
        ("split_lists", "answers", 998, 999, 1, None),
        ("drop_twins", "ratings", 40, 39, 0, None),
    ],
    columns=COLUMNS,
)


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def draw(log):
    return cleaning_flow(log, title="Few rows were lost", note="All waves")


def test_counts_in_between_and_out_are_printed_with_each_rules_effect():
    found = texts(draw(LOG))
    assert {"1,012 rows in", "998 rows left", "999 rows out", "40 rows in", "39 rows out"} <= set(found)
    assert {"−14 rows", "27 rows changed", "no row touched", "+1 row, 1 row changed", "−1 row"} <= set(found)
    assert "drop tests" in found


def test_a_log_without_reasons_can_be_drawn():
    assert "no row touched" in texts(draw(LOG.drop(columns="what")))


@pytest.mark.parametrize(("rules", "tables"), [(1, 1), (4, 1), (12, 1), (3, 2), (2, 5)])
def test_everything_can_be_read_for_few_and_many_rules_and_tables(rules, tables):
    log = pd.DataFrame(
        [
            (
                f"eine_ungewöhnlich_lange_regel_{i}",
                f"table {t}",
                2_500_000 - i,
                2_499_999 - i,
                i,
                "Why this rule was needed at all, in rather many words, so that the lines must be broken "
                * (1 + i % 2),
            )
            for t in range(tables)
            for i in range(rules)
        ],
        columns=COLUMNS,
    )
    figure = draw(log)
    stamp(figure, "SYNTHETIC DATA")
    assert legibility_problems(figure) == []


@pytest.mark.parametrize(
    ("log", "message"),
    [
        (LOG.drop(columns="rule"), "cleaning log lacks column rule; found: table, rows_before"),
        (LOG[:0], "cleaning log has no rows"),
        (LOG.assign(rows_after=-1), "cleaning log row 1: rows_after is -1, but a count is a whole number"),
        (LOG.assign(rule=["a", " ", "c", "d", "e"]), "cleaning log row 2: rule is missing; name it"),
        (
            LOG.drop(index=0).assign(rows_before=[990, 998, 998, 40])[::-1],
            "rule 'trim' of table 'answers' starts with 998 rows, but the rule before it left 999; list the",
        ),
        (
            LOG.assign(rows_changed=5000),
            "rule 'drop_tests' of table 'answers' changed 5000 rows of 1012; count rows",
        ),
    ],
)
def test_logs_that_do_not_add_up_are_refused_by_name(log, message):
    with pytest.raises(StudyError, match=message):
        draw(log)
