"""Claims decided by search on the page, in the check and in the schema."""

import copy
import json
import math

import jsonschema
import pytest
from documents import a_cell, a_claim
from sound import concluded, costed

from reports.checking.whole import disagreements
from reports.formats import MINUS
from reports.history import history_lines
from reports.notation import mathematics, power_of_ten
from reports.render import render
from reports.searches import exact, rounded, search_view
from reports.shape import SCHEMA_FILE, first_misfit

EDGES = [-(10.0**-k) for k in range(10)] + [10.0**-k for k in range(9, -1, -1)]

CASE = {
    "given": [
        {"name": "m", "value": 2},
        {"name": "y", "value": [0, 1]},
        {"name": "<script>", "value": 1},
    ],
    "worked_out": [{"name": "<g, y_hat>^2 / sqrt(m)", "value": 0.7071067811865475}],
    "left": 0.0,
    "right": -0.8284271247461898,
    "scale": 8.83,
    "found": "among small whole numbers",
}


def counts(below=0, equal=0, above=0):
    """Return a histogram's counts with all violations in one bin and all room in another."""
    found = [0] * 21
    found[3], found[10], found[18] = below, equal, above
    return found


def a_search(below=0, equal=0, above=500, case=None, **changes):
    met = below + equal + above
    search = {
        "relation": "<=",
        "left": "|dL_hat/dy|^2",
        "right": "(gamma^2 / sigma^2) (|g|^2 - <g, y_hat>^2 / sqrt(m))",
        "conditions": "",
        "reading": "Read <b>so</b>.",
        "planted": "its last term is 1 % larger",
        "drawn": "layers",
        "small": "whole numbers",
        "scale": "the terms",
        "because": "rounding is 1e-12",
        "tolerance": 1e-9,
        "draws": 600,
        "examples": 300,
        "needed": 60,
        "met": met,
        "violations": below,
        "twin_violations": 480,
        "equality": bool(equal) and equal == met,
        "quantiles": [
            {"at": 0.0, "slack": -0.05 if below else 1e-15 if equal else 0.01},
            {"at": 0.5, "slack": 1e-15},
            {"at": 1.0, "slack": 0.5 if above else 1e-15},
        ],
        "histogram": {"edges": EDGES, "counts": counts(below, equal, above)},
        "counterexample": case,
    }
    return search | changes


def a_searched_cell(search, verdict="SUPPORTED", cell_id="", reason="Searched."):
    empty = dict.fromkeys(
        ("n", "estimate", "sd", "se", "ci", "ci_refute", "ci95", "p", "p_refute", "p_holm", "alpha",
         "alpha_refute", "test", "refuted_kind", "endpoint", "unit", "better", "arms",
         "correlation", "power")
    )  # fmt: skip
    lists = {name: [] for name in ("gains", "treatment", "control", "seeds", "sensitivity")}
    hypothesis = {"kind": "no counterexample", "bound": None, "refuted_if": "any case violates it"}
    runs = {"treatment": [], "control": []}
    rest = {"verdict": verdict, "reason": reason, "transform": "identity", "runs": runs}
    more = {"preconditions": [], "hypothesis": hypothesis, "search": search}
    return a_cell(cell_id) | empty | lists | rest | more


def a_searched_claim(slug, cells, verdict):
    claim = a_claim(slug, verdict=verdict, cells=cells, uses_p=False, figures=[])
    return concluded(claim)


HOLDS = a_searched_cell(a_search(equal=500, above=0))
FAILS = a_searched_cell(a_search(below=200, above=300, case=CASE), "REFUTED")


def a_page(*claims):
    return costed(list(claims))


def both():
    return a_page(
        a_searched_claim("theorem-a", [HOLDS], "SUPPORTED"),
        a_searched_claim("theorem-b", [FAILS], "REFUTED"),
    )


