"""What the look-alike survey must bring out: the published directions, and spreads in their assumed ranges."""

from __future__ import annotations

import csv
import itertools
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nsi.codebook import read_codebook
from nsi.synthetic.assumptions import as_rows, load
from nsi.synthetic.survey_exports import came_in
from nsi.synthetic.survey_form import Plan
from nsi.synthetic.survey_plan import read_plan

ROOT = Path(__file__).resolve().parents[1]
STUDY = ROOT / "study"
WAVES = ("2021", "2022", "2023", "2024")
PROFILE = (
    "hub_leadership", "roles_engagement", "ci_process", "conn_within", "conn_across", "culture", "school_context",
    "system_alignment",
)  # fmt: skip
EQUITY = ("equity_improvement", "equity_culture", "equity_membership")
STRONGER, WEAKER = frozenset("BDEHJ"), frozenset("ACFGIK")


@pytest.fixture(scope="module")
def plan() -> Plan:
    found = load(STUDY / "assumptions.yml")
    return read_plan(found.values["surveys"], STUDY, read_codebook(STUDY / "codes.csv"), found.values["seed"])


@pytest.fixture(scope="module")
def answers(plan) -> pd.DataFrame:
    """The responses that cleaning should keep, keyed so that more is better; NaN where there is no answer."""
    frames = []
    for wave in WAVES:
        coming = came_in(plan, 1, wave)
        kept = coming.responses[coming.responses.kind == "kept"]
        values = np.where(kept.answers < 0, np.nan, kept.answers + 1.0)
        values[:, plan.reverse] = 6 - values[:, plan.reverse]
        frame = pd.DataFrame(values, columns=[item.name for item in plan.items])
        frame.insert(0, "wave", wave)
        frame.insert(1, "network", [coming.cases.names[place] for place in coming.people.case[kept.seat]])
        frame.insert(2, "role", [plan.roles[place] for place in coming.people.role[kept.seat]])
        frame.insert(3, "person", coming.people.person[WAVES.index(wave)][kept.seat])
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


@pytest.fixture(scope="module")
def scores(plan, answers) -> pd.DataFrame:
    """Means over at least half of the items of each scale, beside wave, network, role and person."""
    found = answers[["wave", "network", "role", "person"]].copy()
    for scale in plan.scales:
        items = answers[[item.name for item in plan.items if item.scale == scale]]
        found[scale] = items.mean(axis=1).where(items.notna().mean(axis=1) >= 0.5)
    return found


def between_and_within(values: pd.Series, groups: pd.Series) -> tuple[float, float]:
    """Variance components by analysis of variance, for groups of unequal size; none below 0."""
    filled = values.notna()
    grouped = values[filled].groupby(groups[filled])
    n, total = grouped.size(), int(filled.sum())
    within = float(((n - 1) * grouped.var().fillna(0)).sum() / (total - len(n)))
    middle = float((n * (grouped.mean() - values.mean()) ** 2).sum() / (len(n) - 1))
    usual = (total - float((n**2).sum()) / total) / (len(n) - 1)
    return max((middle - within) / usual, 0.0), within


def shrunken(values: pd.Series, groups: pd.Series) -> pd.Series:
    """Means of groups, drawn to the middle by as much as they are uncertain."""
    between, within = between_and_within(values, groups)
    grouped = values.groupby(groups)
    error = within / grouped.count()
    weight = 1 / (between + error)
    middle = float((weight * grouped.mean()).sum() / weight.sum())
    return middle + between / (between + error) * (grouped.mean() - middle)


def profile(scores: pd.DataFrame) -> pd.Series:
    """Mean over the eight constructs of a network's shrunken means."""
    return pd.DataFrame({scale: shrunken(scores[scale], scores["network"]) for scale in PROFILE}).mean(axis=1)


def alpha(items: pd.DataFrame) -> float:
    full = items.dropna(axis=1, how="all").dropna()
    return full.shape[1] / (full.shape[1] - 1) * (1 - float(full.var().sum()) / float(full.sum(axis=1).var()))


