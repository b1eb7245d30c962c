"""The cases of a look-alike survey: their sizes, how they do on each scale and wave, and how many of them answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from nsi.errors import StudyError
from nsi.synthetic.survey_form import Plan


@dataclass(frozen=True)
class Cases:
    """One copy of the set of cases.

    Attributes
    ----------
    names : list of str
        The id of each case; those of later copies end in the number of the copy.
    sizes : array of int, shape (n_cases,)
        Members.
    means : array, shape (n_waves, n_cases, n_scales)
        Where the answers to a scale lie, in the unit of the answers, before roles and persons.
    rates : array, shape (n_waves, n_cases)
        Share of members who answer.
    """

    names: list[str]
    sizes: NDArray[np.int64]
    means: NDArray[np.float64]
    rates: NDArray[np.float64]


def draw_cases(plan: Plan, copy: int) -> Cases:
    """Draw one copy of the set of cases.

    Parameters
    ----------
    plan : Plan
        What the study declares.
    copy : int
        1 for the set itself; 2 and on for further sets of the same design.

    Returns
    -------
    Cases
        In declared order.

    Raises
    ------
    StudyError
        If a case has two sizes or two groups, or nothing groups it.
    """
    names = plan.declared["cases"]["names"]
    ids = [name if copy == 1 else f"{name}.{copy}" for name in names]
    return Cases(ids, _sizes(plan, names), _means(plan, copy, names), _rates(plan, copy, names))


def _sizes(plan: Plan, names: list[str]) -> NDArray[np.int64]:
    """Give declared sizes; draw the others so that their middle and their tails are as declared."""
    spec = plan.declared["cases"]
    listed = [pair for sizes in spec["sizes"].values() for pair in sizes.items()]
    given = dict(listed)
    if len(given) < len(listed):
        raise StudyError("surveys.cases.sizes: a case stands in two of the lists; keep one of its sizes")
    others = [name for name in names if name not in given]
    drawn = spec["sizes_drawn"]
    # evenly spaced shares, in a drawn order: the same sizes in every draw, at other cases
    marks = ndtri((np.arange(len(others)) + 0.5) / max(len(others), 1))
    sizes = np.clip(np.rint(drawn["median"] * np.exp(drawn["log_sd"] * marks)), drawn["least"], drawn["most"])
    # one order for all copies: copies differ in their people, not in their design
    order = plan.draws(1, "sizes").order(len(others))
    given |= {others[place]: size for place, size in zip(order, sizes, strict=True)}
    return np.array([int(given[name]) for name in names])


def _means(plan: Plan, copy: int, names: list[str]) -> NDArray[np.float64]:
    answers, scales = plan.declared["answers"], plan.declared["scales"]
    time = np.arange(len(plan.waves)) - (len(plan.waves) - 1) / 2
    level = _levels(plan, copy, names, np.asarray(time, dtype=np.float64)) - answers["centre"]
    own = plan.draws(copy, "case", "scale").normals(len(names), len(scales))
    own *= [spec["sd"] for spec in scales.values()]
    for shift in plan.declared["cases"]["shifts"].values():
        for name in shift["cases"]:
            for scale, value in shift["scales"].items():
                own[names.index(name), plan.scales.index(scale)] += value
    profile = [plan.scales.index(scale) for scale in answers["profile"]]
    own[:, profile] -= own[:, profile].mean(axis=1, keepdims=True)
    follows, offset, rise = (
        np.array([spec[key] for spec in scales.values()]) for key in ("follows", "offset", "rise")
    )
    means = level[:, :, None] * follows + own[None] + offset + rise * time[:, None, None]
    return np.asarray(answers["centre"] + means)


def _levels(plan: Plan, copy: int, names: list[str], time: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give wave by case: how a case does over all scales, by the group that it is declared to be in."""
    groups = plan.declared["cases"]["groups"]
    group_of = {name: group for group, spec in groups.items() for name in spec.get("cases", ())}
    rest = [group for group, spec in groups.items() if "cases" not in spec]
    if len(rest) != 1 or len(group_of) != len([n for spec in groups.values() for n in spec.get("cases", ())]):
        raise StudyError("surveys.cases.groups: each case in one group, and one group without 'cases' for the rest")
    specs: list[dict[str, Any]] = [groups[group_of.get(name, rest[0])] for name in names]
    marks = plan.draws(copy, "case", "level").normals(2, len(names))
    level, sd, change, change_sd = (
        np.array([spec[key] for spec in specs]) for key in ("level", "sd", "change", "change_sd")
    )
    return np.asarray(level + sd * marks[0] + np.outer(time, change + change_sd * marks[1]))


def _rates(plan: Plan, copy: int, names: list[str]) -> NDArray[np.float64]:
    spec = plan.declared["responding"]
    marks = plan.draws(copy, "case", "rate").order(len(names)) + 0.5
    usual = spec["least"] + (spec["most"] - spec["least"]) * marks / len(names)
    moves = plan.draws(copy, "case", "rate by wave").normals(len(plan.waves), len(names)) * spec["wave_sd"]
    rates = np.clip(usual + moves, spec["least"], spec["most"])
    for name, rate in spec["set"].items():
        rates[:, names.index(name)] = rate
    return np.asarray(rates)
