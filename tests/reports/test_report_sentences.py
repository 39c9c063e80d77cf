"""The sentences that are computed from the verdicts."""

import pytest
from documents import a_claim, a_document, an_unrun_claim

from reports import sentences
from reports.lead import beside, lead

MIXED = (
    "1 of the 3 registered claims that were run holds, 1 is void and 1 failed to run. "
    "1 registered claim was not run."
)


def _lead(*verdicts, unrun=0, **changes):
    claims = [a_claim(f"c{i}", verdict=verdict) for i, verdict in enumerate(verdicts)]
    claims += [an_unrun_claim(f"u{i}") for i in range(unrun)]
    return _said(a_document(claims, **changes))


def _said(document):
    return f"{lead(document)} {beside(document)}".rstrip()


def test_options_that_change_numbers_stand_beside_the_scale():
    """Another data set than declared is no detail: in the first sentence and in the date's line."""
    changed = {"seeds": [0], "changed_options": ["--dataset", "cifar10"]}
    document = a_document([a_claim("c0")], settings=changed)
    assert lead(document).startswith(
        "On this machine at desk scale with --dataset cifar10, the one registered claim"
    )
    assert sentences.setting(document) == "desk, --dataset cifar10"
    as_declared = a_document([a_claim("c0")])
    assert sentences.setting(as_declared) == "desk"
    assert "desk scale, the" in lead(as_declared)


def test_the_lead_counts_every_outcome():
    """The brief's own example."""
    verdicts = ["SUPPORTED"] * 5 + ["REFUTED"] * 2 + ["INCONCLUSIVE"] * 3
    assert _lead(*verdicts, unrun=26) == (
        "On this machine at desk scale, 5 of the 10 registered claims that were run hold, 2 are "
        "refuted and 3 could not be decided. 26 registered claims were not run."
    )


@pytest.mark.parametrize(
    ("verdicts", "unrun", "expected"),
    [
        (["SUPPORTED"], 0, "the one registered claim that was run holds."),
        (["SUPPORTED"] * 2, 0, "both registered claims that were run hold."),
        (["SUPPORTED"] * 3, 0, "all 3 registered claims that were run hold."),
        (["REFUTED"], 0, "none of the 1 registered claim that was run holds and 1 is refuted."),
        (["SUPPORTED", "INVALID", "ERROR"], 1, MIXED),
        (
            ["ERROR", "ERROR"],
            0,
            "none of the 2 registered claims that were run holds and 2 failed to run.",
        ),
        ([], 2, "no registered claim was run. 2 registered claims were not run."),
        ([], 0, "no registered claim was run."),
    ],
)
def test_the_lead_agrees_in_number(verdicts, unrun, expected):
    """One is, two are; an outcome that did not occur is not mentioned."""
    assert _lead(*verdicts, unrun=unrun).removeprefix("On this machine at desk scale, ") == expected


def test_a_quick_run_claims_nothing():
    """At quick scale nothing holds and nothing is refuted, and the guarantee says so."""
    said = _lead("INCONCLUSIVE", "INCONCLUSIVE", scale="quick")
    assert "2 claims were tried out, and by rule none is decided" in said
    assert "hold" not in said
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
    assert "by rule none is decided" in lead(document)


def test_runs_from_a_store_are_not_called_this_machines():
    """With judge-only nothing was trained here."""
    document = a_document()
    document["settings"]["judge_only"] = True
    assert lead(document).startswith("From stored runs at desk scale")


def test_the_guarantee_names_the_budget():
    """5 %, 26 slugs and the condition."""
    text = " ".join(sentences.guarantee(a_document()))
    for part in ("5\N{NARROW NO-BREAK SPACE}%", "26 registered", "0.0019", "that are normal"):
        assert part in text
    assert "not cover" not in text


