"""Is a claim declared so that it can be judged? Asked once, when its file is collected."""

from collections.abc import Iterable, Mapping, Sequence

from harness.admission.attempts import Budget
from harness.admission.metric_checks import check_measured
from harness.admission.one_arm import check_one_arm
from harness.bench import Arm, Bench, Scale
from harness.bench_values import check_deviations
from harness.declarations.claim import Alternative, Claim, Question
from harness.declarations.endpoints import Endpoint
from harness.declarations.family import Registered
from harness.declarations.figures import Figure
from harness.declarations.hypotheses import (
    Hypothesis,
    MoreOften,
    ShareAbove,
    bound_on_gain_scale,
)
from harness.declarations.printed import Printed
from harness.declarations.searched import AnyClaim
from harness.declarations.side_questions import variants
from harness.declarations.sweeps import Sweep, arms_of
from harness.errors import ArmError, ClaimDefinitionError
from harness.runs.keys import KeyMaker
from harness.seeds import PILOT_SEEDS_FROM, SEEDS_APART
from harness.verdicts.enough_seeds import least_seeds, least_seeds_to_refute


def validate(claim: Claim, *, bench: Bench, keys: KeyMaker, scale: Scale, alpha: float) -> None:
    """Raise ClaimDefinitionError for the first thing that is wrong with the claim's declaration."""
    for question in claim.questions():
        _check_parts(question)
        _check_arms(question, bench, keys)
        _check_other_arms(question, bench, keys)
        check_one_arm(question)
        check_measured(question, bench)
        _check_deviations(question, bench)
        _check_kind(question)
        _check_seeds(question, Budget(scale=scale, alpha=alpha))
    _check_cells_differ(claim.questions(), keys)
    for name, questions in variants(claim):
        _check_variant(claim, name, questions, bench, keys)


def _check_variant(
    claim: Claim, name: str, questions: Sequence[Question], bench: Bench, keys: KeyMaker
) -> None:
    """Check that what a reading or a place of the scope asks can be asked, in every cell."""
    if not questions:
        raise ClaimDefinitionError(
            f"{claim.slug}: {name}: got changes of no arm of the claim; expected its kind of arm"
        )
    try:
        for question in questions:
            _check_arms(question, bench, keys)
            check_measured(question, bench)
        _check_cells_differ(questions, keys)
    except ClaimDefinitionError as error:
        raise ClaimDefinitionError(f"{claim.slug}: {name}: {error}") from error


def check_takes_its_share(claim: Claim, entry: Registered | None) -> None:
    """Raise ClaimDefinitionError for a claim with a p value that the register says has none."""
    if entry is not None and not entry.uses_p:
        raise ClaimDefinitionError(
            f"{claim.slug}: uses_p: got false in the register, and a Claim uses a p value; "
            "expected it to take its share of alpha; leave uses_p out"
        )


def check_scales(claim: AnyClaim, bench: type[Bench]) -> None:
    """Raise ClaimDefinitionError where the claim names a scale that its bench lacks."""
    known = [scale.name for scale in bench.scales()]
    named = set(claim.full)
    if isinstance(claim, Claim):
        tried = claim.attempt if isinstance(claim.attempt, Mapping) else {}
        named |= {*claim.scales, *tried}
    unknown = sorted(named - set(known))
    if unknown:
        raise ClaimDefinitionError(
            f"{claim.slug}: scales: got {', '.join(unknown)}; expected some of {', '.join(known)}"
        )


def _check_parts(question: Question) -> None:
    """Refuse what is listed and is none of its kind, before anything asks it what it is."""
    kinds = {"alternatives": Alternative, "figures": Figure, "printed": Printed}
    for name, kind in kinds.items():
        wrong = [part for part in getattr(question, name) if not isinstance(part, kind)]
        if wrong:
            raise ClaimDefinitionError(
                f"{question.where}: {name}: got {wrong[0]!r}; expected a tuple of {kind.__name__}"
            )


