"""A claim that is tried again, on its card and in the guarantee."""

from documents import a_claim, a_document, the_full_document

from reports.attempts import attempt_facts, attempts_sentence
from reports.render import render
from reports.shape import first_misfit
from reports.view import page_view

FIRST = {"number": 1, "verdict": "INCONCLUSIVE", "date": "2026-11-20", "seeds": list(range(10))}


def an_attempt(**changes):
    return {
        "number": 2,
        "because": "the <b>spread</b> was wider than thought",
        "alpha": 0.05 / 26 / 4,
        "seeds": [*range(100, 112)],
        "earlier": [FIRST],
    } | changes


def facts_of(**changes):
    return dict(attempt_facts(a_claim(attempt=an_attempt(**changes))))


def test_a_card_says_which_attempt_it_is_and_what_came_before():
    """With the verdict, the day and the seeds of the first, why again, its own seeds and level."""
    assert facts_of() == {
        "Attempt": "attempt 2; the first ended in INCONCLUSIVE on 20 November 2026 (seeds 0 to 9)",
        "Tried again because": "the <b>spread</b> was wider than thought",
        "Its seeds and level": "seeds 100 to 111, none of an earlier attempt's; level 0.00048",
    }
    third = facts_of(number=3, earlier=[FIRST, FIRST | {"number": 2, "verdict": "INVALID"}])
    assert "; the second ended in INVALID on 20 November" in third["Attempt"]


def test_an_attempt_that_is_not_on_record_is_said():
    """At quick scale nothing is recorded."""
    absent = {"number": 1, "verdict": None, "date": None, "seeds": []}
    assert facts_of(earlier=[absent])["Attempt"] == (
        "attempt 2; the first is not on record at this scale"
    )


def test_the_guarantee_says_what_attempts_do_to_it():
    """5 % becomes 7.5 % where all attempts count; without attempts nothing is added."""
    document = a_document([a_claim("again", attempt=an_attempt()), a_claim("once")])
    assert first_misfit(document) is None
    said = attempts_sentence(document)
    assert "1 claim (again) is tried again" in said
    assert "at most 7.5" in said
    assert attempts_sentence(the_full_document()) == ""
    page = render(document)
    assert "at most 7.5" in page
    assert "attempt 2; the first ended in INCONCLUSIVE" in page
    assert "<b>spread</b>" not in page
    assert "&lt;b&gt;spread" in page


def test_another_attempt_is_marked_in_the_table_and_on_its_card():
    """Which one it is and how the first ended stand beside the verdict; a first has no mark."""
    page = render(a_document([a_claim(attempt=an_attempt()), a_claim("untried")]))
    assert page.count('<span class="mark quiet">attempt 2</span>') == 2
    assert page.count('<span class="mark quiet">first: INCONCLUSIVE</span>') == 2


def test_this_run_lists_the_seeds_of_attempts():
    """Seeds 0 to 9 are not all that was used where claims are tried again."""
    again = [a_claim(slug, attempt=an_attempt()) for slug in ("east", "west")]
    run = dict(page_view(a_document([*again, a_claim("untried")])).run)
    assert run["Seeds"] == "0 to 9"
    assert run["Seeds of attempt 2"] == "100 to 111 (east, west)"
    assert "Seeds of attempt 2" not in dict(page_view(a_document()).run)
