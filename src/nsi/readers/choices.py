"""What a cell of a coded column can mean: a code, a code's label, or a declared kind of missing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from nsi.codebook import Field
from nsi.errors import StudyError, listed, shown

SHOWN_CODES = 12  # codes named in a message; a field of many codes would hide the sentence
DECIMALS = re.compile(r"-?[0-9]+\.[0-9]*")
# Programs turn quotes and dashes into typographic ones, and not always the same.
MARKS = str.maketrans(
    {mark: plain for plain, marks in {"'": "‘’‚‛`´", '"': "“”„‟«»", "-": "‐‑‒–—―−"}.items() for mark in marks}
)


@dataclass(frozen=True)
class Meaning:
    """What a cell means: a code, or the reason why there is none."""

    code: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Choices:
    """What may stand in the cells of one field.

    Attributes
    ----------
    field : Field
        The codebook's field.
    missing : dict
        What stands for missing, as declared, to its reason; ``""`` is a blank.
    codes : dict
        Code, without decimals that are nothing, to the code.
    words : dict
        Label as it is compared, to its code.
    reasons : dict
        What stands for missing, as it is compared, to its reason.
    """

    field: Field
    missing: dict[str, str]
    codes: dict[str, str]
    words: dict[str, str]
    reasons: dict[str, str]

    def meaning(self, cell: str) -> Meaning | None:
        """Return what a cell means; None if the declaration does not say."""
        if cell in self.field.labels:
            return Meaning(code=cell)
        if (code := self.codes.get(plain_number(cell))) is not None:
            return Meaning(code=code)
        word = comparable(cell)
        if word in self.reasons:
            return Meaning(reason=self.reasons[word])
        return Meaning(code=self.words[word]) if word in self.words else None

    def told(self, meaning: Meaning) -> str:
        """Say what a meaning is, for messages."""
        if meaning.reason:
            return f"missing ({meaning.reason})"
        label = self.field.labels[meaning.code]
        return meaning.code if label == meaning.code else f"{meaning.code} ({label})"

    @property
    def allowed(self) -> str:
        """Every code with its label, and what is declared missing, for messages."""
        known = [shown(cell) if cell else "a blank" for cell in self.missing]
        codes = listed([self.told(Meaning(code=code)) for code in self.field.values], SHOWN_CODES)
        return codes + (f" and {', '.join(known)} (missing)" if known else "")


def plain_number(cell: str) -> str:
    """Return ``4`` for ``4.0``, as spreadsheets and SPSS write a whole number; any other text as it is."""
    return cell.rstrip("0").rstrip(".") if DECIMALS.fullmatch(cell) else cell


def comparable(text: str) -> str:
    """Return the form in which labels are compared: case, inner blanks, kinds of quotes and dashes do not count."""
    plain = unicodedata.normalize("NFC", text.translate(MARKS)).casefold()
    return plain_number(" ".join(unicodedata.normalize("NFC", plain).split()))


def field_choices(field: Field, missing: Mapping[str, str]) -> Choices:
    """Return what may stand in a cell of a field.

    Parameters
    ----------
    field : Field
        The codebook's field.
    missing : mapping
        What stands in a cell, or its label (``""`` for a blank), to the reason it stands for.

    Returns
    -------
    Choices
        Each cell has one meaning at most.

    Raises
    ------
    StudyError
        If a cell could be read in two ways: a label that is another code, two equal labels, a label that is
        declared missing, a missing cell with two reasons.
    """
    codes, words = _codes(field), _words(field)
    reasons: dict[str, str] = {}
    for cell, reason in missing.items():
        word = comparable(cell)
        if reasons.setdefault(word, reason) != reason:
            raise StudyError(f"under 'missing', {shown(cell)} stands for {reasons[word]} and for {reason}; keep one")
        if word in words or plain_number(cell) in codes:
            raise _two_readings(field, cell, words.get(word) or codes[plain_number(cell)], "is also declared missing")
    return Choices(field, dict(missing), codes, words, reasons)


def _codes(field: Field) -> dict[str, str]:
    codes: dict[str, str] = {}
    for code in field.values:
        other = codes.setdefault(plain_number(code), code)
        if other != code:
            raise StudyError(
                f"field '{field.name}': the codes '{other}' and '{code}' are one number; remove one of them"
            )
    return codes


def _words(field: Field) -> dict[str, str]:
    """Each label as it is compared, to its code; a code is a word that only itself may have for a label."""
    words: dict[str, str] = {}
    named = {comparable(code): code for code in field.values}
    for code, label in field.labels.items():
        word = comparable(label)
        rival = named.get(word, code)
        if rival != code and label != code:
            raise _two_readings(field, label, code, f"is also the code '{rival}'")
        if (other := words.setdefault(word, code)) != code:
            raise _two_readings(field, label, code, f"is also that of code '{other}'")
    return words


def _two_readings(field: Field, label: str, code: str, what: str) -> StudyError:
    return StudyError(
        f"field '{field.name}': the label {shown(label)} of code '{code}' {what}, so a cell with it can be read in two "
        "ways; reword the label in the codebook, or take it out of 'missing' in study.yml"
    )
