"""Numbers are handed from the notebooks that record them to the ledger, the text of results and the gallery."""

from __future__ import annotations

import json

import pytest
from small_study import SmallStudy

from nsi.pipeline.results_text import HEAD

LEDGER = [
    ("markdown", "# 09 Which claims hold?"),
    ("code", "import nsi\nfrom nsi.methods.claims import judged\nstudy = nsi.open_study()"),
    ("code", "ledger = judged(study.claims(), study.numbers())\nstudy.table('claims', ledger, key=['claim'])"),
    ("code", "study.number('n_claims_held', int((ledger['verdict'] == 'holds').sum()))"),
]
CLAIMS = "claim,study,says,source,kind,test,basis,why\n"
CLAIMS += "S-1,small,There are three items,Us,exact number,n_items == 3,open,\n"
ALL_READ = ["data_processed/numbers/01_items.json"]


@pytest.fixture
def told(built: SmallStudy) -> SmallStudy:
    """The small study with a ledger and a text of results, run."""
    built.put("09_ledger", LEDGER)
    (built.root / "study" / "claims.csv").write_text(CLAIMS, encoding="utf-8")
    (built.root / "study" / "results.md").write_text("There are {n_items} items, {n_claims_held} claim holds.\n")
    built.declare("  - run: 04_places\n", "  - run: 04_places\n  - run: 09_ledger\n")
    built.declare("seed: 7\n", "seed: 7\nclaims: claims.csv\nresults: results.md\n")
    made = built.run()
    assert (made.status, made.ran) == (0, ["09_ledger"]), made.text
    return built


def test_the_ledger_sees_the_numbers_of_the_others_and_rests_on_them_by_checksum(told: SmallStudy) -> None:
    lock = json.loads((told.root / "out/figures/lock.json").read_text(encoding="utf-8"))
    assert sorted(lock["runs"]["09_ledger"]["inputs"]) == ALL_READ
    ledger = (told.root / "out/figures/tables/claims.csv").read_text(encoding="utf-8").splitlines()
    assert ledger[1].endswith("open,,3 = 3,holds")
    numbers = json.loads((told.root / "out/figures/numbers.json").read_text(encoding="utf-8"))
    assert numbers == {"n_claims_held": 1, "n_items": 3}


def test_the_text_of_results_is_written_and_follows_the_data(told: SmallStudy) -> None:
    text = told.root / "out/docs/results.md"
    assert text.read_text(encoding="utf-8") == HEAD + "There are 3 items, 1 claim holds.\n"
    (told.root / "raw" / "items.csv").write_text("item,size,note\na1,3,plain\nb1,8,x\n", encoding="utf-8")
    assert "09_ledger" in told.run().ran
    assert text.read_text(encoding="utf-8") == HEAD + "There are 2 items, 0 claim holds.\n"


def test_a_number_that_stays_the_same_does_not_run_the_ledger(told: SmallStudy) -> None:
    (told.root / "raw" / "items.csv").write_text("item,size,note\na1,3,plain\na2,6,x\nb1,8,x\n", encoding="utf-8")
    again = told.run().ran
    assert "01_items" in again
    assert "09_ledger" not in again


def test_a_template_that_changes_runs_nothing_and_is_written_anew(told: SmallStudy) -> None:
    (told.root / "study" / "results.md").write_text("{n_items} in all.\n", encoding="utf-8")
    assert told.run().ran == []
    assert (told.root / "out/docs/results.md").read_text(encoding="utf-8") == HEAD + "3 in all.\n"


def test_an_unknown_name_in_a_template_stops_before_anything_runs(told: SmallStudy) -> None:
    (told.root / "study" / "results.md").write_text("{n_item} in all.\n", encoding="utf-8")
    (told.root / "raw" / "items.csv").write_text("item,size,note\na1,3,plain\n", encoding="utf-8")
    stopped = told.run()
    assert (stopped.status, stopped.ran) == (1, [])
    assert "results.md row 1: 'n_item' is no recorded number; did you mean 'n_items'?" in stopped.text


def test_a_claim_on_a_number_that_nobody_records_fails_its_notebook_by_name(told: SmallStudy) -> None:
    (told.root / "study" / "claims.csv").write_text(CLAIMS.replace("n_items ==", "n_itemz =="), encoding="utf-8")
    stopped = told.run()
    assert stopped.status == 1
    assert "claim S-1 names the number 'n_itemz', which nobody recorded; did you mean 'n_items'?" in " ".join(
        stopped.text.split()
    )


def test_clean_removes_the_handed_on_numbers_and_the_text_too(told: SmallStudy) -> None:
    told.run("clean")
    assert not (told.root / "out/data_processed").exists()
    assert not (told.root / "out/docs/results.md").exists()


def test_a_damaged_file_of_numbers_says_how_to_mend_it(told: SmallStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    import nsi
    from nsi.errors import StudyError

    for name, folder in (("NSI_STUDY", "study"), ("NSI_DATA_RAW", "raw"), ("NSI_OUT", "out")):
        monkeypatch.setenv(name, str(told.root / folder))
    assert nsi.open_study().numbers() == {"n_claims_held": 1, "n_items": 3}
    (told.root / "out" / ALL_READ[0]).write_text("{", encoding="utf-8")
    with pytest.raises(StudyError) as caught:
        nsi.open_study().numbers()
    assert str(caught.value) == f"{ALL_READ[0]} is damaged; delete it and run `make all`, which writes it again"


def test_the_gallery_shows_each_figure_with_its_words_notebook_data_and_receipt(told: SmallStudy) -> None:
    page = (told.root / "out/build/html/gallery.html").read_text(encoding="utf-8")
    assert '<img src="../../figures/heights.png" alt="Line of two heights, hill above lake." width="317"' in page
    assert '<a href="04_places.html">04_places</a> (notebooks/04_places.ipynb)' in page
    for kind in ("svg", "pdf", "png", "csv"):
        assert f'<a href="../../figures/heights.{kind}">{kind}</a>' in page
        assert (told.root / "out" / "build" / "html" / f"../../figures/heights.{kind}").resolve().is_file()
    lock = json.loads((told.root / "out/figures/lock.json").read_text(encoding="utf-8"))["runs"]["04_places"]
    for digest in (lock["outputs"]["figures/heights.svg"], lock["inputs"]["data_raw/places.csv"]):
        assert f"<code>{digest}</code>" in page
    assert 'href="gallery.html"' in (told.root / "out/build/html/index.html").read_text(encoding="utf-8")


def test_the_record_of_a_figure_says_how_large_it_is_and_what_is_hard_to_read(told: SmallStudy) -> None:
    lock = json.loads((told.root / "out/figures/lock.json").read_text(encoding="utf-8"))
    found = lock["runs"]["04_places"]["figures"]["heights"]
    assert (found["width"], found["height"]) == (84.0, 60.0)
    assert found["problems"] == []
