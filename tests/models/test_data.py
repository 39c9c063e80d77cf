"""Digits, jitter and the order of batches."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from harness.errors import DataError
from models import data, digits
from models.jitter import Jitter, affine, jittered

STILL = Jitter(rotation_deg=0, scale=0, shift=0, noise=0)
CPU = torch.device("cpu")


def task(jitter=None, size=8):
    return data.load("models.digits", "", image_size=size, jitter=jitter, device=CPU)


class FixedDraw:
    """Stands in for a generator: uniform() returns the extreme, normals are those of seed 0."""

    def uniform(self, low, high, shape):
        return np.full(shape, high)

    def standard_normal(self, shape, dtype):
        return np.random.default_rng(0).standard_normal(shape, dtype=dtype)


def test_digits_are_split_once_and_for_all():
    """Every fifth image is for testing; all ten classes are on both sides."""
    arrays = digits.load("")
    assert arrays.train_images.shape == (1438, 1, 8, 8)
    assert arrays.test_images.shape == (359, 1, 8, 8)
    assert set(arrays.train_labels) == set(arrays.test_labels) == set(range(10))
    assert 0 <= arrays.train_images.min() < arrays.train_images.max() == 1
    fifth = load_digits().images[4::5, None] / 16  # the fifth, the tenth, ...
    np.testing.assert_array_equal(arrays.test_images, fifth.astype(np.float32))


def test_the_precision_of_a_session_does_not_move_the_images():
    """Where pixels are looked up is a matrix product, which autocast would take in bf16."""
    images = torch.rand(16, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    jitter = Jitter(rotation_deg=10, scale=0.1, shift=0.1, noise=0.1)
    plain = jittered(images, jitter, 8, np.random.default_rng(0))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = jittered(images, jitter, 8, np.random.default_rng(0))
    assert torch.equal(plain, inside)


def test_changed_digits_are_refused(monkeypatch):
    """An md5 other than the published constant is a DataError with both and what to do."""
    monkeypatch.setattr(digits, "MD5", "0" * 32)
    with pytest.raises(DataError, match=r"got md5 7696.* expected 0000.* install"):
        digits.load("")


def test_digits_are_standardised_by_the_training_set():
    """Without jitter the training pixels have mean 0 and standard deviation 1."""
    found = task()
    pixels = found.standardised(found.train_images, FixedDraw())
    assert pixels.mean().item() == pytest.approx(0, abs=1e-5)
    assert pixels.std().item() == pytest.approx(1, abs=1e-3)
    assert pixels.is_contiguous(memory_format=torch.channels_last)


def test_jitter_of_nothing_changes_nothing():
    """All strengths 0 is the identity."""
    images = torch.rand(5, 2, 8, 8)
    torch.testing.assert_close(jittered(images, STILL, 8, FixedDraw()), images)


def test_rotation_by_a_right_angle_is_rot90():
    """The angle is in degrees and turns about the image's centre."""
    images = torch.rand(3, 1, 8, 8)
    turned = jittered(images, Jitter(rotation_deg=90, scale=0, shift=0, noise=0), 8, FixedDraw())
    torch.testing.assert_close(turned, images.rot90(1, (2, 3)), atol=1e-5, rtol=1e-4)


def test_shift_is_a_share_of_the_side():
    """A shift of 1/8 moves an 8x8 image by one pixel along both axes and brings in zeros."""
    images = torch.rand(3, 1, 8, 8)
    moved = jittered(images, Jitter(rotation_deg=0, scale=0, shift=1 / 8, noise=0), 8, FixedDraw())
    torch.testing.assert_close(moved[..., :-1, :-1], images[..., 1:, 1:], atol=1e-5, rtol=1e-4)
    assert not moved[..., -1, :].any()


def test_scale_magnifies_about_the_centre():
    """A scale of 1 doubles: a centred square of 2 pixels becomes one of 4."""
    images = torch.zeros(1, 1, 8, 8)
    images[..., 3:5, 3:5] = 1
    big = jittered(images, Jitter(rotation_deg=0, scale=1, shift=0, noise=0), 8, FixedDraw())
    assert big.sum().item() == pytest.approx(16, rel=0.05)


