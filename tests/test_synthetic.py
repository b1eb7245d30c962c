"""The look-alike data: what is published holds, what is assumed is said, and no file is ever run over."""

from __future__ import annotations

import ast
import csv
import hashlib
import itertools
import shutil
import statistics
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import pytest

from nsi.codebook import read_codebook
from nsi.errors import StudyError
from nsi.synthetic.__main__ import main
from nsi.synthetic.assumptions import as_rows, check, load
from nsi.synthetic.build import build
from nsi.synthetic.draws import Draws, workdays
from nsi.synthetic.write import place

ROOT = Path(__file__).resolve().parents[1]
STUDY, DATA_RAW = ROOT / "study", ROOT / "data_raw"
DRAWN = ("artifacts.csv", "ratings.csv", "desired_data.csv", "corrections.csv")
# What is in them, test_synthetic_survey.py says; here, that they are drawn, stamped and summed like the others.
SURVEY = (
    *(f"survey/roster_{wave}.csv" for wave in ("2021", "2022", "2023", "2024")),
    *("survey/survey_2021.csv", "survey/survey_2022.csv", "survey/survey_2023.sav", "survey/survey_2024.xlsx"),
)
# What is in these, test_synthetic_documents.py says.
DOCUMENTS = ("documents.csv", "segments.csv", "cycles.csv", "rigor_networks.csv", "district_events.csv")
# What is in these, test_synthetic_writing.py says.
WRITING = ("summaries.csv", "inferences.csv", "quote_log.csv")
PUBLISHED = ("networks.csv", "initiative.csv", "studies.csv")  # typed by hand, not drawn
ORDINAL = {
    "agreement5", "equity_commitment", "equity_integration", "development_phase", "rigor_equity", "rigor_evaluation",
    "rigor_collaboration", "rigor_engagement", "rigor_reflection",
}  # fmt: skip
CODED = (
    "maker_role",
    "artifact_type",
    "data_purpose",
    "audience",
    "intended_use",
    "intended_use_secondary",
    "actual_use",
)
WING = sorted((ROOT / "src" / "nsi" / "synthetic").glob("*.py"))

Row = dict[str, str]


