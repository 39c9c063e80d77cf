"""Writing aside: the whole text or the old file, and nothing left beside it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness.runs import files
from harness.runs.files import write_aside, write_new


def test_a_text_is_written_byte_for_byte(tmp_path):
    """In UTF-8, line ends as given, over what was there, and as readable as any other file."""
    path, plain = tmp_path / "a.txt", tmp_path / "plain"
    plain.write_text("")
    write_aside(path, "before")
    write_aside(path, "é\r\nb\n")
    assert path.read_bytes() == b"\xc3\xa9\r\nb\n"
    assert path.stat().st_mode == plain.stat().st_mode
    assert sorted(tmp_path.iterdir()) == [path, plain]


@pytest.mark.parametrize("step", ["write_bytes", "replace"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_write_that_breaks_leaves_the_old_file(tmp_path, monkeypatch, step, error):
    """At either step; the error passes through as it is."""
    path = tmp_path / "a.txt"
    path.write_text("before")
    done = getattr(Path, step)

    def broken(self, argument):
        if step == "write_bytes":
            done(self, argument[:2])
        raise error

    monkeypatch.setattr(Path, step, broken)
    with pytest.raises(type(error)) as caught:
        write_aside(path, "after")
    assert caught.value is error
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_the_first_error_is_said_where_the_rest_cannot_be_removed(tmp_path, monkeypatch):
    """A folder that lets nothing be moved lets nothing be removed, either."""

    def refuse(self, *_args, **_kwargs):
        raise PermissionError(13, "cannot remove")

    def full(self, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(OSError, match="No space left on device"):
        write_aside(tmp_path / "a.txt", "text")


def test_a_missing_folder_and_text_that_is_no_text_are_refused(tmp_path):
    """It makes no folder, and a lone surrogate touches nothing."""
    with pytest.raises(FileNotFoundError):
        write_aside(tmp_path / "nowhere" / "a.txt", "text")
    with pytest.raises(UnicodeEncodeError):
        write_aside(tmp_path / "a.txt", "\udcff")
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_removed_stays(tmp_path, monkeypatch):
    """A folder of that name, and a file that another process removes first."""
    (tmp_path / ".aside-folder").mkdir()
    (tmp_path / ".aside-gone").symlink_to(tmp_path / "nowhere")
    monkeypatch.setattr(files, "OLD_AFTER_S", -60)
    files.remove_left(tmp_path)
    assert (tmp_path / ".aside-folder").is_dir()


def test_a_new_file_is_written_once(tmp_path):
    """The first stays, to the byte; nothing is left beside it."""
    path = tmp_path / "a.txt"
    assert write_new(path, "first")
    assert not write_new(path, "second")
    assert path.read_text() == "first"
    assert list(tmp_path.iterdir()) == [path]


def test_without_hard_links_a_new_file_is_still_written_once(tmp_path, monkeypatch):
    """Some file systems have none."""

    def refuse(self, target):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    test_a_new_file_is_written_once(tmp_path)


def test_of_many_writers_one_writes(tmp_path):
    """Whoever comes first; no reader ever sees a part or another's text after it."""
    path = tmp_path / "a.txt"
    with ThreadPoolExecutor(8) as pool:
        written = list(pool.map(lambda text: write_new(path, text), map(str, range(64))))
    assert sum(written) == 1
    assert path.read_text() == str(written.index(True))


def test_a_new_file_that_breaks_leaves_nothing(tmp_path, monkeypatch):
    """Not the file, and nothing beside it."""

    def broken(aside, path):
        raise KeyboardInterrupt

    monkeypatch.setattr(files, "_link", broken)
    with pytest.raises(KeyboardInterrupt):
        write_new(tmp_path / "a.txt", "text")
    assert list(tmp_path.iterdir()) == []
