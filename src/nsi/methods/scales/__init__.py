"""Survey scales: scores, alpha, one-factor omega, items, counts of answers and of reasons for missing ones.

Answers come as one row per response: for every item its answer as given, and a reason where there is none.
Functions that take `answers` want one scale's items as numbers, already reversed, NaN where not answered.
"""

from nsi.methods.scales.alpha import AlphaResult, alpha_estimate, cronbach_alpha, within_alpha
from nsi.methods.scales.items import item_statistics, item_table
from nsi.methods.scales.likert import likert_counts
from nsi.methods.scales.missing_reasons import missing_reason_counts
from nsi.methods.scales.omega import OmegaResult, one_factor_omega, within_omega
from nsi.methods.scales.scoring import answers_needed, keyed_answers, scale_scores
from nsi.methods.scales.table import scale_reliability

__all__ = [
    "AlphaResult",
    "OmegaResult",
    "alpha_estimate",
    "answers_needed",
    "cronbach_alpha",
    "item_statistics",
    "item_table",
    "keyed_answers",
    "likert_counts",
    "missing_reason_counts",
    "one_factor_omega",
    "scale_reliability",
    "scale_scores",
    "within_alpha",
    "within_omega",
]
