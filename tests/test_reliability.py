"""Reliability from a table of ratings: rows, flags, refusals, and where coders differ."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nsi.errors import StudyError
from nsi.methods import agreement as ag
from nsi.methods.reliability import (
    code_reliability,
    coded_units,
    confusion_between,
    confusion_by_pair,
    confusion_pairs,
    disagreement_summary,
    disagreements,
    reliability,
)

CODES = ["low", "mid", "high"]
COLUMNS = ["case", "field", "level", "coefficient", "estimate", "ci_low", "ci_high", "n_units", "n_pairable",
           "n_ratings", "n_coders", "flag", "se", "se_method", "share_below_667", "share_below_800",
           "n_replicates_undefined",
    "n_drawn",
]  # fmt: skip
DATA = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "gti_artefacts"


def table(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Ratings of the field "use" from (case, unit, coder, value); None is missing with a reason."""
    frame = pd.DataFrame(rows, columns=["case", "unit", "coder", "value"], dtype="str")
    frame["field"] = "use"
    frame["missing"] = frame["value"].isna().map({True: "skipped", False: None})
    return frame


def cells(frame: pd.DataFrame, *key: str) -> Any:
    """Row of a table with that key in its index."""
    return frame.xs(key)


@pytest.fixture
def ratings() -> pd.DataFrame:
    """Two cases that share coders and ids of units; the third coder rates some, and one rating is missing."""
    generator = np.random.default_rng(1)
    rows: list[tuple[Any, ...]] = []
    for case in ("west", "east"):
        for unit in range(40):
            true = generator.integers(0, 3)
            for coder in ("ann", "bob", "cem"):
                if coder != "cem" or unit % 3 == 0:
                    code = true if generator.random() < 0.8 else generator.integers(0, 3)
                    rows.append((case, f"u{unit}", coder, CODES[code]))
    rows[5] = (*rows[5][:3], None)
    other = table(("west", "u0", "ann", "low")).assign(field="other")
    return pd.concat([table(*rows), other], ignore_index=True)


def of_use(ratings: pd.DataFrame, **changed: object) -> pd.DataFrame:
    settings: dict[str, Any] = {
        "field": "use",
        "codes": CODES,
        "level": "ordinal",
        "seed": 7,
        "replicates": 200,
        **changed,
    }
    return reliability(ratings, **settings)


def test_the_table_holds_the_pooled_row_first_and_then_each_case(ratings: pd.DataFrame) -> None:
    found = of_use(ratings)
    assert list(found.columns) == COLUMNS
    assert found["case"].tolist() == ["all", "all", "west", "west", "east", "east"]
    assert found["coefficient"].tolist() == ["krippendorff_alpha", "percent_agreement"] * 3
    assert (found["flag"] == "").all()
    assert (found["ci_low"] < found["estimate"]).all()
    assert (found["estimate"] < found["ci_high"]).all()
    counts = found[["n_units", "n_pairable", "n_ratings", "n_coders"]].to_numpy()
    assert counts[0].tolist() == [80, 79, 187, 3]  # one of two ratings of a unit is missing
    assert of_use(ratings, cases=["east", "west"])["case"].tolist()[2] == "east"


def test_estimates_are_those_of_the_units_of_each_case(ratings: pd.DataFrame) -> None:
    found = of_use(ratings, coefficients=["krippendorff_alpha", "conger_kappa", "gwet_ac2_quadratic"])
    given = ratings[(ratings["field"] == "use") & ratings["value"].notna()]
    given = given.assign(unit=given["case"].str.cat(given["unit"]))
    for case, part in [("all", given), *given.groupby("case")]:
        wide = part.pivot(index="unit", columns="coder", values="value")
        positions = ag.code_positions(wide.to_numpy(dtype=object), CODES)
        expected = [
            ag.krippendorff_alpha(positions, 3, level="ordinal"),
            ag.conger_kappa(positions, 3),
            ag.gwet_ac2(positions, 3, weights="quadratic"),
        ]
        row = found[found["case"] == case]
        assert row["estimate"].tolist() == pytest.approx([one.estimate for one in expected], abs=1e-12)
        assert row["se"].tolist() == pytest.approx([one.se for one in expected], abs=1e-12, nan_ok=True)


def test_units_with_the_same_id_in_two_cases_are_two_units_and_coders_are_the_same_people() -> None:
    found = coded_units(table(("a", "1", "x", "low"), ("b", "1", "x", "mid"), ("b", "1", "y", "mid")),
                        field="use", codes=CODES)  # fmt: skip
    assert found.units.to_numpy().tolist() == [["a", "1"], ["b", "1"]]
    assert found.coders == ["x", "y"]
    assert found.positions.tolist() == [[0, -1], [1, 1]]


