"""Philox against Random123's known answers, and its uniforms and normals against their laws."""

import pytest
import torch
from scipy import stats

from models import streams
from models.kernels import philox

CPU = torch.device("cpu")
KEY = streams.torch_seed(1000, "test")
N = 1_000_003  # no multiple of a block of four

# kat_vectors of Random123, the lines "philox4x32 10": counter, key, answer
KNOWN_ANSWERS = [
    (
        "00000000 00000000 00000000 00000000",
        "00000000 00000000",
        "6627e8d5 e169c58d bc57ac4c 9b00dbd8",
    ),
    (
        "ffffffff ffffffff ffffffff ffffffff",
        "ffffffff ffffffff",
        "408f276d 41c83b0e a20bc7c6 6d5451fd",
    ),
    (
        "243f6a88 85a308d3 13198a2e 03707344",
        "a4093822 299f31d0",
        "d16cfe09 94fdcceb 5001e420 24126ea1",
    ),
]


def at(step):
    return torch.tensor(step, dtype=torch.int64)


def words_of(text):
    return [int(word, 16) for word in text.split()]


def uniform(shape, key=KEY, step=7, **options):
    return philox.uniform(key, at(step), shape, CPU, torch.float32, **options)


def normal(shape, key=KEY, step=7, **options):
    return philox.normal(key, at(step), shape, CPU, torch.float32, **options)


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN_ANSWERS)
def test_philox_gives_the_published_answers(counter, key, answer):
    """Ten rounds of Philox4x32 equal Random123's, for words of 0, of ones, and of pi."""
    k0, k1 = words_of(key)
    drawn = philox.philox(tuple(torch.tensor(word) for word in words_of(counter)), k0 | k1 << 32)
    assert [int(word) for word in drawn] == words_of(answer)


def test_products_of_words_are_those_of_whole_numbers():
    """High and low words equal Python's at the edges of int64, for both multipliers."""
    edges = [0, 1, 2**31 - 1, 2**31, 2**31 + 1, 2**32 - 2, 2**32 - 1, 0x12345678]
    for multiplier in philox.MULTIPLIERS:
        high, low = philox._product(multiplier, torch.tensor(edges))
        expected = [divmod(multiplier * edge, 2**32) for edge in edges]
        assert list(zip(high.tolist(), low.tolist(), strict=True)) == expected


def test_uniforms_are_uniform():
    """Moments within 5 standard errors, the Kolmogorov-Smirnov test, and 1 is never reached."""
    u = uniform((N,)).double()
    assert u.mean().item() == pytest.approx(1 / 2, abs=5 / (12 * N) ** 0.5)
    assert u.var().item() == pytest.approx(1 / 12, abs=5 / (180 * N) ** 0.5)
    assert stats.kstest(u[:50_000].numpy(), "uniform").pvalue > 0.001
    assert 0 <= u.min() < 1e-5
    assert 1 - 1e-5 < u.max() < 1


def test_normals_are_normal():
    """Four moments within 5 standard errors, the Kolmogorov-Smirnov test, tails beyond 4.5."""
    n = normal((N,)).double()
    assert n.mean().item() == pytest.approx(0, abs=5 / N**0.5)
    assert n.var().item() == pytest.approx(1, abs=5 * (2 / N) ** 0.5)
    assert (n**3).mean().item() == pytest.approx(0, abs=5 * (15 / N) ** 0.5)
    assert (n**4).mean().item() == pytest.approx(3, abs=5 * (96 / N) ** 0.5)
    assert stats.kstest(n[:50_000].numpy(), "norm").pvalue > 0.001
    assert n.max() > 4.5 > -4.5 > n.min()


def test_no_numbers_come_again_far_apart():
    """A million of 2^24 values are the 97 % different that chance makes them, not a period."""
    expected = 2**24 * (1 - (1 - 2.0**-24) ** N)
    assert uniform((N,)).unique().numel() == pytest.approx(expected, rel=0.005)


@pytest.mark.parametrize("draw", [uniform, normal])
def test_neighbouring_elements_are_uncorrelated(draw):
    """Lags 1 to 4, within a block of four words and across blocks."""
    x = draw((N,)).double()
    for lag in range(1, 5):
        assert abs(torch.corrcoef(torch.stack([x[:-lag], x[lag:]]))[0, 1]) < 5 / N**0.5


def test_the_extreme_words_stay_finite():
    """Words of 0 and of ones give numbers in [0, 1) and finite normals."""
    extremes = torch.tensor([0, philox.WORD])
    assert philox.as_uniform(extremes).tolist() == [0.0, 1 - 2.0**-24]
    for n in philox.as_normals(extremes, extremes):
        assert n.isfinite().all()
        assert n.abs().max() < 6.7


@pytest.mark.parametrize("draw", [uniform, normal])
def test_key_step_and_lane_decide_the_numbers(draw):
    """The same give the same bits; each of them alone changes nearly every number."""
    mine = draw((1000,))
    assert torch.equal(mine, draw((1000,)))
    others = [
        draw((1000,), key=KEY + 1),
        draw((1000,), key=KEY + 2**32),
        draw((1000,), key=streams.torch_seed(1001, "test")),
        draw((1000,), step=8),
        draw((1000,), step=7 + 2**32),
        draw((1000,), lane=1),
    ]
    for other in others:
        assert (mine == other).float().mean() < 0.01


@pytest.mark.parametrize("draw", [uniform, normal])
def test_an_element_depends_on_its_index_alone(draw):
    """Longer, shorter and reshaped draws hold the same numbers in row-major order."""
    flat = draw((997,))
    for shape in [(3,), (64,), (7, 11), (2, 3, 4, 5), (1, 996)]:
        drawn = draw(shape)
        assert drawn.shape == shape
        torch.testing.assert_close(drawn.flatten(), flat[: drawn.numel()], rtol=1e-6, atol=1e-7)
    assert draw((0,)).numel() == 0


def test_the_step_is_read_when_drawn():
    """A tensor advanced in place gives the next step's numbers, as a replayed graph needs."""
    step = at(3)
    before = philox.uniform(KEY, step, (5,), CPU, torch.float32)
    step.add_(1)
    after = philox.uniform(KEY, step, (5,), CPU, torch.float32)
    assert torch.equal(before, uniform((5,), step=3))
    assert torch.equal(after, uniform((5,), step=4))


def test_a_longer_type_holds_the_same_bits():
    """float64 has float32's uniforms; normals are worked out in it; bfloat16 is rounded to."""
    in_double = philox.uniform(KEY, at(7), (50,), CPU, torch.float64)
    assert torch.equal(in_double, uniform((50,)).double())
    normals = philox.normal(KEY, at(7), (50,), CPU, torch.float64)
    torch.testing.assert_close(normals.float(), normal((50,)), rtol=1e-5, atol=1e-6)
    short = philox.normal(KEY, at(7), (50,), CPU, torch.bfloat16)
    assert torch.equal(short, normal((50,)).bfloat16())


@pytest.mark.parametrize(
    "step", [torch.tensor(3.0), torch.tensor([3]), torch.tensor(3, dtype=torch.int32)]
)
def test_a_step_of_another_kind_is_refused(step):
    """A float or a vector would give numbers that no kernel repeats."""
    with pytest.raises(ValueError, match="expected an int64 scalar"):
        philox.uniform(KEY, step, (5,), CPU, torch.float32)


def test_more_blocks_than_the_counter_tells_apart_are_refused():
    """2^32 blocks fit into one word."""
    with pytest.raises(ValueError, match="at most 2\\^32"):
        philox.words(KEY, at(0), 2**32 + 1)
