"""Linear networks of another depth than the paper's, and from orthogonal weights."""

import json
import math

import pytest
import torch
from test_optional_dln import SEEDS, OnSamples, flat

from harness.errors import ArmError
from models import dln_arm, dln_depth, dln_norms, dln_probes
from models.bench import VisionBench
from models.dln import draw_parameters, evaluate
from models.dln_probes.ics import IcsProbe
from models.dln_probes.moments import MomentProbe
from models.menu import dln, ics_cosine, ics_l2, mean_shift

CPU = torch.device("cpu")
QUICK = VisionBench("quick")
NORMS = ("none", "batch", "l1", "l2", "linf")


def at_depth(depth, norm="batch", **optional):
    return QUICK.settings(dln(norm=norm, depth=depth, **optional))


def seen(settings):
    """Return what probes see of the arm's first step, all in float64."""
    parameters = dln_arm.drawn_parameters(settings, SEEDS, CPU)
    exact = dln_arm.drawn_exactly(settings, SEEDS, CPU)
    return dln_arm.in_double(settings, SEEDS, 0, parameters, exact)


@pytest.mark.parametrize("scale", ["quick", "desk", "paper"])
@pytest.mark.parametrize("norm", NORMS)
def test_the_papers_depth_is_the_same_run_as_none(scale, norm):
    """Identities, so run keys, are equal; so are words and costs."""
    bench = VisionBench(scale)
    plain, given = dln(norm=norm), dln(norm=norm, depth=25)
    assert bench.identity(given) == bench.identity(plain)
    assert bench.identity(plain).settings["layers"] == 25
    assert bench.deviations(given, "beta") == bench.deviations(plain, "beta")
    assert bench.estimate_s(given) == bench.estimate_s(plain)


@pytest.mark.parametrize("norm", NORMS)
def test_gradients_at_another_depth_are_autograds(norm):
    """Five layers of the arm's own draws on all 1000 samples, in float64."""
    settings = at_depth(5, norm)
    view = seen(settings)
    losses, gradients = evaluate(view.parameters, view.samples, dln_norms.size_of(norm))
    assert len(gradients.weight) == 5
    assert len(gradients.gain) == (0 if norm == "none" else 4)
    for i in range(len(SEEDS)):
        network = OnSamples(norm, view.parameters, i, count=1000)
        loss = network.loss()
        assert losses[i].item() == pytest.approx(loss.item(), rel=1e-10)
        expected = torch.autograd.grad(loss, network.leaves)
        tolerance = 1e-10 * float(gradients.norm()[i])
        for one, other in zip(flat(gradients, i), expected, strict=True):
            torch.testing.assert_close(one, other, rtol=0, atol=tolerance)


def test_layers_that_two_depths_share_start_alike():
    """A weight belongs to its seed and layer, not to the depth."""
    few, many = (dln_arm.drawn_parameters(at_depth(d), SEEDS, CPU) for d in (5, 25))
    assert torch.equal(few.weight, many.weight[:5])


@pytest.mark.parametrize(
    ("depth", "expected"),
    [(10, (1, 4, 4, 7, 9, 10)), (5, (1, 2, 2, 3, 4, 5)), (50, (2, 18, 22, 34, 48, 50))],
)
def test_layers_mean_the_same_relative_depth(depth, expected):
    """Of layers 1, 9, 11, 17, 24 and 25; only the last, without a norm, stands for the last."""
    found = [dln_depth.same_depth(layer, depth) for layer in (1, 9, 11, 17, 24, 25)]
    assert tuple(found) == expected


