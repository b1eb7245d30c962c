"""The look-alike documents and segments: their form, their planted mess, and that nothing in them can pass for real."""

from __future__ import annotations

import copy
import csv
import itertools
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from nsi.codebook import Codebook, read_codebook
from nsi.errors import StudyError
from nsi.synthetic.assumptions import as_rows, load
from nsi.synthetic.build import build
from nsi.synthetic.document_files import clean_documents, document_files
from nsi.synthetic.document_plan import Corpora, read_corpora
from nsi.synthetic.document_segments import _shared_out

ROOT = Path(__file__).resolve().parents[1]
STUDY, DATA_RAW = ROOT / "study", ROOT / "data_raw"
DRAWN = ("documents.csv", "segments.csv", "cycles.csv", "rigor_networks.csv", "district_events.csv")
PUBLISHED = ("initiative.csv", "studies.csv")
STAMP = "[synthetic] "
SAME_IN_A_SEGMENT = ("document", "study", "network", "stance", "speaker", "place", "withheld", "text", "round")

Row = dict[str, str]


def raw_rows(name: str) -> list[Row]:
    with (DATA_RAW / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def stripped(name: str) -> list[Row]:
    return [{column: cell.strip() for column, cell in row.items()} for row in raw_rows(name)]


@pytest.fixture(scope="module")
def codebook() -> Codebook:
    return read_codebook(STUDY / "codes.csv")


@pytest.fixture(scope="module")
def declared() -> dict[str, Any]:
    return load(STUDY / "assumptions.yml").values


@pytest.fixture(scope="module")
def corpora(declared: dict[str, Any], codebook: Codebook) -> Corpora:
    return read_corpora(declared["corpora"], declared["surveys"], codebook, declared["seed"])


@pytest.fixture(scope="module")
def clean(corpora: Corpora) -> dict[str, list[Row]]:
    return clean_documents(corpora)


@pytest.fixture(scope="module")
def segments() -> list[Row]:
    return stripped("segments.csv")


# The files -----------------------------------------------------------------------------------------


def test_the_committed_files_are_what_the_declarations_give(corpora):
    files, corrections = document_files(corpora)
    assert tuple(files) == DRAWN
    for name, rows in files.items():
        assert raw_rows(name) == rows, f"{name} differs; run make synth"
    assert [row for row in raw_rows("corrections.csv") if row["file"] in DRAWN] == corrections


def test_files_stay_small():
    assert (DATA_RAW / "documents.csv").stat().st_size < 1_000_000
    assert (DATA_RAW / "segments.csv").stat().st_size < 3_000_000


def test_drawn_files_are_stamped_and_the_published_tables_are_not():
    stamped = (DATA_RAW / "SYNTHETIC").read_text(encoding="utf-8").split()
    summed = (DATA_RAW / "SHA256SUMS").read_text(encoding="utf-8").split()
    assert set(DRAWN) <= set(stamped)
    assert not set(PUBLISHED) & set(stamped)
    assert {*DRAWN, *PUBLISHED} <= set(summed)


def test_a_study_without_documents_draws_the_same_other_files(tmp_path):
    text = (STUDY / "assumptions.yml").read_text(encoding="utf-8")
    before, found, after = text.partition("\nsurveys:\n")
    assert "\ncorpora:\n" in after
    for name in ("codes.csv", "items.csv", "crosswalk.csv"):
        (tmp_path / name).write_bytes((STUDY / name).read_bytes())
    (tmp_path / "assumptions.yml").write_text(before + "\n", encoding="utf-8")
    files = build(tmp_path)
    assert set(files) == {"artifacts.csv", "ratings.csv", "desired_data.csv", "corrections.csv"}
    for name in ("artifacts.csv", "ratings.csv", "desired_data.csv"):
        assert files[name] == (DATA_RAW / name).read_bytes()


def test_ids_begin_with_t_count_on_and_stand_once(clean):
    for name, column in (("documents.csv", "document"), ("cycles.csv", "cycle"), ("district_events.csv", "event")):
        ids = [row[column] for row in clean[name]]
        assert all(cell.startswith("T") for cell in ids)
        assert len(set(ids)) == len(ids)
        assert sorted(ids, key=lambda cell: (cell[:3], int(cell[3:]) if cell[3:].isdigit() else 0)) == sorted(ids)


def test_every_text_says_that_it_is_synthetic(segments):
    assert all(STAMP in row["text"] for row in segments)
    assert all(row["text"].lstrip("=+").startswith(STAMP) for row in segments)
    assert all(row["title"].startswith(STAMP) for row in stripped("documents.csv") if row["document"])
    assert all(row["text"].startswith(STAMP) for row in stripped("district_events.csv"))
    assert all(row["school"].startswith("Synthetic School R") for row in stripped("cycles.csv"))


def test_texts_hold_what_trips_a_reader(segments):
    texts = {row["text"] for row in segments}
    for mark in ("<b>", "<script>", '"Otra vez,"', "\n", "\t", "\\textbf", "学校", "é", "ñ"):
        assert any(mark in text for text in texts), mark
    assert sum(text.startswith("=") for text in texts) == 1
    assert sum(text.startswith("+") for text in texts) == 1
    assert [len(text) > 5000 for text in texts].count(True) == 1
    assert sum(not text.isascii() for text in texts) > 200


def test_every_case_and_document_of_a_segment_is_known(clean, codebook):
    documents = {row["document"]: row for row in clean["documents.csv"]}
    for row in clean["segments.csv"]:
        document = documents[row["document"]]
        assert (row["study"], row["network"]) == (document["study"], document["network"])
        assert row["code"] in {*codebook[row["field"]].values, ""}
        assert (row["speaker"] == "") == (document["speaker_role"] == "")
        assert row["coded_on"] > document["date"]
    for row in documents.values():
        assert row["document_kind"] in codebook["document_kind"].values
        assert row["speaker_role"] in {*codebook["speaker_role"].values, ""}
        assert date.fromisoformat(row["date"]).weekday() < 5


def test_a_speaker_has_one_case_and_one_role_and_comes_up_again(clean):
    documents = {row["document"]: row for row in clean["documents.csv"]}
    known: dict[str, set[tuple[str, str]]] = {}
    for row in clean["segments.csv"]:
        if row["speaker"]:
            known.setdefault(row["speaker"], set()).add((row["network"], documents[row["document"]]["speaker_role"]))
    assert {len(found) for found in known.values()} == {1}
    said = Counter(row["speaker"] for row in clean["segments.csv"])
    assert sum(said[speaker] > 1 for speaker in known) > 100


# The coding ----------------------------------------------------------------------------------------


def test_what_belongs_to_the_segment_is_the_same_in_all_of_its_rows(segments):
    first: dict[str, Row] = {}
    for row in segments:
        kept = first.setdefault(row["segment"], row)
        assert all(row[column] == kept[column] for column in SAME_IN_A_SEGMENT), row["segment"]
    assert len(first) == len({(row["document"], row["place"]) for row in first.values()})
    withheld = [row["withheld"] for row in first.values()]
    assert set(withheld) == {"yes", "no"}
    assert withheld.count("yes") / len(withheld) == pytest.approx(0.05, abs=0.015)


def test_about_one_segment_in_five_is_coded_by_both_and_then_settled_by_a_third(clean):
    rows = clean["segments.csv"]
    coders: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        coders.setdefault((row["segment"], row["field"]), []).append(row["coder"])
    assert {tuple(found) for found in coders.values()} == {("C4",), ("C5",), ("C4", "C5", "C6")}
    double = Counter(len(found) for found in coders.values())
    assert 0.20 <= double[3] / len(coders) <= 0.25
    alone = Counter(found[0] for found in coders.values() if len(found) == 1)
    assert alone["C4"] / alone.total() == pytest.approx(0.5, abs=0.06)
    by_document: dict[str, set[bool]] = {}
    for row in rows:
        double_coded = len(coders[row["segment"], row["field"]]) == 3
        by_document.setdefault(row["document"], set()).add(double_coded)
    assert {len(found) for found in by_document.values()} == {1}  # whole documents


def test_a_label_was_agreed_exactly_when_both_wrote_it(clean):
    units: dict[tuple[str, str], list[Row]] = {}
    for row in clean["segments.csv"]:
        units.setdefault((row["segment"], row["field"]), []).append(row)
    skipped = 0
    for one, two, settled in (rows for rows in units.values() if len(rows) == 3):
        skipped += "" in (one["code"], two["code"])
        assert [row["label_stage"] for row in (one, two, settled)] == ["independent", "independent", "consensus"]
        assert (settled["rule"] == "agreed") == (one["code"] == two["code"])
        assert (settled["reason"] == "") == (settled["rule"] == "agreed")
        assert settled["code"]
        assert settled["coded_on"] > max(one["coded_on"], two["coded_on"])
        if settled["rule"] == "discussed":
            assert settled["code"] in (one["code"], two["code"])
    assert 10 <= skipped <= 30
    rules = {row["rule"] for row in clean["segments.csv"]}
    assert rules == {"", "agreed", "discussed", "adjudicated"}


def alpha(pairs: list[tuple[int, int]], ordinal: bool) -> float:
    """Krippendorff's alpha of two coders without gaps, from the differences of all pairs of values."""
    counts = Counter(itertools.chain.from_iterable(pairs))
    codes = range(min(counts), max(counts) + 1)

    def distance(one: int, two: int) -> float:
        if not ordinal or one == two:
            return float(one != two)
        low, high = sorted((one, two))
        between = [counts[code] for code in codes if low <= code <= high]
        return (sum(between) - (counts[low] + counts[high]) / 2) ** 2

    n = counts.total()
    observed = sum(distance(*pair) for pair in pairs) / len(pairs)
    expected = sum(counts[a] * counts[b] * distance(a, b) for a in codes for b in codes) / (n * (n - 1))
    return 1 - observed / expected


def agreement(rows: list[Row], codebook: Codebook, field: str) -> tuple[float, int]:
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        if row["field"] == field and row["label_stage"] == "independent" and row["code"]:
            found.setdefault(row["segment"], {})[row["coder"]] = row["code"]
    codes = codebook[field].values
    pairs = [(codes.index(one["C4"]), codes.index(one["C5"])) for one in found.values() if len(one) == 2]
    return alpha(pairs, codebook[field].level == "ordinal"), len(pairs)


def test_agreement_lands_where_it_was_assumed(clean, codebook):
    fields = list(dict.fromkeys(row["field"] for row in clean["segments.csv"]))
    assert len(fields) == 24
    found = {field: agreement(clean["segments.csv"], codebook, field) for field in fields}
    assert {field: value for field, (value, _) in found.items() if not 0.68 <= value <= 0.87} == {}
    assert all(n >= 15 for _, n in found.values())
    pooled = sum(value * n for value, n in found.values()) / sum(n for _, n in found.values())
    assert 0.70 <= pooled <= 0.85


def test_alpha_as_computed_here_is_krippendorff_s(clean, codebook):
    krippendorff = pytest.importorskip("krippendorff")
    for level, field in (("nominal", "equity_dimension"), ("ordinal", "equity_commitment")):
        rows = [row for row in clean["segments.csv"] if row["field"] == field and row["code"]]
        codes = codebook[field].values
        units: dict[str, dict[str, int]] = {}
        for row in rows:
            if row["label_stage"] == "independent":
                units.setdefault(row["segment"], {})[row["coder"]] = codes.index(row["code"])
        table = [[unit[coder] for unit in units.values() if len(unit) == 2] for coder in ("C4", "C5")]
        expected = krippendorff.alpha(table, level_of_measurement=level, value_domain=range(len(codes)))
        assert agreement(clean["segments.csv"], codebook, field)[0] == pytest.approx(expected)


# The mess ------------------------------------------------------------------------------------------


def corrections(name: str) -> list[Row]:
    return [row for row in raw_rows("corrections.csv") if row["file"] == name]


def test_one_kind_of_document_is_misspelt_and_one_row_is_empty(clean, codebook):
    raw = stripped("documents.csv")
    assert len(raw) == len(clean["documents.csv"]) + 1
    assert sum(not any(row.values()) for row in raw) == 1
    stray = [row for row in raw if row["document_kind"] not in {*codebook["document_kind"].values, ""}]
    (fix,) = corrections("documents.csv")
    assert [f"document={row['document']}" for row in stray] == [fix["row_key"]]
    assert (fix["old"], fix["new"]) == ("chek_in_note", "check_in_note")


def test_documents_and_cycles_have_dates_in_two_formats():
    for name, column in (("documents.csv", "date"), ("cycles.csv", "started")):
        days = [row[column] for row in stripped(name) if row[column]]
        slashed = [datetime.strptime(day, "%m/%d/%Y").date() for day in days if "/" in day]
        dashed = [date.fromisoformat(day) for day in days if "/" not in day]
        assert 0.15 < len(slashed) / len(days) < 0.4
        assert all(2018 <= day.year <= 2023 for day in slashed + dashed)


def test_one_code_is_misspelt_and_one_segment_was_coded_twice_and_both_are_settled(clean, segments, codebook):
    assert len(segments) == len(clean["segments.csv"]) + 1
    stray = [row for row in segments if row["code"] not in {*codebook[row["field"]].values, ""}]
    misspelt, twice = corrections("segments.csv")
    assert [(row["code"], misspelt["new"]) for row in stray] == [("relational_facter", "relational_factor")]
    key = dict(part.split("=") for part in twice["row_key"].split(";"))
    coding = [row for row in segments if all(row[name] == key[name] for name in ("segment", "field", "coder"))]
    first, second = coding
    assert first["code"] != second["code"]
    assert first["coded_on"] < second["coded_on"] == key["coded_on"]
    assert (twice["column"], twice["new"]) == ("*", "drop")


def test_blanks_stand_around_some_cells_and_corrected_rows_have_none():
    raw = raw_rows("segments.csv")
    assert 10 < sum(row["code"] != row["code"].strip() for row in raw) < 60
    for fix in corrections("segments.csv"):
        pairs = [part.split("=") for part in fix["row_key"].split(";")]
        assert sum(all(row[name] == value for name, value in pairs) for row in raw) == 1


# Declaring -----------------------------------------------------------------------------------------


def changed(declared: dict[str, Any], codebook: Codebook, *path: str, value: Any) -> Corpora:
    corpora = copy.deepcopy(declared["corpora"])
    place = corpora
    for key in path[:-1]:
        place = place[key]
    assert path[-1] in place
    place[path[-1]] = value
    return read_corpora(corpora, declared["surveys"], codebook, declared["seed"])


def told(declared: dict[str, Any], codebook: Codebook, *path: str, value: Any) -> str:
    with pytest.raises(StudyError) as caught:
        document_files(changed(declared, codebook, *path, value=value))
    return str(caught.value)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("parts", "alignment", "groups", "stronger"), {"shift": "alignment_strong"},
         "corpora.parts.alignment.groups.stronger.shift: there is no alignment_strong; declared are alignment_"),
        (("parts", "rigor", "groups", "between"), {"cases": ["R3"]},
         "corpora.parts.rigor.groups: R3 is in effective and in between; keep it in one of them"),
        (("parts", "equity", "from_launch"), "maybe",
         "corpora.parts.equity.from_launch is 'maybe', but must be yes or no"),
        (("parts", "equity", "also"), {"equity_comitment": 0.5},
         "corpora.parts.equity.also: there is no equity_comitment; declared are equity_dimension,"),
        (("parts", "alignment", "fields", "decision_strategy", "shares", "stronger"), {"co_built": 1.0},
         "corpora.parts.alignment.fields.decision_strategy.shares.stronger: co_built is no code of this field;"),
        (("parts", "alignment", "fields", "decision_strategy", "phrases"), {"co_constructed": ["x"]},
         "corpora.parts.alignment.fields.decision_strategy: phrases for every code that has a share: there is no "
         "minimal_member_input; declared are co_constructed. Correct one"),
        (("parts", "rigor", "first_id"), "TRI", "corpora: first_id is 'TRI', but must end in digits, such as T0001"),
        (("parts", "rigor", "kinds"), {"artefact": {"coded": 1, "titles": ["x"]}},
         "corpora.parts.rigor.kinds: artefact is no code of this field; the codebook has application,"),
        (("coding", "coders"), ["C4"], "corpora.coding.coders must be two, but there are 1; name two"),
        (("texts", "paragraphs"), 2, "corpora.texts.paragraphs is 2, but TAL0001 has more segments; raise it"),
        (("trials", "schools"), "n_schools", "corpora.case_table.rows.R1.counts: there is no n_schools;"),
        (("mess",), {"cycle.csv": {}}, "corpora.mess names 'cycle.csv', which is no drawn file; the files are "),
    ],
    ids=lambda value: ".".join(value) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_a_mistake_in_the_declaration_is_named(declared, codebook, path, value, message):
    assert told(declared, codebook, *path, value=value).startswith(message)


