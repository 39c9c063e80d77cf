"""A store's records as a few archives of bounded size, and back.

Each part is a .tar.gz of its own, with the records under ``runs/<environment>/`` as they lie in a
store; unpacking all parts into a store, in any order and more than once, gives the same records.
Equal records make equal parts. No record of a folder is lost by packing into it, whenever the
process is killed.
"""

import gzip
import io
import re
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from uuid import uuid4

from harness.errors import StoreError
from harness.runs.files import remove_left, write_aside

PART_BYTES = 14 * 2**20
"""A part is closed once it has grown to this; a record of 15,000 steps adds about 0.37 MB."""

NAME = "store-{}.tar.gz"
PATTERN = "store-*.tar.gz"
ASIDES = "store-*.aside"  # of a process that was killed before its parts were whole
RECORD = re.compile(r"runs/[\w+-][\w.+-]*/[\w+-][\w.+-]*\.json")


def pack(
    store: Path, folder: Path, environments: Sequence[str], *, part_bytes: int = PART_BYTES
) -> list[Path]:
    """Write the environments' records into parts in the folder, and return the parts.

    What an earlier call, or another store, has left there is unpacked into the store first and
    packed again with them, whatever its environment. Without any record all stays as it is. Raises
    StoreError for a part there that cannot be unpacked.
    """
    for left in folder.glob(ASIDES):
        left.unlink()
    remove_left(folder)
    _, there = _unpacked(folder, store)
    wanted = sorted(there.union(environments))
    waiting = [path for name in wanted for path in sorted((store / "runs" / name).glob("*.json"))]
    asides: list[Path] = []
    while waiting:
        asides.append(folder / f"{NAME.format(len(asides) + 1)}.aside")
        waiting = _write_part(asides[-1], store, waiting, part_bytes)
    return _placed(asides) if asides else sorted(folder.glob(PATTERN))


def _placed(asides: Sequence[Path]) -> list[Path]:
    """Put the new parts in place of all that are there, and return them.

    Under names of their own first, beside the old ones: from then on the new ones are all there.
    """
    folder, token = asides[0].parent, uuid4().hex
    beside = [folder / NAME.format(f"{token}-{n}") for n in range(1, len(asides) + 1)]
    parts = [folder / NAME.format(n) for n in range(1, len(asides) + 1)]
    for old, new in (*zip(asides, beside, strict=True), *zip(beside, parts, strict=True)):
        old.replace(new)
    for stale in set(folder.glob(PATTERN)) - set(parts):
        stale.unlink()
    return parts


def _write_part(path: Path, store: Path, records: list[Path], part_bytes: int) -> list[Path]:
    """Write as many records as fit into a part, one at least, and return the others."""
    with (
        path.open("wb") as raw,
        gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=6, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as part,
    ):
        for number, record in enumerate(records):
            if number and raw.tell() >= part_bytes:
                return records[number:]
            content = record.read_bytes()
            entry = tarfile.TarInfo(record.relative_to(store).as_posix())
            entry.size = len(content)
            part.addfile(entry, io.BytesIO(content))
            packed.flush()  # or the size would lag behind
    return []


def unpack(folder: Path, store: Path) -> int:
    """Put the records of a folder's parts into the store and return how many were not there yet.

    Raises StoreError for a part that is damaged or holds anything but records; no record of any
    part is then put there.
    """
    new, _ = _unpacked(folder, store)
    return new


def _unpacked(folder: Path, store: Path) -> tuple[int, set[str]]:
    """Unpack; return how many records were new, and of which environments the parts hold some."""
    names = {
        path: [name for name, _ in _records(path)] for path in sorted(folder.glob(PATTERN))
    }  # all are read before the first is written
    new = sum(_add(path, store) for path, inside in names.items() if not _has(store, inside))
    return new, {name.parts[1] for inside in names.values() for name in inside}


def _has(store: Path, names: Sequence[PurePosixPath]) -> bool:
    return all((store / name).exists() for name in names)


def _add(path: Path, store: Path) -> int:
    """Write the records of a part that the store has not, and return how many."""
    new = 0
    for name, text in _records(path):
        target = store / name
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            write_aside(target, text)
            new += 1
    return new


def _records(path: Path) -> Iterator[tuple[PurePosixPath, str]]:
    """Yield each record of a part once all of it has been checked; tarfile compares no checksum."""
    try:
        whole = gzip.decompress(path.read_bytes())  # compares its checksum and its length
        with tarfile.open(fileobj=io.BytesIO(whole), mode="r:") as part:
            for entry in part:
                name = PurePosixPath(entry.name)
                content = part.extractfile(entry) if entry.isfile() else None
                if not RECORD.fullmatch(entry.name) or content is None:
                    raise StoreError(
                        f"{path}: got an entry {entry.name!r}; expected records of a store, as "
                        "in runs/<environment>/<run>.json"
                    )
                yield name, content.read().decode("utf-8")
    except (tarfile.TarError, EOFError, OSError, UnicodeDecodeError, zlib.error) as error:
        raise StoreError(
            f"{path}: cannot be unpacked: {error}; expected a part that `claims programme` wrote, "
            "whole; copy it anew, or remove it and train its runs again"
        ) from error