def raw_rows(name: str) -> list[Row]:
    with (DATA_RAW / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def stripped(rows: list[Row]) -> list[Row]:
    return [{column: cell.strip() for column, cell in row.items()} for row in rows]


def matching(rows: list[Row], row_key: str) -> list[Row]:
    pairs = [part.split("=") for part in row_key.split(";")]
    return [row for row in rows if all(row[name] == value for name, value in pairs)]


def corrected(name: str) -> list[Row]:
    """Blanks off, empty rows out, corrections applied: a few lines of our own, independent of the readers."""
    rows = [row for row in stripped(raw_rows(name)) if any(row.values())]
    for fix in raw_rows("corrections.csv"):
        if fix["file"] == name:
            (row,) = matching(rows, fix["row_key"])
            if fix["column"] == "*":
                rows.remove(row)
            else:
                row[fix["column"]] = fix["new"]
    return rows


@pytest.fixture(scope="module")
def artifacts() -> list[Row]:
    merged: dict[str, Row] = {}
    for row in corrected("artifacts.csv"):
        kept = merged.setdefault(row["artifact_id"], row)
        for column, cell in row.items():
            kept[column] = kept[column] or cell
    return list(merged.values())


@pytest.fixture(scope="module")
def ratings() -> list[Row]:
    return corrected("ratings.csv")


@pytest.fixture(scope="module")
def drawn() -> dict[str, bytes]:
    return build(STUDY)


def shares(rows: list[Row], column: str) -> dict[str, float]:
    return {code: count / len(rows) for code, count in Counter(row[column] for row in rows).items()}


def ranking(counts: Counter[str]) -> list[str]:
    return [code for code, _ in counts.most_common()]


# What is published ---------------------------------------------------------------------------------


def test_there_are_820_artifacts_within_the_800_to_840_that_the_paper_leaves_open(artifacts):
    assert len(artifacts) == 820
    assert 800 <= len(artifacts) <= 840  # "800+", and 63 artifacts are 8 %: Premo, Russell & Duff 2023


def test_exactly_63_artifacts_have_a_second_intended_use_and_print_as_8_percent(artifacts):
    second = [row for row in artifacts if row["intended_use_secondary"] != "none"]
    assert len(second) == 63  # Premo, Russell & Duff 2023, note 4
    assert f"{len(second) / len(artifacts):.0%}" == "8%"
    assert all(row["intended_use_secondary"] != row["intended_use"] for row in second)


def test_most_artifacts_were_made_for_the_improvement_process(artifacts):
    intended = shares(artifacts, "intended_use")
    assert max(intended, key=intended.__getitem__) == "improvement_process"
    assert intended["improvement_process"] > 0.5  # "predominantly": Premo, Russell & Duff 2023


def test_relationship_management_is_the_most_frequent_use_and_far_more_frequent_than_intended(artifacts):
    actual, intended = shares(artifacts, "actual_use"), shares(artifacts, "intended_use")
    used = {code: share for code, share in actual.items() if code != "not_used"}
    assert max(used, key=used.__getitem__) == "relationship_management"
    assert actual["relationship_management"] > 2 * intended["relationship_management"]


def test_unused_artifacts_are_not_negligible(artifacts):
    assert shares(artifacts, "actual_use")["not_used"] == pytest.approx(0.3, abs=0.05)  # assumed, about 0.3


def test_evaluation_data_serve_relationships_at_a_higher_rate_than_improvement_data(artifacts):
    rate = {
        purpose: shares([row for row in artifacts if row["data_purpose"] == purpose], "actual_use")[
            "relationship_management"
        ]
        for purpose in ("evaluation", "improvement")
    }
    assert (
        rate["evaluation"] > rate["improvement"] + 0.1
    )  # Premo 2024, dissertation abstract: the ordering only


def test_counting_second_uses_changes_neither_the_ranking_nor_the_conclusion(artifacts):
    primary = Counter(row["intended_use"] for row in artifacts)
    second = Counter(row["intended_use_secondary"] for row in artifacts)
    del second["none"]
    combined = primary + second
    assert combined.total() == 883
    assert ranking(combined) == ranking(primary)
    assert combined["improvement_process"] / combined.total() > 0.5


def test_the_network_table_has_the_margins_of_the_slides():
    networks = raw_rows("networks.csv")
    margins = {c: sorted(Counter(row[c] for row in networks).values(), reverse=True) for c in networks[0]}
    sizes = [int(row["size"]) for row in networks]
    # Duff et al., Putting Networks in Context: counts and sums over the table of networks A to K
    assert "".join(row["network"] for row in networks) == "ABCDEFGHIJK"
    assert (margins["hub_type"], margins["aim"], margins["spread"]) == ([5, 3, 2, 1], [8, 2, 1], [8, 3])
    assert Counter(row["prior_relationship"] for row in networks) == {"Yes": 7, "No": 4}
    assert Counter(row["launch"] for row in networks) == {"2018": 3, "2019": 3, "2020": 1, "2021": 4}
    assert (sum(sizes), statistics.median(sizes), min(sizes), max(sizes)) == (1348, 83, 69, 363)
    no = [int(row["size"]) for row in networks if row["prior_relationship"] == "No"]
    assert (max(no), round(statistics.mean(no))) == (83, 76)


# The coding ----------------------------------------------------------------------------------------


def independent(ratings: list[Row], field: str) -> dict[str, dict[str, Row]]:
    by_unit: dict[str, dict[str, Row]] = {}
    for row in ratings:
        if row["field"] == field and row["label_stage"] == "independent":
            assert row["coder"] not in by_unit.setdefault(row["artifact_id"], {}), "coded twice"
            by_unit[row["artifact_id"]][row["coder"]] = row
    return by_unit


def consensus(ratings: list[Row], field: str) -> dict[str, Row]:
    rows = [row for row in ratings if row["field"] == field and row["label_stage"] == "consensus"]
    assert len({row["artifact_id"] for row in rows}) == len(rows)
    return {row["artifact_id"]: row for row in rows}


def alpha_of_two_coders(pairs: list[tuple[str, str]]) -> float:
    """Krippendorff's nominal alpha where every unit has two codes: 1 - observed / expected disagreement."""
    codes = Counter(itertools.chain.from_iterable(pairs))
    n = codes.total()
    observed = sum(first != second for first, second in pairs) / len(pairs)
    expected = 1 - sum(count * (count - 1) for count in codes.values()) / (n * (n - 1))
    return 1 - observed / expected


@pytest.mark.parametrize("field", ["intended_use", "actual_use"])
def test_every_artifact_is_coded_and_a_fifth_by_both_and_then_settled(ratings, artifacts, field):
    coded = independent(ratings, field)
    assert coded.keys() == {row["artifact_id"] for row in artifacts}
    assert Counter(tuple(sorted(coders)) for coders in coded.values()) == {
        ("C1", "C2"): 164,
        ("C1",): 328,
        ("C2",): 328,
    }
    assert consensus(ratings, field).keys() == {unit for unit, coders in coded.items() if len(coders) == 2}
    assert {row["coder"] for row in consensus(ratings, field).values()} == {"C3"}


@pytest.mark.parametrize("field", ["intended_use", "actual_use"])
def test_agreement_lands_where_it_was_assumed(ratings, field):
    rows = [coders for coders in independent(ratings, field).values() if len(coders) == 2]
    pairs = [(coders["C1"]["primary"], coders["C2"]["primary"]) for coders in rows]
    full = [pair for pair in pairs if all(pair)]
    assert 3 <= len(pairs) - len(full) <= 8  # a handful of skipped cells
    assert all(any(pair) for pair in pairs)  # never by both
    alpha = alpha_of_two_coders(full)
    assert 0.70 <= alpha <= 0.85
    krippendorff = pytest.importorskip("krippendorff")
    codes = sorted({code for pair in full for code in pair})
    table = [[codes.index(pair[coder]) for pair in full] for coder in (0, 1)]
    assert alpha == pytest.approx(krippendorff.alpha(table, level_of_measurement="nominal"))


@pytest.mark.parametrize(
    ("field", "secondary"), [("intended_use", "intended_use_secondary"), ("actual_use", None)]
)
def test_the_final_code_is_the_settled_one_or_else_the_one_coder_s(ratings, artifacts, field, secondary):
    coded, settled = independent(ratings, field), consensus(ratings, field)
    for row in artifacts:
        unit = row["artifact_id"]
        rating = settled[unit] if unit in settled else next(iter(coded[unit].values()))
        assert (row[field], row[secondary] if secondary else "") == (rating["primary"], rating["secondary"])
        assert row["maker_role"] == rating["maker_role"]


def test_a_label_was_agreed_exactly_when_both_coders_wrote_it(ratings):
    for field in ("intended_use", "actual_use"):
        coded = independent(ratings, field)
        for unit, row in consensus(ratings, field).items():
            found = {(other["primary"], other["secondary"]) for other in coded[unit].values()}
            assert (row["rule"] == "agreed") == (found == {(row["primary"], row["secondary"])})
            assert (row["reason"] == "") == (row["rule"] == "agreed")
            if row["rule"] == "discussed":
                assert (row["primary"], row["secondary"]) in found
    assert {row["rule"] for row in ratings} == {"", "agreed", "discussed", "adjudicated"}
    reasons = {row["reason"] for row in ratings}
    assert reasons == {"", "definition_unclear", "missed", "unit_too_large", "slip"}


def test_rounds_follow_each_other_and_each_has_one_codebook(ratings):
    spans = []
    for name in ("1", "2", "3", "4"):
        rows = [row for row in ratings if row["round"] == name]
        spans.append((min(row["coded_on"] for row in rows), max(row["coded_on"] for row in rows)))
        assert {row["codebook_version"] for row in rows} == {"v1" if name in "12" else "v2"}
    assert list(itertools.chain(*spans)) == sorted(itertools.chain(*spans))


def test_a_secondary_is_asked_of_one_field_and_blank_there_only_where_skipped(ratings):
    for row in ratings:
        if row["field"] == "actual_use":
            assert row["secondary"] == ""
        else:
            assert (row["secondary"] == "") == (row["primary"] == "")


# The codebook --------------------------------------------------------------------------------------


def test_every_code_in_the_clean_data_stands_in_the_codebook(artifacts, ratings):
    codebook = read_codebook(STUDY / "codes.csv")
    for row in artifacts:
        assert all(row[field] in codebook[field].values for field in CODED), row["artifact_id"]
    for row in corrected("desired_data.csv"):
        assert row["wanted_by"] in codebook["maker_role"].values
        assert row["data_purpose"] in codebook["data_purpose"].values
        assert row["reason_unavailable"] in codebook["reason_unavailable"].values
    for row in ratings:
        assert row["primary"] in {*codebook[row["field"]].values, ""}
        assert row["secondary"] in {*codebook["intended_use_secondary"].values, ""}


def test_no_code_of_the_codebook_is_left_unused(artifacts):
    codebook = read_codebook(STUDY / "codes.csv")
    for field in CODED:
        assert {row[field] for row in artifacts} == set(codebook[field].values)
    reasons = {row["reason_unavailable"] for row in raw_rows("desired_data.csv")}
    assert reasons == set(codebook["reason_unavailable"].values)


def test_not_used_comes_last_and_every_definition_says_whose_it_is():
    codebook = read_codebook(STUDY / "codes.csv")
    assert codebook["actual_use"].values[-1] == "not_used"
    for field in codebook.values():
        assert field.level == ("ordinal" if field.name in ORDINAL else "nominal")
        for code in field.codes:
            assert code.definition.endswith(("ours)", "(our reading)", "(as published)")), code


def test_no_study_word_stands_in_the_generator():
    codebook = read_codebook(STUDY / "codes.csv")
    words = {*codebook, *(code for field in codebook.values() for code in field.values)}
    words |= {"artifacts", "desired_data", "artifact_id", *DRAWN[:3]}
    words -= {word for word in words if len(word) == 1 and word.isdigit()}  # codes of too much to ask
    for path in WING:
        source = path.read_text(encoding="utf-8")
        constants = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
        assert not words & {node.value for node in constants if isinstance(node.value, str)}, path.name
        assert not [word for word in words if "_" in word and word in source], path.name


# The mess ------------------------------------------------------------------------------------------


def test_822_raw_rows_hold_one_empty_row_and_one_artifact_logged_twice():
    raw = raw_rows("artifacts.csv")
    assert len(raw) == 822
    empty = [place for place, row in enumerate(raw) if not any(row.values())]
    assert len(empty) == 1
    assert 200 < empty[0] < 620
    counts = Counter(row["artifact_id"] for row in stripped(raw))
    (twice,) = [unit for unit, count in counts.items() if count == 2]
    first, second = matching(stripped(raw), f"artifact_id={twice}")
    differ = {column for column in first if first[column] != second[column]}
    assert {column for column in differ if not first[column]} == {"audience"}
    assert {column for column in differ if not second[column]} == {"date_made"}
    assert differ == {"audience", "date_made"}


def test_dates_come_in_two_formats_within_the_declared_year():
    dates = [row["date_made"] for row in raw_rows("artifacts.csv") if row["date_made"]]
    slashed = [datetime.strptime(text, "%m/%d/%Y").date() for text in dates if "/" in text]
    dashed = [date.fromisoformat(text) for text in dates if "/" not in text]
    assert 0.2 < len(slashed) / len(dates) < 0.4
    assert min(slashed + dashed) >= date(2020, 8, 1)
    assert max(slashed + dashed) <= date(2021, 7, 31)


def test_blanks_titles_and_ids_are_as_real_files_have_them_and_yet_look_false():
    raw = raw_rows("artifacts.csv")
    assert any(cell != cell.lstrip() for row in raw for cell in row.values())
    assert any(row["artifact_id"] != row["artifact_id"].strip() for row in raw)
    assert any(cell != cell.rstrip() for row in raw_rows("ratings.csv") for cell in row.values())
    filled = [row for row in raw if row["title"]]
    assert all(row["title"].startswith("[synthetic] ") for row in filled)
    assert sum(not row["title"].isascii() for row in filled) > 10
    assert all(row["wanted_data"].startswith("[synthetic] ") for row in raw_rows("desired_data.csv"))
    assert {row["artifact_id"].strip()[0] for row in filled} == {"T"}
    assert len(raw_rows("desired_data.csv")) == 45


def test_exactly_one_cell_holds_an_unknown_code_and_a_correction_settles_it():
    codebook = read_codebook(STUDY / "codes.csv")
    stray = [
        (row["artifact_id"], field, row[field])
        for row in stripped(raw_rows("artifacts.csv"))
        for field in CODED
        if row[field] not in {*codebook[field].values, ""}
    ]
    (fix,) = [row for row in raw_rows("corrections.csv") if row["file"] == "artifacts.csv"]
    assert [(fix["row_key"].removeprefix("artifact_id="), fix["column"], fix["old"])] == stray
    assert fix["new"] in codebook[fix["column"]].values


def test_every_correction_fits_one_row_and_its_old_value():
    for fix in raw_rows("corrections.csv"):
        (row,) = matching(stripped(raw_rows(fix["file"])), fix["row_key"])
        assert fix["column"] == "*" or row[fix["column"]] == fix["old"]
        assert fix["new"] == "drop" or fix["column"] != "*"
        assert fix["who"] == "data manager (synthetic)"
        assert fix["why"]


def test_the_rating_that_a_correction_drops_is_a_second_entry_with_another_code():
    fixes = [row for row in raw_rows("corrections.csv") if row["file"] == "ratings.csv"]
    (fix,) = [row for row in fixes if row["new"] == "drop"]
    rows = stripped(raw_rows("ratings.csv"))
    (dropped,) = matching(rows, fix["row_key"])
    kept, second = matching(rows, fix["row_key"].rpartition(";")[0])
    assert second == dropped
    assert kept["primary"] != dropped["primary"]
    assert kept["coded_on"] < dropped["coded_on"]


# Writing -------------------------------------------------------------------------------------------


def test_the_committed_files_are_what_the_declarations_give(drawn):
    assert set(drawn) == {*DRAWN, *SURVEY, *DOCUMENTS, *WRITING}
    for name, content in drawn.items():
        assert (DATA_RAW / name).read_bytes() == content, f"{name} differs; run make synth"
    for name in (name for name in drawn if name.endswith(".csv")):
        content = drawn[name]
        assert b"\r" not in content
        assert not content.startswith(b"\xef\xbb\xbf")
        assert content.endswith(b"\n")


def test_the_command_writes_the_same_folder_again_and_then_has_nothing_to_do(tmp_path, capsys):
    for name in PUBLISHED:
        shutil.copy(DATA_RAW / name, tmp_path)
    arguments = ["--study", str(STUDY), "--data-raw", str(tmp_path)]
    assert main(arguments) == 0
    for name in (*DRAWN, *SURVEY, *DOCUMENTS, *WRITING, "SYNTHETIC", "SHA256SUMS"):
        assert (tmp_path / name).read_bytes() == (DATA_RAW / name).read_bytes(), name
    assert capsys.readouterr().out.startswith("make synth: wrote SYNTHETIC, ")
    times = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert main(arguments) == 0
    assert capsys.readouterr().out == "make synth: every file is already as declared\n"
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == times


def listed_sums(path: Path) -> dict[str, str]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return {name: digest for digest, name in (line.split("  ") for line in lines)}


def test_stamp_and_checksums_agree_with_the_files():
    def digest(name: str) -> str:
        return hashlib.sha256((DATA_RAW / name).read_bytes()).hexdigest()

    drawn = (*DRAWN, *SURVEY, *DOCUMENTS, *WRITING)
    assert listed_sums(DATA_RAW / "SYNTHETIC") == {name: digest(name) for name in drawn}
    data = [*(path.name for path in DATA_RAW.glob("*.csv")), *SURVEY]
    sums = listed_sums(DATA_RAW / "SHA256SUMS")
    assert {name: sums[name] for name in data} == {name: digest(name) for name in data}
    assert set(PUBLISHED) <= set(sums)
    assert (DATA_RAW / "SYNTHETIC").read_text(encoding="utf-8").startswith("# SYNTHETIC DATA\n")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_file_from_elsewhere_is_refused_by_name_before_anything_is_written(tmp_path, capsys):
    (tmp_path / "ratings.csv").write_text("artifact_id\nR1\n", encoding="utf-8")
    before = contents(tmp_path)
    assert main(["--study", str(STUDY), "--data-raw", str(tmp_path)]) == 1
    message = capsys.readouterr().err
    assert message == (
        f"make synth: {tmp_path.name}/ratings.csv: not written by make synth, or changed since. Nothing was "
        "written. Keep these files and do without make synth, or move them away and run make synth again\n"
    )
    assert contents(tmp_path) == before


def test_a_drawn_file_is_replaced_but_not_once_someone_has_changed_it(tmp_path):
    place(tmp_path, {"a.csv": b"1\n", "b.csv": b"1\n"})
    assert place(tmp_path, {"a.csv": b"2\n", "b.csv": b"1\n"}) == ["SYNTHETIC", "a.csv", "SHA256SUMS"]
    (tmp_path / "a.csv").write_bytes(b"mine\n")
    before = contents(tmp_path)
    with pytest.raises(StudyError, match=r"/a\.csv: not written by make synth, or changed since"):
        place(tmp_path, {"a.csv": b"3\n", "b.csv": b"3\n"})
    assert contents(tmp_path) == before


def test_a_file_from_elsewhere_keeps_its_checksum_and_is_not_blessed_when_it_changes(tmp_path):
    (tmp_path / "real.csv").write_bytes(b"1\n")
    place(tmp_path, {"a.csv": b"1\n"})
    assert set(listed_sums(tmp_path / "SHA256SUMS")) == {"a.csv", "real.csv"}
    assert set(listed_sums(tmp_path / "SYNTHETIC")) == {"a.csv"}
    (tmp_path / "real.csv").write_bytes(b"2\n")
    before = contents(tmp_path)
    with pytest.raises(StudyError, match=r"/real\.csv: changed or missing since SHA256SUMS was written"):
        place(tmp_path, {"a.csv": b"2\n"})
    assert contents(tmp_path) == before


def test_a_look_alike_that_is_no_longer_declared_is_named_instead_of_losing_its_stamp(tmp_path):
    place(tmp_path, {"a.csv": b"1\n", "b.csv": b"1\n"})
    with pytest.raises(StudyError, match=r"/b\.csv: drawn by an earlier make synth, but no longer declared"):
        place(tmp_path, {"a.csv": b"1\n"})
    (tmp_path / "b.csv").unlink()
    place(tmp_path, {"a.csv": b"1\n"})
    assert set(listed_sums(tmp_path / "SHA256SUMS")) == {"a.csv"}


def test_a_stamp_that_is_no_stamp_is_refused_with_its_row(tmp_path):
    (tmp_path / "SYNTHETIC").write_text("# notes\nremember the milk\n", encoding="utf-8")
    with pytest.raises(StudyError, match=r"/SYNTHETIC row 2: must read '<SHA-256>  <file name>'"):
        place(tmp_path, {"a.csv": b"1\n"})


@pytest.mark.parametrize("moves", range(5))
def test_a_run_that_stops_half_way_leaves_no_look_alike_without_a_stamp_and_can_be_run_again(
    tmp_path, monkeypatch, moves
):
    place(tmp_path, {"a.csv": b"1\n", "b.csv": b"1\n"})
    done = itertools.count()
    replace = Path.replace

    def stop(self, target):
        if next(done) == moves:
            raise OSError("the machine stops")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", stop)
    with pytest.raises(OSError, match="the machine stops"):
        place(tmp_path, {"a.csv": b"2\n", "b.csv": b"2\n"})
    monkeypatch.undo()
    stamp = (tmp_path / "SYNTHETIC").read_text(encoding="utf-8")
    for name in ("a.csv", "b.csv"):
        assert f"{hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()}  {name}" in stamp
    assert not list(tmp_path.glob(".*"))
    place(tmp_path, {"a.csv": b"2\n", "b.csv": b"2\n"})
    assert (tmp_path / "b.csv").read_bytes() == b"2\n"


# Declaring -----------------------------------------------------------------------------------------


def changed_study(folder: Path, old: str, new: str) -> Path:
    shutil.copy(STUDY / "codes.csv", folder)
    # without the survey, which nothing here is about
    text = (STUDY / "assumptions.yml").read_text(encoding="utf-8").partition("\nsurveys:\n")[0] + "\n"
    assert text.count(old) >= 1, old
    (folder / "assumptions.yml").write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param(
            "settling_days:",
            "setling_days:",
            "assumptions.yml ratings: unknown key 'setling_days'; did you mean 'settling_days'?",
            id="a misspelt key",
        ),
        pytest.param(
            "basis: published",
            "bassis: published",
            "assumptions.yml artifacts.columns.intended_use_secondary.count: unknown key 'bassis'; "
            "did you mean 'basis'?",
            id="a misspelt key of a number",
        ),
        pytest.param(
            "seed: {",
            "sede: {",
            "assumptions.yml: unknown key 'sede'; did you mean 'seed'?",
            id="a misspelt subject",
        ),
        pytest.param(
            'basis: published, source: "Premo',
            'basis: published, why: "Premo',
            "assumptions.yml artifacts.columns.intended_use_secondary.count: basis is published, but "
            "'source' is missing; say in one sentence what it rests on",
            id="published without a source",
        ),
        pytest.param(
            "{hub: 0.38, district",
            "{hub: 0.48, district",
            "assumptions.yml artifacts.columns.maker_role.shares.value: the shares add up to 1.1, but must "
            "add up to 1; change one of them",
            id="shares above 1",
        ),
        pytest.param(
            "{hub: 0.38, district",
            "{hubb: 0.38, district",
            "assumptions.yml artifacts.columns.maker_role: hubb is no code of this field; the codebook "
            "has hub,",
            id="a share of no code",
        ),
        pytest.param(
            "given: maker_role",
            "given: maker",
            "assumptions.yml artifacts.columns: title, artifact_type, data_purpose, audience, intended_use "
            "and 2 more depend on each other or on a column that is not declared",
            id="a column that depends on nothing",
        ),
        pytest.param(
            "by_one: {value: 212",
            "by_one: {value: 202",
            "assumptions.yml ratings.rounds: by_both and by_one add up to 810, but rows are 820; change one",
            id="rounds that leave rows out",
        ),
        pytest.param(
            "missed: {value: 0.2,",
            "missed: {value: 20,",
            "assumptions.yml ratings.fields.intended_use.secondary.missed.value must be a number from 0 to "
            "1, but found a number (20)",
            id="a share above 1",
        ),
        pytest.param(
            "first_lacks: audience",
            "first_lacks: audiance",
            "assumptions.yml mess of artifacts.csv, logged_twice: no column is named 'audiance'; there are "
            "artifact_id, title,",
            id="mess in no column",
        ),
        pytest.param(
            "  ratings.csv:\n",
            "  rating.csv:\n",
            "assumptions.yml mess names 'rating.csv', which is no drawn file; the files are artifacts.csv,",
            id="mess in no file",
        ),
    ],
)
def test_a_mistake_in_the_assumptions_is_named(tmp_path, old, new, message):
    with pytest.raises(StudyError) as caught:
        build(changed_study(tmp_path, old, new))
    assert str(caught.value).startswith(message)


