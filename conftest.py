"""Loads the two plugins and does nothing else."""

pytest_plugins = ["harness.plugin", "reports.plugin"]
