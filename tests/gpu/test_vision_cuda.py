"""VGG training on a card: the promises that a CPU cannot check."""

import pytest

torch = pytest.importorskip("torch")

from models.bench import VisionBench  # noqa: E402 (after the skip)
from models.menu import PROBES, resnet, vgg  # noqa: E402

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]
NORMS = ("none", "batch", "noisy-batch", "l1", "l2", "linf")


def trained(norm, probes=(), precision="fp32", device="cuda:0"):
    bench = VisionBench("quick", {"precision": precision})
    return bench.train(vgg(norm=norm, probes=probes), [1000], device, lambda *_: None)[0]


@pytest.mark.parametrize("norm", NORMS)
def test_probes_change_no_weight(norm):
    """Planted mistake 5: the losses of a run are the same bits with probes on and off."""
    probed, plain = trained(norm, PROBES), trained(norm)
    assert probed.series["train_loss"] == plain.series["train_loss"]


@pytest.mark.parametrize("norm", ["none", "batch", "l2"])
def test_a_card_starts_from_the_cpus_numbers(norm):
    """The first step's loss in fp32 is the CPU's, whose weights and batch it shares."""
    card, cpu = trained(norm), trained(norm, device="cpu")
    first = cpu.series["train_loss"].values[0]
    assert card.series["train_loss"].values[0] == pytest.approx(first, rel=1e-4)
    assert card.hardware["card"]


@pytest.mark.parametrize("precision", ["tf32", "bf16"])
def test_other_precisions_train(precision):
    """Every norm's run in TF32 and bf16 is finite."""
    for norm in NORMS:
        assert trained(norm, PROBES, precision).diverged_at is None


def test_noise_on_a_card_repeats():
    """Noise is a function of seed, step and layer there too."""
    assert trained("noisy-batch").series == trained("noisy-batch").series


@pytest.mark.parametrize(
    "arm", [resnet(norm="batch"), vgg(norm="batch", probes=(), augment=True)], ids=["resnet", "aug"]
)
def test_other_networks_and_augmented_images_start_from_the_cpus_numbers(arm):
    """The same weights, and the same crops of the same images."""
    bench = VisionBench("quick")
    card, cpu = (bench.train(arm, [1000], where, lambda *_: None)[0] for where in ("cuda:0", "cpu"))
    first = cpu.series["train_loss"].values[0]
    assert card.series["train_loss"].values[0] == pytest.approx(first, rel=1e-4)
