"""The choice of cases on each wave alone: who changes, and whether those at the ends fall back."""

import numpy as np
import pandas as pd
import pytest

from nsi.errors import StudyError
from nsi.methods.case_scores.by_wave import TOGETHER, choice_changes, fall_back, selection_by_wave

MEANS = {"a": (4.5, 4.4), "b": (4.0, 3.0), "c": (3.0, 3.1), "d": (2.0, 3.0), "e": (1.5, 1.6)}


def scores():
    """Twenty people a case and wave, half above and half below the case's mean."""
    rows = []
    for case, means in MEANS.items():
        for wave, mean in zip(("1", "2"), means, strict=True):
            for person in range(20):
                rows.append((wave, case, f"{case}{wave}{person}", mean + (0.5 if person % 2 else -0.5)))
    return pd.DataFrame(rows, columns=["wave", "case", "respondent", "score"])


def chosen(**changes):
    settings = {"seed_of": len, "minimum_n": 5, "share": 0.4, **changes}
    return selection_by_wave(scores(), "score", ["1", "2"], **settings)


def test_every_wave_alone_and_all_together_have_a_row_for_every_case():
    found = chosen()
    assert found.groupby("wave")["case"].nunique().to_dict() == {"1": 5, "2": 5, TOGETHER: 5}
    assert found["wave"].drop_duplicates().tolist() == ["1", "2", TOGETHER]
    assert found.loc[found["wave"] == TOGETHER, "eb_mean"].is_monotonic_decreasing
    assert found.loc[found["wave"] == "1", "n"].tolist() == [20] * 5


def test_a_case_that_one_wave_places_and_the_other_does_not_is_not_the_same():
    changes = choice_changes(chosen()).set_index("case")
    assert [changes[wave].to_dict()["a"] for wave in ("1", "2")] == ["stronger", "stronger"]
    assert changes["same"].to_dict() == {"a": True, "b": False, "c": True, "d": False, "e": True}
    assert changes["change"].to_dict()["b"] == pytest.approx(-1.0, abs=0.1)


def test_those_chosen_on_one_wave_who_stand_nearer_to_the_middle_in_the_other_fell_back():
    back = fall_back(chosen()).set_index(["end", "chosen_on"])
    first = np.mean([4.5, 4.0]) - np.mean([4.5, 4.0, 3.0, 2.0, 1.5])
    then = np.mean([4.4, 3.0]) - np.mean([4.4, 3.0, 3.1, 3.0, 1.6])
    told = back.to_dict("index")[("stronger", "1")]
    assert told["distance"] == pytest.approx(first)
    assert told["distance_seen"] == pytest.approx(then)
    assert told["kept"] == pytest.approx(then / first)
    assert told["kept"] < 1
    assert (back["n_cases"] == 2).all()


def test_one_wave_cannot_be_compared():
    with pytest.raises(StudyError, match="two or more waves are compared; found 1; name another"):
        selection_by_wave(scores(), "score", ["1"], seed_of=len, minimum_n=5, share=0.4)
