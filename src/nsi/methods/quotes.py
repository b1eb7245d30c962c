"""Quotes chosen by rule, with the reason for each and for each that was left."""

from __future__ import annotations

from typing import Any, NamedTuple

import pandas as pd

from nsi.errors import StudyError, listed, shown
from nsi.methods.quote_rules import QuoteRules, Wording, chosen_because, rejected_because, wording

WITHHELD_TEXT = "[withheld]"
CONTRARY = "contrary"
CHOSEN = ["case", "theme", "segment", "document", "place", "speaker", "stance", "text", "words", "excerpt", "redacted",
          "why"]  # fmt: skip
REJECTED = ["case", "theme", "segment", "document", "place", "words", "reason", "why"]
NEEDED = ["segment", "document", "speaker", "text", "stance"]


class Quotes(NamedTuple):
    """What was chosen and what was not; together every candidate once.

    Attributes
    ----------
    chosen : DataFrame
        case, theme, segment, document, place, speaker, stance, text (as to be printed), words, excerpt (bool),
        redacted (how often), why (in words).
    rejected : DataFrame
        case, theme, segment, document, place, words, reason, why. Without text.
    """

    chosen: pd.DataFrame
    rejected: pd.DataFrame


def pick_quotes(
    segments: pd.DataFrame,
    rules: QuoteRules | None = None,
    *,
    where: str,
    case: str = "row",
    theme: str | None = "column",
    used: pd.DataFrame | None = None,
) -> Quotes:
    """Choose quotes by rule.

    A quote must be long and short enough, not withheld, free of forbidden words, and not used elsewhere. Among those,
    agreed ones come before those coded once, and these before those that coders disagreed on; the preferred stance
    comes before all of that, whole texts before parts, then the earlier date, then the segment's id. Cases and themes
    with the fewest possible quotes choose first, so that others do not take their only speaker. Nobody is quoted
    twice; where the speaker is not known, no document is.

    Parameters
    ----------
    segments : DataFrame
        The evidence of a matrix, or segments: segment, document, speaker, text, stance; place, date, agreed and
        withheld if there. A text "[withheld]" is withheld too.
    rules : QuoteRules, optional
        By default one quote of 5 to 40 words per case and theme.
    where : str
        What the quotes are for, such as the name of a matrix; earlier uses in the same place do not count.
    case, theme : str
        Columns that hold them; `theme` None for `per_case` quotes of a case over all themes.
    used : DataFrame, optional
        Log of earlier uses: segment, used_in.

    Returns
    -------
    Quotes
        Chosen ones in the order in which cases and themes first appear. Reasons: no_text, withheld, redacted,
        too_short, too_long, used_in_<place>, chosen_already (the segment or its words, for another theme),
        same_speaker, case_has_one (or case_has_<n>). The order of the rows does not change what is chosen.

    Raises
    ------
    StudyError
        If a column is lacking, a segment stands twice for one case and theme, or `where` is blank.
    """
    rules = rules or QuoteRules()
    _check(segments, used, where, case, theme)
    places: dict[str, list[str]] = {}
    if used is not None:
        for segment, place in zip(used["segment"].astype(str), used["used_in"].astype(str), strict=True):
            places.setdefault(segment, []).append(place)
    pool = _candidates(segments, rules, case, theme)
    for one in pool:
        one["reason"] = _unfit(one, rules, [place for place in places.get(one["segment"], []) if place != where])
    _choose(pool, rules)
    chosen = [one | {"why": chosen_because(one)} for one in _in_order(pool)]
    rejected = [one | {"why": rejected_because(one, rules)} for one in pool if one["reason"]]
    return Quotes(_frame(chosen, CHOSEN), _frame(rejected, REJECTED))


def _check(segments: pd.DataFrame, used: pd.DataFrame | None, where: str, case: str, theme: str | None) -> None:
    if not where.strip():
        raise StudyError("quotes: it is not said what they are for; give 'where', such as the name of the matrix")
    keys = [case, *([theme] if theme else [])]
    absent = [name for name in [*keys, *NEEDED] if name not in segments.columns]
    if absent:
        raise StudyError(f"segments to quote lack the column(s) {listed(absent)}; found {listed(segments.columns, 30)}")
    absent = [name for name in ("segment", "used_in") if used is not None and name not in used.columns]
    if absent:
        raise StudyError(f"log of quotes lacks the column(s) {listed(absent)}; give the rows of use_log")
    unnamed = segments["segment"].isna() | (segments["segment"].astype(str).str.strip() == "")
    if unnamed.any() or segments[keys].isna().any(axis=None):
        raise StudyError(f"segments to quote: {', '.join([*keys, 'segment'])} must be known in every row; fill them in")
    twice = segments.duplicated([*keys, "segment"])
    if theme and twice.any():
        ids = [shown(str(name)) for name in segments.loc[twice, "segment"]]
        raise StudyError(f"segments to quote: {listed(ids)} stand twice for one {case} and {theme}; keep one of each")


