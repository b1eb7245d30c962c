"""Drawing segments: from which document each is cut, what it says of which field, and in which invented words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import exp
from typing import Any

from nsi.errors import StudyError
from nsi.synthetic.document_plan import Corpora, Part, counted_ids
from nsi.synthetic.document_rows import DAYS_OF_A_YEAR, Document

SUPPORTS, CONTRARY = "supports", "contrary"
HERE = "{text}"


@dataclass
class Segment:
    """One passage of a document: its true codes by field, and whether it speaks for or against its code."""

    document: Document
    main: str
    stance: str
    codes: dict[str, str]
    paragraph: int = 0
    speaker: str = ""
    text: str = ""
    withheld: bool = False
    id: str = field(default="")


def draw_segments(corpora: Corpora, documents: Mapping[str, list[Document]]) -> list[Segment]:
    """Draw the segments of all parts.

    Parameters
    ----------
    corpora : Corpora
        What the study declares.
    documents : mapping of str to list of Document
        By part.

    Returns
    -------
    list of Segment
        In order of part, document and paragraph. Codes are the true ones: what a perfect coder would write.

    Raises
    ------
    StudyError
        If a case has segments but no document to cut them from, or a document has too few paragraphs.
    """
    found: list[Segment] = []
    for name, part in corpora.parts.items():
        cut = [segment for case in part.groups for segment in _of_case(corpora, part, case, documents[name])]
        found += _placed(corpora, name, cut)
    for name, segment in zip(
        counted_ids("segments.first_id", corpora.declared["segments"]["first_id"], len(found)), found, strict=True
    ):
        segment.id = name
    _write_texts(corpora, found)
    return found


def _of_case(corpora: Corpora, part: Part, case: str, documents: Sequence[Document]) -> list[Segment]:
    spec, draws = part.spec, corpora.draws(part.name, "segments", case)
    count = round(spec["segments_per_case"] * spec.get("sparse", {}).get(case, 1))
    weights = {str(place): spec["kinds"][one.kind]["coded"] for place, one in enumerate(documents) if one.case == case}
    if count and not any(weights.values()):
        raise StudyError(f"corpora.parts.{part.name}: {case} has segments, but no document to cut them from; add some")
    tendency = {name: _tendency(corpora, part, case, name) for name in spec["fields"]}
    found = []
    for main in draws.shuffled(_shared_out(spec["main"], count)):
        document = documents[int(draws.pick(weights))]
        stance = CONTRARY if draws.happens(spec["fields"][main]["contrary"]) else SUPPORTS
        beside = [name for name, rate in spec.get("also", {}).items() if draws.happens(rate) and stance == SUPPORTS]
        years = (document.day - spec["centre"]).days / DAYS_OF_A_YEAR
        codes = {name: draws.pick(_weights(tendency[name], spec["fields"][name], years)) for name in (main, *beside)}
        found.append(Segment(document, main, stance, codes))
    return found


def _shared_out(shares: Mapping[str, float], count: int) -> list[str]:
    """Give each field its share of the segments of a case, to the nearest whole segment."""
    found, reached, names = [], 0.0, iter(shares)
    name = ""
    for place in range(count):
        while (place + 0.5) / count >= reached - 1e-12 and (following := next(names, "")):
            name = following
            reached += shares[name]
        found.append(name)
    return found


def _tendency(corpora: Corpora, part: Part, case: str, name: str) -> dict[str, float]:
    """Give the weight of each code in one case: the group's share, and the case's own leaning."""
    spec = part.spec["fields"][name]
    shares, codes = spec["shares"][part.groups[case]], corpora.codebook[name].values
    draws = corpora.draws(part.name, "leaning", case, name)
    rank = float(draws.normals(1)[0]) * spec.get("rank_sd", 0.0)
    own = draws.normals(len(codes)) * spec.get("code_sd", 0.0)
    most = max(codes, key=lambda code: shares.get(code, 0.0))  # a case shows at least what its group shows most
    hidden = {code for code in codes if draws.happens(spec.get("left_out", 0.0)) and code != most}
    middle = (len(codes) - 1) / 2
    return {
        code: 0.0 if code in hidden else shares.get(code, 0.0) * exp(float(own[place]) + rank * (place - middle))
        for place, code in enumerate(codes)
    }


def _weights(tendency: Mapping[str, float], spec: Mapping[str, Any], years: float) -> dict[str, float]:
    trend = spec.get("trend", {})
    return {code: weight * exp(trend.get(code, 0.0) * years) for code, weight in tendency.items()}


def _placed(corpora: Corpora, name: str, cut: list[Segment]) -> list[Segment]:
    """Give segments their paragraphs, no two of a document the same, and put them in order."""
    by_document: dict[str, list[Segment]] = {}
    for segment in cut:
        by_document.setdefault(segment.document.id, []).append(segment)
    paragraphs, draws = corpora.declared["texts"]["paragraphs"], corpora.draws(name, "paragraphs")
    found = []
    for document in sorted(by_document):
        segments = by_document[document]
        if len(segments) > paragraphs:
            raise StudyError(f"corpora.texts.paragraphs is {paragraphs}, but {document} has more segments; raise it")
        places = sorted(draws.shuffled(range(1, paragraphs + 1))[: len(segments)])
        for segment, place in zip(segments, places, strict=True):
            segment.paragraph = place
            segment.speaker = _speaker(corpora, segment.document)
            segment.withheld = draws.happens(corpora.declared["texts"]["withheld"])
            found.append(segment)
    return found


def _speaker(corpora: Corpora, document: Document) -> str:
    """Name who speaks in a document: one of a few of this role in this case, the same throughout."""
    if not document.role:
        return ""
    roles = corpora.codebook[corpora.declared["documents"]["columns"]["role"]].values
    voice = int(corpora.draws("voice", document.id).uniform() * corpora.declared["texts"]["voices"])
    number = roles.index(document.role) * corpora.declared["texts"]["voices"] + voice + 1
    return f"TP-{document.case}-{number:02d}"


def _write_texts(corpora: Corpora, segments: list[Segment]) -> None:
    """Write what each segment says; an odd form stands in one segment each, and one segment is very long."""
    spec, draws = corpora.declared["texts"], corpora.draws("texts")
    odd = dict(zip(draws.shuffled(range(len(segments))), [*spec["odd"], None], strict=False))
    for place, segment in enumerate(segments):
        said = corpora.parts[segment.document.part].spec["fields"][segment.main]["phrases"]
        phrase = draws.one_of(said[segment.codes[segment.main]])
        sentence = f"{draws.one_of(spec['openings'][segment.stance])}{phrase}, {draws.one_of(spec['endings'])}."
        text = spec["start"] + sentence
        form = odd.get(place, HERE)
        if form is None:
            text = spec["start"] + (f"{sentence} " * (spec["longest"] // len(sentence) + 1)).strip()
        segment.text = text if form is None else form.replace(HERE, text)
