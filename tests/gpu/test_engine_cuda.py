"""The engine on a card: what its graphs must not change, wait for, or keep."""

import gc

import pytest

torch = pytest.importorskip("torch")

from models import resnet_arm, vgg_arm  # noqa: E402 (after the skip)
from models.bench import VisionBench  # noqa: E402
from models.engine import arm as engine  # noqa: E402
from models.engine import group  # noqa: E402
from models.menu import PROBES, dln, resnet, vgg  # noqa: E402
from models.numerics import numerics  # noqa: E402

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]
NORMS = ("none", "batch", "noisy-batch", "l1", "l2", "linf")
SMALL = {"steps": 9, "probe_every": 2, "evaluate_every": 4}
CARD, CPU = "cuda:0", "cpu"


@pytest.fixture(autouse=True)
def _fp32():
    with numerics(CARD, "fp32"):
        yield


def settings_of(norm="batch", probes=PROBES, *, net=vgg, changed=None, **optional):
    """Return an arm's settings at quick, shortened, on images that need nothing of the host."""
    probes = ("landscape", "gradients") if net is resnet and probes else probes
    found = VisionBench("quick").settings(net(norm=norm, probes=probes, **optional))
    return {**found, **SMALL, "jitter": None, **(changed or {})}


def replicas_of(settings, seeds, device=CARD):
    build = (resnet_arm if settings["kind"] == "resnet" else vgg_arm).build
    where = torch.device(device)
    return engine.make_replicas(build, settings, seeds, where, "", counted=True)


def run(settings, seeds):
    build = (resnet_arm if settings["kind"] == "resnet" else vgg_arm).build
    return engine.run_seeds(build, settings, seeds, torch.device(CARD), "", lambda *_: None)


def after(settings, seeds, make_programmes, device=CARD, *, steps=1, probed=False):
    """Return each seed's parameters, flat in float64 on the host: before, and after some steps."""
    replicas = replicas_of(settings, seeds, device)
    before = [flat(replica) for replica in replicas]
    programmes = make_programmes(replicas)
    try:
        for step in range(steps):
            for replica in replicas:
                replica.stage(step)
            (programmes.probed if probed else programmes.plain).run()
        return before, [flat(replica) for replica in replicas]
    finally:
        programmes.close()


def flat(replica):
    parts = [p.detach().flatten().double().cpu() for p in replica.network.parameters()]
    return torch.cat(parts)


def step_error(found, expected):
    """Return how far from where it should have led a step led, by its length; the worst seed's."""
    return max(
        float((there - right).norm() / (right - start).norm())
        for start, there, right in zip(expected[0], found[1], expected[1], strict=True)
    )


@pytest.mark.parametrize("probed", [False, True], ids=["plain", "probed"])
@pytest.mark.parametrize("norm", NORMS)
def test_a_replayed_step_is_the_step(norm, probed):
    """From one state, a graph's step and the same calls on the card lead to the same place.

    1e-4 of the step's length: kernels may sum in another order, in fp32.
    """
    settings = settings_of(norm, ("gradients",))
    expected = after(settings, [1000, 1001], group.direct, probed=probed)
    found = after(settings, [1000, 1001], group.recorded, probed=probed)
    assert all(torch.equal(*pair) for pair in zip(found[0], expected[0], strict=True))
    assert step_error(found, expected) < 1e-4


@pytest.mark.parametrize(
    "settings",
    [
        settings_of("none", ()),
        settings_of("noisy-batch", ()),
        settings_of("batch", (), momentum=0.9, l2_in_loss=5e-4, dropout=0.5),
        settings_of("batch", (), net=resnet),
    ],
    ids=["none", "noisy", "readings", "resnet"],
)
def test_a_cards_step_is_the_cpus(settings):
    """From one state, with draws by counter: within 1e-3 of the step's length, in fp32."""
    found = after(settings, [1000], group.recorded)
    assert step_error(found, after(settings, [1000], group.direct, CPU)) < 1e-3


