"""Which jobs a family's questions need: all at most, and now, where claims may stop early."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from harness.admission.attempts import Budget
from harness.bench import Arm
from harness.declarations.searched import AnyQuestion
from harness.declarations.side_questions import SameArm, side_arms
from harness.runs.keys import Job, KeyMaker
from harness.runs.training import seeds_outermost

Seeds = tuple[int, ...]
Reached = Callable[[AnyQuestion], int]
"""The index of the look up to which a question's seeds are needed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """What one question asks for: arms, and their seeds look by look (one for a claim without)."""

    question: AnyQuestion
    arms: tuple[Arm, ...]
    seeds: tuple[Seeds, ...]


class Plan:
    """The jobs of some questions. The same in every process that has collected the same questions.

    An arm's seeds are cut where any question's look ends, and each stretch into blocks that are
    trained together: so no job serves two looks, and which jobs there are depends on what was
    declared alone, never on how far any claim has got or on what the store holds.
    """

    def __init__(self, keys: KeyMaker, asks: Sequence[Ask]) -> None:
        self._asks = asks
        self._jobs = {arm: _jobs(keys, arm, asks) for ask in asks for arm in ask.arms}

    def jobs(self, reached: Reached | None = None) -> list[Job]:
        """Return the jobs needed up to the looks reached, seeds outermost; all without them."""
        return seeds_outermost(job for ask in self._asks for job in self._of(ask, reached))

    def _of(self, ask: Ask, reached: Reached | None) -> Iterable[Job]:
        looks = ask.seeds if reached is None else ask.seeds[: reached(ask.question) + 1]
        wanted = {seed for seeds in looks for seed in seeds}
        return (job for arm in ask.arms for job in self._jobs[arm] if wanted.issuperset(job.seeds))


def _jobs(keys: KeyMaker, arm: Arm, asks: Sequence[Ask]) -> list[Job]:
    blocks = [seeds for ask in asks if arm in ask.arms for seeds in ask.seeds if seeds]
    starts, ends = {block[0] for block in blocks}, {block[-1] for block in blocks}
    stretches: list[list[int]] = []
    cut = True
    for seed in dict.fromkeys(seed for block in blocks for seed in block):
        if cut or seed in starts:
            stretches.append([])
        stretches[-1].append(seed)
        cut = seed in ends
    return [job for stretch in stretches for job in keys.jobs(arm, stretch)]


def asks_of(
    questions: Iterable[AnyQuestion],
    budget: Budget,
    same_arm: SameArm,
    *,
    readings: bool = False,
    scope: bool = False,
) -> list[Ask]:
    """Return what the questions ask for, with the arms of the side questions that are asked."""
    found = []
    for question in questions:
        side = side_arms(question, same_arm, readings=readings, scope=scope)
        arms = tuple(dict.fromkeys((*question.arms, *side)))
        found.append(Ask(question=question, arms=arms, seeds=budget.seeds_by_look(question)))
    return found
