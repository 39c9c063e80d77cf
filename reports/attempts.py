"""A claim that is tried again, as its card and the page say it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.admission.attempts import ALL_ATTEMPTS_SPEND
from reports import formats

_WORDS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


def attempt_facts(claim: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Return what a reader must know before the verdict: what was known, or tried, before it."""
    knowing = (claim.get("declaration") or {}).get("written_knowing")
    if knowing:
        yield "Written knowing", knowing
    attempt = claim.get("attempt")
    if not attempt:
        return
    earlier = "; ".join(_earlier(one) for one in attempt["earlier"])
    yield "Attempt", f"attempt {attempt['number']}; {earlier}"
    yield "Tried again because", attempt["because"]
    level = formats.number(attempt["alpha"], digits=2)
    yield (
        "Its seeds and level",
        f"{_span(attempt['seeds'])}, none of an earlier attempt's; level {level}",
    )


def attempts_sentence(document: Mapping[str, Any]) -> str:
    """Return what the guarantee means where claims are tried again; empty where none is."""
    again = [claim["slug"] for claim in document["claims"] if claim.get("attempt")]
    if not again:
        return ""
    budget = formats.percent(ALL_ATTEMPTS_SPEND * document["family"]["alpha"])
    return (
        f"{formats.counted(len(again), 'claim')} ({formats.listed(again)}) "
        f"{'is' if len(again) == 1 else 'are'} tried again: attempt k on seeds of its own, at "
        "the level divided by 2^k. The guarantee is that of one run. Counting every "
        f"attempt that the claims can ever have, the chance is at most {budget} instead."
    )


def _earlier(one: Mapping[str, Any]) -> str:
    name = f"the {_ordinal(one['number'])}"
    if one.get("verdict") is None:
        return f"{name} is not on record at this scale"
    when = formats.day(one.get("date"))
    return f"{name} ended in {one['verdict']} on {when} ({_span(one['seeds'])})"


def _ordinal(number: int) -> str:
    return _WORDS[number - 1] if number <= len(_WORDS) else f"attempt {number}"


def _span(seeds: Sequence[int]) -> str:
    if len(seeds) > 1 and list(seeds) == list(range(seeds[0], seeds[-1] + 1)):
        return f"seeds {seeds[0]} to {seeds[-1]}"
    return f"{'seed' if len(seeds) == 1 else 'seeds'} {', '.join(map(str, seeds))}"
