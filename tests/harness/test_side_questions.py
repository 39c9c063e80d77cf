"""Readings and scopes in whole sessions: trained on demand, judged alike, never deciding."""

from collections import Counter
from dataclasses import replace

import pytest
from toy_projects import text_of

from harness.declarations.scope import Scope
from harness.errors import ClaimDefinitionError
from reports.checking.whole import disagreements
from reports.shape import first_misfit

WIDE = (
    'Reading(name="wide", leaves_open="the spread", changes={"sd": 90.0}, because="it may be wide")'
)
LOW = (
    'Reading(name="low", leaves_open="the level", changes={"toy": {"accuracy": 61.0}, "other": '
    '{"depth": 3}}, because="it may be low")'
)
OWN = 'Reading(name="own", leaves_open="the spread", changes={"sd": 1.0}, because="as it stands")'
BROKEN = (
    'Reading(name="broken", leaves_open="all", changes={"raises": True}, because="it may break")'
)
READINGS = f"readings=({WIDE}, {LOW}, {OWN}),"
SCOPE = 'scope=Scope(rows=("accuracy", (60.0, 80.0)), columns=("sd", (1.0, 2.0, 30.0))),'


def rows_of(document, claim=0, cell=0):
    rows = document["claims"][claim]["cells"][cell]["readings"]
    return {row["name"]: row for row in rows}


def trained_names(project):
    return Counter(name for name, *_ in project.trained)


def test_without_full_readings_are_listed_and_nothing_more_is_trained(project):
    """Declared, with why they are not judged; the claim's own runs alone are trained."""
    project.claim(more=READINGS + SCOPE)
    assert project.run().ret == 0
    assert trained_names(project) == {"up": 10, "plain": 10}
    rows = rows_of(project.document)
    assert [(row["verdict"], row["note"]) for row in rows.values()] == [
        ("NOT RUN", "Not run (--full).")
    ] * 3
    (claim,) = project.document["claims"]
    assert claim["readings"] | {"rows": []} == {"judged": 0, "other": 0, "rows": []}
    assert claim["scope"] == {
        "rows": {"name": "accuracy", "values": [60.0, 80.0]},
        "columns": {"name": "sd", "values": [1.0, 2.0, 30.0]},
        "points": [],
        "note": "Not run (--scope).",
    }


def test_a_claim_without_readings_says_so_and_nothing_else(project):
    """The new keys are empty."""
    project.claim()
    project.run("--full", "--scope")
    (claim,) = project.document["claims"]
    assert (claim["readings"], claim["scope"]) == (None, None)
    assert claim["cells"][0]["readings"] == []


def test_readings_are_judged_by_the_claims_rule_and_never_decide(project):
    """One is wide, one refuted, one is the claim's own runs: the claim stays SUPPORTED, exit 0."""
    project.claim(more=READINGS)
    assert project.run("--full").ret == 0
    (claim,) = project.document["claims"]
    assert (claim["verdict"], claim["fragile"]) == ("SUPPORTED", False)
    rows = rows_of(project.document)
    assert {name: row["verdict"] for name, row in rows.items()} == {
        "wide": "INCONCLUSIVE", "low": "REFUTED", "own": "SUPPORTED"
    }  # fmt: skip
    assert rows["low"]["refuted_kind"] == "too small"
    assert (rows["low"]["n"], len(rows["low"]["gains"])) == (10, 10)
    (cell,) = claim["cells"]
    assert rows["own"]["same"]
    assert rows["own"]["ci"] == cell["ci"]
    assert not rows["low"]["same"]
    summary = claim["readings"]
    assert (summary["judged"], summary["other"]) == (2, 2)
    assert [row["verdict"] for row in summary["rows"]] == ["INCONCLUSIVE", "REFUTED", "SUPPORTED"]
    runs = Counter((name, seed) for name, seed, _ in project.trained)
    assert set(runs.values()) == {3}  # its own, wide, low; "own" shares the claim's runs