def test_every_number_is_printed_with_its_basis_and_its_reason():
    rows = as_rows(load(STUDY / "assumptions.yml"))
    assert {row["basis"] for row in rows} <= {"published", "derived", "assumption"}
    assert all(len(row["why"]) > 10 for row in rows if row["basis"] == "assumption")
    by_id = {row["id"]: row for row in rows}
    assert by_id["artifacts.columns.intended_use_secondary.count"] == {
        "id": "artifacts.columns.intended_use_secondary.count",
        "value": "63",
        "basis": "published",
        "why": "Premo, Russell & Duff 2023, note 4",
    }
    assert by_id["ratings.rounds.1.first_day"]["value"] == "2021-09-07"
    assert by_id["artifacts.columns.maker_role.shares"]["value"].startswith("hub 0.38, district 0.1")


def test_one_subject_is_printed_and_checked_by_itself():
    declared = {"seed": {"value": 7, "basis": "assumption", "why": "any number would do"}}
    assert as_rows(declared) == [
        {"id": "seed", "value": "7", "basis": "assumption", "why": "any number would do"}
    ]
    with pytest.raises(StudyError, match="'corrections' is missing"):
        check(declared)


def test_another_seed_draws_other_rows_but_keeps_what_is_published(tmp_path):
    files = build(changed_study(tmp_path, "seed: {value: 20230815", "seed: {value: 7"))
    assert files["artifacts.csv"] != (DATA_RAW / "artifacts.csv").read_bytes()
    rows = list(csv.DictReader(files["artifacts.csv"].decode("utf-8").splitlines()))
    seen = {row["artifact_id"].strip(): row["intended_use_secondary"].strip() for row in rows}
    del seen[""]
    assert len(seen) == 820
    assert sum(code != "none" for code in seen.values()) == 63


