"""The deep linear network's arms in the paper's words, resolved at a scale and described.

Imports nothing heavy. Size, data and learning rates are the paper's own at every scale but
``quick``; the number of steps is the scale's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.bench import Arm
from harness.errors import ArmError
from models import dln_depth, dln_metrics, dln_norms, menu, optional_settings, reading_words
from models.arm_settings import given_settings

DATA = "drawn from the seed"
"""In place of the data's md5: A and x are functions of the seed."""

WIDTH, SAMPLES = 10, 1000
PAPER_STEPS = 10_000
MOST_RATE = 2e-3
"""Beyond it even one layer diverges, whose curvature is about the number of samples."""
STEP_SIZES = (1e-8, 1e-7, 1e-6, 1e-5, 3.16e-5)  # eta' of the paper's figures
# Half decades from a tenth of the figures' smallest step, the figures' own among them: a superset,
# so never below beta on their grid.
FINE_STEP_SIZES = (
    *(1e-9, 3.16e-9, 1e-8, 3.16e-8, 1e-7, 3.16e-7, 1e-6, 3.16e-6),
    *(1e-5, 3.16e-5),
)
ICS_LAYERS = (9, 17)  # of the paper's figures
MOMENT_LAYERS = (1, 11, 24)  # of the paper's Figure 9
# One range for all norms: at the start l_1, l_2 and BatchNorm give units of standard deviation 1.25
# to 1, l_infinity of about 0.3, which is three bins.
HISTOGRAM = {"bins": 100, "low": -5.0, "high": 5.0}
KNOWN_SETTINGS = {
    "norm",
    "lr",
    "probes",
    "ics_layers",
    "moment_layers",
    "step_sizes",
    "depth",
    *optional_settings.DLN,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class DlnScale:
    """How long the network is trained, and how often the probes measure, from step 0."""

    steps: int
    probe_every: int


SCALES = {
    "quick": DlnScale(steps=40, probe_every=10),
    # Half the paper's length, by the time budget alone: with all probes and ten seeds, five norms
    # at 1e-6 and two at 1e-7 take 98 of the 150 core-seconds set aside for this network.
    "desk": DlnScale(steps=5_000, probe_every=50),
    "paper": DlnScale(steps=PAPER_STEPS, probe_every=50),
}

EVALUATION_S = {"none": 0.0003, "batch": 0.0015, "l1": 0.0038, "l2": 0.0015, "linf": 0.0040}
"""Seconds for loss and gradients of ten seeds in float32, eager on one AVX-512 core, torch 2.13."""

PROBED_S = {"none": 0.0006, "batch": 0.0020, "l1": 0.0065, "l2": 0.0020, "linf": 0.0063}
"""As above in float64, with the copy that moved and the distance."""

HISTOGRAMS_S = 0.004
"""Seconds for one point of the probe of moments."""


def resolve(arm: Arm, scale: str) -> dict[str, object]:
    """Return all settings that decide the arm's numbers, strict JSON types only.

    Raises ArmError for an unknown setting, norm, learning rate, probe, layer or step size.
    """
    given = given_settings(arm, KNOWN_SETTINGS)
    dln_norms.module_name(str(given["norm"]))
    size, depth = SCALES[scale], dln_depth.depth_of(given)
    options = optional_settings.chosen(given, optional_settings.DLN)
    resolved: dict[str, object] = {
        "kind": "dln",
        "layers": depth,
        "width": WIDTH,
        "samples": SAMPLES,
        "norm": given["norm"],
        "init": "glorot",
        "steps": size.steps,
        "learning_rate": _learning_rate(given["lr"]),
        "probe_every": size.probe_every,
        "probes": _probes(given, depth),
    }
    return optional_settings.applied_to_dln(resolved, options)


def _learning_rate(lr: object) -> float:
    if isinstance(lr, bool) or not isinstance(lr, int | float) or not 0 < lr <= MOST_RATE:
        raise ArmError(
            f"lr: got {lr!r}, expected a number above 0 and up to {MOST_RATE:g}; the paper's are "
            "1e-06 and 1e-07"
        )
    return float(lr)


def _probes(given: Mapping[str, object], depth: int) -> dict[str, object]:
    chosen: tuple[str, ...] = given["probes"]  # type: ignore[assignment]
    if unknown := sorted(set(chosen) - set(menu.DLN_PROBES)):
        raise ArmError(f"probes: got {', '.join(unknown)}; expected some of {menu.DLN_PROBES}")
    step_sizes = _step_sizes(given.get("step_sizes", STEP_SIZES))
    known: dict[str, dict[str, object]] = {
        "landscape": {"step_sizes": step_sizes},
        "ics": {"layers": _layers(given, "ics_layers", ICS_LAYERS, depth)},
        "moments": {"layers": _layers(given, "moment_layers", MOMENT_LAYERS, depth), **HISTOGRAM},
        "gradients": {},
        "random": {"step_sizes": step_sizes},
        "fine": {"step_sizes": list(FINE_STEP_SIZES)},
    }
    return {name: known[name] for name in menu.DLN_PROBES if name in chosen}


def _layers(
    given: Mapping[str, object], name: str, default: tuple[int, ...], depth: int
) -> list[int] | dict[str, int]:
    layers: Any = given.get(name, default)
    return dln_depth.layers_at(layers, depth, name)


def _step_sizes(sizes: Any) -> list[float]:
    """Return the sizes. Raises ArmError unless they ascend and have names of their own."""
    named = [f"{size:g}" for size in sizes]
    ascending = list(sizes) == sorted(set(sizes))
    if (
        not sizes
        or not 0 < sizes[0] <= sizes[-1] < 1
        or not ascending
        or len(set(named)) < len(named)
    ):
        raise ArmError(
            f"step_sizes: got {sizes}, expected ascending ones between 0 and 1 that differ in "
            "their first six digits"
        )
    return list(sizes)


def modules(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the modules that define a resolved arm's parts, besides what they import."""
    return (
        "models.dln_arm",
        "models.numerics",
        dln_norms.module_name(settings["norm"]),
        *(f"models.dln_probes.{name}" for name in settings["probes"]),
    )


def describe(settings: Mapping[str, Any]) -> str:
    """Return the arm in a few words: ``25-layer linear network, l1 norm, LR 1e-06``."""
    names = {"none": "no norm", "batch": "BatchNorm"}
    norm = names.get(settings["norm"], f"{settings['norm']} norm")
    words = [f"{settings['layers']}-layer linear network", norm]
    words += [f"LR {settings['learning_rate']:g}", *reading_words.described(settings)]
    return ", ".join(words)


MOMENT_READING = (
    "A layer's activations are read after its norm, all ten units over all samples: the paper does "
    "not say where and how many."
)
PROBE_READING = (
    "What is measured during training is computed in double precision from the weights in single: "
    "in single, the change over the smallest steps is rounding."
)
RANDOM_READING = (
    "A random direction is one Gaussian draw over all parameters at each point, as long as the "
    "gradient: the paper does not say how it was drawn or scaled."
)


def deviations(settings: Mapping[str, Any], metric: str) -> tuple[str, ...]:
    """Return where a metric of a resolved arm differs from the paper's, most important first."""
    steps = settings["steps"]
    candidates = (
        None if steps == PAPER_STEPS else f"Length: {steps:,} steps instead of {PAPER_STEPS:,}.",
        *dln_depth.deviations(settings, metric),
        reading_words.of_lp(settings),
        reading_words.of_ics(settings, metric),
        MOMENT_READING if metric.startswith("activation") else None,
        RANDOM_READING if metric.startswith("random") else None,
        _grid(settings, metric),
        *reading_words.dln_readings(settings),
        None if metric == "train_loss" else PROBE_READING,
    )
    return tuple(sentence for sentence in candidates if sentence)


def _grid(settings: Mapping[str, Any], metric: str) -> str | None:
    probe = "random" if metric.startswith("random") else "landscape"
    probe = "fine" if metric == dln_metrics.FINE else probe
    sizes = settings["probes"].get(probe, {}).get("step_sizes", [])
    if tuple(sizes) == STEP_SIZES or not dln_metrics.is_of_grid(metric):
        return None
    papers = ", ".join(f"{size:g}" for size in STEP_SIZES)
    ours = ", ".join(f"{size:g}" for size in sizes)
    along = dln_metrics.RANDOM if metric.startswith("random") else dln_metrics.GRADIENT
    return f"Steps {along}: {ours} instead of {papers}."


def _evaluations(probes: Mapping[str, Any]) -> int:
    """Return how often loss and gradients are computed at a probe point.

    Along the gradient each step size once, however many probes read it.
    """
    sizes = {name: probe.get("step_sizes", ()) for name, probe in probes.items()}
    elsewhere = len(sizes.pop("random", ())) + len(probes.get("ics", {}).get("layers", ()))
    return 1 + elsewhere + len({eta for grid in sizes.values() for eta in grid})


def estimate_s(settings: Mapping[str, Any], seeds: int) -> float:
    """Return the seconds of one of ``seeds`` seeds trained together, on one core."""
    probes, norm = settings["probes"], settings["norm"].removesuffix("-centred")
    point_s = _evaluations(probes) * PROBED_S.get(norm, 0.006)
    point_s += HISTOGRAMS_S if "moments" in probes else 0
    points = len(range(0, settings["steps"], settings["probe_every"])) if probes else 0
    all_s: float = settings["steps"] * EVALUATION_S.get(norm, 0.004) + points * point_s
    return all_s * settings["layers"] / dln_depth.PAPER_DEPTH / seeds