def test_pixel_noise_has_its_standard_deviation():
    """Noise is normal and independent of the image."""
    images = torch.zeros(200, 1, 8, 8)
    noisy = jittered(images, Jitter(rotation_deg=0, scale=0, shift=0, noise=0.3), 8, FixedDraw())
    assert noisy.std().item() == pytest.approx(0.3, rel=0.03)


def test_each_image_is_moved_by_a_draw_of_its_own():
    """Maps differ between images and stay within their bounds."""
    jitter = Jitter(rotation_deg=10, scale=0.2, shift=0.1, noise=0)
    maps = affine(jitter, 500, np.random.default_rng(0))
    zoom = np.hypot(maps[:, 0, 0], maps[:, 1, 0])
    angle = np.rad2deg(np.arctan2(maps[:, 1, 0], maps[:, 0, 0]))
    assert 1 / 1.2 <= zoom.min() < 0.85
    assert 1.2 < zoom.max() <= 1 / 0.8
    assert 9 < np.abs(angle).max() <= 10
    assert 0.19 < np.abs(maps[:, :, 2]).max() <= 0.2


@pytest.mark.parametrize("jitter", [None, STILL])
def test_images_are_resized_with_and_without_jitter(jitter):
    """The look-up resizes as bilinear interpolation does (inside the border)."""
    images = torch.rand(2, 1, 8, 8)
    big = jittered(images, jitter, 16, FixedDraw())
    expected = torch.nn.functional.interpolate(
        images, size=16, mode="bilinear", align_corners=False
    )
    torch.testing.assert_close(big[..., 1:-1, 1:-1], expected[..., 1:-1, 1:-1])


def test_order_passes_over_all_images_before_any_returns():
    """Each pass is a permutation; a batch may span two; seeds differ."""
    order = data.batch_order(0, images=10, batch=4, steps=7)
    assert order.shape == (7, 4)
    flat = order.ravel()
    assert sorted(flat[:10]) == sorted(flat[10:20]) == list(range(10))
    assert not np.array_equal(flat[:10], flat[10:20])
    assert not np.array_equal(order, data.batch_order(1, images=10, batch=4, steps=7))


def test_a_batch_is_a_function_of_seed_and_step():
    """Steps can be taken in any order and repeated; the next step and seed are other images."""
    found = task(Jitter(rotation_deg=15, scale=0.1, shift=0.1, noise=0.1))
    batches, others = (data.Batches(found, seed, batch=16, steps=5) for seed in (0, 1))
    late, early = batches[3], batches[0]
    assert torch.equal(late[0], batches[3][0])
    assert not torch.equal(early[0], late[0])
    assert not torch.equal(early[0], others[0][0])
    order = data.batch_order(0, 1438, 16, 5)
    assert torch.equal(early[1], found.train_labels[torch.from_numpy(order[0])])


def test_the_same_images_are_jittered_anew_for_each_step_and_seed():
    """An order that repeats the first step's images, and two seeds with one order."""
    found = task(Jitter(rotation_deg=15, scale=0.1, shift=0.1, noise=0.1))
    batches, others = (data.Batches(found, seed, batch=16, steps=2) for seed in (0, 1))
    batches.order[1] = others.order[0] = batches.order[0]
    first, second, other = batches[0], batches[1], others[0]
    assert torch.equal(first[1], second[1])
    assert not torch.equal(first[0], second[0])
    assert not torch.equal(first[0], other[0])


def test_the_test_set_is_jittered_once_for_all_seeds():
    """Two calls give the same images, which are not the raw ones."""
    found = task(Jitter(rotation_deg=15, scale=0.1, shift=0.1, noise=0.1))
    assert torch.equal(found.test_set()[0], found.test_set()[0])
    assert not torch.allclose(found.test_set()[0], task().test_set()[0])
