"""Run records as strict JSON, and back. Non-finite numbers are written as words."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

from harness.errors import StoreError
from harness.records import Histograms, RunRecord, Series
from harness.runs.keys import canonical, sha256

FORMAT = 1
WORDS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def encode(record: RunRecord, about: Mapping[str, object]) -> str:
    """Return the record as one line of JSON with its sha256; ``about`` says where it comes from."""
    body = {"format": FORMAT, "about": dict(about), "record": _plain(record)}
    return f"{canonical({**body, 'sha256': sha256(body)})}\n"


def same_numbers(one: RunRecord, other: RunRecord) -> bool:
    """Return whether two records hold the same numbers to the bit, wherever and however fast."""
    bare = (replace(record, wall_s=0.0, hardware={}) for record in (one, other))
    return len({sha256(_plain(record)) for record in bare}) == 1


def decode(text: str) -> tuple[RunRecord, Mapping[str, object]]:
    """Return the record and what was said about it. Raises StoreError where it is damaged."""
    try:
        body = json.loads(text, parse_constant=_refuse)
        digest = body.pop("sha256")
        if body["format"] != FORMAT:
            raise StoreError(f"record: got format {body['format']}; expected {FORMAT}")
        if sha256(body) != digest:
            raise StoreError("record: its checksum does not match its content")
        return _record(body["record"]), body["about"]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StoreError(f"record: cannot be read: {error!r}") from error


def _refuse(token: str) -> float:
    raise ValueError(f"got the token {token}; strict JSON has none")


def _plain(record: RunRecord) -> dict[str, object]:
    return {
        "seed": record.seed,
        "steps": record.steps,
        "diverged_at": record.diverged_at,
        "wall_s": record.wall_s,
        "hardware": dict(record.hardware),
        "series": {
            name: {"steps": list(series.steps), "values": _words(series.values)}
            for name, series in record.series.items()
        },
        "histograms": {
            name: {
                "steps": list(histograms.steps),
                "edges": list(histograms.edges),
                "counts": [list(row) for row in histograms.counts],
            }
            for name, histograms in record.histograms.items()
        },
    }


def _words(values: Iterable[float]) -> list[float | str]:
    return [value if math.isfinite(value) else str(value) for value in map(float, values)]


def _numbers(values: Iterable[float | str]) -> tuple[float, ...]:
    return tuple(WORDS[value] if isinstance(value, str) else float(value) for value in values)


def _record(plain: Mapping[str, object]) -> RunRecord:
    series = plain["series"]
    histograms = plain["histograms"]
    assert isinstance(series, dict)  # noqa: S101 - for the type checker; the checksum matched
    assert isinstance(histograms, dict)  # noqa: S101
    rest = {name: plain[name] for name in ("seed", "steps", "diverged_at", "wall_s", "hardware")}
    return RunRecord(
        **rest,  # type: ignore[arg-type]
        series={
            name: Series(steps=tuple(s["steps"]), values=_numbers(s["values"]))
            for name, s in series.items()
        },
        histograms={
            name: Histograms(
                steps=tuple(h["steps"]),
                edges=tuple(h["edges"]),
                counts=tuple(tuple(row) for row in h["counts"]),
            )
            for name, h in histograms.items()
        },
    )
