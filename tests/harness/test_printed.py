"""A paper's numbers beside one new run: prediction intervals, points of training, refusals."""

import math

import numpy as np
import pytest
from scipy import stats
from toy_records import METRICS, run, runs

from harness.bench import Metric
from harness.declarations.endpoints import Endpoint, gmean, mean, median, reaches
from harness.declarations.measuring import measure
from harness.declarations.phases import at, until
from harness.declarations.printed import Printed
from harness.errors import ClaimDefinitionError, EvidenceError
from harness.verdicts.beside_printed import beside, predicted
from harness.words import Transform

VALUES = (3.1, 4.7, 2.2, 5.9, 4.0, 3.3)


def by_scipy(values):
    """Return the prediction interval of one more normal observation, from scipy's own t."""
    n, scale = len(values), np.std(values, ddof=1) * np.sqrt(1 + 1 / len(values))
    return stats.t.interval(0.95, n - 1, loc=np.mean(values), scale=scale)


def test_the_interval_is_students_for_one_more_run():
    """On identity, against scipy; on log and logit the same, turned back."""
    assert tuple(predicted(VALUES, Transform.IDENTITY).interval) == pytest.approx(by_scipy(VALUES))
    log = predicted(VALUES, Transform.LOG)
    assert tuple(log.interval) == pytest.approx(tuple(np.exp(by_scipy(np.log(VALUES)))))
    assert log.mean == pytest.approx(stats.gmean(VALUES))
    shares = np.array(VALUES) / 10
    logit = predicted(VALUES, Transform.LOGIT, (0.0, 10.0))
    expected = 10 / (1 + np.exp(-np.array(by_scipy(np.log(shares / (1 - shares))))))
    assert tuple(logit.interval) == pytest.approx(tuple(expected))


@pytest.mark.parametrize("transform", [Transform.IDENTITY, Transform.LOG])
def test_it_holds_one_new_run_in_95_of_100(transform):
    """Simulated: ten runs and an eleventh of the same law, four standard errors of 1500 rounds."""
    draw = np.random.default_rng(20)
    rows = draw.normal(1.0, 0.3, (1500, 11))
    rows = np.exp(rows) if transform is Transform.LOG else rows
    held = np.mean([predicted(list(row[:10]), transform).holds(row[10]) for row in rows])
    assert held == pytest.approx(0.95, abs=4 * math.sqrt(0.95 * 0.05 / 1500))


def test_no_run_lies_beyond_the_limits_of_a_metric():
    """An accuracy is at most 100 %, whatever t says; what lies inside is as before."""
    values = [97.0, 99.0, 100.0, 99.5]
    low, high = predicted(values, Transform.IDENTITY, (0.0, 100.0)).interval
    assert low == pytest.approx(by_scipy(values)[0])
    assert high == 100.0


def test_too_few_or_equal_runs():
    """One run has no spread; equal runs predict their value and no other."""
    assert predicted([1.0], Transform.IDENTITY) is None
    assert predicted([], Transform.LOG) is None
    same = predicted([10.0] * 4, Transform.IDENTITY)
    assert (same.holds(10.0), same.holds(10.1)) == (True, False)


def test_a_factor_too_large_for_a_float_stays_a_number():
    """The document is strict JSON."""
    assert all(map(math.isfinite, predicted([1e-300, 1e300], Transform.LOG).interval))


def number(**changes):
    quantity = mean("train_accuracy", over=at(0.5))
    said = {"value": 50.0, "of": "control", "quantity": quantity, "where": "Figure 1"}
    return Printed(**said | changes)


TREATMENT = runs("train_accuracy", [0, 60, 90], [0, 64, 90], [0, 62, 99], steps=3)
CONTROL = runs("train_accuracy", [0, 40, 90], [0, 50, 90], [0, 45, 90], steps=3)


@pytest.mark.parametrize(
    ("of", "values"),
    [("treatment", (60, 64, 62)), ("control", (40, 50, 45)), ("gain", (20, 14, 17))],
)
def test_an_arm_as_plotted_or_the_gain_between_them(of, values):
    """The quantity of one arm has no gain in it: its values are the runs' own."""
    found = beside(number(of=of), TREATMENT, CONTROL, METRICS)
    assert found.values == values
    assert tuple(found.prediction.interval) == pytest.approx(by_scipy(values))
    low, high = by_scipy(values)
    assert found.inside is bool(low <= 50 <= high)


def test_a_gain_on_log_is_a_factor_in_the_papers_direction():
    """Half as large with the treatment, where lower is better: a factor of 2."""
    ours = runs("range", [1.0], [1.1], steps=1), runs("range", [2.0], [2.2], steps=1)
    found = beside(number(of="gain", quantity=gmean("range", better="lower")), *ours, METRICS)
    assert found.values == pytest.approx((2.0, 2.0))
    assert found.limits == (None, None)


def test_what_cannot_be_measured_has_a_note():
    """A diverged run, a value without a logarithm, an unknown metric: no interval, no crash."""
    broken = (*TREATMENT[:2], run(2, train_accuracy=[0], steps=3, diverged_at=1))
    assert "diverged" in beside(number(of="treatment"), broken, CONTROL, METRICS).note
    log = number(quantity=median("train_accuracy", over=at(0.0), transform="log"))
    assert "math domain" in beside(log, TREATMENT, CONTROL, METRICS).note
    found = beside(number(quantity=mean("speed")), TREATMENT, CONTROL, METRICS)
    assert "no metric 'speed'" in found.note
    assert (found.inside, found.values) == (None, ())
    assert beside(number(), TREATMENT[:1], CONTROL[:1], METRICS).note == "1 run has no spread"