# Directions that are published ---------------------------------------------------------------------


def test_at_least_six_networks_are_strong_and_exactly_five_struggle_with_room_to_spare(plan, scores):
    levels = profile(scores)
    groups = plan.declared["cases"]["groups"]
    strong, struggling = set(groups["strong"]["cases"]), set(groups["struggling"]["cases"])
    assert (len(levels), len(strong), len(struggling)) == (34, 6, 5)  # Russell, Bryk and Z. Sherer 2025
    others = levels.drop([*strong, *struggling])
    assert levels[list(strong)].min() > 3.9
    assert levels[list(struggling)].max() < 2.9
    assert others.between(3.1, 3.55).all()
    assert not (strong | struggling) & set("ABCDEFGHIJK")  # no published letter is called the one or the other


@pytest.mark.parametrize("wave", WAVES)
def test_the_same_networks_are_strong_and_struggle_in_every_wave(plan, scores, wave):
    levels = profile(scores[scores["wave"] == wave])
    groups = plan.declared["cases"]["groups"]
    assert set(levels.index[levels >= 3.7]) == set(groups["strong"]["cases"])
    assert set(levels.index[levels < 3.0]) == set(groups["struggling"]["cases"])


def test_connecting_across_teams_is_lowest_and_consolidating_is_low_within_its_scale(scores, answers):
    for wave in WAVES:
        means = scores.loc[scores["wave"] == wave, list(PROFILE)].mean()
        assert means.idxmin() == "conn_across"
        hub = answers.loc[answers["wave"] == wave, [f"hub_{place}" for place in range(1, 6)]].mean()
        assert hub.idxmin() == "hub_5"


@pytest.mark.parametrize("wave", ["2021", "2022"])
def test_networks_a_to_k_fall_into_a_stronger_and_a_weaker_group_on_system_alignment(scores, wave):
    chosen = scores[(scores["wave"] == wave)]
    found = shrunken(chosen["system_alignment"], chosen["network"])
    assert frozenset(found.index) > STRONGER | WEAKER
    assert found[list(STRONGER)].min() > found[list(WEAKER)].max() + 0.1


def test_the_declared_groups_are_those_of_the_assumptions(plan):
    shifts = plan.declared["cases"]["shifts"]
    assert frozenset(shifts["alignment_stronger"]["cases"]) == STRONGER
    assert frozenset(shifts["alignment_weaker"]["cases"]) == WEAKER


def exact_p(groups: list[bool], statistic) -> float:
    """Share of all groupings of this size that are at least as uneven."""
    size, count = sum(groups), len(groups)
    observed = statistic(np.array(groups))
    every = [np.isin(np.arange(count), chosen) for chosen in itertools.combinations(range(count), size)]
    return sum(statistic(other) >= observed - 1e-9 for other in every) / len(every)


