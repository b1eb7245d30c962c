"""What a quote may be: how long, without which words, and from where to where; nothing is changed without a mark."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from nsi.errors import StudyError, shown

PREFERENCES = ("supports", "contrary", "either")
STANCES = {"supports": "supporting", "contrary": "contrary"}
VOICES = ("study", "case", "document")
CUT = "[…]"
REDACTED = "[redacted]"
LONGEST_WORD = 30  # characters; a longer run without blanks is not one word but a script that writes none, or a trick
LETTERS = 6  # characters that stand for a word in such a run
HIDDEN = "[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]*"  # what nobody sees between two letters of a name
TAG = re.compile(r"\s*\[[^\[\]]{1,60}\]:?\s*")  # such as the stamp of look-alike texts, which every part must keep
END = re.compile(r"[.!?…。！？؟]+[\"'”’»)\]]*(?=\s|$)|[。！？]")
SHORTENED = re.compile(r"(?:^|[\s(])(?:\w|Dr|Mr|Mrs|Ms|St|No|vs|cf|par|e\.g|i\.e|approx|etc)\.$", re.IGNORECASE)


@dataclass(frozen=True)
class QuoteRules:
    """How quotes are chosen.

    Attributes
    ----------
    per_case : int
        Most quotes of one case within one theme.
    longest, shortest : int
        Words that a quote may have.
    prefer : str
        Which stance comes first: supports, contrary, or either.
    speaker_within : str
        Where one name of a speaker means one person: study (everywhere), case or document.
    excerpts : bool
        Whether a text that is too long may be quoted in part, cut at ends of sentences and marked with […].
    redactions : mapping of str to str
        Word or phrase to what stands for it, in square brackets; "" forbids the quote altogether.
    again : bool
        Whether a quote may be used that stands elsewhere already.

    Raises
    ------
    StudyError
        If a number is too small, a word is unknown, or something to be redacted is blank.
    """

    per_case: int = 1
    longest: int = 40
    shortest: int = 5
    prefer: str = "supports"
    speaker_within: str = "study"
    excerpts: bool = False
    redactions: Mapping[str, str] = field(default_factory=dict)
    again: bool = False

    def __post_init__(self) -> None:
        if self.per_case < 1 or self.shortest < 1 or self.longest < self.shortest:
            raise StudyError(
                f"quotes: per_case {self.per_case}, shortest {self.shortest} and longest {self.longest} must be 1 or "
                "more, and longest no less than shortest; correct them"
            )
        for name, allowed in (("prefer", PREFERENCES), ("speaker_within", VOICES)):
            found = getattr(self, name)
            if found not in allowed:
                raise StudyError(f"quotes: {name} is {shown(str(found))}, allowed are {', '.join(allowed)}; correct it")
        if any(not re.search(r"\w", word) for word in self.redactions):
            raise StudyError("quotes: a word to redact is blank; take it off the list, or write the word")


class Wording(NamedTuple):
    """A text as it would be printed: how many words it has, how many were redacted, and whether it is a part."""

    text: str
    words: int
    redacted: int
    excerpt: bool
    forbidden: bool


def word_count(text: str) -> int:
    """Number of words in a text.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    int
        Runs without blanks that hold a letter or digit. A run longer than 30 characters counts one word for every
        six, so that a script without blanks, or a text without any, cannot pass as one word.
    """
    runs = [run for run in text.split() if re.search(r"\w", run)]
    return sum(1 if len(run) <= LONGEST_WORD else -(-len(run) // LETTERS) for run in runs)


def redact(text: str, redactions: Mapping[str, str]) -> tuple[str, int, bool]:
    """Replace words that must not be printed.

    Parameters
    ----------
    text : str
        Any text.
    redactions : mapping of str to str
        As in `QuoteRules`.

    Returns
    -------
    tuple of str, int, bool
        The text, how often something was replaced, and whether it holds a word that forbids the quote. Words are
        found in any case, over line breaks, and with characters between their letters that nobody sees; longer ones
        first. What stands instead is in square brackets, so that no reader takes it for what was said.
    """
    found = 0
    forbidden = False
    plain = unicodedata.normalize("NFC", text)
    for word in sorted(redactions, key=lambda word: (-len(word), word)):
        pattern = _pattern(unicodedata.normalize("NFC", word))
        instead = redactions[word].strip().strip("[]").strip()
        forbidden = forbidden or (not instead and pattern.search(plain) is not None)
        if instead:
            plain, n = pattern.subn(lambda _, instead=instead: f"[{instead}]", plain)  # type: ignore[misc]
            found += n
    return (plain if found else text), found, forbidden


@lru_cache(maxsize=4096)
def _pattern(word: str) -> re.Pattern[str]:
    parts = [HIDDEN.join(re.escape(letter) for letter in part) for part in word.split()]
    whole = rf"{HIDDEN}\s+{HIDDEN}".join(parts)
    # Scripts with capitals set blanks between words; in others a name may stand in the middle of a run.
    first, last = parts[0][0], word.rstrip()[-1]
    before = r"(?<!\w)" if _bounded(first) else ""
    after = r"(?!\w)" if _bounded(last) else ""
    return re.compile(f"{before}{whole}{after}", re.IGNORECASE)


def _bounded(letter: str) -> bool:
    return letter.lower() != letter.upper() or letter.isdigit()


def sentences(text: str) -> list[str]:
    """Cut a text at the ends of its sentences; joined, the parts are the text."""
    ends = [found.end() for found in END.finditer(text) if _is_end(text, found.end())]
    places = [0, *ends, len(text)]
    parts = [text[start:end] for start, end in zip(places, places[1:], strict=False)]
    return [part for part in parts if part]


def _is_end(text: str, end: int) -> bool:
    following = text[end:].lstrip()[:1]
    return not following.islower() and SHORTENED.search(text[max(end - 12, 0) : end]) is None


def excerpt(text: str, longest: int) -> str:
    """Return the longest run of whole sentences that is short enough, marked where something was left out.

    Parameters
    ----------
    text : str
        A text with more words than that.
    longest : int
        Words that the run may have.

    Returns
    -------
    str
        Of equally long runs the first; […] before it unless the text begins with it, and after it unless the text
        ends with it. A note in square brackets at the head of the text stays. "" where every sentence is too long.
    """
    tag = TAG.match(text)
    head = tag.group() if tag else ""
    parts = sentences(text[len(head) :])
    counts = [word_count(part) for part in parts]
    longest -= word_count(head)
    best, place = 0, (0, 0)
    start = words = 0
    for end, more in enumerate(counts, start=1):
        words += more
        while words > longest:
            words -= counts[start]
            start += 1
        if words > best:
            best, place = words, (start, end)
    if not best:
        return ""
    run = "".join(parts[place[0] : place[1]]).strip()
    before, after = place[0] > 0, any(counts[place[1] :])
    return f"{head}{CUT + ' ' if before else ''}{run}{' ' + CUT if after else ''}"


def wording(text: str, rules: QuoteRules) -> Wording:
    """Return a text as the rules let it be printed; too long or too short ones as they are, to be refused by length."""
    plain, redacted, forbidden = redact(text.strip(), rules.redactions)
    words = word_count(plain)
    if rules.excerpts and words > rules.longest:
        part = excerpt(plain, rules.longest)
        if word_count(part) >= rules.shortest:
            return Wording(part, word_count(part), redacted, True, forbidden)
    return Wording(plain, words, redacted, False, forbidden)


def chosen_because(one: Mapping[str, Any]) -> str:
    """Say why a quote was chosen: stance, agreement, length, and of how many it came first."""
    agreed = ("coders agreed", "coded once", "coders disagreed")[one["rank"][1]]
    parts = [STANCES.get(one["stance"], "stance not recorded"), agreed, f"{one['words']} words"]
    parts += ["part of a longer text"] if one["excerpt"] else []
    parts += [f"{one['redacted']} redacted"] if one["redacted"] else []
    choice = f"first of {one['of']} possible" if one["of"] > 1 else "the only one possible"
    return f"{', '.join(parts)}; {choice}"


def rejected_because(one: Mapping[str, Any], rules: QuoteRules) -> str:
    """Say why a quote was left."""
    reason = one["reason"]
    if reason.startswith("used_in_"):
        return f"stands already in {reason.removeprefix('used_in_')}"
    if reason.startswith("case_has_"):
        return "another quote of this case came first"
    return {
        "no_text": "there is no text", "withheld": "must not be quoted",
        "redacted": "holds a word that must not be told",
        "too_short": f"{one['words']} words, {rules.shortest} are needed",
        "too_long": f"{one['words']} words, {rules.longest} are allowed",
        "chosen_already": "the same words are quoted for another theme or case",
        "same_speaker": "the same speaker, or the same document without one, is quoted elsewhere here",
    }[reason]  # fmt: skip