def test_a_diverged_run_counts_as_declared():
    """Its measurement at half of training never came."""
    broken = (*TREATMENT[:2], run(2, train_accuracy=[0], steps=3, diverged_at=1))
    quantity = mean("train_accuracy", over=at(0.5), if_diverged=10.0)
    found = beside(number(of="treatment", quantity=quantity), broken, CONTROL, METRICS)
    assert found.values == (60, 64, 10)


def test_at_takes_the_nearest_measurement():
    """By hand: of steps 0, 4 and 8 of 10; two that are equally near give the earlier."""
    record = run(0, train_loss=[9, 5, 1], at=(0, 4, 8), steps=10)
    found = {
        share: measure(mean("train_loss", over=at(share)), [record], []).treatment[0]
        for share in (0.0, 0.19, 0.2, 0.21, 0.55, 0.61, 1.0)
    }
    assert found == {0.0: 9, 0.19: 9, 0.2: 9, 0.21: 5, 0.55: 5, 0.61: 1, 1.0: 1}


def test_at_is_said_as_a_moment():
    """No aggregation of one measurement is named."""
    text = mean("train_loss", over=at(500 / 15_000)).text(METRICS["train_loss"])
    assert text == "training loss at 3.33 % of training"


@pytest.mark.parametrize("progress", [-0.1, 1.1, math.nan])
def test_at_is_a_share(progress):
    """A step is no share."""
    with pytest.raises(ClaimDefinitionError, match="a share of training, 0 to 1"):
        at(progress)


def test_a_series_without_measurements_is_said():
    """As for any other phase."""
    record = run(0, train_loss=[], steps=3)
    with pytest.raises(EvidenceError, match="no measurement"):
        measure(mean("train_loss", over=at(0.5)), [record], [])


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"of": "both"}, "of: got 'both'; expected treatment, control or gain"),
        ({"where": " "}, "where: got ' '; expected a place"),
        ({"value": math.nan}, "value: got nan; expected a finite"),
        ({"quantity": reaches("train_accuracy", 30.0)}, "a yes/no has no interval"),
        (
            {"of": "treatment", "quantity": mean("range", over=until("train_accuracy", 50.0))},
            "a stretch that no other arm sets",
        ),
        ({"value": 0.0, "quantity": gmean("range")}, "above 0"),
        (
            {"of": "gain", "quantity": mean("train_accuracy", transform="logit")},
            "a gain on identity or log",
        ),
    ],
)
def test_a_wrong_declaration_is_refused(change, error):
    """With what was got and what was expected."""
    with pytest.raises(ClaimDefinitionError, match=error):
        number(**change)


def test_logit_needs_both_limits():
    """Without them there is a note."""
    quantity = Endpoint(metric="range", aggregate="mean", transform="logit")
    ours = runs("range", [0.5], [0.6], steps=1)
    limitless = {"range": Metric(label="range", unit="")}
    assert "expected both" in beside(number(quantity=quantity), ours, ours, limitless).note


def test_a_whole_session_carries_them(project):
    """From a claim file to the document: each seed's value, interval, and whether inside."""
    project.claim(
        more='printed=(Printed(value=80.0, of="treatment", quantity=mean("train_accuracy", '
        'over=at(1.0)), where="Figure 1a"), Printed(value=-500.0, of="gain", '
        'quantity=mean("range"), where="text", read_off=False))'
    )
    assert project.run().ret == 0
    (claim,) = project.document["claims"]
    first, second = claim["cells"][0]["printed"]
    assert (first["value"], first["of"], first["arm"]) == (80.0, "treatment", "toy up")
    assert len(first["values"]) == 10
    assert first["interval"] == pytest.approx(by_scipy(first["values"]))
    assert (second["inside"], second["arm"]) == (
        False,
        "between the arms, higher with the treatment",
    )
    before = claim["declaration"]["sha256"]
    project.claim()
    project.run()
    assert project.document["claims"][0]["declaration"]["sha256"] == before


@pytest.mark.parametrize(
    ("printed", "error"),
    [
        ('of="treatment", quantity=mean("speed")', "metric: got 'speed'"),
        ('of="gain", quantity=mean("speed")', "metric: got 'speed'"),
    ],
)
def test_a_misspelt_metric_is_refused_at_collection(project, printed, error):
    """Before anything is trained."""
    project.claim(more=f'printed=(Printed(value=1.0, where="x", {printed}),)')
    assert error in project.run().stdout.str()
    assert project.trained == []


def test_a_number_of_a_missing_control_is_refused(project):
    """A claim about one arm has no control whose number it could be."""
    project.claim(
        control="None",
        endpoint='reaches("train_accuracy", at_least=30.0)',
        hypothesis='ShareAbove(0.5, because="more often than not")',
        more='printed=(Printed(value=1.0, of="control", quantity=mean("range"), where="x"),)',
    )
    assert "the claim has no control" in project.run().stdout.str().replace("\n", " ")
