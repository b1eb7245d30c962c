"""What a notebook hands out beside tables: a figure that can be shown and heard, numbers to be quoted."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import pandas as pd

from nsi.door import RUN, bytes_of
from nsi.errors import StudyError
from nsi.tables import DIGITS

PNG_DPI = 300  # of the stored pictures
SCREEN_DPI = 120  # a little larger than in print, for reading at arm's length
PAGE_DPI = 2 * SCREEN_DPI  # of pictures for a page alone: sharp on any screen
SHORTEST_ALT = 30  # characters; "bar chart" tells nobody what the figure shows
LONGEST_TEXT = 100  # characters; a word such as "0.61 to 0.74" is a number's neighbour, somebody's answer is not


class ShownFigure:
    """What ``study.figure`` returns: displays as the picture that was stored, with its alternative text.

    Without a picture (no bytes) it displays as that text alone.
    """

    def __init__(self, name: str, png: bytes, alt: str, dpi: int = PNG_DPI) -> None:
        self.name, self.png, self.alt, self.dpi = name, png, alt, dpi

    def __repr__(self) -> str:
        return f"figure {self.name}{'' if self.png else ' (not drawn in this run)'}: {self.alt}"

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, Any], dict[str, Any]]:
        if not self.png:
            return {"text/plain": repr(self)}, {}
        shown = {"alt": self.alt, "width": self.width}
        return {"image/png": self.png, "text/plain": repr(self)}, {"image/png": shown}

    @property
    def width(self) -> int:
        """Width on a screen in pixels: a narrow figure stays narrow beside a wide one."""
        return round(int.from_bytes(self.png[16:20]) / self.dpi * SCREEN_DPI)


def pictures_wanted() -> bool:
    """Whether figures are rendered: always, but where the pipeline tells a run that its tables and numbers will do."""
    if not os.environ.get(RUN):
        return True
    told = json.loads(bytes_of(Path(os.environ[RUN]), "what the pipeline tells this run", "is gone; run it again"))
    return bool(told.get("pictures", True))


def check_figure(name: str, alt: object, data: object) -> None:
    """Stop a figure that some readers could not read, or that nobody could check.

    Raises
    ------
    StudyError
        Without a useful alternative text, or without the table it was drawn from.
    """
    if not isinstance(alt, str) or len(alt.strip()) < SHORTEST_ALT:
        raise StudyError(
            f"figure '{name}' has no useful alt text ({alt!r}); say what kind of figure it is, what it "
            "compares, "
            f"its main reading and n, in at least {SHORTEST_ALT} characters"
        )
    if not isinstance(data, pd.DataFrame) or data.empty:
        raise StudyError(f"figure '{name}' comes without the table it was drawn from; pass it as data=")


def plain_number(name: str, value: object) -> float | str:
    """Return a number, or a short text around one, as it is stored: floats with 13 significant digits.

    Raises
    ------
    StudyError
        If it is neither, or is not finite: what is undefined is missing with a reason, and has no number.
    """
    single = hasattr(value, "item") and getattr(value, "size", 1) == 1
    plain = value.item() if single else value  # type: ignore[attr-defined]
    number = isinstance(plain, (int, float)) and not isinstance(plain, bool) and math.isfinite(plain)
    if not number and not (isinstance(plain, str) and len(plain) <= LONGEST_TEXT):
        found = f"a text of {len(plain)} characters" if isinstance(plain, str) else _named(plain)
        raise StudyError(
            f"the number '{name}' must be a finite number or a text of at most {LONGEST_TEXT} characters, "
            f"but found {found}; say why it is undefined in a table instead"
        )
    return float(f"{plain:.{DIGITS}g}") + 0.0 if isinstance(plain, float) else plain  # type: ignore[return-value]


def _named(value: object) -> str:
    return repr(value) if value is None or isinstance(value, (bool, float)) else f"a {type(value).__name__}"