@pytest.mark.parametrize("column", ["hub_type", "aim", "spread", "size", "prior_relationship", "launch"])
def test_the_stronger_group_goes_with_none_of_the_six_design_columns(column):
    with (ROOT / "data_raw" / "networks.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    groups = [row["network"] in STRONGER for row in rows]
    if column in ("size", "launch"):
        ranks = pd.Series([int(row[column]) for row in rows]).rank().to_numpy()
        assert exact_p(groups, lambda chosen: abs(ranks[chosen].mean() - ranks.mean())) > 0.7
        return
    codes = np.array([row[column] for row in rows])
    share = sum(groups) / len(groups)

    def chi_square(chosen) -> float:
        found = Counter(codes[chosen])
        return float(sum((found[code] - share * n) ** 2 / n for code, n in Counter(codes).items()))

    assert exact_p(groups, chi_square) > 0.7


@pytest.mark.parametrize("wave", WAVES)
def test_district_a_lies_above_district_b_on_context_and_both_value_the_network(scores, wave):
    means = scores[scores["wave"] == wave].groupby("network")[list(scores.columns[4:])].mean()
    gap = means.loc["District-A"] - means.loc["District-B"]
    assert gap["system_alignment"] > 0.5
    assert gap["school_context"] > 0.2
    for district in ("District-A", "District-B"):
        assert means.loc[district, "participatory_benefits"] > 3.6
        assert means.loc[district, "sustainability"] > 3.6


def test_participatory_benefits_differ_between_networks_and_within_them(scores):
    asked = scores[scores["participatory_benefits"].notna()]
    assert set(asked["role"]) == {"school_educator"}
    between, within = between_and_within(asked["participatory_benefits"], asked["network"])
    assert between > 0.02
    assert within > 0.4


@pytest.mark.parametrize("scale", EQUITY)
def test_the_equity_scales_rise_from_wave_to_wave(scores, scale):
    means = scores.groupby("wave")[scale].mean()
    assert (means.diff().dropna() > 0.03).all()
    assert means["2024"] - means["2021"] > 0.2


def test_networks_change_some_for_the_better_and_some_for_the_worse(plan, scores):
    first, last = (profile(scores[scores["wave"] == wave]) for wave in ("2021", "2024"))
    change = last - first
    groups = plan.declared["cases"]["groups"]
    assert (change[groups["improving"]["cases"]] > 0.15).all()
    assert (change[groups["declining"]["cases"]] < 0).all()
    assert change.max() - change.min() > 0.4


# Ranges that are assumed ---------------------------------------------------------------------------


def test_scales_are_as_reliable_as_assumed(plan, answers):
    for scale, wave in itertools.product(plan.scales, WAVES):
        items = [item.name for item in plan.items if item.scale == scale]
        assert 0.77 < alpha(answers.loc[answers["wave"] == wave, items]) < 0.92, (scale, wave)


def test_the_share_of_variance_between_networks_is_as_assumed(plan, scores):
    for scale in plan.scales:
        between, within = between_and_within(scores[scale], scores["network"])
        assert 0.04 < between / (between + within) < 0.23, scale


def test_response_rates_are_as_assumed_by_network_and_role(plan, scores):
    for wave in WAVES:
        coming = came_in(plan, 1, wave)
        invited = coming.people.invited[WAVES.index(wave)]
        members = pd.Series(np.array(coming.cases.names)[coming.people.case[invited]]).value_counts()
        answered = scores[scores["wave"] == wave]
        rates = (answered["network"].value_counts() / members).drop(["N29", "N33", "N34"])
        assert 0.65 < len(answered) / members.sum() < 0.72
        assert rates.between(0.54, 0.83).all()
        assert (answered["network"] == "N29").sum() / members["N29"] < 0.4
        roles = pd.Series(np.array(plan.roles)[coming.people.role[invited]]).value_counts()
        by_role = answered["role"].value_counts() / roles
        assert by_role.idxmax() == "hub_member"


def test_about_13_000_responses_come_in_and_people_come_back(plan, scores):
    came = sum(len(came_in(plan, 1, wave).responses) for wave in WAVES)
    assert 12_500 < came < 13_500
    waves = scores.groupby("person")["wave"].nunique()
    assert (waves == 4).sum() > 500
    assert (waves == 1).sum() > 1_000


def test_two_networks_have_too_few_answers_in_a_wave_to_be_shown(scores):
    counts = scores.groupby(["network", "wave"]).size()
    small = counts[counts < 5].reset_index()
    assert set(small["network"]) == {"N33", "N34"}
    assert len(small) >= 4


def test_every_reason_for_a_missing_answer_occurs(plan):
    kinds = {code for wave in WAVES for code in np.unique(came_in(plan, 1, wave).responses.answers).tolist()}
    assert kinds == {-4, -3, -2, -1, 0, 1, 2, 3, 4}


def test_every_number_of_the_survey_says_what_it_rests_on():
    rows = {row["id"]: row for row in as_rows(load(STUDY / "assumptions.yml")) if row["id"].startswith("surveys.")}
    assert len(rows) > 140
    published = {name for name, row in rows.items() if row["basis"] == "published"}
    assert published == {"surveys.cases.sizes.published"}
    assert rows["surveys.cases.sizes_drawn.most"]["basis"] == "derived"
