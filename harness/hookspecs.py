"""The hook through which the harness announces finished verdicts."""

from typing import Any

import pytest


@pytest.hookspec
def pytest_claims_finished(config: pytest.Config, document: dict[str, Any]) -> None:
    """Take the verdicts of one family when its session has ended.

    Called once for each family with at least one selected claim, in the main process only.
    ``document`` is the content of ``verdicts.json`` as strict JSON types.
    """