def test_a_change_to_one_column_leaves_the_columns_beside_it_as_they_were(tmp_path):
    files = build(changed_study(tmp_path, "Interim algebra results", "Interim results"))
    before = raw_rows("artifacts.csv")
    after = list(csv.DictReader(files["artifacts.csv"].decode("utf-8").splitlines()))
    assert [row.pop("title") for row in after] != [row.pop("title") for row in before]
    assert after == before


# Drawing -------------------------------------------------------------------------------------------


def test_a_stream_is_the_guaranteed_raw_stream_of_pcg64():
    # Fixed here so that a NumPy that broke its guarantee would be seen as such, not as changed data;
    # the same under NumPy 1.26, 2.0, 2.2, 2.4 and Python 3.11 to 3.13.
    draws = Draws(1, "table", "column")
    assert [draws.uniform() for _ in range(3)] == [0.6165257046327065, 0.10271296013309517, 0.811353029481765]


def test_picking_follows_the_weights_and_never_gives_a_key_without_weight():
    draws = Draws(3, "weights")
    counts = Counter(draws.pick({"never": 0.0, "often": 3.0, "seldom": 1.0, "nor": 0.0}) for _ in range(4000))
    assert set(counts) == {"often", "seldom"}
    assert counts["often"] / 4000 == pytest.approx(0.75, abs=0.03)


def test_shuffling_keeps_every_item_and_workdays_leave_weekends_out():
    items = list(range(50))
    shuffled = Draws(3, "order").shuffled(items)
    assert shuffled != items
    assert sorted(shuffled) == items
    assert workdays(date(2021, 9, 3), date(2021, 9, 7)) == [
        date(2021, 9, 3),
        date(2021, 9, 6),
        date(2021, 9, 7),
    ]


def test_the_folder_s_readme_explains_every_file_and_every_column():
    readme = (DATA_RAW / "README.md").read_text(encoding="utf-8")
    for name in (*DRAWN, *DOCUMENTS, *WRITING, *PUBLISHED):
        _, found, section = readme.partition(f"\n## {name}\n")
        assert found, name
        table = section.partition("\n## ")[0]
        missing = [column for column in raw_rows(name)[0] if f"`{column}`" not in table]
        assert not missing, (name, missing)
