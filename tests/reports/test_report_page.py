"""The page: every verdict, every null and every hostile string, in one self-contained file."""

import json
import re
from html.parser import HTMLParser

import pytest
from documents import (
    WORDS,
    a_broken_cell,
    a_cell,
    a_claim,
    a_document,
    a_figure,
    a_hostile_document,
    an_unrun_claim,
    the_full_document,
)

from reports.render import render
from reports.view import page_view

VOID = {"meta", "link", "img", "br", "hr", "input", "col"}


class Reader(HTMLParser):
    """Reads a page: its tags, its text, and whether every tag is closed in turn."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.ids, self.links, self.text, self.open = [], [], [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.links += [attributes["href"]] if "href" in attributes else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not self.open or self.open[-1] != "style":
            self.text.append(data)


@pytest.fixture(scope="module")
def full():
    return render(the_full_document())


@pytest.fixture(scope="module")
def hostile():
    return render(a_hostile_document())


@pytest.mark.parametrize("word", WORDS)
def test_every_verdict_is_a_word_with_a_shape(full, word):
    """Never colour alone: the word is text, and an icon of its own stands beside it."""
    icon = word.lower().replace(" ", "-")
    assert f'<use href="#i-{icon}"/></svg><span class="word">{word}</span>' in full


def test_the_page_asks_and_answers(full):
    """The question, the sentence, the guarantee."""
    text = " ".join("".join(Reader(full).text).split())
    assert "Which claims hold? On this machine at desk scale, 3 of the 8 registered claims" in text
    assert "INCONCLUSIVE is not REFUTED" in text
    assert "registered claims that use a p value is falsely SUPPORTED" in text


@pytest.mark.parametrize(
    "part",
    [
        "almost non-existent",
        "Section 2.1, Figure 2",
        "3 of 16 alternatives contradict",
        "FRAGILE",
        "earlier phase than the paper",
        "9b74c9897bac770ffc029102a200c5de",
        "batch-s3-3f9a1c27e0b4",
        "pytest claims/santurkar_2018/test_bn_trains_faster.py --scale desk",
        "abc1234",
        "One damaged record was set aside",
        "No claim file for this slug yet.",
        "paper: BatchNorm",
    ],
)
def test_what_a_doubter_asks_for_is_there(full, part):
    """Quote, place, alternatives, deviations, hash, runs, command, environment, notices."""
    assert part in "".join(Reader(full).text)


@pytest.mark.parametrize("name", ["full", "hostile"])
def test_links_resolve_and_ids_are_unique(name, request):
    """Each link inside the page has a target, and each target is one."""
    page = Reader(request.getfixturevalue(name))
    assert len(page.ids) == len(set(page.ids))
    inside = {link[1:] for link in page.links if link.startswith("#")}
    assert inside <= set(page.ids)
    for _, attributes in page.tags:
        for reference in (attributes.get("aria-labelledby") or "").split():
            assert reference in page.ids


@pytest.mark.parametrize("name", ["full", "hostile"])
def test_the_page_is_well_formed(name, request):
    """Every tag is closed where it was opened."""
    assert Reader(request.getfixturevalue(name)).open == []


@pytest.mark.parametrize("name", ["full", "hostile"])
def test_nothing_runs_and_nothing_is_loaded(name, request):
    """No script, no handler, no address but the paper's link; a policy says so to the browser."""
    text = request.getfixturevalue(name)
    page = Reader(text)
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "img", "iframe", "object", "embed", "link", "base", "form"}
    assert not any(key.startswith("on") for _, attributes in page.tags for key in attributes)
    assert not any("src" in attributes for _, attributes in page.tags)
    outside = [link for link in page.links if not link.startswith("#")]
    assert all(link.startswith("https://arxiv.org") for link in outside)
    assert "url(" not in text
    assert "@import" not in text
    assert "default-src 'none'" in text


def test_hostile_text_shows_as_text(hostile):
    """Tags, quotes, braces and right-to-left text are read, not obeyed."""
    text = "".join(Reader(hostile).text)
    assert "<script>alert('statement')</script>\"'&{{7*7}}" in text
    assert '"><img src=x onerror=alert(0)> 0' in text
    assert "\u05e9\u05dc\u05d5\u05dd" in text
    assert "49" not in re.findall(r"&{{7\*7}}|\b49\b", text)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "https://[", None, "x y"]
)
def test_only_web_addresses_become_links(url):
    """An address that could run something is no link."""
    document = a_document()
    document["family"]["url"] = url
    assert all(link.startswith("#") for link in Reader(render(document)).links)


