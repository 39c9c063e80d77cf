"""Names of claims on the first screen: their titles, by verdict."""

import re

import pytest
from documents import a_claim, a_document, an_unrun_claim, the_full_document

from reports.cards import cards
from reports.render import render
from reports.titles import short_title
from reports.view import page_view


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("BatchNorm trains faster (Section 1, Figure 1a).", "BatchNorm trains faster"),
        ("It has a larger range (Section 1, Figure 1, and the text).", "It has a larger range"),
        ("Shift where there was none (2.2, Figure 3b).", "Shift where there was none"),
        ("It smooths, too (Section 3.1, Figures 10 and 11)", "It smooths, too"),
        ("l_p norms shift more (Section 3.3, Fig. 6).", "l_p norms shift more"),
        ("Fact C.1 (Appendix C).", "Fact C.1"),
        ("A form (Appendix C, Theorem C.1).", "A form (Appendix C, Theorem C.1)"),
        ("It trains better (with Adam).", "It trains better (with Adam)"),
        ("As in a survey (2015).", "As in a survey (2015)"),
        ("(Section 1).", "(Section 1)"),
        (None, ""),
    ],
)
def test_a_title_loses_the_place_that_stands_beside_it_and_nothing_else(title, expected):
    """What the last brackets say besides stays."""
    assert short_title(a_claim(title=title)) == expected


def test_a_title_whose_place_is_shown_nowhere_keeps_it():
    """A claim without a source has no line for its place."""
    claim = a_claim(title="It trains (Section 1).", source=None)
    assert short_title(claim) == "It trains (Section 1)"


def test_names_stand_under_their_verdicts_before_the_table():
    """Words, with links to the cards; searched ones and additions apart; unrun ones counted."""
    page = page_view(the_full_document())
    said = {answer.verdict: answer for answer in page.answers}
    assert list(said) == ["SUPPORTED", "REFUTED", "INCONCLUSIVE", "INVALID", "ERROR", "NOT RUN"]
    assert [(a.count, len(a.parts)) for a in said.values()] == [
        ("3", 2), ("2", 1), ("1", 1), ("1", 1), ("1", 1), ("8", 0)
    ]  # fmt: skip
    (_, registered), (label, added) = said["SUPPORTED"].parts
    assert [name.text for name in registered] == ["BatchNorm trains faster"] * 3
    assert (label, len(added)) == ("beside the register:", 1)
    html = render(the_full_document())
    head = html[html.index('class="answers"') : html.index('<section id="claims"')]
    assert head.count('<a href="#claim-') == 9
    assert head.count("(fragile)") == sum(card.fragile for card in page.judged)
    assert '<a href="#unrun">which and why</a>' in head


def test_a_searched_claim_is_named_apart():
    """A statement that a search did not refute is no claim that held over seeds."""
    (cell,) = (claim := a_claim("theorem", uses_p=False))["cells"]
    cell["search"] = None
    (answer,) = page_view(a_document([a_claim("a"), claim])).answers
    assert [label for label, _ in answer.parts] == ["", "by search:"]


def test_the_title_heads_row_and_card_and_the_statement_stands_beneath():
    """A claim without a title is named by its statement, once."""
    html = render(
        a_document([a_claim("a", title="<b>Short</b> (Section 1)."), an_unrun_claim("u")])
    )
    (heading,) = re.findall(r"<h3 id=\"claim-a-h\"[^>]*>(.*?)</h3>", html)
    assert heading == "&lt;b&gt;Short&lt;/b&gt;"
    assert html.count('<a href="#claim-a">&lt;b&gt;Short&lt;/b&gt;</a>') == 2
    assert html.count('class="stated"') == 2
    untitled = a_claim("b", title=None)
    (card,) = cards([untitled])
    assert card.title == ""
    plain = render(a_document([untitled]))
    assert 'class="stated"' not in plain
    assert f">{untitled['statement'].replace(chr(39), '&#39;')}</h3>" in plain
