"""Fused kernels and noise by counter on a card: against the plain path, and under graph capture."""

import warnings

import pytest

torch = pytest.importorskip("torch")

from comparing import worst_error  # noqa: E402 (after the skip)

from models import norms  # noqa: E402
from models.bench import VisionBench  # noqa: E402
from models.dropout import Dropout  # noqa: E402
from models.kernels import fusing, philox, timing  # noqa: E402
from models.menu import vgg  # noqa: E402
from models.numerics import numerics  # noqa: E402
from models.vgg_arm import build  # noqa: E402

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]
DEVICE = torch.device("cuda:0")
SHAPES = [(128, 64, 32, 32), (128, 512, 2, 2), (128, 512), (37, 70, 5, 3), (9, 3), (300, 1)]
NORMS = {
    "l1": ("l1", {}),
    "l2": ("l2", {}),
    "linf": ("linf", {}),
    "noise": ("noise", {}),
    "after-affine": ("noisy-batch", {}),
    "before-affine": ("noisy-batch", {"place": "before-affine", "spread": "variance"}),
}


@pytest.fixture(autouse=True)
def _triton():
    """Skip where there is no Triton; where there is, the kernels must run."""
    pytest.importorskip("triton")
    assert fusing.why_not(DEVICE) == ""


def activations(shape, seed=0, dtype=torch.float32):
    source = torch.Generator().manual_seed(seed)
    a = (1.5 * torch.randn(shape, generator=source) + 0.7).to(DEVICE, dtype)
    return a.contiguous(memory_format=torch.channels_last) if a.dim() == 4 else a


def made(name, channels, step, fused):
    kind, options = NORMS[name]
    norm = norms.maker(kind, **options)(channels, "conv3").to(DEVICE)
    source = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for tensor in (*norm.parameters(), *norm.buffers()):
            tensor.copy_(torch.randn(tensor.shape, generator=source) + 1)
    if hasattr(norm, "follow"):
        norm.follow(1000, step)
    if fused:
        norm.fuse()
    return norm


def at(step):
    return torch.full((), step, dtype=torch.int64, device=DEVICE)


def passed(norm, a, gy):
    a = a.detach().requires_grad_()
    y = norm(a)
    gradients = torch.autograd.grad(y, (a, *norm.parameters()), gy.to(y.dtype))
    return {
        "output": y.detach(),
        **dict(zip(["a", *dict(norm.named_parameters())], gradients, strict=True)),
        **{key: buffer.clone() for key, buffer in norm.named_buffers()},
    }


def graph_of(once):
    """Return a captured graph of ``once`` and what it writes."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            once()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        written = once()
    return graph, written


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", NORMS)
def test_fused_equals_plain_in_float64(name, shape, dtype):
    """Outputs, gradients and running statistics agree to the rounding of the type."""
    a, gy = activations(shape, dtype=dtype), activations(shape, 1, dtype) - 0.7
    ours = passed(made(name, shape[1], at(5), fused=True), a, gy)
    plain = made(name, shape[1], at(5), fused=False).double()
    for what, expected in passed(plain, a.double(), gy.double()).items():
        rounded = dtype == torch.bfloat16 and what in ("output", "a")
        off = (ours[what].double() - expected).abs().max() / expected.abs().max().clamp(min=1e-3)
        assert off < (2**-8 if rounded else 3e-5), f"{what} is off by {off:.1e}"


@pytest.mark.parametrize("name", NORMS)
def test_the_same_pass_gives_the_same_bits(name):
    """No sum depends on which block of threads came first."""
    a, gy = activations(SHAPES[0]), activations(SHAPES[0], 1)
    first, again = (passed(made(name, 64, at(5), fused=True), a, gy) for _ in range(2))
    for what, value in first.items():
        assert torch.equal(value, again[what]), what


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("name", ["noise", "after-affine", "before-affine"])
def test_a_graph_replays_a_steps_noise_and_follows_the_step(name, fused):
    """Replays of one step agree to the bit; the next step's noise is what a fresh pass draws."""
    a, gy, step = activations((32, 64, 8, 8)), activations((32, 64, 8, 8), 1), at(5)
    norm = made(name, 64, step, fused)
    graph, written = graph_of(lambda: passed(norm, a, gy))

    def replayed():
        graph.replay()
        torch.cuda.synchronize()
        return written["output"].clone(), written["a"].clone()

    first, again = replayed(), replayed()
    step.add_(1)
    following = replayed()
    fresh = passed(made(name, 64, at(6), fused), a, gy)
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    assert (first[0] == following[0]).float().mean() < 0.01
    torch.testing.assert_close(following[0], fresh["output"])
    torch.testing.assert_close(following[1], fresh["a"])


