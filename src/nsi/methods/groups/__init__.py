"""Respondents within groups: how alike they are, and what can be said of each group and of its rank.

Values and groups are columns of one table. A group is called a case in what comes out. Whatever is undefined
is NaN, and a flag names the reason. Sources stand with each method.
"""

from nsi.methods.groups.icc import ICC1_DEFINITIONS, ICC2_DEFINITIONS, IntraclassCorrelation, icc
from nsi.methods.groups.meta import MetaIntercept, meta_intercept, shrunken_estimates
from nsi.methods.groups.null_distributions import NULLS, SLIGHTLY_SKEWED_VARIANCE, expected_variance
from nsi.methods.groups.ranks import probability_above, rank_posterior
from nsi.methods.groups.reml import RandomIntercept, random_intercept
from nsi.methods.groups.shrinkage import empirical_bayes, mean_reliability
from nsi.methods.groups.within_agreement import MEASURES, agreement_summary, within_group_agreement

__all__ = [
    "ICC1_DEFINITIONS",
    "ICC2_DEFINITIONS",
    "MEASURES",
    "NULLS",
    "SLIGHTLY_SKEWED_VARIANCE",
    "IntraclassCorrelation",
    "MetaIntercept",
    "RandomIntercept",
    "agreement_summary",
    "empirical_bayes",
    "expected_variance",
    "icc",
    "mean_reliability",
    "meta_intercept",
    "probability_above",
    "random_intercept",
    "rank_posterior",
    "shrunken_estimates",
    "within_group_agreement",
]
