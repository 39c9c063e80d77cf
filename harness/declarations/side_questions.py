"""Side questions: a claim's question with other settings of its arms.

A side question is judged by the claim's own rule (endpoint, hypothesis, preconditions, level,
cells) and never decides it. Readings ask what the verdict owes to what the paper leaves open, a
scope where it holds.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from harness.bench import Arm
from harness.declarations.claim import Claim, Question
from harness.declarations.preconditions import Precondition
from harness.declarations.readings import Changes, Reading
from harness.declarations.scope import Point, Scope
from harness.declarations.searched import AnyQuestion, SearchQuestion
from harness.declarations.sweeps import changed_side

SameArm = Callable[[Arm, Arm], bool]
"""Whether two symbolic arms are one configuration at the session's scale."""


def changed(question: Question, changes_of: Callable[[str], Changes]) -> Question:
    """Return the question with its arms changed as ``changes_of`` their kind says.

    Those of its preconditions, too: what is taken for granted there is asked there.
    """

    def changed_arm(arm: Arm) -> Arm:
        return arm.replaced(**changes_of(arm.kind))

    def changed_rule(rule: Precondition) -> Precondition:
        other = rule.other_arm
        return rule if other is None else replace(rule, role=changed_arm(other))

    return replace(
        question,
        treatment=changed_side(question.treatment, changed_arm),
        control=question.control and changed_side(question.control, changed_arm),
        preconditions=tuple(changed_rule(rule) for rule in question.preconditions),
        alternatives=(),
        figures=(),
        readings=(),
        scope=None,
        looks=(),
        claim=None,
    )


def applies(reading: Reading, question: Question) -> bool:
    """Return whether a reading changes any arm of the question."""
    return any(reading.of_kind(arm.kind) for arm in question.judged_arms)


def readings_of(question: AnyQuestion) -> Iterator[tuple[Reading, Question]]:
    """Return each reading that changes an arm of the question, with what it asks."""
    if isinstance(question, SearchQuestion):
        return
    for reading in question.readings:
        if applies(reading, question):
            yield reading, changed(question, reading.of_kind)


def scope_of(question: Question, same_arm: SameArm) -> Iterator[tuple[Point, Question]]:
    """Return each place of the question's scope, with what is asked there.

    The place where the axes have the values of the question's own arms asks for these arms as they
    are, without the scope's ``alike``: their runs are there.
    """
    scope = question.scope
    if scope is None:
        return
    for point in scope.points():
        yield point, _at(question, scope, point, same_arm)


def _at(question: Question, scope: Scope, point: Point, same_arm: SameArm) -> Question:
    axes, changes = scope.axes(point), scope.changes(point)
    on_axes = _changed_alike(question, axes)
    own = same_arms(question, on_axes, same_arm)
    return on_axes if own else _changed_alike(question, changes)


def _changed_alike(question: Question, changes: Changes) -> Question:
    """Return the question with the same changes of every arm."""
    return changed(question, lambda _: changes)


def same_arms(question: Question, asked: Question, same_arm: SameArm) -> bool:
    """Return whether two questions are judged on the same arms."""
    pairs = zip(question.judged_arms, asked.judged_arms, strict=True)
    return all(same_arm(own, other) for own, other in pairs)


def side_arms(
    question: AnyQuestion, same_arm: SameArm, *, readings: bool, scope: bool
) -> tuple[Arm, ...]:
    """Return the arms of the side questions that a session asks, each once; a search has none."""
    if isinstance(question, SearchQuestion):
        return ()
    asked = [q for _, q in readings_of(question)] if readings else []
    asked += [q for _, q in scope_of(question, same_arm)] if scope else []
    return tuple(dict.fromkeys(arm for q in asked for arm in q.arms))


def variants(claim: Claim) -> Iterator[tuple[str, list[Question]]]:
    """Return the side questions that a claim declares, with a name for each set of cells."""
    for reading in claim.readings:
        cells = [q for q in claim.questions() if applies(reading, q)]
        yield f"reading {reading.name!r}", [changed(q, reading.of_kind) for q in cells]
    if claim.scope is None:
        return
    for point in claim.scope.points():
        where = ", ".join(f"{k} {v}" for k, v in claim.scope.axes(point).items())
        changes = claim.scope.changes(point)
        yield f"scope at {where}", [_changed_alike(q, changes) for q in claim.questions()]