def _check_arms(question: Question, bench: Bench, keys: KeyMaker) -> None:
    for arm in question.arms:
        try:
            keys.key(arm, 0)
        except ArmError as error:
            raise ClaimDefinitionError(f"{question.where}: {error}") from error
    for ours, theirs in zip(arms_of(question.treatment), arms_of(question.control), strict=False):
        if keys.same_arm(ours, theirs):
            raise ClaimDefinitionError(
                f"{question.where}: treatment and control are one arm at this scale: "
                f"{bench.describe(ours)}; a comparison needs two"
            )


def _check_deviations(question: Question, bench: Bench) -> None:
    for arm in question.compared_arms:
        check_deviations(bench, arm, question.endpoint.metric)
    for rule in question.preconditions:
        if rule.other_arm is not None:
            check_deviations(bench, rule.other_arm, rule.endpoint.metric)


def _check_other_arms(question: Question, bench: Bench, keys: KeyMaker) -> None:
    """Refuse another arm that is a side of the comparison, or reads like one of the others."""
    sides = {"treatment": question.treatment, "control": question.control}
    single = {role: side for role, side in sides.items() if isinstance(side, Arm)}
    labels: dict[str, Arm] = {}
    for other in question.other_arms:
        label = bench.describe(other)
        same = [role for role, side in single.items() if keys.same_arm(side, other)]
        if same:
            raise ClaimDefinitionError(
                f"{question.where}: preconditions: got the arm {label}, which is the {same[0]}'s "
                f"at this scale; expected {same[0]!r}, or an arm that the claim does not compare"
            )
        if labels.setdefault(label, other) != other:
            raise ClaimDefinitionError(
                f"{question.where}: preconditions: got two arms that both read {label}; expected "
                "the same arm in both, or two that a reader can tell apart"
            )


def _check_kind(question: Question) -> None:
    _check_fits(question.where, question.hypothesis, question.endpoint)
    _check_sweep(question)
    bound_on_gain_scale(question.hypothesis, question.endpoint.transform)  # raises where unsuited
    for alternative in question.alternatives:
        hypothesis = alternative.hypothesis or question.hypothesis
        where = f"{question.where}: alternative {alternative.name!r}"
        _check_fits(where, hypothesis, alternative.endpoint)
        bound_on_gain_scale(hypothesis, alternative.endpoint.transform)


def _check_fits(where: str, hypothesis: Hypothesis, endpoint: Endpoint) -> None:
    yes_no = isinstance(hypothesis, MoreOften | ShareAbove)
    if yes_no is not endpoint.is_yes_no:
        got, expected = ("a yes/no", "a measured") if yes_no else ("a measured", "a yes/no")
        raise ClaimDefinitionError(
            f"{where}: {got} hypothesis ({hypothesis.kind}) needs {got} endpoint; got {expected} "
            f"one ({endpoint.metric})"
        )


def _check_sweep(question: Question) -> None:
    sides = [side for side in (question.treatment, question.control) if side is not None]
    axes = {(s.axis, s.places) if isinstance(s, Sweep) else None for s in sides}
    rules = [question.endpoint, *(a.endpoint for a in question.alternatives)]
    rules += [p.endpoint for p in question.preconditions if p.other_arm is None]
    alone = [p.endpoint for p in question.preconditions if p.other_arm is not None]
    spans = {rule.span.axis if rule.span else None for rule in rules}
    strays = any(rule.span for rule in alone)
    if strays or len(axes) > 1 or spans != {axis[0] if axis else None for axis in axes}:
        raise ClaimDefinitionError(
            f"{question.where}: sweep: a sweep is compared with one of the same places, by "
            "endpoints that are all a span of its axis; other arms take no span"
        )
    if None not in axes and question.figures:
        raise ClaimDefinitionError(
            f"{question.where}: figures: got some beside a sweep, which draws its own; expected "
            "none"
        )
    for side in sides:
        if isinstance(side, Sweep):
            _check_within(question, side)


