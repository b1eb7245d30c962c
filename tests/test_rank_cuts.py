"""Cuts between bands of ranks, and the cases whose rank interval crosses one."""

import pandas as pd
import pytest

from nsi.errors import StudyError
from nsi.methods.rank_cuts import band_cuts, crossing


def test_cuts_stand_between_the_last_rank_of_a_band_and_the_first_of_the_next():
    assert band_cuts(11, 4, 4) == [4.5, 7.5]
    assert band_cuts(8, 4, 4) == [4.5]


@pytest.mark.parametrize(("n", "top", "bottom"), [(11, 0, 4), (11, 4, 0), (5, 3, 3)])
def test_bands_that_are_empty_or_overlap_are_refused(n, top, bottom):
    with pytest.raises(StudyError, match="each end needs one or more, and no case may be in both"):
        band_cuts(n, top, bottom)


def test_an_interval_crosses_a_cut_only_with_ranks_on_both_sides():
    ranks = pd.DataFrame({"case": list("abcd"), "rank_low": [1, 4, 5, None], "rank_high": [4, 5, 7, None]})
    found = crossing(ranks.astype({"rank_low": "Int64", "rank_high": "Int64"}), [4.5, 7.5])
    assert found.tolist()[:3] == [False, True, False]
    assert pd.isna(found.iloc[3])
    with pytest.raises(StudyError, match="table of ranks lacks column\\(s\\) rank_high"):
        crossing(ranks.drop(columns="rank_high"), [4.5])
