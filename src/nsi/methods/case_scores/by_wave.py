"""The same choice of cases made on each wave alone and on all of them: who would have been chosen on which."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from nsi.errors import StudyError, listed
from nsi.methods.case_scores.score_frame import WITHHELD
from nsi.methods.case_scores.selection import case_selection

TOGETHER = "together"
KEPT = ["case", "n", "raw_mean", "eb_mean", "eb_low", "eb_high", "rank_low", "rank_median", "rank_high", "group",
        "raw_choice", "flag"]  # fmt: skip


def selection_by_wave(
    scores: pd.DataFrame,
    scale: str,
    waves: Sequence[str],
    *,
    seed_of: Callable[[str], int],
    minimum_n: int,
    cases: Sequence[str] | None = None,
    share: float,
    level: float = 0.9,
    certainty: float = 0.8,
) -> pd.DataFrame:
    """Choose cases by the same rule on every wave alone, and on all waves together.

    Parameters
    ----------
    scores : DataFrame
        One row per wave, case and respondent: these and the scale.
    scale : str
        The column that cases are chosen on.
    waves : sequence of str
        Two or more.
    seed_of : callable
        Label to seed; waves are drawn one independent of the other.
    minimum_n, cases, share, level, certainty
        As for `case_selection`.

    Returns
    -------
    DataFrame, one row per wave (and "together") and case, the highest together first
        wave, case, n, raw_mean, eb_mean, eb_low, eb_high, rank_low, rank_median, rank_high, group, raw_choice, flag.

    Raises
    ------
    StudyError
        See `case_selection`; or if there are fewer than two waves.
    """
    if len(waves) < 2:
        raise StudyError(f"two or more waves are compared; found {listed(waves) or 'none'}; name another")
    rule = {"minimum_n": minimum_n, "cases": cases, "share": share, "level": level, "certainty": certainty}
    sets = {**{wave: [wave] for wave in waves}, TOGETHER: list(waves)}
    parts = {
        name: case_selection(scores, scale, own, seed=seed_of(f"selection {scale} {name}"), **rule)  # type: ignore[arg-type]
        for name, own in sets.items()
    }
    order = {case: place for place, case in enumerate(parts[TOGETHER]["case"])}
    whole = pd.concat([part[KEPT].assign(wave=name) for name, part in parts.items()], ignore_index=True)
    late = {name: place for place, name in enumerate(sets)}
    whole = whole.assign(turn=whole["case"].map(order), late=whole["wave"].map(late))
    return whole.sort_values(["late", "turn"], kind="stable").reset_index(drop=True)[["wave", *KEPT]]


def choice_changes(chosen: pd.DataFrame) -> pd.DataFrame:
    """One row per case: its group in each wave alone and together, and whether they are the same.

    Parameters
    ----------
    chosen : DataFrame
        From `selection_by_wave`.

    Returns
    -------
    DataFrame
        case, one column per wave and ``together`` (group), same (all waves alone place it alike), change (shrunken
        mean, last wave minus first; missing where one is).
    """
    wide = chosen.pivot(index="case", columns="wave", values="group")
    order = list(dict.fromkeys(chosen["wave"]))
    alone = [wave for wave in order if wave != TOGETHER]
    means = chosen.pivot(index="case", columns="wave", values="eb_mean")
    wide = wide.loc[list(dict.fromkeys(chosen["case"])), order]
    same = wide[alone].nunique(axis=1) == 1
    return wide.assign(same=same, change=means[alone[-1]] - means[alone[0]]).reset_index().rename_axis(columns=None)


def fall_back(chosen: pd.DataFrame) -> pd.DataFrame:
    """How far the cases that one wave would have chosen stand from all others' mean in that wave, and in another.

    Parameters
    ----------
    chosen : DataFrame
        From `selection_by_wave`.

    Returns
    -------
    DataFrame
        One row per end, wave chosen on and other wave: end (stronger | weaker, by raw means), chosen_on, seen_in,
        n_cases, distance (from the mean of the cases, in the wave chosen on), distance_seen (in the other), kept (the
        second as a share of the first; below 1 they fell back towards the middle). Missing where nobody was chosen.
    """
    known = chosen[(chosen["wave"] != TOGETHER) & (chosen["raw_choice"] != WITHHELD)]
    raw = known.pivot(index="case", columns="wave", values="raw_mean")
    waves, rows = list(dict.fromkeys(known["wave"])), []
    for end in ("stronger", "weaker"):
        for on in waves:
            picked = known.loc[(known["wave"] == on) & (known["raw_choice"] == end), "case"]
            for other in waves:
                if other != on:
                    both = raw.dropna(subset=[on, other])
                    own = both.loc[both.index.isin(picked)]
                    first = own[on].mean() - both[on].mean() if len(own) else np.nan
                    then = own[other].mean() - both[other].mean() if len(own) else np.nan
                    rows.append((end, on, other, len(own), first, then, then / first if first else np.nan))
    return pd.DataFrame(rows, columns=["end", "chosen_on", "seen_in", "n_cases", "distance", "distance_seen", "kept"])
