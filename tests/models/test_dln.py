"""The deep linear network against plain networks on its samples, in float64 by autograd."""

from math import sqrt

import numpy as np
import pytest
import torch

from harness.errors import ArmError
from models import dln_norms, norms
from models.dln import Parameters, draw_arrays, draw_parameters, draw_samples, evaluate

NORMS = ("none", "batch", "l1", "l2", "linf")
CENTRED = ("l1-centred", "l2-centred", "linf-centred")
SEEDS = (1000, 1001, 1002)


def drawn(norm, seeds=SEEDS, layers=6, dtype=torch.float64, width=10, count=200):
    """Return parameters with gains and shifts off their start, samples and the norm's size."""
    size = dln_norms.size_of(norm)
    samples = draw_samples(seeds, width=width, count=count, dtype=dtype)
    p = draw_parameters(seeds, layers=layers, width=width, normed=size is not None, dtype=dtype)
    source = torch.Generator().manual_seed(0)
    for part in (p.gain, p.shift):
        if part.numel():
            noise = torch.randn(part[:, :1].shape, generator=source, dtype=torch.float64)
            part.add_(noise.to(dtype) / 4)  # the same for every seed
    return p, samples, size


def on_samples(norm, seed, weights, gains, shifts, count=200):
    """Return the loss of a network of torch's and this project's modules on the plain samples.

    ``weights``, ``gains`` and ``shifts`` are lists of leaves, one for each layer.
    """
    width = weights[0].shape[0]
    matrix, x = (torch.from_numpy(array) for array in draw_arrays(seed, width, count))
    h = x.T  # (count, width)
    for layer, weight in enumerate(weights):
        h = h @ weight.T
        if norm != "none" and layer < len(weights) - 1:
            module = norms.maker(norm)(width, "").double()
            h = torch.func.functional_call(
                module, {"weight": gains[layer], "bias": shifts[layer]}, (h,)
            )
    return (h - x.T @ matrix.T).square().sum() / 2


@pytest.mark.parametrize("norm", [*NORMS, *CENTRED])
def test_loss_and_gradients_are_those_of_a_plain_network_on_the_samples(norm):
    """Coordinates, formulae and backpropagation against models.norms and float64 autograd."""
    p, samples, size = drawn(norm)
    losses, gradients = evaluate(p, samples, size)
    for i, seed in enumerate(SEEDS):
        weights = [w[i].clone().requires_grad_() for w in p.weight]
        gains = [g[i, :, 0].clone().requires_grad_() for g in p.gain]
        shifts = [s[i, :, 0].clone().requires_grad_() for s in p.shift]
        loss = on_samples(norm, seed, weights, gains, shifts)
        expected = torch.autograd.grad(loss, [*weights, *gains, *shifts])
        found = [*gradients.weight[:, i], *gradients.gain[:, i, :, 0], *gradients.shift[:, i, :, 0]]
        assert losses[i].item() == pytest.approx(loss.item(), rel=1e-10)
        assert len(found) == len(expected)
        # Of the whole gradient: a shift before another norm has gradient 0 but for rounding.
        tolerance = 1e-10 * float(gradients.norm()[i])
        for one, other in zip(found, expected, strict=True):
            torch.testing.assert_close(one, other, rtol=0, atol=tolerance)


def test_coordinates_hold_the_samples():
    """Inputs and targets times the basis are x and A x; the basis is orthonormal, 0 the mean."""
    samples = draw_samples(SEEDS, width=10, count=200, dtype=torch.float64)
    for i, seed in enumerate(SEEDS):
        matrix, x = draw_arrays(seed, 10, 200)
        np.testing.assert_allclose(samples.inputs[i] @ samples.basis[i], x, atol=1e-12)
        np.testing.assert_allclose(samples.targets[i] @ samples.basis[i], matrix @ x, atol=1e-11)
        np.testing.assert_allclose(samples.inputs[i, :, 0] / sqrt(200), x.mean(1), atol=1e-14)
        identity = samples.basis[i] @ samples.basis[i].T
        np.testing.assert_allclose(identity, np.eye(11), atol=1e-13)


def test_data_are_standard_normal_and_a_function_of_the_seed():
    """Mean 0 and variance 1 within 5 standard errors; A and x from streams of their own."""
    matrix, x = draw_arrays(1000, 10, 1000)
    assert abs(x.mean()) < 5 / sqrt(x.size)
    assert abs(x.var() - 1) < 5 * sqrt(2 / x.size)
    again, _ = draw_arrays(1000, 10, 7)
    assert np.array_equal(matrix, again)
    assert not np.array_equal(matrix, draw_arrays(1001, 10, 7)[0])
    assert not np.isin(matrix, x).any()  # of one stream, x would begin with A's numbers