def _without(value, wanted):
    """Every number and list of numbers as null."""
    if isinstance(value, dict):
        return {key: _without(item, wanted) for key, item in value.items()}
    if isinstance(value, list):
        return [_without(item, wanted) for item in value]
    return None if isinstance(value, wanted) and not isinstance(value, bool) else value


def test_a_page_without_a_single_number_is_drawn():
    """Each numeric field may be null, at once."""
    document = the_full_document()
    document["claims"] = _without(document["claims"], int | float)
    document["cost"] = _without(document["cost"], int | float)
    text = "".join(Reader(render(document)).text)
    assert "None" not in text.replace("None of", "")
    assert "nan" not in re.findall(r"\bnan\b", text)


@pytest.mark.parametrize(
    "key",
    ["sensitivity", "power", "correlation", "arms", "runs", "preconditions", "endpoint",
     "ci", "ci95", "ci_refute", "alpha", "unit", "seeds", "gains", "treatment", "control", "test"],
)  # fmt: skip
def test_any_part_of_a_cell_may_be_missing(key):
    """A null part of a cell leaves the rest of its card standing."""
    page = render(a_document([a_claim(cells=[a_cell("one"), a_cell("two", **{key: None})])]))
    assert "With BatchNorm the mean training accuracy" in page


def test_an_error_keeps_its_reason():
    """A claim without numbers still says why."""
    claim = a_claim(verdict="ERROR", reason="Run 3 failed.", cells=[a_broken_cell("")], figures=[])
    assert "Run 3 failed." in render(a_document([claim]))


def test_a_claim_whose_selected_cells_ran_has_a_card():
    """NOT RUN as a whole, because one cell was left out: what ran is shown."""
    cells = [a_cell("one"), a_broken_cell("two", verdict="NOT RUN", reason="Not selected.")]
    page = render(a_document([a_claim(verdict="NOT RUN", cells=cells), an_unrun_claim("other")]))
    assert page.count("<article") == 1
    assert "Not selected." in page


def test_slugs_that_look_alike_get_targets_of_their_own():
    """Anchors are made from slugs, and two that reduce to one are told apart."""
    page = Reader(render(a_document([a_claim("a b"), a_claim("a-b"), a_claim("***")])))
    assert {"claim-a-b", "claim-a-b--2", "claim-x"} <= set(page.ids)


def test_an_empty_family_has_a_page():
    """No claims at all is a page that says so."""
    assert "no registered claim was run." in render(a_document([]))


def test_a_log_gain_is_said_as_a_factor(full):
    """The estimate of a log cell is times, never its logarithm."""
    assert re.search(r"must be above 1\.25\N{MULTIPLICATION SIGN}", full)
    assert re.search(r"<b>8\.\d\d\N{MULTIPLICATION SIGN}</b>", full)


def test_a_large_report_stays_small():
    """40 claims of 12 cells, each with a figure of 5 long lines, are under 3 MB."""
    at = [i / 499 for i in range(500)]
    line = a_figure()["lines"][0] | {"progress": at, "mid": at, "low": at, "high": at}
    theirs = line | {"low": None, "high": None}
    figure = a_figure(lines=[line] * 3, paper=[theirs] * 2)
    cells = [a_cell(f"layer{i}-lr0.1-l2") for i in range(12)]
    claims = [a_claim(f"claim-{i}", cells=cells, figures=[figure]) for i in range(40)]
    assert len(render(a_document(claims)).encode()) < 3_000_000


def test_what_several_claims_deviate_in_is_said_once(full):
    """Shared differences have one list, to which cards lead; an earlier phase stays on cards."""
    text = "".join(Reader(full).text)
    banner, _, rest = text.partition("Cards list all.")
    assert banner.count("scikit-learn's digits, jittered") == 1
    assert rest.count("scikit-learn's digits, jittered") == 1
    assert text.count("earlier phase than the paper") == 9
    assert text.count("And 1 difference that other claims share: scikit-learn's digits") == 9
    alone = "".join(Reader(render(a_document())).text)
    assert "that other claims share" not in alone
    card = alone.partition("Cards list all.")[2]
    assert card.count("scikit-learn's digits, jittered") == 1


