"""CIFAR-10 through torchvision; the one module that imports it."""

import hashlib
import importlib.metadata
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from harness.errors import DataError
from models.images import ImageArrays

CLASSES = 10
CHANNELS = 3
FOLDER = "cifar-10-batches-py"
ARCHIVE = "cifar-10-python.tar.gz"
FILES = {
    "data_batch_1": "c99cafc152244af753f735de768cd75f",
    "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
    "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
    "data_batch_4": "634d18415352ddfa80567beed471001a",
    "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
    "test_batch": "40351d587109b95175f43aff81a1287e",
    "batches.meta": "5ff9c542aee3614f3951f8cda6e48888",
}
"""The published files and their md5, as torchvision has them."""

MD5 = hashlib.md5("".join(FILES.values()).encode(), usedforsecurity=False).hexdigest()
"""Of the files' md5s, joined in the order above."""


def prepare(data_dir: str) -> None:
    """See that the published files lie in ``data_dir``; download them where the folder is absent.

    Raises DataError for a missing or changed file, and where the download fails.
    """
    folder = Path(data_dir) / FOLDER
    if not folder.exists():
        _download(Path(data_dir))
    _verify(folder)


def load(data_dir: str) -> ImageArrays:
    """Return CIFAR-10 from ``data_dir``, its files checked. Raises DataError."""
    _verify(Path(data_dir) / FOLDER)
    train, test = _split(data_dir, train=True), _split(data_dir, train=False)
    return ImageArrays(
        train_images=_pixels(train.data),
        train_labels=np.asarray(train.targets, dtype=np.int64),
        test_images=_pixels(test.data),
        test_labels=np.asarray(test.targets, dtype=np.int64),
    )


def _verify(folder: Path) -> None:
    for name, expected in FILES.items():
        path = folder / name
        if not path.is_file():
            raise DataError(
                f"CIFAR-10: got no file {path}, expected the seven files of the python version in "
                f"{folder}; give their parent folder as --data-dir, or remove {folder} to have "
                "them downloaded"
            )
        got = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
        if got != expected:
            raise DataError(
                f"CIFAR-10: got md5 {got} for {path}, expected {expected}; the file is damaged or "
                f"not the published one: remove {folder} and run again"
            )


def _download(data_dir: Path) -> None:
    """Download the files unless another process does: the folder is there whole, or not at all."""
    from filelock import FileLock

    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        with FileLock(data_dir / ".cifar10.lock"):
            if not (data_dir / FOLDER).exists():
                _download_aside(data_dir)
    except (OSError, RuntimeError) as error:
        raise DataError(
            f"CIFAR-10: got no folder {data_dir / FOLDER} and no download ({error}); expected "
            "either: give a folder that holds cifar-10-batches-py as --data-dir, or go online"
        ) from error


def _download_aside(data_dir: Path) -> None:
    """Let torchvision unpack beside the folder's place, from the archive if that lies there."""
    with tempfile.TemporaryDirectory(prefix=".cifar10-", dir=data_dir) as aside:
        if (data_dir / ARCHIVE).exists():
            (Path(aside) / ARCHIVE).symlink_to((data_dir / ARCHIVE).resolve())
        dataset_class()(aside, download=True)
        (Path(aside) / FOLDER).replace(data_dir / FOLDER)


def _split(data_dir: str, *, train: bool) -> Any:
    return dataset_class()(data_dir, train=train, download=False)


def _pixels(images: np.ndarray) -> np.ndarray:
    """Return bytes (n, h, w, channels) as float32 (n, channels, h, w) in [0, 1]."""
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2)).astype(np.float32) / 255


MISSING_OPERATORS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_SHIMS: list[Any] = []  # alive as long as the process: torchvision registers on what they declare


def dataset_class() -> Any:
    """Return torchvision's CIFAR10 class, with two operators declared where its own do not load.

    PyPI's torchvision is built for CUDA torch. Beside a CPU torch its compiled operators do not
    load and ``import torchvision`` fails at torchvision::nms, although the data sets are pure
    Python. The schemas are declared only then.
    """
    if "torchvision" not in sys.modules and not _operators_load():
        import torch

        declared = torch.library.Library("torchvision", "FRAGMENT")
        for schema in MISSING_OPERATORS:
            declared.define(schema)
        _SHIMS.append(declared)
    from torchvision.datasets import CIFAR10

    return CIFAR10


def _operators_load() -> bool:
    """Return whether torchvision's compiled operators load beside this torch."""
    import torch

    try:
        files = importlib.metadata.files("torchvision") or []
    except importlib.metadata.PackageNotFoundError as error:
        raise DataError(
            "CIFAR-10: got no torchvision, expected version 0.26 or later; pip install torchvision"
        ) from error
    libraries = [file.locate() for file in files if re.fullmatch(r"_C\b.*\.so", file.name)]
    try:
        for library in libraries:
            torch.ops.load_library(str(library))
    except OSError:
        return False
    return bool(libraries)
