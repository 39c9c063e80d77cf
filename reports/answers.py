"""The first answer of the page: the names of the claims, by verdict."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.words import Verdict
from reports.cards import Card


@dataclass(frozen=True, kw_only=True, slots=True)
class Name:
    """One claim: where its card is, and what it is called."""

    anchor: str
    text: str
    fragile: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """The claims of one verdict; ``parts`` are names after what they have in common."""

    verdict: str
    count: str  # of the registered ones
    parts: tuple[tuple[str, tuple[Name, ...]], ...]


def answers(cards: Sequence[Card]) -> tuple[Answer, ...]:
    """Return the names of what was run by verdict, of the rest how many there are."""
    return tuple(
        Answer(
            verdict=verdict,
            count=str(sum(card.verdict == verdict and not card.addition for card in cards)),
            parts=tuple(_parts([card for card in cards if card.verdict == verdict])),
        )
        for verdict in Verdict
        if any(card.verdict == verdict for card in cards)
    )


def _parts(cards: Sequence[Card]) -> Iterator[tuple[str, tuple[Name, ...]]]:
    """Yield registered claims, those of them that were searched, and additions."""
    run = [card for card in cards if card.was_run]
    groups = (
        ("", [card for card in run if not card.addition and not card.by_search]),
        ("by search:", [card for card in run if not card.addition and card.by_search]),
        ("beside the register:", [card for card in run if card.addition]),
    )
    for label, members in groups:
        if members:
            yield label, tuple(map(_name, members))


def _name(card: "Card") -> Name:
    return Name(anchor=card.anchor, text=card.title or card.statement, fragile=card.fragile)