@pytest.mark.parametrize("norm", ["none", "batch", "noisy-batch"])
def test_seeds_together_step_as_alone(norm):
    """Three in one graph, each in a graph of its own: within 1e-4 of the step's length."""
    settings = settings_of(norm, ())
    together = after(settings, [1000, 1001, 1002], group.recorded)
    for i, seed in enumerate((1000, 1001, 1002)):
        one = [part[i : i + 1] for part in together]
        assert step_error(one, after(settings, [seed], group.recorded)) < 1e-4


@pytest.mark.parametrize("norm", NORMS)
def test_probes_change_no_weight(norm):
    """Planted mistake 5, in graphs: with all probes on or off, the same bits of all that trains."""
    settings = settings_of(norm)
    replicas = [replicas_of(s, [1000, 1001]) for s in (settings, settings_of(norm, ()))]
    records = [
        group.train_group(some, vgg_arm.schedule(settings), group.recorded, lambda *_: None)
        for some in replicas
    ]
    for probed, plain in zip(*replicas, strict=True):
        assert torch.equal(flat(probed), flat(plain))
        for one, other in zip(probed.network.buffers(), plain.network.buffers(), strict=True):
            assert torch.equal(one, other)
    for probed, plain in zip(*records, strict=True):
        assert probed.series["train_loss"] == plain.series["train_loss"]
        assert probed.series["test_accuracy"] == plain.series["test_accuracy"]


def test_recording_leaves_the_replicas_as_they_were():
    """Weights, running statistics, velocity and counters, to the bit."""
    replicas = replicas_of(settings_of("batch", momentum=0.9), [1000, 1001])
    state = [tensor for replica in replicas for tensor in replica.state()]
    before = [tensor.detach().clone() for tensor in state]
    group.recorded(replicas).close()
    assert all(torch.equal(*pair) for pair in zip(state, before, strict=True))


@pytest.mark.parametrize("norm", ["batch", "noisy-batch"])
def test_a_run_repeats_bit_for_bit(norm):
    """The same seeds give the same records again; each seed is another run."""
    settings = settings_of(norm, dropout=0.5)
    first, again = run(settings, [1000, 1001]), run(settings, [1000, 1001])
    for one, other in zip(first, again, strict=True):
        assert repr(one.series) == repr(other.series)
        assert one.histograms == other.histograms
    assert first[0].series["train_loss"] != first[1].series["train_loss"]


def test_probes_measure_in_a_graph_what_they_measure_outside():
    """The numbers of the first probe point, before any step, are those of the same calls."""
    settings = settings_of("batch", changed={"steps": 1})
    found = run(settings, [1000])[0]
    [replica] = replicas_of(settings, [1000])
    schedule = vgg_arm.schedule(settings)
    [expected] = group.train_group([replica], schedule, group.direct, lambda *_: None)
    for name, series in expected.series.items():
        assert found.series[name].values == pytest.approx(
            series.values, rel=2e-3, abs=1e-4, nan_ok=True
        )
    for name, histogram in expected.histograms.items():
        pairs = zip(found.histograms[name].counts[0], histogram.counts[0], strict=True)
        assert sum(abs(a - b) for a, b in pairs) <= 4  # a value beside an edge may cross it


@pytest.mark.parametrize("probed", [False, True], ids=["plain", "probed"])
def test_a_step_waits_for_nothing(probed):
    """Torch raises at every wait for the card while steps are replayed."""
    replicas = replicas_of(settings_of("noisy-batch"), [1000, 1001])
    programmes = group.recorded(replicas)
    torch.cuda.synchronize()
    torch.cuda.set_sync_debug_mode("error")
    try:
        for step in range(3):
            for replica in replicas:
                replica.stage(step)
            (programmes.probed if probed else programmes.plain).run()
        for replica in replicas:
            replica.evaluate(0)
    finally:
        torch.cuda.set_sync_debug_mode("default")
        programmes.close()


