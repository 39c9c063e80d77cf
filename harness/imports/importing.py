"""Claims judged on endpoint values from elsewhere: by the same rule, marked as imported."""

import platform
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from harness.declarations.claim import Claim, Question
from harness.declarations.family import read_family
from harness.declarations.measuring import Measured
from harness.documents.digest import sealed
from harness.documents.document import SCHEMA, Plain, plain, run_cost
from harness.documents.entries import Entries, family_entry, harness_version
from harness.errors import EvidenceError
from harness.families.context import FamilyContext
from harness.families.settings import Settings
from harness.imports.claims import claim_of
from harness.imports.imported_document import IMPORTED, Source, claim_entry, unchecked
from harness.imports.imported_values import ImportedValue, paired
from harness.verdicts.enough_seeds import least_seeds
from harness.verdicts.judging import Judged, Runs, correlation_of, evidence_of, verdict_of
from harness.verdicts.other_ways import rng_seed_of
from harness.verdicts.power import power_of
from harness.verdicts.sensitivity import Sensitivity, other_tests
from harness.words import Verdict

_NOT_READ: Plain = {"status": "not read", "line": "", "reason": None, "entry": None}


def import_document(values: Sequence[ImportedValue], source: Source) -> Plain:
    """Return the verdicts document of the claims that the values are of.

    Each declared cell is judged at the family's alpha, as pytest would; cells without values are
    NOT RUN. The number of seeds must be the scale's for a verdict: with another number every
    verdict is INCONCLUSIVE, as for any run that is exploratory. Preconditions, figures and other
    definitions need records, and are said not to be checked. The ledger is not read.

    Raises ImportedValuesError where the values are not such as the claims ask for, with the line.
    """
    context = _context(source)
    claims = {
        slug: claim_of(context, slug, values) for slug in dict.fromkeys(v.slug for v in values)
    }
    cells = [
        cell for slug, claim in claims.items() for cell in _cells(context, claim, slug, values)
    ]
    seeds = _common_seeds(cells)
    exploratory = _exploratory(context, cells)
    withheld = context.withheld or exploratory
    said = [_said(context, claims[c.question.slug], c, withheld, source) for c in cells]
    entries = Entries(family=context.family, root=source.root, said=said)
    return sealed(plain(_body(context, entries, seeds, exploratory, source)))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Cell:
    """One cell's values, in the order of its seeds."""

    question: Question
    seeds: tuple[int, ...]
    measured: Measured
    first: ImportedValue


def _context(source: Source) -> FamilyContext:
    options = read_family(source.family).bench_class().options()
    settings = Settings(
        scale=source.scale, bench_options={option.flag: option.default for option in options}
    )
    return FamilyContext(source.family, settings, source.root)


def _cells(
    context: FamilyContext, claim: Claim, slug: str, values: Sequence[ImportedValue]
) -> list[_Cell]:
    """Return the claim's cells that have values, in the declared order."""
    own = [value for value in values if value.slug == slug]
    questions = {question.cell.id: question for question in claim.questions()}
    for value in own:
        if value.cell not in questions:
            known = ", ".join(questions) if claim.has_cells else "an empty one, as it has no cells"
            raise value.refuse(f"cell of {slug}", repr(value.cell), known)
    found = []
    for cell_id, question in questions.items():
        here = [value for value in own if value.cell == cell_id]
        if here:
            found.append(_cell(context, question, here))
    return found


def _cell(context: FamilyContext, question: Question, here: list[ImportedValue]) -> _Cell:
    metric = context.bench.metrics(question.judged_arms[0])[question.endpoint.metric]
    seeds, measured = paired(question, here, metric)
    if context.budget.looks(question):
        raise here[0].refuse(
            "slug",
            f"{question.slug}, which declares looks",
            "a claim without: a file of values does not show where they would have stopped",
        )
    alpha = context.budget.level(question)
    needed = least_seeds(question.hypothesis, alpha) if context.scale.verdicts else 1
    if len(seeds) < needed:
        raise here[0].refuse(
            "seeds",
            f"{len(seeds)} of {question.slug}",
            f"at least {needed} for alpha {alpha:.2g}; train more",
        )
    return _Cell(question=question, seeds=seeds, measured=measured, first=here[0])


