"""What was published and can be checked: the claims of a study, as its claims.csv declares them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nsi.errors import StudyError
from nsi.strict import choice, csv_rows

COLUMNS = ("claim", "study", "says", "source", "kind", "test", "basis", "why")
# What kind of statement a claim is.
KINDS = ("exact number", "direction", "ordering", "null", "design fact")
# What the data behind its numbers are, and so what a claim that holds can show.
BASES = ("published data", "calibrated", "open")


@dataclass(frozen=True)
class Claim:
    """One published claim: what it says and where, and how it is tested.

    Attributes
    ----------
    claim : str
        Its id.
    study, says, source : str
        Which study made it, what it says in words of our own, and where.
    kind, basis : str
        One of `KINDS`, one of `BASES`.
    test : str
        Comparisons of recorded numbers, joined by ``and``; "" where it cannot be tested.
    why : str
        Why it cannot be tested, or what the test leaves open.
    """

    claim: str
    study: str
    says: str
    source: str
    kind: str
    test: str
    basis: str
    why: str


def read_claims(path: Path) -> list[Claim]:
    """Read the claims of a study.

    Parameters
    ----------
    path : Path
        A UTF-8 csv file with the columns claim, study, says, source, kind, test, basis, why.

    Returns
    -------
    list of Claim
        In the order of the file.

    Raises
    ------
    StudyError
        With the row, if the file is missing or its header is another one, an id stands twice, a cell that must be
        filled is empty, a kind or basis is unknown, or a claim without a test does not say why.
    """
    try:
        rows = csv_rows(path, COLUMNS)
    except FileNotFoundError:
        raise StudyError(f"{path.name} is missing from {path.parent.name}/; study.yml names it under claims") from None
    claims: dict[str, Claim] = {}
    for number, cells in rows:
        where = f"{path.name} row {number}"
        found = Claim(*cells)
        empty = next((name for name in COLUMNS[:5] if not getattr(found, name)), None)
        if empty:
            raise StudyError(f"{where}: '{empty}' is empty; fill it in")
        choice(found.kind, f"{where}: kind", KINDS)
        choice(found.basis, f"{where}: basis", BASES)
        if found.claim in claims:
            raise StudyError(f"{where}: the claim '{found.claim}' stands twice; give each an id of its own")
        if not found.test and not found.why:
            raise StudyError(f"{where}: there is no test; write one, or say under 'why' what stands in its way")
        claims[found.claim] = found
    return list(claims.values())


def claims_as_declared(claims: list[Claim]) -> list[dict[str, Any]]:
    """All claims as plain values: for hashing, and for the table that notebooks get."""
    return [asdict(claim) for claim in claims]
