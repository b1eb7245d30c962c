"""Each coder's shares of codes against the others' by batch: counts, tests, and what cannot be tested."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import fisher_exact
from statsmodels.stats.multitest import multipletests

from nsi.errors import StudyError
from nsi.methods.code_use import code_use

CODES = ["low", "mid", "high"]
# (batch, coder): numbers of low, mid, high
COUNTS = {
    ("1", "ann"): (10, 10, 0), ("1", "bob"): (12, 8, 0), ("10", "ann"): (30, 5, 1), ("10", "bob"): (5, 30, 1),
    ("2", "ann"): (9, 6, 5), ("2", "bob"): (6, 9, 5), ("2", "cem"): (5, 5, 10),
}  # fmt: skip


def ratings(counts=COUNTS) -> Any:
    """Ratings with these counts; coders number their units from 0, so they share some."""
    rows = []
    for (batch, coder), numbers in counts.items():
        for unit, code in enumerate(np.repeat(CODES, numbers)):
            day = {"1": "2030-01-01", "2": "2030-02-01", "10": "2030-03-01"}[batch]
            rows.append(("here", f"b{batch} u{unit}", coder, "use", code, batch, pd.Timestamp(day)))
    return pd.DataFrame(rows, columns=["case", "unit", "coder", "field", "value", "round", "rated_on"], dtype=object)


def used(table=None, **changed):
    found = code_use(ratings() if table is None else table, **({"field": "use", "codes": CODES} | changed))
    return found.set_index(["batch", "coder", "code"])


def test_shares_are_of_the_coders_own_ratings_in_the_batch():
    found = used()
    assert found.loc[("10", "ann", "low"), "share"] == 30 / 36
    assert found.loc[("2", "cem", "high"), ["n_code", "n_ratings", "n_code_others", "n_ratings_others"]].tolist() == [
        10, 20, 10, 40,
    ]  # fmt: skip
    assert found.loc[("2", "cem", "high"), "difference"] == 0.5 - 0.25
    assert found.groupby(["batch", "coder"])["share"].sum().tolist() == pytest.approx([1.0] * 7)


def test_batches_stand_in_the_order_of_their_dates_or_as_asked():
    assert list(dict.fromkeys(used().index.get_level_values("batch"))) == ["1", "2", "10"]
    asked = used(batches=["10", "2", "1"])
    assert list(dict.fromkeys(asked.index.get_level_values("batch"))) == ["10", "2", "1"]


def test_p_is_fishers_and_the_correction_holms_with_the_test_of_two_coders_counted_once():
    found = used()
    p = fisher_exact([[30, 6], [5, 31]])[1]
    assert found.loc[("10", "ann", "low"), "p"] == pytest.approx(p)
    assert found.loc[("10", "bob", "low"), "p"] == pytest.approx(p)
    once = found[(found["flag"] == "") & ~((found.index.get_level_values("coder") == "bob")
                 & found.index.get_level_values("batch").isin(["1", "10"]))]  # fmt: skip
    assert len(once) == 2 + 9 + 3
    assert once["p_holm"].tolist() == pytest.approx(multipletests(once["p"], method="holm")[1].tolist())
    assert found.index[found["significant"]].tolist() == [
        ("10", who, code) for who in ("ann", "bob") for code in ("low", "mid")
    ]


@pytest.mark.parametrize(
    ("counts", "flags"),
    [
        ({("1", "ann"): (5, 0, 0), ("1", "bob"): (7, 0, 0)}, ["always_used", "never_used", "never_used"]),
        ({("1", "ann"): (5, 1, 0)}, ["single_coder"] * 3),
    ],
)
def test_what_cannot_be_tested_is_flagged_and_is_no_part_of_the_family(counts, flags):
    found = used(ratings(counts))
    assert found["flag"].tolist()[:3] == flags
    assert found["p"].isna().all()
    assert not found["significant"].any()


def test_only_shared_units_count_where_that_is_asked_for():
    found = used(ratings({("1", "ann"): (5, 5, 0), ("1", "bob"): (2, 2, 0)}), shared=True)
    assert found.loc[("1", "ann"), "n_ratings"].tolist() == [4, 4, 4]
    assert found.loc[("1", "ann"), "n_code"].tolist() == [4, 0, 0]


def test_ratings_that_name_no_batch_are_one_batch():
    assert set(used(ratings().assign(round=None)).index.get_level_values("batch")) == {"all"}


def test_a_table_without_ratings_has_its_columns():
    found = code_use(ratings()[:0], field="use", codes=CODES)
    assert len(found) == 0
    assert {"p_holm", "significant", "flag"} <= set(found.columns)


def with_one_missing() -> Any:
    table = ratings()
    table.loc[3, "round"] = None
    return table


@pytest.mark.parametrize(
    ("table", "changed", "told"),
    [
        (ratings(), {"batch": "month"}, "ratings have no column 'month' for the batches"),
        (ratings(), {"batches": ["1", "2"]}, "must name each batch once; missing from it: 10"),
        (ratings(), {"error_rate": 5}, "error_rate must lie between 0 and 1, for example 0.05; found 5"),
        (with_one_missing(), {}, r"ratings row 3: no round for field 'use' \(1 such rating"),
        (ratings().assign(value="odd"), {}, "'use' is 'odd', but the codebook allows"),
    ],
)
def test_what_cannot_be_compared_is_refused(table, changed, told):
    with pytest.raises(StudyError, match=told):
        used(table, **changed)
