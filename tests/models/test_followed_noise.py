"""Noise and dropout that follow a step on the device, against the distributions of the host's."""

import pytest
import torch
from scipy import stats

from models import norms, streams
from models.dropout import Dropout
from models.kernels import philox
from models.norms.batch import BatchNorm
from models.norms.noisy_batch import NoisyBatchNorm, draw, draw_by_counter

SHAPE = torch.Size((64, 3, 8, 8))  # 4096 values a channel, an odd number of channels
SPREADS = {"deviation": 0.1, "variance": 0.1**0.5}


def at(step):
    return torch.tensor(step, dtype=torch.int64)


def drawn(seed=0, step=0, layer="conv1", shape=SHAPE, spread="deviation"):
    key = streams.torch_seed(seed, "noise", layer)
    return draw_by_counter(key, at(step), torch.Size(shape), spread)


def by_channel(noise):
    return noise.movedim(1, 0).flatten(1).double()  # (channels, values)


def many(steps=80, channels=50):
    """Return sigma_j and mu_j as seen over many steps, each the mean of 64 draws."""
    both = [drawn(step=step, shape=(64, channels)) for step in range(steps)]
    return torch.stack([s.mean(0) for s, _ in both]), torch.stack([m.mean(0) for _, m in both])


@pytest.mark.parametrize("shape", [SHAPE, (4096, 3), (4096, 4)])
def test_m_is_uniform_around_its_channels_centre(shape):
    """Within a channel m is U(mu_j - 0.1, mu_j + 0.1), for one mu_j in (-0.5, 0.5)."""
    rows = by_channel(drawn(shape=shape)[1])
    for row in rows:
        centre = (row.amax() + row.amin()) / 2
        assert abs(centre) < 0.5
        assert stats.kstest(((row - centre) / 0.2 + 0.5).numpy(), "uniform").pvalue > 0.001
    assert ((rows.amax(1) - rows.amin(1)) <= 0.2 + 1e-6).all()


@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize("shape", [SHAPE, (4096, 3), (4096, 4)])
def test_s_is_normal_around_its_channels_scale(shape, spread):
    """Within a channel s is N(sigma_j, 0.1), read as a deviation or a variance."""
    for row in by_channel(drawn(shape=shape, spread=spread)[0]):
        assert 0.95 < row.mean() < 1.3
        assert row.std().item() == pytest.approx(SPREADS[spread], rel=0.05)
        standard = (row - row.mean()) / SPREADS[spread]
        assert stats.kstest(standard.numpy(), "norm").pvalue > 0.001


def test_centres_and_scales_are_uniform_over_steps():
    """mu_j ~ U(-0.5, 0.5) and sigma_j ~ U(1, 1.25), by their moments over 4000 channels."""
    sigma, mu = many()
    assert mu.mean().item() == pytest.approx(0, abs=0.02)
    assert mu.var().item() == pytest.approx(1 / 12, rel=0.06)
    assert mu.abs().max() > 0.45
    assert sigma.mean().item() == pytest.approx(1.125, abs=0.005)
    within = 0.1**2 / 64  # of a mean of 64
    assert sigma.var().item() == pytest.approx(0.25**2 / 12 + within, rel=0.08)


def test_mu_and_sigma_are_drawn_apart():
    """A channel's centre says nothing of its scale, its neighbour's or its own at the next step."""
    sigma, mu = many()
    pairs = ((mu, sigma), (mu[:, :-1], mu[:, 1:]), (mu[:-1], mu[1:]))
    for a, b in pairs:
        assert abs(torch.corrcoef(torch.stack([a.flatten(), b.flatten()]))[0, 1]) < 0.08


def test_s_and_m_of_an_element_its_pair_and_its_neighbours_are_uncorrelated():
    """Two channels share a block of words; they share no number."""
    s, m = drawn(shape=(20_000, 4))
    columns = torch.cat([s, m], dim=1).T  # (8, rows)
    corr = torch.corrcoef(columns) - torch.eye(8)
    assert corr.abs().max() < 5 / 20_000**0.5
    shifted = torch.corrcoef(torch.cat([columns[:, 1:], columns[:, :-1]]))[8:, :8]
    assert shifted.abs().max() < 5 / 20_000**0.5


def test_channels_and_elements_have_lanes_of_their_own():
    """Block j of the first sample's noise says nothing of mu_j and sigma_j."""
    both = [drawn(step=step, shape=(64, 50)) for step in range(80)]
    centres = torch.stack([torch.stack([s.mean(0), m.mean(0)])[:, :25] for s, m in both])
    of_pairs = torch.stack([(s - s.mean(0))[0].view(25, 2).norm(dim=1) for s, _ in both])
    for centre in centres.movedim(1, 0):  # (steps, channels), as the sizes of the pairs
        corr = torch.corrcoef(torch.stack([centre.flatten(), of_pairs.flatten()]))[0, 1]
        assert abs(corr) < 5 / 2000**0.5


def test_followed_noise_is_a_function_of_seed_step_and_layer():
    """The same three give the same bits; each of them changes the draws."""
    for mine, again in zip(drawn(1, 2, "conv3"), drawn(1, 2, "conv3"), strict=True):
        assert torch.equal(mine, again)
    for other in (drawn(2, 2, "conv3"), drawn(1, 3, "conv3"), drawn(1, 2, "conv4")):
        for mine, another in zip(drawn(1, 2, "conv3"), other, strict=True):
            assert (mine == another).float().mean() < 0.01


def test_followed_noise_has_the_layout_that_training_uses():
    """Channels innermost, so that the addition runs along memory."""
    for noise in drawn(shape=(2, 4, 3, 3)):
        assert noise.shape == (2, 4, 3, 3)
        assert noise.is_contiguous(memory_format=torch.channels_last)


