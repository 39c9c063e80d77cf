"""The benchmark: operations against torch's own counter, times against known ones, a tiny run."""

import contextlib
import json
import time

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from models import benchmark, vgg_arm
from models.bench import VisionBench
from models.benchmarks import arms, flops, fused, linear, public_loop, rounds, sharing, vision
from models.benchmarks.arms import Lengths
from models.kernels.timing import Timing
from models.menu import vgg

QUICK = VisionBench("quick")
CPU = torch.device("cpu")


@pytest.mark.parametrize("scale", ["quick", "paper"])
def test_operations_are_those_that_torch_counts(scale):
    """Forward, and forward and backward, of the scale's own VGG; VGG-16's are 0.63 GFLOP.

    Counted on torch's own convolutions, as ours leave out some of the padding on a CPU.
    """
    settings = VisionBench(scale).settings(vgg(norm="batch", probes=()))
    shape = (settings["channels"], settings["image_size"], settings["image_size"])
    counted = flops.count(vgg_arm.build(settings, 1000, CPU), shape)
    network = public_loop.plain_network(settings, CPU)
    images = torch.randn(2, *shape)
    with FlopCounterMode(display=False) as forward:
        logits = network(images)
    with FlopCounterMode(display=False) as backward:
        F.cross_entropy(logits, torch.zeros(2, dtype=torch.int64)).backward()
    assert 2 * counted.forward == forward.get_total_flops()
    both = forward.get_total_flops() + backward.get_total_flops()
    assert 2 * counted.training == both
    if scale == "paper":
        assert counted.forward == pytest.approx(0.627e9, rel=0.01)


def test_counting_leaves_the_network_as_it_is():
    """In train mode, with the running statistics that it had."""
    network = vgg_arm.build(QUICK.settings(vgg(norm="batch")), 1000, CPU)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    flops.count(network, (1, 8, 8))
    assert network.training
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


@pytest.mark.parametrize("few", [1, 2, 20])
def test_the_five_runs_tell_start_steps_points_and_tests_apart(few):
    """From made-up seconds: a start of 3, steps of 0.5, points of 2, evaluations of 0.25."""
    lengths = Lengths(steps=7, points=4, few=few)

    def seconds(part):
        scale = lengths.of(part)
        tests = scale["steps"] if part == "more tests" else 1
        points = scale["steps"] if part.endswith("probes") else 0
        return 3 + 0.5 * scale["steps"] + 0.25 * tests + 2 * points

    found = arms.cost({part: [seconds(part)] * 2 for part in arms.PARTS}, lengths)
    medians = [s.median for s in (found.start_s, found.step_s, found.probe_s, found.test_s)]
    assert medians == pytest.approx([3, 0.5, 2, 0.25])
    assert found.step_s.n == 2


def test_a_whole_run_has_the_scales_points_and_evaluations():
    """15,000 steps, a point in 100, an evaluation in 500."""
    one = [rounds.Spread.of([value]) for value in (3.0, 0.01, 0.2, 0.5)]
    cost = arms.Cost(start_s=one[0], step_s=one[1], probe_s=one[2], test_s=one[3])
    assert arms.run_s(VisionBench("paper"), cost) == pytest.approx(3 + 150 + 150 * 0.2 + 30 * 0.5)


def test_a_time_that_was_not_told_is_no_rate():
    """Neither infinite nor negative: none."""
    assert arms.per_s(10, 0.5) == 20
    assert arms.per_s(10, 0.0) is None
    assert arms.per_s(10, -0.1) is None


def test_blocks_take_turns_and_stop_when_time_is_up():
    """What is to be warm is run before, uncounted; one round at least, none once time is up."""
    order = []
    blocks = {name: lambda name=name: order.append(name) for name in "ab"}
    found = rounds.in_turn(blocks, device="cpu", rounds=3, warm="a")
    assert "".join(order) == "aababab"
    assert {name: len(times) for name, times in found.items()} == {"a": 3, "b": 3}
    past = time.monotonic() - 1
    late = rounds.in_turn(blocks, device="cpu", rounds=3, warm="", end_at=past)
    assert len(late["a"]) == 1


def test_every_block_is_noted_as_it_ends():
    """What a process has measured when it is ended is all but the block in flight."""
    noted = []

    def note(seconds):
        noted.append({name: len(times) for name, times in seconds.items()})

    rounds.in_turn({"a": int, "b": int}, device="cpu", rounds=2, warm="", note=note)
    assert noted == [{"a": 1, "b": 0}, {"a": 1, "b": 1}, {"a": 2, "b": 1}, {"a": 2, "b": 2}]


