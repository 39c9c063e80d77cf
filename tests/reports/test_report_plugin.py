"""The plugin: options, the line at the end, and failures that lose no verdict."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from documents import a_claim, a_document

import reports

pytest_plugins = ["pytester"]

CONFTEST = """
import json, pathlib, pytest
pytest_plugins = ["reports.plugin"]
class Specs:
    @pytest.hookspec
    def pytest_claims_finished(config, document): ...
def pytest_addhooks(pluginmanager):
    pluginmanager.add_hookspecs(Specs)
@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session):
    for path in sorted(pathlib.Path(__file__).parent.glob("*.announced")):
        document = json.loads(path.read_text())
        session.config.hook.pytest_claims_finished(config=session.config, document=document)
"""


@pytest.fixture
def announce(pytester):
    """Return a function that runs a passing test and then announces these documents."""

    def run(documents, *arguments):
        pytester.makeconftest(CONFTEST)
        pytester.makepyfile(test_it="def test_it(): pass")
        for index, document in enumerate(documents):
            (pytester.path / f"{index}.announced").write_text(json.dumps(document))
        return pytester.runpytest_inprocess("-p", "no:cacheprovider", *arguments)

    return run


def test_the_report_lies_in_the_default_folder(announce, pytester):
    """Written, and named in one line."""
    result = announce([a_document()])
    assert result.ret == 0
    result.stdout.fnmatch_lines(["report: reports/out/index.html"])
    assert (pytester.path / "reports/out/index.html").exists()
    assert (pytester.path / "reports/out/verdicts.json").exists()


def test_report_dir_says_where(announce, pytester):
    """From the folder in which pytest was called."""
    result = announce([a_document()], "--report-dir", "else where")
    result.stdout.fnmatch_lines(["report: else where/index.html"])
    assert (pytester.path / "else where" / "verdicts.json").exists()


def test_without_claims_there_is_no_line(announce):
    """An ordinary test run says nothing about reports."""
    result = announce([])
    assert result.ret == 0
    result.stdout.no_fnmatch_line("report:*")


def test_a_fuller_report_is_kept_unless_forced(announce, pytester):
    """The partial report goes elsewhere, in yellow words."""
    announce([a_document([a_claim("a"), a_claim("b")])])
    result = announce([a_document([a_claim("a")])])
    result.stdout.fnmatch_lines(["*keeps its fuller report*", "*partial/index.html"])
    result = announce([a_document([a_claim("a")])], "--report-force")
    result.stdout.fnmatch_lines(["report: reports/out/index.html"])


def test_two_families_do_not_overwrite_each_other(announce, pytester):
    """The second one of a session gets a folder of its own."""
    other = a_document(family={"slug": "he_2015", "title": "Deep Residual Learning"})
    announce([a_document(), other])
    assert (pytester.path / "reports/out/index.html").exists()
    assert (pytester.path / "reports/out/he_2015/index.html").exists()


def test_a_folder_stays_with_the_paper_whose_report_it_has(announce, pytester):
    """Another one alone, or earlier in the alphabet, gets a folder of its own, also with force."""
    out = pytester.path / "reports" / "out"
    other = a_document(family={"slug": "aa_2015", "title": "Earlier in the alphabet"})
    announce([a_document()])
    before = (out / "verdicts.json").read_text()
    for documents in ([other], [other, a_document()]):
        for arguments in ((), ("--report-force",)):
            result = announce(documents, *arguments)
            result.stdout.fnmatch_lines(["report: reports/out/aa_2015/index.html"])
            assert (out / "verdicts.json").read_text() == before
            (out / "aa_2015" / "index.html").unlink()
        for name in pytester.path.glob("*.announced"):
            name.unlink()
    assert sorted(path.name for path in out.iterdir()) == [
        "aa_2015", "index.html", "verdicts.json",
    ]  # fmt: skip


def test_a_study_leaves_the_papers_page_where_it_is(announce, pytester):
    """Whether it ends before the paper's claims or after them, or is run alone."""
    study = a_document(family={"slug": "precision", "title": "Arithmetic", "study": True})
    for documents in ([study, a_document()], [a_document(), study], [study]):
        assert announce(documents).ret == 0
        page = json.loads((pytester.path / "reports/out/precision/verdicts.json").read_text())
        assert page["family"]["study"] is True
        if len(documents) > 1:
            paper = json.loads((pytester.path / "reports/out/verdicts.json").read_text())
            assert "study" not in paper["family"]
            (pytester.path / "reports/out/index.html").unlink()
        for name in pytester.path.glob("*.announced"):
            name.unlink()
    assert not (pytester.path / "reports/out/index.html").exists()


@pytest.mark.parametrize("folder", ["file", "file/under", "/proc/report", "/proc/report/under"])
def test_a_folder_that_can_be_none_ends_the_run_at_once(announce, pytester, folder):
    """Before anything is trained, in one line that says what is in the way."""
    (pytester.path / "file").write_text("")
    result = announce([a_document()], "--report-dir", folder)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    said = f"--report-dir: got {pytester.path / folder}, which cannot be written ("
    assert said in result.stdout.str() + result.stderr.str()
    assert "test_it" not in result.stdout.str()


def test_a_folder_is_tried_without_a_trace(announce, pytester):
    """A session that writes no report leaves no folder behind, and one that was there whole."""
    assert announce([], "--report-dir", "new/deeper").ret == 0
    assert not (pytester.path / "new").exists()
    (pytester.path / "old").mkdir()
    assert announce([], "--report-dir", "old").ret == 0
    assert list((pytester.path / "old").iterdir()) == []


def test_a_page_that_cannot_be_written_fails_the_run_in_words(announce, pytester):
    """An error line and a failing exit code; no INTERNALERROR."""
    (pytester.path / "out" / "index.html" / "taken").mkdir(parents=True)
    result = announce([a_document()], "--report-dir", "out")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["report: not written.*", "=*1 passed*", "report: not written.*"])
    assert result.outlines[-1].startswith("report: not written.")
    assert "INTERNALERROR" not in result.stdout.str() + result.stderr.str()


def test_a_document_that_cannot_be_drawn_keeps_its_verdicts(announce, pytester):
    """The JSON is written; the run fails and says where the verdicts are."""
    document = a_document()
    del document["claims"][0]["cells"][0]["verdict"]
    result = announce([document])
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["report: not written.*verdicts.json*"])
    assert (pytester.path / "reports/out/verdicts.json").exists()


def test_jinja_is_not_imported_at_start_up():
    """Loading the plugin stays quick: the page's libraries come with the first report."""
    code = "import sys, reports.plugin; sys.exit('jinja2' in sys.modules)"
    root = Path(reports.__file__).parents[1]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
