"""Looks on a claim's card, and what they save on the page."""

from documents import a_cell, a_claim, a_document, the_full_document

from reports import formats
from reports.calibration import calibration_view
from reports.cells import cell_view
from reports.looks import CAUTION, looks_view
from reports.render import render
from reports.shape import first_misfit
from reports.typography import typeset


def a_look(number, n, verdict="INCONCLUSIVE", **changes):
    return {
        "look": number, "n": n, "alpha": 0.001 * number, "spent": 0.0015 * number,
        "verdict": verdict, "estimate": 8.0, "ci": [2.0, 14.0], "ci_refute": [1.0, 15.0],
        "p": 0.01, "p_refute": 0.99, "gains": None,
    } | changes  # fmt: skip


def looked(*rows, verdict="SUPPORTED", cell_id="", **changes):
    looks = {"declared": [6, 10, 16], "rows": list(rows)}
    return a_cell(cell_id, verdict=verdict, looks=looks, **changes)


def view_of(*cells, **changes):
    return looks_view(a_claim(cells=list(cells), **changes))


def test_each_look_is_a_row_with_what_it_spent_and_says():
    """An undecided look, then the one that decided; a caution, as the claim stopped early."""
    view = view_of(looked(a_look(1, 6), a_look(2, 10, "SUPPORTED", ci=[6.0, 10.0])))
    first, second = view.rows
    assert (first.look, first.n, first.level, first.spent) == ("1 of 3", "6", "0.0010", "0.0015")
    assert (first.word, first.interval) == ("undecided", "+2.0 to +14.0 points")
    assert (second.word, second.interval) == ("SUPPORTED", "+6.0 to +10.0 points")
    assert "3 looks, at 6, 10 and 16 seeds" in view.sentence
    assert "It stopped at look 2, with 6 seeds of 16 not used" in view.sentence
    assert view.caution == CAUTION


def test_what_is_of_one_look_says_so():
    """Its p, level and power are not those of the claim."""
    power = {"power": 0.8, "detectable": 3.0, "n_needed": 40, "bound": 5.0}
    parts = {"verdict": "INCONCLUSIVE", "power": power}
    cell = cell_view(looked(a_look(1, 6), **parts))
    facts = dict(cell.facts)
    assert "of this look)" in facts["Supporting interval"]
    assert facts["Test"].endswith("of this look")
    assert "seeds at this look alone and this spread" in cell.power_line
    assert "in one look at a quarter of this look's level." in cell.needed_line
    fixed = cell_view(a_cell(**parts))
    assert "look" not in f"{fixed.facts} {fixed.power_line} {fixed.needed_line}"


def test_the_interval_of_an_early_stop_is_cautioned():
    """It covers less often than it says."""
    assert "80 % of the claims that are SUPPORTED early" in CAUTION


def test_a_refuted_look_shows_the_interval_that_refuted():
    """As everywhere on the page."""
    view = view_of(looked(a_look(1, 6, "REFUTED"), verdict="REFUTED", refuted_kind="opposite"))
    assert view.rows[0].interval == "+1.0 to +15.0 points"


def test_a_claim_that_used_all_its_looks_is_not_cautioned():
    """Nothing was stopped."""
    rows = (a_look(1, 6), a_look(2, 10), a_look(3, 16))
    view = view_of(looked(*rows, verdict="INCONCLUSIVE"))
    assert view.caution == ""
    assert "not used" not in view.sentence


def test_looks_that_were_not_taken_are_said():
    """At quick scale none is."""
    view = view_of(looked(verdict="INCONCLUSIVE"))
    assert view.rows == ()
    assert "None was taken, as this run reaches no verdict" in view.sentence


def test_claims_without_looks_say_nothing_of_them():
    """As all of the paper's."""
    assert view_of(a_cell()) is None
    assert CAUTION not in render(the_full_document())


def test_the_card_shows_them_cell_by_cell():
    """With the cell's label where there are several."""
    cells = [looked(a_look(1, 6, "SUPPORTED"), cell_id=name) for name in ("east", "west")]
    document = a_document([a_claim(cells=cells)])
    assert first_misfit(document) is None
    page = render(document)
    assert '<th scope="col">Cell</th><th scope="col">Look</th>' in page
    assert page.count(">1 of 3</td>") == 2
    assert typeset(CAUTION) in page


def test_the_page_says_what_looks_save():
    """Mean seeds beside the fixed number of equal power, from the committed table."""
    view = calibration_view()
    assert view is not None
    assert view.seeds is not None
    rows = {row.truth: row for row in view.seeds.rows}
    row = rows["1.5 SD above the bound"]
    assert float(row.seeds) < float(row.fixed) - 1
    assert row.power == "0.98"
    certain = rows["3 SD above the bound"]
    assert (certain.power, certain.fixed) == ("above 0.999", formats.NOTHING)
    assert "makes no error more frequent" not in view.seeds.lead
    said = "; with looks at 6, 10, 16 and gains that are skewed (log-normal), in 8.465\u202f%. Of a"
    assert said in view.worst
    assert view.seeds.lead in render(the_full_document())
