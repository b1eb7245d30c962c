"""Scores of cases from scores of respondents: how sure each is, who answered, how it changed, and what may be shown.

Frames go in and come out. `with_words` is the last step before a table is printed; up to it a withheld row has
missing values and its count as a number.
"""

from nsi.methods.case_scores.bounds import worst_case_bounds
from nsi.methods.case_scores.composition import standardised_means
from nsi.methods.case_scores.domains import domain_scores
from nsi.methods.case_scores.dumbbell import dumbbell
from nsi.methods.case_scores.fits import case_fits
from nsi.methods.case_scores.maturity import case_maturity
from nsi.methods.case_scores.response_rates import EVERY_ROLE, response_rates
from nsi.methods.case_scores.score_frame import NO_ROLE, WITHHELD, is_withheld
from nsi.methods.case_scores.selection import case_selection
from nsi.methods.case_scores.stability import selection_stability
from nsi.methods.case_scores.table import case_scores
from nsi.methods.case_scores.trends import case_trends, trend_fits
from nsi.methods.case_scores.weights import poststratified_weights, weighted_means, weighting_cells
from nsi.methods.case_scores.withheld import (
    complementary,
    rates_with_words,
    scores_with_words,
    selection_with_words,
    with_words,
)

__all__ = [
    "EVERY_ROLE",
    "NO_ROLE",
    "WITHHELD",
    "case_fits",
    "case_maturity",
    "case_scores",
    "case_selection",
    "case_trends",
    "complementary",
    "domain_scores",
    "dumbbell",
    "is_withheld",
    "poststratified_weights",
    "rates_with_words",
    "response_rates",
    "scores_with_words",
    "selection_stability",
    "selection_with_words",
    "standardised_means",
    "trend_fits",
    "weighted_means",
    "weighting_cells",
    "with_words",
    "worst_case_bounds",
]
