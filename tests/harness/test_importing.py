"""Endpoint values from a CSV file: judged as pytest judges them, or refused with the line."""

import csv
import shutil
from pathlib import Path

import pytest
from toy_projects import DOWN

from harness.errors import ImportedValuesError
from harness.imports.imported_document import Source
from harness.imports.imported_values import COLUMNS, read_values
from harness.imports.importing import import_document
from reports.checking.whole import changed, disagreements
from reports.cli import main
from reports.document import load_document
from reports.render import render
from reports.shape import first_misfit

HERE = Path(__file__).parent

SWEEP = """
def of(name, end):
    return sweep("rate", decades(0.1, 10.0, 1), lambda rate: toy(
        name=f"{name}-{rate:.3g}", accuracy=80.0 if rate < end else 20.0, sd=5.0))
"""
TRAINS = 'reaches("train_accuracy", 65.0)'


@pytest.fixture
def family(project):
    """Return a project with claims of five kinds, and one that is searched."""
    project.family("rises", "falls", "factor", "share", "wide", "none")
    project.claim("rises", more='preconditions=[learns("control", 30.0)],'
                                'alternatives=thirds(mean("train_accuracy")),')  # fmt: skip
    project.claim("falls", treatment=DOWN)
    project.claim(
        "factor", endpoint='gmean("range", better="lower", transform="log")',
        hypothesis='Above(1.0, because="so")', more="cells=grid(sd=(1.0, 2.0)),",
        treatment='lambda cell: toy(name=f"t{cell.sd}", sd=cell.sd)',
        control='lambda cell: toy(name=f"c{cell.sd}", sd=cell.sd)',
    )  # fmt: skip
    project.claim("share", endpoint=TRAINS, control="None",
                  hypothesis='ShareAbove(0.4, because="so")')  # fmt: skip
    project.claim("wide", treatment='of("wide", 5)', control='of("narrow", 0.5)', before=SWEEP,
                  endpoint='span(reaches("train_accuracy", 50.0), "rate")',
                  hypothesis='Above(0.35, because="so")')  # fmt: skip
    shutil.copy(HERE / "toy_searches.py", project.root)
    project.file(
        "lemma",
        '''"""Searched."""
from harness import *
from toy_searches import *
CLAIM = SearchedClaim(slug="lemma", statement="So.", source=Source(section="C"), search=holds())
def test_lemma(judge):
    judge(CLAIM)
''',
    )
    return project


def exported(document):
    """Return the rows of a CSV file with all endpoint values of a document."""
    return [
        [claim["slug"], cell["id"], role, seed, repr(value)]
        for claim in document["claims"]
        for cell in claim["cells"]
        for role in ("treatment", "control")
        for seed, value in zip(cell["seeds"], cell[role], strict=False)
    ]


def write(path, rows, header=COLUMNS):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def imported(project, rows, scale="desk", header=COLUMNS):
    path = write(project.root / "runs.csv", rows, header)
    source = Source(file=path.name, family=project.folder, scale=scale, root=project.root)
    return import_document(read_values(path), source)


def some(slug="rises", seeds=range(10), cell="", treatment=80.0, control=60.0):
    """Return rows of one cell whose gains vary a little."""
    both = [("treatment", treatment), ("control", control)]
    wobble = 0.1 if treatment > 1 else 0.0
    return [
        [slug, cell, role, seed, at + wobble * (index % 3) * (role == "treatment")]
        for role, at in both
        if at is not None
        for index, seed in enumerate(seeds)
    ]


ASIDE = ("runs", "preconditions", "reason", "printed", "sensitivity")


def test_a_round_trip_gives_the_same_evidence(family):
    """Values that a session measured, exported and imported: every number of every cell."""
    family.run("--no-ledger", "-k", "not lemma")
    ours = family.document
    theirs = imported(family, exported(ours))
    assert {c["slug"]: c["verdict"] for c in theirs["claims"]} == family.verdicts | {
        "none": "NOT RUN"
    }
    assert {c["verdict"] for c in theirs["claims"]} >= {"SUPPORTED", "REFUTED", "NOT RUN"}
    for one, other in zip(ours["claims"], theirs["claims"], strict=True):
        for a, b in zip(one["cells"], other["cells"], strict=True):
            assert {k: v for k, v in a.items() if k not in ASIDE} == {
                k: v for k, v in b.items() if k not in ASIDE
            }
            tests = [[r for r in c["sensitivity"] if r["kind"] == "test"] for c in (a, b)]
            assert tests[0] == tests[1]
            assert a["reason"] == b["reason"]
    assert disagreements(theirs) == ()
    assert changed(theirs) is None
    assert first_misfit(theirs) is None


