"""What coefficients of agreement are called in print."""

from __future__ import annotations

_WEIGHTS = {"linear": "linear weights", "quadratic": "quadratic weights", "ordinal": "ordinal weights"}
_PLAIN = {
    "krippendorff_alpha": "Krippendorff's alpha",
    "percent_agreement": "Percent agreement",
    "cohen_kappa": "Cohen's kappa",
    "mean_cohen_kappa": "Cohen's kappa, mean over pairs of coders",
    "scott_pi": "Scott's pi",
    "fleiss_kappa": "Fleiss' kappa",
    "conger_kappa": "Conger's kappa",
    "brennan_prediger": "Brennan and Prediger's coefficient",
    "gwet_ac1": "Gwet's AC1",
    "gwet_ac2": "Gwet's AC2",
    "positive_agreement": "Positive agreement",
    "negative_agreement": "Negative agreement",
    "pabak": "PABAK",
    "prevalence": "Prevalence",
}
# Name of a coefficient, as in the column `coefficient`, to the words that a reader sees. Weighted coefficients, whose
# names end in the kind of weight, say so.
COEFFICIENT_LABELS: dict[str, str] = {
    **_PLAIN,
    **{f"{name}_{kind}": f"{label}, {words}" for name, label in _PLAIN.items() for kind, words in _WEIGHTS.items()},
}
