"""Coefficients by the names that tables print, for a field with its level, codes and values."""

from __future__ import annotations

from collections.abc import Callable

from numpy.typing import ArrayLike

from nsi.errors import StudyError
from nsi.methods.agreement.alpha import LEVELS, alpha_of
from nsi.methods.agreement.coders import Conger, MeanCohen
from nsi.methods.agreement.coefficients import ChanceCorrected, weight_table
from nsi.methods.agreement.counts import Floats
from nsi.methods.agreement.pairs import Cohen, Scott
from nsi.methods.agreement.results import Coefficient
from nsi.methods.agreement.weights import WEIGHTS

Builder = Callable[[str, "Floats | None", str], Coefficient]

WEIGHTED: dict[str, Builder] = {
    "percent_agreement": lambda name, weights, kind: ChanceCorrected(name, "none", weights, kind),
    "brennan_prediger": lambda name, weights, kind: ChanceCorrected(name, "uniform", weights, kind),
    "fleiss_kappa": lambda name, weights, kind: ChanceCorrected(name, "shares", weights, kind),
    "gwet_ac2": lambda name, weights, kind: ChanceCorrected(name, "gwet", weights, kind),
    "conger_kappa": Conger,
    "mean_cohen_kappa": MeanCohen,
    "cohen_kappa": Cohen,
}
UNWEIGHTED = [name for name in WEIGHTED if name != "gwet_ac2"]
TWO_CODERS = ("cohen_kappa", "scott_pi")
COEFFICIENTS: tuple[str, ...] = (
    "krippendorff_alpha",
    *(f"krippendorff_alpha_{level}" for level in LEVELS),
    "gwet_ac1",
    "scott_pi",
    *UNWEIGHTED,
    *(f"{name}_{kind}" for name in WEIGHTED for kind in WEIGHTS if kind != "identity"),
)


def coefficient_named(name: str, *, level: str, n_codes: int, values: ArrayLike | None = None) -> Coefficient:
    """Build a coefficient from its name.

    Parameters
    ----------
    name : str
        One of `COEFFICIENTS`. "krippendorff_alpha" takes the field's level; "krippendorff_alpha_nominal" and
        its sisters name one; "_linear", "_quadratic" and "_ordinal" at the end of other names are agreement
        weights.
    level : str
        Level of the field: "nominal", "ordinal", "interval" or "ratio".
    n_codes : int
        Number of codes in the codebook, used or not.
    values : array-like of float, shape (n_codes,), optional
        What each code stands for; alpha at the interval and ratio level needs it, linear and quadratic
        weights use it.

    Raises
    ------
    StudyError
        If the name or level is unknown, or asks for an order that nominal codes do not have.
    """
    if name not in COEFFICIENTS:
        raise StudyError(f"coefficient {name!r} is not known; choose from {', '.join(COEFFICIENTS)}")
    if level not in LEVELS:
        raise StudyError(f"level {level!r} is not known; choose one of {', '.join(LEVELS)}")
    stem, _, kind = name.rpartition("_")
    ordered = kind in WEIGHTS or kind in LEVELS[1:]
    if ordered and level == "nominal":
        raise StudyError(
            f"{name} needs codes in order, but the level is nominal; take the form without {kind}"
        )
    if name.startswith("krippendorff_alpha"):
        return alpha_of(kind if kind in LEVELS else level, n_codes, values, name)
    if name == "gwet_ac1":
        return ChanceCorrected(name, "gwet")
    if name == "scott_pi":
        return Scott(name, "shares")
    if kind in WEIGHTS:
        return WEIGHTED[stem](name, weight_table(kind, n_codes, values), kind)
    return WEIGHTED[name](name, None, "identity")