def test_same_seed_same_table_and_a_case_does_not_depend_on_the_others(ratings: pd.DataFrame) -> None:
    whole = of_use(ratings)
    pd.testing.assert_frame_equal(whole, of_use(ratings))
    west = of_use(ratings[ratings["case"] == "west"])
    pd.testing.assert_frame_equal(
        whole[whole["case"] == "west"].reset_index(drop=True),
        west[west["case"] == "west"].reset_index(drop=True),
    )


def test_order_of_rows_does_not_move_an_estimate(ratings: pd.DataFrame) -> None:
    mixed = ratings.sample(frac=1, random_state=3)
    found, again = of_use(ratings), of_use(mixed, cases=["west", "east"])
    pd.testing.assert_frame_equal(found, again)


def test_more_ratings_of_fewer_documents_widen_the_interval(ratings: pd.DataFrame) -> None:
    ratings["document"] = ratings["unit"].str[-1]
    units, documents = of_use(ratings, replicates=400), of_use(ratings, replicates=400, cluster="document")
    assert units["estimate"].tolist() == documents["estimate"].tolist()
    assert units["ci_low"].tolist() != documents["ci_low"].tolist()
    assert units["n_drawn"].tolist() == [80, 80, 40, 40, 40, 40]
    assert documents["n_drawn"].tolist() == [20, 20, 10, 10, 10, 10]


@pytest.mark.parametrize(
    ("rows", "flag"),
    [
        ([("a", "1", "x", None), ("a", "2", "y", None)], "empty"),
        ([("a", "1", "x", "low"), ("a", "2", "x", "mid")], "single_coder"),
        ([("a", "1", "x", "low"), ("a", "2", "y", "mid")], "no_overlap"),
        ([("a", "1", "x", "low"), ("a", "1", "y", "low"), ("a", "2", "x", "low")], "no_variation"),
    ],
)
def test_what_cannot_be_estimated_is_missing_with_its_flag(rows: list[tuple[str, ...]], flag: str) -> None:
    found = of_use(table(*rows)).set_index(["case", "coefficient"])
    assert list(found.index.get_level_values("case").unique()) == ["all", "a"]
    alpha, agreement = (cells(found, "a", name) for name in ("krippendorff_alpha", "percent_agreement"))
    numbers = ["estimate", "ci_low", "ci_high", "se", "share_below_667", "share_below_800"]
    assert alpha[numbers].isna().all()
    assert alpha["flag"] == flag
    assert alpha["n_replicates_undefined"] == 200
    if flag == "no_variation":
        assert (agreement["estimate"], agreement["flag"]) == (1.0, "")
    else:
        assert agreement["flag"] == flag


def test_a_field_without_any_rating_has_one_empty_pooled_row() -> None:
    found = of_use(table(("a", "1", "x", "low")), field="never asked")
    assert found[["case", "flag"]].to_numpy().tolist() == [["all", "empty"], ["all", "empty"]]
    assert found["n_units"].tolist() == [0, 0]


def test_ratings_that_are_missing_with_a_reason_are_not_ratings(ratings: pd.DataFrame) -> None:
    without = ratings[ratings["value"].notna()]
    pd.testing.assert_frame_equal(of_use(ratings), of_use(without))


def test_coefficients_of_two_coders_look_at_units_both_coded_and_refuse_a_third(
    ratings: pd.DataFrame,
) -> None:
    two = ratings[ratings["coder"] != "cem"]
    names = ["krippendorff_alpha", "cohen_kappa_quadratic", "scott_pi"]
    found = of_use(two, coefficients=names)
    assert found["coefficient"].tolist() == names * 3
    assert found["n_units"].tolist()[:3] == [80, 79, 79]
    assert (found["flag"] == "").all()
    with pytest.raises(StudyError) as error:
        of_use(ratings, coefficients=names)
    assert str(error.value) == (
        "case 'all', field 'use': cohen_kappa and scott_pi compare two coders, found 3; "
        "use mean_cohen_kappa, conger_kappa, fleiss_kappa or krippendorff_alpha"
    )


