"""Attempts: declared again, on seeds of their own, at a smaller level, with the first on record."""

import tomllib
from collections import Counter

import pytest
from toy_projects import LEVEL, UP, text_of

from harness.admission.attempts import (
    ALL_ATTEMPTS_SPEND,
    MOST_ATTEMPTS,
    alpha_of_attempt,
    attempt_at,
    seeds_of_attempt,
)
from harness.bench import Scale
from harness.documents.digest import sealed
from harness.documents.merging import holm_of
from reports.checking.whole import changed, disagreements
from reports.shape import first_misfit

AGAIN = 'attempt=2, because_again="the spread was wider than thought; the bound is unchanged",'
SECOND = list(range(100, 110))


def first_attempt(project, **parts):
    """Judge a claim that stays undecided, and record it with its reason."""
    project.claim(**({"treatment": LEVEL} | parts))
    project.run("--update-ledger")
    ledger = project.folder / "ledger.toml"
    ledger.write_text(ledger.read_text().replace('reason = ""', 'reason = "too wide"'))
    assert project.run().ret == 0


def ledger_rows(project):
    return tomllib.loads((project.folder / "ledger.toml").read_text())["entry"]


def seeds_trained(project):
    """Return how many runs were trained of each arm on the first block of seeds and the second."""
    return Counter((name, seed // 100) for name, seed, _ in project.trained)


def test_all_attempts_together_spend_at_most_what_is_said():
    """The first the whole share, attempt k 1/2^k of it: 1.5 times the share in the limit."""
    levels = [alpha_of_attempt(0.002, k) for k in range(1, MOST_ATTEMPTS + 1)]
    assert levels[:3] == [0.002, 0.0005, 0.00025]
    assert sum(levels) <= 0.002 * ALL_ATTEMPTS_SPEND


def test_no_seed_serves_two_attempts_and_none_is_a_pilot():
    """Blocks of a hundred, however many seeds the smaller levels ask for."""
    blocks = [seeds_of_attempt(tuple(range(10)), k, 20) for k in range(1, MOST_ATTEMPTS + 1)]
    seeds = [seed for block in blocks for seed in block]
    assert blocks[1][:3] == (100, 101, 102)
    assert len(set(seeds)) == len(seeds) == 20 * MOST_ATTEMPTS
    assert max(seeds) < 1000
    assert seeds_of_attempt((0, 1), 3) == (200, 201)


def test_an_attempt_may_be_that_of_some_scales():
    """At the others it is the first."""
    assert attempt_at({"desk": 2}, "desk") == 2
    assert attempt_at({"desk": 2}, "paper") == 1
    assert attempt_at(3, "paper") == 3


def test_a_second_attempt_has_its_own_seeds_and_level_and_keeps_the_first_on_record(project):
    """Judged on 100 to 109 alone, at a quarter of alpha; the ledger then holds both."""
    first_attempt(project)
    (before,) = ledger_rows(project)
    project.claim(treatment=UP, more=AGAIN)
    result = project.run()
    assert result.ret == 0
    (claim,) = project.document["claims"]
    (cell,) = claim["cells"]
    assert (claim["verdict"], cell["seeds"], cell["n"]) == ("SUPPORTED", SECOND, 10)
    assert cell["alpha"] == cell["alpha_refute"] == 0.05 / 4
    assert [row["seed"] for row in cell["runs"]["control"]] == SECOND
    assert claim["ledger"]["line"] == "SUPPORTED (not in the ledger)"
    assert claim["attempt"] == {
        "number": 2,
        "because": "the spread was wider than thought; the bound is unchanged",
        "alpha": 0.05 / 4,
        "seeds": SECOND,
        "earlier": [
            {
                "number": 1,
                "verdict": "INCONCLUSIVE",
                "date": before["date"],
                "seeds": list(range(10)),
            }
        ],
    }
    assert seeds_trained(project) == {
        ("level", 0): 10, ("plain", 0): 10, ("up", 1): 10, ("plain", 1): 10
    }  # fmt: skip
    assert (disagreements(project.document), first_misfit(project.document)) == ((), None)
    project.run("--update-ledger")
    rows = ledger_rows(project)
    assert rows[0] == before
    assert [(row["verdict"], row.get("attempt")) for row in rows] == [
        ("INCONCLUSIVE", None), ("SUPPORTED", 2)
    ]  # fmt: skip
    assert rows[1]["seeds"] == SECOND
    assert "SUPPORTED (ledger: SUPPORTED, same)" in text_of(project.run())


KNOWING = 'written_knowing="the verdict, when the bound was lowered",'
LOWER = 'Above(1.0, because="so")'


def test_a_declaration_that_is_changed_beside_its_verdict_is_refused(project):
    """A lower bound on seeds whose gains are known is another attempt, or is said; else refused."""
    first_attempt(project)
    project.claim(treatment=LEVEL, hypothesis=LOWER)
    result = project.run()
    assert result.ret == 2
    text = text_of(result)
    assert "got another declaration" in text
    assert "declare attempt=2" in text
    assert "written_knowing" in text
    assert ledger_rows(project)[0]["verdict"] == "INCONCLUSIVE"


def test_a_change_that_is_said_is_judged_once_and_stays_on_the_card_and_in_the_ledger(project):
    """The next change beside it has to be said again."""
    first_attempt(project)
    project.claim(treatment=LEVEL, hypothesis=LOWER, more=KNOWING)
    project.run("--update-ledger")
    (claim,) = project.document["claims"]
    said = "the verdict, when the bound was lowered"
    assert claim["declaration"]["written_knowing"] == said
    assert (disagreements(project.document), first_misfit(project.document)) == ((), None)
    (row,) = ledger_rows(project)
    assert row["written_knowing"] == said
    assert project.run().ret != 2
    project.claim(treatment=LEVEL, hypothesis='Above(0.5, because="so")', more=KNOWING)
    result = project.run()
    assert result.ret == 2
    assert "after what it says already" in text_of(result)


@pytest.mark.parametrize("bound", ['Above(1.0, because="so")', 'Above(0.5, because="so")'])
@pytest.mark.parametrize("text", ["", 'written_knowing="nothing much",'])
def test_what_was_said_to_be_known_is_not_taken_back(project, bound, text):
    """Neither with the declaration as it is nor with another: it would unlock any change."""
    first_attempt(project)
    project.claim(treatment=LEVEL, hypothesis=LOWER, more=KNOWING)
    project.run("--update-ledger")
    project.claim(treatment=LEVEL, hypothesis=bound, more=text)
    result = project.run("--update-ledger")
    assert result.ret == 2
    assert "what was known once stays known" in text_of(result)
    (row,) = ledger_rows(project)
    assert row["written_knowing"] == "the verdict, when the bound was lowered"
    more = KNOWING.replace('lowered"', 'lowered; then it was lowered again"')
    project.claim(treatment=LEVEL, hypothesis='Above(0.5, because="so")', more=more)
    assert project.run("--update-ledger").ret != 2


def test_a_claim_is_not_taken_from_a_scale_that_judged_it(project):
    """Else a refuted claim would be NOT RUN, with exit code 0 and nothing said."""
    first_attempt(project)
    project.claim(treatment=LEVEL, more='scales=("quick",), only_because="so",')
    result = project.run()
    assert result.ret == 2
    assert "a claim is not taken from where it was judged" in text_of(result)


def test_a_verdict_on_record_does_not_lose_its_claim(project):
    """Under another name the claim would be a new one, with nothing on record."""
    first_attempt(project)
    (project.folder / "test_toy_rises.py").unlink()
    project.claim("toy-climbs", treatment=LEVEL)
    project.family("toy-climbs")
    result = project.run()
    assert result.ret != 0
    assert "got a verdict on toy-rises (INCONCLUSIVE" in text_of(result)
    assert "under its name; restore it" in text_of(result)


def test_a_claim_that_is_left_out_says_what_is_on_record(project):
    """As it does where its file is gone, or it runs with --full alone."""
    project.family("toy-rises", "toy-falls")
    first_attempt(project)
    project.claim(treatment=LEVEL, more='full=("desk",),')
    project.claim("toy-falls")
    project.run()
    reasons = {claim["slug"]: claim["reason"] for claim in project.document["claims"]}
    assert "Not part of this run. On record: INCONCLUSIVE of 20" in reasons["toy-rises"]
    project.run("--flavour", "other")
    reasons = {claim["slug"]: claim["reason"] for claim in project.document["claims"]}
    assert reasons["toy-rises"] == "Not part of this run."


@pytest.mark.parametrize(
    "option", [("--seeds", "0-3"), ("--scale", "quick"), ("--flavour", "other")]
)
def test_what_is_asked_otherwise_than_declared_is_no_change_of_the_declaration(project, option):
    """Other seeds, another scale and other data have other hashes, and no verdict on record."""
    first_attempt(project)
    result = project.run(*option)
    assert "another declaration" not in text_of(result)
    assert result.ret in (0, 1)


def test_a_change_of_what_is_shown_alone_is_no_change_of_the_declaration(project):
    """Another definition beside the verdict decides nothing."""
    first_attempt(project)
    shown = 'alternatives=(Alternative(name="whole", endpoint=mean("train_accuracy")),),'
    project.claim(treatment=LEVEL, more=shown)
    assert project.run().ret == 0


def test_the_smaller_level_has_the_seeds_that_its_exact_tests_need(project):
    """With 26 registered claims alpha / 4 is below 2^-11: seeds 110 and 111 make it fit."""
    project.family("toy-rises", *(f"other-{i}" for i in range(25)))
    first_attempt(project)
    project.claim(treatment=UP, more=AGAIN)
    assert project.run().ret == 0
    cell = project.document["claims"][0]["cells"][0]
    assert cell["seeds"] == [*SECOND, 110, 111]
    assert 2.0**-12 <= cell["alpha"] < 2.0**-11
    assert disagreements(project.document) == ()


def test_other_claims_keep_their_seeds_and_share_no_run_with_it(project):
    """The control is the same arm on both blocks: the other claim's verdict rests on the first."""
    first_attempt(project)
    project.family("toy-rises", "toy-other")
    project.claim(treatment=UP, more=AGAIN)
    project.claim("toy-other", treatment='toy(name="other", accuracy=75.0)')
    project.run()
    claims = {claim["slug"]: claim for claim in project.document["claims"]}
    assert claims["toy-other"]["cells"][0]["seeds"] == list(range(10))
    assert claims["toy-other"]["attempt"] is None
    assert claims["toy-other"]["cells"][0]["alpha"] == 0.025
    assert claims["toy-rises"]["cells"][0]["alpha"] == 0.025 / 4
    assert disagreements(project.document) == ()


SIDE = """readings=(Reading(name="low", leaves_open="x", changes={"name": "low"}, because="x"),),
    scope=Scope(rows=("accuracy", (60.0, 80.0)), columns=("sd", (1.0, 3.0))),
    figures=(curve("Accuracy", "train_accuracy", extra=(("third", toy(name="third")),)),),
    preconditions=[learns("control", 30.0)], alternatives=thirds(mean("train_accuracy")),"""


def test_figures_readings_and_scope_use_the_attempts_seeds(project):
    """Nothing of the card rests on a run of the first block."""
    first_attempt(project)
    (project.root / "trained.log").unlink()
    project.claim(treatment=UP, more=AGAIN + SIDE)
    assert project.run("--full", "--scope").ret == 0
    assert {seed for _, seed, _ in project.trained} == set(SECOND)
    assert {"third", "low", "up", "plain"} <= {name for name, *_ in project.trained}
    (claim,) = project.document["claims"]
    assert [line["label"] for line in claim["figures"][0]["lines"] if line["mid"]] == [
        "toy up", "toy plain", "third"
    ]  # fmt: skip
    assert {row["n"] for row in claim["cells"][0]["readings"]} == {10}
    assert {answer["n"] for p in claim["scope"]["points"] for answer in p["cells"]} == {10}
    assert disagreements(project.document) == ()


SWEEP = """
def of(name, end):
    return sweep("rate", decades(0.1, 10.0, 1), lambda rate: toy(
        name=f"{name}-{rate:.3g}", accuracy=80.0 if rate < end else 20.0, sd=5.0))
"""


def test_the_arms_of_a_sweep_use_the_attempts_seeds(project):
    """Every place of it."""
    sweep = {
        "treatment": 'of("wide", 5)', "control": 'of("narrow", 0.5)', "before": SWEEP,
        "endpoint": 'span(reaches("train_accuracy", 50.0), "rate")',
        "hypothesis": 'Above(0.35, because="so")',
    }  # fmt: skip
    first_attempt(project, **sweep)
    (project.root / "trained.log").unlink()
    project.claim(**sweep, more=AGAIN)
    project.run()
    assert {seed for _, seed, _ in project.trained} == set(SECOND)
    assert len(project.trained) == 60
    assert disagreements(project.document) == ()


def test_quick_notes_an_attempt_and_asks_nothing_of_the_ledger(project):
    """There nothing is recorded: its seeds are shifted, and the first is not on record."""
    project.claim(more=AGAIN)
    assert project.run("--scale", "quick").ret == 0
    (claim,) = project.document["claims"]
    assert claim["cells"][0]["seeds"] == [100, 101]
    assert claim["attempt"]["earlier"] == [
        {"number": 1, "verdict": None, "date": None, "seeds": []}
    ]
    assert (disagreements(project.document), first_misfit(project.document)) == ((), None)


def test_the_plan_and_exploratory_seeds_know_the_attempt(project):
    """--plan lists ten runs an arm and trains none; --seeds are the session's for every claim."""
    first_attempt(project)
    project.claim(treatment=UP, more=AGAIN)
    before = len(project.trained)
    assert "20 runs to train" in text_of(project.run("--plan"))
    assert len(project.trained) == before
    project.run("--seeds", "0-4")
    assert project.document["claims"][0]["cells"][0]["seeds"] == list(range(5))
    assert disagreements(project.document) == ()


WRONG = {
    "no first attempt on record": (AGAIN, ["the ledger holds no attempt 1", "--update-ledger"]),
    "no reason": ("attempt=2,", ["because_again ''", "what was learnt"]),
    "a reason for the first": ('because_again="so",', ["attempt: got 1 and because_again 'so'"]),
    "zero": ("attempt=0,", ["attempt: got 0; expected a number from 1 on"]),
    "a truth": ("attempt=True,", ["attempt: got True"]),
    "half": ('attempt=1.5, because_again="so",', ["attempt: got 1.5"]),
    "no number for a scale": ('attempt={"desk": "2"}, because_again="x",', ["{'desk': '2'}"]),
    "an unknown scale": ('attempt={"dessk": 2}, because_again="x",', ["scales: got dessk"]),
    "too many": ('attempt=11, because_again="x",', ["got 11", "expected at most 10"]),
}


@pytest.mark.parametrize("name", WRONG)
def test_an_attempt_that_cannot_be_is_refused(project, name):
    """With what was got, what was expected and what to do; nothing is trained."""
    more, texts = WRONG[name]
    project.claim(more=more)
    result = project.run()
    assert result.ret == 2
    assert all(text in text_of(result) for text in texts), text_of(result)
    assert "INTERNALERROR" not in text_of(result)
    assert project.trained == []


def test_an_attempt_at_another_scale_leaves_this_one_at_its_first(project):
    """{"quick": 2}: desk has no attempt before, and needs none."""
    project.claim(more='attempt={"quick": 2}, because_again="quick was too coarse",')
    assert project.run().ret == 0
    (claim,) = project.document["claims"]
    assert (claim["attempt"], claim["cells"][0]["seeds"]) == (None, list(range(10)))


def test_a_claim_cannot_go_back_to_an_earlier_attempt(project):
    """What was tried since would go unseen."""
    first_attempt(project)
    project.claim(treatment=UP, more=AGAIN)
    project.run("--update-ledger")
    project.claim(treatment=UP)
    result = project.run()
    assert result.ret == 2
    assert "attempt: got 1 at scale desk, and the ledger holds attempt 2" in text_of(result)


def test_an_attempt_is_another_declaration_and_a_first_one_is_as_it_was(project):
    """Seeds and level enter the hash; nothing else of an attempt does, so old hashes stand."""
    first_attempt(project, treatment=UP)
    one = project.document["claims"][0]["declaration"]["sha256"]
    project.claim(treatment=UP, more=AGAIN)
    project.run()
    assert project.document["claims"][0]["declaration"]["sha256"] != one


CHANGES = {
    "number": (lambda a: a.update(number=3), "attempt: alpha"),
    "alpha": (lambda a: a.update(alpha=0.05), "attempt: alpha: says 0.05"),
    "a forerunner left out": (lambda a: a.update(earlier=[]), "attempt: earlier ones"),
    "seeds used before": (
        lambda a: a["earlier"][0].update(seeds=[100]), "its seeds [100] served an earlier attempt"
    ),
    "no reason": (lambda a: a.update(because=" "), "says nothing of why"),
}  # fmt: skip


def test_the_check_finds_what_was_changed_about_an_attempt(project):
    """Also where the digest was made anew; an attempt that is hidden leaves seeds and level."""
    first_attempt(project)
    project.claim(treatment=UP, more=AGAIN)
    project.run()
    for change, said in CHANGES.values():
        document = project.document
        change(document["claims"][0]["attempt"])
        document = sealed(document)
        assert changed(document) is None
        assert any(said in text for text in disagreements(document)), said
    hidden = project.document
    hidden["claims"][0]["attempt"] = None
    texts = " ".join(disagreements(hidden))
    assert "alpha: judged at 0.0125, each claim's share is 0.05" in texts
    assert "seeds: says" in texts


def test_holm_counts_the_p_of_an_attempt_by_its_level():
    """A p of 0.001 at a quarter of the claim's share is one of 0.004 at all of it."""
    claims = [
        {"slug": slug, "uses_p": True, "addition": False,
         "cells": [{"p": p, "alpha": alpha, "verdict": "SUPPORTED"}]}
        for slug, p, alpha in (("again", 0.001, 0.025 / 4), ("first", 0.003, 0.025))
    ]  # fmt: skip
    assert holm_of(claims, 2, 0.025) == pytest.approx({"again": 0.006, "first": 0.006})
    assert holm_of(claims, 2) == pytest.approx({"again": 0.002, "first": 0.003})


@pytest.mark.parametrize(("verdict", "expected"), [("INVALID", {"sure": 0.002}), ("ERROR", {})])
def test_a_void_claim_counts_as_one_for_holm_and_an_accident_stops_it(verdict, expected):
    """Without the void one, the other's p would be adjusted for one claim alone."""
    claims = [
        {"slug": "sure", "uses_p": True, "addition": False,
         "cells": [{"p": 0.001, "alpha": 0.025, "verdict": "SUPPORTED"}]},
        {"slug": "void", "uses_p": True, "addition": False,
         "cells": [{"p": 0.3, "alpha": 0.025, "verdict": verdict}]},
    ]  # fmt: skip
    assert holm_of(claims, 2, 0.025) == pytest.approx(expected)


def test_an_attempt_that_needs_more_seeds_than_its_block_has_is_refused(project):
    """Seeds 100 to 299 would serve the attempt after it, too."""
    share = {
        "endpoint": 'reaches("train_accuracy", 65.0)', "control": "None",
        "hypothesis": 'ShareAbove(0.97, because="so")',
    }  # fmt: skip
    first_attempt(project)
    project.claim(**share, more=AGAIN)
    result = project.run()
    assert result.ret == 2
    assert "seeds: got 144 at scale desk, 100 to 243; expected at most 100" in text_of(result)


def test_a_scale_whose_seeds_leave_no_room_has_no_second_attempt():
    """A block has a hundred seeds."""
    from harness.admission.attempts import Budget, check_attempt
    from harness.declarations.claim import Claim, Source
    from harness.declarations.endpoints import mean
    from harness.declarations.hypotheses import Above
    from harness.errors import ClaimDefinitionError
    from harness.ledgers.ledger import Ledger

    claim = Claim(
        slug="x", statement="x", source=Source(section="1"), treatment=None, endpoint=mean("a"),
        hypothesis=Above(0.0), attempt=2, because_again="x",
    )  # fmt: skip
    scale = Scale(name="desk", seeds=tuple(range(95, 105)))
    with pytest.raises(ClaimDefinitionError, match="seeds up to 104; expected"):
        check_attempt(claim, Budget(scale=scale, alpha=0.05), Ledger())
