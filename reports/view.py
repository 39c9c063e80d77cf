"""The document as the page shows it: frozen records of finished text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from reports import formats, scope, sentences
from reports.all_readings import ReadingsOfClaim, readings_line, readings_table
from reports.answers import Answer, answers
from reports.calibration import Calibration, calibration_view
from reports.cards import Card, cards
from reports.cells import Fact
from reports.deviations import SharedSet, shared_sets, without_shared
from reports.drawing.figure_words import FIGURES
from reports.lead import beside, lead
from reports.outcome import seeds_of_attempts
from reports.printed import caution, printed_line
from reports.recorded import ledger_line
from reports.rows import natural
from reports.sentences import Words


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """The whole page."""

    title: str
    citation: str
    url: str
    setting: str  # the scale, and options that change numbers
    created: str
    lead: str
    beside: str  # what was not run, and what the register does not list
    banners: tuple[Words, ...]
    printed: str  # how many of the paper's numbers lie in our intervals
    caution: str  # what must be known of that
    answers: tuple[Answer, ...]
    contents: tuple[tuple[str, str], ...]  # the sections there are: their target and name
    judged: tuple[Card, ...]
    deviations: tuple[SharedSet, ...]  # of several claims; their cards lead here
    readings_line: str
    not_asked: tuple[tuple[str, str], ...]  # what the paper leaves open, why no reading asks it
    readings: tuple[ReadingsOfClaim, ...]
    maps: tuple[Card, ...]  # the judged cards whose scope was run
    caveat: str
    has_ledger: bool  # a verdict is not as recorded
    ledger_line: str
    unrun: tuple[Card, ...]
    unrun_line: str
    guarantee: tuple[str, ...]
    calibration: Calibration | None
    glossary: tuple[Words, ...]
    terms: tuple[Words, ...]
    figure_words: tuple[Words, ...]
    environment: tuple[Fact, ...]
    run: tuple[Fact, ...]
    notices: tuple[str, ...]
    command: str


def page_view(document: Mapping[str, Any]) -> Page:
    """Return the page of a document that fits the schema."""
    family, claims = document["family"], document["claims"]
    ruled = sentences.undecided_by_rule(document)
    every = cards(claims, ruled=ruled)
    judged = tuple(card for card in every if card.was_run)
    shared = shared_sets(judged)
    maps = tuple(card for card in judged if card.scope and card.scope.rows)
    page = Page(
        title=family["title"],
        citation=family.get("citation") or "",
        url=_safe_link(family.get("url")),
        setting=sentences.setting(document),
        created=formats.moment(document["created"]),
        lead=lead(document),
        beside=beside(document),
        banners=sentences.banners(document),
        printed="" if ruled else printed_line(cell for claim in claims for cell in claim["cells"]),
        caution=caution(document["scale"], sentences.not_the_papers(claims)),
        answers=answers(every),
        contents=(),
        judged=tuple(without_shared(card, shared) for card in judged),
        deviations=shared,
        readings_line=readings_line(document["claims"]),
        not_asked=tuple((each["what"], each["because"]) for each in family.get("not_asked") or ()),
        readings=readings_table(
            document["claims"],
            {card.slug: (card.anchor, card.title or card.statement) for card in every},
        ),
        maps=maps,
        caveat=scope.CAVEAT,
        has_ledger=any(card.ledger for card in judged),
        ledger_line=ledger_line(
            [claim for claim, card in zip(claims, every, strict=True) if card.was_run]
        ),
        unrun=tuple(card for card in every if not card.was_run),
        unrun_line=_unrun_line(document),
        guarantee=sentences.guarantee(document),
        calibration=calibration_view(),
        glossary=sentences.GLOSSARY,
        terms=sentences.TERMS,
        figure_words=FIGURES,
        environment=tuple(_environment(document["environment"])),
        run=tuple(_run(document)),
        notices=tuple(document["notices"]),
        command=document["settings"].get("command") or "",
    )
    return replace(page, contents=tuple(_contents(page)))


def _contents(page: Page) -> Iterator[tuple[str, str]]:
    """Yield the sections that there are, in their order."""
    sections = (
        ("claims", "Table", page.judged),
        ("cards", "Cards", page.judged),
        ("readings", "Readings", page.readings or page.not_asked),
        ("scope", "Maps", page.maps),
        ("deviations", "Differences from the paper", page.deviations),
        ("unrun", "Not run", page.unrun),
        ("reading", "How to read this page", True),
        ("environment", "This run", True),
    )
    for target, name, there in sections:
        if there:
            yield target, name


def _safe_link(url: str | None) -> str:
    """Return an address that may become a link: http or https, nothing that runs."""
    try:
        scheme = urlsplit(url or "").scheme
    except ValueError:
        return ""
    return url or "" if scheme in ("http", "https") else ""


def _unrun_line(document: Mapping[str, Any]) -> str:
    partial = document["settings"].get("partial")
    return partial if isinstance(partial, str) else "Some registered claims were not run."


def _environment(environment: Mapping[str, Any]) -> Iterator[Fact]:
    for name in sorted(environment, key=lambda name: (name != "name", natural(name))):
        if environment[name] is not None:
            yield name, str(environment[name])


def _run(document: Mapping[str, Any]) -> Iterator[Fact]:
    settings, cost = document["settings"], document["cost"]
    yield "Scale", document["scale"]
    yield "Finished", formats.moment(document["created"])
    yield "Seeds", formats.consecutive(settings["seeds"])
    yield from seeds_of_attempts(document["claims"])
    options = settings.get("options") or {}
    if options:
        yield (
            "Options",
            ", ".join(f"{name} {options[name]}" for name in sorted(options, key=natural)),
        )
    if cost.get("runs") is not None:
        yield "Runs", _runs(cost)
    yield "Training", f"{formats.duration(cost.get('train_s'))}, summed over runs"
    yield "By the clock", formats.duration(cost.get("wall_s"))


def _runs(cost: Mapping[str, Any]) -> str:
    trained, reused, beside = (
        cost.get(name) or 0 for name in ("trained", "reused", "trained_beside")
    )
    said = f"{cost['runs']} that verdicts rest on: {trained} trained, {reused} from the store"
    return f"{said}; {beside} more trained, for figures, readings or maps" if beside else said
