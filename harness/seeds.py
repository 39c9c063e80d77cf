"""Which seeds are for what: verdicts, further attempts, pilots; and how many are enough."""

PILOT_SEEDS_FROM = 1000
"""Seeds below are for verdicts; whatever is tried beforehand uses seeds from here on."""

SEEDS_APART = 100
"""Attempt k at a claim takes its seeds from 100 (k - 1) on."""


def is_enough(share: float, required: float) -> bool:
    """Return whether a share of the seeds reaches the one required: 0.9 is 9 of 10, as is 1 - 0.1.

    What rounding takes from either is less than one seed of any claim's.
    """
    return share >= required - 1e-12
