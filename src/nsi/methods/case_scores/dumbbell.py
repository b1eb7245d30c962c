"""First and last wave of each case side by side, with the change between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nsi.errors import StudyError
from nsi.methods.case_scores.people import Answers, answers_of, timed_scores
from nsi.methods.case_scores.score_frame import WITHHELD, is_withheld, joined_flags, need_columns
from nsi.methods.case_scores.slopes import grouped_slopes
from nsi.methods.quantiles import t_quantile

ENDS = ("first", "last")
ONE_END = "one_wave"


def dumbbell(
    table: pd.DataFrame,
    scores: pd.DataFrame,
    scales: Sequence[str],
    first: str,
    last: str,
    *,
    minimum_n: int,
    level: float = 0.9,
) -> pd.DataFrame:
    """Mean of each case in two waves, both with interval, and the change.

    Parameters
    ----------
    table : DataFrame
        From `case_scores`.
    scores : DataFrame
        What it was made from; the change and its error need to know who answered twice.
    scales : sequence of str
        Which scales.
    first, last : str
        The two waves.
    minimum_n : int
        Smallest number of people of whom anything is shown.
    level : float
        Probability of the intervals.

    Returns
    -------
    DataFrame
        One row per scale and case with a row in either wave: case, scale, n_first, mean_first, low_first, high_first,
        n_last, mean_last, low_last, high_last (t with n-1 degrees of freedom; se as in the table), n_same (people with
        a score in both), change (last minus first), change_se (clustered by person), change_low, change_high, flag:
        "withheld" (either end is; all numbers but counts are missing), "one_wave" (no score at one end: change is
        missing), or "too_few_respondents", "no_residual_variance" (no error of the change).
        `with_words` needs counts=("n_first", "n_last", "n_same").

    Raises
    ------
    StudyError
        If a column or wave is absent, or both waves are the same.
    """
    if first == last:
        raise StudyError(f"first and last wave are both '{first}'; name two waves")
    need_columns(table, ["case", "wave", "scale", "n", "mean", "se", "flag"], "the table")
    known = timed_scores(scores, list(scales), {first: 0.0, last: 1.0}, minimum_n)
    parts = []
    for scale in scales:
        ends = _ends(table[table["scale"] == scale], (first, last), level)
        change = _change(answers_of(known, scale, {first: 0.0, last: 1.0}, 1))
        parts.append(_closed(ends.join(change), minimum_n, level).assign(scale=scale))
    whole = pd.concat(parts, ignore_index=True)
    return whole[["case", "scale", *[name for name in whole.columns if name not in ("case", "scale")]]]


def _ends(rows: pd.DataFrame, waves: tuple[str, str], level: float) -> pd.DataFrame:
    """Both ends by case: counts, means and intervals."""
    sides = []
    for end, wave in zip(ENDS, waves, strict=True):
        side = rows[rows["wave"] == wave].set_index("case")
        width = t_quantile(np.maximum(side["n"] - 1, 1), (1 + level) / 2) * side["se"]
        found = {"n": side["n"], "mean": side["mean"], "low": side["mean"] - width, "high": side["mean"] + width}
        hidden = is_withheld(side["flag"])
        sides.append(pd.DataFrame({f"{name}_{end}": part for name, part in found.items()} | {f"hidden_{end}": hidden}))
    both = sides[0].join(sides[1], how="outer").sort_index()
    for end in ENDS:
        both[f"n_{end}"] = both[f"n_{end}"].fillna(0).astype("int64")
        both[f"hidden_{end}"] = both[f"hidden_{end}"].eq(True)
    return both


def _change(answers: Answers) -> pd.DataFrame:
    """Difference of the two means by case: the slope over one unit of time."""
    found = grouped_slopes(
        answers.values, answers.times, answers.case, answers.person, len(answers.cases), within=False
    )
    found["n_same"] = found["n_responses"] - found["n_persons"]
    named = found.rename(columns={"slope": "change", "se": "change_se"})
    named.index = pd.Index(answers.cases, name="case")
    return named[["n_same", "change", "change_se", "n_persons", "flag"]]


def _closed(rows: pd.DataFrame, minimum_n: int, level: float) -> pd.DataFrame:
    """Interval of the change, flags, and nothing where an end is withheld."""
    few = (rows["n_first"].between(1, minimum_n - 1)) | (rows["n_last"].between(1, minimum_n - 1))
    hidden = (few | rows["hidden_first"] | rows["hidden_last"]).to_numpy(dtype=bool)
    empty = ((rows["n_first"] == 0) | (rows["n_last"] == 0)).to_numpy()
    width = t_quantile(np.maximum(rows["n_persons"] - 1, 1), (1 + level) / 2) * rows["change_se"]
    flag = np.select([hidden, empty], [WITHHELD, ONE_END], default=rows["flag"].fillna("").to_numpy())
    told = pd.DataFrame(
        {name: rows[name] for end in ENDS for name in (f"n_{end}", f"mean_{end}", f"low_{end}", f"high_{end}")}
    )
    told["n_same"] = rows["n_same"].fillna(0).astype("int64")
    told["change"], told["change_se"] = rows["change"], rows["change_se"]
    told["change_low"], told["change_high"] = rows["change"] - width, rows["change"] + width
    numbers = [name for name in told.columns if not name.startswith("n_")]
    told[numbers] = told[numbers].mask(pd.Series(hidden, index=told.index), axis=0)
    told["flag"] = pd.Series(joined_flags(flag), index=told.index, dtype="str")
    return told.reset_index()
