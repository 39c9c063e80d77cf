"""An arm's own precision on a card, and the benchmark there."""

import json

import pytest

torch = pytest.importorskip("torch")

from models import benchmark  # noqa: E402 (after the skip)
from models.bench import VisionBench  # noqa: E402
from models.menu import vgg  # noqa: E402

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]


def losses(session, **optional):
    bench = VisionBench("quick", {"precision": session})
    arm = vgg(norm="batch", probes=(), **optional)
    return bench.train(arm, [1000], "cuda:0", lambda *_: None)[0].series["train_loss"].values


@pytest.mark.parametrize("word", ["fp32", "tf32", "bf16"])
def test_an_arms_precision_is_that_of_a_session(word):
    """The numbers of an arm that names it are those of a session that does, whatever the other."""
    other = "bf16" if word == "fp32" else "fp32"
    assert losses(other, precision=word) == losses(word)
    if "bf16" in (word, other):
        assert losses(other) != losses(word)


@pytest.mark.alone
def test_the_benchmark_measures_a_card(tmp_path):
    """Memory, ways to share it, and a rate of matrix products above a processor's."""
    path = tmp_path / "bench.json"
    asked = ["--scale", "quick", "--device", "cuda:0", "--network", "vgg", "--norms", "batch"]
    asked += ["--rounds", "1", "--steps", "5", "--workers", "0"]
    asked += ["--compare-seeds", "1", "2", "--compare-processes", "1"]
    assert benchmark.main([*asked, "--json", str(path)]) == 0
    found = json.loads(path.read_text())
    assert found["environment"]["card"]
    assert found["vision"]["arms"]["batch"]["peak_memory_mib"] > 0
    assert found["vision"]["matrix"]["flops_per_s"]["median"] > 1e12
    assert "not measured" not in found["sharing"]
    assert found["sharing"]["failed"] == {}
    assert "norms" in found["kernels"]