def test_differences_of_the_same_claims_go_together_whatever_other_claims_have():
    """A theorem without any does not hinder; what one or two claims have stays on their cards."""
    claims = [
        a_claim("a", deviations=["own", "x", "y", "z"]),
        a_claim("b", deviations=["x", "y", "z", "pair"]),
        a_claim("c", deviations=["y", "x", "z", "pair"]),
        a_claim("d", deviations=["z"]),
        a_claim("theorem", deviations=[]),
    ]
    page = page_view(a_document(claims))
    assert [(each.name, each.line, each.texts) for each in page.deviations] == [
        ("z", "shared by 4 claims", ("z",)),
        ("x", "shared by 3 claims", ("x", "y")),
    ]
    assert [card.deviations for card in page.judged] == [("own",), ("pair",), ("pair",), (), ()]
    assert page.judged[0].shared_deviations == "And 3 differences that other claims share:"
    assert page.judged[3].deviation_sets == (("deviations-1", "z"),)
    assert page.judged[4].shared_deviations == ""


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        (("Data: digits.", "No momentum.", "Length: 300 steps."), "Data and length"),
        (("Sharpest probe: none.",), "Sharpest probe"),
        (("Probes measure every 15 steps, in train mode.",), "Probes measure every 15 steps"),
        (
            ("The noise comes after gamma and beta, its r_sigma is",),
            "The noise comes after gamma and…",
        ),
        (("The paper gives: nothing.",), "The paper gives"),
        (("Each step has a seed anew, as here.",), "Each step has a seed anew"),
    ],
)
def test_shared_differences_are_called_by_what_they_are_about(texts, name):
    """By their labels where they have any, else by how the first begins."""
    claims = [a_claim(slug, deviations=list(texts)) for slug in "abc"]
    assert [each.name for each in page_view(a_document(claims)).deviations] == [name]


def test_treatment_comes_before_control(full):
    """Whatever the order of the document's keys, which are sorted in the file."""
    claim = a_claim()
    (cell,) = claim["cells"]
    cell["arms"] = dict(reversed(cell["arms"].items()))
    cell["runs"] = dict(reversed(cell["runs"].items()))
    text = render(a_document([claim]))
    assert "VGG-A, BatchNorm with VGG-A, standard" in text
    assert text.index("treatment, seed 0") < text.index("control, seed 0")


def _turned(value):
    """Return the value with the keys of every object in another order."""
    if isinstance(value, dict):
        return {key: _turned(value[key]) for key in sorted(value, reverse=True)}
    return [_turned(item) for item in value] if isinstance(value, list) else value


def test_the_page_is_the_same_whatever_order_a_document_has_its_keys_in(full):
    """The run draws it from its own objects, ``claims report`` from a file with sorted keys."""
    document = the_full_document()
    assert render(json.loads(json.dumps(document, sort_keys=True))) == full
    assert render(_turned(document)) == full


def test_settings_stand_in_the_order_of_their_numbers():
    """Layer 5 before layer 10."""
    (cell,) = (claim := a_claim())["cells"]
    layers = {"10": 7, "5": 3, "5b": 1}
    cell["arms"]["treatment"]["settings"] = {"width": 1, "layers": layers}
    assert "layers.5 3, layers.5b 1, layers.10 7, width 1" in render(a_document([claim]))


def test_only_differing_settings_stand_with_their_arm(full):
    """What the arms share is listed once."""
    assert '<span class="soft">norm batch</span>' in full
    assert '<span class="soft">lr 0.1</span>' in full


def test_without_a_ledger_there_is_no_column_for_it():
    """A quick run reads no ledger: the table does not promise one."""
    ledger = {"status": "not read", "line": "", "reason": None, "entry": None}
    page = render(a_document([a_claim(ledger=ledger)]))
    assert ">Ledger<" not in page
    assert "recorded in the ledger" not in page


def test_verdicts_as_recorded_are_said_in_one_line():
    """Only a row that differs is marked, on the table and on its card."""
    same = render(a_document([a_claim("a"), a_claim("b")]))
    assert "All verdicts are as recorded in the ledger." in same
    assert ">Ledger<" not in same
    assert "ledger: SUPPORTED" not in same
    drift = {"status": "drift", "line": "SUPPORTED (ledger: REFUTED, drift)", "reason": None}
    mixed = render(a_document([a_claim("a"), a_claim("b", ledger=drift | {"entry": None})]))
    assert "1 of 2 verdicts are as recorded in the ledger; the others are marked." in mixed
    assert mixed.count("SUPPORTED (ledger: REFUTED, drift)") == 2
    assert "ledger: SUPPORTED" not in mixed
    (fact,) = re.findall(r"<dt>Ledger</dt><dd[^>]*>([^<]*)", mixed)
    assert fact == "SUPPORTED (ledger: REFUTED, drift)"


def test_a_verdict_that_other_runs_replicate_is_told_from_the_same_run():
    """Both are as recorded; the line says that there are other runs."""
    ledger = a_claim()["ledger"] | {"status": "replicates"}
    page = render(a_document([a_claim("a"), a_claim("b", ledger=ledger)]))
    assert "as recorded in the ledger, some of them with other runs." in page


