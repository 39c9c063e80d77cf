"""A worker that dies is replaced by xdist; its test goes back to the queue."""

from collections import Counter
from typing import Any

import pytest

MOST_RESCHEDULES = 5


def reschedule(test_id: str, report: pytest.TestReport, sched: Any) -> None:
    """Queue the test again and call its report a rerun, unless it was tried too often."""
    claims: Counter[str] = sched.config.stash.setdefault(_COUNTS, Counter())
    claims[test_id] += 1
    if claims[test_id] <= MOST_RESCHEDULES:
        sched.mark_test_pending(test_id)
        report.outcome = "rerun"  # type: ignore[assignment]


_COUNTS: pytest.StashKey[Counter[str]] = pytest.StashKey()
