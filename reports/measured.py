"""What the claims of a family can read: every metric that its arms measure, one line each."""

from collections.abc import Iterator
from pathlib import Path

from harness.bench import Arm, Bench, Metric
from harness.declarations.claim import Claim
from harness.declarations.claim_files import claims_in
from harness.declarations.family import read_family
from harness.errors import ArmError, ClaimError
from harness.families.settings import scale_of

NONE = "-"  # in place of a unit: a pure number


def metric_lines(folder: Path, scale: str) -> tuple[list[str], list[str]]:
    """Return a line for each metric, sorted by name, and why a file or an arm could not be asked.

    Asked are the arms that the family's claim files name, as a bench tells of an arm alone what
    its record holds. Raises ClaimError for the family, its bench or the scale.
    """
    bench_class = read_family(folder).bench_class()
    options = {option.flag: option.default for option in bench_class.options()}
    name = scale_of(bench_class, scale).name
    bench: Bench = bench_class(scale=name, options=options)  # type: ignore[call-arg]
    arms, wrong = _arms(folder)
    found, refused = _metrics(arms, bench)
    return _table(found), [*wrong, *refused]


def _arms(folder: Path) -> tuple[list[Arm], list[str]]:
    """Return the arms of all claim files, each once, and what is wrong with the others."""
    arms: dict[Arm, None] = {}
    wrong = []
    for path, claim in claims_in(folder):
        if isinstance(claim, ClaimError):
            wrong.append(str(claim))
            continue
        try:
            questions = claim.questions() if isinstance(claim, Claim) else ()
            arms |= dict.fromkeys(arm for question in questions for arm in question.arms)
        except Exception as error:  # a function of the cell may raise anything
            wrong.append(f"{path}: {error!r}")
    return list(arms), wrong


def _metrics(arms: list[Arm], bench: Bench) -> tuple[dict[str, list[Metric]], list[str]]:
    """Return by name what metrics of that name are, and the arms that this scale cannot build."""
    found: dict[str, list[Metric]] = {}
    refused = []
    for arm in arms:
        try:
            bench.identity(arm)
            measured = bench.metrics(arm)
        except ArmError as error:
            refused.append(str(error))
            continue
        for name, metric in measured.items():
            there = found.setdefault(name, [])
            if metric not in there:
                there.append(metric)
    return found, list(dict.fromkeys(refused))


def _table(found: dict[str, list[Metric]]) -> list[str]:
    rows = list(_rows(found))
    names, units = (max((len(row[i]) for row in rows), default=0) for i in (0, 1))
    return [f"{name:{names}}  {unit:{units}}  {label}" for name, unit, label in rows]


def _rows(found: dict[str, list[Metric]]) -> Iterator[tuple[str, str, str]]:
    """Yield name, unit and what it is; of another kind of arm both may differ."""
    for name in sorted(found):
        units = dict.fromkeys(metric.unit or NONE for metric in found[name])
        labels = dict.fromkeys(metric.label for metric in found[name])
        yield name, " or ".join(units), "; or ".join(labels)
