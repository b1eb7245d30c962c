"""Agreement among coders: any number of coders, any gaps, from one table of units by coders.

The table holds positions in the codebook, -1 where a coder did not code a unit; `code_positions` makes it.
Sources stand with each coefficient.
"""

from nsi.methods.agreement.alpha import LEVELS, Alpha, alpha_of, distance_alpha, krippendorff_alpha
from nsi.methods.agreement.choose import COEFFICIENTS, TWO_CODERS, coefficient_named
from nsi.methods.agreement.coders import conger_kappa, mean_cohen_kappa
from nsi.methods.agreement.coefficients import (
    brennan_prediger,
    fleiss_kappa,
    gwet_ac1,
    gwet_ac2,
    percent_agreement,
)
from nsi.methods.agreement.counts import Coded, coded
from nsi.methods.agreement.pairs import (
    COHEN_ERRORS,
    PairAgreement,
    cohen_kappa,
    complete_rows,
    pairwise_cohen,
    scott_pi,
)
from nsi.methods.agreement.positions import (
    NOT_CODED,
    checked_positions,
    code_positions,
    positions_from_counts,
)
from nsi.methods.agreement.resampling import Interval, bootstrap, interval_of
from nsi.methods.agreement.results import Coefficient, Estimate, estimate_alone, estimated
from nsi.methods.agreement.sets import (
    jaccard_distance,
    masi_distance,
    primary_secondary_alpha,
    set_alpha,
    share_distance,
)
from nsi.methods.agreement.specific import (
    Specific,
    TwoByTwo,
    bias_index,
    one_against_rest,
    pabak,
    pooled_kappa,
    prevalence_index,
    two_by_two,
)
from nsi.methods.agreement.weights import WEIGHTS, agreement_weights, checked_weights

__all__ = [
    "COEFFICIENTS",
    "COHEN_ERRORS",
    "LEVELS",
    "NOT_CODED",
    "TWO_CODERS",
    "WEIGHTS",
    "Alpha",
    "Coded",
    "Coefficient",
    "Estimate",
    "Interval",
    "PairAgreement",
    "Specific",
    "TwoByTwo",
    "agreement_weights",
    "alpha_of",
    "bias_index",
    "bootstrap",
    "brennan_prediger",
    "checked_positions",
    "checked_weights",
    "code_positions",
    "coded",
    "coefficient_named",
    "cohen_kappa",
    "complete_rows",
    "conger_kappa",
    "distance_alpha",
    "estimate_alone",
    "estimated",
    "fleiss_kappa",
    "gwet_ac1",
    "gwet_ac2",
    "jaccard_distance",
    "interval_of",
    "krippendorff_alpha",
    "masi_distance",
    "mean_cohen_kappa",
    "one_against_rest",
    "pabak",
    "pairwise_cohen",
    "percent_agreement",
    "pooled_kappa",
    "positions_from_counts",
    "prevalence_index",
    "primary_secondary_alpha",
    "scott_pi",
    "set_alpha",
    "share_distance",
    "two_by_two",
]