def _common_seeds(cells: Sequence[_Cell]) -> tuple[int, ...]:
    seeds = cells[0].seeds
    for cell in cells:
        if cell.seeds != seeds:
            raise cell.first.refuse(
                f"seeds of {cell.question.slug}",
                list(cell.seeds),
                f"the file's first, {list(seeds)}; import it alone",
            )
    return seeds


def _exploratory(context: FamilyContext, cells: Sequence[_Cell]) -> str | None:
    """Return why no verdict is given: another number of seeds than was declared beforehand.

    Which seeds they are plays no part: elsewhere other streams are drawn from them.
    """
    got = len(cells[0].seeds)  # all cells have the same
    declared = {len(context.budget.declared_seeds(cell.question)) for cell in cells}
    if declared == {got}:
        return None
    expected = " or ".join(map(str, sorted(declared)))
    return f"Exploratory: {got} imported seeds instead of the declared {expected}."


def _judged(context: FamilyContext, cell: _Cell, withheld: str | None) -> Judged:
    question, measured = cell.question, cell.measured
    metric = context.bench.metrics(question.judged_arms[0])[question.endpoint.metric]
    try:
        evidence = evidence_of(question, measured, metric, context.budget.level(question))
    except EvidenceError as error:
        raise cell.first.refuse(
            "values", f"such as cannot be judged ({error})", "others"
        ) from error
    verdict, reason = verdict_of(question, evidence, (), measured, metric, withheld)
    tests = other_tests(
        evidence.gains,
        question.hypothesis,
        question.endpoint.transform,
        question.endpoint.unit(metric),
        verdict=verdict,
        rng_seed=rng_seed_of(question.slug, question.cell.id, cell.seeds),
    )
    others = (
        Sensitivity(
            name=other.name,
            kind="definition",
            transform=other.endpoint.transform,
            available=False,
            note="its values are not in the imported file",
        )
        for other in question.alternatives
    )
    return Judged(
        question=question,
        verdict=verdict,
        reason=reason,
        seeds=cell.seeds,
        evidence=evidence if verdict is evidence.verdict else evidence.ruled(verdict, reason),
        measured=measured,
        sensitivity=(*tests, *others),
        power=power_of(evidence),
        correlation=correlation_of(question, measured),
    )


def _said(
    context: FamilyContext, claim: Claim, cell: _Cell, withheld: str | None, source: Source
) -> Plain:
    """Return what a worker says of a cell, with nothing about runs."""
    judged = _judged(context, cell, withheld)
    writer, alpha = context.writer, context.budget.level(cell.question)
    written = writer.cell(judged, Runs(treatment=()), alpha)
    absent = [
        writer.without_verdict(
            question, str(Verdict.NOT_RUN), "This cell is not in the imported file.", alpha
        )
        for question in claim.questions()
    ]
    return {
        "slug": claim.slug,
        "cell": written | {"readings": []},
        "scope": None,
        "figures": [],
        "deviations": unchecked(cell.question, context.bench),
        "declared_cells": [one | {"readings": []} for one in absent],
        "claim": claim_entry(context, claim, source),
        "ledger": _NOT_READ,
    }


def _body(
    context: FamilyContext,
    entries: Entries,
    seeds: tuple[int, ...],
    exploratory: str | None,
    source: Source,
) -> Plain:
    claims = entries.claims()
    counts = Counter(claim["verdict"] for claim in claims)
    run = sum(bool(claim["cells"]) and not claim["addition"] for claim in claims)
    registered = len(context.family.register)
    return {
        "schema": SCHEMA,
        "family": family_entry(context.family),
        "scale": context.scale.name,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "settings": {
            "seeds": list(seeds),
            "exploratory": exploratory,
            "options": {},
            "command": source.command,
            "judge_only": False,
            "imported": source.file,
            "partial": f"{run} of {registered} registered claims were imported."
            if run < registered
            else False,
        },
        "environment": {
            "name": IMPORTED,
            **dict.fromkeys(("library", "torch", "cpu", "precision", "engine"), "imported"),
            "harness": harness_version(),
            "python": platform.python_version(),
        },
        "cost": run_cost([]) | {"trained": 0, "reused": 0, "trained_beside": 0, "wall_s": 0.0},
        "counts": {str(word): counts.get(str(word), 0) for word in Verdict},
        "notices": [f"The values come from {source.file}: {IMPORTED}."],
        "claims": claims,
    }