def test_a_public_loop_reads_standardised_images_one_by_one():
    """As ToTensor and Normalize with the training set's own mean and deviation make them."""
    pixels = np.random.default_rng(0).integers(0, 256, (20, 3, 4, 4)).astype(np.float32) / 255
    images = public_loop.Images(pixels, np.arange(20))
    stacked = torch.stack([images[i][0] for i in range(20)]).numpy()
    mean, std = pixels.mean((0, 2, 3), keepdims=True), pixels.std((0, 2, 3), keepdims=True)
    np.testing.assert_allclose(stacked, (pixels - mean) / std, atol=1e-5)
    assert images[7][1] == 7


def test_a_public_loops_arithmetic_is_what_torch_has_when_nobody_sets_one(monkeypatch):
    """In words, on a card; a CPU has fp32."""
    assert public_loop.arithmetic("cpu") == "fp32"
    for convolutions, words in ((True, "convolutions in TF32"), (False, "convolutions in fp32")):
        monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", convolutions)
        assert words in public_loop.arithmetic("cuda:0")


def test_a_public_loop_trains_torchs_own_layers():
    """BatchNorm2d after each conv, BatchNorm1d after hidden layers, none after the classifier."""
    network = public_loop.plain_network(QUICK.settings(vgg(norm="batch")), CPU)
    norms = [type(layer.norm) for layer in network.weight_layers()]
    assert norms == [nn.BatchNorm2d] * 8 + [nn.BatchNorm1d] * 2 + [nn.Identity]
    assert type(network.weight_layers()[0].linear) is nn.Conv2d
    plain = public_loop.plain_network(QUICK.settings(vgg(norm="none")), CPU)
    assert not any(isinstance(m, nn.BatchNorm2d | nn.BatchNorm1d) for m in plain.modules())


def test_a_tiny_benchmark_writes_all_its_figures(tmp_path, capsys):
    """At quick scale, one round: the table on the terminal, strict JSON in the file."""
    path = tmp_path / "new" / "bench.json"
    asked = ["--scale", "quick", "--network", "vgg", "--rounds", "1", "--steps", "3"]
    asked += ["--norms", "none", "batch", "--compare-seeds", "2", "--workers", "0", "--points", "1"]
    assert benchmark.main([*asked, "--json", str(path)]) == 0
    found = json.loads(path.read_text(), parse_constant=pytest.fail)
    assert found["environment"]["torch"] == torch.__version__
    assert found["environment"]["precision"] == "fp32"
    assert found["vision"]["rounds"] == 1
    assert found["vision"]["matrix"]["flops_per_s"]["median"] > 0
    assert set(found["vision"]["arms"]) == set(found["vision"]["public"]) == {"none", "batch"}
    of = found["vision"]["arms"]["batch"]
    assert of["probes"] == list(arms.PROBES_OF["batch"])
    assert of["peak_memory_mib"] is None
    assert found["vision"]["public"]["none"]["workers"] == 0
    assert found["sharing"]["failed"] == {}
    printed = capsys.readouterr().out
    assert "steps/s" in printed
    assert list(found) == ["environment", "vision", "sharing"]


ENDED = KeyboardInterrupt("the time of the process is over")


SHARED = {"steps_per_s": {}, "job_s": {}, "failed": {}, "options": {}}
KEPT = {"environment": {}, "vision": {"rounds": 1}}


@pytest.fixture
def parts(monkeypatch):
    """Let parts be measured, or the process be ended in one; return what ends it, and when."""
    ended, noted = set(), {"matrix": [0.1], "batch few": []}

    def stand_in(name, figures):
        def part(*args, **options):
            if name == "vision":
                args[2](noted)
            if name in ended:
                raise ENDED
            return figures

        return part

    for module, name, figures in (
        (vision, "vision", {"rounds": 1}),
        (sharing, "sharing", SHARED),
        (fused, "kernels", {}),
        (linear, "linear", {}),
    ):
        monkeypatch.setattr(module, "measure", stand_in(name, figures))
    monkeypatch.setattr(benchmark, "_vision_lines", lambda of: ["the table"])
    monkeypatch.setattr(benchmark, "environment", lambda *_: {})
    return ended


