"""Periods: from dates to years, school years, half years, quarters or months, none left out in between."""

from __future__ import annotations

import pandas as pd

from nsi.errors import StudyError

PARTS = {"year": 1, "half_year": 2, "quarter": 4, "month": 12}
MOST = 400  # columns or rows of one matrix: more come from a wrong date


def period_numbers(dates: pd.Series, period: str, year_starts: int = 1) -> pd.Series:
    """Number the periods that dates lie in, so that the next period has the next number.

    Parameters
    ----------
    dates : Series
        Dates; missing ones stay missing.
    period : str
        ``year``, ``half_year``, ``quarter`` or ``month``.
    year_starts : int
        Month in which a year begins; for ``year`` only.

    Returns
    -------
    Series of Int64
        Missing where the date is.

    Raises
    ------
    StudyError
        On another kind of period, or a year that begins in another month for anything but years.
    """
    if period not in PARTS:
        raise StudyError(f"a period is '{period}', but allowed are {', '.join(PARTS)}")
    if not 1 <= year_starts <= 12 or (year_starts != 1 and period != "year"):
        raise StudyError(
            f"year_starts is {year_starts} with period '{period}', but must be a month from 1 to 12, and 1 unless the "
            "period is year"
        )
    days = pd.to_datetime(dates)
    year, month = days.dt.year.astype("Int64"), days.dt.month.astype("Int64")
    if period == "year":
        return year - (month < year_starts).astype("Int64")
    parts = PARTS[period]
    return year * parts + (month - 1) // (12 // parts)


def period_label(number: int, period: str, year_starts: int = 1) -> str:
    """Return what a numbered period is called: 2019, 2019/20, 2019 H1, 2019 Q3, 2019-08."""
    year, part = divmod(number, PARTS[period])
    if period == "year":
        return str(year) if year_starts == 1 else f"{year}/{(year + 1) % 100:02d}"
    return {"half_year": f"{year} H{part + 1}", "quarter": f"{year} Q{part + 1}", "month": f"{year}-{part + 1:02d}"}[
        period
    ]


def period_names(dates: pd.Series, period: str, year_starts: int = 1) -> pd.Series:
    """Return the label of the period of each date; missing where the date is."""
    numbers = period_numbers(dates, period, year_starts)
    labels = {number: period_label(int(number), period, year_starts) for number in numbers.dropna().unique()}
    return numbers.map(labels).astype("str")


def periods_between(dates: pd.Series, period: str, year_starts: int = 1) -> list[str]:
    """List every period from the first date to the last, in time order, also those in which nothing lies.

    Raises
    ------
    StudyError
        If there are more than 400: a date is then likely wrong.
    """
    numbers = period_numbers(dates, period, year_starts).dropna()
    if numbers.empty:
        return []
    first, last = int(numbers.min()), int(numbers.max())
    if last - first >= MOST:
        ends = f"{period_label(first, period, year_starts)} to {period_label(last, period, year_starts)}"
        raise StudyError(f"dates run from {ends}, which is more than {MOST} periods; correct the first or last date")
    return [period_label(number, period, year_starts) for number in range(first, last + 1)]