def test_a_reading_whose_training_fails_or_is_missing_costs_its_row_alone(project):
    """ERROR with the reason, NOT RUN where the store lacks it: the claim's verdict stands."""
    project.claim(more=f"readings=({BROKEN}, {LOW}),")
    result = project.run("--full")
    assert result.ret == 0
    assert project.verdicts == {"toy-rises": "SUPPORTED"}
    rows = rows_of(project.document)
    assert (rows["broken"]["verdict"], rows["low"]["verdict"]) == ("ERROR", "REFUTED")
    assert "toy training broke" in rows["broken"]["note"]
    assert project.document["claims"][0]["readings"] | {"rows": []} == {
        "judged": 1, "other": 1, "rows": []
    }  # fmt: skip
    result = project.run("--full", "--judge-only")
    assert result.ret == 0
    rows = rows_of(project.document)
    assert (rows["broken"]["verdict"], rows["low"]["verdict"]) == ("NOT RUN", "REFUTED")


def test_a_reading_under_which_the_control_does_not_learn_is_invalid(project):
    """The claim's own preconditions, on the reading's runs, with the share that failed."""
    poor = LOW.replace("61.0", "20.0")
    project.claim(more=f'preconditions=[learns("control", 50.0)], readings=({poor},),')
    project.run("--full")
    row = rows_of(project.document)["low"]
    assert row["verdict"] == "INVALID"
    assert row["failed_preconditions"] == [
        "train_accuracy of the control is at least 50 in only 0% of the seeds, 90% are needed"
    ]
    assert project.verdicts == {"toy-rises": "SUPPORTED"}


def test_a_reading_says_where_its_phase_departs_and_the_claims_own_does_not(project):
    """What holds of the claim, too, stands on its card and is not repeated."""
    late = 'mean("train_accuracy", over=after("train_accuracy", 55.0))'
    low = LOW.replace("61.0", "40.0")
    project.claim(endpoint=late, more=f"readings=({low}, {WIDE.replace('90.0', '2.0')}),")
    project.run("--full")
    rows = rows_of(project.document)
    assert rows["low"]["note"].startswith("Earlier phase than the paper")
    assert rows["wide"]["note"] is None
    never = late.replace("55.0", "99.0")
    project.claim(endpoint=never, more=f"readings=({low},),")
    project.run("--full")
    (claim,) = project.document["claims"]
    assert claim["deviations"][0].startswith("Earlier phase than the paper")
    assert rows_of(project.document)["low"]["note"] is None


def test_a_reading_of_a_claim_with_cells_is_combined_as_cells_are(project):
    """One refuted cell refutes the reading; cells that were not selected leave it NOT RUN."""
    low = LOW.replace('"accuracy": 61.0', '"sd": 25.0')
    project.claim(
        treatment='lambda cell: toy(name=f"c{cell.to}", accuracy=float(cell.to))',
        more=f"cells=grid(to=(70, 95)), readings=({low},),",
    )
    project.run("--full")
    (claim,) = project.document["claims"]
    words = [cell["readings"][0]["verdict"] for cell in claim["cells"]]
    assert words == ["INCONCLUSIVE", "SUPPORTED"]
    assert claim["readings"]["rows"][0]["verdict"] == "INCONCLUSIVE"
    project.run("--full", "-k", "to95")
    (claim,) = project.document["claims"]
    assert claim["readings"]["rows"][0]["verdict"] == "NOT RUN"
    assert claim["readings"]["other"] is None  # the claim itself is NOT RUN


def test_the_scope_is_a_map_of_verdicts_whose_own_place_shares_the_claims_runs(project):
    """Every place by the claim's rule; the place of the claim's own settings trains nothing new."""
    project.claim(
        treatment='toy(name="zzzzzzzz", height=1.0)',
        control='toy(name="plain", height=0.0)',
        more='scope=Scope(rows=("accuracy", (60.0, 61.0)), columns=("sd", (1.0, 30.0))),',
    )
    assert project.run("--scope", "--no-ledger").ret == 1  # the claim itself is REFUTED
    (claim,) = project.document["claims"]
    points = claim["scope"]["points"]
    places = [(point["row"], point["column"], point["own"]) for point in points]
    assert places == [(60, 1, True), (60, 30, False), (61, 1, False), (61, 30, False)]
    (cell,) = claim["cells"]
    own = points[0]["cells"][0]
    assert (points[0]["verdict"], own["ci"], own["gains"]) == (
        claim["verdict"], cell["ci"], cell["gains"]
    )  # fmt: skip
    assert points[0]["estimate"] == cell["estimate"]
    assert {point["verdict"] for point in points} == {"REFUTED", "INCONCLUSIVE"}
    assert set(trained_names(project).values()) == {40}  # four places, of which one is its own


