"""The ledger: what differs from the record, how a test ends, and the file itself."""

import math
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import LedgerError
from harness.ledgers.ledger import FINDINGS, Ledger, LedgerEntry
from harness.ledgers.ledger_file import read_ledger, write_ledger
from harness.ledgers.ledger_rules import LedgerStatus, compare, outcome
from harness.words import Verdict

S, R, X = Verdict.SUPPORTED, Verdict.REFUTED, Verdict.INVALID
U = Verdict.INCONCLUSIVE  # undecided

ENTRY = LedgerEntry(
    slug="noisy-bn-matches-bn",
    cell="layer-5",
    scale="desk",
    verdict=S,
    estimate=3.0,
    se=0.707106781187,
    n=5,
    seeds=(0, 1, 2, 3, 4),
    environment="cpu-torch2.13.0-fp32-eager",
    declaration="ab" * 32,
    sources="cd" * 32,
    date="2026-01-31",
    reason="measured",
)
ELSEWHERE = {"environment": "cuda-torch2.13.0-tf32-eager"}


def recorded(verdict: Verdict, **changes: object) -> LedgerEntry:
    return replace(ENTRY, verdict=verdict, **changes)


@pytest.mark.parametrize("then", FINDINGS)
@pytest.mark.parametrize("now", list(Verdict))
def test_the_same_run_must_come_to_the_same_verdict(then: Verdict, now: Verdict) -> None:
    """Same seeds, code, declaration and environment: any other verdict is drift, and fails."""
    comparison = compare(recorded(then), recorded(now, reason=""))
    same = then is now
    assert comparison.status is (LedgerStatus.SAME if same else LedgerStatus.DRIFT)
    expected = "failed" if not same else "passed" if then is S else "xfailed"
    assert outcome(comparison, now) == expected


@pytest.mark.parametrize("accident", [Verdict.ERROR, Verdict.NOT_RUN])
def test_an_accident_agrees_with_nothing(accident: Verdict) -> None:
    """Not even with an entry that should never have been made."""
    comparison = compare(recorded(accident), recorded(accident))
    assert outcome(comparison, accident) == "failed"


AGREEING, DRIFTING = LedgerStatus.DIFFERS_AGREEING, LedgerStatus.DRIFT
REPLICATION = {
    # (ledger, today): status and outcome where the estimates agree, and where they differ
    (S, S): (LedgerStatus.REPLICATES, "passed", LedgerStatus.REPLICATES, "passed"),
    (R, R): (LedgerStatus.REPLICATES, "xfailed", LedgerStatus.REPLICATES, "xfailed"),
    (U, U): (LedgerStatus.REPLICATES, "xfailed", LedgerStatus.REPLICATES, "xfailed"),
    (X, X): (LedgerStatus.REPLICATES, "xfailed", LedgerStatus.REPLICATES, "xfailed"),
    (S, U): (AGREEING, "passed", DRIFTING, "failed"),
    (R, U): (AGREEING, "xfailed", DRIFTING, "failed"),
    (U, S): (AGREEING, "xfailed", DRIFTING, "failed"),
    (U, R): (AGREEING, "xfailed", DRIFTING, "failed"),
}


@pytest.mark.parametrize("then", FINDINGS)
@pytest.mark.parametrize("now", list(Verdict))
@pytest.mark.parametrize("estimates_differ", [False, True])
def test_a_replication_may_only_waver(then: Verdict, now: Verdict, estimates_differ: bool) -> None:
    """The whole table; what is not in REPLICATION is drift whatever the estimates do."""
    estimate = 30.0 if estimates_differ else 3.1
    today = recorded(now, estimate=estimate, reason="", **ELSEWHERE)
    comparison = compare(recorded(then), today)
    row = REPLICATION.get((then, now), (DRIFTING, "failed", DRIFTING, "failed"))
    status, end = row[2:] if estimates_differ else row[:2]
    assert (comparison.status, outcome(comparison, now)) == (status, end)


@pytest.mark.parametrize(
    "changes",
    [
        {"seeds": (10, 11, 12, 13, 14)},
        {"sources": "00"},
        {"environment": "elsewhere"},
    ],
)
def test_any_one_change_makes_a_replication(changes: dict[str, object]) -> None:
    """Other seeds, code or environment each bring noise of their own."""
    comparison = compare(ENTRY, recorded(U, **changes))
    assert comparison.status is AGREEING
    assert comparison.line == "INCONCLUSIVE (ledger: SUPPORTED, estimates agree)"
    dated = compare(ENTRY, recorded(S, date="2026-02-28", reason=""))
    assert dated.status is LedgerStatus.SAME


