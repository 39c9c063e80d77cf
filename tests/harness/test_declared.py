"""Every part of a declaration that is of the wrong kind: one typed error, with got and expected."""

import math
from typing import Any

import pytest
from toy_bench import toy
from toy_records import runs

from harness.declarations.alternatives import Alternative, thirds
from harness.declarations.cells import grid
from harness.declarations.claim import Claim, Source
from harness.declarations.declared import is_number, iso_date, number, of_kind, text
from harness.declarations.endpoints import mean, reaches, span
from harness.declarations.figures import curve
from harness.declarations.hypotheses import Above, ShareAbove
from harness.declarations.phases import after, at, until
from harness.declarations.preconditions import (
    Precondition,
    check_precondition,
    falls_to,
    keeps_training,
    learns,
)
from harness.declarations.printed import Printed
from harness.declarations.profiles import profile
from harness.declarations.scope import Scope
from harness.declarations.searched import SearchedClaim
from harness.errors import ClaimDefinitionError
from harness.words import Role


def claim(**parts: Any) -> Claim:
    declared: dict[str, Any] = {
        "slug": "toy-rises", "statement": "It rises.", "source": Source(section="1"),
        "treatment": toy(name="up"), "control": toy(name="plain"), "endpoint": mean("range"),
        "hypothesis": Above(0),
    }  # fmt: skip
    return Claim(**(declared | parts))


def condition(**parts: Any) -> Precondition:
    declared: dict[str, Any] = {
        "role": "control", "endpoint": mean("x"), "at_least": 1.0, "because": "so",
    }  # fmt: skip
    return Precondition(**(declared | parts))


def printed(**parts: Any) -> Printed:
    declared: dict[str, Any] = {"value": 1.0, "of": "control", "quantity": mean("x"), "where": "F"}
    return Printed(**(declared | parts))


def scope(**parts: Any) -> Scope:
    declared: dict[str, Any] = {"rows": ("a", (1,)), "columns": ("b", (1,))}
    return Scope(**(declared | parts))


