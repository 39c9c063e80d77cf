"""Metrics against what they were measured at, such as a step size: one point for each x."""

import itertools
from collections.abc import Sequence

from harness.bench import Arm
from harness.declarations.declared import is_number
from harness.declarations.figures import Figure
from harness.declarations.paper import PaperProfile
from harness.declarations.summaries import spread
from harness.errors import ClaimDefinitionError
from harness.records import RunRecord

Points = Sequence[tuple[float, str]]


def profile(
    title: str,
    points: Points,
    *,
    x_label: str,
    label: str | None = None,
    axis: str = "log",
    paper: PaperProfile | None = None,
    extra: tuple[tuple[str, Arm], ...] = (),
    note: str | None = None,
) -> Figure:
    """Return a panel of metrics against x, on a logarithmic x axis: ``((0.05, "a"), (0.1, "b"))``.

    ``label`` says what the values are, where the first metric's own label says too much. Raises
    ClaimDefinitionError for fewer than two points, or x that do not ascend from above 0.
    """
    pairs = isinstance(points, tuple | list) and all(
        isinstance(pair, tuple) and len(pair) == 2 and is_number(pair[0]) for pair in points
    )
    if not pairs:
        raise ClaimDefinitionError(
            f"profile {title!r}: got {points!r}; expected (x, metric) pairs, x a finite number"
        )
    places = [0.0, *(x for x, _ in points)]
    if len(points) < 2 or any(b <= a for a, b in itertools.pairwise(places)):
        raise ClaimDefinitionError(
            f"profile {title!r}: got x at {places[1:]}; expected at least two, ascending, above 0"
        )
    return Figure(
        title=title,
        metric=points[0][1],
        kind="profile",
        points=tuple(points),
        label=label,
        x_label=x_label,
        axis=axis,
        paper=paper,
        extra=extra,
        note=note,
    )


def profile_line(
    points: Points, label: str, role: str, runs: Sequence[RunRecord]
) -> dict[str, object]:
    """Return one arm's profile: of all measurements of all seeds, the median and the tenths."""
    values = [[v for run in runs for v in run.measured(name).values] for _, name in points]
    return {"label": label, "role": role, "x": [x for x, _ in points], **spread(values)}