def test_dropout_follows_a_step_in_a_graph():
    """Another mask for another step, the same for the same."""
    module, x, step = Dropout(0.25, "fc1"), torch.ones(400, 500, device=DEVICE), at(3)
    module.follow(1000, step)
    graph, mask = graph_of(lambda: module(x))
    graph.replay()
    first = mask.clone()
    graph.replay()
    assert torch.equal(mask, first)
    step.add_(1)
    graph.replay()
    assert not torch.equal(mask, first)
    assert (mask == 0).float().mean().item() == pytest.approx(0.25, abs=0.005)


def test_a_card_draws_the_words_that_a_cpu_draws():
    """Philox's integers are the same bits on both, and uniforms made of them."""
    on_card = philox.words(2**62 + 12345, at(7 + 2**32), 100_000)
    on_cpu = philox.words(2**62 + 12345, at(7 + 2**32).cpu(), 100_000)
    for card, cpu in zip(on_card, on_cpu, strict=True):
        assert torch.equal(card.cpu(), cpu)
        assert torch.equal(philox.as_uniform(card).cpu(), philox.as_uniform(cpu))


@pytest.mark.parametrize("norm", ["noisy-batch", "l1", "linf"])
def test_a_whole_network_is_fused(norm):
    """The first loss and all gradients of a VGG agree with the plain path's, to fp32's rounding."""
    settings = VisionBench("quick").settings(vgg(norm=norm, probes=()))
    images = activations((64, settings["channels"], *[settings["image_size"]] * 2))
    step, results = at(2), []
    for fused in (False, True):
        network = build(settings, 1000, DEVICE).train()
        for module in network.modules():
            if hasattr(module, "follow"):
                module.follow(1000, step)
        if fused:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                assert fusing.fuse(network)
        with numerics("cuda:0", "fp32"):
            loss = network(images).square().mean()
            results.append([loss.detach(), *torch.autograd.grad(loss, tuple(network.parameters()))])
    plain, ours = results
    assert worst_error(ours, plain) < 5e-3


def test_kernels_run_on_the_card_of_their_tensors():
    """Triton launches on the current device, which need not be the network's."""
    if torch.cuda.device_count() < 2:
        pytest.skip("needs two cards")
    other = torch.device("cuda:1")
    norm = norms.maker("l2")(8, "x").to(other)
    norm.fuse()
    a = torch.randn(32, 8, device=other, requires_grad=True)
    (ga,) = torch.autograd.grad(norm(a).square().sum(), a)
    assert ga.isfinite().all()


@pytest.mark.alone
def test_timings_of_vgg16(capsys):
    """Prints what fused kernels gain, layer by layer; on no card may they be slower in total."""
    rows = timing.timings(DEVICE, repeats=10)
    with capsys.disabled():
        print()
        for row in rows:
            print(
                f"{row.norm:12} {row.shape!s:20} plain {row.plain_ms:8.4f} ms, "
                f"fused {row.fused_ms:8.4f} ms, {row.gigabytes_s:6.0f} GB/s"
            )
    for norm in timing.NORMS:
        ours = [row for row in rows if row.norm == norm]
        fused = sum(row.layers * row.fused_ms for row in ours)
        assert fused < sum(row.layers * row.plain_ms for row in ours)
