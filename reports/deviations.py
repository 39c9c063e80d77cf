"""Where claims differ from the paper, said once for those that differ alike."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from reports import formats
from reports.cards import Card

_ALIKE = 3  # cards that must share a text before it leaves them
_KEPT_ON_CARDS = ("earlier phase", "imported")  # the first things to know of each such claim
_LABEL = re.compile(r"([A-Z][a-z]+(?: [a-z]+){0,2}): ")
_WORDS = 6  # of a text without a label that stand for it


@dataclass(frozen=True, kw_only=True, slots=True)
class SharedSet:
    """Texts that the same cards have."""

    anchor: str
    name: str
    line: str
    texts: tuple[str, ...]


def shared_sets(cards: Sequence[Card]) -> tuple[SharedSet, ...]:
    """Return the texts of several cards, those of the same cards together, the commonest first."""
    cards_of: dict[str, list[str]] = {}
    for card in cards:
        for text in card.deviations:
            cards_of.setdefault(text, []).append(card.anchor)
    texts_of: dict[tuple[str, ...], list[str]] = {}
    for text, anchors in cards_of.items():
        if len(anchors) >= _ALIKE and not text.lower().startswith(_KEPT_ON_CARDS):
            texts_of.setdefault(tuple(anchors), []).append(text)
    ordered = sorted(texts_of.items(), key=lambda item: -len(item[0]))
    return tuple(
        SharedSet(
            anchor=f"deviations-{place}",
            name=_name(texts),
            line=f"shared by {len(anchors)} claims",
            texts=tuple(texts),
        )
        for place, (anchors, texts) in enumerate(ordered, start=1)
    )


def _name(texts: Sequence[str]) -> str:
    """Return what a set is called: the labels of its texts, else the beginning of the first."""
    labels = [found[1] for text in texts if (found := _LABEL.match(text))]
    if labels:
        return formats.listed([labels[0], *(label.lower() for label in labels[1:])])
    clause = re.split(r"[,:;]", texts[0])[0]
    words = clause.split()
    return clause if len(words) <= _WORDS else " ".join(words[:_WORDS]) + "\N{HORIZONTAL ELLIPSIS}"


def without_shared(card: Card, sets: Sequence[SharedSet]) -> Card:
    """Return the card with the deviations that only it has, and links to the sets of the rest."""
    held = [each for each in sets if set(each.texts) <= set(card.deviations)]
    shared = [text for each in held for text in each.texts]
    if not shared:
        return card
    own = tuple(text for text in card.deviations if text not in shared)
    line = f"{'And ' if own else ''}{formats.counted(len(shared), 'difference')}"
    return replace(
        card,
        deviations=own,
        shared_deviations=f"{line} that other claims share:",
        deviation_sets=tuple((each.anchor, each.name) for each in held),
    )