def test_interval_alpha_takes_the_numbers_codes_stand_for(ratings: pd.DataFrame) -> None:
    even = of_use(ratings, level="interval", code_values={"low": 1, "mid": 2, "high": 3})
    apart = of_use(ratings, level="interval", code_values={"high": 30, "low": 1, "mid": 2})
    assert even["estimate"].tolist() != apart["estimate"].tolist()
    with pytest.raises(
        StudyError, match="field 'use': no number given for code\\(s\\) high; give each code its value"
    ):
        of_use(ratings, level="interval", code_values={"low": 1, "mid": 2})
    with pytest.raises(StudyError, match="alpha at the interval level needs the number each code stands for"):
        of_use(ratings, level="interval")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [("a", "1", "x", "low"), ("a", "1", "x", "mid"), ("a", "1", "y", "mid")],
            "coder x coded unit 1 of case a 2 times for 'use' (2 rows affected in all); "
            "keep one of them through the corrections table",
        ),
        (
            [("a", "1", "x", "low"), ("a", "2", "y", "lwo")],
            "coder y, unit 2 of case a: 'use' is 'lwo', but the codebook allows 'low', 'mid', 'high' "
            "(1 such rating(s)); correct the value, or add the code to the codebook",
        ),
        (
            [("all", "1", "x", "low")],
            "a case is called 'all', which names the pooled row of the table; rename that case",
        ),
        ([("a", "1", None, "low")], "ratings row 0: no coder for field 'use'; every rating needs one"),
        ([("a", None, "x", "low")], "ratings row 0: no unit for field 'use'; every rating needs one"),
    ],
)
def test_ratings_that_cannot_be_right_stop_the_run(rows: list[tuple[str, ...]], message: str) -> None:
    with pytest.raises(StudyError) as error:
        of_use(table(*rows))
    assert str(error.value) == message


def test_a_number_is_not_the_text_of_that_number() -> None:
    mixed = table(("a", "1", "x", "1"), ("a", "1", "y", "1")).astype({"value": object})
    mixed.loc[1, "value"] = 1
    with pytest.raises(
        StudyError, match="coder y, unit 1 of case a: 'use' is 1, but the codebook allows '1', '2'"
    ):
        of_use(mixed, codes=["1", "2"])


def test_reliability_on_consensus_labels_is_refused(ratings: pd.DataFrame) -> None:
    independent = ratings.assign(label_stage="independent")
    pd.testing.assert_frame_equal(of_use(independent), of_use(ratings))
    independent.loc[3, "label_stage"] = "consensus"
    with pytest.raises(StudyError) as error:
        of_use(independent)
    assert str(error.value) == (
        "field 'use': a reliability computed on consensus labels is refused; "
        "1 row(s) have label_stage consensus, "
        "only 'independent' is allowed; pass the ratings made before discussion"
    )


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"cluster": "document"}, "ratings have no column 'document' to resample by"),
        (
            {"cases": ["west"]},
            "the order of cases must name each case once and not 'all'; missing from it: east",
        ),
        ({"coefficients": ["kappa"]}, "coefficient 'kappa' is not known; choose from krippendorff_alpha"),
        ({"level": "nominal", "coefficients": ["gwet_ac2_linear"]}, "gwet_ac2_linear needs codes in order"),
        (
            {"codes": ["low", "mid", "low"]},
            "the codebook lists a code of 'use' twice: low, mid, low; keep one",
        ),
        ({"level": "scale"}, "level 'scale' is not known"),
    ],
)
def test_a_wrong_request_is_refused_in_words(
    ratings: pd.DataFrame, changed: dict[str, object], message: str
) -> None:
    with pytest.raises(StudyError) as error:
        of_use(ratings, **changed)
    assert message in str(error.value)


def test_a_unit_stands_in_one_document(ratings: pd.DataFrame) -> None:
    ratings["document"] = ratings["coder"]
    with pytest.raises(StudyError, match="unit u0 of case west stands in more than one document for 'use'"):
        of_use(ratings, cluster="document")


def test_a_column_that_is_lacking_is_named() -> None:
    with pytest.raises(
        StudyError, match="ratings lack column\\(s\\) coder; they must have case, unit, coder"
    ):
        of_use(table(("a", "1", "x", "low")).drop(columns="coder"))


def test_each_code_is_taken_alone_with_its_prevalence(ratings: pd.DataFrame) -> None:
    found = code_reliability(ratings, field="use", codes=[*CODES, "none"], seed=1, replicates=100)
    assert found.columns[:5].tolist() == ["case", "field", "level", "code", "coefficient"]
    assert len(found) == 3 * 4 * 5
    pooled = found[found["case"] == "all"].set_index(["code", "coefficient"])
    positions = coded_units(ratings, field="use", codes=CODES).positions
    low = ag.one_against_rest(positions, 3, 0)
    assert pooled.loc[("low", "krippendorff_alpha"), "estimate"] == pytest.approx(
        ag.krippendorff_alpha(low, 2, level="nominal").estimate
    )
    percent, pabak = cells(pooled, "low", "percent_agreement"), cells(pooled, "low", "pabak")
    assert pabak["estimate"] == pytest.approx(2 * percent["estimate"] - 1)  # Byrt, Bishop & Carlin 1993
    positive = cells(pooled, "low", "positive_agreement")
    assert positive["ci_low"] < positive["estimate"] < positive["ci_high"]
    low = low[(low >= 0).sum(axis=1) >= 2]
    assert positive["n_positives"] == (low == 1).sum()
    assert positive["prevalence"] == pytest.approx((low == 1).sum() / (low >= 0).sum())
    assert pooled.loc[("none", "positive_agreement"), "flag"] == "no_variation"
    assert pooled.loc[("none", "negative_agreement"), "estimate"] == 1.0
    assert pooled.loc[("none", "krippendorff_alpha"), "flag"] == "no_variation"
    assert pooled.loc[("none", "percent_agreement"), "n_positives"] == 0


