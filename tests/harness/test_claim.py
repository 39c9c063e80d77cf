"""The claim as data: what is wrong whatever the bench, and the questions it asks."""

from dataclasses import replace

import pytest
from toy_bench import ToyBench, toy

from harness.admission.validation import validate
from harness.bench import Scale
from harness.declarations.cells import Cell, grid
from harness.declarations.claim import Alternative, Claim, Source, thirds
from harness.declarations.endpoints import mean, median, reaches
from harness.declarations.figures import curve
from harness.declarations.hypotheses import Above, MoreOften
from harness.declarations.phases import end
from harness.declarations.preconditions import learns, unsolved
from harness.errors import ClaimDefinitionError
from harness.runs.keys import KeyMaker

BENCH = ToyBench(scale="desk", options={})
DESK = Scale(name="desk", seeds=tuple(range(10)))
CLAIM = Claim(
    slug="toy-rises",
    statement="It rises.",
    source=Source(section="1"),
    treatment=toy(name="up"),
    control=toy(),
    endpoint=mean("train_accuracy"),
    hypothesis=Above(5.0, because="so"),
)


def check(claim, *, scale=DESK, alpha=0.01):
    validate(claim, bench=BENCH, keys=KeyMaker(BENCH), scale=scale, alpha=alpha)


def test_a_claim_without_cells_asks_one_question():
    """The one cell is empty, and the claim has no cells to be parametrised by."""
    assert not CLAIM.has_cells
    (question,) = CLAIM.questions()
    assert (question.cell, question.cells) == (Cell(), 1)
    check(CLAIM)


def test_cells_may_be_a_list():
    """As a comprehension over a grid gives one; the claim keeps a tuple."""
    cells = grid(bound=(1, 2))
    assert replace(CLAIM, cells=list(cells)).cells == cells


def test_cells_fill_in_arms_endpoint_and_hypothesis():
    """Any field may be a function of the cell; the question knows how many cells there are."""
    claim = replace(
        CLAIM,
        cells=grid(bound=(1, 2)),
        treatment=lambda cell: toy(name=f"up{cell.bound}"),
        endpoint=lambda cell: mean("range") if cell.bound == 1 else median("range"),
        hypothesis=lambda cell: Above(float(cell.bound), because="so"),
    )
    first, second = claim.questions()
    assert first.cells == second.cells == 2
    assert (first.treatment["name"], second.treatment["name"]) == ("up1", "up2")
    assert (first.hypothesis.bound, second.hypothesis.bound) == (1.0, 2.0)
    check(claim)


def test_a_question_lists_every_arm_once():
    """Treatment, control and the arms that figures draw; a shared one once."""
    extra = (("more", toy(name="more")), ("again", toy()))
    claim = replace(CLAIM, figures=(curve("F", "train_loss", extra=extra),))
    (question,) = claim.questions()
    assert [arm["name"] for arm in question.arms] == ["up", "plain", "more"]


def test_preconditions_may_depend_on_the_cell():
    """Networks without an accuracy take another rule; what is no rule is refused by its cell."""
    rules = {"up": [learns(at_least=30.0)], "down": (learns(at_least=70.0), unsolved())}
    cells = grid(way=("up", "down"))
    claim = replace(CLAIM, cells=cells, preconditions=lambda cell: rules[cell.way])
    up, down = claim.questions()
    assert [rule.at_least for rule in up.preconditions] == [30.0]
    assert [rule.at_least for rule in down.preconditions] == [70.0, 0.1]
    wrong = replace(claim, preconditions=lambda cell: [cell.way])
    with pytest.raises(ClaimDefinitionError, match="preconditions: got 'up'; expected a list"):
        wrong.questions()


@pytest.mark.parametrize("slug", ["", "Toy", "toy_rises", "-toy", "toy--rises", "toy rises", "tö"])
def test_slugs_are_lower_case_words(slug):
    """A slug names files and lines of a report."""
    with pytest.raises(ClaimDefinitionError, match="slug: got"):
        replace(CLAIM, slug=slug)


