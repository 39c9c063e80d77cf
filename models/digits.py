"""The digits of scikit-learn: 1797 real scans of 8x8 pixels, bundled with the library."""

import hashlib

import numpy as np

from harness.errors import DataError
from models.images import ImageArrays

MD5 = "7696c07daa6d85010f8268703ab8b067"
"""Of the images and then the labels, each as bytes; checked whenever they are loaded."""

CLASSES = 10
CHANNELS = 1
MAX_PIXEL = 16


def prepare(data_dir: str) -> None:
    """Do nothing: the digits come with scikit-learn and are checked when loaded."""


def load(data_dir: str) -> ImageArrays:  # noqa: ARG001 (the signature of all data sets)
    """Return the digits with every fifth one kept for testing. Raises DataError if they changed."""
    from sklearn.datasets import load_digits  # late: 1 s, and only training needs it

    bunch = load_digits()
    images, labels = bunch.images.astype(np.uint8), bunch.target.astype(np.uint8)
    _verify(images, labels)
    test = np.arange(len(images)) % 5 == 4
    pixels = (images.astype(np.float32) / MAX_PIXEL)[:, None]  # (1797, 1, 8, 8)
    return ImageArrays(
        train_images=pixels[~test],
        train_labels=labels[~test].astype(np.int64),
        test_images=pixels[test],
        test_labels=labels[test].astype(np.int64),
    )


def _verify(images: np.ndarray, labels: np.ndarray) -> None:
    got = hashlib.md5(images.tobytes() + labels.tobytes(), usedforsecurity=False).hexdigest()
    if got != MD5:
        raise DataError(
            f"digits: got md5 {got}, expected {MD5}; the bundled data of scikit-learn differ from "
            "those that runs are keyed by: install scikit-learn 1.5 or later from PyPI"
        )