THREE = table(
    ("a", "1", "x", "low"), ("a", "1", "y", "high"), ("a", "1", "z", "low"),
    ("a", "2", "x", "mid"), ("a", "2", "y", "mid"),
    ("b", "1", "y", "mid"), ("b", "1", "x", "low"), ("b", "2", "x", "low"),
)  # fmt: skip


def test_confusion_counts_every_ordered_pair_of_coders() -> None:
    found = confusion_pairs(THREE, field="use", codes=CODES)
    assert found["row"].tolist() == ["low"] * 3 + ["mid"] * 3 + ["high"] * 3
    counts = found["n"].to_numpy().reshape(3, 3)
    assert counts.tolist() == [[2, 1, 2], [1, 2, 0], [2, 0, 0]]
    assert found["n"].dtype == np.int64


def test_every_two_coders_who_share_a_unit_are_counted_as_by_themselves() -> None:
    found = confusion_by_pair(THREE, field="use", codes=CODES)
    pairs = found[["first_coder", "second_coder"]].drop_duplicates().to_numpy().tolist()
    assert pairs == [["x", "y"], ["x", "z"], ["y", "z"]]
    for first, second in pairs:
        here = found[(found["first_coder"] == first) & (found["second_coder"] == second)]
        alone = confusion_between(THREE, "use", CODES, first, second)
        assert here[["row", "column", "n"]].to_numpy().tolist() == alone.to_numpy().tolist()


def test_confusion_between_two_coders_has_the_first_in_rows() -> None:
    found = confusion_between(THREE, "use", CODES, "x", "y")
    assert found[found["n"] > 0].to_numpy().tolist() == [
        ["low", "mid", 1],
        ["low", "high", 1],
        ["mid", "mid", 1],
    ]
    with pytest.raises(StudyError, match="coder w has no rating for 'use'; coders who have: x, y, z"):
        confusion_between(THREE, "use", CODES, "x", "w")
    with pytest.raises(StudyError, match="coder x cannot be compared with the same coder; name two"):
        confusion_between(THREE, "use", CODES, "x", "x")


def test_disagreements_list_each_unit_and_what_everyone_said() -> None:
    found = disagreements(THREE, field="use")
    assert found.to_numpy().tolist() == [
        ["a", "1", "x: low | y: high | z: low", 3, 2],
        ["b", "1", "x: low | y: mid", 2, 2],
    ]
    assert disagreements(THREE[THREE["unit"] == "2"], field="use").empty


def test_disagreements_are_counted_by_pair_of_codes_and_case() -> None:
    found = disagreement_summary(THREE, field="use", codes=CODES)
    assert found.to_numpy().tolist() == [
        ["all", "low", "mid", 1, 3, 1 / 3],
        ["all", "low", "high", 1, 3, 1 / 3],
        ["a", "low", "high", 1, 2, 1 / 2],
        ["b", "low", "mid", 1, 1, 1.0],
    ]


@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data with the artefact ratings is not here")
def test_artefact_ratings_of_two_countries_give_the_reference_alphas() -> None:
    # ../shared/data/gti_artefacts/reference.json, krippendorff_alpha_ordinal (R, coincidence matrix)
    raw = pd.read_csv(DATA / "GTI-Artefact-Data.csv", low_memory=False, dtype="str")
    raw = raw.rename(columns={"COUNTRY": "case", "IDARTEFACT": "unit", "IDRATER": "coder"})
    raw["coder"] = raw["case"].str.cat(raw["coder"])  # raters are numbered within country
    valid = raw["CONN_MATH_REP_RATE"].where(
        lambda code: code.isin(list("123"))
    )  # 9999 and 9992 are user-missing
    raw = raw.assign(field="maths", value=valid).drop_duplicates(["case", "unit", "coder"])
    settings: dict[str, Any] = {
        "field": "maths",
        "codes": list("123"),
        "level": "ordinal",
        "seed": 1,
        "replicates": 50,
    }
    found = reliability(raw, **settings)
    with pytest.raises(
        StudyError, match=r"coded unit .* of case Chile 2 times for 'maths' \(2 rows affected in all\)"
    ):
        reliability(pd.concat([raw, raw[raw["value"].notna()].head(1)]), **settings)
    alpha = found[found["coefficient"] == "krippendorff_alpha"].set_index("case")["estimate"]
    assert alpha["Chile"] == pytest.approx(0.852901853517467, abs=1e-9)
    assert alpha["Japan"] == pytest.approx(0.608173809338614, abs=1e-9)
    assert list(alpha.index) == ["all", "Chile", "Japan"]