def test_rounds_that_leave_documents_out_are_named(declared, codebook):
    rounds = copy.deepcopy(declared["corpora"]["coding"]["rounds"])
    rounds["3"]["share"] = 0.1
    assert told(declared, codebook, "coding", "rounds", value=rounds) == (
        "corpora.coding.rounds: the shares add up to 0.7, but must add up to 1; change one"
    )


def test_a_part_of_a_study_without_a_survey_must_name_its_cases(declared, codebook):
    with pytest.raises(StudyError, match="the cases of a survey are meant, but no survey is declared; name 'cases'"):
        read_corpora(declared["corpora"], {}, codebook, 1)


def test_another_seed_draws_other_rows_but_keeps_what_is_counted(declared, codebook, clean):
    other = clean_documents(read_corpora(declared["corpora"], declared["surveys"], codebook, 7))
    assert other["segments.csv"] != clean["segments.csv"]
    kinds = Counter(row["document_kind"] for row in other["documents.csv"] if row["study"] == "rigor")
    assert kinds == {"interview": 164, "convening_observation": 22, "artifact": 610, "network_document": 375}
    assert other["rigor_networks.csv"] == clean["rigor_networks.csv"]


def test_a_change_to_one_part_leaves_the_documents_of_the_others_as_they_were(declared, codebook, clean):
    kinds = copy.deepcopy(declared["corpora"]["parts"]["equity"]["kinds"])
    kinds["check_in_note"]["per_year"] = 5
    other = clean_documents(changed(declared, codebook, "parts", "equity", "kinds", value=kinds))

    def without(rows: list[Row]) -> list[Row]:
        return [row for row in rows if row["study"] != "equity"]

    assert len(other["documents.csv"]) > len(clean["documents.csv"])
    assert without(other["documents.csv"]) == without(clean["documents.csv"])
    assert other["cycles.csv"] == clean["cycles.csv"]


def test_segments_of_a_case_are_shared_out_among_fields_to_the_nearest_whole():
    assert Counter(_shared_out({"a": 0.5, "b": 0.3, "c": 0.2}, 10)) == {"a": 5, "b": 3, "c": 2}
    assert Counter(_shared_out({"a": 0.62, "b": 0.38}, 7)) == {"a": 4, "b": 3}
    assert _shared_out({"a": 1.0}, 0) == []


def test_every_number_says_what_it_rests_on():
    rows = [row for row in as_rows(load(STUDY / "assumptions.yml")) if row["id"].startswith("corpora.")]
    assert len(rows) > 200
    assert {row["basis"] for row in rows} == {"published", "derived", "assumption"}
    assert all(len(row["why"]) > 10 for row in rows)