def _check_within(question: Question, side: Sweep) -> None:
    """Refuse limits that no gain of so narrow a sweep can pass: the verdict would be known."""
    rules = [(question.hypothesis, question.endpoint)]
    rules += [(a.hypothesis or question.hypothesis, a.endpoint) for a in question.alternatives]
    asked = [("bound", "", bound_on_gain_scale(h, e.transform)) for h, e in rules]
    wide = [p for p in question.preconditions if p.other_arm is None]
    least = [p.at_least for p in wide if p.at_least is not None]
    asked += [("precondition", "at least ", limit) for limit in least]
    for what, word, limit in asked:
        beyond = limit > side.decades if word else abs(limit) >= side.decades
        if beyond:
            raise ClaimDefinitionError(
                f"{question.where}: {what}: got {word}{limit:g} decades of a sweep that is "
                f"{side.decades:g} decades wide; expected less, or more places"
            )


def _check_seeds(question: Question, budget: Budget) -> None:
    scale, alpha = budget.scale, budget.level(question)
    seeds = budget.declared_seeds(question)
    if max(seeds) >= PILOT_SEEDS_FROM:
        raise ClaimDefinitionError(
            f"{question.where}: seeds: got {max(seeds)} at scale {scale.name}; expected "
            f"seeds below {PILOT_SEEDS_FROM}, as those from there on are for pilots"
        )
    if len(seeds) > SEEDS_APART:
        raise ClaimDefinitionError(
            f"{question.where}: seeds: got {len(seeds)} at scale {scale.name}, {seeds[0]} to "
            f"{seeds[-1]}; expected at most {SEEDS_APART} seeds, as the next attempt's come after "
            "them"
        )
    if question.looks and scale.verdicts:
        _check_looks(question, budget)
        return
    needed = least_seeds(question.hypothesis, alpha)
    if scale.verdicts and len(seeds) < needed:
        raise ClaimDefinitionError(
            f"{question.where}: seeds: got {len(seeds)} at scale {scale.name}; need at "
            f"least {needed} for alpha {alpha:.2g}"
        )
    to_refute = least_seeds_to_refute(question.hypothesis, alpha, question.cells)
    if scale.verdicts and len(seeds) < to_refute:
        raise ClaimDefinitionError(
            f"{question.where}: seeds: got {len(seeds)} at scale {scale.name}, with which nothing "
            f"can refute the claim in one of its {question.cells} cells; need at least {to_refute} "
            f"for alpha {alpha:.2g}, as in looks=({to_refute},), or a smaller share, or fewer cells"
        )


def _check_looks(question: Question, budget: Budget) -> None:
    """Refuse looks that cannot decide at what they spend, or that need more seeds than there are.

    Exact yes/no tests need their seeds at every look. Measured gains may be decided by Student's t
    at any; the last look must decide those that come out equal, too, as a claim without looks must.
    """
    looks, where = budget.looks(question), f"{question.where}: looks: got {question.looks}"
    yes_no = isinstance(question.hypothesis, MoreOften | ShareAbove)
    for look in looks if yes_no else looks[-1:]:
        needed = least_seeds(question.hypothesis, look.alpha)
        if look is looks[-1]:
            refuting = least_seeds_to_refute(question.hypothesis, look.alpha, question.cells)
            needed = max(needed, refuting)
        if look.n < needed:
            raise ClaimDefinitionError(
                f"{where}; look {look.number} spends {look.alpha:.2g} and needs at least {needed} "
                f"seeds to decide anything at it; expected at least {needed} there, or a later look"
            )


def _check_cells_differ(questions: Iterable[Question], keys: KeyMaker) -> None:
    seen: dict[object, str] = {}
    for q in questions:
        treatment, control = (
            tuple(keys.key(arm, 0) for arm in arms_of(side)) for side in (q.treatment, q.control)
        )
        asked = (treatment, control, q.endpoint)
        if asked in seen:
            raise ClaimDefinitionError(
                f"{q.slug}: cells {seen[asked]} and {q.cell.id} ask the same of the same arms "
                "at this scale; expected each cell to differ"
            )
        seen[asked] = q.cell.id