@pytest.mark.parametrize("now", FINDINGS)
@pytest.mark.parametrize("then", FINDINGS)
def test_beside_another_declaration_nothing_is_compared(then: Verdict, now: Verdict) -> None:
    """Its gains may be the same ones under another bound: that they agree says nothing."""
    comparison = compare(recorded(then), recorded(now, declaration="00"))
    assert comparison.status is LedgerStatus.OTHER_DECLARATION
    assert comparison.line == f"{now} (ledger: {then}, of another declaration)"
    assert outcome(comparison, now) == ("passed" if now is S else "failed")


@pytest.mark.parametrize(
    ("cells", "status"), [(1, LedgerStatus.DIFFERS_AGREEING), (100, LedgerStatus.DIFFERS_AGREEING)]
)
def test_welch_is_taken_from_the_summaries(cells: int, status: LedgerStatus) -> None:
    """R: t.test(c(1,2,3,4,5), c(3,5,4,6,8,9)) has p = 0.04071803, above 0.01 / cells."""
    today = recorded(U, estimate=5.833333333333, se=0.945750730607, n=6, **ELSEWHERE)
    comparison = compare(ENTRY, today, cells=cells)
    assert comparison.p == pytest.approx(0.0407180272623)
    assert comparison.status is status


def test_welch_level_is_shared_by_the_cells() -> None:
    """R: 2 * pt(-abs(t), df) for means 3 and 8: 0.002343, drift in one cell, not in ten."""
    today = recorded(U, estimate=8.0, se=0.945750730607, n=6, **ELSEWHERE)
    assert compare(ENTRY, today).status is DRIFTING
    assert compare(ENTRY, today).p == pytest.approx(0.002343161)
    assert compare(ENTRY, today, cells=10).status is AGREEING


@pytest.mark.parametrize("gone", [{"estimate": None}, {"se": None}, {"n": 1, "seeds": (0,)}])
def test_estimates_that_cannot_be_compared_do_not_agree(gone: dict[str, object]) -> None:
    """No discordant seed today where there were some: that is no replication of SUPPORTED."""
    comparison = compare(ENTRY, recorded(U, **(ELSEWHERE | gone)))
    assert comparison.status is DRIFTING
    assert "cannot be compared" in comparison.detail


@pytest.mark.parametrize("verdict", list(Verdict))
def test_without_an_entry_only_supported_passes(verdict: Verdict) -> None:
    """Nothing recorded, or --no-ledger: everything else fails."""
    comparison = compare(None, recorded(verdict))
    assert comparison.status is LedgerStatus.NO_ENTRY
    assert comparison.ledger_verdict is None
    assert outcome(comparison, verdict) == ("passed" if verdict is S else "failed")


@pytest.mark.parametrize("then", [R, U, X])
@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_reason_that_is_owed_fails_until_it_is_written(then: Verdict, reason: str) -> None:
    """Beside anything but SUPPORTED: in the same run, and in a replication that wavers."""
    comparison = compare(recorded(then, reason=reason), recorded(then))
    assert comparison.status is LedgerStatus.REASON_OWED
    assert outcome(comparison, then) == "failed"
    assert compare(recorded(S, reason=reason), recorded(S)).status is LedgerStatus.SAME


def test_drift_is_said_before_a_missing_reason() -> None:
    """Both fail; the difference is what matters."""
    assert compare(recorded(R, reason=""), recorded(S)).status is DRIFTING
    wavering = compare(recorded(U, reason=""), recorded(S, **ELSEWHERE))
    assert wavering.status is LedgerStatus.REASON_OWED


def test_an_update_asks_for_the_reason_again() -> None:
    """A reason says what the old run measured: another verdict, or other numbers, need another."""
    ledger = Ledger(entries=(recorded(R),))
    same = ledger.updated([recorded(R, reason="", date="2026-02-01")])
    assert same.entries[0].reason == "measured"
    assert same.entries[0].date == "2026-02-01"
    moved = {"estimate": 3.5}
    for changed in (
        recorded(U),
        recorded(R, **moved, **ELSEWHERE),
        recorded(R, **moved, sources="x"),
    ):
        assert ledger.updated([changed]).entries[0].reason == ""


