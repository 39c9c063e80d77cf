"""Checks a document against its published JSON Schema, with nothing but the standard library.

Knows the part of JSON Schema that ``verdicts.schema.json`` uses and refuses any other keyword, so
that a rule added to the schema cannot be skipped silently. The tests hold it against jsonschema.
"""

import json
import math
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

SCHEMA_FILE = Path(__file__).with_name("verdicts.schema.json")

_SILENT = {"$schema", "$id", "$defs", "title", "description", "examples"}
_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}


def first_misfit(document: object) -> str | None:
    """Where and how the document first differs from the schema; None where it fits."""
    schema = _schema()
    return next(_misfits(document, schema, "document"), None)


@cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    return schema


def _misfits(value: object, rule: Mapping[str, Any], where: str) -> Iterator[str]:
    for keyword, expected in rule.items():
        if keyword in _SILENT:
            continue
        match keyword:
            case "$ref":
                yield from _misfits(value, _schema()["$defs"][expected.split("/")[-1]], where)
            case "type":
                yield from _type_misfit(value, expected, where)
            case "enum" | "const":
                yield from _enum_misfit(value, expected, where)
            case "required":
                yield from _missing(value, expected, where)
            case "properties":
                yield from _property_misfits(value, expected, where)
            case "additionalProperties":
                yield from _other_misfits(value, rule, where)
            case "items":
                yield from _item_misfits(value, expected, where)
            case "minItems" | "maxItems":
                yield from _length_misfit(value, keyword, expected, where)
            case "anyOf":
                yield from _choice_misfit(value, expected, where)
            case _:
                raise NotImplementedError(f"schema keyword {keyword!r} at {where}")


def _type_misfit(value: object, expected: str | list[str], where: str) -> Iterator[str]:
    names = [expected] if isinstance(expected, str) else expected
    if not any(_has_type(value, name) for name in names):
        yield f"{where}: got {_named(value)}, expected {' or '.join(names)}"


def _has_type(value: object, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    if isinstance(value, float) and name == "integer":
        return math.isfinite(value) and value.is_integer()
    return isinstance(value, _TYPES[name])


def _named(value: object) -> str:
    for name in ("boolean", "null", "object", "array", "string", "integer", "number"):
        if _has_type(value, name):
            return name
    return type(value).__name__


def _enum_misfit(value: object, expected: Any, where: str) -> Iterator[str]:
    words = expected if isinstance(expected, list) else [expected]
    if value not in words:
        yield f"{where}: got {value!r}, expected one of {', '.join(map(repr, words))}"


def _missing(value: object, expected: list[str], where: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key in expected:
            if key not in value:
                yield f"{where}: got no {key!r}, expected one"


def _property_misfits(value: object, expected: Mapping[str, Any], where: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, rule in expected.items():
            if key in value:
                yield from _misfits(value[key], rule, f"{where}.{key}")


def _other_misfits(value: object, rule: Mapping[str, Any], where: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key in value.keys() - rule.get("properties", {}).keys():
            yield from _misfits(value[key], rule["additionalProperties"], f"{where}.{key}")


def _item_misfits(value: object, rule: Mapping[str, Any], where: str) -> Iterator[str]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _misfits(item, rule, f"{where}[{index}]")


def _length_misfit(value: object, keyword: str, expected: int, where: str) -> Iterator[str]:
    if not isinstance(value, list):
        return
    fits = len(value) >= expected if keyword == "minItems" else len(value) <= expected
    if not fits:
        yield f"{where}: got {len(value)} items, expected {keyword[:3]}imum {expected}"


def _choice_misfit(value: object, rules: list[Mapping[str, Any]], where: str) -> Iterator[str]:
    misfits = [next(_misfits(value, rule, where), None) for rule in rules]
    if all(misfits):
        yield misfits[-1] or ""