def test_initial_weights_are_glorots_and_shared_by_all_norms():
    """U(-b, b) with b = sqrt(6 / 20): within the bound, and of variance b^2 / 3."""
    plain = draw_parameters(SEEDS, layers=25, width=10, normed=False)
    normed = draw_parameters(SEEDS, layers=25, width=10, normed=True)
    assert torch.equal(plain.weight, normed.weight)
    assert plain.gain.shape == plain.shift.shape == (0, 3, 10, 1)
    assert normed.gain.shape == normed.shift.shape == (24, 3, 10, 1)
    bound = sqrt(6 / 20)
    assert float(plain.weight.abs().max()) <= bound
    assert float(plain.weight.var()) == pytest.approx(bound**2 / 3, rel=0.05)
    assert float(normed.gain.min()) == float(normed.gain.max()) == 1
    assert not normed.shift.any()


@pytest.mark.parametrize("norm", NORMS)
def test_seeds_together_are_the_seeds_alone(norm):
    """Loss and gradients of one step from the same state agree to 1e-5 of the gradient's size."""
    together = evaluate(*drawn(norm, layers=25, dtype=torch.float32))
    for i, seed in enumerate(SEEDS):
        alone = evaluate(*drawn(norm, (seed,), layers=25, dtype=torch.float32))
        assert float(together[0][i]) == pytest.approx(float(alone[0][0]), rel=1e-5)
        for part in ("weight", "gain", "shift"):
            one, other = getattr(together[1], part)[:, i], getattr(alone[1], part)[:, 0]
            torch.testing.assert_close(one, other, rtol=0, atol=1e-5 * float(alone[1].norm()))


def test_a_seed_that_is_not_finite_leaves_the_others_alone():
    """NaN in one seed's weights reaches no other seed's loss or gradient."""
    p, samples, size = drawn("batch")
    losses, gradients = evaluate(p, samples, size)
    p.weight[3, 1] = torch.nan
    after, broken = evaluate(p, samples, size)
    assert torch.isnan(after[1])
    for i in (0, 2):
        assert torch.equal(losses[i], after[i])
        assert torch.equal(gradients.weight[:, i], broken.weight[:, i])


def test_evaluating_changes_nothing():
    """Neither parameters nor samples."""
    p, samples, size = drawn("l1")
    given = [p.weight, p.gain, p.shift, samples.inputs, samples.targets, samples.basis]
    before = [tensor.clone() for tensor in given]
    evaluate(p, samples, size)
    assert all(map(torch.equal, before, given))


def test_moving_the_first_layers_moves_no_other():
    """A layer is its weight and the norm that follows; a copy moves, the original does not."""
    p, _, _ = drawn("batch")
    ones = Parameters(
        weight=torch.ones_like(p.weight),
        gain=torch.ones_like(p.gain),
        shift=torch.ones_like(p.shift),
    )
    moved = p.moved(ones, 0.5, layers=2)
    for old, new in zip(
        (p.weight, p.gain, p.shift), (moved.weight, moved.gain, moved.shift), strict=True
    ):
        assert torch.equal(new[:2], old[:2] - 0.5)
        assert torch.equal(new[2:], old[2:])
    nothing = p.moved(ones, 0.5, layers=0)
    assert torch.equal(nothing.weight, p.weight)


def test_norms_that_a_linear_network_lacks_are_refused():
    """By name, with those that there are."""
    with pytest.raises(
        ArmError, match="got 'noisy-batch', expected one of batch, l1, l1-centred, l2"
    ):
        dln_norms.module_name("noisy-batch")


@pytest.mark.parametrize("norm", NORMS)
def test_float32_is_as_good_as_on_samples(norm):
    """At full size gradients are within 2e-5 of float64's: plain networks on samples reach 1.7e-5.

    Measured over ten seeds: at most 6e-6 in coordinates.
    """
    size = dln_norms.size_of(norm)
    single = draw_parameters(SEEDS, layers=25, width=10, normed=size is not None)
    double = Parameters(
        weight=single.weight.double(), gain=single.gain.double(), shift=single.shift.double()
    )
    samples = {
        dtype: draw_samples(SEEDS, width=10, count=1000, dtype=dtype)
        for dtype in (torch.float32, torch.float64)
    }
    rough, exact = (
        evaluate(p, samples[p.weight.dtype], size)[1].weight.double() for p in (single, double)
    )
    error = torch.linalg.vector_norm(rough - exact, dim=(0, 2, 3))
    assert (error < 2e-5 * torch.linalg.vector_norm(exact, dim=(0, 2, 3))).all()
