"""The sentences of the page that are computed from the verdicts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from harness.words import Verdict
from reports import formats
from reports.attempts import attempts_sentence

Words = tuple[str, str]  # a word and its meaning


def lead(document: Mapping[str, Any]) -> str:
    """Which claims hold, in one sentence."""
    counts = counted_verdicts(document["claims"])
    unrun = counts.pop(Verdict.NOT_RUN, 0)
    judged = sum(counts.values())
    stored = document["settings"].get("judge_only")
    where = "From stored runs" if stored else "On this machine"
    if document["settings"].get("imported"):
        where = "From imported values"
    place = f"{where} at {document['scale']} scale"
    rest = (
        f"; {formats.counted(unrun, 'registered claim')} {_was(unrun)} not run." if unrun else "."
    )
    if judged == 0:
        return f"{place}, no claim was run{rest}"
    if undecided_by_rule(document):
        return (
            f"{place}, {formats.counted(judged, 'claim')} {_was(judged)} tried out, and by rule "
            f"none is decided{rest}"
        )
    of = f"the {formats.counted(judged, 'claim')} that {_was(judged)} run"
    return f"{place}, {_outcomes(counts, judged, of)}{rest}"


def counted_verdicts(claims: Sequence[Mapping[str, Any]]) -> Counter[Verdict]:
    """How many claims have which verdict."""
    return Counter(Verdict(claim["verdict"]) for claim in claims)


def guarantee(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what the error budget promises, as paragraphs."""
    family = document["family"]
    if undecided_by_rule(document):
        return ("No error budget was spent: this run reaches no verdict on any claim.",)
    budget = formats.percent(family.get("alpha"))
    promise = (
        f"In one run at one scale there is at most a {budget} chance that any registered claim is "
        f"falsely SUPPORTED, and likewise at most {budget} that any is falsely REFUTED (for gains "
        "that are normal, or symmetric with heavier tails)."
    )
    level = formats.number(family.get("alpha_claim"), digits=2)
    share = (
        f"Each claim is judged at a level of {level}: "
        f"the budget divided by the {family.get('p_slugs')} registered claims that use a p value, "
        "whatever was selected and in whatever order."
    )
    additions = "Additions are judged at the same level, outside this guarantee."
    return tuple(filter(None, (promise, share, attempts_sentence(document), additions)))


def banners(document: Mapping[str, Any]) -> tuple[Words, ...]:
    """Return what a reader must know before the first verdict: a word and a sentence each."""
    settings, found = document["settings"], []
    if settings.get("exploratory"):
        found.append(("Exploratory", f"{settings['exploratory']} No verdict is reached."))
    if document["scale"] == "quick":
        found.append(("Quick scale", _QUICK))
    if settings.get("imported"):
        found.append(("Imported", _IMPORTED.format(settings["imported"])))
    if settings.get("judge_only"):
        found.append(("Judged only", "Nothing was trained: the runs were read from a store."))
    return tuple(found)


_IMPORTED = (
    "The values were read from {}: imported, not trained here. They are judged by the same rule; "
    "how they were made is not known here, and what a claim takes for granted was not checked."
)

_QUICK = (
    "Two or three seeds on tiny networks show that the machinery works. They decide nothing: every "
    "verdict is INCONCLUSIVE by rule."
)

_MEANINGS = {
    Verdict.SUPPORTED: """
        The whole deciding interval lies where the statement says, in every cell.""",
    Verdict.REFUTED: """
        The whole refuting interval lies where the statement excludes, in at least one cell.
        Opposite: the effect goes the other way. Too small: it is below the bound, and not shown to
        go the other way.""",
    Verdict.INCONCLUSIVE: """
        The interval holds both: this run cannot tell. INCONCLUSIVE is not REFUTED. The card says
        how many seeds would decide.""",
    Verdict.INVALID: """
        The comparison is void: what the paper takes for granted did not happen, or both arms sit
        at a limit.""",
    Verdict.ERROR: """
        A run failed or a record cannot be judged. It says nothing about the claim.""",
    Verdict.NOT_RUN: """
        The claim is registered, and was not judged in this run.""",
}

_TERMS = {
    "gain": """
        Per seed: treatment minus control, with the sign turned so that positive is what the paper
        says. Judged on a logarithmic scale it is a factor.""",
    "bound": """
        The smallest effect that would matter to a reader, written down before the run, with its
        reason.""",
    "cell": """
        A declared case of a claim, such as a layer or a learning rate. All must hold.""",
    "FRAGILE": """
        Another reasonable test or definition contradicts the verdict. Such alternatives are shown
        and never decide.""",
    "search": """
        How a statement of theory is decided: both sides are worked out on many random draws and
        small cases. One counterexample refutes it; SUPPORTED is no proof. It has no p value and
        takes no share of the error budget.""",
    "addition": """
        A claim that the register does not list: judged alike, outside the guarantee.""",
    "ledger": """
        The verdicts recorded earlier, with which this run is compared.""",
}

GLOSSARY: tuple[Words, ...] = tuple((word, " ".join(_MEANINGS[word].split())) for word in Verdict)
TERMS: tuple[Words, ...] = tuple((word, " ".join(text.split())) for word, text in _TERMS.items())


def undecided_by_rule(document: Mapping[str, Any]) -> bool:
    """Whether every verdict of this run is INCONCLUSIVE whatever its numbers are."""
    return bool(document["settings"].get("exploratory")) or document["scale"] == "quick"


def _outcomes(counts: Mapping[Verdict, int], judged: int, of: str) -> str:
    held = counts.get(Verdict.SUPPORTED, 0)
    if held == judged:
        every = {1: "the one claim that was run holds", 2: "both claims that were run hold"}
        return every.get(judged, f"all {of.removeprefix('the ')} hold")
    parts = [f"{held or 'none'} of {of} {'holds' if held < 2 else 'hold'}"]
    endings = (
        (Verdict.REFUTED, "is refuted", "are refuted"),
        (Verdict.INCONCLUSIVE, "could not be decided", "could not be decided"),
        (Verdict.INVALID, "is void", "are void"),
        (Verdict.ERROR, "failed to run", "failed to run"),
    )
    for verdict, one, many in endings:
        count = counts.get(verdict, 0)
        if count:
            parts.append(f"{count} {one if count == 1 else many}")
    return formats.listed(parts)


def _was(count: int) -> str:
    return "was" if count == 1 else "were"
