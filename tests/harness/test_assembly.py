"""The document: one entry for each registered slug, in one order, whoever finished first."""

import json
from pathlib import Path

import numpy as np
import pytest
from toy_projects import text_of

from harness.documents.merging import (
    deciding_cell,
    ledger_lines,
    that_could_contradict,
    worst_ledger,
)
from harness.hooks import announcing, table
from harness.ledgers.ledger_rules import LedgerStatus
from harness.words import Verdict


@pytest.fixture
def last_first(monkeypatch):
    """Let what was said of cells arrive last first, as it may from several workers."""
    original = announcing._by_family

    def by_family(claims):
        claims.heard = dict(reversed(claims.heard.items()))
        return original(claims)

    monkeypatch.setattr(announcing, "_by_family", by_family)


def with_cells(project, hypothesis="Above(5.0, because='so')", accuracy="70.0 + cell.layer"):
    project.claim(
        treatment=f'lambda cell: toy(name=f"c{{cell.layer}}", accuracy={accuracy})',
        hypothesis=hypothesis,
        more='cells=grid(layer=(10, 5, 7)), figures=(curve("Loss", "train_loss"),)',
    )


def test_cells_stand_in_declared_order_whoever_finished_first(project, last_first):
    """Not in the order of ids, nor in that of arrival."""
    with_cells(project)
    project.run()
    (claim,) = project.document["claims"]
    assert [cell["id"] for cell in claim["cells"]] == ["layer10", "layer5", "layer7"]
    assert [panel["cells"] for panel in claim["figures"]] == [["layer10"], ["layer5"], ["layer7"]]
    assert claim["verdict"] == "SUPPORTED"


def test_the_reason_is_that_of_the_deciding_cell(project, last_first):
    """A refuted cell's reason stands for the claim, with how many there are."""
    with_cells(project, accuracy="80.0 - 3 * cell.layer")  # 50, 65, 59 against 60
    project.run()
    (claim,) = project.document["claims"]
    assert claim["verdict"] == "REFUTED"
    assert claim["reason"].startswith("layer 10: The ")
    assert claim["reason"].endswith("(2 of 3 cells are REFUTED.)")
    assert claim["refuted_if"].startswith("in any one cell, ")


def test_a_claims_ledger_status_is_that_of_its_worst_cell(project):
    """One cell that drifts is what a reader must see, wherever it stands."""
    with_cells(project)
    project.run("--update-ledger")
    ledger = project.folder / "ledger.toml"
    entries = ledger.read_text().split("[[entry]]")
    last = next(i for i, entry in enumerate(entries) if 'cell = "layer7"' in entry)
    entries[last] = entries[last].replace('"SUPPORTED"', '"REFUTED"')
    entries[last] = entries[last].replace('reason = ""', 'reason = "x"')
    ledger.write_text("[[entry]]".join(entries))
    assert project.run().ret == 1
    (claim,) = project.document["claims"]
    assert claim["ledger"]["status"] == "drift"
    assert "SUPPORTED (ledger: REFUTED, drift)" in claim["ledger"]["line"]


def test_runs_and_their_cost_count_once(project):
    """Three cells share the control's ten runs: forty runs in all."""
    with_cells(project)
    project.run()
    (claim,) = project.document["claims"]
    assert claim["cost"]["runs"] == 40
    assert claim["cost"]["train_s"] == pytest.approx(40 * 0.01)


def test_panels_that_cells_share_are_drawn_once(project):
    """The same title, metric and arms are one panel that names its cells."""
    project.claim(
        treatment='lambda cell: toy(name="up", accuracy=80.0)',
        endpoint='lambda cell: mean("train_accuracy", over=third(cell.part))',
        hypothesis="Above(0.5, because='so')",
        more='cells=grid(part=(2, 3)), figures=(curve("Loss", "train_loss"),)',
    )
    project.run()
    (panel,) = project.document["claims"][0]["figures"]
    assert panel["cells"] == ["part2", "part3"]


def test_the_document_agrees_with_its_published_schema(project):
    """What the harness says is what the schema of verdicts.json promises."""
    jsonschema = pytest.importorskip("jsonschema")
    schema = Path(__file__).parents[2] / "reports" / "verdicts.schema.json"
    project.four()
    project.claim("toy-added", treatment='toy(name="broken", raises=True)')
    project.run()
    jsonschema.validate(project.document, json.loads(schema.read_text()))


def test_settings_say_whether_the_run_was_partial(project):
    """A run of part of the family says how much of it."""
    project.family("toy-rises", "toy-unwritten")
    project.claim()
    project.run()
    assert project.document["settings"]["partial"] == "1 of 2 registered claims were run."
    project.family("toy-rises")
    project.run()
    assert project.document["settings"]["partial"] is False