def test_a_larger_batch_begins_with_a_smaller_ones_noise():
    """The noise of a sample and position does not depend on how many others there are."""
    for more, few in zip(drawn(shape=(8, 5)), drawn(shape=(3, 5)), strict=True):
        torch.testing.assert_close(more[:3], few)


def test_a_layer_that_follows_adds_the_noise_after_gamma_and_beta():
    """The output is s BatchNorm(a) + m with the counter's s and m, so beta is scaled too."""
    norm, plain, a = NoisyBatchNorm(3, "conv1"), BatchNorm(3), torch.randn(SHAPE)
    for batch_norm in (norm.norm, plain):
        torch.nn.init.constant_(batch_norm.weight, 2.0)
        torch.nn.init.constant_(batch_norm.bias, 3.0)
    norm.follow(5, at(7))
    s, m = drawn(5, 7)
    torch.testing.assert_close(norm(a), s * plain(a) + m)


def test_noise_before_gamma_and_beta_follows_too():
    """The output is gamma (s a_hat + m) + beta, here with r_sigma read as a variance."""
    norm = norms.maker("noisy-batch", place="before-affine", spread="variance")(3, "conv1")
    plain, a = BatchNorm(3), torch.randn(SHAPE)
    torch.nn.init.constant_(norm.norm.weight, 2.0)
    torch.nn.init.constant_(norm.norm.bias, 3.0)
    norm.follow(5, at(7))
    s, m = drawn(5, 7, spread="variance")
    torch.testing.assert_close(norm(a), 2.0 * (s * plain(a) + m) + 3.0)


def test_passes_follow_the_step_as_it_is_advanced():
    """One step gives one noise however often it is passed; the tensor decides, not the caller."""
    norm, a, step = norms.maker("noise")(3, "conv1"), torch.randn(SHAPE), at(4)
    norm.follow(0, step)
    first, replayed = norm(a), norm(a)
    step.add_(1)
    following = norm(a)
    step.sub_(1)
    assert torch.equal(first, replayed)
    assert torch.equal(first, norm(a))
    assert not torch.equal(first, following)


def test_the_last_call_decides_which_path_is_used():
    """A network that has followed goes back to the host's numbers, bit for bit, and forth."""
    norm, a = norms.maker("noise")(3, "conv1"), torch.randn(SHAPE)
    norm.follow(1, at(2))
    by_counter = norm(a)
    norm.begin_step(1, 2)
    s, m = draw(1, 2, "conv1", SHAPE, a)
    assert torch.equal(norm(a), torch.addcmul(m, s, a))
    norm.follow(1, at(2))
    assert torch.equal(norm(a), by_counter)


def test_gradients_of_a_layer_that_follows_pass_a_numerical_check():
    """The noise is a constant factor to the backward pass."""
    norm = NoisyBatchNorm(3, "conv1").double()
    norm.follow(0, at(1))
    a = torch.randn(4, 3, 2, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: norm(x), (a,))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32, torch.float64])
def test_noise_keeps_the_type_of_its_input(dtype):
    """Noise is worked out in float32 at least and rounded to once."""
    norm, a = norms.maker("noise")(3, "conv1"), torch.randn(SHAPE).to(dtype)
    norm.follow(0, at(1))
    s, m = drawn(0, 1)
    expected = torch.addcmul(m.double(), s.double(), a.double()).to(dtype)
    assert norm(a).dtype == dtype
    torch.testing.assert_close(norm(a), expected)


def test_there_is_no_followed_noise_in_eval_mode():
    """Eval mode is plain BatchNorm's."""
    norm, a = NoisyBatchNorm(3, "conv1").eval(), torch.randn(SHAPE)
    norm.follow(0, at(1))
    assert torch.equal(norm(a), BatchNorm(3).eval()(a))


def test_dropout_follows_a_step():
    """Masks by counter: the rate, the scale, another mask each step, the same mask each pass."""
    module, x, step = Dropout(0.25, "fc1"), torch.ones(400, 500), at(3)
    module.follow(1000, step)
    first, again = module(x), module(x)
    step.add_(1)
    following = module(x)
    assert torch.equal(first, again)
    assert first.unique().tolist() == pytest.approx([0.0, 1 / 0.75])
    assert (first == 0).float().mean().item() == pytest.approx(0.25, abs=0.005)
    both_dropped = ((first == 0) & (following == 0)).float().mean().item()
    assert both_dropped == pytest.approx(0.25**2, abs=0.005)


def test_a_followed_mask_is_a_function_of_seed_step_and_layer():
    """It is the Philox uniform of the layer's key at the step; seed and layer change the key."""
    masks = {}
    for seed, layer in ((1000, "fc1"), (1000, "fc2"), (1001, "fc1")):
        module = Dropout(0.25, layer)
        module.follow(seed, at(3))
        masks[seed, layer] = module(torch.ones(40, 50)) != 0
        key = streams.torch_seed(seed, "dropout", layer)
        u = philox.uniform(key, at(3), (40, 50), torch.device("cpu"), torch.float32)
        assert torch.equal(masks[seed, layer], u >= 0.25)
    first, *others = masks.values()
    assert not any(torch.equal(first, other) for other in others)


def test_dropout_goes_back_to_the_hosts_masks():
    """``begin_step`` after ``follow`` gives the bits of a module that never followed."""
    module, fresh, x = Dropout(0.25, "fc1"), Dropout(0.25, "fc1"), torch.ones(40, 50)
    module.follow(1000, at(3))
    for one in (module, fresh):
        one.begin_step(1000, 3)
    assert torch.equal(module(x), fresh(x))
