"""Noisy BatchNorm against the distributions of Algorithm 1."""

import pytest
import torch

from models import norms
from models.norms.batch import BatchNorm
from models.norms.noisy_batch import NoisyBatchNorm, draw

SHAPE = torch.Size((64, 3, 8, 8))  # 4096 values a channel


def drawn(seed=0, step=0, layer="conv1", shape=SHAPE):
    return draw(seed, step, layer, shape, torch.empty(0))


def test_m_is_uniform_around_its_channels_centre():
    """Within a channel m spans 0.2 with variance 0.2^2 / 12 around one mu_j in (-0.5, 0.5)."""
    _, m = drawn()
    rows = m.movedim(1, 0).flatten(1)  # (channels, values)
    spans = rows.amax(1) - rows.amin(1)
    assert ((spans > 0.199) & (spans <= 0.2001)).all()
    assert rows.var(1).tolist() == pytest.approx([0.2**2 / 12] * 3, rel=0.08)
    assert (rows.mean(1).abs() < 0.5).all()


def test_s_is_normal_around_its_channels_scale():
    """Within a channel s has standard deviation 0.1, and the normal's share within one of it."""
    s, _ = drawn()
    rows = s.movedim(1, 0).flatten(1)
    centred = rows - rows.mean(1, keepdim=True)
    assert rows.std(1).tolist() == pytest.approx([0.1] * 3, rel=0.05)
    assert ((centred.abs() < 0.1).float().mean(1) - 0.6827).abs().max() < 0.03
    assert ((rows.mean(1) > 0.99) & (rows.mean(1) < 1.26)).all()


def test_centres_and_scales_are_uniform_over_steps():
    """mu_j has mean 0 and variance 1/12, sigma_j mean 1.125 and variance 0.25^2 / 12."""
    shape = torch.Size((64, 50))
    both = [drawn(step=step, shape=shape) for step in range(80)]
    sigma = torch.stack([s.mean(0) for s, _ in both]).flatten()  # 4000 of them
    mu = torch.stack([m.mean(0) for _, m in both]).flatten()
    assert mu.mean().item() == pytest.approx(0, abs=0.02)
    assert mu.var().item() == pytest.approx(1 / 12, rel=0.06)
    assert sigma.mean().item() == pytest.approx(1.125, abs=0.005)
    within = 0.1**2 / 64  # of a mean of 64
    assert sigma.var().item() == pytest.approx(0.25**2 / 12 + within, rel=0.08)


def test_mu_and_sigma_are_drawn_apart():
    """A channel's centre says nothing about its scale, nor about the next channel's centre."""
    both = [drawn(step=step, shape=torch.Size((32, 40))) for step in range(50)]
    sigma = torch.stack([s.mean(0) for s, _ in both])
    mu = torch.stack([m.mean(0) for _, m in both])
    for a, b in ((mu, sigma), (mu[:, :-1], mu[:, 1:])):
        assert abs(torch.corrcoef(torch.stack([a.flatten(), b.flatten()]))[0, 1]) < 0.07


def test_noise_is_a_function_of_seed_step_and_layer():
    """The same three give the same bits; each of them changes the draws."""
    s, m = drawn(1, 2, "conv3")
    again = drawn(1, 2, "conv3")
    assert torch.equal(s, again[0])
    assert torch.equal(m, again[1])
    for other in (drawn(2, 2, "conv3"), drawn(1, 3, "conv3"), drawn(1, 2, "conv4")):
        assert not torch.equal(s, other[0])
        assert not torch.equal(m, other[1])


def test_reused_memory_holds_the_same_draws():
    """Drawing into an earlier answer gives the bits of a fresh one, and takes its memory."""
    earlier = drawn(step=1)
    s, m = draw(0, 2, "conv1", SHAPE, torch.empty(0), earlier)
    assert torch.equal(s, drawn(step=2)[0])
    assert torch.equal(m, drawn(step=2)[1])
    assert s.data_ptr() == earlier[0].data_ptr()


def test_noise_does_not_touch_torchs_global_stream():
    """Planted mistake 13: an arm that draws from the shared stream shifts its pair's numbers."""
    before = torch.get_rng_state()
    drawn()
    assert torch.equal(before, torch.get_rng_state())


def test_layer_adds_the_noise_after_gamma_and_beta():
    """The output is s (BatchNorm(a)) + m, so beta is scaled too."""
    norm, plain, a = NoisyBatchNorm(3, "conv1"), BatchNorm(3), torch.randn(SHAPE)
    for batch_norm in (norm.norm, plain):
        torch.nn.init.constant_(batch_norm.weight, 2.0)
        torch.nn.init.constant_(batch_norm.bias, 3.0)
    norm.begin_step(5, 7)
    s, m = drawn(5, 7)
    torch.testing.assert_close(norm(a), s * plain(a) + m)


def test_replaying_a_step_replays_its_noise_and_a_new_step_does_not():
    """Two passes of one step agree bit for bit; the next step differs."""
    norm, a = NoisyBatchNorm(3, "conv1"), torch.randn(SHAPE)
    norm.begin_step(0, 4)
    first, replayed = norm(a), norm(a)
    norm.begin_step(0, 5)
    following = norm(a)
    norm.begin_step(0, 4)
    assert torch.equal(first, replayed)
    assert torch.equal(first, norm(a))
    assert not torch.equal(first, following)


def test_there_is_no_noise_in_eval_mode():
    """Eval mode is plain BatchNorm's and needs no step."""
    norm, a = NoisyBatchNorm(3, "conv1").eval(), torch.randn(SHAPE)
    assert torch.equal(norm(a), BatchNorm(3).eval()(a))


def test_training_without_a_step_is_refused():
    """A pass that nobody told its step would silently share noise."""
    with pytest.raises(RuntimeError, match="begin_step"):
        NoisyBatchNorm(3, "conv1")(torch.randn(SHAPE))


def test_noise_alone_is_the_same_noise_without_normalisation():
    """Same seed, step and layer: s a + m with noisy BatchNorm's s and m, and no parameter."""
    alone, x = norms.maker("noise")(3, "conv1"), torch.randn(4, 3, 2, 2)
    alone.begin_step(1001, 5)
    s, m = draw(1001, 5, "conv1", x.shape, x)
    assert torch.equal(alone(x), torch.addcmul(m, s, x))
    assert not list(alone.parameters())
    assert torch.equal(alone.eval()(x), x)
