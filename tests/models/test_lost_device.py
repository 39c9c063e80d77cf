"""After which errors a process is of no use to its card any more."""

import pytest
import torch

from harness.errors import DataError
from models.bench import VisionBench
from models.engine.memory import EngineMemoryError
from models.engine.programmes import RecordingError

STICKY = "CUDA error: an illegal memory access was encountered\nSearch for `cudaErrorIllegal..."


@pytest.fixture
def fatal():
    return VisionBench("quick").fatal


@pytest.fixture
def card(monkeypatch):
    """Play a card that this process uses; return what raises when it is asked."""
    raised = []

    def synchronize(device):
        assert device == "cuda:1"
        if raised:
            raise raised[0]

    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    monkeypatch.setattr(torch.cuda, "synchronize", synchronize)
    return raised


def caused(error, cause):
    """Return the error as it is where another one is behind it."""
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        torch.AcceleratorError(STICKY),
        RuntimeError("Triton Error [CUDA]: misaligned address"),
        RuntimeError("CUDA error: device-side assert triggered"),
        RuntimeError("CUDA error: unspecified launch failure"),
        caused(RuntimeError("empty_cache"), RuntimeError(STICKY)),
        caused(RuntimeError("empty_cache"), RecordingError("graphs: got RuntimeError")),
    ],
    ids=["torch", "triton", "assert", "launch", "behind another", "recording"],
)
def test_errors_that_stay_are_fatal_on_a_card(fatal, card, error):
    """By their words or those of what is behind them, or a failed recording; on a CPU none is."""
    assert fatal(error, "cuda:1")
    assert not fatal(error, "cpu")


@pytest.mark.parametrize(
    "error",
    [
        DataError("data: got none"),
        torch.OutOfMemoryError("CUDA out of memory"),
        EngineMemoryError("memory: got too little"),
        RuntimeError("CUDNN_STATUS_EXECUTION_FAILED"),
    ],
)
def test_others_are_not_unless_the_card_answers_no_more(fatal, card, error):
    """Lack of memory passes, and what else is no error of CUDA; the card has the last word."""
    assert not fatal(error, "cuda:1")
    card.append(torch.AcceleratorError("CUDA error: unknown error"))
    assert fatal(error, "cuda:1")


def test_a_card_that_was_never_used_is_not_asked(fatal, monkeypatch):
    """Asking would take memory on it."""
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: False)
    monkeypatch.setattr(torch.cuda, "synchronize", lambda _: pytest.fail("asked"))
    assert not fatal(DataError("data: got none"), "cuda:0")