def test_settings_that_every_place_has_alike(project):
    """They change the arms everywhere and are no axis; without any the declaration reads as it did.

    The declaration is hashed, so what is not declared must not show in it.
    """
    axes = 'rows=("accuracy", (60.0, 61.0)), columns=("sd", (1.0,))'
    project.claim(
        treatment='toy(name="up", accuracy=60.0)',
        more=f'scope=Scope({axes}, alike={{"slow": 0.0}}),',
    )
    project.run("--scope", "--no-ledger")
    (claim,) = project.document["claims"]
    assert [claim["scope"][axis]["name"] for axis in ("rows", "columns")] == ["accuracy", "sd"]
    plain = Scope(rows=("accuracy", (60.0, 61.0)), columns=("sd", (1.0,)))
    assert repr(plain) == f"Scope({axes.replace(chr(34), chr(39))})"
    alike = replace(plain, alike={"slow": 0.0})
    assert alike.changes(next(alike.points())) == {"accuracy": 60.0, "sd": 1.0, "slow": 0.0}
    assert "alike={'slow': 0.0}" in repr(alike)
    with pytest.raises(ClaimDefinitionError, match="alike: got sd, which is an axis"):
        replace(plain, alike={"sd": 2.0})


def test_the_claims_own_place_keeps_its_own_arms(project):
    """What every place has alike spares other places work: its own runs are there already."""
    project.claim(
        treatment='toy(name="zzzzzzzz", height=1.0)',
        control='toy(name="plain", height=0.0)',
        more='scope=Scope(rows=("accuracy", (60.0, 61.0)), columns=("sd", (1.0,)), '
        'alike={"block": 2}),',
    )
    project.run("--scope", "--no-ledger")
    (claim,) = project.document["claims"]
    assert [point["own"] for point in claim["scope"]["points"]] == [True, False]
    assert claim["scope"]["points"][0]["cells"][0]["gains"] == claim["cells"][0]["gains"]
    assert set(trained_names(project).values()) == {20}  # its own and one place more


def test_the_map_of_a_claim_with_cells_is_of_all_of_them(project):
    """One word for a place, and the numbers of its worst cell; -k leaves the others NOT RUN."""
    project.claim(
        treatment='lambda cell: toy(name=f"c{cell.to}", accuracy=float(cell.to))',
        more='cells=grid(to=(70, 95)), scope=Scope(rows=("sd", (1.0, 25.0)), '
        'columns=("slow", (0.0,))),',
    )
    project.run("--scope")
    points = project.document["claims"][0]["scope"]["points"]
    assert [(p["verdict"], p["worst"], p["own"]) for p in points] == [
        ("SUPPORTED", "to70", True), ("INCONCLUSIVE", "to70", False)
    ]  # fmt: skip
    assert [cell["verdict"] for cell in points[1]["cells"]] == ["INCONCLUSIVE", "SUPPORTED"]
    assert points[1]["estimate"] == points[1]["cells"][0]["estimate"]
    project.run("--scope", "-k", "to95")
    points = project.document["claims"][0]["scope"]["points"]
    assert [p["verdict"] for p in points] == ["NOT RUN", "NOT RUN"]
    assert [c["verdict"] for c in points[0]["cells"]] == ["NOT RUN", "SUPPORTED"]


