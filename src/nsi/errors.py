"""The one kind of error that is meant for a reader: it says where, what, what was allowed, and what to do."""

from __future__ import annotations

from collections.abc import Iterable

SHOWN = 5  # offenders printed in full; a longer list hides the sentence that matters
LONGEST_SHOWN = 40  # characters of a cell: enough to recognise a code, too few for somebody's answer


class StudyError(Exception):
    """Something in the data, the declaration or a notebook that a person has to settle.

    The text names the file or field, the row, what was found, what was allowed and what to do.
    It is safe to show: callers put in codes, keys and row numbers, never free text or a person's answer.
    """


def listed(items: Iterable[object], shown: int = SHOWN) -> str:
    """Join the first few of many offenders, and say how many more there are.

    Parameters
    ----------
    items : iterable
        What to list, in the order to show it.
    shown : int
        How many to print before "and N more".

    Returns
    -------
    str
        For example ``"12, 40, 41 and 3 more"``.
    """
    texts = [str(item) for item in items]
    head = ", ".join(texts[:shown])
    rest = len(texts) - shown
    return f"{head} and {rest} more" if rest > 0 else head


def shown(cell: str) -> str:
    r"""Quote what stands in a cell: shortened, and with characters that nobody can see spelled out.

    Parameters
    ----------
    cell : str
        The text as it was found.

    Returns
    -------
    str
        For example ``"'hub\u200b'"``, which on paper would look like the code ``hub``.
    """
    short = cell if len(cell) <= LONGEST_SHOWN else f"{cell[: LONGEST_SHOWN - 1]}…"
    plain = "".join(mark if mark.isprintable() else mark.encode("unicode_escape").decode() for mark in short)
    return f"'{plain}'"
