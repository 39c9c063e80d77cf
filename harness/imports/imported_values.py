"""Endpoint values that were measured elsewhere: a CSV file, read strictly, line by line."""

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.bench import Metric
from harness.declarations.claim import Question
from harness.declarations.measuring import Measured
from harness.declarations.sweeps import Sweep
from harness.errors import ImportedValuesError
from harness.seeds import PILOT_SEEDS_FROM
from harness.words import Role

COLUMNS = ("slug", "cell", "role", "seed", "value")
_HEADER = f"the columns {', '.join(COLUMNS)}"


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportedValue:
    """One arm's endpoint for one seed, before the transform, and the line that it stands in."""

    line: int
    slug: str
    cell: str  # "" for a claim without cells
    role: Role
    seed: int
    value: float

    def refuse(self, what: str, got: object, expected: str) -> ImportedValuesError:
        """Return the error that names this line."""
        return _error(self.line, what, got, expected)


def _error(line: int, what: str, got: object, expected: str) -> ImportedValuesError:
    return ImportedValuesError(f"line {line}: {what}: got {got}; expected {expected}")


def read_values(path: Path) -> tuple[ImportedValue, ...]:
    """Return the values of a file, each once. Raises ImportedValuesError for the first misfit."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        rows = tuple(_rows(text))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ImportedValuesError(
            f"{path}: cannot be read ({error}); expected a CSV file"
        ) from error
    except ImportedValuesError as error:
        raise ImportedValuesError(f"{path}, {error}") from None
    if not rows:
        raise ImportedValuesError(f"{path}: got no values; expected {_HEADER} and a line for each")
    return rows


def _rows(text: str) -> Iterator[ImportedValue]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    names = [name.strip() for name in reader.fieldnames or ()]
    if sorted(names) != sorted(COLUMNS):
        raise _error(1, "columns", names, f"{_HEADER}, each once{_advice(names)}")
    reader.fieldnames = names
    seen: dict[tuple[object, ...], int] = {}
    for row in reader:
        line = reader.line_num
        if None in row or None in row.values():
            raise _error(line, "fields", list(row.values()), f"one for each of {_HEADER}")
        value = _value(line, {name: text.strip() for name, text in row.items()})
        place = value.slug, value.cell, value.role, value.seed
        first = seen.setdefault(place, line)
        if first != line:
            raise _error(
                line,
                "seed",
                f"{value.seed} a second time (line {first})",
                "one value for each seed and role; leave one out",
            )
        yield value


def _advice(names: Sequence[str]) -> str:
    """Return what to do about a line that holds all columns in one field: it was not parted."""
    for mark, word in ((";", "semicolons"), ("\t", "tabs")):
        if len(names) == 1 and mark in names[0]:
            return f"; got {word} between them: separate by commas, with a point in the numbers"
    return ""


def _value(line: int, row: Mapping[str, str]) -> ImportedValue:
    roles = [str(role) for role in Role]
    if row["role"] not in roles:
        raise _error(line, "role", repr(row["role"]), " or ".join(roles))
    if not (row["seed"].isascii() and row["seed"].isdigit()):
        raise _error(line, "seed", repr(row["seed"]), "a whole number such as 0; number the runs")
    seed = int(row["seed"])
    if seed >= PILOT_SEEDS_FROM:
        raise _error(
            line,
            "seed",
            seed,
            f"one below {PILOT_SEEDS_FROM}: those from there on are "
            "pilots and are never judged; give runs that nothing was chosen by",
        )
    return ImportedValue(
        line=line,
        slug=row["slug"],
        cell=row["cell"],
        role=Role(row["role"]),
        seed=seed,
        value=_number(line, row["value"]),
    )


def _number(line: int, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise _error(line, "value", repr(text), "a number with a decimal point") from None
    if not math.isfinite(value):
        raise _error(
            line,
            "value",
            text,
            "a finite number; give what the claim's endpoint counts "
            "a diverged run as, and leave no run out",
        )
    return value


def paired(
    question: Question, values: Sequence[ImportedValue], metric: Metric
) -> tuple[tuple[int, ...], Measured]:
    """Return a cell's seeds, ascending, and its endpoints in that order.

    Raises ImportedValuesError for a role that the claim has not, a seed that only one arm has, and
    a value that its endpoint cannot take.
    """
    stray = [each for each in values if each.role is Role.CONTROL and question.control is None]
    if stray:
        raise stray[0].refuse("role", "control", "treatment alone: the claim is about one arm")
    for each in values:
        _check_range(each, question, metric)
    by_role = {role: {v.seed: v for v in values if v.role is role} for role in Role}
    treatment, control = by_role[Role.TREATMENT], by_role[Role.CONTROL]
    if question.control is not None:
        for one, other, name in (
            (treatment, control, "control"),
            (control, treatment, "treatment"),
        ):
            lone = next((value for seed, value in one.items() if seed not in other), None)
            if lone is not None:
                raise lone.refuse(
                    "unpaired",
                    f"seed {lone.seed} of the {lone.role} alone",
                    f"one of the {name}, too, trained from the same seed",
                )
    seeds = tuple(sorted(treatment))
    return seeds, Measured(
        treatment=tuple(treatment[seed].value for seed in seeds),
        control=tuple(control[seed].value for seed in seeds) if control else (),
    )


def _check_range(value: ImportedValue, question: Question, metric: Metric) -> None:
    endpoint, got = question.endpoint, value.value
    if endpoint.is_yes_no:
        if got not in (0.0, 1.0):
            rule = endpoint.text(metric)
            raise value.refuse("value", f"{got:g}", f"1 or 0: {rule}")
        return
    if isinstance(question.treatment, Sweep):
        widths = _widths(question.treatment)
        if min(abs(got - width) for width in widths) > 1e-6:
            shown = ", ".join(f"{width:g}" for width in sorted(widths))
            raise value.refuse("value", f"{got:g}", f"the {endpoint.text(metric)}: one of {shown}")
        return
    if endpoint.relative_to is not None or got == endpoint.if_diverged:
        return  # a quotient has other limits
    low, high = metric.low, metric.high
    if (low is None or got >= low) and (high is None or got <= high):
        return
    limits = [f"at least {low:g}"] if low is not None else []
    limits += [f"at most {high:g}"] if high is not None else []
    rule = f"{endpoint.text(metric)}, which is {' and '.join(limits)} {metric.unit}".rstrip()
    raise value.refuse("value", f"{got:g}", rule)


def _widths(sweep: Sweep) -> set[float]:
    """Return every width that some of the sweep's places make."""
    widths = {0.0}
    for index in range(len(sweep.places)):
        alone = sweep.width([i == index for i in range(len(sweep.places))])
        widths |= {round(width + alone, 9) for width in widths}
    return widths
