"""Landscapes along random directions, beyond the figures' steps and on a finer grid."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from models import beyond, fine, landscape, random, streams
from models.bench import VisionBench
from models.kernels import philox
from models.menu import vgg
from models.probing import StepView, norm_of

LR = 0.1


@pytest.fixture
def quadratic():
    """L(x) = x'Hx/2 over a vector of 6 kept as two tensors, at a point; and H and x."""
    source = torch.Generator().manual_seed(0)
    root = torch.randn(6, 6, generator=source, dtype=torch.float64)
    hessian = root @ root.T
    x = torch.randn(6, generator=source, dtype=torch.float64)

    def loss_at(parameters):
        joined = torch.cat([parameter.flatten() for parameter in parameters])
        return joined @ hessian @ joined / 2

    def view(seed=0, step=0):
        return StepView(
            step=step,
            seed=seed,
            learning_rate=LR,
            names=("a", "b"),
            parameters=split(x),
            gradients=split(hessian @ x),
            loss_at=loss_at,
            taps={},
        )

    return view, hessian, x


def split(vector):
    return vector[:4].view(2, 2).clone(), vector[4:].clone()


def named(gradients):
    return dict(zip("ab", gradients, strict=True))


def joined(tensors):
    return torch.cat([tensor.flatten() for tensor in tensors]).double()


def test_random_numbers_are_those_of_the_direction_in_closed_form(quadratic):
    """On a quadratic the gradient changes by eta ||g|| ||Hu||, u the unit vector drawn."""
    view, hessian, x = quadratic
    g = hessian @ x
    u = joined(random.random_direction(0, 0, named(split(g)))) / g.norm()
    assert float(u.norm()) == pytest.approx(1.0, rel=1e-6)
    found = random.make({"multiples": [0.5, 4.0]}).measure(view())
    bend = float((hessian @ u).norm())
    moved = {multiple: multiple * LR * float(g.norm()) for multiple in (0.5, 4.0)}
    assert found["random_gradient_change_min"] == pytest.approx(moved[0.5] * bend)
    assert found["random_gradient_change_max"] == pytest.approx(moved[4.0] * bend)
    assert found["random_beta"] == pytest.approx(bend)
    losses = []
    for distance in moved.values():
        there = x - distance * u
        losses.append(float(there @ hessian @ there / 2))
    assert found["random_loss_min"] == pytest.approx(min(losses))
    assert found["random_loss_max"] == pytest.approx(max(losses))
    assert found["random_loss_range"] == pytest.approx(max(losses) - min(losses))
    assert found["random_loss_ratio"] == pytest.approx(max(losses) / min(losses))


def test_a_direction_belongs_to_a_seed_and_a_step(quadratic):
    """Planted mistake 13: the same again, another for another seed or step, no global stream."""
    _, hessian, x = quadratic
    gradients = named(split(hessian @ x))
    before = torch.get_rng_state()
    draws = [joined(random.random_direction(*key, gradients)) for key in ((0, 0), (1, 0), (0, 15))]
    again = joined(random.random_direction(0, 0, gradients))
    assert torch.equal(draws[0], again)
    assert not torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])
    assert torch.equal(before, torch.get_rng_state())


def test_directions_are_uniform_over_all_parameters_together():
    """Each coordinate has mean 0 and variance 1/n of the squared length, in every tensor."""
    gradients = named((torch.zeros(3), torch.tensor([[3.0, 4.0]])))
    draws = np.array(
        [joined(random.random_direction(s, 0, gradients)).tolist() for s in range(3000)]
    )
    assert np.linalg.norm(draws, axis=1) == pytest.approx(np.full(3000, 5.0), rel=1e-5)
    assert draws.mean(0) == pytest.approx(np.zeros(5), abs=0.15)
    assert draws.var(0) == pytest.approx(np.full(5, 5.0), rel=0.1)


def counted(seed, step, gradients):
    return joined(random.counted_direction(seed, torch.tensor(step), gradients))