def test_a_run_gives_its_memory_back():
    """What is allocated after a run is what was before, once libraries have their workspaces."""
    settings = settings_of("batch", ("landscape", "moments"))
    run(settings, [1000, 1001])
    allocated, reserved = held()
    for _ in range(3):
        run(settings, [1000, 1001])
    allocated_after, reserved_after = held()
    assert allocated_after == allocated
    assert reserved_after <= reserved + 64 * 2**20  # a workspace of cuBLAS for each of two streams


def held():
    gc.collect()
    torch.cuda.synchronize()
    torch.cuda.empty_cache()
    return torch.cuda.memory_allocated(), torch.cuda.memory_reserved()


@pytest.mark.alone
def test_a_group_too_large_for_the_card_is_trained_in_halves():
    """With room for little more than one of two: both are trained, and their records say so."""
    settings = settings_of("batch", ("gradients",), changed={"batch": 1024, "width": 1 / 2})
    run(settings, [1000, 1001])  # libraries take their workspaces
    before = held()[1]
    torch.cuda.reset_peak_memory_stats()
    run(settings, [1000])
    one = torch.cuda.max_memory_reserved() - before
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction((before + 1.25 * one) / total)
    try:
        records = run(settings, [1000, 1001])
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert [record.hardware["seeds together"] for record in records] == [
        "1 of 2: out of memory"
    ] * 2
    assert all(record.diverged_at is None for record in records)


def test_a_seed_that_diverges_is_recorded_as_by_the_plain_loop():
    """Planted mistake 11: the same first step without a number, NaN from there on."""
    settings = settings_of("none", ("landscape",), changed={"learning_rate": 1e30})
    found = run(settings, [1000, 1001])
    for seed, record in zip((1000, 1001), found, strict=True):
        plain = vgg_arm.run(settings, seed, torch.device(CARD), "", lambda *_: None)
        assert record.diverged_at == plain.diverged_at
        assert repr(record.series.keys()) == repr(plain.series.keys())
        losses = record.series["train_loss"].values
        assert all(loss != loss for loss in losses[record.diverged_at :])


@pytest.mark.parametrize("precision", ["fp32", "tf32", "bf16"])
def test_the_bench_trains_by_graphs(precision):
    """Jittered and augmented images, every precision; --engine eager is the plain loop."""
    bench = VisionBench("quick", {"precision": precision})
    assert bench.environment(CARD).engine == "graphs"
    eager = VisionBench("quick", {"precision": precision, "engine": "eager"})
    assert eager.environment(CARD).engine == "eager"
    for arm in (vgg(norm="batch"), vgg(norm="l2", probes=(), augment=True)):
        records = bench.train(arm, [1000, 1001], CARD, lambda *_: None)
        [plain] = eager.train(arm, [1000], CARD, lambda *_: None)
        assert [record.seed for record in records] == [1000, 1001]
        assert all(record.diverged_at is None for record in records)
        first = plain.series["train_loss"].values[0]
        assert records[0].series["train_loss"].values[0] == pytest.approx(first, rel=1e-3)


@pytest.mark.parametrize("norm", ["none", "batch", "l1", "linf"])
def test_the_linear_networks_graph_steps_as_its_calls(norm):
    """All seeds' losses over the first steps, replayed and called: within 1e-4, in fp32."""
    arm, found = dln(norm=norm, probes=("gradients",)), {}
    for engine_name in ("auto", "eager"):
        bench = VisionBench("quick", {"engine": engine_name})
        records = bench.train(arm, [1000, 1001, 1002], CARD, lambda *_: None)
        found[engine_name] = [r.series["train_loss"].values[:5] for r in records]
        assert all(len(set(losses)) == 5 for losses in found[engine_name])
    for replayed, called in zip(found["auto"], found["eager"], strict=True):
        assert replayed == pytest.approx(called, rel=1e-4)
