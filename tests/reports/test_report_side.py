"""Readings and scopes on the page, and what ``claims check`` makes of them."""

import copy
import re

import pytest
from asides import (
    VGG,
    a_reading,
    an_answer,
    no_answer,
    with_readings,
    with_scope,
    with_unrun_readings,
)
from documents import a_broken_cell, a_cell, a_claim, a_document, a_hypothesis
from sound import POWER_ONCE, TESTS_ONCE, concluded, costed, decided

from harness.declarations.hypotheses import Above
from harness.documents.side_document import readings_summary
from harness.words import Verdict
from reports.all_readings import readings_line, readings_table
from reports.checking.whole import disagreements
from reports.readings import readings_view
from reports.render import render
from reports.scope import scope_map
from reports.shape import first_misfit


@pytest.fixture(autouse=True)
def _tests_once(monkeypatch):
    """Make what the same gains make once."""
    monkeypatch.setattr("reports.checking.sensitivity.other_tests", TESTS_ONCE)
    monkeypatch.setattr("reports.checking.cell.power_of", POWER_ONCE)


def a_sound_cell(cell_id="", cells=1, slug="bn-trains-faster", **changes):
    """Return a cell whose numbers are what ``decide`` makes of its gains."""
    cell = a_cell(cell_id, hypothesis=a_hypothesis(), **changes)
    return decided(cell, Above(5.0, because="x"), slug=slug, cells=cells)


def a_sound_claim(slug="bn-trains-faster", cells=1):
    made = [a_sound_cell(f"c{i}" if cells > 1 else "", cells, slug) for i in range(cells)]
    return concluded(a_claim(slug, cells=made))


@pytest.fixture
def sound():
    """Return a document with readings and maps, of one cell and of two, all as decided."""
    claims = [a_sound_claim(), a_sound_claim("two", cells=2), a_sound_claim("unrun")]
    made = [with_scope(with_readings(claim)) for claim in claims[:2]]
    return costed([*made, with_unrun_readings(claims[2])])


def words_of(page):
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def test_check_agrees_with_sound_readings_and_maps(sound):
    """Each answer is what its gains make, each word what its cells make."""
    assert disagreements(sound) == ()


CELL = ["claims", 0, "cells", 0]


@pytest.mark.parametrize(
    ("keys", "value", "words"),
    [
        ([*CELL, "readings", 0, "verdict"], "REFUTED", "momentum 0.9': verdict: says REFUTED"),
        ([*CELL, "readings", 1, "p"], 0.9, "reading 'L2 term 5e-4': p: says 0.9"),
        ([*CELL, "readings", 2, "gains", 0], 99.0, "reading 'Glorot, uniform': estimate"),
        (["claims", 0, "readings", "other"], 0, "readings: says 0 other"),
        (["claims", 0, "readings", "judged"], 1, "readings: says 1 judged"),
        (["claims", 0, "readings", "rows", 0, "verdict"], "INVALID", "its cells make SUPPORTED"),
        (["claims", 1, "cells", 1, "readings", 0, "estimate"], 0.0, "c1: estimate"),
        (["claims", 0, "readings"], None, "its cells list some"),
        (["claims", 0, "scope", "points", 1, "verdict"], "REFUTED", "0.05: verdict: says"),
        (["claims", 1, "scope", "points", 2, "estimate"], -1.0, "its worst cell has"),
        (["claims", 1, "scope", "points", 2, "cells", 1, "ci", 0], 0.0, "ci low"),
        (["claims", 1, "scope", "points", 2, "cells", 1, "id"], "x", "which the claim has not"),
    ],
)  # fmt: skip
def test_check_finds_a_side_answer_that_does_not_follow(sound, keys, value, words):
    """One number or word changed by hand is found and named."""
    *parents, last = keys
    tampered = copy.deepcopy(sound)
    place = tampered
    for key in parents:
        place = place[key]
    place[last] = value
    assert words in "\n".join(disagreements(tampered))


