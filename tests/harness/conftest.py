"""Fixtures of the harness's tests: a small project whose claims are judged by a toy bench."""

import pytest
from toy_projects import Project

from harness import decide
from harness.declarations.hypotheses import Above
from harness.verdicts.decision import holm


@pytest.fixture(scope="session")
def _statistics_imported():
    """Import the statistics libraries once: an in-process run forgets what it imported first."""
    decide([1.0, 2.0, 3.0], Above(0.0), 0.05)
    holm({"a": 0.1, "b": 0.2})


@pytest.fixture
def project(pytester, monkeypatch, _statistics_imported):
    """Return an empty family of claims in a folder of its own."""
    return Project(pytester, monkeypatch)
