"""The judge without a session: the example of its docstring, and the lines that README shows."""

import doctest

from harness import Above, Evidence, decide
from harness.verdicts import decision


def test_the_example_of_the_docstring_runs():
    """What it shows is what it prints."""
    finder = doctest.DocTestFinder(recurse=False)
    (example,) = finder.find(decide, "decide", globs=vars(decision).copy())
    assert doctest.DocTestRunner().run(example) == doctest.TestResults(failed=0, attempted=2)


def test_the_judge_is_public_and_answers_in_full():
    """From gains alone, without pytest, a bench or a claim file: verdict, interval, p, reason."""
    gains = [5.1, 6.3, 4.9, 5.6, 6.0, 5.2, 5.8, 4.7]  # points, one for each seed
    evidence = decide(gains, Above(3.0, because="three points show in a figure"), alpha=0.002)
    assert isinstance(evidence, Evidence)
    assert (str(evidence.verdict), evidence.n, evidence.test) == ("SUPPORTED", 8, "paired t")
    assert 3.0 < evidence.ci.low < evidence.estimate < evidence.ci.high
    assert evidence.p < 0.002
    assert "lies above 3" in evidence.reason
