"""Published claims against recorded numbers, and how they are declared."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nsi.claims import COLUMNS, Claim, read_claims
from nsi.errors import StudyError
from nsi.methods.claims import judged, names_in, what_it_shows

NUMBERS: dict[str, float | str] = {"n": 820, "share_a": 0.25, "share_b": 0.2, "kind": "teachers", "p": "withheld (n<5)"}


def verdict(test: str, why: str = "") -> tuple[str, str, str]:
    claims = pd.DataFrame([{"claim": "X-1", "test": test, "basis": "open", "why": why}])
    return tuple(judged(claims, NUMBERS)[["verdict", "found", "why"]].iloc[0])


def refused(test: str) -> str:
    with pytest.raises(StudyError) as caught:
        verdict(test)
    return str(caught.value)


def test_a_claim_holds_where_all_of_its_comparisons_do_and_shows_the_values() -> None:
    assert verdict("800 <= n <= 840 and share_a > share_b") == ("holds", "800 <= 820 <= 840 and 0.25 > 0.2", "")
    assert verdict("kind == 'teachers' and n != 3") == ("holds", "'teachers' = 'teachers' and 820 not 3", "")
    assert verdict("share_a > -0.5") == ("holds", "0.25 > -0.5", "")


def test_one_comparison_that_fails_is_enough() -> None:
    assert verdict("n == 820 and share_a < share_b") == ("does not hold", "820 = 820 and 0.25 < 0.2", "")


def test_a_number_that_could_not_be_computed_leaves_a_claim_untested_and_says_why() -> None:
    assert verdict("p > 0.05") == (
        "cannot be tested", "'withheld (n<5)' > 0.05", "there is no number, but: withheld (n<5)"
    )  # fmt: skip
    assert verdict("p > 0.05 and n < 5")[0] == "does not hold"


def test_a_claim_without_a_test_is_told_with_its_reason() -> None:
    assert verdict("", "nothing was published on it") == ("cannot be tested", "", "nothing was published on it")


def test_a_name_that_nobody_recorded_is_an_error_with_the_nearest_one() -> None:
    assert refused("share_aa > 0") == (
        "claim X-1 names the number 'share_aa', which nobody recorded; did you mean 'share_a'?"
    )
    assert refused("quite_other > 0") == (
        "claim X-1 names the number 'quite_other', which nobody recorded; a notebook records it with study.number"
    )


@pytest.mark.parametrize(
    ("test", "what"),
    [
        ("n >", "it is no comparison"),
        ("n", "'n' is no comparison by < <= > >= == !="),
        ("n > 3 or n < 2", "'n > 3 or n < 2' is no comparison by < <= > >= == !="),
        ("n in [1, 2]", "'n in [1, 2]' is no comparison by < <= > >= == !="),
    ],
)
def test_a_test_that_cannot_be_read_says_what_to_write(test: str, what: str) -> None:
    assert refused(test) == (
        f"claim X-1: the test '{test}' cannot be read, because {what}; write comparisons joined by 'and', such as "
        "800 <= n_units <= 840 and share_a > share_b"
    )


@pytest.mark.parametrize("part", ["__import__('os').getcwd()", "n + 1", "n.real", "True", "[1]"])
def test_nothing_but_names_numbers_and_words_is_evaluated(part: str) -> None:
    assert "only names of numbers, plain numbers and quoted words may stand there" in refused(f"{part} > 0")


@given(st.dictionaries(st.from_regex(r"[a-z]{1,6}_x", fullmatch=True), st.floats(-1e6, 1e6), min_size=2, max_size=5))
def test_what_python_says_of_a_chain_is_what_the_ledger_says(values: dict[str, float]) -> None:
    test = " <= ".join(values)
    claims = pd.DataFrame([{"claim": "P", "test": test, "basis": "open", "why": ""}])
    told = judged(claims, values)["verdict"].iloc[0]
    assert (told == "holds") == (list(values.values()) == sorted(values.values()))
    assert names_in(test) == list(values)


def test_with_synthetic_data_a_calibrated_claim_shows_no_more_than_that_it_came_through() -> None:
    rows = [("published data", "holds"), ("calibrated", "holds"), ("open", "holds"), ("calibrated", "does not hold"),
            ("open", "cannot be tested")]  # fmt: skip
    ledger = pd.DataFrame(rows, columns=["basis", "verdict"])
    assert what_it_shows(ledger, synthetic=True).tolist() == [
        "the published figures themselves",
        "that the pipeline carries the calibration through",
        "that a choice of ours agrees with it, and no more",
        "that the look-alike data miss it",
        "nothing",
    ]
    assert what_it_shows(ledger, synthetic=False).tolist() == [
        *["that these data agree with it"] * 3, "that these data do not", "nothing"
    ]  # fmt: skip


HEADER = ",".join(COLUMNS)
GOOD = "A-1,first,There are many,Somebody 2020,direction,n > 5,open,"


def claims_file(folder: Path, *rows: str) -> Path:
    (folder / "claims.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return folder / "claims.csv"


def test_claims_are_read_in_order(tmp_path: Path) -> None:
    assert read_claims(claims_file(tmp_path, GOOD)) == [
        Claim("A-1", "first", "There are many", "Somebody 2020", "direction", "n > 5", "open", "")
    ]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (GOOD, "claims.csv row 3: the claim 'A-1' stands twice; give each an id of its own"),
        ("A-2,,x,y,direction,n > 5,open,", "claims.csv row 3: 'study' is empty; fill it in"),
        (
            "A-2,s,x,y,guess,n > 5,open,",
            "claims.csv row 3: kind is 'guess', but allowed are exact number, direction, ordering, null, design fact",
        ),
        (
            "A-2,s,x,y,null,n > 5,hope,",
            "claims.csv row 3: basis is 'hope', but allowed are published data, calibrated, open",
        ),
        (
            "A-2,s,x,y,null,,open,",
            "claims.csv row 3: there is no test; write one, or say under 'why' what stands in its way",
        ),
    ],
)
def test_a_claim_that_is_declared_wrongly_stops_with_its_row(tmp_path: Path, row: str, told: str) -> None:
    with pytest.raises(StudyError) as caught:
        read_claims(claims_file(tmp_path, GOOD, row))
    assert str(caught.value) == told


def test_a_missing_file_of_claims_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"claims\.csv is missing from .*; study\.yml names it under claims"):
        read_claims(tmp_path / "claims.csv")