def test_an_update_keeps_other_entries_and_records_no_accident() -> None:
    """ERROR and NOT RUN are not findings; other cells and scales stay as they are."""
    other = recorded(S, scale="paper")
    ledger = Ledger(entries=(ENTRY, other))
    after = ledger.updated([recorded(Verdict.ERROR), recorded(Verdict.NOT_RUN, cell="layer-10")])
    assert after == ledger
    added = ledger.updated([recorded(U, cell="layer-10")])
    assert len(added.entries) == 3
    assert added.find(ENTRY.slug, "layer-5", "paper") == other
    assert added.find(ENTRY.slug, "layer-5", "quick") is None


TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
FLOATS = st.none() | st.floats(allow_nan=False, allow_infinity=False)
ENTRIES = st.builds(
    LedgerEntry,
    slug=NAMES,
    cell=TEXT,
    scale=NAMES,
    verdict=st.sampled_from(FINDINGS),
    estimate=FLOATS,
    se=st.none() | st.floats(0, allow_infinity=False),
    n=st.integers(0, 10**6),
    seeds=st.lists(st.integers(-(2**62), 2**62)).map(tuple),
    environment=TEXT,
    declaration=TEXT,
    sources=TEXT,
    date=st.dates().map(str),
    reason=TEXT,
)


@given(st.lists(ENTRIES, max_size=4, unique_by=lambda entry: entry.key))
@settings(derandomize=True, database=None, deadline=None, max_examples=100)
def test_what_is_written_is_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, entries: list[LedgerEntry]
) -> None:
    """Any text and number survives, and the same ledger has one form."""
    path = tmp_path_factory.mktemp("ledger") / "ledger.toml"
    write_ledger(path, Ledger(entries=tuple(entries)))
    first = path.read_bytes()
    assert read_ledger(path) == Ledger(entries=tuple(entries))
    write_ledger(path, Ledger(entries=tuple(reversed(entries))))
    assert path.read_bytes() == first
    assert [each.name for each in path.parent.iterdir()] == ["ledger.toml"]


def test_the_file_is_readable_and_in_order(tmp_path: Path) -> None:
    """Entries are sorted by slug, scale and cell, with one key a line; a None is left out."""
    path = tmp_path / "ledger.toml"
    claim = recorded(S, cell="", estimate=None, se=None)
    write_ledger(path, Ledger(entries=(ENTRY, claim)))
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert text.index('cell = ""') < text.index('cell = "layer-5"')
    assert "seeds = [0, 1, 2, 3, 4]\n" in text
    assert tomllib.loads(text)["entry"][1]["estimate"] == 3.0
    assert "estimate" not in tomllib.loads(text)["entry"][0]


def test_a_missing_file_is_an_empty_ledger(tmp_path: Path) -> None:
    """A new family has recorded nothing yet."""
    assert read_ledger(tmp_path / "ledger.toml") == Ledger()


