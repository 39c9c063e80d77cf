"""The sentences of the page that are computed from the verdicts."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.verdicts.evidence import MOST_FEW_VALUES, are_few_values
from harness.words import Verdict
from reports import formats
from reports.attempts import attempts_sentence
from reports.document import YES_NO

Words = tuple[str, str]  # a word and its meaning


def setting(document: Mapping[str, Any]) -> str:
    """Return the scale, and the options by which this run is another than the declared one."""
    return ", ".join(filter(None, [document["scale"], changed_options(document)]))


def changed_options(document: Mapping[str, Any]) -> str:
    """Return the options by which a run is another than the declared one."""
    return " ".join(document["settings"].get("changed_options") or ())


def counted_verdicts(claims: Sequence[Mapping[str, Any]]) -> Counter[Verdict]:
    """How many claims have which verdict."""
    return Counter(Verdict(claim["verdict"]) for claim in claims)


def verdicts_of(document: Mapping[str, Any], *, addition: bool) -> Counter[Verdict]:
    """How many of the registered claims, or of those beside them, have which verdict."""
    return counted_verdicts([c for c in document["claims"] if bool(c["addition"]) is addition])


def guarantee(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what the error budget promises, as paragraphs."""
    family = document["family"]
    if undecided_by_rule(document):
        return ("No error budget was spent: this run reaches no verdict on any claim.",)
    budget, covered = formats.percent(family.get("alpha")), family.get("p_slugs")
    level = formats.number(family.get("alpha_claim"), digits=2)
    if covered == 0:
        return _nothing_covered(document, level)
    promise = (
        f"In one run at one scale there is at most a {budget} chance that any of the {covered} "
        "registered claims that use a p value is falsely SUPPORTED, and likewise at most "
        f"{budget} that any is falsely REFUTED. This holds for gains that are normal, also where "
        "their scatter differs from seed to seed; a search has no error rate."
    )
    share = (
        f"Each claim is judged at a level of {level}: the budget divided by these {covered}, "
        "whatever was selected and in whatever order."
    )
    additions = "Additions are judged at the same level, outside this guarantee."
    said = (promise, share, *_not_covered(document), attempts_sentence(document), additions)
    return tuple(filter(None, said))


def _nothing_covered(document: Mapping[str, Any], level: str) -> tuple[str, ...]:
    """Return what the error budget promises where every registered claim is decided by search."""
    none = (
        "No error budget was spent: no registered claim uses a p value, and a search has no error "
        "rate."
    )
    added = any(claim["addition"] and claim["uses_p"] for claim in document["claims"])
    additions = f"Additions are judged at a level of {level} each, outside any guarantee."
    return (none, additions) if added else (none,)


def _not_covered(document: Mapping[str, Any]) -> Iterator[str]:
    """Return what of this document the promise does not speak of."""
    if document["settings"].get("imported"):
        yield (
            "It does not cover these verdicts: who imports values has chosen the seeds, and what a "
            "claim takes for granted was not checked."
        )
    knowing = [claim["slug"] for claim in document["claims"] if _written_knowing(claim)]
    if knowing:
        yield (
            f"It does not cover {formats.listed(knowing)}, written or changed knowing something of "
            "the same seeds, as their cards say."
        )
    coarse = [claim["slug"] for claim in document["claims"] if any(map(_coarse, claim["cells"]))]
    if coarse:
        yield (
            f"Nor does it cover {formats.listed(coarse)}, whose gains take at most "
            f"{MOST_FEW_VALUES} values."
        )


def _written_knowing(claim: Mapping[str, Any]) -> bool:
    return bool((claim.get("declaration") or {}).get("written_knowing"))


def _coarse(cell: Mapping[str, Any]) -> bool:
    """Return whether a t interval was made of gains from a coarse grid."""
    kind, gains = (cell.get("hypothesis") or {}).get("kind"), cell.get("gains") or ()
    return kind not in YES_NO and are_few_values(gains)


def banners(document: Mapping[str, Any]) -> tuple[Words, ...]:
    """Return what a reader must know before the first verdict: a word and a sentence each."""
    settings, found = document["settings"], []
    if settings.get("exploratory"):
        found.append(("Exploratory", f"{settings['exploratory']} No verdict is reached."))
    if document["scale"] == "quick":
        found.append(("Quick scale", _QUICK))
    if settings.get("imported"):
        found.append(("Imported", _IMPORTED.format(settings["imported"])))
    instead = tuple(_instead_of_the_papers(document["claims"]))
    if instead:
        found.append(("Not the paper's setting", f"{'. '.join(instead)}. Cards list all."))
    return tuple(found)


_INSTEAD = re.compile(r"(.+? instead of .+?)(?:[,;.]\s|[.;]?$)")


def _instead_of_the_papers(claims: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what stands for what in half of the claims that differ from the paper at all."""
    lists = [set(claim["deviations"]) for claim in claims if claim["deviations"]]
    counts = Counter(text for texts in lists for text in texts)
    in_order = dict.fromkeys(text for claim in claims for text in claim["deviations"])
    for text in (text for text in in_order if 2 * counts[text] >= len(lists)):
        found = _INSTEAD.match(text)
        if found:
            yield found[1]


def not_the_papers(claims: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what half of the claims have instead of the paper's: ``data``, ``network``."""
    found = (text.partition(": ") for text in _instead_of_the_papers(claims))
    return list(dict.fromkeys(what.lower() for what, colon, _ in found if colon))


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
        The whole supporting interval lies where the statement says, in every cell.""",
    Verdict.REFUTED: """
        The whole refuting interval lies where the statement excludes, in at least one cell.
        Opposite: the effect goes the other way. Too small: it is below the bound, and not shown to
        go the other way. Beyond the margin: what may be worse by so much is worse by more. Too
        different: arms that are said to be alike differ by more than the
        margin.""",
    Verdict.INCONCLUSIVE: """
        The interval holds both: this run cannot tell. INCONCLUSIVE is not REFUTED.""",
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
    "scale": """
        How large networks, data and budgets are. Quick shows that the machinery works; desk judges
        small networks on small data on any laptop; paper is the paper's own setting.""",
    "treatment and control": """
        The two configurations that a claim compares, trained with the same seeds.""",
    "endpoint": """
        The one number that is computed from each run, by a rule written down before it.""",
    "precondition": """
        What the paper takes for granted, such as a control that learns. Where it fails, the
        comparison is void.""",
    "level": """
        The greatest chance of a false verdict that the rule of one claim leaves.""",
}

GLOSSARY: tuple[Words, ...] = tuple((word, " ".join(_MEANINGS[word].split())) for word in Verdict)
TERMS: tuple[Words, ...] = tuple((word, " ".join(text.split())) for word, text in _TERMS.items())


def undecided_by_rule(document: Mapping[str, Any]) -> bool:
    """Whether every verdict of this run is INCONCLUSIVE whatever its numbers are."""
    return bool(document["settings"].get("exploratory")) or document["scale"] == "quick"
