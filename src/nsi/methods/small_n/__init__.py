"""Small-N honesty: exact tests of few cases, with the smallest p that could have been reached.

Any attribute of few cases against any outcome: exact p, effect with interval, effect that would show, adjustment
for a family, what one case or one cell does to the conclusion, and a sentence that claims no more than that.
"""

from nsi.methods.small_n.boschloo import boschloo_exact, boschloo_smallest
from nsi.methods.small_n.comparison import MOST_CASES, TESTS, Comparison, compared
from nsi.methods.small_n.detectable import Detectable, detectable_effect
from nsi.methods.small_n.effects import chi_squared, cramers_v, effect_estimate, effect_name, odds_ratio
from nsi.methods.small_n.exact import (
    ExactTest,
    boschloo,
    exact_test,
    fisher_freeman_halton,
    from_table,
    jonckheere_exact,
    kruskal_exact,
    rank_sum_exact,
    spearman_exact,
)
from nsi.methods.small_n.family import Family, permutation_maximum
from nsi.methods.small_n.intervals import Effect, correlation_interval, delta_interval, effect_of, odds_interval
from nsi.methods.small_n.mean_difference import mean_difference_exact
from nsi.methods.small_n.nulls import Null, null_of
from nsi.methods.small_n.panel import small_n_panel
from nsi.methods.small_n.stability import Change, Recoding, leave_one_out, smallest_recoding
from nsi.methods.small_n.wording import words

__all__ = [
    "MOST_CASES",
    "TESTS",
    "Change",
    "Comparison",
    "Detectable",
    "Effect",
    "ExactTest",
    "Family",
    "Null",
    "Recoding",
    "boschloo",
    "boschloo_exact",
    "boschloo_smallest",
    "chi_squared",
    "compared",
    "correlation_interval",
    "cramers_v",
    "delta_interval",
    "detectable_effect",
    "effect_estimate",
    "effect_name",
    "effect_of",
    "fisher_freeman_halton",
    "from_table",
    "jonckheere_exact",
    "kruskal_exact",
    "leave_one_out",
    "mean_difference_exact",
    "null_of",
    "odds_interval",
    "odds_ratio",
    "permutation_maximum",
    "rank_sum_exact",
    "small_n_panel",
    "smallest_recoding",
    "spearman_exact",
    "exact_test",
    "words",
]
