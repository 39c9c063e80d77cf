"""CIFAR-10 through torchvision, on a made-up folder of the right form."""

import hashlib
import pickle
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from harness.errors import DataError
from models import cifar

IMAGES = 20  # in each made-up file


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Make a data folder in CIFAR-10's form whose md5s the module is told to expect."""
    inside = tmp_path / cifar.FOLDER
    inside.mkdir()
    source = np.random.default_rng(0)
    for name in cifar.FILES:
        if name == "batches.meta":
            content = {"label_names": [str(i) for i in range(10)]}
        else:
            pixels = source.integers(0, 256, (IMAGES, 3072), dtype=np.uint8)
            content = {"data": pixels, "labels": [i % 10 for i in range(IMAGES)]}
        (inside / name).write_bytes(pickle.dumps(content))
    md5 = {name: hashlib.md5((inside / name).read_bytes()).hexdigest() for name in cifar.FILES}  # noqa: S324
    monkeypatch.setattr(cifar, "FILES", md5)
    from torchvision.datasets import CIFAR10

    monkeypatch.setattr(CIFAR10, "train_list", [[n, md5[n]] for n in md5 if n.startswith("data")])
    monkeypatch.setattr(CIFAR10, "test_list", [["test_batch", md5["test_batch"]]])
    monkeypatch.setattr(
        CIFAR10,
        "meta",
        {"filename": "batches.meta", "key": "label_names", "md5": md5["batches.meta"]},
    )
    return tmp_path


@pytest.fixture(autouse=True, scope="module")
def _torchvision():
    cifar.dataset_class()


def test_images_come_as_channels_first_in_unit_range(folder):
    """Pixels are those of the files, red plane first; labels keep their order."""
    cifar.prepare(str(folder))
    arrays = cifar.load(str(folder))
    assert arrays.train_images.shape == (5 * IMAGES, 3, 32, 32)
    assert arrays.test_images.shape == (IMAGES, 3, 32, 32)
    raw = pickle.loads((folder / cifar.FOLDER / "test_batch").read_bytes())["data"]  # noqa: S301
    assert arrays.test_images[3] == pytest.approx(raw[3].reshape(3, 32, 32) / 255)
    assert arrays.test_labels.tolist() == [i % 10 for i in range(IMAGES)]


def test_a_missing_file_is_named(folder):
    """What was got, what was expected and what to do."""
    (folder / cifar.FOLDER / "data_batch_3").unlink()
    with pytest.raises(DataError, match=r"got no file .*data_batch_3, expected .*--data-dir"):
        cifar.prepare(str(folder))


@pytest.mark.parametrize("check", [cifar.prepare, cifar.load])
def test_a_changed_file_is_named(folder, check):
    """A wrong md5 is refused before anything is unpickled."""
    (folder / cifar.FOLDER / "test_batch").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(DataError, match=r"got md5 .*test_batch, expected .* remove"):
        check(str(folder))


def test_a_failed_download_says_what_to_do(tmp_path, monkeypatch):
    """Offline without the files: a DataError that names the folder and the option."""

    def offline(root, download):
        raise OSError("no network")

    monkeypatch.setattr(cifar, "dataset_class", lambda: offline)
    with pytest.raises(DataError, match=r"got no folder .* no download \(no network\).*--data-dir"):
        cifar.prepare(str(tmp_path / "absent"))


class Download:
    """Stands in for torchvision: unpacks the files one by one, slowly after the first."""

    def __init__(self, source, *, breaks=False):
        self.source, self.breaks = source, breaks
        self.begun = threading.Event()
        self.archives = []

    def __call__(self, root, download):
        archive = Path(root, cifar.ARCHIVE)
        self.archives.append(archive.read_text() if archive.exists() else None)
        Path(root, cifar.FOLDER).mkdir()
        for name in cifar.FILES:
            shutil.copy(self.source / cifar.FOLDER / name, Path(root, cifar.FOLDER, name))
            if not self.begun.is_set():
                self.begun.set()
                time.sleep(0.3)
            if self.breaks:
                raise OSError("no network any more")


def test_who_comes_by_during_a_download_waits_for_all_of_it(folder, tmp_path, monkeypatch):
    """Two processes that start together: one downloads, neither sees half of the files."""
    download, place = Download(folder), tmp_path / "new"
    monkeypatch.setattr(cifar, "dataset_class", lambda: download)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(cifar.prepare, str(place))
        assert download.begun.wait(timeout=30)
        second = pool.submit(cifar.prepare, str(place))
        second.result(timeout=30)
        first.result(timeout=30)
    assert download.archives == [None]
    assert [path.name for path in place.iterdir() if path.is_dir()] == [cifar.FOLDER]


def test_a_download_that_breaks_off_leaves_no_folder(folder, tmp_path, monkeypatch):
    """So the next try begins anew."""
    place = tmp_path / "new"
    monkeypatch.setattr(cifar, "dataset_class", lambda: Download(folder, breaks=True))
    with pytest.raises(DataError, match="no network any more"):
        cifar.prepare(str(place))
    assert not (place / cifar.FOLDER).exists()
    monkeypatch.setattr(cifar, "dataset_class", lambda: Download(folder))
    cifar.prepare(str(place))


def test_an_archive_that_lies_there_is_unpacked(folder, tmp_path, monkeypatch):
    """Torchvision finds it where it unpacks, and needs no network."""
    download, place = Download(folder), tmp_path / "new"
    monkeypatch.setattr(cifar, "dataset_class", lambda: download)
    place.mkdir()
    (place / cifar.ARCHIVE).write_text("the archive")
    cifar.prepare(str(place))
    assert download.archives == ["the archive"]
    assert (place / cifar.ARCHIVE).read_text() == "the archive"


def test_the_published_md5s_are_torchvisions():
    """The constants are those that torchvision checks its own download by."""
    published = cifar.dataset_class()
    assert published.filename == cifar.ARCHIVE
    listed = [*published.train_list, *published.test_list]
    assert dict(listed) | {"batches.meta": published.meta["md5"]} == cifar.FILES


@pytest.mark.parametrize("operators", ["as installed", "declared"])
def test_the_data_set_imports_beside_any_torch(operators):
    """In a fresh process the class imports, with torchvision's own operators or declared ones."""
    code = (
        "from models import cifar\n"
        "import torch\n"
        "cls = cifar.dataset_class()\n"
        "assert cls is cifar.dataset_class()\n"
        "assert hasattr(torch.ops.torchvision, 'nms')\n"
        "print(cls.__name__, len(cifar._SHIMS))\n"
    )
    if operators == "declared":
        from models.cifar import _operators_load

        if _operators_load():
            pytest.skip("torchvision's own operators load beside this torch")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    name, shims = done.stdout.split()
    assert name == "CIFAR10"
    assert operators == "as installed" or shims == "1"
