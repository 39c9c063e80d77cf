"""Fused kernels on a CPU, by Triton's interpreter, against the plain path in float64.

Not collected by its name: ``test_kernels.py`` runs it with TRITON_INTERPRET=1, which must be set
before Triton is imported and would be of no use to anything else.
"""

import itertools

import pytest
import torch

from models import norms
from models.kernels import fusing, tiles, trial

SHAPES = {
    "2-D": (37, 6),
    "odd channels": (4, 3, 5, 2),
    "one channel": (70, 1),
    "columns over a block": (9, 70),
    "rows over a block": (5, 12, 9, 7),
    "one position": (64, 5, 1, 1),
}
NORMS = {
    "l1": ("l1", {}),
    "l2": ("l2", {}),
    "linf": ("linf", {}),
    "noise": ("noise", {"spread": "variance"}),
    "after-affine": ("noisy-batch", {}),
    "before-affine": ("noisy-batch", {"place": "before-affine", "spread": "variance"}),
}
STEP = 5 + 3 * 2**32  # both of the counter's words of the step


def activations(shape, seed=0):
    source = torch.Generator().manual_seed(seed)
    a = 1.5 * torch.randn(shape, generator=source) + 0.7
    return a.contiguous(memory_format=torch.channels_last) if a.dim() == 4 else a


def made(name, channels, step=STEP):
    """Return a norm with parameters and running statistics that a mistake would show."""
    kind, options = NORMS[name]
    norm = norms.maker(kind, **options)(channels, "conv3")
    source = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for tensor in (*norm.parameters(), *norm.buffers()):
            tensor.copy_(torch.randn(tensor.shape, generator=source) + 1)
    if hasattr(norm, "follow"):
        norm.follow(1000, torch.tensor(step))
    return norm


def passed(norm, a, gy):
    """Return by name what a training pass and its backward pass leave."""
    a = a.detach().requires_grad_()
    y = norm(a)
    gradients = torch.autograd.grad(y, (a, *norm.parameters()), gy.to(y.dtype))
    names = ["activations", *dict(norm.named_parameters())]
    return {
        "output": y.detach(),
        **dict(zip(names, gradients, strict=True)),
        **dict(norm.named_buffers()),
    }


def compare(name, a, tolerance=1e-5, step=STEP):
    """Check fused float32 against plain float64, relative to the largest value of each result."""
    gy = activations(a.shape, seed=1) - 0.7
    fused, plain = made(name, a.shape[1], step), made(name, a.shape[1], step).double()
    fused.fuse()
    ours, reference = passed(fused, a, gy), passed(plain, a.double(), gy.double())
    for what, expected in reference.items():
        assert ours[what].dtype == torch.float32
        assert ours[what].shape == expected.shape
        off = (ours[what].double() - expected).abs().max() / expected.abs().max().clamp(min=1e-3)
        assert off < tolerance, f"{what} is off by {off:.1e} of the largest"
    return ours


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("name", NORMS)
def test_fused_equals_plain(name, shape):
    """Outputs, gradients and running statistics, for shapes that fill no tile."""
    compare(name, activations(shape))


@pytest.mark.parametrize("name", NORMS)
def test_one_program_may_go_through_many_tiles(name, monkeypatch):
    """Where rows are many, each program of a reduction loops, and the last has fewer rows."""
    monkeypatch.setattr(tiles, "PROGRAMS", 3)
    monkeypatch.setattr(tiles, "ELEMENTS_PER_TILE", 64)
    a = activations((5, 5, 7, 6))
    assert tiles.tiling(5 * 7 * 6, 5).tiles_per_program > 5
    compare(name, a)


@pytest.mark.parametrize("name", ["l1", "linf", "after-affine"])
def test_many_partial_results_are_joined(name, monkeypatch):
    """The second stage loops where there are more partial results than it takes at once."""
    from models.kernels import moments

    monkeypatch.setattr(tiles, "ELEMENTS_PER_TILE", 16)
    monkeypatch.setattr(moments, "PARTIALS_AT_ONCE", 4)
    assert tiles.tiling(70, 3).row_programs > 3 * 4
    compare(name, activations((70, 3)))


def test_tied_maxima_share_linfs_gradient():
    """Three activations of one size, of both signs, in different programs' rows."""
    a = activations((200, 3))
    a[0, 1], a[77, 1], a[199, 1] = 9.0, -9.0, 9.0
    compare("linf", a)


@pytest.mark.parametrize("name", ["l1", "l2", "linf"])
@pytest.mark.parametrize("value", [0.0, -2.0])
def test_a_constant_channel_stays_finite(name, value):
    """A dead unit's N_p is 0: its output is beta, and its gradient is as the plain path has it."""
    a = activations((40, 3))
    a[:, 1] = value
    ours = compare(name, a, tolerance=2e-5)
    assert all(result.isfinite().all() for result in ours.values())


@pytest.mark.parametrize("name", ["after-affine", "before-affine"])
def test_a_constant_channel_has_no_variance(name):
    """Its normalised value is exactly 0, so that noise and parameters alone remain."""
    a = activations((40, 3))
    a[:, 1] = -2.3
    compare(name, a)


@pytest.mark.parametrize("name", ["after-affine", "before-affine"])
def test_a_mean_far_from_zero_costs_no_digits_of_the_variance(name):
    """Mean 1000 at deviation 1.5: sums of squares in float32 would leave no digit but two."""
    compare(name, activations((500, 3)) + 1000, tolerance=2e-4)