def test_a_counted_direction_belongs_to_a_seed_and_a_step(quadratic):
    """Planted mistake 13: the same again, another for another seed or step."""
    _, hessian, x = quadratic
    gradients = named(split(hessian @ x))
    draws = [counted(*key, gradients) for key in ((0, 0), (1, 0), (0, 15))]
    assert torch.equal(draws[0], counted(0, 0, gradients))
    assert not torch.equal(draws[0], draws[1])
    assert not torch.equal(draws[0], draws[2])


def test_a_counted_direction_is_drawn_by_each_parameters_own_key(quadratic):
    """All in one pass, the numbers are those that each would have alone."""
    shapes = {"conv": (5, 3, 3, 3), "bias": (5,), "one": (1,), "scalar": ()}
    gradients = {name: torch.ones(shape) for name, shape in shapes.items()}
    step = torch.tensor(2**33 + 7)
    drawn = [
        philox.normal(
            streams.torch_seed(3, "probes", "random", name), step, shape, step.device, torch.float32
        )
        for name, shape in shapes.items()
    ]
    scale = norm_of(tuple(gradients.values())) / norm_of(drawn)
    found = random.counted_direction(3, step, gradients)
    assert all(torch.equal(a, scale * b) for a, b in zip(found, drawn, strict=True))


def test_counted_directions_are_uniform_over_all_parameters_together():
    """As long as the gradient; equal variance and no correlation, also between two tensors."""
    gradients = named((torch.zeros(3), torch.tensor([[3.0, 4.0]])))
    draws = np.array([counted(1000, step, gradients).tolist() for step in range(2000)])
    assert np.linalg.norm(draws, axis=1) == pytest.approx(np.full(2000, 5.0), rel=1e-5)
    assert draws.mean(0) == pytest.approx(np.zeros(5), abs=0.15)
    assert draws.var(0) == pytest.approx(np.full(5, 5.0), rel=0.1)
    assert np.corrcoef(draws.T) == pytest.approx(np.eye(5), abs=0.1)


@pytest.mark.parametrize("draw", [random.random_direction, random.counted_direction])
def test_a_norm_leaves_the_direction_of_the_common_weights_alone(draw):
    """Planted mistake 13: what another network has between them shifts no draw of theirs."""
    weights = {"layers.0.linear.weight": torch.ones(5, 3), "layers.1.linear.weight": torch.ones(4)}
    first, last = weights.items()
    normed = dict([first, ("layers.0.norm.weight", torch.ones(3)), last])
    step = torch.tensor(15) if draw is random.counted_direction else 15
    bare, _, other = (part.flatten() for part in draw(0, step, normed))
    alone = [part.flatten() for part in draw(0, step, weights)]
    for ours, theirs in zip((bare, other), alone, strict=True):
        assert torch.cosine_similarity(ours, theirs, dim=0) == pytest.approx(1.0)


def test_probes_along_the_gradient_share_the_points_that_they_have_in_common(quadratic):
    """Ten points for grids of 4, 3 and 8, and each probe's values are those that it has alone."""
    view, _, _ = quadratic
    probes = [
        landscape.make({"multiples": [0.5, 1.0, 2.0, 4.0]}),
        beyond.make({"multiples": [4.0, 8.0, 16.0]}),
        fine.make({"multiples": [0.125, 0.2, 0.25, 0.4, 0.5, 1.0, 2.0, 4.0]}),
    ]
    plain, calls = view(), []

    def counted(parameters):
        calls.append(1)
        return plain.loss_at(parameters)

    shared = replace(plain, loss_at=counted)
    for probe in probes:
        assert probe.measure(shared) == probe.measure(view())
    assert len(calls) == 10


def test_a_point_is_shared_within_a_step_and_a_batch_alone(quadratic):
    """Another step's view starts without any."""
    view, _, _ = quadratic
    first = view(step=0)
    landscape.make({"multiples": [1.0]}).measure(first)
    assert (len(first.along_gradient), len(view(step=15).along_gradient)) == (1, 0)
    assert random.make({"multiples": [1.0]}).measure(first) != landscape.make(
        {"multiples": [1.0]}
    ).measure(first)


