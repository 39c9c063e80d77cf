"""The bench protocol: identities, refusals, words, and what must not be imported."""

import ast
import json
import math
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from harness.bench import Arm
from harness.errors import ArmError, OptionError
from models import machine, norms, resolve, scales
from models.bench import VisionBench
from models.engine import arm as engine_arm
from models.menu import (
    PROBES,
    excess_kurtosis,
    gradient_change_at,
    ics_cosine,
    ics_l2,
    kurtosis_size,
    loss_at,
    mean_distance,
    mean_shift,
    non_gaussianity,
    skewness,
    variance_distance,
    variance_shift,
    vgg,
)

ROOT = Path(__file__).parents[2]
NORMS = ("none", "batch", "noisy-batch", "l1", "l2", "linf")
SCALES = ("quick", "desk", "paper")


def nothing(done, steps):
    """Progress that nobody watches."""


def closure(modules):
    """Return every module of models/ that the given ones import, read from the source."""
    found, todo = set(), list(modules)
    while todo:
        name = todo.pop()
        path = ROOT / name.replace(".", "/")
        path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        if name in found or not path.is_file():
            continue
        found.add(name)
        todo.append(name.rpartition(".")[0])  # its package, which is imported before it
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("models"):
                todo += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return found


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("scale", SCALES)
def test_identities_are_strict_json_and_stable(scale, norm):
    """Equal arms have equal identities; the settings survive a round trip through strict JSON."""
    bench, arm = VisionBench(scale), vgg(norm=norm)
    identity = bench.identity(arm)
    text = json.dumps(identity.settings, allow_nan=False, sort_keys=True)
    assert json.loads(text) == identity.settings
    assert identity == VisionBench(scale).identity(vgg(norm=norm, lr=0.1, probes=PROBES[::-1]))


def test_identities_differ_where_arms_do():
    """Norm, learning rate, probes, layers, scale and data set each give another identity."""
    desk = VisionBench("desk")
    arms = [
        vgg(),
        vgg(norm="batch"),
        vgg(lr=0.5),
        vgg(probes=("ics",)),
        vgg(probes=("ics",), ics_layers=(2, 9)),
    ]
    settings = [desk.identity(arm).settings for arm in arms]
    settings += [VisionBench("quick").identity(vgg()).settings]
    settings += [VisionBench("desk", {"dataset": "cifar10"}).identity(vgg()).settings]
    assert len({json.dumps(one, sort_keys=True) for one in settings}) == len(settings)


def test_a_norm_is_in_the_closure_of_its_own_arms_only():
    """Changing batch.py changes batch and noisy-batch; lp.py the l_p arms; none of the others."""
    bench = VisionBench("desk")
    of = {norm: closure(bench.identity(vgg(norm=norm)).modules) for norm in NORMS}
    own = {norm: {m for m in of[norm] if m.startswith("models.norms.")} for norm in NORMS}
    assert own == {
        "none": {"models.norms.none"},
        "batch": {"models.norms.batch"},
        "noisy-batch": {"models.norms.noisy_batch", "models.norms.batch"},
        "l1": {"models.norms.l1", "models.norms.lp"},
        "l2": {"models.norms.l2", "models.norms.lp"},
        "linf": {"models.norms.linf", "models.norms.lp"},
    }


@pytest.mark.parametrize("norm", NORMS)
def test_bench_menu_and_scales_are_outside_every_closure(norm):
    """Their values enter through the settings, so editing them re-trains only what they change."""
    found = closure(VisionBench("desk").identity(vgg(norm=norm)).modules)
    outside = {"bench", "menu", "scales", "resolve", "metrics", "deviations", "machine", "cifar"}
    assert not found & {f"models.{name}" for name in outside}