def test_two_workers_train_and_say_the_same_as_one(project):
    """Every worker plans the same jobs: nothing twice, and one document, of the schema, sound."""
    project.claim(more=READINGS + SCOPE)
    project.run("--full", "--scope")
    assert first_misfit(project.document) is None
    assert disagreements(project.document) == ()
    alone = project.document["claims"][0]
    trained = len(project.trained)
    project.start("--full", "--scope", "-n", "2", "--store", "second")
    assert len(project.trained) == 2 * trained
    shared = project.document["claims"][0]
    for key in ("readings", "scope"):
        assert shared[key] == alone[key]
    assert [c["readings"] for c in shared["cells"]] == [c["readings"] for c in alone["cells"]]


def test_the_plan_says_what_is_beside_the_verdicts(project):
    """Arms, runs and time of side questions; without the options none of them."""
    project.claim(more=READINGS + SCOPE)
    assert "beside the verdicts" not in text_of(project.run("--plan"))
    text = text_of(project.run("--plan", "--full", "--scope"))
    assert "160 runs to train, about 2 s on one core" in text
    assert "beside the verdicts (readings, scope): 140 runs to train, about 1 s" in text
    assert "beside the verdicts (readings, scope): 40 runs" in text_of(
        project.run("--plan", "--full")
    )
    assert project.trained == []


def test_quick_scale_withholds_side_verdicts_too(project):
    """INCONCLUSIVE by rule, with the rule as the reason."""
    project.claim(more=READINGS + SCOPE)
    assert project.run("--scale", "quick", "--full", "--scope").ret == 0
    (claim,) = project.document["claims"]
    assert {row["verdict"] for row in claim["readings"]["rows"]} == {"INCONCLUSIVE"}
    assert {point["verdict"] for point in claim["scope"]["points"]} == {"INCONCLUSIVE"}
    assert "too small to judge" in rows_of(project.document)["low"]["reason"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (f"readings=({LOW.replace('accuracy', 'refuse')},),", "reading 'low': toy-rises: arm: got"),
        (f"readings=({LOW.replace('toy', 'vgg')},),", "reading 'low': got changes of no arm"),
        (f"readings=({LOW}, {LOW}),", "got the names ['low', 'low']; expected each once"),
        ('readings=("momentum",),', "readings: got 'momentum'"),
        ("scope=3,", "scope: got 3"),
        (
            'scope=Scope(rows=("refuse", (1, 2)), columns=("sd", (1.0,))),',
            "scope at refuse 1, sd 1.0: toy-rises: arm: got",
        ),
        (
            'scope=Scope(rows=("name", ("a", "b")), columns=("accuracy", (1.0,))),',
            "scope at name a, accuracy 1.0: toy-rises: treatment and control are one arm",
        ),
    ],
)
def test_what_no_arm_knows_is_refused_at_collection(project, more, said):
    """With the claim, the reading or place, and the reason; whether or not it would be run."""
    project.claim(more=more)
    result = project.run("--plan")
    assert result.ret != 0
    assert said in text_of(result)


def test_cells_that_a_scope_makes_one_are_refused(project):
    """An axis that overrides what the cells differ in."""
    project.claim(
        treatment='lambda cell: toy(name="up", accuracy=float(cell.to))',
        more='cells=grid(to=(70, 80)), scope=Scope(rows=("accuracy", (90.0,)), '
        'columns=("sd", (1.0,))),',
    )
    result = project.run("--plan")
    assert result.ret != 0
    assert "cells to70 and to80 ask the same" in text_of(result)


def test_what_is_shown_beside_a_verdict_has_a_hash_of_its_own(project):
    """Another map, reading or definition is another hash, and the same question as before."""
    other = 'alternatives=(Alternative(name="median", endpoint=median("train_accuracy")),),'

    def declared(more):
        project.claim(more=more)
        project.run()
        return project.document["claims"][0]["declaration"]

    wide = f"readings=({WIDE},),"
    said = [declared(more) for more in ("", READINGS, wide, SCOPE, other)]
    assert len({each["sha256"] for each in said}) == 1
    assert len({each["shown_sha256"] for each in said}) == 5
    assert declared("") == said[0]
