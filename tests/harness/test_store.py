"""The store: whole records or none, damage set aside and said, locks that die with their owner."""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from filelock import Timeout
from toy_bench import ToyBench, toy
from toy_projects import HERE, ROOT
from toy_records import run

from harness.errors import RunMissingError, StoreError
from harness.runs import store as store_module
from harness.runs.keys import KeyMaker
from harness.runs.store import Store, write_aside

ENVIRONMENT = "cpu-torch0-fp64-toy"


@pytest.fixture
def keys(monkeypatch):
    monkeypatch.syspath_prepend(HERE)
    return KeyMaker(ToyBench(scale="desk", options={}))


@pytest.fixture
def filled(tmp_path, keys):
    """Return a store with one record, and its key."""
    store, key = Store(tmp_path / "store", ENVIRONMENT), keys.key(toy(), 3)
    store.write(key, run(3, x=[1.0, float("nan")]), {"key": key.name})
    return store, key


def fresh(store):
    """Return the same store as another process sees it."""
    return Store(store.folder, store.environment)


def test_a_record_is_read_back(filled):
    """What was written is there for everybody."""
    store, key = filled
    assert fresh(store).has(key)
    assert fresh(store).read(key, "toy").series["x"].values[0] == 1.0
    assert fresh(store).environments() == (ENVIRONMENT,)


def test_nothing_half_written_is_ever_in_place(filled, keys, monkeypatch):
    """A write that breaks midway leaves no record, and no file of its own."""
    store, key = filled
    other = keys.key(toy(), 4)

    def broken(self, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(store_module.Path, "hardlink_to", broken)
    with pytest.raises(KeyboardInterrupt):
        store.write(other, run(4, x=[2.0]), {"key": other.name})
    assert not fresh(store).has(other)
    assert [p.name for p in store.path(key).parent.iterdir()] == [store.path(key).name]


def test_what_killed_writers_have_left_is_removed_after_a_day(filled):
    """By who is about to write; what is younger may be in use, and who reads removes nothing."""
    store, key = filled
    folders = (store.folder, store.path(key).parent)
    left = [folder / name for folder in folders for name in (".aside-0a", ".probe-7")]
    for path in left:
        path.write_text("half")
    fresh(store).check_writable()
    assert all(path.exists() for path in left)
    two_days_ago = time.time() - 2 * 24 * 3600
    for path in (*left, store.path(key)):
        os.utime(path, (two_days_ago, two_days_ago))
    Store(store.folder, store.environment, read_only=True).has(key)
    assert all(path.exists() for path in left)
    fresh(store).check_writable()
    assert not any(path.exists() for path in left)
    assert fresh(store).has(key)


def test_a_record_is_never_written_over(filled):
    """A verdict may rest on it: the first stays, to the byte, and the writer learns it."""
    store, key = filled
    before = store.path(key).read_bytes()
    for one in (store, fresh(store)):
        assert not one.write(key, run(3, x=[2.0]), {"key": key.name})
    assert store.path(key).read_bytes() == before
    assert [p.name for p in store.path(key).parent.iterdir()] == [store.path(key).name]


def test_a_damaged_record_gives_way(filled):
    """What cannot be read is set aside, and the new record takes its place."""
    store, key = filled
    store.path(key).write_text("half")
    assert fresh(store).write(key, run(3, x=[2.0]), {"key": key.name})
    assert fresh(store).read(key, "toy").series["x"].values == (2.0,)
    assert len(store.damaged()) == 1


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "not utf-8", "another run's"])
def test_a_damaged_record_is_set_aside_and_said(filled, keys, damage):
    """It no longer counts as there; its content lies in damaged/ for whoever wants to look."""
    store, key = filled
    path = store.path(key)
    content = path.read_bytes()
    if damage == "another run's":
        other = keys.key(toy(), 4)
        store.write(other, run(4, x=[1.0]), {"key": other.name})
        content = store.path(other).read_bytes()
    changed = {
        "cut": content[:40],
        "flip": content.replace(b"1.0", b"1.5", 1),
        "empty": b"",
        "not utf-8": b"\xff" + content,
        "another run's": content,
    }[damage]
    path.write_bytes(changed)
    seen = fresh(store)
    assert not seen.has(key)
    assert not path.exists()
    (name,) = seen.damaged()
    assert (store.folder / "damaged" / name).read_bytes() == changed
    assert seen.damaged(since_ns=time.time_ns()) == ()
    with pytest.raises(RunMissingError):
        seen.read(key, "toy")


def test_damage_in_a_store_that_is_only_read_stays_and_is_said(filled):
    """A shared or read-only store is nobody's to tidy: the file stays, the error names it."""
    store, key = filled
    path = store.path(key)
    path.write_text(path.read_text()[:40])
    reader = Store(store.folder, store.environment, read_only=True)
    assert not reader.has(key)
    with pytest.raises(RunMissingError, match=f"{path} is damaged .*JSON.* and stays where it is"):
        reader.read(key, "toy")
    assert path.exists()
    assert not (store.folder / "damaged").exists()


def test_a_record_that_was_set_aside_is_named_where_it_is_missed(filled):
    """Whoever finds no run learns that there was one, and where it lies."""
    store, key = filled
    store.path(key).write_text("half")
    assert not fresh(store).has(key)
    (aside,) = store.damaged()
    with pytest.raises(
        RunMissingError, match=f"a damaged record of it was set aside, as .*{aside}"
    ):
        Store(store.folder, store.environment, read_only=True).read(key, "toy")


