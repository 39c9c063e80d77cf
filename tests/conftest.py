"""What all tests share: running pytest on a small project, in any environment alike."""

import pytest

pytest_plugins = ["pytester"]


@pytest.fixture(autouse=True)
def _as_at_a_desk(monkeypatch):
    """Where CI is set, pytest writes its summary otherwise; inner runs are read as at a desk."""
    for name in ("CI", "BUILD_NUMBER", "COLUMNS", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)
