"""The landscape along the gradient against a quadratic loss, whose curvature is known."""

import math
from dataclasses import replace

import pytest
import torch

from models import gradients as gradient_norm
from models.landscape import Landscape, LandscapeProbe, landscape
from models.probing import StepView

ETAS = (0.05, 0.1, 0.2, 0.4)


@pytest.fixture
def quadratic():
    """L(x) = x'Hx/2 over a vector of 6 kept as two tensors, its gradient Hx, and H."""
    source = torch.Generator().manual_seed(0)
    root = torch.randn(6, 6, generator=source, dtype=torch.float64)
    hessian = root @ root.T
    x = torch.randn(6, generator=source, dtype=torch.float64)

    def loss_at(parameters):
        joined = torch.cat([parameter.flatten() for parameter in parameters])
        return joined @ hessian @ joined / 2

    def split(vector):
        return vector[:4].view(2, 2).clone(), vector[4:].clone()

    return loss_at, split(x), split(hessian @ x), hessian, x


def test_losses_are_those_after_a_step_along_the_gradient(quadratic):
    """Planted mistake 1: L(x - eta g) in closed form, not the loss of another training run."""
    loss_at, parameters, gradients, hessian, x = quadratic
    found = landscape(loss_at, parameters, gradients, ETAS)
    for eta, loss in zip(ETAS, found.losses, strict=True):
        there = x - eta * (hessian @ x)
        assert loss == pytest.approx(float(there @ hessian @ there / 2))


def test_gradient_change_is_the_norm_of_the_difference(quadratic):
    """Planted mistakes 3 (sum of gradients) and 1 (last layer only): it is ||eta H g||."""
    loss_at, parameters, gradients, hessian, x = quadratic
    found = landscape(loss_at, parameters, gradients, ETAS)
    curved = float(torch.linalg.vector_norm(hessian @ hessian @ x))
    assert found.gradient_changes == pytest.approx([eta * curved for eta in ETAS])


def test_beta_is_the_curvature_along_the_gradient(quadratic):
    """Planted mistake 4: dividing by eta, or by ||g||, alone does not give ||H g|| / ||g||."""
    loss_at, parameters, gradients, hessian, x = quadratic
    g = hessian @ x
    expected = float(torch.linalg.vector_norm(hessian @ g) / torch.linalg.vector_norm(g))
    for etas in ((0.05,), ETAS):
        assert landscape(loss_at, parameters, gradients, etas).beta == pytest.approx(expected)


def test_points_do_not_accumulate(quadratic):
    """Planted mistake 2: measuring twice, or in another order, gives each eta's own numbers."""
    loss_at, parameters, gradients, _, _ = quadratic
    forward = landscape(loss_at, parameters, gradients, ETAS)
    backward = landscape(loss_at, parameters, gradients, ETAS[::-1])
    assert forward.gradient_changes == backward.gradient_changes[::-1]
    assert all(parameter.grad is None for parameter in parameters)


def test_parameters_and_gradients_stay_as_they_are(quadratic):
    """Planted mistake 5: a probe that moves the parameters."""
    loss_at, parameters, gradients, _, _ = quadratic
    before = [tensor.clone() for tensor in (*parameters, *gradients)]
    landscape(loss_at, parameters, gradients, ETAS)
    assert all(map(torch.equal, before, (*parameters, *gradients)))


def view_of(loss_at, parameters, gradients):
    return StepView(
        step=0,
        seed=0,
        learning_rate=0.1,
        names=("a", "b"),
        parameters=parameters,
        gradients=gradients,
        loss_at=loss_at,
        taps={},
    )


def test_probe_steps_by_multiples_of_the_learning_rate(quadratic):
    """Multiples 0.5 to 4 of LR 0.1 are the paper's 0.05 to 0.4, and the summaries are theirs."""
    loss_at, parameters, gradients, _, _ = quadratic
    values = LandscapeProbe(multiples=(0.5, 1, 2, 4)).measure(
        view_of(loss_at, parameters, gradients)
    )
    found = landscape(loss_at, parameters, gradients, ETAS)
    at = ("0.5", "1", "2", "4")
    assert [values[f"loss_at_x{m}"] for m in at] == list(found.losses)
    assert [values[f"gradient_change_at_x{m}"] for m in at] == list(found.gradient_changes)
    assert values["loss_range"] == pytest.approx(max(found.losses) - min(found.losses))
    assert values["loss_ratio"] == pytest.approx(max(found.losses) / min(found.losses))
    assert values["gradient_change_min"] == min(found.gradient_changes)
    assert values["gradient_change_max"] == max(found.gradient_changes)
    assert values["beta"] == found.beta


def test_a_landscape_that_rises_and_falls_is_summed_up_by_its_extremes():
    """Neither the first step's numbers nor the last one's, and beta is the greatest ratio."""
    found = Landscape(
        step_sizes=(1.0, 2.0, 4.0, 8.0),
        losses=(2.0, 0.5, 8.0, 3.0),
        gradient_changes=(4.0, 2.0, 40.0, 5.0),
        gradient_norm=2.0,
    )
    assert found.summary() == {
        "loss_min": 0.5,
        "loss_max": 8.0,
        "loss_range": 7.5,
        "loss_ratio": 16.0,
        "gradient_change_min": 2.0,
        "gradient_change_max": 40.0,
        "beta": 40.0 / (4.0 * 2.0),
    }


@pytest.mark.parametrize(
    "probe", [LandscapeProbe(multiples=(0.5, 4)), gradient_norm.make({})],
    ids=["landscape", "gradient norm"],
)  # fmt: skip
def test_momentum_turns_no_measurement_of_the_gradient(quadratic, probe):
    """What is probed is the batch's gradient, whatever the update subtracts."""
    loss_at, parameters, gradients, _, _ = quadratic
    plain = view_of(loss_at, parameters, gradients)
    heavy = replace(
        view_of(loss_at, parameters, gradients), directions=tuple(9 * p for p in parameters)
    )
    assert probe.measure(heavy) == probe.measure(plain)


def test_a_loss_that_is_not_a_number_is_not_hidden():
    """Planted mistake 11: Python's min() and max() drop a NaN in second place."""
    x = torch.tensor([1.0])

    def loss_at(parameters):
        return torch.where(parameters[0] < 0.95, parameters[0] * math.nan, parameters[0]).sum()

    values = LandscapeProbe(multiples=(0.1, 4)).measure(view_of(loss_at, (x,), (torch.ones(1),)))
    for name in ("loss_min", "loss_max", "loss_range", "gradient_change_max", "beta"):
        assert math.isnan(values[name])


def test_a_flat_point_has_no_beta():
    """Planted mistake 12: a zero gradient is NaN, not smoothness 0."""
    x = torch.zeros(2)
    found = landscape(lambda p: (p[0] * p[0]).sum(), (x,), (torch.zeros(2),), ETAS)
    assert math.isnan(found.beta)
