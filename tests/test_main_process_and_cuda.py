"""The main process of a session on cards neither initialises CUDA nor is forked by workers."""

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[1]

CONFTEST = """
import os, sys
from pathlib import Path

import torch
from models import nvml
from models.cards import Present

pytest_plugins = ["harness.plugin"]

torch.cuda.is_available = lambda: True
torch.cuda.device_count = lambda: 2
nvml.present = lambda: tuple(Present(uuid=f"GPU-{i}", name="fake") for i in range(2))


def pytest_configure_node(node):  # in the main process, before the worker is started
    sys.inherited = True
    Path("main").write_text(f"{torch.cuda.is_initialized()}")


def pytest_collection_finish(session):
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    Path(f"{worker}.txt").write_text(f"{torch.cuda.is_initialized()} {hasattr(sys, 'inherited')}")
"""


def test_the_main_process_initialises_no_cuda_and_workers_are_fresh_interpreters(
    pytester, monkeypatch
):
    """Cards are listed for the environment and the header; workers inherit nothing."""
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    family = pytester.path / "claims" / "santurkar_2018"
    family.mkdir(parents=True)
    for name in ("family.toml", "test_noise_alone_breaks_standard.py"):
        shutil.copy(ROOT / "claims" / "santurkar_2018" / name, family)
    (pytester.path / "conftest.py").write_text(CONFTEST)
    result = pytester.runpytest_subprocess(
        "claims", "--scale", "quick", "--device", "cuda", "-n", "1", "--stop-after", "0", timeout=60
    )
    assert result.ret == 7
    assert (pytester.path / "main").read_text() == "False"
    assert (pytester.path / "gw0.txt").read_text() == "False False"
    result.stdout.fnmatch_lines(["claims: 2 cards (fake), 1 process trains on each*"])