def test_an_undecided_claim_says_how_many_seeds_it_needs():
    """On its card; not where a rule decided, nor beside a claim that another cell has refuted."""
    undecided = {"verdict": "INCONCLUSIVE"}
    cell = a_cell(**undecided)
    claim = a_claim(cells=[cell], **undecided)
    page = render(a_document([claim]))
    assert 'class="needed" dir="auto">If the true gain is what was estimated' in page
    assert "another attempt would need some 7 new seeds to support the statement" in page
    cell["power"]["n_needed"] = 147
    assert "147 new seeds (it may have 100) to support" in render(a_document([claim]))
    refuted = a_claim(cells=[cell], verdict="REFUTED", refuted_kind="opposite")
    assert 'class="needed"' not in render(a_document([refuted]))
    assert 'class="needed"' not in render(a_document([claim], scale="quick"))
    assert 'class="needed"' not in render(a_document())
    cell["power"]["n_needed"] = None
    assert "More seeds would not support" in render(a_document([claim]))


def test_the_table_of_cells_says_whose_interval_and_p_it_shows(full):
    """REFUTED cells have another interval and p than the rest: the heads say so, for both."""
    page = Reader(full)
    assert "Interval that gave the verdict" in page.text
    assert "p of the verdict" in page.text
    assert "eciding interval" not in "".join(page.text).partition("How to read this page")[0]


def test_the_page_begins_with_links_to_the_sections_that_there_are(full):
    """And to no other: a page without maps or unrun claims does not promise them."""

    def contents(page):
        nav = page.partition('<nav aria-label="On this page">')[2].partition("</nav>")[0]
        return re.findall(r'href="#([a-z]+)">', nav)

    assert contents(full) == [
        "claims", "cards", "readings", "scope", "deviations", "unrun", "reading", "environment"
    ]  # fmt: skip
    assert contents(render(a_document())) == ["claims", "cards", "reading", "environment"]
    assert contents(render(a_document([]))) == ["reading", "environment"]


def test_every_card_leads_back_to_its_row_of_the_table(full):
    """A reader returns to where the card was opened from."""
    anchors = re.findall(r'<article class="[^"]*" id="([^"]+)"', full)
    assert len(anchors) == 9
    for anchor in anchors:
        assert f'<tr id="row-{anchor}">' in full
        assert f'<a href="#row-{anchor}">Back to the table</a>' in full


def test_what_figures_of_a_kind_show_is_said_once(full):
    """Every figure leads to one list."""
    text = " ".join("".join(Reader(full).text).split())
    assert text.count("the median over our seeds, shaded from the smallest") == 1
    assert text.count("From the least to the greatest value over the step sizes") == 1
    assert text.count("Each ridge is the distribution at one moment") == 1
    assert full.count('href="#figures"') == full.count('<figure class="curves')


def test_tables_have_names_of_their_own_and_heads_a_direction(full):
    """A list of regions or tables tells them apart by claim and cell; every th has a scope."""
    tags = Reader(full).tags
    for kind in ("table", "region"):
        names = [
            attributes["aria-label"]
            for tag, attributes in tags
            if kind in (tag, attributes.get("role")) and "aria-label" in attributes
        ]
        assert names
        assert len(names) == len(set(names))
    assert all(attributes.get("scope") for tag, attributes in tags if tag == "th")


def test_what_does_not_scroll_is_no_stop_for_the_keyboard(full):
    """Of the boxes around tables only the wide ones are; runs scroll inside what is closed."""
    stops = [a["aria-label"] for _, a in Reader(full).tags if a.get("tabindex") == "0"]
    wide = [stop for stop in stops if not stop.startswith("Runs, ")]
    assert [stop.partition(",")[0] for stop in wide] == [
        "Rates of false SUPPORTED over the level"
    ]  # fmt: skip


def test_the_table_of_claims_has_a_name_and_rows_with_heads(full):
    """A screen reader says which claim a cell is of."""
    table = full[full.index('<table class="overview">') : full.index("</table>")]
    assert '<caption class="visually-hidden">' in table
    assert table.count('<th scope="row" class="o-claim"') == 9


def test_no_name_is_given_to_what_has_no_role(full):
    """A span or div with a label and no role is passed over."""
    for tag, attributes in Reader(full).tags:
        assert tag not in ("span", "div") or "aria-label" not in attributes or "role" in attributes


def test_the_table_of_cells_is_closed_where_the_plot_shows_them():
    """It repeats the plot; without one it is all there is. Paper prints it either way."""
    cells = [a_cell("one"), a_cell("two")]
    closed = '<details class="on-paper"><summary>Every cell in a table</summary>'
    page = render(a_document([a_claim(cells=cells)]))
    assert closed in page
    bare = render(a_document([a_claim(cells=[a_broken_cell("one"), a_broken_cell("two")])]))
    assert closed not in bare
    assert 'aria-label="Every cell, ' in bare