def test_beyond_values_are_those_after_larger_steps(quadratic):
    """Losses and gradient changes at 4, 8 and 16 learning rates in closed form."""
    view, hessian, x = quadratic
    g = hessian @ x
    found = beyond.make({"multiples": [4.0, 8.0, 16.0]}).measure(view())
    losses, changes = [], []
    for multiple in (4.0, 8.0, 16.0):
        there = x - multiple * LR * g
        losses.append(float(there @ hessian @ there / 2))
        changes.append(multiple * LR * float((hessian @ g).norm()))
        assert found[f"beyond_loss_at_x{multiple:g}"] == pytest.approx(losses[-1])
        assert found[f"beyond_gradient_change_at_x{multiple:g}"] == pytest.approx(changes[-1])
    assert found["beyond_loss_range"] == pytest.approx(max(losses) - min(losses))
    assert found["beyond_gradient_change_max"] == pytest.approx(changes[-1])


def test_an_overflow_beyond_is_recorded_as_one():
    """Planted mistake 11: exp of a long step is infinite, in the range and the maximum, too."""
    x = torch.tensor([0.0])
    view = StepView(
        step=0,
        seed=0,
        learning_rate=LR,
        names=("a",),
        parameters=(x,),
        gradients=(torch.tensor([-100.0]),),
        loss_at=lambda parameters: parameters[0].exp().sum(),
        taps={},
    )
    found = beyond.make({"multiples": [4.0, 16.0]}).measure(view)
    assert math.isfinite(found["beyond_loss_at_x4"])
    for name in ("beyond_loss_at_x16", "beyond_loss_max", "beyond_gradient_change_max"):
        assert math.isinf(found[name])
    assert not math.isfinite(found["beyond_loss_range"])


def test_a_finer_grid_finds_the_curvature_that_a_coarse_one_misses():
    """Where the gradient flips within the smallest step, coarse beta is 1/eta; the finer is not.

    L(x) = |x| smoothed over a width of w has curvature 1/w at 0 and gradient change 2 beyond it.
    """
    x, width = torch.tensor([0.001], dtype=torch.float64), 0.02

    def loss_at(parameters):
        return (parameters[0].square() + width**2).sqrt().sum()

    parameter = x.clone().requires_grad_()
    gradient = torch.autograd.grad(loss_at((parameter,)), parameter)[0]
    view = StepView(
        step=0,
        seed=0,
        learning_rate=100 * LR,
        names=("a",),
        parameters=(x,),
        gradients=(gradient,),
        loss_at=loss_at,
        taps={},
    )
    settings = VisionBench("desk").settings(vgg())["probes"]
    finer = fine.make(settings["fine"]).measure(view)["beta_fine"]
    coarse = fine.make(settings["landscape"]).measure(view)["beta_fine"]
    assert coarse < finer < 1 / width


@pytest.mark.parametrize("scale", ["quick", "desk", "paper"])
def test_grids_hold_what_they_promise(scale):
    """The finer grid holds the figures' own, and beyond begins at their cap."""
    probes = VisionBench(scale).settings(vgg())["probes"]
    figures = probes["landscape"]["multiples"]
    assert set(figures) < set(probes["fine"]["multiples"])
    assert min(probes["fine"]["multiples"]) == min(figures) / 4
    assert probes["random"]["multiples"] == figures
    assert probes["beyond"]["multiples"] == [max(figures), 2 * max(figures), 4 * max(figures)]


@pytest.mark.parametrize(
    ("metric", "words"),
    [
        ("random_gradient_change_max", "does not say how it drew"),
        ("beyond_loss_max", "means 4, 8 and 16 learning rates"),
        ("beta_fine", "0.125, 0.177, 0.25, 0.354, 0.5, 1, 2 and 4 learning rates instead of the"),
        ("activation_non_gaussianity_layer11", "histograms and no number"),
    ],
)
def test_readings_are_said_of_the_metrics_that_rest_on_them(metric, words):
    """And of no other."""
    desk, arm = VisionBench("desk"), vgg(norm="batch")
    assert metric in desk.metrics(arm)
    assert words in " ".join(desk.deviations(arm, metric))
    assert words not in " ".join(desk.deviations(arm, "loss_range"))
