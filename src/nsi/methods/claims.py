"""Published claims against recorded numbers: which hold, which do not, and which nothing here can test."""

from __future__ import annotations

import ast
import difflib
import operator
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from nsi.errors import StudyError, listed

HOLDS, FAILS, OPEN = "holds", "does not hold", "cannot be tested"
VERDICTS = (HOLDS, FAILS, OPEN)
NEEDED = ("claim", "test", "basis", "why")
COMPARISONS: dict[type[ast.cmpop], tuple[str, Callable[[Any, Any], bool]]] = {
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: (">=", operator.ge),
    ast.Eq: ("=", operator.eq),
    ast.NotEq: ("not", operator.ne),
}
Value = float | str


def judged(claims: pd.DataFrame, numbers: Mapping[str, Value]) -> pd.DataFrame:
    """Hold each claim against the numbers.

    Parameters
    ----------
    claims : DataFrame
        One row per claim: claim (id), test, basis, why; further columns stay. A test is made of comparisons of names
        of numbers with each other and with plain numbers or quoted words, such as
        ``800 <= n_units <= 840 and share_a > share_b``. An empty test cannot be tested, for the reason under ``why``.
    numbers : mapping
        Name to value. A value may be a text, such as the label of the largest group, or the reason why there is no
        number.

    Returns
    -------
    DataFrame
        The claims with ``found`` (the test with values in place of names; "" without a test), ``verdict`` (holds, does
        not hold, cannot be tested) and ``why`` (as declared, or what stood in the way of a test).

    Raises
    ------
    StudyError
        With the claim's id, if a test cannot be read or names a number that nobody recorded.
    """
    lacking = [name for name in NEEDED if name not in claims.columns]
    if lacking:
        raise StudyError(f"the claims lack column(s) {listed(lacking)}; they must have {', '.join(NEEDED)}")
    rows = [_judge(str(row.claim), str(row.test), str(row.why), numbers) for row in claims.itertuples()]
    told = pd.DataFrame(rows, columns=["found", "verdict", "why"], index=claims.index, dtype="str")
    return claims.assign(found=told["found"], verdict=told["verdict"], why=told["why"])


SHOWS = {
    "published data": "the published figures themselves",
    "calibrated": "that the pipeline carries the calibration through",
    "open": "that a choice of ours agrees with it, and no more",
}


def what_it_shows(ledger: pd.DataFrame, *, synthetic: bool) -> pd.Series:
    """Say in words what each verdict can show; with synthetic data that depends on what stands behind a claim.

    Parameters
    ----------
    ledger : DataFrame
        As `judged` returns it; basis is one of published data, calibrated, open.
    synthetic : bool
        Whether any of the numbers rests on synthetic data.
    """
    told = []
    for row in ledger.itertuples():
        if row.verdict == OPEN:
            told.append("nothing")
        elif synthetic and row.verdict == HOLDS:
            told.append(SHOWS[str(row.basis)])
        elif synthetic:
            told.append("that the look-alike data miss it")
        else:
            told.append("that these data agree with it" if row.verdict == HOLDS else "that these data do not")
    return pd.Series(told, index=ledger.index, dtype="str", name="shows")


def names_in(test: str, claim: str = "") -> list[str]:
    """Return the names of numbers in a test, each once, in order."""
    found = [node.id for part in _parts(test, claim) for node in ast.walk(part) if isinstance(node, ast.Name)]
    return list(dict.fromkeys(found))


def _judge(claim: str, test: str, why: str, numbers: Mapping[str, Value]) -> tuple[str, str, str]:
    if not test.strip():
        return "", OPEN, why
    found, verdicts, hindrances = [], [], []
    for part in _parts(test, claim):
        values = [_value(node, claim, numbers) for node in (part.left, *part.comparators)]
        signs = [COMPARISONS[type(sign)] for sign in part.ops]
        told = _shown(values[0])
        for left, (sign, compare), right in zip(values[:-1], signs, values[1:], strict=True):
            told += f" {sign} {_shown(right)}"
            if isinstance(left, str) != isinstance(right, str):
                hindrances.append(left if isinstance(left, str) else str(right))
            else:
                verdicts.append(compare(left, right))
        found.append(told)
    whole = " and ".join(found)
    if not all(verdicts):
        return whole, FAILS, why
    if hindrances:
        return whole, OPEN, f"there is no number, but: {listed(hindrances)}"
    return whole, HOLDS, why


def _parts(test: str, claim: str) -> list[ast.Compare]:
    """Parse a test into its comparisons."""
    try:
        body = ast.parse(test.strip(), mode="eval").body
    except SyntaxError:
        raise _unreadable(claim, test, "it is no comparison") from None
    parts = body.values if isinstance(body, ast.BoolOp) and isinstance(body.op, ast.And) else [body]
    comparisons = []
    for part in parts:
        if not isinstance(part, ast.Compare) or any(type(sign) not in COMPARISONS for sign in part.ops):
            raise _unreadable(claim, test, f"'{ast.unparse(part)}' is no comparison by < <= > >= == !=")
        comparisons.append(part)
    return comparisons


def _value(node: ast.expr, claim: str, numbers: Mapping[str, Value]) -> Value:
    if isinstance(node, ast.Name):
        if node.id not in numbers:
            near = difflib.get_close_matches(node.id, numbers, n=1)
            hint = f"did you mean '{near[0]}'?" if near else "a notebook records it with study.number"
            raise StudyError(f"claim {claim} names the number '{node.id}', which nobody recorded; {hint}")
        return numbers[node.id]
    try:
        value = ast.literal_eval(node)
    except ValueError:
        value = None
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        allowed = "only names of numbers, plain numbers and quoted words may stand there"
        raise _unreadable(claim, ast.unparse(node), allowed)
    return value


def _unreadable(claim: str, test: str, what: str) -> StudyError:
    return StudyError(
        f"claim {claim}: the test '{test}' cannot be read, because {what}; write comparisons joined by 'and', such as "
        "800 <= n_units <= 840 and share_a > share_b"
    )


def _shown(value: Value) -> str:
    return f"'{value}'" if isinstance(value, str) else f"{value:.4g}" if isinstance(value, float) else f"{value}"
