"""Runs: what names them, where they lie, and who trains them."""
