"""A store's records as a few archives of bounded size, and back.

Each part is a .tar.gz of its own, with the records under ``runs/<environment>/`` as they lie in a
store; unpacking all parts into a store, in any order and more than once, gives the same records.
Equal records make equal parts.
"""

import gzip
import io
import os
import re
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from harness.errors import StoreError
from harness.runs.files import write_aside

PART_BYTES = 14 * 2**20
"""A part is closed once it has grown to this; a record of 15,000 steps adds about 0.3 MB."""

NAME = "store-{}.tar.gz"
PATTERN = "store-*.tar.gz"
RECORD = re.compile(r"runs/[\w+-][\w.+-]*/[\w+-][\w.+-]*\.json")


def pack(
    store: Path, folder: Path, environments: Sequence[str], *, part_bytes: int = PART_BYTES
) -> list[Path]:
    """Write the environments' records into parts in the folder, and return the parts.

    Parts that an earlier call left there are replaced, all at once when the new ones are whole, and
    removed where there are fewer now. Without any record they stay as they are.
    """
    records = [
        path for name in environments for path in sorted((store / "runs" / name).glob("*.json"))
    ]
    if not records:
        return sorted(folder.glob(PATTERN))
    asides: dict[Path, Path] = {}
    waiting = records
    while waiting:
        part = folder / NAME.format(len(asides) + 1)
        asides[part] = part.with_suffix(".aside")
        waiting = _write_part(asides[part], store, waiting, part_bytes)
    for part, aside in asides.items():
        os.replace(aside, part)  # noqa: PTH105 - as every file here is moved into place
    for stale in set(folder.glob(PATTERN)) - set(asides):
        stale.unlink()
    return list(asides)


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

    Raises StoreError for a part that is damaged or holds anything but records.
    """
    new = 0
    for path in sorted(folder.glob(PATTERN)):
        for name, text in _records(path):
            target = store / name
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                write_aside(target, text)
                new += 1
    return new


def _records(path: Path) -> Iterator[tuple[PurePosixPath, str]]:
    try:
        with tarfile.open(path, mode="r:gz") as part:
            for entry in part:
                name = PurePosixPath(entry.name)
                content = part.extractfile(entry) if entry.isfile() else None
                if not RECORD.fullmatch(entry.name) or content is None:
                    raise StoreError(
                        f"{path}: got an entry {entry.name!r}; expected records of a store, as "
                        "in runs/<environment>/<run>.json"
                    )
                yield name, content.read().decode("utf-8")
    except (tarfile.TarError, EOFError, OSError, UnicodeDecodeError) as error:
        raise StoreError(
            f"{path}: cannot be unpacked: {error}; expected a part that `claims programme` wrote"
        ) from error