@pytest.mark.parametrize(
    ("ends_in", "kept"),
    [
        ("vision", {"environment": {}, "seconds so far": {"matrix": [0.1], "batch few": []}}),
        ("sharing", KEPT),
        ("kernels", KEPT | {"sharing": SHARED}),
        ("linear", KEPT | {"sharing": SHARED, "kernels": {}}),
        ("none", KEPT | {"sharing": SHARED, "kernels": {}, "linear": {}}),
    ],
)
def test_what_was_measured_is_kept_when_the_process_is_ended(
    parts, tmp_path, capsys, ends_in, kept
):
    """After each part in the file and on the terminal; of the first one the seconds so far."""
    parts.add(ends_in)
    path = tmp_path / "bench.json"
    ended = contextlib.nullcontext() if ends_in == "none" else pytest.raises(KeyboardInterrupt)
    with ended:
        benchmark.main(["--device", "cuda", "--json", str(path)])
    assert json.loads(path.read_text()) == kept
    assert [one.name for one in tmp_path.iterdir()] == ["bench.json"]
    assert ("the table" in capsys.readouterr().out) is (ends_in != "vision")


def test_no_part_begins_once_the_minutes_are_over(parts, tmp_path, capsys):
    """But the first; the others say so in the file and on the terminal."""
    path = tmp_path / "bench.json"
    assert benchmark.main(["--device", "cuda", "--minutes", "0", "--json", str(path)]) == 0
    found = json.loads(path.read_text())
    assert found["vision"] == {"rounds": 1}
    late = {"not measured": "0 minutes were over"}
    assert found["sharing"] == found["kernels"] == found["linear"] == late
    printed = capsys.readouterr().out
    assert "fused kernels not measured: 0 minutes were over" in printed
    assert "linear network not measured: 0 minutes were over" in printed


def test_the_image_networks_leave_time_for_the_parts_after_them():
    """Their rounds begin in two fifths of the minutes; in all of them where they are alone."""
    minutes = {
        network: benchmark.plan_of(
            QUICK, benchmark.parser().parse_args(["--network", network, "--minutes", "10"])
        ).minutes
        for network in ("all", "vgg")
    }
    assert minutes == {"all": 4.0, "vgg": 10.0}


def test_fused_kernels_are_summed_over_the_layers(monkeypatch):
    """Two layers of one shape and three of another; where there are none it says why."""
    times = [
        Timing(
            norm="l1", shape=(128, 64, 8, 8), layers=2, plain_ms=3.0, fused_ms=1.0, gigabytes_s=1.0
        ),
        Timing(norm="l1", shape=(128, 64), layers=3, plain_ms=1.0, fused_ms=0.5, gigabytes_s=1.0),
    ]
    monkeypatch.setattr(fused.timing, "timings", lambda device: times)
    of = fused.measure("cuda:0")["norms"]["l1"]
    assert (of["plain_ms"], of["fused_ms"], of["times_as_fast"]) == (9.0, 3.5, 9.0 / 3.5)
    monkeypatch.undo()
    found = fused.measure("cpu")
    assert found["norms"] == {}
    assert any("fused kernels not measured" in line for line in benchmark.table({"kernels": found}))


def test_wrong_options_end_in_words(capsys):
    """A precision that a CPU lacks: the bench's own error, and no traceback."""
    assert benchmark.main(["--precision", "tf32", "--network", "vgg"]) == benchmark.USAGE
    assert "expected fp32" in capsys.readouterr().err


def test_a_cards_defaults():
    """Seeds as in a job of the scale; on a card longer blocks."""
    bench = VisionBench("paper")
    cpu, card = (
        benchmark.plan_of(bench, benchmark.parser().parse_args(["--device", device]))
        for device in ("cpu", "cuda:0")
    )
    assert cpu.seeds == card.seeds == bench.seeds_per_job(vgg())
    assert (cpu.lengths.steps, card.lengths.steps) == (10, 500)
    assert (cpu.lengths.points, card.lengths.points) == (2, 10)


@pytest.mark.parametrize(("asked", "steps"), [([], 20), (["--steps", "5"], 1)])
def test_a_cards_block_of_the_linear_network_is_shorter(asked, steps):
    """A 25th, one step at least: its ten loops are called, not captured."""
    arguments = benchmark.parser().parse_args(["--device", "cuda:0", *asked])
    assert benchmark.linear_steps_of(arguments) == steps
    assert benchmark.linear_steps_of(benchmark.parser().parse_args(["--steps", "7"])) == 7


def test_a_block_on_a_card_notes_the_memory_of_its_own_run(monkeypatch):
    """The most since it began, in MiB, whatever was held before."""
    held, peaks = {"most": 9}, {}
    monkeypatch.setattr(torch.cuda, "reset_peak_memory_stats", lambda _: held.update(most=0))
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda _: held["most"] * 2**20)
    block = vision._watched(lambda: held.update(most=3), "cuda:0", "batch", peaks)
    block()
    assert peaks == {"batch": 3.0}