def _candidates(segments: pd.DataFrame, rules: QuoteRules, case: str, theme: str | None) -> list[dict[str, Any]]:
    """One entry per row; over all themes, a segment of a case stands once."""
    frame = segments.drop_duplicates([case, "segment"]) if theme is None else segments
    plain = {name: frame[name].astype(object) for name in ("segment", "document", "speaker", "text", "stance")}
    for name, missing in (("place", ""), ("date", pd.NaT), ("agreed", pd.NA), ("withheld", False)):
        held = frame[name] if name in frame.columns else pd.Series(missing, index=frame.index)
        plain[name] = held.astype(object)
    themes = frame[theme].astype(str) if theme else pd.Series("", index=frame.index)
    rows = pd.DataFrame({**plain, "case": frame[case].astype(str), "theme": themes}).to_dict("records")
    return [{**{str(name): value for name, value in row.items()}, **_read(row, rules)} for row in rows]


def _read(row: Any, rules: QuoteRules) -> dict[str, Any]:
    text = row["text"] if isinstance(row["text"], str) else ""
    withheld = text.strip() == WITHHELD_TEXT or (pd.notna(row["withheld"]) and bool(row["withheld"]))
    printed = Wording("", 0, 0, False, False) if withheld or not text.strip() else wording(text, rules)
    speaker = "" if pd.isna(row["speaker"]) else str(row["speaker"]).strip()
    within = {"study": "", "case": row["case"], "document": str(row["document"])}[rules.speaker_within]
    voice = ("speaker", within, speaker) if speaker else ("document", "", str(row["document"]))
    same = " ".join(text.casefold().split())
    return {
        **printed._asdict(), "withheld": withheld, "blank": not text.strip(), "speaker": speaker, "voice": voice,
        "segment": str(row["segment"]), "same": same, "rank": _rank(row, rules, printed),
        "marks": {("segment", str(row["segment"])), ("words", same), ("voice", voice)},
        "place": "" if pd.isna(row["place"]) else str(row["place"]), "document": str(row["document"]),
        "stance": "" if pd.isna(row["stance"]) else str(row["stance"]),
    }  # fmt: skip


def _rank(row: Any, rules: QuoteRules, printed: Wording) -> tuple[Any, ...]:
    """What comes first: a smaller rank."""
    against = str(row["stance"]) == CONTRARY
    stance = 0 if rules.prefer == "either" else int(against != (rules.prefer == CONTRARY))
    agreed = 1 if pd.isna(row["agreed"]) else 0 if bool(row["agreed"]) else 2
    date = "9999" if pd.isna(row["date"]) else str(pd.Timestamp(row["date"]).date())
    return stance, agreed, int(printed.excerpt), date, str(row["segment"])


def _unfit(one: dict[str, Any], rules: QuoteRules, elsewhere: list[str]) -> str:
    """Why a text cannot be quoted at all; "" where it can."""
    if one["withheld"] or one["blank"]:
        return "withheld" if one["withheld"] else "no_text"
    if one["forbidden"]:
        return "redacted"
    if not rules.shortest <= one["words"] <= rules.longest:
        return "too_short" if one["words"] < rules.shortest else "too_long"
    return f"used_in_{elsewhere[0]}" if elsewhere and not rules.again else ""


def _choose(pool: list[dict[str, Any]], rules: QuoteRules) -> None:
    """Let cases and themes choose in turn, those with the fewest voices first; note why each other was left."""
    slots: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in pool:
        if not one["reason"]:
            slots.setdefault((one["case"], one["theme"]), []).append(one)
    voices = {key: len({one["voice"] for one in found}) for key, found in slots.items()}
    taken: set[Any] = set()
    for _ in range(rules.per_case):
        for key in sorted(slots, key=lambda key: (voices[key], key)):
            free = [one for one in slots[key] if not one["marks"] & taken]
            if free:
                first = min(free, key=lambda one: one["rank"])
                taken |= first["marks"]
                first["of"] = len(slots[key])
    for found in slots.values():
        full = sum("of" in one for one in found) >= rules.per_case
        for one in found:
            if "of" not in one:
                one["reason"] = _passed_over(one, taken, full, rules)


def _passed_over(one: dict[str, Any], taken: set[Any], full: bool, rules: QuoteRules) -> str:
    if ("segment", one["segment"]) in taken or ("words", one["same"]) in taken:
        return "chosen_already"
    if full:
        return "case_has_one" if rules.per_case == 1 else f"case_has_{rules.per_case}"
    return "same_speaker"


def _in_order(pool: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Chosen ones by the first appearance of their case and theme, the first choice first."""
    first: dict[tuple[str, str], int] = {}
    for one in pool:
        first.setdefault((one["case"], one["theme"]), len(first))
    chosen = [one for one in pool if not one["reason"]]
    return sorted(chosen, key=lambda one: (first[(one["case"], one["theme"])], one["rank"]))


def _frame(entries: list[dict[str, Any]], names: list[str]) -> pd.DataFrame:
    kinds = {"words": "int64", "redacted": "int64", "excerpt": "bool"}
    return pd.DataFrame({
        name: pd.Series([one[name] for one in entries], dtype=kinds.get(name, "str")) for name in names
    })  # fmt: skip