def test_a_card_says_how_many_readings_give_another_verdict(sound):
    """The deciding reading first; the claim's own runs under another name are not counted."""
    view = readings_view(sound["claims"][0])
    assert view.rows[0].name == "as judged"
    assert view.line == (
        "Of 7 readings, 1 reverses the verdict (VGG-13), 1 is void (VGG-19) and 2 give another "
        "verdict (Glorot, normal and half of it)."
    )
    assert [(row.name, row.mark) for row in view.changing[1:]] == [
        ("Glorot, normal", "differs"),
        ("VGG-13", "reverses"),
        ("VGG-19", "void"),
        ("half of it", "differs"),
    ]
    assert len(view.others) == 4
    same = next(row for row in view.rows if "judged so" in row.note)
    assert same.estimate == view.rows[0].estimate
    assert "in only 40% of the seeds" in next(row for row in view.rows if row.name == "VGG-19").note
    assert view.by_cell == ()


def test_a_card_of_several_cells_combines_them_and_lists_each(sound):
    """How many cells hold, and a table for each cell."""
    view = readings_view(sound["claims"][1])
    assert view.rows[0].estimate == "2 of 2 cells hold"
    assert [label for label, _ in view.by_cell] == ["c0", "c1"]
    assert all(rows[0].name == "as judged" for _, rows in view.by_cell)
    void = next(row for row in view.rows if row.verdict == "INVALID")
    assert void.note == "Void in 2 of 2 cells."
    assert "40%" in " ".join(row.note for _, rows in view.by_cell for row in rows)


def test_readings_that_were_not_run_are_listed_as_declared():
    """Name, what is open, why; no table, no section of the page."""
    page = render(a_document([with_unrun_readings(a_claim())]))
    text = words_of(page)
    assert "8 readings declared, none of them run." in text
    assert "The paper does not state it: VGG-13." in text
    assert text.count("Not run (--full).") == 1
    assert 'id="readings"' not in page
    assert 'id="scope"' not in page


def test_what_no_reading_asks_is_listed_with_its_reason_and_escaped():
    """Also where no reading was run; a document without it has no such section."""
    document = a_document([a_claim()])
    document["family"]["not_asked"] = [{"what": "<b>widths</b>", "because": "the paper says none"}]
    assert first_misfit(document) is None
    page = render(document)
    assert "<strong>&lt;b&gt;widths&lt;/b&gt;</strong>: the paper says none" in page
    assert 'id="readings"' in page


def _two_cells(*readings):
    """Return a claim of a SUPPORTED and a REFUTED cell with the verdicts of one reading on each."""
    cells = [a_sound_cell("l1", 2), a_sound_cell("linf", 2)]
    cells[1]["verdict"] = "REFUTED"
    for cell, verdict in zip(cells, readings, strict=True):
        cell["readings"] = [a_reading("momentum", an_answer(cell, 24.0, verdict=verdict))]
    claim = a_claim(verdict="REFUTED", cells=cells)
    return claim | {"readings": readings_summary(Verdict("REFUTED"), cells)}


def test_a_reading_that_reverses_a_cell_is_marked_though_the_claims_verdict_stays():
    """One refuted cell refutes a claim: another one in its place is a reversal all the same."""
    claim = _two_cells("REFUTED", "SUPPORTED")
    assert claim["readings"]["other"] == 0
    view = readings_view(claim)
    assert view.line == "Of 1 reading, 1 reverses the verdict or a cell's (momentum)."
    assert [(row.change, row.mark) for row in view.rows] == [
        ("", ""),
        ("reverses", "reverses 2 of 2 cells"),
    ]
    (row,) = readings_table([claim], {claim["slug"]: ("a", "Name")})
    assert row.reversing == ("momentum: 2 of 2 cells (l1 REFUTED; linf SUPPORTED)",)
    assert readings_line([claim]).startswith("Of 1 judged reading, 1 reverses a verdict, from SUPP")
    assert "reverses 2 of 2 cells" in words_of(render(a_document([claim])))


