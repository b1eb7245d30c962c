"""How the members of a look-alike survey would answer: a latent opinion per item, cut into answers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nsi.synthetic.survey_cases import Cases
from nsi.synthetic.survey_form import Plan
from nsi.synthetic.survey_people import People

# What a cell holds where it holds no answer; an answer is the place of its code in the codebook, from 0.
SKIPPED, NOT_ASKED, FIRST_REASON = -1, -2, -3


def draw_answers(plan: Plan, copy: int, wave: int, cases: Cases, people: People) -> NDArray[np.int8]:
    """Draw what each member would answer in one wave, whether they take part or not.

    Parameters
    ----------
    plan : Plan
        What the study declares.
    copy, wave : int
        Which copy of the set of cases, and the place of the wave.
    cases, people
        Of the same copy.

    Returns
    -------
    array of int, shape (n_seats, n_items)
        As given, so reversed where the item is: the place of the code, ``SKIPPED``, ``NOT_ASKED``, or
        ``FIRST_REASON`` and below for the declared reasons in their order.
    """
    opinions = _opinions(plan, copy, wave, cases, people)
    name = plan.waves[wave]
    sds = plan.declared["answers"]["sds"]
    noise = plan.draws(copy, "answers", "items", name).normals(*opinions.shape[:1], len(plan.items))
    noise *= np.where(plan.reverse, sds["reversed"], sds["item"])
    latent = opinions[:, plan.scale_of] + _item_offsets(plan) + noise
    thresholds = np.array(list(plan.declared["answers"]["thresholds"].values()))
    answers = np.searchsorted(thresholds, latent).astype(np.int8)
    answers[:, plan.reverse] = len(thresholds) - answers[:, plan.reverse]
    _leave_out(plan, copy, wave, answers)
    answers[~plan.asked[people.role]] = NOT_ASKED
    answers[:, [item.name not in plan.columns[name] for item in plan.items]] = NOT_ASKED
    return answers


def _opinions(plan: Plan, copy: int, wave: int, cases: Cases, people: People) -> NDArray[np.float64]:
    """Give each member's opinion per scale: the case's, the role's, the person's own, and the day's."""
    sds, persons, scales = plan.declared["answers"]["sds"], len(people.ids), len(plan.scales)
    roles = np.array([
        [spec.get("by_role", {}).get(role, 0.0) for spec in plan.declared["scales"].values()] for role in plan.roles
    ])  # fmt: skip
    general = plan.draws(copy, "answers", "person").normals(persons, 1) * sds["general"]
    own = plan.draws(copy, "answers", "person by scale").normals(persons, scales) * sds["scale"]
    day = plan.draws(copy, "answers", "day", plan.waves[wave]).normals(len(people.case), scales)
    lasting = (general + own)[people.person[wave]]
    return np.asarray(cases.means[wave][people.case] + roles[people.role] + lasting + day * sds["occasion"])


def _item_offsets(plan: Plan) -> NDArray[np.float64]:
    """Give how much easier each item is to agree with than its scale; the same in every copy and wave."""
    declared = plan.declared["answers"]
    offsets = plan.draws(1, "answers", "item offsets").normals(len(plan.items)) * declared["item_sd"]
    members = np.bincount(plan.scale_of)
    offsets -= (np.bincount(plan.scale_of, weights=offsets) / np.maximum(members, 1))[plan.scale_of]
    return np.asarray(offsets + [declared["item_offsets"].get(item.name, 0.0) for item in plan.items])


def _leave_out(plan: Plan, copy: int, wave: int, answers: NDArray[np.int8]) -> None:
    """Put in the reasons for no answer, single questions skipped, and whole ends that nobody came to."""
    declared, name = plan.declared["answers"], plan.waves[wave]
    marks = plan.draws(copy, "answers", "left out", name).uniforms(answers.size).reshape(answers.shape)
    reached = np.zeros(len(plan.items))
    for place, spec in enumerate(declared["reasons"].values()):
        share = np.array([spec["shares"].get(item.scale, 0.0) for item in plan.items])
        answers[(marks >= reached) & (marks < reached + share)] = FIRST_REASON - place
        reached = reached + share
    answers[(marks >= reached) & (marks < reached + declared["skipped"])] = SKIPPED
    left = plan.draws(copy, "answers", "left early", name).uniforms(2 * len(answers)).reshape(2, -1)
    # those who leave early send the form off all the same, with well over half of it filled
    last = np.where(left[0] < declared["left_early"], (0.65 + 0.35 * left[1]) * len(plan.items), len(plan.items))
    answers[in_export_order(plan, name)[None, :] >= last[:, None]] = SKIPPED


def in_export_order(plan: Plan, wave: str) -> NDArray[np.int64]:
    """Give each item's place in the questionnaire of a wave; items that were not asked come last."""
    order = list(plan.columns[wave])
    return np.array([order.index(item.name) if item.name in order else len(order) for item in plan.items])
