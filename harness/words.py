"""The closed sets of words that the code, the report and the README share."""

from enum import StrEnum


class Verdict(StrEnum):
    """What a run of a claim ends in."""

    SUPPORTED = "SUPPORTED"
    REFUTED = "REFUTED"
    INCONCLUSIVE = "INCONCLUSIVE"
    INVALID = (
        "INVALID"  # the comparison is void: a precondition failed, or both arms sit at a limit
    )
    ERROR = "ERROR"  # infrastructure: a run failed, or a record cannot be judged
    NOT_RUN = "NOT RUN"


class RefutedKind(StrEnum):
    """How a claim is refuted."""

    OPPOSITE = "opposite"  # the interval excludes no effect, on the wrong side
    TOO_SMALL = "too small"  # below the bound, not shown to be on the wrong side
    TOO_DIFFERENT = "too different"  # of arms that are said to be alike: beyond either margin


class Transform(StrEnum):
    """The scale on which a gain is taken. On log, margins and bounds are factors."""

    IDENTITY = "identity"
    LOG = "log"
    LOGIT = "logit"


class Better(StrEnum):
    """Which direction of an endpoint the paper predicts for the treatment."""

    HIGHER = "higher"
    LOWER = "lower"


class Role(StrEnum):
    """The two sides of a comparison."""

    TREATMENT = "treatment"
    CONTROL = "control"
