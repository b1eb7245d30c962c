"""The paragraph on coding and agreement of a Methods section, filled in from data and from what a study declares.

A sentence appears only if its fact is there; what should be told and is not known is ``[not recorded: ...]``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from nsi.errors import StudyError, listed
from nsi.methods.coded_units import POOLED, independent_ratings
from nsi.methods.consensus import NOT_RECORDED, consensus_changes, told_changes
from nsi.methods.reliability_names import COEFFICIENT_LABELS

SYNTHETIC = "[Synthetic data: every number here is computed from look-alike data and describes no real coding.]"
# What data cannot tell: keys of settings.reporting, what is asked, and the sentence that the declared words complete.
REPORTING = {
    "purpose": ("what agreement is computed for, or why not", "Agreement is reported {}."),
    "unit_of_coding": ("what one unit is", "The unit of coding was {}."),
    "unitized_by": ("who cut the units, and when", "Units were cut by {}."),
    "training": ("how coders were trained", "Coders were trained by {}."),
    "coder_roles": ("who of the coders belongs to what is studied", "Of the coders, {}."),
    "blind": ("what coders did not know while coding", "While coding, coders did not know {}."),
    "drawn": ("how the units for several coders were drawn", "The units for several coders were drawn {}."),
    "when": ("when several coders coded, next to the main coding", "Several coders coded {} the main coding."),
    "cutoffs_declared": ("when and where cut-offs were declared", "Cut-offs were declared {}."),
    "resolution": ("how disagreements were settled, by whom", "Disagreements were settled by {}."),
    "dropped_or_merged": ("what was dropped or merged after low agreement", "After agreement was known, {}."),
    "final_data": ("which labels the analysis uses", "The analysis uses {}."),
    "drift": ("how drift was looked for, and what was found", "Drift was looked for by {}."),
    "missing": ("why ratings are missing", "Ratings are missing because {}."),
}
UNDEFINED = {
    "no_variation": "only one code was given",
    "single_coder": "there was one coder only",
    "no_overlap": "no unit was coded by two coders",
    "empty": "there were no ratings",
}


@dataclass(frozen=True)
class CodingFacts:
    """What is known of the coding of one field; from `coding_facts`.

    Attributes
    ----------
    label, level : str
        The field's words and its level of measurement.
    n_codes, n_cases, n_units, n_coders, n_double : int
        Codes in the codebook; cases, units and coders with a rating; units with two ratings or more.
    missing : mapping of str to int
        Ratings without a value, by reason.
    rounds : DataFrame, one row per round and codebook version
        round, codebook_version ("not recorded" where missing), first_day, last_day (missing where not recorded).
    estimates, changes : DataFrame
        The pooled rows of a reliability table; the table of `consensus_changes`.
    declared, reporting, synthetic
        As `coding_facts` takes them.
    """

    label: str
    level: str
    n_codes: int
    n_cases: int
    n_units: int
    n_coders: int
    n_double: int
    missing: Mapping[str, int]
    rounds: pd.DataFrame
    estimates: pd.DataFrame
    declared: Mapping[str, Any]
    reporting: Mapping[str, str]
    changes: pd.DataFrame
    synthetic: bool


def coding_facts(
    ratings: pd.DataFrame, consensus: pd.DataFrame, reliability: pd.DataFrame, *, field: str, label: str,
    codes: Sequence[str], level: str, declared: Mapping[str, Any], reporting: Mapping[str, str], synthetic: bool,
) -> CodingFacts:  # fmt: skip
    """Gather what is known of the coding of one field.

    Parameters
    ----------
    ratings, consensus : DataFrame
        Independent and settled labels; `consensus` may have no rows.
    reliability : DataFrame
        The table of agreement computed from `ratings`.
    field, label, codes, level
        The field: its name in the data, its words, its codes, its level of measurement.
    declared : mapping
        How agreement is computed: replicates, confidence, cutoffs; cluster, if clusters of units are resampled.
    reporting : mapping of str to str
        What the study declares, by the keys of `REPORTING`; may be empty.
    synthetic : bool
        Whether the data are look-alikes.

    Raises
    ------
    StudyError
        If a key is unknown or its text empty, labels are not what their table says, or the reliability table was
        not computed from these ratings.
    """
    for key, text in reporting.items():
        if key not in REPORTING or not isinstance(text, str) or not text.strip():
            raise StudyError(f"settings.reporting: {key!r} is unknown or holds no text; leave it out, or fill one of "
                             f"{', '.join(REPORTING)}")  # fmt: skip
    given = independent_ratings(ratings, field)
    n_ratings = given.groupby(["case", "unit"], sort=False, observed=True).size()
    n_double = int((n_ratings > 1).sum())
    pooled = reliability[(reliability["field"] == field) & (reliability["case"] == POOLED)].reset_index(drop=True)
    if pooled.empty or (pooled["n_units"] != len(n_ratings)).any() or (pooled["n_pairable"] != n_double).any():
        raise StudyError(
            f"the reliability table for {field!r} is not of these ratings: they have {len(n_ratings)} units, "
            f"{n_double} with two ratings or more, the table has {listed(pooled['n_units']) or 'no row'} and "
            f"{listed(pooled['n_pairable']) or 'no row'}; compute it again"
        )
    gone = ratings[(ratings["field"] == field).fillna(False).astype(bool) & ratings["value"].isna()]
    reasons = gone.get("missing", pd.Series(NOT_RECORDED, index=gone.index)).fillna(NOT_RECORDED)
    return CodingFacts(
        label=label, level=level, n_codes=len(codes), n_cases=given["case"].nunique(), n_units=len(n_ratings),
        n_coders=given["coder"].nunique(), n_double=n_double, declared=declared, reporting=dict(reporting),
        missing={str(reason): int((reasons == reason).sum()) for reason in sorted(reasons.unique())},
        rounds=_rounds(given), estimates=pooled, synthetic=synthetic,
        changes=consensus_changes(ratings, consensus, field=field),
    )  # fmt: skip


def methods_paragraph(facts: CodingFacts) -> str:
    """Write the paragraph on coding and agreement: plain sentences, beginning with a note if data are synthetic."""

    def known(*keys: str) -> list[str]:
        return [declared_or_gap(facts, key) for key in keys if key in facts.reporting]

    sentences = [
        SYNTHETIC if facts.synthetic else "",
        *known("purpose"),
        f"{counted(facts.n_units, 'unit')} in {counted(facts.n_cases, 'case')} were coded for {facts.label} "
        f"({counted(facts.n_codes, 'code')}, {facts.level} level) by {counted(facts.n_coders, 'coder')}.",
        declared_or_gap(facts, "unit_of_coding"),
        *known("unitized_by"),
        *(declared_or_gap(facts, "training"), *known("coder_roles", "blind")),
        told_double(facts),
        *(declared_or_gap(facts, key) for key in ("drawn", "when") if facts.n_double),
        told_days(facts),
        told_rounds(facts),
        told_missing(facts),
        *(known("missing") if facts.missing else []),
        told_agreement(facts),
        told_cutoffs(facts),
        *known("dropped_or_merged", "drift"),
        declared_or_gap(facts, "resolution"),
        told_changes(facts.changes),
        declared_or_gap(facts, "final_data"),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def declared_or_gap(facts: CodingFacts, key: str) -> str:
    """Complete the sentence of a key with what the study declares, or say that it is not recorded."""
    asked, sentence = REPORTING[key]
    words = facts.reporting.get(key, "").strip().rstrip(".")
    return sentence.format(words) if words else f"[not recorded: {asked}; declare settings.reporting.{key}]"


def told_double(facts: CodingFacts) -> str:
    """Tell how many units several coders coded."""
    share = f" ({facts.n_double / facts.n_units:.1%})" if facts.n_units else ""
    return f"Two or more coders coded {counted(facts.n_double, 'unit')}{share}."


def told_days(facts: CodingFacts) -> str:
    """Tell from which day to which day was coded."""
    first, last = facts.rounds["first_day"].min(), facts.rounds["last_day"].max()
    if pd.isna(first):
        return "[not recorded: when was coded; map the column rated_on]"
    return f"Coding took place from {first:%Y-%m-%d} to {last:%Y-%m-%d}."


def told_rounds(facts: CodingFacts) -> str:
    """Tell in which rounds was coded, and with which version of the codebook."""
    told = []
    for version, group in facts.rounds.groupby("codebook_version", sort=False):
        named = "[not recorded: codebook version]" if version == NOT_RECORDED else f"codebook {version}"
        within = [str(name) for name in group["round"] if name != NOT_RECORDED]
        many = "rounds" if len(within) > 1 else "round"
        told.append(f"{named} in {many} {', '.join(within)}" if within else f"{named} [not recorded: rounds]")
    return f"Rounds and codebook versions: {'; '.join(told)}." if told else ""


def told_missing(facts: CodingFacts) -> str:
    """Tell how many ratings are missing, by the reason that the data give."""
    if not facts.missing:
        return "No rating is missing."
    reasons = ", ".join(f"{reason} {n:,}" for reason, n in facts.missing.items())
    return f"Missing: {counted(sum(facts.missing.values()), 'rating')} ({reasons})."


def told_agreement(facts: CodingFacts) -> str:
    """Tell each coefficient with its interval, and what both were computed from."""
    told, declared = [], facts.declared
    for row in facts.estimates.to_dict("records"):
        why = UNDEFINED.get(row["flag"], row["flag"])
        value = f"undefined, as {why}" if why else f"{row['estimate']:.2f}"
        interval = f" ({declared['confidence']:.0%} interval {row['ci_low']:.2f} to {row['ci_high']:.2f})"
        told.append(f"{told_name(row['coefficient'])} was {value}{interval if pd.notna(row['ci_low']) else ''}")
    text = f"On the labels that coders gave before any was settled, {'; '.join(told)}."
    if facts.estimates["ci_low"].notna().any():
        over = declared.get("cluster") or "unit"
        text += f" Intervals are from {declared['replicates']:,} bootstrap replicates over {over}s."
    return text


def told_cutoffs(facts: CodingFacts) -> str:
    """Tell the declared cut-offs, how much of the bootstrap of alpha lies below them, and when they were declared."""
    cutoffs = facts.declared["cutoffs"]
    if not cutoffs:
        return "[not recorded: cut-offs; declare settings.reliability.cutoffs]"
    text = f"Cut-offs are {' and '.join(f'{cutoff:.3f}' for cutoff in cutoffs)}"
    alpha = facts.estimates[facts.estimates["coefficient"].str.startswith("krippendorff_alpha")]
    columns = [f"share_below_{round(cutoff * 1000):03d}" for cutoff in cutoffs]
    if len(alpha) and alpha.reindex(columns=columns).iloc[0].notna().all():
        shares = " and ".join(f"{alpha.iloc[0][name]:.1%}" for name in columns)
        text += f"; below them lay {shares} of the bootstrap replicates of Krippendorff's alpha"
    return f"{text}. {declared_or_gap(facts, 'cutoffs_declared')}"


def told_name(coefficient: str) -> str:
    """Name of a coefficient as it stands within a sentence."""
    name = COEFFICIENT_LABELS.get(coefficient, coefficient.replace("_", " "))
    return name if "'" in name or name.isupper() else name[0].lower() + name[1:]


def counted(n: int, noun: str) -> str:
    """Tell a number of things: "1 unit", "1,204 units"."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def _rounds(given: pd.DataFrame) -> pd.DataFrame:
    rows = pd.DataFrame(index=given.index)
    for name in ("round", "codebook_version"):
        rows[name] = given[name].fillna(NOT_RECORDED) if name in given.columns else NOT_RECORDED
    rows["day"] = given["rated_on"] if "rated_on" in given.columns else pd.NaT
    days = rows.groupby(["round", "codebook_version"], sort=True)["day"].agg(["min", "max"])
    return days.rename(columns={"min": "first_day", "max": "last_day"}).reset_index()