def test_it_is_marked_as_imported_wherever_it_is_shown(family):
    """On the page, on each card, in the environment: and what was not checked is said."""
    document = imported(family, some() + some("falls", treatment=50.0))
    rises = document["claims"][0]
    assert rises["imported"] == "imported, not trained here"
    assert document["environment"]["name"] == "imported, not trained here"
    assert document["settings"]["imported"] == "runs.csv"
    assert rises["ledger"]["status"] == "not read"
    assert rises["deviations"] == [
        "Imported, not trained here: how these values were made is not known here.",
        "Preconditions not checked: imported (train_accuracy of the control at least 30).",
    ]
    page = render(document)
    for text in ("The values were read from runs.csv: imported, not trained here.",
                 "From imported values at desk scale", "Preconditions not checked"):  # fmt: skip
        assert text in page
    assert page.count("Imported, not trained here: how these values") == 2  # on each card
    others = [r for r in rises["cells"][0]["sensitivity"] if r["kind"] == "definition"]
    assert [row["available"] for row in others] == [False] * 3
    assert "its values are not in the imported file" in others[0]["note"]


def test_a_declared_cell_without_values_is_not_run(family):
    """And so is the claim, whatever its other cells say."""
    document = imported(family, some("factor", cell="sd1", treatment=1.1, control=2.0))
    factor = document["claims"][2]
    assert [cell["verdict"] for cell in factor["cells"]] == ["SUPPORTED", "NOT RUN"]
    assert factor["verdict"] == "NOT RUN"
    assert disagreements(document) == ()


def test_another_number_of_seeds_is_exploratory(family):
    """Enough of them, but not those declared: the evidence is there, the verdict withheld."""
    document = imported(family, some(seeds=range(100, 112)))
    (cell,) = document["claims"][0]["cells"]
    assert (cell["n"], cell["verdict"]) == (12, "INCONCLUSIVE")
    assert "12 imported seeds instead of the declared 10" in document["settings"]["exploratory"]
    assert disagreements(document) == ()
    same_number = imported(family, some(seeds=range(100, 110)))
    assert same_number["claims"][0]["verdict"] == "SUPPORTED"


def test_at_quick_scale_nothing_is_decided(family):
    """As in a session."""
    document = imported(family, some(seeds=(0, 1)), scale="quick")
    assert document["claims"][0]["verdict"] == "INCONCLUSIVE"
    assert disagreements(document) == ()


def changed_row(index, **fields):
    rows = some()
    rows[index] = [fields.get(name, old) for name, old in zip(COLUMNS, rows[index], strict=True)]
    return rows


REFUSED = {
    "unknown slug": (changed_row(3, slug="raises"), "line 5: slug: got 'raises'; expected a claim"),
    "searched": (some("lemma"), "line 2: slug: got lemma; expected a claim about runs"),
    "no such cell": (changed_row(3, cell="sd3"), "line 5: cell of rises: got 'sd3'; expected an"),
    "no such cell of some": (some("factor", cell="sd3"), "got 'sd3'; expected sd1, sd2"),
    "role": (changed_row(3, role="baseline"), "line 5: role: got 'baseline'; expected treatment"),
    "pilot": (changed_row(3, seed=1003), "line 5: seed: got 1003; expected one below 1000"),
    "no seed": (changed_row(3, seed="a"), "line 5: seed: got 'a'; expected a whole number"),
    "negative seed": (changed_row(3, seed=-1), "line 5: seed: got '-1'; expected a whole"),
    "twice": (changed_row(3, seed=2), "line 5: seed: got 2 a second time (line 4)"),
    "unpaired": (changed_row(3, seed=77), "unpaired: got seed 77 of the treatment alone"),
    "no control": (some(control=None), "line 2: unpaired: got seed 0 of the treatment alone"),
    "NaN": (changed_row(3, value="nan"), "line 5: value: got nan; expected a finite number"),
    "infinite": (changed_row(3, value="1e999"), "line 5: value: got 1e999; expected a finite"),
    "comma": (changed_row(3, value="80,5"), "line 5: value: got '80,5'; expected a number"),
    "range": (changed_row(3, value=101), "which is at least 0 and at most 100 %"),
    "few": (some(seeds=range(5)), "line 2: seeds: got 5 of rises; expected at least 7"),
    "one arm": (some("share", treatment=1.0, control=1.0), "line 12: role: got control; expected"),
    "yes or no": (some("share", treatment=0.5, control=None), "got 0.5; expected 1 or 0: whether"),
    "sweep": (some("wide", treatment=0.7), "line 2: value: got 0.7; expected the decades of the"),
    "log": (some("factor", cell="sd1", treatment=0.0), "which log cannot take"),
    "seeds differ": (some() + some("falls", seeds=range(1, 11)), "line 22: seeds of falls: got"),
    "empty": ([], "got no values"),
    "short": ([["rises", ""]], "line 2: fields"),
}  # fmt: skip


