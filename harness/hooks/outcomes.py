"""From a verdict and the ledger to a test's outcome, and to what the main process is told."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pytest

from harness.admission.declaration import shown_hash
from harness.declarations.spending import POWER
from harness.documents.attempt_document import attempt_entry
from harness.documents.document import Plain, plain
from harness.documents.places import place_of_file
from harness.documents.side_document import unasked_readings, unasked_scope
from harness.hooks.announcing import SAID
from harness.hooks.judge_fixture import CASE, Case, error_of
from harness.hooks.repeating import one_claim
from harness.ledgers.ledger import LedgerEntry
from harness.ledgers.ledger_rules import LedgerComparison, compare, outcome
from harness.words import Verdict

PARTS = ("cpu", "card", "numpy")
"""What records say of where they come from, beside their environment's name."""

SKIPPED = "the test was skipped or expected to fail; a claim says in scales= where it is judged"

ERROR_TEXT: pytest.StashKey[str] = pytest.StashKey()


def note_error(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Note on the item why its runs are missing, where that is what ended its set-up."""
    text = error_of(call)
    if text is not None:
        item.stash[ERROR_TEXT] = text


def with_outcome(item: pytest.Item, report: pytest.TestReport) -> pytest.TestReport:
    """Return the report with the outcome that the verdict and the ledger give it."""
    case = item.stash.get(CASE, None)
    if case is None or report.when == "teardown":
        return report
    error = item.stash.get(ERROR_TEXT, None)
    if report.when == "setup" and error is not None:
        report.longrepr = f"{case.question.slug}: ERROR: {error}"
        report.user_properties.append((SAID, _said(item, case, None, error)))
    elif report.when == "setup" and case.not_run is not None:
        report.user_properties.append((SAID, _said(item, case, None, None)))
    elif report.when == "call":
        _set_call_outcome(item, case, report)
    elif report.skipped:
        _without_verdict(item, case, report, SKIPPED)
    return report


def _set_call_outcome(item: pytest.Item, case: Case, report: pytest.TestReport) -> None:
    if case.judged is None:
        error = SKIPPED if report.skipped else "the test ended without a verdict; call judge(CLAIM)"
        _without_verdict(item, case, report, error)
        return
    comparison = _compared(case)
    report.user_properties.append((SAID, _said(item, case, comparison, None)))
    if report.passed:
        _apply(case, comparison, report)


def _without_verdict(item: pytest.Item, case: Case, report: pytest.TestReport, error: str) -> None:
    """Fail a test that came to no verdict, also where it was to be skipped or to fail."""
    report.user_properties.append((SAID, _said(item, case, None, error)))
    if not report.failed:
        report.__dict__.pop("wasxfail", None)
        _fail(report, f"{case.question.slug}: {error}")


def _apply(case: Case, comparison: LedgerComparison | None, report: pytest.TestReport) -> None:
    assert case.judged is not None  # noqa: S101 - the caller has looked
    verdict, where = case.judged.verdict, _where(case)
    line = ""
    if comparison is not None:
        ends, detail, line = outcome(comparison, verdict), comparison.detail, comparison.line
    elif case.context.withheld is not None:
        ends, detail = ("failed" if verdict is Verdict.ERROR else "passed"), ""
    else:
        ends, detail = ("passed" if verdict is Verdict.SUPPORTED else "failed"), "not read"
    if ends == "failed":
        ledger = f"\nledger: {detail}" if detail else ""
        _fail(report, f"{where}: {verdict}. {case.judged.reason}{ledger}")
    elif ends == "xfailed":
        report.outcome = "skipped"
        report.wasxfail = line


def _fail(report: pytest.TestReport, text: str) -> None:
    report.outcome = "failed"
    report.longrepr = text


def _compared(case: Case) -> LedgerComparison | None:
    """Return today's verdict beside the ledger's, or None where the ledger is not read."""
    if not case.context.reads_ledger(case.question):
        return None
    today = entry_of(case)
    recorded = case.context.ledger.find(today.slug, today.cell, today.scale, today.attempt)
    return compare(recorded, today, cells=case.question.cells)


def entry_of(case: Case) -> LedgerEntry:
    """Return today's verdict on a cell in the shape of a ledger entry."""
    judged, context = case.judged, case.context
    evidence = judged.evidence if judged else None
    looks = tuple(look.n for look in context.budget.looks(case.question))
    return LedgerEntry(
        slug=case.question.slug,
        cell=case.question.cell.id,
        scale=context.scale.name,
        verdict=judged.verdict if judged else Verdict.ERROR,
        estimate=evidence.estimate if evidence else None,
        se=evidence.se if evidence else None,
        n=evidence.n if evidence else 0,
        seeds=tuple(judged.seeds) if judged else (),
        environment=context.store.environment,
        declaration=context.declaration(case.claim),
        sources=context.sources(case.question),
        date=datetime.now(UTC).date().isoformat(),
        hardware=case.runs.hardware(context.judged_environment.device_part) if case.runs else "",
        attempt=context.budget.attempt(case.question),
        looks=looks,
        looks_power=POWER if looks else 0,
        written_knowing=getattr(case.claim, "written_knowing", ""),
    )


def _said(
    item: pytest.Item, case: Case, comparison: LedgerComparison | None, error: str | None
) -> Plain:
    """Return what is said of a cell: builtins only, so that a worker can send it."""
    context, question = case.context, case.question
    deviations = context.writer.deviations(question, case.judged) if not case.not_run else []
    said: Plain = {
        "family": str(context.family.folder),
        "slug": question.slug,
        "cell": _cell(case, error),
        "scope": case.scope if case.judged else unasked_scope(question, _why_unasked(case)),
        "figures": case.figures,
        "deviations": deviations,
        "declared_cells": _declared_cells(case),
        "claim": _claim(item, case),
        "ledger": _ledger(case, comparison),
        "entry": _entry_row(case) if comparison is not None else None,
        "hardware": {part: case.runs.hardware(part) if case.runs else "" for part in PARTS},
    }
    result: Plain = plain(said)
    return result


def _cell(case: Case, error: str | None) -> Plain:
    """Return what is said of the test's own cell, judged or not."""
    context, question = case.context, case.question
    alpha = context.budget.level(question)
    there = context.where_judged(case.claim)  # its arms may not exist at this scale
    if case.judged is not None and case.runs is not None:
        cell = context.writer.cell(case.judged, case.runs, alpha)
        return cell | {"readings": case.readings or []}
    verdict = Verdict.ERROR if case.not_run is None else Verdict.NOT_RUN
    reason = case.not_run or error or "not judged"
    readings = unasked_readings(question, there.bench, _why_unasked(case))
    return there.writer.without_verdict(question, str(verdict), reason, alpha) | {
        "readings": readings
    }


def _why_unasked(case: Case) -> str:
    return case.not_run or "The cell itself was not judged."


def _declared_cells(case: Case) -> list[Plain]:
    """Return an entry for every declared cell, as if it had not been run."""
    there = case.context.where_judged(case.claim)
    reason = case.not_run or "This cell was not part of this run."
    return [
        there.writer.without_verdict(
            question, str(Verdict.NOT_RUN), reason, there.budget.level(question)
        )
        | {"readings": unasked_readings(question, there.bench, reason)}
        for question in case.claim.questions()
    ]


def _claim(item: pytest.Item, case: Case) -> Plain:
    claim = case.claim
    docstring = getattr(getattr(item, "module", None), "__doc__", None) or ""
    path = place_of_file(item.path, item.config.rootpath)
    there = case.context.where_judged(claim)
    return {
        "statement": claim.statement,
        "title": docstring.strip().splitlines()[0] if docstring.strip() else None,
        "source": {
            "section": claim.source.section,
            "figure": claim.source.figure,
            "quote": claim.source.quote,
        },
        "path": path,
        "declaration": {
            "sha256": there.declaration(claim),
            "shown_sha256": shown_hash(claim),
            "declared": claim.declared,
            "first_judged": _first_judged(case) if there is case.context else None,
            "written_knowing": getattr(claim, "written_knowing", "") or None,
        },
        "attempt": attempt_entry(claim, there.budget, there.ledger),
        "not_judged_here": case.not_run,
        "command": one_claim(claim, path, case.context),
    }


def _first_judged(case: Case) -> str | None:
    """Return when the seeds of this attempt first gave a verdict, as the ledger has it."""
    context, slug = case.context, case.claim.slug
    attempt = context.budget.attempt(case.claim)
    recorded = context.ledger.of_attempt(slug, context.scale.name, attempt)
    return min((entry.first_judged for entry in recorded), default=None)


def _ledger(case: Case, comparison: LedgerComparison | None) -> Plain:
    if comparison is None:
        return {"status": "not read", "line": "", "reason": None, "entry": None}
    question, attempt = case.question, case.context.budget.attempt(case.question)
    entry = case.context.ledger.find(
        question.slug, question.cell.id, case.context.scale.name, attempt
    )
    row: dict[str, Any] | None = None
    if entry is not None:
        row = {
            "verdict": str(entry.verdict),
            "date": entry.date,
            "n": entry.n if entry.seeds else None,  # a search has none
            "environment": entry.environment,
        }
    return {
        "status": str(comparison.status),
        "line": comparison.line,
        "reason": entry.reason if entry is not None else None,
        "entry": row,
    }


def _entry_row(case: Case) -> Plain:
    entry = entry_of(case)
    return asdict(entry) | {"verdict": str(entry.verdict)}


def _where(case: Case) -> str:
    cell = case.question.cell.id
    return f"{case.question.slug} [{cell}]" if cell else case.question.slug
