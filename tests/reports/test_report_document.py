"""The document: read strictly, written in one move, and shaped as published."""

import json
from pathlib import Path

import jsonschema
import pytest
from documents import a_claim, a_document, a_hostile_document, the_full_document

from harness.errors import ClaimError
from reports.document import DocumentError, load_document, write_document
from reports.shape import SCHEMA_FILE, first_misfit

ORACLE = jsonschema.Draft202012Validator(json.loads(SCHEMA_FILE.read_text()))


def test_the_schema_is_a_valid_schema():
    """The published file is itself a draft 2020-12 schema."""
    jsonschema.Draft202012Validator.check_schema(ORACLE.schema)


@pytest.mark.parametrize("build", [a_document, the_full_document, a_hostile_document])
def test_documents_fit_the_schema(build):
    """The documents of these tests are of the published shape, by two validators."""
    document = build()
    assert first_misfit(document) is None
    ORACLE.validate(document)


def _broken(path, value):
    document = the_full_document()
    *parents, last = path
    part = document
    for key in parents:
        part = part[key]
    part[last] = value
    return document


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["scale"], 3),
        (["counts", "SUPPORTED"], "five"),
        (["claims", 0, "verdict"], "PROVED"),
        (["claims", 0, "fragile"], 1),
        (["claims", 0, "cells", 0, "gains", 3], "0.1"),
        (["claims", 0, "cells", 0, "ci"], [0.1]),
        (["claims", 0, "cells", 0, "n"], 9.5),
        (["claims", 0, "cells", 0, "hypothesis", "kind"], "larger"),
        (["claims", 0, "figures", 0, "lines", 0, "mid"], 4),
        (["settings", "partial"], 7),
        (["notices"], None),
    ],
)
def test_a_misfit_is_found_and_named(path, value):
    """What jsonschema refuses, this refuses too, and says where."""
    document = _broken(path, value)
    assert not ORACLE.is_valid(document)
    misfit = first_misfit(document)
    assert misfit is not None
    assert next(key for key in path if isinstance(key, str)) in misfit
    assert "got" in misfit
    assert "expected" in misfit


def test_integers_as_floats_are_integers():
    """JSON has one kind of number: 10.0 is ten, as jsonschema has it."""
    document = _broken(["claims", 0, "cells", 0, "n"], 10.0)
    assert first_misfit(document) is None
    assert ORACLE.is_valid(document)


def test_a_document_survives_the_round_trip(tmp_path: Path):
    """Whatever is written is read back as it was, odd characters included."""
    document = a_hostile_document()
    write_document(tmp_path / "verdicts.json", document)
    assert load_document(tmp_path / "verdicts.json") == document


def test_a_lone_surrogate_is_written_as_its_escape(tmp_path: Path):
    """A file name may hold one, and it has no UTF-8: JSON reads the escape back as what it was."""
    document = a_document([a_claim(statement="of \udcff")])
    write_document(tmp_path / "verdicts.json", document)
    assert "of \\udcff" in (tmp_path / "verdicts.json").read_text(encoding="utf-8")
    assert load_document(tmp_path / "verdicts.json") == document


def test_writing_is_stable_and_leaves_nothing_beside(tmp_path: Path):
    """The order of keys does not show, and the folder holds the one file."""
    document = a_document()
    write_document(tmp_path / "a.json", document)
    write_document(tmp_path / "b.json", dict(reversed(document.items())))
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "b.json"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), object()])
def test_what_strict_json_cannot_hold_is_refused(tmp_path: Path, value):
    """A number that is none is refused, and the file already there stays."""
    path = tmp_path / "verdicts.json"
    path.write_text("before")
    with pytest.raises(DocumentError, match="null"):
        write_document(path, a_document(cost={"train_s": value}))
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('{"schema": NaN}', "NaN"),
        ('{"schema": 1, "x": -Infinity}', "-Infinity"),
        ('{"schema": 1, "claims": [', "truncated"),
        ("", "truncated"),
        ('{"schema": 2}', "schema 2"),
        ("[]", "list"),
        ('{"schema": 1}', "family"),
        ("[" * 100_000, "JSON"),
    ],
)
def test_a_bad_file_is_refused_with_a_reason(tmp_path: Path, text, word):
    """The error says what was got and is one of this project's."""
    path = tmp_path / "verdicts.json"
    path.write_text(text)
    with pytest.raises(DocumentError, match=word) as caught:
        load_document(path)
    assert isinstance(caught.value, ClaimError)
    assert isinstance(caught.value, ValueError)
    assert "expected" in str(caught.value)


def test_a_missing_file_and_bytes_that_are_no_text_are_refused(tmp_path: Path):
    """Neither is a traceback."""
    with pytest.raises(DocumentError, match="cannot be read"):
        load_document(tmp_path / "none.json")
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DocumentError, match="cannot be read"):
        load_document(tmp_path / "bytes.json")


def test_unknown_keys_are_let_through():
    """A later writer may add keys without a new schema number."""
    document = a_document([a_claim(something_new=3)], more={})
    assert first_misfit(document) is None