def test_training_loads_only_what_the_identity_covers():
    """In a fresh process, every models.* module that training imports is in the arm's closure."""
    code = (
        "import sys\n"
        "from models.bench import VisionBench\n"
        "from models.menu import vgg\n"
        "before = set(sys.modules)\n"
        "VisionBench('quick').train(vgg(norm='noisy-batch'), [1000], 'cpu', lambda *_: None)\n"
        "print(*[m for m in set(sys.modules) - before if m.startswith('models')])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    covered = closure(VisionBench("quick").identity(vgg(norm="noisy-batch")).modules)
    assert set(done.stdout.split()) <= covered


def test_collection_imports_nothing_heavy():
    """Everything but prepare and train works without torch and scikit-learn."""
    code = (
        "import sys\n"
        "from models.bench import VisionBench\n"
        "from models.menu import vgg\n"
        "for scale in ('quick', 'desk', 'paper'):\n"
        "    bench, arm = VisionBench(scale), vgg(norm='l1')\n"
        "    bench.options(), bench.scales(), bench.identity(arm), bench.describe(arm)\n"
        "    bench.deviations(arm, 'train_loss'), bench.metrics(arm), bench.estimate_s(arm)\n"
        "    bench.environment('cpu'), bench.seeds_per_job(arm)\n"
        "print({'torch', 'sklearn', 'torchvision', 'scipy'} & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_new_norm_file_changes_no_existing_identity(monkeypatch, tmp_path):
    """A file added beside the others is a norm at once; the identities of the others stay."""
    bench = VisionBench("desk")
    before = [bench.identity(vgg(norm=norm)) for norm in NORMS]
    closures = [closure(identity.modules) for identity in before]
    folder = tmp_path / "norms"
    shutil.copytree(ROOT / "models" / "norms", folder)
    (folder / "group.py").write_text("def make(channels, layer): ...\n")
    monkeypatch.setattr(norms, "__file__", str(folder / "__init__.py"))
    assert "models.norms.group" in bench.identity(vgg(norm="group")).modules
    after = [bench.identity(vgg(norm=norm)) for norm in NORMS]
    assert after == before
    assert [closure(identity.modules) for identity in after] == closures


def test_records_hold_the_metrics_that_are_announced():
    """A trained record's series are exactly metrics(arm), within their ranges, for each seed."""
    bench, arm, told = VisionBench("quick"), vgg(norm="batch"), []
    records = bench.train(arm, [1000, 1001], "cpu", lambda done, of: told.append((done, of)))
    metrics = bench.metrics(arm)
    for record, seed in zip(records, (1000, 1001), strict=True):
        assert (record.seed, record.steps) == (seed, scales.QUICK.steps)
        assert set(record.series) == set(metrics)
        assert record.hardware["cpu"]
        assert record.wall_s > 0
        for name, series in record.series.items():
            metric = metrics[name]
            assert all(math.isfinite(value) for value in series.values)
            assert metric.low is None or min(series.values) >= metric.low - 1e-6, name
            assert metric.high is None or max(series.values) <= metric.high + 1e-6, name
    assert told == sorted(told)
    assert told[-1] == (48, 48)


LIMITS = {
    "accuracy": (0.0, 100.0),
    "cosine": (-1.0, 1.0),
    "loss_ratio": (1.0, None),
    "excess_kurtosis": (-2.0, None),
}


def limits_of(name):
    """Return what a metric cannot pass, by its name: most are sizes, of which none is below 0."""
    return next((limits for word, limits in LIMITS.items() if word in name), (0.0, None))


def test_metrics_say_what_they_cannot_pass():
    """Two arms at such a limit are not compared: one that is too wide would compare them."""
    metrics = VisionBench("desk").metrics(vgg(norm="batch"))
    assert {name: (m.low, m.high) for name, m in metrics.items()} == {
        name: limits_of(name) for name in metrics
    }


def test_a_seed_that_diverges_has_a_record_like_any_other():
    """Planted mistake 11: the bench hands over every seed that it was asked for."""
    records = VisionBench("quick").train(
        vgg(lr=1e30, probes=()), [1000, 1001], "cpu", lambda *_: None
    )
    assert [record.seed for record in records] == [1000, 1001]
    assert all(record.diverged_at is not None for record in records)


def test_training_restores_the_number_of_threads():
    """One thread inside, whatever it was outside."""
    import torch

    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        inside = []
        VisionBench("quick").train(
            vgg(probes=()), [1000], "cpu", lambda *_: inside.append(torch.get_num_threads())
        )
        assert set(inside) == {1}
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("norm", NORMS)
def test_every_norm_trains_at_quick(norm):
    """Each arm ends with a finite record."""
    record = VisionBench("quick").train(vgg(norm=norm, probes=()), [1000], "cpu", nothing)[0]
    assert record.diverged_at is None
    assert math.isfinite(record.series["test_accuracy"].values[-1])


def test_menu_names_are_metrics():
    """The helpers for claim files name what a record of the default arm holds."""
    metrics = VisionBench("desk").metrics(vgg())
    names = [ics_l2(5), ics_cosine(10), mean_shift(3), variance_shift(11)]
    names += [loss_at(0.5), gradient_change_at(4), mean_distance(3), variance_distance(11)]
    names += [excess_kurtosis(2), kurtosis_size(3), skewness(9), non_gaussianity(11)]
    assert set(names) <= set(metrics)


@pytest.mark.parametrize(
    ("arm", "message"),
    [
        (vgg(norm="NoBN"), "norm: got 'NoBN'"),
        (Arm.of("vgg", norm="batch"), "got no lr, probes; make arms with models.menu.vgg"),
        (Arm.of("vgg", norm="batch", lr=0.1, probes=(), depth=3), "unknown settings depth"),
        (vgg(lr="fast"), "lr: got 'fast'"),
        (vgg(probes=("hessian",)), "probes: got hessian"),
        (vgg(ics_layers=(5, 17)), "got layer 17"),
        (vgg(ics_layers=(1, 2)), "two are the same layer of vgg-a"),
        (vgg(moment_layers=(1, 2)), "moment_layers: got layers"),
    ],
)
def test_arms_that_cannot_be_built_are_refused(arm, message):
    """At collection, with what was got and what was expected."""
    with pytest.raises(ArmError, match=message):
        VisionBench("desk").identity(arm)


def test_two_layers_of_vgg_16_stay_two_at_paper_scale():
    """Layers that would land on one of VGG-A are themselves in VGG-16."""
    settings = VisionBench("paper").settings(vgg(ics_layers=(1, 2)))
    assert settings["probes"]["ics"]["layers"] == {"1": 1, "2": 2}


def test_layers_keep_their_relative_depth():
    """Layers 3, 5, 10, 11 of VGG-16 are 2, 3, 7, 8 of VGG-A; the classifier is the classifier."""
    assert [resolve.same_depth(i, "vgg-a") for i in (1, 3, 5, 10, 11, 16)] == [1, 2, 3, 7, 8, 11]
    assert [resolve.same_depth(i, "vgg-16") for i in range(1, 17)] == list(range(1, 17))


@pytest.mark.parametrize(
    ("scale", "options", "message"),
    [
        ("huge", {}, "--scale: got 'huge'"),
        ("desk", {"dataset": "mnist"}, "--dataset: got 'mnist'"),
        ("desk", {"precision": "fp8"}, "--precision: got 'fp8'"),
        ("desk", {"colour": "red"}, "unknown options"),
    ],
)
def test_options_that_make_no_sense_are_refused(scale, options, message):
    """When the bench is made."""
    with pytest.raises(OptionError, match=message):
        VisionBench(scale, options)


@pytest.mark.parametrize("device", ["mps", "tpu:0"])
def test_other_devices_are_refused(device):
    """MPS is a clear error."""
    with pytest.raises(OptionError, match=f"device: got '{device}'"):
        VisionBench("quick").environment(device)


def test_a_cpu_trains_in_fp32_only():
    """TF32 on a CPU is refused rather than ignored."""
    with pytest.raises(OptionError, match="got tf32 on a CPU, expected fp32"):
        VisionBench("quick", {"precision": "tf32"}).environment("cpu")


@pytest.mark.parametrize("engine", machine.ENGINES)
def test_a_cpu_trains_with_the_plain_loop(engine):
    """Whatever engine is asked for; what is no engine is refused."""
    bench = VisionBench("quick", {"engine": engine})
    assert bench.environment("cpu").engine == "eager"
    with pytest.raises(OptionError, match="--engine: got 'fast'"):
        VisionBench("quick", {"engine": "fast"})


def test_a_card_trains_a_jobs_seeds_together(monkeypatch):
    """The engine gets all of them; its records keep what it notes, beside the hardware."""
    on_a_card = replace(VisionBench("quick").environment("cpu"), engine="graphs", card="X")
    monkeypatch.setattr(machine, "environment", lambda *_: on_a_card)
    groups, run_seeds = [], engine_arm.run_seeds

    def noted(build, settings, seeds, *others):
        groups.append(tuple(seeds))
        found = run_seeds(build, settings, seeds, *others)
        return [replace(record, hardware={"seeds together": "few"}) for record in found]

    monkeypatch.setattr(engine_arm, "run_seeds", noted)
    bench, arm = VisionBench("quick"), vgg(norm="batch", probes=())
    records = bench.train(arm, [1000, 1001], "cpu", lambda *_: None)
    monkeypatch.undo()
    assert groups == [(1000, 1001)]
    expected = VisionBench("quick").train(arm, [1000, 1001], "cpu", lambda *_: None)
    assert [r.series for r in records] == [r.series for r in expected]
    cpu = {"cpu": machine.cpu_name()}
    assert records[0].hardware == {**cpu, "card": "X", "seeds together": "few"}
    assert expected[0].hardware == cpu


def test_deviations_begin_with_the_data():
    """At desk: data, network, length, initialisation and layers, in this order."""
    found = VisionBench("desk").deviations(vgg(norm="noisy-batch"), "ics_l2_layer5")
    starts = ["Data:", "Network:", "Length:", "Initialisation:", "Layer 5 "]
    assert [next(s for s in starts if line.startswith(s)) for line in found[:5]] == starts
    assert "Layer 5 of VGG-16 is read at layer 3 of VGG-A, the same relative depth." in found
    assert any("r_sigma" in line for line in found)


def test_the_papers_scale_deviates_in_readings_only():
    """VGG-16 on CIFAR-10 for 15,000 steps with Glorot: no sentence on data, network or length."""
    found = VisionBench("paper").deviations(vgg(), "train_accuracy")
    assert not any(
        line.startswith(("Data:", "Network:", "Length:", "Layer", "Batch")) for line in found
    )
    assert found


@pytest.mark.parametrize(
    ("scale", "norm", "words"),
    [
        ("desk", "batch", "VGG-A x 1/4, BatchNorm, LR 0.1"),
        ("paper", "none", "VGG-16, no norm, LR 0.1"),
        ("quick", "l1", "VGG-A x 1/16, l1 norm, LR 0.1"),
    ],
)
def test_arms_are_described_in_a_few_words(scale, norm, words):
    """Network and width, norm, learning rate."""
    assert VisionBench(scale).describe(vgg(norm=norm)) == words


def test_probes_and_norms_cost_time():
    """Estimates grow with what is measured."""
    bench = VisionBench("desk")
    plain, probed = bench.estimate_s(vgg(probes=())), bench.estimate_s(vgg())
    assert 0 < plain < probed
    assert bench.estimate_s(vgg(norm="noisy-batch")) > probed


def test_the_scale_says_how_many_seeds_a_job_has():
    """And the scales declare at least the promised numbers of them."""
    together = {scale: VisionBench(scale).seeds_per_job(vgg()) for scale in ("desk", "paper")}
    assert together == {"desk": 1, "paper": 2}
    assert [(s.name, len(s.seeds), s.verdicts) for s in VisionBench.scales()] == [
        ("quick", 2, False),
        ("desk", 10, True),
        ("paper", 10, True),
    ]


def test_a_claim_hears_only_of_the_layer_that_it_reads():
    """Where layer 5 is read is said of its metric, and of no other layer's or accuracy's."""
    desk, arm = VisionBench("desk"), vgg(norm="batch")
    layer_5 = [text for text in desk.deviations(arm, "ics_l2_layer5") if text.startswith("Layer")]
    assert len(layer_5) == 1
    assert layer_5[0].startswith("Layer 5 of VGG-16 is read at layer 3 of VGG-A")
    of_accuracy = " ".join(desk.deviations(arm, "train_accuracy"))
    assert "Layer 5" not in of_accuracy
    assert "Probes measure" not in of_accuracy