def test_a_cell_that_becomes_undecided_or_void_is_no_reversal():
    """Only SUPPORTED and REFUTED are each other's opposites."""
    same = readings_view(_two_cells("INCONCLUSIVE", "REFUTED"))
    assert same.line == "None of 1 reading gives another verdict."
    assert same.changing == same.rows[:1]
    (row,) = readings_view(_two_cells("SUPPORTED", "INVALID")).rows[1:]
    assert (row.change, row.mark) == ("void", "void")


def test_the_table_of_all_claims_sorts_readings_by_what_they_change(sound):
    """A claim without any judged reading has no row."""
    cards = {claim["slug"]: (f"claim-{i}", f"Name {i}") for i, claim in enumerate(sound["claims"])}
    first, second = readings_table(sound["claims"], cards)
    assert (first.name, first.anchor, first.verdict) == ("Name 0", "claim-0", "SUPPORTED")
    assert first.reversing == ("VGG-13: REFUTED",)
    assert first.void == ("VGG-19",)
    assert first.other == ("Glorot, normal: INCONCLUSIVE", "half of it: INCONCLUSIVE")
    assert {*first.same, "Glorot, normal", "VGG-13", "VGG-19", "half of it"} == set(VGG)
    assert any("of 2 cells (" in text for text in second.reversing)
    page = render(sound)
    section = page[page.index('id="readings"') : page.index('id="scope"')]
    assert "Of 14 judged readings, " in section
    assert section.count('<th scope="row">') == 2


def test_a_column_of_intervals_that_none_has_is_not_drawn(sound):
    """A claim of several cells has none: its cells' tables do."""
    tables = re.findall(r'aria-label="(Readings[^"]*)">(.*?)</thead>', render(sound), re.DOTALL)
    heads = {name: "Interval that gave" in head for name, head in tables}
    assert not heads["Readings, two"]
    assert heads["Readings, bn-trains-faster"]
    assert heads["Readings, two, c1"]


def test_a_reading_that_failed_is_said_and_not_counted():
    """ERROR with its note; nothing of the claim changes."""
    claim = a_sound_claim()
    (cell,) = claim["cells"]
    failed = a_reading("broken", no_answer("ERROR", "training VGG-19 failed: no memory"))
    cell["readings"] = [failed, a_reading("fine", an_answer(cell, 24.0))]
    claim |= {"readings": readings_summary(Verdict(claim["verdict"]), [cell])}
    view = readings_view(claim)
    assert view.line == "None of 1 reading gives another verdict."
    assert (view.rows[1].verdict, view.rows[1].change) == ("ERROR", "")
    assert "no memory" in words_of(render(a_document([claim])))


def test_a_map_has_a_word_a_shape_and_a_number_at_each_place(sound):
    """Never colour alone; the claim's own place is outlined; axes, legend and caveat are there."""
    page = render(sound)
    assert page.count('class="place ') == 2 * 15
    assert page.count("<abbr title=") == 2 * 15
    assert page.count(' own"') == 2
    section = page[page.index('id="map-claim-two"') :].partition("The map in numbers")[0]
    assert section.count("<use href=") >= 15
    text = words_of(page)
    assert "Outside the guarantee: a map is many looks at one claim" in text
    for part in ("learning rate", "network", "vgg-13", "0.05", "SUP: SUPPORTED", "INV: INVALID"):
        assert part in text
    view = scope_map(sound["claims"][0])
    estimate = sound["claims"][0]["scope"]["points"][2]["estimate"]
    own = view.rows[0][1][2]
    assert (own.own, own.short) == (True, "SUP")
    assert float(own.estimate.replace("+", "")) == pytest.approx(estimate, abs=0.06)
    assert view.rows[2][1][0].estimate == "\N{EM DASH}"
    assert "ran out of memory" in words_of(page)


