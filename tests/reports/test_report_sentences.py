"""The sentences that are computed from the verdicts."""

import pytest
from documents import a_claim, a_document, an_unrun_claim

from reports import sentences

MIXED = (
    "1 of the 3 claims that were run holds, 1 is void and 1 failed to run; "
    "1 registered claim was not run."
)


def _lead(*verdicts, unrun=0, **changes):
    claims = [a_claim(f"c{i}", verdict=verdict) for i, verdict in enumerate(verdicts)]
    claims += [an_unrun_claim(f"u{i}") for i in range(unrun)]
    return sentences.lead(a_document(claims, **changes))


def test_the_lead_counts_every_outcome():
    """The brief's own example."""
    verdicts = ["SUPPORTED"] * 5 + ["REFUTED"] * 2 + ["INCONCLUSIVE"] * 3
    assert _lead(*verdicts, unrun=26) == (
        "On this machine at desk scale, 5 of the 10 claims that were run hold, 2 are refuted and "
        "3 could not be decided; 26 registered claims were not run."
    )


@pytest.mark.parametrize(
    ("verdicts", "unrun", "expected"),
    [
        (["SUPPORTED"], 0, "the one claim that was run holds."),
        (["SUPPORTED"] * 2, 0, "both claims that were run hold."),
        (["SUPPORTED"] * 3, 0, "all 3 claims that were run hold."),
        (["REFUTED"], 0, "none of the 1 claim that was run holds and 1 is refuted."),
        (["SUPPORTED", "INVALID", "ERROR"], 1, MIXED),
        (["ERROR", "ERROR"], 0, "none of the 2 claims that were run holds and 2 failed to run."),
        ([], 2, "no claim was run; 2 registered claims were not run."),
        ([], 0, "no claim was run."),
    ],
)
def test_the_lead_agrees_in_number(verdicts, unrun, expected):
    """One is, two are; an outcome that did not occur is not mentioned."""
    assert _lead(*verdicts, unrun=unrun).removeprefix("On this machine at desk scale, ") == expected


def test_a_quick_run_claims_nothing():
    """At quick scale nothing holds and nothing is refuted, and the guarantee says so."""
    lead = _lead("INCONCLUSIVE", "INCONCLUSIVE", scale="quick")
    assert "2 claims were tried out, and by rule none is decided" in lead
    assert "hold" not in lead
    quick = a_document([a_claim(verdict="INCONCLUSIVE")], scale="quick")
    assert "No error budget was spent" in sentences.guarantee(quick)[0]
    assert sentences.banners(quick)[0][0] == "Quick scale"


def test_an_exploratory_run_says_why():
    """The document's own sentence is the banner."""
    document = a_document()
    document["settings"]["exploratory"] = "Seeds 1000 to 1009 are pilot seeds."
    (word, text), *_ = sentences.banners(document)
    assert word == "Exploratory"
    assert text.startswith("Seeds 1000 to 1009 are pilot seeds.")
    assert "by rule none is decided" in sentences.lead(document)


def test_runs_from_a_store_are_not_called_this_machines():
    """With judge-only nothing was trained here."""
    document = a_document()
    document["settings"]["judge_only"] = True
    assert sentences.lead(document).startswith("From stored runs at desk scale")


def test_the_guarantee_names_the_budget():
    """5 %, 26 slugs and the condition."""
    text = " ".join(sentences.guarantee(a_document()))
    for part in ("5\N{NARROW NO-BREAK SPACE}%", "26 registered", "0.0019", "symmetric"):
        assert part in text


def test_every_verdict_is_explained():
    """The glossary has the closed set, and separates INCONCLUSIVE from REFUTED."""
    assert len(sentences.GLOSSARY) == 6
    assert "INCONCLUSIVE is not REFUTED" in dict(sentences.GLOSSARY)["INCONCLUSIVE"]
