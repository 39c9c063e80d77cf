"""Tests that only a card runs: what of them can be looked at without one."""

import re
from pathlib import Path

from models import benchmark
from models.bench import VisionBench

GPU_TESTS = Path(__file__).parent / "gpu"


def test_the_options_that_they_give_are_there():
    """A stale one ends the first minutes of a card in a usage error."""
    texts = [path.read_text(encoding="utf-8") for path in GPU_TESTS.glob("*.py")]
    given = {word for text in texts for word in re.findall(r'"(--[a-z-]+)"', text)}
    known = {word for action in benchmark.parser()._actions for word in action.option_strings}
    known |= {option.flag for option in VisionBench.options()}
    assert {"--compare-seeds", "--workers"} <= given
    assert given <= known