@pytest.mark.parametrize(
    "wrong",
    [{"statement": " "}, {"source": None}, {"source": "Section 1"}, {"cells": ()},
     {"cells": (Cell(), Cell())}, {"preconditions": learns()}, {"preconditions": ["learns"]}],
    ids=["statement", "no source", "source", "no cells", "equal cells", "one rule", "word"],
)  # fmt: skip
def test_what_is_wrong_whatever_the_bench_is_refused_at_once(wrong):
    """In the file's own line, when the Claim is made."""
    with pytest.raises(ClaimDefinitionError):
        replace(CLAIM, **wrong)


@pytest.mark.parametrize("name", ["section", "figure", "quote"])
def test_a_source_is_of_texts(name):
    """A figure that is a number would fail where nobody looks for it."""
    with pytest.raises(ClaimDefinitionError, match=f"source: {name}: got 2"):
        Source(**({"section": "1"} | {name: 2}))


def test_a_definition_is_of_the_kind_that_its_hypothesis_needs():
    """Also where it is shown alone: Student's t of zeros and ones says nothing."""
    yes_no = Alternative(name="often", endpoint=reaches("train_accuracy", 65.0))
    claim = replace(CLAIM, alternatives=(yes_no,))
    with pytest.raises(ClaimDefinitionError, match="alternative 'often': a measured hypothesis"):
        check(claim)
    check(replace(CLAIM, alternatives=(replace(yes_no, hypothesis=MoreOften()),)))


def test_a_phase_beside_losses_is_refused():
    """It would be read by nothing."""
    with pytest.raises(ClaimDefinitionError, match=r"over: got .*; expected no phase beside"):
        mean("train_loss", over=end, at_losses=(1.0,))


@pytest.mark.parametrize(
    ("scale", "alpha", "refused"),
    [(DESK, 0.001, False), (DESK, 0.0009, True), (replace(DESK, verdicts=False), 0.0009, False),
     (replace(DESK, seeds=(0, 1)), 0.01, True)],
    ids=["just enough", "one too few", "no verdicts", "two"],
)  # fmt: skip
def test_seeds_must_be_able_to_decide(scale, alpha, refused):
    """2^-n is the smallest p of n seeds: ten reach 0.001 (1/1024), not 0.0009."""
    if not refused:
        return check(CLAIM, scale=scale, alpha=alpha)
    with pytest.raises(ClaimDefinitionError, match="need at least"):
        check(CLAIM, scale=scale, alpha=alpha)
    return None


def test_pilot_seeds_of_a_scale_are_refused():
    """Seeds from 1000 on tune settings: no bench may declare them for verdicts."""
    with pytest.raises(ClaimDefinitionError, match="seeds: got 1009 at scale desk"):
        check(CLAIM, scale=replace(DESK, seeds=tuple(range(1000, 1010))))


def test_cells_that_differ_only_in_the_hypothesis_ask_the_same():
    """Two bounds on one number would count one finding twice."""
    claim = replace(
        CLAIM, cells=grid(bound=(1, 2)),
        hypothesis=lambda cell: Above(float(cell.bound), because="so"),
    )  # fmt: skip
    with pytest.raises(ClaimDefinitionError, match="cells bound1 and bound2 ask the same"):
        check(claim)


def test_a_metric_of_a_drawn_arm_is_checked():
    """An arm that is only drawn must be one the bench can build."""
    extra = (("more", toy(refuse=True)),)
    with pytest.raises(ClaimDefinitionError, match="arm: got"):
        check(replace(CLAIM, figures=(curve("F", "train_loss", extra=extra),)))


def test_thirds_keep_the_rule_and_change_the_phase():
    """Three alternatives, each the claim's endpoint over one third."""
    others = thirds(mean("range", better="lower", floor=0.1))
    assert [a.endpoint.over.name for a in others] == [
        f"the {word} third of training" for word in ("first", "second", "last")
    ]
    assert {(a.endpoint.better, a.endpoint.floor) for a in others} == {("lower", 0.1)}
    assert all(isinstance(a, Alternative) and a.hypothesis is None for a in others)
