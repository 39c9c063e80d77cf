"""Augmentation: crops and mirror images, as pure functions of (seed, step, place in the batch)."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from harness.errors import ArmError
from models import data, streams, vgg_arm
from models.augment import augmented, draws
from models.bench import VisionBench
from models.deviations import PAD_SHARE
from models.menu import vgg

CPU = torch.device("cpu")
QUICK = VisionBench("quick")


def settings_of(**optional):
    return QUICK.settings(vgg(norm="batch", probes=(), **optional))


def batches(augment, seed=1000, size=8):
    task = data.load("models.digits", "", image_size=size, jitter=None, device=CPU)
    return data.Batches(task, seed, batch=16, steps=4, augment=augmented if augment else None)


class Fixed:
    """Stands in for a generator: every image has these three numbers."""

    def __init__(self, *numbers):
        self.numbers = numbers

    def random(self, shape):
        return np.broadcast_to(np.array(self.numbers), shape)


def by_hand(image, down, right, mirrored, pad):
    """Crop one image (channels, side, side) as torchvision's RandomCrop and flip would."""
    side = image.shape[-1]
    crop = F.pad(image, (pad,) * 4)[:, down : down + side, right : right + side]
    return crop.flip(2) if mirrored else crop


def test_each_image_is_its_crop_or_its_mirror_image():
    """Slices and flips of one image at a time, on CIFAR-10's shape: padding 4."""
    images = torch.rand(20, 3, 32, 32)
    crops, mirrored = draws(streams.generator(3, "x"), 20, 4)
    found = augmented(images, streams.generator(3, "x"))
    for i in range(20):
        expected = by_hand(images[i], *crops[i], mirrored[i], 4)
        assert torch.equal(found[i], expected)
    assert found.shape == images.shape


def test_the_middle_crop_changes_nothing_and_the_corner_shows_the_padding():
    """Half of the way is no shift; the first crop begins 4 pixels outside, in zeros."""
    images = torch.rand(2, 1, 32, 32) + 1
    assert torch.equal(augmented(images, Fixed(0.5, 0.5, 0.9)), images)
    corner = augmented(images, Fixed(0.0, 0.0, 0.9))
    assert (corner[:, :, :4] == 0).all()
    assert torch.equal(corner[:, :, 4:, 4:], images[:, :, :-4, :-4])
    mirrored = augmented(images, Fixed(0.5, 0.5, 0.4))
    assert torch.equal(mirrored, images.flip(3))


def test_half_of_the_images_are_mirrored_and_all_crops_are_alike_likely():
    """90,000 draws: chi squared of 81 crops, and the share of mirrored within 4 SE of a half."""
    n, pad = 90_000, 4
    crops, mirrored = draws(streams.generator(0, "x"), n, pad)
    assert abs(mirrored.mean() - 0.5) < 4 * 0.5 / math.sqrt(n)
    counts = np.bincount(crops[:, 0] * 9 + crops[:, 1], minlength=81)
    assert counts.size == 81
    chi_squared = ((counts - n / 81) ** 2 / (n / 81)).sum()
    assert 40 < chi_squared < 135  # 80 degrees: within the middle 99.9 %
    assert abs(np.corrcoef(crops[:, 0], mirrored)[0, 1]) < 4 / math.sqrt(n)


def test_an_images_draws_do_not_depend_on_how_many_follow_it():
    """A pure function of the place in the batch."""
    few, many = (draws(streams.generator(5, "x"), n, 4) for n in (3, 30))
    assert all(np.array_equal(a, b[:3]) for a, b in zip(few, many, strict=True))


def test_steps_and_seeds_draw_anew_and_reproduce():
    """Equal seed and step: equal bits. Another of either: other crops of the same order."""
    first = batches(True)
    assert torch.equal(first[1][0], batches(True)[1][0])
    assert not torch.equal(first[1][0], batches(True, seed=1001)[1][0])


def test_the_same_images_are_augmented_anew_for_each_step_and_seed():
    """An order that repeats the first step's images, and two seeds with one order."""
    found, others = batches(True), batches(True, seed=1001)
    found.order[1] = others.order[0] = found.order[0]
    assert torch.equal(found[0][1], found[1][1])
    assert not torch.equal(found[0][0], found[1][0])
    assert not torch.equal(found[0][0], others[0][0])


def test_off_means_identical_bits_and_the_order_and_labels_stay():
    """The stream is its own: augmentation shifts neither order nor jitter."""
    plain, augment = batches(False), batches(True)
    assert torch.equal(plain[2][1], augment[2][1])
    assert not torch.equal(plain[2][0], augment[2][0])
    off, left_out = settings_of(augment=False), settings_of()
    assert off == left_out
    assert "augment" not in off
    task = data.load("models.digits", "", image_size=8, jitter=None, device=CPU)
    rows = data.batch_order(1000, len(task.train_labels), 16, 4)[2]
    draw = streams.generator(1000, "jitter", 2)
    assert torch.equal(plain[2][0], task.standardised(task.train_images[rows], draw))


def test_an_arm_is_trained_on_augmented_images():
    """The setting reaches the batches: other losses from the same weights, said on the card."""
    plain, augment = settings_of() | {"steps": 3}, settings_of(augment=True) | {"steps": 3}
    losses = [
        vgg_arm.run(one, 1000, CPU, "", lambda *_: None).series["train_loss"].values
        for one in (plain, augment)
    ]
    assert losses[0][0] != losses[1][0]
    arm = vgg(norm="batch", augment=True)
    assert VisionBench("paper").describe(arm) == "VGG-16, BatchNorm, LR 0.1, augmented"
    said = " ".join(VisionBench("paper").deviations(arm, "test_accuracy"))
    assert "its padding with 4 pixels of 0" in said
    assert "augmentation" not in " ".join(VisionBench("paper").deviations(vgg(), "test_accuracy"))


def test_the_test_images_are_never_augmented():
    """What is measured is the accuracy on the images as they are."""
    tasks = [vgg_arm.load_task(settings_of(augment=on), "", CPU) for on in (True, False)]
    assert torch.equal(*(task.test_set()[0] for task in tasks))


def test_the_padding_that_is_said_is_the_padding():
    """The sentence on the card cannot import torch; its number is this one."""
    from models import augment

    assert PAD_SHARE == augment.PAD_SHARE


def test_anything_but_on_or_off_is_refused():
    """Got, expected."""
    with pytest.raises(ArmError, match="augment: got 'crop', expected True or False"):
        settings_of(augment="crop")
