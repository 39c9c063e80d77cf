"""What is refuted is what is written: a claim's statement holds the numbers that it is judged by.

Of our families; a paper that somebody adds may put its bounds into words of its own.
"""

import importlib.util
import re
from pathlib import Path

import pytest

from harness import Claim
from harness.declarations.hypotheses import (
    Above,
    Equivalent,
    MoreOften,
    NotBelow,
    ShareAbove,
    bound_on_gain_scale,
)
from harness.words import Transform

CLAIMS = Path(__file__).parents[1] / "claims"
FILES = sorted(
    path for name in ("precision", "santurkar_2018") for path in (CLAIMS / name).glob("test_*.py")
)

IN_WORDS = {
    # no effect is the bound: a comparison without a number
    ("bn-lowers-beta-vgg", 1.0): "beta-smoothness along the gradient is smaller with BatchNorm",
    ("gradients-are-smaller", 1.0): "is smaller with BatchNorm than without",
    ("l1-beats-bn-dln", 1.0): "is lower with l_1 normalisation than with BatchNorm",
    ("lp-shifts-more-than-standard", 1.0): "changes more between measurements than in the standard "
    "network and their distribution is farther from a Gaussian",
    ("smoothness-dln", 1.0): "the effective beta-smoothness is smaller than without",
    # a half
    ("bn-trains-at-high-lr", 0.5): "more often than not",
    ("noise-alone-breaks-standard", 0.5): "in more than half of the seeds",
}
"""Bounds that a statement says in words, by slug and the number as the hypothesis has it."""

EXCEPTIONS: dict[str, str] = {}
"""Claims whose statement leaves a bound out, with the reason. None may be added without one."""


def claim_in(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.CLAIM


def written(hypothesis):
    """Return the number as the hypothesis has it; half of the seeds on which the arms differ."""
    match hypothesis:
        case Above(bound=number) | Equivalent(margin=number) | NotBelow(minus_margin=number):
            return number
        case ShareAbove(share=number):
            return number
        case MoreOften():
            return bound_on_gain_scale(hypothesis, Transform.IDENTITY)


def forms(number, factor):
    """Return a bound as a statement may write it: a loss as its size, 0.8 times as 1.25 times."""
    sizes = [number, 1 / number] if factor else [abs(number)]
    return {f"{size:.3g}" for size in sizes}


def numbers_of(question):
    """Return the numbers that the verdict rests on, each with its forms in writing."""
    endpoint, number = question.endpoint, written(question.hypothesis)
    factor = endpoint.transform is Transform.LOG and isinstance(question.hypothesis, NotBelow)
    found = {number: forms(number, factor)}
    for other in (endpoint.at_least, endpoint.against):
        if other is not None:
            found[other] = forms(other, factor=False)
    return found


def numbers_in(statement):
    """Return the numbers of a text, as they stand there; the 2 of "l_2" and of "1.2" is none."""
    return set(re.findall(r"(?<![\w.-])\d+(?:\.\d+)?(?:e-\d+)?(?![\w.]*\d)", statement))


def left_out(claim):
    """Return what the statement does not say, with the cell that is judged by it."""
    said, text = numbers_in(claim.statement), claim.statement

    def is_said(number, ways):
        words = IN_WORDS.get((claim.slug, number))
        return bool(ways & said) if words is None else words in text

    return [
        f"{question.cell.id}: {number:g}"
        for question in claim.questions()
        for number, ways in numbers_of(question).items()
        if not is_said(number, ways)
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_statement_says_every_bound_that_it_is_judged_by(path):
    """The bound, the level of a yes/no rule and the number that an arm is held against."""
    claim = claim_in(path)
    if isinstance(claim, Claim):
        assert left_out(claim) == [] or claim.slug in EXCEPTIONS


def test_every_word_and_exception_is_of_a_claim_that_needs_it():
    """A bound that was changed leaves its words behind, which would then stand for nothing."""
    claims = [claim for claim in map(claim_in, FILES) if isinstance(claim, Claim)]
    judged_by = {
        (claim.slug, number)
        for claim in claims
        for question in claim.questions()
        for number in numbers_of(question)
    }
    assert set(IN_WORDS) <= judged_by
    assert set(EXCEPTIONS) == {claim.slug for claim in claims if left_out(claim)}


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("not more than 2 points below", {"2"}),
        ("with l_2 normalisation", set()),
        ("within 0.67 points.", {"0.67"}),
        ("a factor of 1.25 less, at LR 0.1", {"1.25", "0.1"}),
        ("within 3.", {"3"}),
        ("Theorem C.1 over steps of 1e-8", {"1e-8"}),
    ],
)
def test_numbers_are_read_whole(statement, found):
    """A bound of 2 is not said by a name or by a part of another number."""
    assert numbers_in(statement) == found
