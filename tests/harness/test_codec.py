"""Records as text: there and back unchanged, and no damage goes unseen."""

import json
from dataclasses import asdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_records import run

from harness.errors import StoreError
from harness.records import Histograms, RunRecord, Series
from harness.runs.codec import decode, encode

steps = st.lists(st.integers(0, 10**6), unique=True, max_size=6).map(lambda s: tuple(sorted(s)))


@st.composite
def a_series(draw):
    where = draw(steps)
    value = st.floats(allow_nan=True, allow_infinity=True)
    values = draw(st.lists(value, min_size=len(where), max_size=len(where)))
    return Series(steps=where, values=tuple(values))


@st.composite
def histograms(draw):
    where, bins = draw(steps), draw(st.integers(1, 4))
    row = st.tuples(*[st.integers(0, 10**9)] * bins)
    counts = draw(st.lists(row, min_size=len(where), max_size=len(where)))
    edges = tuple(float(edge) for edge in range(bins + 1))
    return Histograms(steps=where, edges=edges, counts=tuple(counts))


records = st.builds(
    RunRecord,
    seed=st.integers(0, 999),
    steps=st.integers(1, 10**6),
    series=st.dictionaries(st.text(), a_series(), max_size=3),
    histograms=st.dictionaries(st.text(), histograms(), max_size=2),
    diverged_at=st.none() | st.integers(0, 10**6),
    wall_s=st.floats(0, 1e6),
    hardware=st.dictionaries(st.text(), st.text(), max_size=2),
)


def in_order(record):
    """Return a record as text, mappings sorted: NaN is not equal to itself, its repr is."""
    plain = asdict(record)
    return repr(
        {
            name: dict(sorted(part.items())) if isinstance(part, dict) else part
            for name, part in plain.items()
        }
    )


@settings(max_examples=60, deadline=None)
@given(records)
def test_a_record_comes_back_as_it_was(record):
    """Every float comes back bit for bit, NaN and infinities included, by an oracle of repr."""
    back, about = decode(encode(record, {"key": "k"}))
    assert in_order(back) == in_order(record)
    assert about == {"key": "k"}


def test_the_text_is_strict_json():
    """NaN and infinity are words, so that any reader can parse a record."""
    text = encode(run(x=[float("nan"), float("inf"), -float("inf"), 0.1]), {})
    body = json.loads(text, parse_constant=pytest.fail)
    assert body["record"]["series"]["x"]["values"] == ["nan", "inf", "-inf", 0.1]


def test_damage_of_any_byte_is_detected_or_changes_nothing():
    """Each byte in turn is changed in three ways: the record is refused, or is what it was."""
    record = run(3, x=[1.5, float("nan")], y=[2.0, 1e-7])
    text = encode(record, {"key": "k", "label": "é"}).encode()
    unharmed = 0
    for place in range(len(text)):
        for flip in (0x01, 0x20, 0x80):
            damaged = bytearray(text)
            damaged[place] ^= flip
            try:
                back, about = decode(damaged.decode("utf-8"))
            except (StoreError, UnicodeDecodeError):
                continue
            unharmed += 1
            assert repr(back) == repr(record)
            assert about == {"key": "k", "label": "é"}
    assert unharmed < 20  # the letter of an exponent, the last line's end


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_cut_off_record_is_detected(share):
    """A half-written file is no record."""
    text = encode(run(x=[1.0] * 50), {})
    with pytest.raises(StoreError):
        decode(text[: int(len(text) * share)])


@pytest.mark.parametrize("text", ["", "null", "[]", "3", '"x"', "{}", '{"sha256": "x"}', "NaN"])
def test_json_that_is_no_record_is_refused(text):
    """Whatever lies there instead of a record is a StoreError, nothing else."""
    with pytest.raises(StoreError):
        decode(text)


def test_a_record_of_another_format_says_which():
    """A store of a later version is refused by number, not by chance."""
    body = json.loads(encode(run(x=[1.0]), {}))
    with pytest.raises(StoreError, match="got format 2; expected 1"):
        decode(json.dumps(body | {"format": 2}))


def test_a_wall_time_that_is_no_number_cannot_be_written():
    """Only series may hold NaN; elsewhere it is a bench's mistake, refused when written."""
    record = RunRecord(seed=0, steps=1, series={}, wall_s=float("nan"))
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode(record, {})