def test_a_document_with_searches_fits_the_schema():
    """Our own check of shape and jsonschema agree, and a missing key is found by both."""
    schema = json.loads(SCHEMA_FILE.read_text())
    document = copy.deepcopy(both())
    assert first_misfit(document) is None
    jsonschema.validate(document, schema)
    del document["claims"][0]["cells"][0]["search"]["met"]
    assert first_misfit(document) is not None
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema)


def test_the_page_shows_the_search():
    """Both sides, the reading, the twin, the bars, the counterexample in full; escaped."""
    page = render(both())
    assert "≤" in page
    assert "(γ² / σ²)" in page
    assert "⟨g, ŷ⟩²" in page
    assert "0.707107" in page
    assert f"{MINUS}0.828427" in page
    assert f"0 is not ≤ {MINUS}0.828427. Found among small whole numbers." in page
    assert "refuted by 480 of these draws" in page
    assert "no counterexample in 500 draws, an equality" in page
    assert "200 of 500 draws violate it" in page
    assert "It is no proof" in page
    assert "Read &lt;b&gt;so&lt;/b&gt;." in page
    assert "<script>" not in page
    assert page.count('class="bar-violated"') == 2  # one bar, and its key
    assert "Power" not in page.split("How to read this page")[0]


def test_a_search_has_no_interval_and_no_budget():
    """No bound, no interval plot, no seeds; the card says that no share of the budget is taken."""
    page = render(a_page(a_searched_claim("theorem-a", [HOLDS], "SUPPORTED")))
    card = page[page.index('<article class="card') : page.index("</article>")]
    for absent in ("must be", "Supporting interval", "Every seed", 'class="forest"', "0 runs"):
        assert absent not in card
    assert "no share of the budget" in card


def test_cells_of_a_search_are_shown_each():
    """Every cell has its own sides, verdict and figure; the table counts those that hold."""
    first = a_searched_cell(a_search(equal=500, above=0), cell_id="first")
    second = a_searched_cell(a_search(below=1, case=CASE), "REFUTED", cell_id="second")
    page = render(a_page(a_searched_claim("theorem-c", [first, second], "REFUTED")))
    assert "1 of 2 cells refuted, 1 holds" in page
    assert page.count('<section class="search') == 2


def test_a_search_that_was_not_run_has_no_figure():
    """The plan is there, the numbers are not."""
    names = ("met", "violations", "twin_violations", "equality", "quantiles", "histogram")
    search = a_search() | dict.fromkeys((*names, "counterexample"))
    view = search_view(a_searched_cell(search, "NOT RUN"))
    assert view is not None
    assert view.figure is None
    assert view.summary == ""
    document = a_page(a_searched_claim("x", [a_searched_cell(search, "NOT RUN")], "NOT RUN"))
    assert disagreements(document) == ()
    assert render(document)


def test_bars_grow_with_the_root_of_the_count_and_lie_where_the_slack_does():
    """Violations left of the middle, room right of it; a single draw is still to be seen."""
    figure = search_view(a_searched_cell(a_search(below=1, equal=0, above=400, case=CASE))).figure
    violated, room = figure.bars
    assert (violated.kind, room.kind) == ("violated", "room")
    assert float(violated.start.rstrip("%")) < 50 < float(room.start.rstrip("%"))
    assert room.height == pytest.approx(20 * violated.height)
    assert [tick.text for tick in figure.ticks] == [f"{MINUS}1", f"{MINUS}10⁻⁵", "0", "10⁻⁵", "1"]


def wrong(change):
    document = copy.deepcopy(both())
    change(document["claims"][0]["cells"][0], document["claims"][1]["cells"][0])
    return " ".join(disagreements(document))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda a, b: a["search"].update(violations=3), "says 3 violations, its histogram has 0"),
        (lambda a, b: a["search"].update(met=499), "says 499 draws met"),
        (lambda a, b: a["search"].update(equality=False), "says equality False"),
        (lambda a, b: a["search"].update(twin_violations=0), "its search makes INVALID"),
        (lambda a, b: a["search"].update(needed=501), "says SUPPORTED, its search makes INVALID"),
        (lambda a, b: a["search"]["quantiles"][0].update(slack=-1.0), "a least slack of -1.0"),
        (lambda a, b: b["search"]["counterexample"].update(right=0.0), "counterexample is none"),
        (lambda a, b: b.update(verdict="SUPPORTED"), "its search makes REFUTED"),
        (lambda a, b: a["search"].update(met=None), "says SUPPORTED without a search"),
    ],
)  # fmt: skip
def test_a_verdict_that_does_not_follow_from_the_search_is_found(change, expected):
    """Counts, least slack, equality, counterexample and verdict are each worked out again."""
    assert expected in wrong(change)


