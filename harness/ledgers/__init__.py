"""The recorded verdicts that a run is compared with."""
