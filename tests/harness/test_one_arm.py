"""Claims about one arm whose endpoint is held against a number that the paper printed."""

import statistics

import pytest
from scipy import stats
from toy_projects import text_of
from toy_records import METRICS, UP, runs

from harness.declarations.cells import Cell
from harness.declarations.claim import Question
from harness.declarations.endpoints import gmean, mean, reaches
from harness.declarations.hypotheses import Equivalent
from harness.errors import ClaimDefinitionError
from harness.verdicts.gains import gains
from harness.verdicts.judging import Runs, judge_cell
from harness.words import Verdict
from reports.checking.whole import disagreements

PERCENT = METRICS["train_accuracy"]
VALUES = [91.2, 92.4, 91.9, 92.8, 91.5, 92.1, 92.0, 91.7, 92.6, 92.3]


def judged(values, *, against=92.0, better="higher", margin=2.0):
    asked = Question(
        slug="toy", statement="It is 92 %.", cell=Cell(), cells=1, treatment=UP, control=None,
        endpoint=mean("train_accuracy", against=against, better=better),
        hypothesis=Equivalent(margin, because="so"),
    )  # fmt: skip
    found = Runs(treatment=runs("train_accuracy", *[[value] for value in values]))
    return judge_cell(asked, found, metrics=METRICS, alpha=0.01)


def test_the_gain_of_a_seed_is_its_endpoint_less_the_printed_number():
    """In points, with the printed number said in the endpoint's text."""
    found = judged(VALUES)
    assert found.evidence.gains == pytest.approx([v - 92.0 for v in VALUES])
    assert found.question.endpoint.text(PERCENT).endswith("the whole of training, less 92 %")
    assert found.measured.treatment == tuple(VALUES)
    lower = mean("train_accuracy", against=92.0, better="lower")
    assert gains(lower, judged(VALUES).measured, PERCENT)[0] == pytest.approx(92.0 - VALUES[0])


def test_it_is_the_one_sample_t_test_twice():
    """Against scipy: the larger of two one-sided p values, the interval of level 1 - 2 alpha."""
    evidence = judged(VALUES).evidence
    above = stats.ttest_1samp(VALUES, 90.0, alternative="greater").pvalue
    below = stats.ttest_1samp(VALUES, 94.0, alternative="less").pvalue
    assert evidence.p == pytest.approx(max(above, below))
    half = stats.t.ppf(0.99, 9) * statistics.stdev(VALUES) / 10**0.5
    assert evidence.ci == pytest.approx((statistics.mean(VALUES) - 92 - half,
                                         statistics.mean(VALUES) - 92 + half))  # fmt: skip
    assert evidence.test == "one-sample t, two one-sided"


@pytest.mark.parametrize(
    ("shift", "verdict"),
    [(0.0, Verdict.SUPPORTED), (-5.0, Verdict.REFUTED), (5.0, Verdict.REFUTED),
     (2.0, Verdict.INCONCLUSIVE)],
)  # fmt: skip
def test_inside_the_margin_is_supported_and_beyond_it_refuted(shift, verdict):
    """On either side: too good is not what was printed, either."""
    assert judged([value + shift for value in VALUES]).verdict is verdict


def test_a_printed_number_needs_a_measured_endpoint():
    """No yes or no, no factor."""
    for endpoint in (lambda: reaches("train_accuracy", 30.0, against=1.0),
                     lambda: gmean("range", against=1.0)):  # fmt: skip
        with pytest.raises(ClaimDefinitionError, match=r"against: got 1\.0"):
            endpoint()


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"endpoint": 'mean("train_accuracy", against=92.0)'}, "one beside an endpoint against="),
        ({"control": "None"}, "none beside Above; expected control=, or"),
        (
            {
                "control": "None",
                "endpoint": 'mean("train_accuracy", against=92.0)',
                "more": 'alternatives=(Alternative(name="x", endpoint=median("train_accuracy")),),',
            },
            "against= in some of endpoint and alternatives; expected it in all",
        ),
    ],
    ids=["with a control", "without a number", "alternative without"],
)
def test_one_arm_and_a_number_belong_together(project, parts, said):
    """A control beside a printed number, or neither, is refused; so is a lone alternative."""
    project.claim(**parts)
    result = project.run()
    assert result.ret == 2
    assert f"toy-rises: control: got {said}" in text_of(result)


def test_one_claim_may_have_cells_of_one_arm_and_of_two(project):
    """Two printed numbers, and their difference: the control is a function of the cell."""
    project.claim(
        treatment='toy(name="up", accuracy=92.0)',
        control="lambda cell: None if cell.case == 'printed' else toy()",
        endpoint="lambda cell: mean('train_accuracy', over=end, "
        "against=92.0 if cell.case == 'printed' else None)",
        hypothesis="lambda cell: Equivalent(2.0, because='x') if cell.case == 'printed' "
        "else Above(5.0, because='x')",
        more='cells=grid(case=("printed", "difference")),',
    )
    assert project.run().ret == 0
    printed, difference = project.document["claims"][0]["cells"]
    assert (printed["control"], printed["arms"]["control"]) == ([], None)
    assert len(difference["control"]) == 10
    assert disagreements(project.document) == ()
    assert (printed["test"], difference["test"]) == ("one-sample t, two one-sided", "paired t")