def test_other_files_in_the_damaged_folder_do_no_harm(filled):
    """A note that somebody left there is no record."""
    store, _ = filled
    (store.folder / "damaged").mkdir()
    for name in ("notes.json", "a.b.json", "readme.txt"):
        (store.folder / "damaged" / name).write_text("")
    assert store.damaged() == ()


def test_two_that_find_the_same_damage_do_not_trip(filled, monkeypatch):
    """The second finds it gone already."""
    store, key = filled
    store.path(key).write_text("broken")
    original = Store._set_aside

    def set_aside_by_both(self, key):
        original(self, key)
        original(self, key)

    monkeypatch.setattr(Store, "_set_aside", set_aside_by_both)
    assert not fresh(store).has(key)
    assert len(store.damaged()) == 1


def test_a_folder_that_cannot_be_written_is_a_store_error(filled, keys, monkeypatch):
    """Read-only, full or a file in the way: one typed error that names --store."""
    store, _ = filled
    (store.folder / "plain").write_text("a file")
    for place in (store.folder / "plain" / "x.json", store.folder / "plain" / "y" / "x.json"):
        with pytest.raises(StoreError, match="choose another with --store DIR"):
            write_aside(place, "")
    with pytest.raises(StoreError):
        Store(store.folder / "plain", ENVIRONMENT).check_writable()

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store_module.Path, "write_bytes", full)
    with pytest.raises(StoreError, match="No space left on device"):
        store.write(keys.key(toy(), 4), run(4, x=[1.0]), {})


def test_a_lock_folder_that_cannot_be_made_is_a_store_error(filled, keys):
    """A file where locks should be is said like any other unwritable place."""
    store, _ = filled
    (store.folder / "locks").write_text("")
    with pytest.raises(StoreError, match="cannot write"):
        store.lock(keys.jobs(toy(), [0])[0])


def test_a_record_that_cannot_be_read_is_not_called_damaged(filled, monkeypatch):
    """No permission is no damage: the record stays where it is, and the error says so."""
    store, key = filled

    def refuse(self, **_kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(store_module.Path, "read_text", refuse)
    with pytest.raises(StoreError, match="Permission denied; expected a record"):
        fresh(store).has(key)
    assert store.path(key).exists()


def test_damage_that_cannot_be_set_aside_is_a_store_error(filled, monkeypatch):
    """On a read-only store damage cannot be moved: the message says what to do."""
    store, key = filled
    store.path(key).write_text("broken")

    def refuse(self, target):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(store_module.Path, "replace", refuse)
    with pytest.raises(StoreError, match="is damaged and cannot be set aside: Read-only"):
        fresh(store).has(key)


def test_what_is_missing_says_what_is_there(filled, keys):
    """Other code and other environments are named in the message."""
    store, key = filled
    other_code = replace(key, sources="f" * 64)
    with pytest.raises(RunMissingError, match="holds 1 made with other code; expected code ffff"):
        store.read(other_code, "toy")
    with pytest.raises(RunMissingError, match=r"it holds runs of cpu-torch0-fp64-toy"):
        Store(store.folder, "cuda").read(key, "toy")
    with pytest.raises(RunMissingError, match="no run of toy, seed 4"):
        store.read(keys.key(toy(), 4), "toy")


def test_stores_are_merged_by_copying(filled, keys, tmp_path):
    """Records of two stores in one folder are one store."""
    store, key = filled
    other, key_5 = Store(tmp_path / "other", ENVIRONMENT), keys.key(toy(), 5)
    other.write(key_5, run(5, x=[1.0]), {"key": key_5.name})
    shutil.copytree(other.folder, store.folder, dirs_exist_ok=True)
    assert fresh(store).has(key)
    assert fresh(store).has(key_5)


def test_an_empty_environment_is_none(filled):
    """A folder without a record, or a stray file, names no environment."""
    store, _ = filled
    (store.folder / "runs" / "cuda-empty").mkdir()
    (store.folder / "runs" / ".DS_Store").write_text("")
    assert store.environments() == (ENVIRONMENT,)
    assert Store(store.folder / "nowhere", "x").environments() == ()


def test_a_lock_dies_with_its_owner(tmp_path, keys):
    """A process killed with SIGKILL while it holds a job's lock leaves the job to others."""
    job = keys.jobs(toy(), [0])[0]
    code = (
        "import sys, time\n"
        f"sys.path[:0] = [{str(ROOT)!r}, {str(HERE)!r}]\n"
        "from pathlib import Path\n"
        "from harness.runs.keys import KeyMaker\nfrom harness.runs.store import Store\n"
        "from toy_bench import ToyBench, toy\n"
        "job = KeyMaker(ToyBench(scale='desk', options={})).jobs(toy(), [0])[0]\n"
        f"lock = Store(Path({str(tmp_path)!r}), {ENVIRONMENT!r}).lock(job)\n"
        "lock.acquire()\nprint('held', flush=True)\ntime.sleep(60)\n"
    )
    owner = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    try:
        assert owner.stdout.readline() == "held\n"
        store = Store(tmp_path, ENVIRONMENT)
        with pytest.raises(Timeout):
            store.lock(job).acquire(blocking=False)
        with Store(tmp_path, "another environment").lock(job).acquire(blocking=False):
            pass  # other environments are other jobs
    finally:
        owner.send_signal(signal.SIGKILL)
        owner.wait()
        owner.stdout.close()
    with store.lock(job).acquire(timeout=5):
        pass