def test_the_noise_is_that_of_the_seed_layer_and_step():
    """Each of them changes nearly all of the fused noise; the same give the same bits."""
    a = torch.ones(300, 6)

    def noise(seed, layer, step):
        norm = norms.maker("noise")(6, layer)
        norm.follow(seed, torch.tensor(step))
        norm.fuse()
        return norm(a)

    mine = noise(1, "conv3", 2)
    assert torch.equal(mine, noise(1, "conv3", 2))
    others = [(2, "conv3", 2), (1, "conv4", 2), (1, "conv3", 3), (1, "conv3", 2 + 2**32)]
    for other in others:
        assert (mine == noise(*other)).float().mean() < 0.01


def test_the_step_is_read_when_the_kernel_runs():
    """A tensor advanced in place gives the next step's noise, as a replayed graph needs."""
    norm, a, step = norms.maker("noise")(4, "conv3"), torch.ones(20, 4), torch.tensor(3)
    norm.follow(0, step)
    norm.fuse()
    first, again = norm(a), norm(a)
    step.add_(1)
    following = norm(a)
    assert torch.equal(first, again)
    assert not torch.equal(first, following)
    norm.follow(0, torch.tensor(4))
    assert torch.equal(following, norm(a))


@pytest.mark.parametrize("name", ["noise", "after-affine"])
def test_a_step_advanced_before_the_backward_pass_is_refused(name):
    """The backward pass makes the noise again, and must not make another step's."""
    norm, step = made(name, 4), torch.tensor(3)
    norm.follow(0, step)
    norm.fuse()
    y = norm(activations((20, 4)).requires_grad_())
    step.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


@pytest.mark.parametrize("name", NORMS)
def test_bfloat16_is_rounded_to_once(name):
    """Output and gradient have the input's type; statistics and parameters' gradients float32.

    The interpreter cuts off bits where a card rounds, hence an error of up to 2^-7.
    """
    a = activations((6, 5, 7, 6)).bfloat16()
    gy = activations(a.shape, seed=1).bfloat16()
    fused, plain = made(name, 5), made(name, 5).double()
    fused.fuse()
    ours, reference = passed(fused, a, gy), passed(plain, a.double(), gy.double())
    for what, expected in reference.items():
        short = what in ("output", "activations")
        assert ours[what].dtype == (torch.bfloat16 if short else torch.float32)
        off = (ours[what].double() - expected).abs().max() / expected.abs().max()
        assert off < (2**-7 if short else 1e-5), f"{what} is off by {off:.1e}"


@pytest.mark.parametrize("name", ["linf", "noise", "before-affine"])
def test_any_layout_in_memory_gives_the_same(name):
    """Activations and gradients with channels outermost, transposed or expanded."""
    a, gy = activations((2, 6, 5, 3)), activations((2, 6, 5, 3), seed=1)
    results = [
        passed(fused(name, 6), *tensors)
        for tensors in itertools.product((a, a.contiguous()), (gy, gy.contiguous()))
    ]
    for result in results[1:]:
        for what, value in results[0].items():
            assert torch.equal(result[what], value), what
    expanded = torch.ones(1, 1, 1, 1).expand(2, 6, 5, 3)
    for what, value in passed(fused(name, 6), a, torch.ones_like(a)).items():
        assert torch.equal(passed(fused(name, 6), a, expanded)[what], value)


def fused(name, channels):
    norm = made(name, channels)
    norm.fuse()
    return norm


@pytest.mark.parametrize("name", NORMS)
def test_eval_mode_and_float64_keep_the_plain_path(name):
    """Fusing changes training passes of the types that the kernels take, and nothing else."""
    a = activations((8, 6))
    assert torch.equal(fused(name, 6).eval()(a), made(name, 6).eval()(a))
    in_double = fused(name, 6).double()(a.double())
    assert torch.equal(in_double, made(name, 6).double()(a.double()))


def test_noise_on_the_host_path_keeps_its_numbers():
    """A fused module that was told its step by ``begin_step`` draws from torch's generators."""
    a, both = activations((8, 6)), (fused("after-affine", 6), made("after-affine", 6))
    for norm in both:
        norm.begin_step(0, 3)
    assert torch.equal(both[0](a), both[1](a))


@pytest.mark.parametrize("name", ["l2", "after-affine"])
def test_a_probes_pass_moves_its_own_running_statistics_alone(name):
    """Planted mistake 5: a pass with cloned buffers and other parameters leaves the module's."""
    norm, a = fused(name, 6), activations((8, 6))
    before = {key: buffer.clone() for key, buffer in norm.named_buffers()}
    state = {key: 2 * parameter for key, parameter in norm.named_parameters()}
    state |= {key: buffer.clone() for key, buffer in norm.named_buffers()}
    y = torch.func.functional_call(norm, state, (a,))
    for key, buffer in norm.named_buffers():
        assert torch.equal(buffer, before[key])
        assert not torch.equal(state[key], before[key])
    assert not torch.equal(y, fused(name, 6)(a))


def test_a_single_row_is_refused_as_torch_refuses_it():
    """A variance of one value is none."""
    with pytest.raises(ValueError, match="two values a channel"):
        fused("after-affine", 6)(torch.ones(1, 6))


def test_the_trial_passes_and_finds_a_wrong_kernel(monkeypatch):
    """A card on which a kernel gives other numbers must keep the plain path."""
    cpu = torch.device("cpu")
    trial.run(cpu)
    from models.kernels import lp

    monkeypatch.setattr(lp, "normalise", lambda a, *_, **__: 1.1 * a)
    with pytest.raises(RuntimeError, match="l1: got numbers that differ"):
        trial.run(cpu)


def test_a_cpu_is_not_fused():
    """Without the interpreter's ways in, a CPU network keeps the plain path."""
    norm = made("after-affine", 4)
    assert not fusing.fuse(norm)
    assert not norm.fuses(torch.ones(2, 4))
