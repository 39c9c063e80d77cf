"""Is a claim declared so that it can be judged? Asked once, when its file is collected."""

from collections.abc import Iterable, Sequence

from harness.bench import Arm, Bench, Metric, Scale
from harness.claim import Claim, Question
from harness.decision import least_seeds
from harness.endpoints import Endpoint
from harness.errors import ArmError, ClaimDefinitionError
from harness.hypotheses import MoreOften, ShareAbove, bound_on_gain_scale
from harness.keys import KeyMaker
from harness.settings import PILOT_SEEDS_FROM
from harness.side_questions import variants
from harness.words import Role


def validate(claim: Claim, *, bench: Bench, keys: KeyMaker, scale: Scale, alpha: float) -> None:
    """Raise ClaimDefinitionError for the first thing that is wrong with the claim's declaration."""
    for question in claim.questions():
        _check_arms(question, bench, keys)
        _check_endpoints(question, bench)
        _check_kind(question)
        _check_seeds(question, scale, alpha)
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
            _check_endpoints(question, bench)
        _check_cells_differ(questions, keys)
    except ClaimDefinitionError as error:
        raise ClaimDefinitionError(f"{claim.slug}: {name}: {error}") from error


def check_scales(claim: Claim, bench: type[Bench]) -> None:
    """Raise ClaimDefinitionError where the claim names a scale that its bench lacks."""
    known = [scale.name for scale in bench.scales()]
    unknown = sorted({*claim.scales, *claim.full} - set(known))
    if unknown:
        raise ClaimDefinitionError(
            f"{claim.slug}: scales: got {', '.join(unknown)}; expected some of {', '.join(known)}"
        )


def _check_arms(question: Question, bench: Bench, keys: KeyMaker) -> None:
    for arm in question.arms:
        try:
            bench.identity(arm)
        except ArmError as error:
            raise ClaimDefinitionError(f"{_where(question)}: {error}") from error
    if question.control is not None and keys.same_arm(question.treatment, question.control):
        raise ClaimDefinitionError(
            f"{_where(question)}: treatment and control are one arm at this scale: "
            f"{bench.describe(question.treatment)}; a comparison needs two"
        )


def _check_endpoints(question: Question, bench: Bench) -> None:
    arms = [arm for arm in (question.treatment, question.control) if arm is not None]
    endpoints = [question.endpoint, *(a.endpoint for a in question.alternatives)]
    for arm in arms:
        for endpoint in endpoints:
            _check_metrics_of(question, endpoint, arm, bench)
    for figure in question.figures:
        for arm in (*arms, *figure.extra_arms):
            for name in figure.metrics:
                _check_metric(question, name, arm, bench)
    for precondition in question.preconditions:
        _check_precondition(question, precondition.role, precondition.endpoint, bench)


def _check_precondition(question: Question, role: Role, endpoint: Endpoint, bench: Bench) -> None:
    arm = question.control if role is Role.CONTROL else question.treatment
    if arm is None:
        raise ClaimDefinitionError(
            f"{_where(question)}: precondition on the control, but the claim has none"
        )
    _check_metrics_of(question, endpoint, arm, bench)


def _check_metrics_of(question: Question, endpoint: Endpoint, arm: Arm, bench: Bench) -> None:
    """Check all that an endpoint reads: its metrics, its phase's, the loss that sets its levels."""
    loss = "train_loss" if endpoint.at_losses else None
    for name in (endpoint.metric, endpoint.relative_to, endpoint.over.metric, loss):
        if name is not None:
            _check_metric(question, name, arm, bench)


def _check_metric(question: Question, name: str, arm: Arm, bench: Bench) -> Metric:
    metrics = bench.metrics(arm)
    if name not in metrics:
        raise ClaimDefinitionError(
            f"{_where(question)}: metric: got {name!r}; {bench.describe(arm)} measures "
            f"{', '.join(sorted(metrics))}"
        )
    return metrics[name]


def _check_kind(question: Question) -> None:
    yes_no = isinstance(question.hypothesis, MoreOften | ShareAbove)
    if yes_no is not question.endpoint.is_yes_no:
        got, expected = ("a yes/no", "a measured") if yes_no else ("a measured", "a yes/no")
        raise ClaimDefinitionError(
            f"{_where(question)}: {got} hypothesis ({question.hypothesis.kind}) needs {got} "
            f"endpoint; got {expected} one ({question.endpoint.metric})"
        )
    if isinstance(question.hypothesis, ShareAbove) is not (question.control is None):
        raise ClaimDefinitionError(
            f"{_where(question)}: control: a claim about one arm takes ShareAbove and no control, "
            "every other hypothesis a control"
        )
    bound_on_gain_scale(question.hypothesis, question.endpoint.transform)  # raises where unsuited
    for alternative in question.alternatives:
        hypothesis = alternative.hypothesis or question.hypothesis
        bound_on_gain_scale(hypothesis, alternative.endpoint.transform)


def _check_seeds(question: Question, scale: Scale, alpha: float) -> None:
    if max(scale.seeds) >= PILOT_SEEDS_FROM:
        raise ClaimDefinitionError(
            f"{_where(question)}: seeds: got {max(scale.seeds)} at scale {scale.name}; expected "
            f"seeds below {PILOT_SEEDS_FROM}, as those from there on are for pilots"
        )
    needed = least_seeds(question.hypothesis, alpha)
    if scale.verdicts and len(scale.seeds) < needed:
        raise ClaimDefinitionError(
            f"{_where(question)}: seeds: got {len(scale.seeds)} at scale {scale.name}; need at "
            f"least {needed} for alpha {alpha:.2g}"
        )


def _check_cells_differ(questions: Iterable[Question], keys: KeyMaker) -> None:
    seen: dict[object, str] = {}
    for q in questions:
        control = keys.key(q.control, 0) if q.control is not None else None
        asked = (keys.key(q.treatment, 0), control, q.endpoint)
        if asked in seen:
            raise ClaimDefinitionError(
                f"{q.slug}: cells {seen[asked]} and {q.cell.id} ask the same of the same arms "
                "at this scale; expected each cell to differ"
            )
        seen[asked] = q.cell.id


def _where(question: Question) -> str:
    return f"{question.slug} [{question.cell.id}]" if question.cell.values else question.slug