def test_a_map_is_drawn_once_with_a_link_from_the_list_of_maps(sound):
    """On its card; the section on maps says what each came to and leads there."""
    page = render(sound)
    assert page.count('class="map"') == 2
    section = page[page.index('id="scope"') : page.index('id="reading"')]
    assert 'class="map"' not in section
    for anchor in ("claim-bn-trains-faster", "claim-two"):
        assert f'href="#map-{anchor}"' in section
        assert page.count(f'id="map-{anchor}"') == 1
    assert words_of(section).count("Of 15 places: ") == 2


def test_a_map_of_several_cells_shows_the_worst(sound):
    """Its numbers list every cell."""
    view = scope_map(sound["claims"][1])
    assert view.several_cells
    assert len(view.numbers) == 2 * 15
    assert "of the cell that does worst" in view.reading


def test_a_place_where_no_seed_differs_says_so(sound):
    """A dash beside INCONCLUSIVE would look like a failure; there is no share of no seeds."""
    claim = sound["claims"][0]
    claim["cells"][0]["hypothesis"]["kind"] = "more often"
    (answer,) = claim["scope"]["points"][0]["cells"]
    answer |= {"estimate": None, "gains": [0.0] * 10, "verdict": "INCONCLUSIVE"}
    view = scope_map(claim)
    assert view.rows[0][1][0].estimate == "no seed differs"
    assert view.numbers[0].estimate == "no seed differs"
    answer["gains"] = []
    assert scope_map(claim).rows[0][1][0].estimate == "\N{EM DASH}"


def test_a_map_without_the_claims_own_place_says_so(sound):
    """Its settings need not be on the grid."""
    claim = sound["claims"][0]
    for point in claim["scope"]["points"]:
        point["own"] = False
    assert "own settings are not on the map" in scope_map(claim).reading


def test_a_scope_that_was_not_run_is_one_line():
    """How many places, and which option runs it."""
    axes = {"rows": {"name": "network", "values": ["a", "b"]},
            "columns": {"name": "lr", "values": [0.1, 0.2]}}  # fmt: skip
    claim = a_claim(scope=axes | {"points": [], "note": "Not run (--scope)."})
    page = render(a_document([claim]))
    assert "A map of 4 places is declared. Not run (--scope)." in words_of(page)
    assert 'class="map"' not in page


def test_older_documents_without_these_keys_are_drawn_and_checked():
    """Neither readings nor scope: nothing about them on the page."""
    claim = a_sound_claim()
    assert "readings" not in claim
    assert disagreements(costed([claim])) == ()
    page = render(a_document([claim, a_claim("other", cells=[a_broken_cell("")])]))
    assert "how the paper is read" not in page


def test_a_cell_in_which_a_reading_changes_nothing_keeps_its_own_verdict():
    """A claim about two kinds of network, read otherwise in one: its other cell counts as it is."""
    cells = [a_sound_cell("vgg", 2), a_sound_cell("dln", 2)]
    cells[0]["readings"] = [a_reading("momentum", an_answer(cells[0], 24.0))]
    (row,) = readings_summary(Verdict.SUPPORTED, cells)["rows"]
    assert row["verdict"] == "SUPPORTED"
    cells[1]["verdict"] = "INVALID"
    (row,) = readings_summary(Verdict.INVALID, cells)["rows"]
    assert row["verdict"] == "INVALID"


def test_a_reading_that_was_not_run_is_not_judged_by_a_cell_that_it_leaves_alone():
    """Its other cell's REFUTED is the claim's own answer, and no reading's."""
    cells = [a_sound_cell("vgg", 2), a_sound_cell("dln", 2)]
    cells[0]["readings"] = [a_reading("momentum", an_answer(cells[0], 24.0))]
    cells[0]["readings"][0] |= {"verdict": "NOT RUN", "p": None}
    cells[1]["verdict"] = "REFUTED"
    summary = readings_summary(Verdict.REFUTED, cells)
    assert (summary["judged"], summary["rows"][0]["verdict"]) == (0, "NOT RUN")
