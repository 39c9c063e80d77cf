"""Claims that are meant to share runs do: equal arms, at every scale one run each."""

import importlib.util
from pathlib import Path

import pytest

from harness.runs.keys import KeyMaker
from models.bench import VisionBench

FAMILY = Path(__file__).parents[1] / "claims" / "santurkar_2018"


def arms_of(slug):
    """Return every arm that a claim trains."""
    path = FAMILY / f"test_{slug.replace('-', '_')}.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {arm for question in module.CLAIM.questions() for arm in question.arms}


@pytest.mark.parametrize("scale", ["desk", "paper"])
def test_the_range_of_learning_rates_shares_the_arms_at_the_papers_rates(scale):
    """At 0.01 and 0.1 the sweep's runs are those of two other claims: ten arms of its own."""
    sweep, others = arms_of("bn-widens-lr-range"), arms_of("bn-does-not-reduce-ics-vgg")
    others |= arms_of("bn-trains-faster")
    keys = KeyMaker(VisionBench(scale))
    own = {keys.key(arm, 0) for arm in sweep} - {keys.key(arm, 0) for arm in others}
    assert (len(sweep), len(own)) == (14, 10)


def test_the_cells_about_a_residual_network_share_two_arms():
    """Three quantities of the same runs."""
    assert len(arms_of("other-architectures-alike")) == 2
    assert len(arms_of("augmentation-results")) == 2
