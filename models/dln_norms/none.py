"""No normalisation: the paper's "standard" network."""

size = None