WRONG: dict[str, tuple[Any, str]] = {
    "slug": (lambda: claim(slug=5), "slug: got 5; expected text"),
    "statement": (lambda: claim(statement=None), "statement: got None; expected text"),
    "section": (lambda: Source(section=5), "section: got 5; expected text"),  # type: ignore[arg-type]
    "cells": (lambda: claim(cells=5), "cells: got 5; expected a grid"),
    "cell": (lambda: claim(cells=(5,)), "cells: got 5; expected cells of a grid"),
    "axis of a grid": (lambda: grid(layer=5), "axis layer got 5; expected a tuple"),  # type: ignore[arg-type]
    "because_again": (lambda: claim(attempt=2, because_again=5), "because_again: got 5"),
    "only_because": (lambda: claim(only_because=5), "only_because: got 5; expected text"),
    "declared": (lambda: claim(declared="yesterday"), "got 'yesterday'; expected a date"),
    "declared as a number": (lambda: claim(declared=20261120), "got 20261120; expected a date"),
    "declared of a search": (
        lambda: SearchedClaim(slug="x", statement="x", source=Source(section="1"),
                              search=lambda _: None, declared="soon"),  # type: ignore[arg-type,return-value]
        "declared: got 'soon'; expected a date",
    ),
    "alternative's name": (lambda: Alternative(name=5, endpoint=mean("x")), "name: got 5"),  # type: ignore[arg-type]
    "alternative's endpoint": (
        lambda: Alternative(name="a", endpoint=5), "'a': endpoint: got 5; expected an Endpoint"  # type: ignore[arg-type]
    ),
    "alternative's hypothesis": (
        lambda: Alternative(name="a", endpoint=mean("x"), hypothesis=5),  # type: ignore[arg-type]
        "hypothesis: got 5; expected a hypothesis",
    ),
    "thirds": (lambda: thirds(5), "thirds: got 5; expected an Endpoint"),  # type: ignore[arg-type]
    "role": (lambda: learns("contrl"), "role: got 'contrl'; expected 'treatment' or 'control'"),
    "role of a rest": (lambda: keeps_training("x"), "role: got 'x'"),
    "precondition's endpoint": (lambda: condition(endpoint=5), "endpoint: got 5; expected an"),
    "precondition's limit": (lambda: condition(at_least="x"), "at_least: got 'x'; expected a"),
    "limit of a rule": (lambda: learns("control", math.nan), "at_least: got nan; expected a"),
    "endless limit": (lambda: falls_to("control", math.inf), "at_most: got inf; expected a"),
    "limits the wrong way": (
        lambda: condition(at_least=2.0, at_most=1.0), "got at least 2 and at most 1"
    ),
    "precondition's share": (lambda: condition(share="x"), "share: got 'x'; expected a finite"),
    "precondition's reason": (lambda: condition(because=None), "because: got None"),
    "share of the first": (lambda: keeps_training("control", "x"), "of_first: got 'x'"),  # type: ignore[arg-type]
    "share of a phase": (lambda: keeps_training(in_share=2.0), "at_least: got 2.0; expected a"),
    "printed value": (lambda: printed(value="x"), "value: got 'x'; expected a finite number"),
    "printed infinity": (lambda: printed(value=math.inf), "value: got inf; expected a finite"),
    "printed quantity": (lambda: printed(quantity=5), "quantity: got 5; expected an Endpoint"),
    "printed where": (lambda: printed(where=5), "where: got 5; expected text"),
    "rows": (lambda: scope(rows=5), "rows: got 5; expected a setting and its values"),
    "columns": (lambda: scope(columns=("b", 1)), "columns: got 'b' with 1; expected a tuple"),
    "values of rows": (lambda: scope(rows=("a", ([1],))), "rows: got 'a' with"),
    "alike": (lambda: scope(alike=5), "alike: got 5; expected settings by name"),
    "after": (lambda: after("x", "a"), "after: got 'a'; expected a finite number"),  # type: ignore[arg-type]
    "until": (lambda: until("x", math.nan), "until: got nan; expected a finite number"),
    "at": (lambda: at("a"), "at: got progress a; expected a share of training"),  # type: ignore[arg-type]
    "over": (lambda: mean("x", over=5), "endpoint x: over: got 5; expected a Phase"),
    "metric": (lambda: mean(5), "metric: got 5; expected text"),  # type: ignore[arg-type]
    "axis of a span": (lambda: span(reaches("x", 1.0), 5), "axis: got 5; expected text"),  # type: ignore[arg-type]
    "reason of a bound": (lambda: Above(1.0, because=5), "because: got 5; expected text"),  # type: ignore[arg-type]
    "share": (lambda: ShareAbove("a", because="x"), "share 'a', expected a finite number"),  # type: ignore[arg-type]
    "title": (lambda: curve(5, "x"), "title: got 5; expected text"),  # type: ignore[arg-type]
    "extra": (lambda: curve("F", "x", extra=5), "extra: got 5; expected"),  # type: ignore[arg-type]
    "extra arm": (lambda: curve("F", "x", extra=(("a", 5),)), r"expected \(label, arm\) pairs"),  # type: ignore[arg-type]
    "profile": (lambda: profile("P", 5, x_label="x"), r"got 5; expected \(x, metric\)"),  # type: ignore[arg-type]
    "x of a profile": (
        lambda: profile("P", [("a", "m"), (1.0, "m")], x_label="x"), "x a finite number"  # type: ignore[list-item]
    ),
}  # fmt: skip


@pytest.mark.parametrize(("make", "said"), WRONG.values(), ids=WRONG)
def test_a_part_of_the_wrong_kind_is_a_typed_error(make: Any, said: str) -> None:
    """Where it is written, never an AttributeError somewhere behind it."""
    with pytest.raises(ClaimDefinitionError, match=said):
        make()


def test_a_role_in_words_is_the_role() -> None:
    """A precondition on "control" that was read as one on the treatment would void nothing."""
    rule = condition(endpoint=mean("train_accuracy"), at_least=50.0)
    assert rule.role is Role.CONTROL
    good, bad = (runs("train_accuracy", *[[level]] * 10) for level in (80.0, 10.0))
    assert not check_precondition(rule, good, bad).passed
    assert repr(rule) == repr(condition(role=Role.CONTROL, endpoint=mean("train_accuracy"),
                                        at_least=50.0))  # fmt: skip


def test_what_is_of_its_kind_is_returned() -> None:
    """Whatever a caller does with it next."""
    assert (text("t", ""), number("n", 3), number("n", -0.5)) == ("", 3, -0.5)
    assert of_kind("k", (1,), tuple) == (1,)
    assert [is_number(x) for x in (1, 1e300, True, None, "1", math.nan, -math.inf)] == [
        True, True, False, False, False, False, False,
    ]  # fmt: skip
    for known in (None, "2026-11-20"):
        iso_date("declared", known)
