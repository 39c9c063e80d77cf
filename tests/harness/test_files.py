"""Writing aside: the whole text or the old file, and nothing left beside it."""

from pathlib import Path

import pytest

from harness.files import write_aside


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