def test_the_guarantee_names_what_it_does_not_cover():
    """Declared knowing something, gains from a coarse grid, values from elsewhere: each is said."""
    knowing, coarse, yes_no = a_claim("knowing"), a_claim("coarse"), a_claim("yes-no")
    knowing["declaration"]["written_knowing"] = "the verdict"
    coarse["cells"][0]["gains"] = [0.5, 0.5, 1.0] * 3 + [0.5]
    yes_no["cells"][0]["gains"] = [1.0] * 10
    yes_no["cells"][0]["hypothesis"]["kind"] = "more often"
    document = a_document([knowing, coarse, yes_no])
    text = " ".join(sentences.guarantee(document))
    assert "It does not cover knowing, written or changed knowing" in text
    assert "Nor does it cover coarse, whose gains take at most 3 values" in text
    document["settings"]["imported"] = "values.csv"
    assert "who imports values has chosen the seeds" in " ".join(sentences.guarantee(document))


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (["SUPPORTED"], " Beside the register was 1 addition: it holds."),
        (["SUPPORTED", "SUPPORTED"], " Beside the register were 2 additions: all hold."),
        (["SUPPORTED", "REFUTED"], " were 2 additions: 1 holds and 1 is refuted."),
    ],
)
def test_additions_are_counted_apart(verdicts, expected):
    """What the register does not list is no claim of the paper's."""
    added = [a_claim(f"a{i}", verdict=v, addition=True) for i, v in enumerate(verdicts)]
    said = _said(a_document([a_claim("c", verdict="REFUTED"), *added]))
    assert "none of the 1 registered claim that was run holds and 1 is refuted" in said
    assert said.endswith(expected)


def _searched(*verdicts, addition=False):
    return [
        a_claim(f"s{i}{addition}", verdict=verdict, uses_p=False, addition=addition)
        for i, verdict in enumerate(verdicts)
    ]


def test_experiments_and_searches_are_not_added_up():
    """A theorem for which no counterexample was found is no claim that held over seeds."""
    trained = [a_claim("a"), a_claim("b", verdict="REFUTED")]
    searched = _searched("SUPPORTED", "SUPPORTED", "REFUTED")
    assert lead(a_document([*trained, *searched])) == (
        "On this machine at desk scale, 1 of the 2 registered claims about training that were run "
        "holds and 1 is refuted. 3 statements of theory were searched for a counterexample: 1 has "
        "one; in 2 none was found, which is no proof."
    )
    document = a_document([*trained, *_searched("SUPPORTED", addition=True)])
    assert "about training" not in lead(document)
    assert beside(document) == (
        "Beside the register 1 addition was searched for a counterexample: none was found, which "
        "is no proof."
    )


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (["SUPPORTED"], "1 registered statement was searched for X: none was found, Y."),
        (["REFUTED"] * 2, "2 registered statements were searched for X: 2 have one."),
        (
            ["SUPPORTED", "ERROR"],
            "2 registered statements were searched for X: in 1 none was found, Y; 1 failed to run.",
        ),
        (["NOT RUN"], "no registered claim was run. 1 registered claim was not run."),
    ],
)
def test_a_family_of_theorems_alone_is_summed_up_by_what_was_found(verdicts, expected):
    """Nothing of seeds, nothing that holds."""
    expected = expected.replace("X", "a counterexample").replace("Y", "which is no proof")
    said = _said(a_document(_searched(*verdicts)))
    assert said.removeprefix("On this machine at desk scale, ") == expected


def test_every_verdict_is_explained():
    """The glossary has the closed set, and separates INCONCLUSIVE from REFUTED."""
    assert len(sentences.GLOSSARY) == 6
    assert "INCONCLUSIVE is not REFUTED" in dict(sentences.GLOSSARY)["INCONCLUSIVE"]


def test_the_first_banner_says_what_stands_for_the_papers_setting():
    """What half of the claims that differ share, up to its first comma; the rest is on cards."""
    data = "Data: digits at 8x8 instead of CIFAR-10, each turned."
    length, rare = "Length: 300 steps instead of 15,000.", "Loss: a sum instead of a mean."
    claims = [
        a_claim("a", deviations=[data, length, "No momentum: the paper states none."]),
        a_claim("b", deviations=[length, rare, data]),
        a_claim("c", deviations=[length]),
        a_claim("theorem", deviations=[]),
    ]
    (banner,) = sentences.banners(a_document(claims))
    data_and_length = "Data: digits at 8x8 instead of CIFAR-10. Length: 300 steps instead of 15,000"
    assert banner == ("Not the paper's setting", f"{data_and_length}. Cards list all.")
    assert sentences.banners(a_document([claims[3]])) == ()
