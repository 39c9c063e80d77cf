"""Which seeds are for what: verdicts, further attempts, pilots."""

PILOT_SEEDS_FROM = 1000
"""Seeds below are for verdicts; whatever is tried beforehand uses seeds from here on."""

SEEDS_APART = 100
"""Attempt k at a claim takes its seeds from 100 (k - 1) on."""