@pytest.mark.parametrize(("rows", "words"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_judged_is_refused_with_its_line(family, rows, words):
    """Line, what was got, what was expected."""
    with pytest.raises(ImportedValuesError) as caught:
        imported(family, rows)
    assert words in str(caught.value)


@pytest.mark.parametrize("header", [("slug", "cell", "role", "seed"), (*COLUMNS, "note")])
def test_other_columns_are_refused(family, header):
    """None is guessed."""
    with pytest.raises(ImportedValuesError, match="line 1: columns: got"):
        imported(family, [], header=header)


@pytest.mark.parametrize("mark", [";", "\t"])
def test_another_separator_is_refused_with_what_to_do(family, mark):
    """As a spreadsheet of another language saves it."""
    path = write(family.root / "runs.csv", some())
    path.write_text(path.read_text().replace(",", mark))
    with pytest.raises(ImportedValuesError, match="separate by commas"):
        read_values(path)


def test_the_columns_may_stand_in_any_order(family):
    """They are found by name, spaces and a byte order mark aside."""
    rows = [list(reversed(row)) for row in some()]
    path = write(family.root / "runs.csv", rows, [f" {name}" for name in reversed(COLUMNS)])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(read_values(path)) == 20


def test_imported_values_of_two_families_have_two_pages(family, capsys):
    """By default each its own folder; asked for the other's, it is not taken without --force."""
    path = write(family.root / "runs.csv", some())
    other = family.folder.with_name("toy_2021")
    shutil.copytree(family.folder, other)
    for name in (family.folder.name, other.name):
        assert main(["import", str(path), "--family", name]) == 0
        page = Path("reports", "out", "imported", name, "index.html")
        assert capsys.readouterr().out == f"{page}\n"
        assert (family.root / page).exists()
    first = page.parents[1] / family.folder.name
    command = ["import", str(path), "--family", other.name, "--out", str(first)]
    assert main(command) == 0
    assert "keeps its report of toy_2020" in capsys.readouterr().out
    assert main([*command, "--force"]) == 0
    assert capsys.readouterr().out == f"{first / 'index.html'}\n"


def test_the_command_writes_a_report_that_checks_out(family, capsys):
    """Exit code 0 and a page; 2 for values that are refused, and nothing is written."""
    path, out = write(family.root / "runs.csv", some()), family.root / "out"
    arguments = ["--family", str(family.folder), "--out", str(out)]
    assert main(["import", str(path), *arguments]) == 0
    assert main(["import", str(path), "--family", family.folder.name, "--out", str(out)]) == 0
    assert str(out / "index.html") in capsys.readouterr().out
    assert load_document(out / "verdicts.json")["claims"][0]["verdict"] == "SUPPORTED"
    assert main(["check", str(out / "verdicts.json")]) == 0
    write(path, changed_row(3, value="nan"))
    assert main(["import", str(path), *arguments, "--scale", "desk"]) == 2
    assert "runs.csv, line 5: value: got nan" in capsys.readouterr().err
    assert main(["import", str(family.root / "none.csv"), *arguments]) == 2
