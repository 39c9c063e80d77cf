"""The section that says how often a verdict is wrong."""

import json

import pytest

from reports import calibration
from reports.calibration import calibration_view
from reports.document import DocumentError

COLUMNS = [
    "rule", "law", "n", "alpha", "truth", "counted", "rate", "low", "high", "simulations", "limit",
    "nominal", "kept",
]  # fmt: skip


def rate(law, n, value, *, limit=None, kept=None, alpha=0.002, counted="falsely SUPPORTED", **said):
    row = {"rule": "above, not below", "law": law, "n": n, "alpha": alpha, "truth": "at the bound",
           "counted": counted, "rate": value, "low": value, "high": value, "simulations": 1000,
           "limit": limit, "nominal": alpha, "kept": kept} | said  # fmt: skip
    return [row[column] for column in COLUMNS]


RATES = [
    rate("normal", 3, 0.002, limit=0.002, kept=True),
    rate("normal", 10, 0.0021, limit=0.002, kept=True),
    rate("normal", 10, 0.05, limit=0.05, kept=True, alpha=0.05),  # another level: not in the table
    rate("skewed", 3, 0.01),
    rate("skewed", 10, 0.03),
    rate("skewed", 10, 0.4, alpha=0.05, counted="any falsely SUPPORTED", rule="family of 26"),
]


def written(tmp_path, rates):
    path = tmp_path / "calibration.json"
    head = {"simulations": 1000, "numpy": "2", "scipy": "1", "columns": COLUMNS}
    path.write_text(json.dumps(head | {"rates": rates}))
    return path


def test_rates_are_shown_over_their_level_by_law_and_n(tmp_path):
    """At the smallest level, in the order of the file; the worst case is named with its numbers."""
    view = calibration_view(written(tmp_path, RATES))
    assert view.ns == ("3", "10")
    assert [(row.law, row.promised, row.cells) for row in view.rows] == [
        ("normal", True, ("1.00", "1.05")), ("skewed", False, ("5.00", "15.00")),
    ]  # fmt: skip
    assert "skewed, n = 10" in view.worst
    assert "40" in view.worst
    assert "All 3 of them are kept" in view.lead


def test_a_broken_promise_is_said(tmp_path):
    """The lead counts what is not kept."""
    rates = [*RATES, rate("normal", 20, 0.01, limit=0.002, kept=False)]
    rates += [rate("skewed", 20, 0.01)]
    assert "1 of 4 of them are broken" in calibration_view(written(tmp_path, rates)).lead


def test_without_a_table_there_is_no_section(tmp_path):
    """A copy of the project without the file still draws its page."""
    assert calibration_view(tmp_path / "none.json") is None


def test_a_damaged_table_is_named(tmp_path):
    """Not JSON, or JSON without the columns."""
    for text in ("{", "{}", "[]"):
        path = tmp_path / f"{len(text)}{text[0] == '['}.json"
        path.write_text(text)
        with pytest.raises(DocumentError, match="make calibration"):
            calibration_view(path)


def test_the_committed_table_keeps_its_promises():
    """All promised rates of this project's own rules are kept, counted on many samples."""
    found, rates = calibration._read(calibration.FILE)
    assert found["simulations"] >= 100_000
    promised = [each for each in rates if each["limit"] is not None]
    assert len(promised) > 300
    assert [each for each in promised if not each["kept"]] == []
    assert [r for r in promised if r["kept"] is not (r["low"] <= r["limit"] * (1 + 1e-9))] == []