def test_a_true_document_has_no_disagreements():
    """Also where a search is withheld by rule, and beside claims that are judged by gains."""
    assert disagreements(both()) == ()
    quick = both() | {"scale": "quick"}
    quick = copy.deepcopy(quick)
    for claim in quick["claims"]:
        claim["verdict"] = claim["cells"][0]["verdict"] = "INCONCLUSIVE"
    quick["counts"] = {"INCONCLUSIVE": 2}
    assert disagreements(quick) == ()


def test_history_lists_searches():
    """As all other claims."""
    assert any("theorem-b" in line for line in history_lines([both()]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("gamma^2 <= lambda", "γ² ≤ λ"),
        ("<1, y_hat>", "⟨1, ŷ⟩"),
        ("dL_hat/dy_b", "∂L̂/∂y_b"),
        ("d2L_hat/dy dy", "∂²L̂/∂y∂y"),
        ("d y_hat_b / d y_k", "∂ŷ_b / ∂y_k"),
        ("G'HG", "GᵀHG"),
        ("(X'G)' X'HX", "(XᵀG)ᵀ XᵀHX"),
        ("W0 and W_hat*", "W₀ and Ŵ*"),
        ("lambda^4 kappa, mu", "λ⁴ κ, μ"),
        ("the maximum", "the maximum"),
        ("<W0, W*> > 0", "⟨W₀, W*⟩ > 0"),
    ],
)
def test_ascii_mathematics_becomes_what_a_reader_writes(text, expected):
    """Greek, hats, powers, inner products, derivatives, transposes; words stay words."""
    assert mathematics(text) == expected


def test_numbers_of_a_case_have_six_digits():
    """Whole numbers without a point, rows in brackets, 0 for what is rounding alone."""
    assert rounded([0, 1.0, 0.1 + 0.2, -1 / 3], 1.0) == f"(0, 1, 0.3, {MINUS}0.333333)"
    assert rounded([2.2e-16, 1e-11], 1.0) == f"(0, 1e{MINUS}11)"
    assert rounded(2.2e-16, 1e-15) == f"2.2e{MINUS}16"
    assert rounded([None, math.nan, "a"], 1.0) == "(—, nan, a)"


def test_sides_that_six_digits_do_not_tell_apart_are_in_full():
    """Else the page would say that 1 is not at most 1."""
    assert exact(0.1 + 0.2) == "0.30000000000000004"
    case = {"given": [], "worked_out": [], "left": 1.000000001, "right": 1.0, "found": None}
    cell = a_searched_cell(a_search(below=1, case=case), "REFUTED")
    view = search_view(cell)
    assert view.counterexample.line == "1.000000001 is not ≤ 1."


def test_limits_are_powers_of_ten():
    """1e-09 is written as a reader writes it."""
    assert [power_of_ten(x) for x in (1e-9, -1e-5, 1.0, -1.0)] == [
        "10⁻⁹",
        f"{MINUS}10⁻⁵",
        "1",
        f"{MINUS}1",
    ]


def test_an_equality_has_no_plot_of_one_bar():
    """Every draw equal to rounding is a sentence."""
    view = search_view(HOLDS)
    assert view.figure is None
    assert ("Slack", "all 500 draws are equal to rounding") in view.facts
    mixed = search_view(a_searched_cell(a_search(equal=499, above=1)))
    assert mixed.figure is not None
    assert "Slack" not in dict(mixed.facts)
