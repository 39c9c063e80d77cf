"""Normalisations against closed forms and float64 autograd of the written formula."""

import pytest
import torch

from harness.errors import ArmError
from models import norms
from models.norms.batch import EPS, BatchNorm

LP = {
    "l1": lambda a, dims: a.abs().mean(dims, keepdim=True),
    "l2": lambda a, dims: a.pow(2).mean(dims, keepdim=True).sqrt(),
    "linf": lambda a, dims: a.abs().amax(dims, keepdim=True),
}
SHAPES = [(7, 3), (4, 3, 5, 2)]


def activations(shape, seed=0):
    source = torch.Generator().manual_seed(seed)
    return 1.5 * torch.randn(shape, generator=source, dtype=torch.float64) + 0.7


def axes(a):
    return (0, *range(2, a.dim()))


def written_out(name, a, gamma, beta):
    """Write out the l_p formula, in plain tensor operations."""
    dims = axes(a)
    shape = (1, -1, *([1] * (a.dim() - 2)))
    a_hat = (a - a.mean(dims, keepdim=True)) / (LP[name](a, dims) + 1e-5)
    return gamma.view(shape) * a_hat + beta.view(shape)


def with_affine(norm):
    """Give gamma and beta values that a mistake in either would show."""
    norm = norm.double()
    with torch.no_grad():
        norm.weight.copy_(torch.tensor([0.5, -2.0, 3.0]))
        norm.bias.copy_(torch.tensor([1.0, 0.0, -1.0]))
    return norm


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", LP)
def test_lp_follows_its_formula(name, shape):
    """The fused forward pass equals the formula on the un-centred norm, in float64."""
    norm, a = with_affine(norms.maker(name)(3, "x")), activations(shape)
    torch.testing.assert_close(norm(a), written_out(name, a, norm.weight, norm.bias))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", LP)
def test_lp_gradients_equal_autograd_of_the_formula(name, shape):
    """The hand-written backward equals autograd's for activations, gamma and beta, in float64."""
    norm, a = with_affine(norms.maker(name)(3, "x")), activations(shape).requires_grad_()
    upstream = activations(shape, seed=1)
    inputs = (a, norm.weight, norm.bias)
    ours = torch.autograd.grad(norm(a), inputs, upstream)
    written = torch.autograd.grad(written_out(name, *inputs), inputs, upstream)
    for mine, autograd in zip(ours, written, strict=True):
        torch.testing.assert_close(mine, autograd)


@pytest.mark.parametrize("name", LP)
def test_lp_passes_a_numerical_gradient_check(name):
    """Finite differences agree with the hand-written backward."""
    norm = with_affine(norms.maker(name)(3, "x"))
    assert torch.autograd.gradcheck(norm, (activations((5, 3)).requires_grad_(),))


def test_linf_shares_its_gradient_among_tied_maxima():
    """Where two activations tie for the maximum, both carry half, as torch's amax has it."""
    norm = norms.maker("linf")(1, "x").double()
    a = torch.tensor([[2.0], [-2.0], [0.5]], dtype=torch.float64, requires_grad=True)
    upstream = torch.tensor([[1.0], [3.0], [-2.0]], dtype=torch.float64)
    ours = torch.autograd.grad(norm(a), a, upstream)[0]
    written = torch.autograd.grad(written_out("linf", a, norm.weight, norm.bias), a, upstream)[0]
    torch.testing.assert_close(ours, written)


@pytest.mark.parametrize("name", LP)
def test_lp_of_a_dead_unit_stays_finite(name):
    """A unit that is always 0 gives beta, and finite gradients."""
    norm, a = norms.maker(name)(2, "x"), torch.zeros(4, 2, requires_grad=True)
    norm(a).sum().backward()
    assert torch.equal(norm(a), torch.zeros(4, 2))
    assert a.grad.isfinite().all()


@pytest.mark.parametrize("name", LP)
def test_lp_evaluates_with_running_statistics(name):
    """After many batches of one kind, eval mode gives what train mode gave, for any batch size."""
    norm, a = with_affine(norms.maker(name)(3, "x")), activations((64, 3))
    for _ in range(300):
        trained = norm(a)
    norm.eval()
    torch.testing.assert_close(norm(a)[:5], trained[:5])
    torch.testing.assert_close(norm(a[:5]), trained[:5])


@pytest.mark.parametrize("shape", SHAPES)
def test_batch_norm_follows_its_formula(shape):
    """BatchNorm divides the centred activations by the biased standard deviation."""
    norm, a = with_affine(BatchNorm(3)), activations(shape)
    dims = axes(a)
    variance = a.var(dims, correction=0, keepdim=True)
    a_hat = (a - a.mean(dims, keepdim=True)) / (variance + EPS).sqrt()
    spread = (1, 3, *([1] * (a.dim() - 2)))
    expected = norm.weight.view(spread) * a_hat + norm.bias.view(spread)
    torch.testing.assert_close(norm(a), expected)


def test_batch_norm_keeps_running_statistics_as_torch_does():
    """Outputs and running statistics equal nn.BatchNorm2d's, in train and in eval mode."""
    ours, torchs, a = BatchNorm(3), torch.nn.BatchNorm2d(3), activations((4, 3, 5, 2)).float()
    assert torch.equal(ours(a), torchs(a))
    assert torch.equal(ours.eval()(a), torchs.eval()(a))
    assert torch.equal(ours.running_var, torchs.running_var)


def test_none_returns_its_input():
    """The standard network's norm is the identity."""
    a = activations((2, 3))
    assert norms.maker("none")(3, "x")(a) is a


@pytest.mark.parametrize(
    "name", ["bat", "BN", "NoBN", "Batch", "noisy_batch", "__init__", "", "../vgg", "batch-norm"]
)
def test_a_norm_is_recognised_by_its_whole_name(name):
    """Planted mistake 8: a look-up by substring would take "BN" out of "NoBN"."""
    with pytest.raises(ArmError, match=r"norm: got .* expected one of"):
        norms.maker(name)


def test_shared_machinery_is_no_norm():
    """lp.py holds what l1, l2 and linf share and cannot be trained."""
    with pytest.raises(ArmError, match="shared machinery"):
        norms.maker("lp")
