"""Where a report goes, and what it may overwrite."""

import json

import pytest
from documents import a_claim, a_document, an_unrun_claim

from reports.document import DocumentError
from reports.writer import write_report


def _report(judged, **changes):
    claims = [a_claim(f"c{i}") for i in range(judged)]
    claims += [an_unrun_claim(f"c{i}") for i in range(judged, 4)]
    return a_document(claims, **changes)


def _exploratory(judged, **changes):
    document = _report(judged, **changes)
    document["settings"] |= {"exploratory": "Exploratory: 3 seeds instead of the declared 10."}
    return document


def _judged(path):
    return sum(c["verdict"] != "NOT RUN" for c in json.loads(path.read_text())["claims"])


def test_a_report_is_a_page_and_its_document(tmp_path):
    """Two files, in a folder that is made, and nothing else."""
    written = write_report(_report(2), tmp_path / "new" / "out")
    assert written.page == tmp_path / "new" / "out" / "index.html"
    assert written.note == ""
    assert sorted(p.name for p in written.page.parent.iterdir()) == ["index.html", "verdicts.json"]


def test_a_partial_run_leaves_a_fuller_report_alone(tmp_path):
    """It goes into the subfolder, and says so."""
    write_report(_report(3), tmp_path)
    written = write_report(_report(1), tmp_path)
    assert written.page == tmp_path / "partial" / "index.html"
    assert "--report-force" in written.note
    assert _judged(tmp_path / "verdicts.json") == 3
    assert _judged(tmp_path / "partial" / "verdicts.json") == 1


def test_force_overwrites(tmp_path):
    """Told to, it does."""
    write_report(_report(3), tmp_path)
    assert write_report(_report(1), tmp_path, force=True).note == ""
    assert _judged(tmp_path / "verdicts.json") == 1


def _of_family(slug, judged):
    document = _report(judged)
    document["family"] |= {"slug": slug}
    return document


def test_another_familys_report_is_kept_however_full_this_one_is(tmp_path):
    """It goes into a folder of its family's name, by the same rules there, and says so."""
    write_report(_of_family("first_2020", 1), tmp_path)
    second = _of_family("second_2021", 4)
    written = write_report(second, tmp_path)
    assert written.page.parent == tmp_path / "second_2021"
    assert "keeps its report of first_2020 (1 claims judged" in written.note
    assert "this run is of second_2021" in written.note
    written = write_report(_of_family("second_2021", 2), tmp_path)
    assert written.page.parent == tmp_path / "second_2021" / "partial"
    assert _judged(tmp_path / "second_2021" / "verdicts.json") == 4
    assert _judged(tmp_path / "verdicts.json") == 1
    assert write_report(second, tmp_path, force=True).page.parent == tmp_path
    assert json.loads((tmp_path / "verdicts.json").read_text())["family"]["slug"] == "second_2021"


def test_a_report_without_a_verdict_gives_way_to_another_familys(tmp_path):
    """There is nothing to keep."""
    write_report(_of_family("first_2020", 0), tmp_path)
    assert write_report(_of_family("second_2021", 1), tmp_path).note == ""


@pytest.mark.parametrize("slug", ["../../away", "/away", "..", ""])
def test_no_name_of_a_family_leads_out_of_the_folder(tmp_path, slug):
    """A document may come from anywhere."""
    folder = tmp_path / "in" / "out"
    write_report(_of_family("first_2020", 1), folder)
    written = write_report(_of_family(slug, 1), folder)
    assert written.page.parent.parent.resolve() == folder.resolve()


@pytest.mark.parametrize(
    ("there", "now", "replaced"),
    [
        ((3, "desk"), (4, "quick"), False),  # quick decides nothing
        ((4, "quick"), (1, "desk"), True),
        ((3, "desk"), (1, "paper"), False),  # one claim at paper scale is no full report
        ((3, "desk"), (3, "paper"), True),
        ((3, "paper"), (3, "desk"), False),
        ((3, "quick"), (2, "quick"), False),
    ],
)
def test_a_report_gives_way_to_as_many_claims_at_as_large_a_scale(tmp_path, there, now, replaced):
    """A quick try, or one claim at another scale, does not take the place of a night's run."""
    write_report(_report(there[0], scale=there[1]), tmp_path)
    written = write_report(_report(now[0], scale=now[1]), tmp_path)
    assert (written.page.parent == tmp_path) is replaced


@pytest.mark.parametrize(("there", "replaced"), [("desk", False), ("quick", True)])
def test_other_seeds_than_declared_replace_no_verdict(tmp_path, there, replaced):
    """An exploratory run is INCONCLUSIVE by rule: only what gives no verdict either gives way."""
    write_report(_report(3, scale=there), tmp_path)
    written = write_report(_exploratory(4), tmp_path)
    assert (written.page.parent == tmp_path) is replaced
    if not replaced:
        assert "this run: 4 claims judged at scale desk with other seeds" in written.note


def test_declared_seeds_replace_an_exploratory_report(tmp_path):
    """One verdict is more than many that are withheld."""
    write_report(_exploratory(4), tmp_path)
    assert write_report(_report(1), tmp_path).page.parent == tmp_path


def test_errors_are_no_verdicts(tmp_path):
    """A run whose claims ended in ERROR leaves a good report alone; errors alone give way."""
    failed = [a_claim("c0"), a_claim("c1", verdict="ERROR")]
    write_report(_report(2), tmp_path / "good")
    written = write_report(a_document(failed), tmp_path / "good")
    assert written.page.parent == tmp_path / "good" / "partial"
    write_report(a_document([a_claim("c1", verdict="ERROR")]), tmp_path / "bad")
    written = write_report(_report(1, scale="quick"), tmp_path / "bad")
    assert written.page.parent == tmp_path / "bad"


def test_as_full_a_report_is_replaced(tmp_path):
    """The newer of two equals stands."""
    write_report(_report(2), tmp_path)
    assert write_report(_report(2, created="2027-01-01"), tmp_path).page.parent == tmp_path
    assert json.loads((tmp_path / "verdicts.json").read_text())["created"] == "2027-01-01"


def test_an_unreadable_report_is_nothing_to_keep(tmp_path):
    """A truncated verdicts.json is replaced."""
    (tmp_path / "verdicts.json").write_text('{"schema": 1, "cla')
    assert write_report(_report(1), tmp_path).page.parent == tmp_path
    assert _judged(tmp_path / "verdicts.json") == 1


def test_the_verdicts_survive_a_page_that_cannot_be_drawn(tmp_path):
    """The document is written first, and the error says where it is."""
    document = _report(1)
    del document["claims"][0]["statement"]
    with pytest.raises(DocumentError, match=r"claims check .*verdicts\.json"):
        write_report(document, tmp_path)
    assert json.loads((tmp_path / "verdicts.json").read_text())["claims"]
