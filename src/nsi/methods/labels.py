"""Final labels: what counts as a unit's code after coding, in shares where coders were not brought together."""

from __future__ import annotations

import pandas as pd

from nsi.errors import StudyError

UNIT = ["case", "unit", "field"]
COLUMNS = [*UNIT, "value", "weight", "basis"]


def first_codings(independent: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tell first codings from later ones of the same unit by the same coder.

    Parameters
    ----------
    independent : DataFrame
        case, unit, coder, field, round, rated_on; a coder may have a unit once per round.

    Returns
    -------
    first : DataFrame
        The earliest rating of each unit, coder and field, in the order given: what coders are compared by.
    recoded : DataFrame
        Every rating of what a coder coded more than once, the first included: what tells how steady a coder is.
        No rows where nobody coded again.
    """
    key = [*UNIT, "coder"]
    in_time = independent.sort_values(["rated_on", "round"], kind="stable", na_position="last")
    first = independent[~in_time.duplicated(key).reindex(independent.index)]
    recoded = independent[independent.duplicated(key, keep=False)]
    return first.reset_index(drop=True), recoded.reset_index(drop=True)


def final_labels(independent: pd.DataFrame, consensus: pd.DataFrame) -> pd.DataFrame:
    """Give each unit its final label per field.

    Parameters
    ----------
    independent : DataFrame
        Ratings before consensus: case, unit, coder, field, value (missing where the coder gave none).
    consensus : DataFrame
        Settled labels, same columns; may have no rows.

    Returns
    -------
    DataFrame
        case, unit, field, value, weight, basis. A unit with a settled label has that one, weight 1, basis
        ``consensus``. Otherwise each coder's label counts with an equal share, and the weights of a unit add
        up to 1; basis ``one coder`` or ``several coders``. A unit and field without any label does not
        appear.

    Raises
    ------
    StudyError
        If a unit has two settled labels in one field.

    Notes
    -----
    Sharing a unit between its coders keeps n the number of units: counting every rating would let the units
    that were coded twice count twice.
    """
    settled = consensus[consensus["value"].notna()]
    twice = settled[settled.duplicated(UNIT, keep=False)]
    if len(twice):
        case, unit, field = twice.iloc[0][UNIT]
        raise StudyError(
            f"unit '{unit}' of case '{case}' has "
            f"{int((twice[UNIT] == twice.iloc[0][UNIT]).all(axis=1).sum())} settled "
            f"labels for '{field}', but a unit has one; remove the others in data_raw/corrections.csv"
        )
    settled = settled[[*UNIT, "value"]].assign(weight=1.0, basis="consensus")
    given = independent[independent["value"].notna()]
    keys = pd.MultiIndex.from_frame(given[UNIT])
    open_units = given[~keys.isin(pd.MultiIndex.from_frame(settled[UNIT]))]
    coders = open_units.groupby(UNIT, sort=False)["value"].transform("size")
    shared = open_units[[*UNIT, "value"]].assign(
        weight=1.0 / coders,
        basis=(coders == 1).map({True: "one coder", False: "several coders"}).astype("str"),
    )
    both = pd.concat([settled, shared], ignore_index=True)
    summed = both.groupby([*UNIT, "value", "basis"], sort=False)["weight"].sum()
    return summed.reset_index()[COLUMNS]