def test_the_table_wraps_reasons_and_says_fragile():
    """One head line with verdict and ledger, then the reason in lines of at most 96."""
    claim = {
        "slug": "toy", "verdict": "REFUTED", "refuted_kind": "opposite", "fragile": True,
        "addition": True, "ledger": {"line": "L"}, "reason": "word " * 60, "cells": [{}],
    }  # fmt: skip
    lines = table.table_lines({"claims": [claim]})
    assert lines[0] == ("toy  REFUTED (opposite), FRAGILE, addition  [L]", {"red": True})
    assert max(len(text) for text, _ in lines) <= 96
    counted = "0 SUPPORTED, 0 REFUTED, 0 INCONCLUSIVE; additions: 1 REFUTED"
    assert lines[-1] == (counted, {"bold": True})
    registered = claim | {"addition": False, "verdict": "INVALID"}
    last = table.table_lines({"claims": [claim, registered]})[-1]
    assert last[0] == counted.replace(";", ", 1 INVALID;")


def test_what_is_said_of_the_whole_session_is_printed_once(project):
    """It stands in each document, whose notices are printed."""
    project.claim()
    conftest = project.root / "conftest.py"
    own = (
        "\n\ndef pytest_collection_finish(session):\n"
        "    from harness.hooks.session import SESSION\n"
        "    session.config.stash[SESSION].notices.append('said once')\n"
    )
    conftest.write_text(conftest.read_text() + own)
    result = project.run()
    assert text_of(result).count("said once") == 1


def test_a_store_judged_elsewhere_does_not_claim_this_machines_card(project):
    """Under --environment the versions in the name hold; this machine's card trained nothing."""
    project.claim()
    project.run()
    runs = project.root / ".claims" / "runs"
    (runs / "cpu-torch0-fp64-toy").rename(runs / "cuda-torch9-fp32-eager")
    result = project.run("--judge-only", "--environment", "cuda-torch9-fp32-eager")
    assert result.ret == 0, text_of(result)
    environment = project.document["environment"]
    assert environment["name"] == "cuda-torch9-fp32-eager"
    assert (environment["cpu"], environment["torch"]) != ("any", "0")


def said_by_ledger(*statuses):
    return [{"ledger": {"line": f"line {i}", "status": s}} for i, s in enumerate(statuses)]


def test_cells_that_agree_with_the_ledger_are_said_in_one_line():
    """Eight cells with three verdicts, all as recorded, are no eight lines; drift keeps its own."""
    same, drift = LedgerStatus.SAME, LedgerStatus.DRIFT
    assert ledger_lines(said_by_ledger(same, same)) == ["each of 2 cells as in the ledger, same"]
    assert ledger_lines(said_by_ledger(same, drift)) == ["line 0", "line 1"]
    assert ledger_lines(said_by_ledger(drift, drift)) == ["line 0", "line 1"]
    assert ledger_lines(said_by_ledger(same)) == ["line 0"]


def test_what_is_recorded_is_said_of_the_cell_that_decides():
    """Where all agree, a REFUTED claim shows the record of its refuted cell, and names it.

    A cell that differs from its record comes before it.
    """
    cells = [{"id": "a", "label": "layer 1"}, {"id": "b", "label": "layer 2"}]
    said = [
        {"cell": cell, "declared_cells": cells, "ledger": {"status": "same", "reason": cell["id"]}}
        for cell in cells
    ]
    assert worst_ledger(said, cells[1]) == {"status": "same", "reason": "b", "cell": "layer 2"}
    said[0]["ledger"]["status"] = "drift"
    assert worst_ledger(said, cells[1])["cell"] == "layer 1"
    alone = [said[1] | {"declared_cells": cells[1:]}]
    assert worst_ledger(alone, cells[1])["cell"] is None


def a_cell(verdict, kind=None, **more):
    row = {"available": True, "contradicts": True, "of": verdict}
    return {"verdict": verdict, "refuted_kind": kind, "sensitivity": [row]} | more


def test_a_claim_is_opposite_where_any_refuted_cell_is():
    """Whatever the order of its cells."""
    cells = [a_cell("SUPPORTED"), a_cell("REFUTED", "too small"), a_cell("REFUTED", "opposite")]
    assert deciding_cell(Verdict.REFUTED, cells) is cells[2]
    assert deciding_cell(Verdict.REFUTED, cells[:2]) is cells[1]
    assert deciding_cell(Verdict.INCONCLUSIVE, cells) is cells[2]  # none says so: as good as any


def test_a_refuted_claim_is_doubted_in_its_refuted_cells_alone():
    """That a supported cell is doubtful takes nothing from the refutation."""
    cells = [a_cell("SUPPORTED"), a_cell("REFUTED", "opposite")]
    assert [row["of"] for row in that_could_contradict(Verdict.REFUTED, cells)] == ["REFUTED"]
    assert [r["of"] for r in that_could_contradict(Verdict.SUPPORTED, cells)] == ["SUPPORTED"]
    assert that_could_contradict(Verdict.INCONCLUSIVE, cells) == []


def test_the_document_names_the_numpy_of_its_runs(project):
    """As the records say it; it is no part of the name of the environment."""
    project.claim()
    project.run()
    environment = project.document["environment"]
    assert environment["numpy"] == np.__version__
    assert np.__version__ not in environment["name"]
    project.run("--judge-only")
    assert project.document["environment"] == environment