def test_probes_read_the_layer_at_the_same_depth_under_the_papers_number():
    """Layer 9 of 25 is layer 4 of ten: the numbers are those of layer 4, the name is layer 9's."""
    settings = at_depth(10)
    view, of = seen(settings), settings["probes"]
    assert (of["ics"]["layers"], of["moments"]["layers"]) == (
        {"9": 4, "17": 7}, {"1": 1, "11": 4, "24": 9},
    )  # fmt: skip
    json.dumps(settings, allow_nan=False)
    ics, moments = dln_probes.made({name: of[name] for name in ("ics", "moments")})
    found, plain = ics.measure(view), IcsProbe(layers=(4, 7)).measure(view)
    assert set(found) == {name(layer) for name in (ics_l2, ics_cosine) for layer in (9, 17)}
    for papers, own in ((9, 4), (17, 7)):
        assert torch.equal(found[ics_l2(papers)], plain[ics_l2(own)])
        assert torch.equal(found[ics_cosine(papers)], plain[ics_cosine(own)])
    limits = {name: of["moments"][name] for name in ("low", "high", "bins")}
    own = MomentProbe(layers=(1, 4, 9), **limits)
    for probe in (moments, own):
        probe.measure(view)
    twins = {"activations_layer1": 1, "activations_layer11": 4, "activations_layer24": 9}
    drawn = own.histograms(0)
    for name, histogram in moments.histograms(0).items():
        assert histogram == drawn[f"activations_layer{twins.pop(name)}"]
    assert not twins


@pytest.mark.parametrize("norm", ["none", "batch", "linf"])
def test_a_shallow_arm_trains_and_records_what_its_metrics_say(norm):
    """Ten layers, as metrics() promises, under the names of the paper's layers."""
    arm = dln(norm=norm, depth=10)
    (record,) = QUICK.train(arm, [1000], "cpu", lambda *_: None)
    assert set(record.series) == set(QUICK.metrics(arm))
    assert mean_shift(24) in record.series
    assert all(math.isfinite(v) for series in record.series.values() for v in series.values)


def test_depth_is_said():
    """In the title and the deviations, with the layers that a metric reads."""
    arm = dln(norm="batch", depth=10)
    assert QUICK.describe(arm) == "10-layer linear network, BatchNorm, LR 1e-06"
    said = QUICK.deviations(arm, ics_l2(9))
    assert "Depth: 10 layers instead of 25." in said
    assert "Layer 9 of 25 is read at layer 4 of 10, the same relative depth." in said
    assert not any("Layer" in sentence for sentence in QUICK.deviations(arm, "beta"))
    assert QUICK.estimate_s(arm) == pytest.approx(0.4 * QUICK.estimate_s(dln(norm="batch")))


@pytest.mark.parametrize(
    ("optional", "message"),
    [
        ({"depth": 1}, "depth: got 1, expected a whole number of at least 2"),
        ({"depth": 10.0}, "depth: got 10.0, expected a whole number"),
        ({"depth": True}, "depth: got True, expected a whole number"),
        ({"depth": 3}, r"two are the same layer of 3 .* expected distinct ones"),
        ({"depth": 10, "ics_layers": (9, 26)}, "got layer 26, expected layers 1-25"),
        ({"lr": 0.1}, "lr: got 0.1, expected a number above 0 and up to 0.002"),
        ({"lr": 0}, "lr: got 0, expected"),
        ({"lr": True}, "lr: got True, expected"),
        ({"lr": math.nan}, "lr: got nan, expected"),
    ],
)
def test_depths_and_rates_that_make_no_sense_are_refused(optional, message):
    """With what was got and what was expected."""
    with pytest.raises(ArmError, match=message):
        QUICK.identity(dln(**optional))


def test_orthogonal_weights_are_rotations_that_no_depth_shrinks():
    """W W' = 1 to rounding; both signs of the determinant; another draw for each seed and layer."""
    double = torch.float64
    p = draw_parameters(range(1000, 1020), layers=25, width=10, normed=False, init="orthogonal",
                        dtype=double)  # fmt: skip
    identity = torch.eye(10, dtype=double).expand(25, 20, 10, 10)
    torch.testing.assert_close(p.weight @ p.weight.mT, identity, rtol=0, atol=1e-13)
    signs = torch.linalg.det(p.weight).sign().mean()  # 0 for Haar's measure
    assert abs(float(signs)) < 5 / math.sqrt(500)
    # E trace(W)^2 = 1, with variance 2 (Diaconis and Mallows); QR without signs has another trace
    squares = torch.diagonal(p.weight, dim1=-2, dim2=-1).sum(-1).square()
    assert float(squares.mean()) == pytest.approx(1, abs=5 * math.sqrt(2 / 500))
    through = torch.linalg.multi_dot([*p.weight[:, 0]])
    assert float(torch.linalg.matrix_norm(through, 2)) == pytest.approx(1, rel=1e-12)
