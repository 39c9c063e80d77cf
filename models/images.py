"""A data set of labelled images in memory, before it meets torch."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageArrays:
    """Images (n, channels, height, width) with pixels in [0, 1], float32; labels (n,), int64."""

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