VALID = """
[[entry]]
slug = "a"
scale = "desk"
cell = ""
verdict = "SUPPORTED"
n = 2
seeds = [0, 1]
environment = "e"
hardware = "h"
declaration = "d"
sources = "s"
first_judged = "2026-01-31"
date = "2026-01-31"
reason = ""
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("schema = 1\nentry = 3", "top-level"),
        ("schema = 2\n", "schema"),
        ("", "schema"),
        ("schema = 1\nother = 2\n", "other"),
        ("schema = ", "TOML"),
        ("schema = 1\n" + VALID.replace('slug = "a"\n', ""), "missing keys .'slug'"),
        ("schema = 1\n" + VALID + "extra = 1\n", "unknown keys .'extra'"),
        ("schema = 1\n" + VALID.replace("n = 2", 'n = "2"'), "wrong type .'n'"),
        ("schema = 1\n" + VALID.replace("n = 2", "n = true"), "wrong type .'n'"),
        ("schema = 1\n" + VALID.replace("[0, 1]", "[0.5, 1]"), "wrong type .'seeds'"),
        ("schema = 1\n" + VALID.replace("SUPPORTED", "MAYBE"), "MAYBE"),
        ("schema = 1\n" + VALID.replace("SUPPORTED", "ERROR"), "verdict ERROR"),
        ("schema = 1\n" + VALID.replace("2026-01-31", "yesterday"), "ISO date"),
        ("schema = 1\n" + VALID + "estimate = nan\n", "finite"),
        ("schema = 1\n" + VALID + "se = -1.0\n", "below 0"),
        ("schema = 1\n" + VALID + VALID, "more than once"),
        ("schema = 1\nentry = [3]\n", "table"),
    ],
)
def test_a_damaged_ledger_is_refused_with_its_path(tmp_path: Path, text: str, message: str) -> None:
    """Never half read: the error names the file, what was got and what was expected."""
    path = tmp_path / "ledger.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LedgerError, match=message) as caught:
        read_ledger(path)
    assert str(path) in str(caught.value)


def test_a_ledger_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """A missing folder is a LedgerError, and leaves nothing behind."""
    with pytest.raises(LedgerError, match="write"):
        write_ledger(tmp_path / "nowhere" / "ledger.toml", Ledger(entries=(ENTRY,)))


def test_text_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """A lone surrogate has no UTF-8 form; the old file stays."""
    path = tmp_path / "ledger.toml"
    write_ledger(path, Ledger())
    with pytest.raises(LedgerError):
        write_ledger(path, Ledger(entries=(recorded(S, reason="\ud800"),)))
    assert read_ledger(path) == Ledger()


@pytest.mark.parametrize("estimate", [math.nan, math.inf])
def test_estimates_in_a_ledger_are_finite(estimate: float) -> None:
    """A diverged run is an outcome to declare, not a number to record."""
    with pytest.raises(LedgerError, match="finite"):
        recorded(S, estimate=estimate)


def test_other_hardware_is_a_replication() -> None:
    """Numbers agree to the bit on one processor only: elsewhere the estimates are compared."""
    here, there = recorded(S, hardware="Xeon"), recorded(U, hardware="EPYC", estimate=2.9)
    assert compare(here, there).status is LedgerStatus.DIFFERS_AGREEING
    assert compare(here, replace(there, hardware="Xeon")).status is LedgerStatus.DRIFT


def test_other_numbers_by_other_code_from_the_same_seeds_owe_a_reason() -> None:
    """Also beside SUPPORTED: what measures was changed with the verdict known.

    Other hardware, environment or declaration are other reasons to differ, and so are other seeds.
    """
    ledger = Ledger(entries=(recorded(S, date="2026-01-01"),))
    later = recorded(S, sources="new", date="2026-03-03", reason="")
    assert ledger.updated([later]).entries[0].remeasured == ""
    moved = replace(later, estimate=3.1)
    (again,) = ledger.updated([moved]).entries
    assert (again.remeasured, again.owes_reason) == ("2026-03-03", True)
    owed = compare(again, moved)
    assert owed.status is LedgerStatus.REASON_OWED
    assert "what was changed in the code that trains or measures" in owed.detail
    written = Ledger(entries=(replace(again, reason="a bug"),))
    (kept,) = written.updated([replace(moved, date="2026-04-04")]).entries
    assert (kept.remeasured, kept.owes_reason) == ("2026-03-03", False)
    for name in ("hardware", "environment", "declaration"):
        other = replace(moved, **{name: "other"})
        assert ledger.updated([other]).entries[0].remeasured == ""
    fresh = replace(moved, seeds=(100, 101))
    assert written.updated([fresh]).entries[0].remeasured == ""


def test_the_first_verdict_of_these_seeds_keeps_its_date() -> None:
    """Recording again moves the date, not the day of the first verdict, whatever was changed since.

    Other seeds, or another search, are judged for the first time.
    """
    ledger = Ledger(entries=(recorded(S, date="2026-01-01", first_judged="2026-01-01"),))
    later = recorded(S, date="2026-03-03", first_judged="")
    again = ledger.updated([later]).entries[0]
    assert (again.date, again.first_judged) == ("2026-03-03", "2026-01-01")
    changed = ledger.updated([replace(later, declaration="new")]).entries[0]
    assert changed.first_judged == "2026-01-01"
    other = replace(later, declaration="new", seeds=(100, 101))
    assert ledger.updated([other]).entries[0].first_judged == "2026-03-03"
    search = Ledger(entries=(recorded(S, seeds=(), date="2026-01-01", first_judged=""),))
    again = search.updated([replace(later, seeds=(), declaration="new")]).entries[0]
    assert again.first_judged == "2026-03-03"


def test_a_reason_stays_beside_the_same_numbers() -> None:
    """A comment in the code makes another run; its numbers, if the same, have the same reason."""
    ledger = Ledger(entries=(recorded(U),))
    other_code = recorded(U, sources="ef" * 32, reason="")
    assert ledger.updated([other_code]).entries[0].reason == "measured"
    moved = replace(other_code, estimate=3.1)
    assert ledger.updated([moved]).entries[0].reason == ""
