"""What claim files import: arms in the paper's words, and the names of what they measure.

Imports nothing heavy. ``lr=0.1`` and "layer 5" are the paper's (VGG-16, CIFAR-10); the bench
resolves them for its scale.
"""

from harness.bench import Arm, Setting
from models.readings import DLN_READINGS as DLN_READINGS
from models.readings import ICS_READINGS as ICS_READINGS
from models.readings import LP_READINGS as LP_READINGS
from models.readings import NOISE_READINGS as NOISE_READINGS
from models.readings import VGG_FURTHER_READINGS as VGG_FURTHER_READINGS
from models.readings import VGG_READINGS as VGG_READINGS
from models.scopes import DLN_SCOPE as DLN_SCOPE
from models.scopes import DLN_START_SCOPE as DLN_START_SCOPE
from models.scopes import VGG_SCOPE as VGG_SCOPE
from models.scopes import VGG_SIZE_SCOPE as VGG_SIZE_SCOPE

PROBES = ("landscape", "ics", "moments", "gradients", "random", "beyond", "fine")
"""All probes of a VGG run, in the one order that makes equal arms equal."""

LP_PROBES = ("landscape", "moments", "gradients")
"""Those of the l_p networks: one list, so that the claims about them share their runs."""

DLN_PROBES = ("landscape", "ics", "moments", "gradients", "random", "fine")
"""All probes of a run of the deep linear network."""


RESNET_PROBES = ("landscape", "gradients")
"""All probes of a residual network: those that read no numbered layer of VGG-16."""


def vgg(
    *,
    norm: str = "none",
    lr: float = 0.1,
    probes: tuple[str, ...] = PROBES,
    ics_layers: tuple[int, ...] | None = None,
    moment_layers: tuple[int, ...] | None = None,
    **optional: Setting,
) -> Arm:
    """Return the arm that trains a VGG.

    ``norm`` is a file of ``models/norms``: none, batch, noisy-batch, noise, l1, l2, linf. Layers
    are weight layers of VGG-16, counted from 1; left out, they are those of the paper's figures (5
    and 10 for the gradients' shift, 2, 3, 9, 11 and 13 for the activations' moments). ``optional``
    are settings of what the paper leaves open, such as ``momentum=0.9``; which there are and what
    they are when left out says ``models.optional_settings``.
    """
    layers = {"ics_layers": ics_layers, "moment_layers": moment_layers}
    given = {name: tuple(value) for name, value in layers.items() if value is not None}
    return Arm.of("vgg", norm=norm, lr=lr, probes=_in_one_order(probes), **given, **optional)


def resnet(
    *,
    norm: str = "none",
    lr: float = 0.1,
    probes: tuple[str, ...] = RESNET_PROBES,
    **optional: Setting,
) -> Arm:
    """Return the arm that trains a residual network: ResNet-20, fewer layers at smaller scales.

    ``norm`` is a file of ``models/norms``; ``optional`` are settings such as ``momentum=0.9`` that
    ``models.optional_settings`` lists for every image network.
    """
    return Arm.of("resnet", norm=norm, lr=lr, probes=_in_one_order(probes), **optional)


def dln(
    *,
    norm: str = "none",
    lr: float = 1e-6,
    probes: tuple[str, ...] = DLN_PROBES,
    ics_layers: tuple[int, ...] | None = None,
    moment_layers: tuple[int, ...] | None = None,
    step_sizes: tuple[float, ...] | None = None,
    **optional: Setting,
) -> Arm:
    """Return the arm that trains the deep linear network.

    ``norm`` is a file of ``models/dln_norms``: none, batch, l1, l2, linf. Layers are the network's
    own, counted from 1, ``step_sizes`` the eta' along the gradient and random directions,
    ascending; left out, they are those of the paper's figures: layers 9 and 17 for the gradients'
    shift, 1, 11 and 24 for the activations' moments, 1e-8 to 3.16e-5. ``optional`` as for a VGG.
    """
    chosen = {"ics_layers": ics_layers, "moment_layers": moment_layers, "step_sizes": step_sizes}
    given = {name: tuple(value) for name, value in chosen.items() if value is not None}
    return Arm.of("dln", norm=norm, lr=lr, probes=_in_one_order(probes), **given, **optional)


def _in_one_order(probes: tuple[str, ...]) -> tuple[str, ...]:
    known = [name for name in PROBES if name in probes]
    return tuple(known + sorted(set(probes) - set(known)))


def ics_l2(layer: int) -> str:
    """Return the metric ||G - G'||_2 of a weight layer of VGG-16 (Definition 2.1)."""
    return f"ics_l2_layer{layer}"


def ics_cosine(layer: int) -> str:
    """Return the metric cos(G, G') of a weight layer of VGG-16 (Definition 2.1)."""
    return f"ics_cosine_layer{layer}"


def mean_shift(layer: int) -> str:
    """Return the metric |change of a unit's mean activation| of a weight layer of VGG-16."""
    return f"activation_mean_shift_layer{layer}"


def variance_shift(layer: int) -> str:
    """Return the metric |change of a unit's activation variance| of a weight layer of VGG-16."""
    return f"activation_variance_shift_layer{layer}"


def mean_distance(layer: int) -> str:
    """Return the metric |distance of a unit's mean activation from its first measurement|."""
    return f"activation_mean_distance_layer{layer}"


def variance_distance(layer: int) -> str:
    """Return the metric |distance of a unit's activation variance from its first measurement|."""
    return f"activation_variance_distance_layer{layer}"


def activations(layer: int) -> str:
    """Return the histogram of a weight layer's activations, of a VGG before the ReLU."""
    return f"activations_layer{layer}"


def excess_kurtosis(layer: int) -> str:
    """Return the metric: excess kurtosis of a layer's median unit (Gaussian 0, Laplace 3)."""
    return f"activation_excess_kurtosis_layer{layer}"


def kurtosis_size(layer: int) -> str:
    """Return the metric: size of the excess kurtosis of a layer's median unit (Gaussian 0)."""
    return f"activation_kurtosis_size_layer{layer}"


def skewness(layer: int) -> str:
    """Return the metric: size of the skewness of a layer's median unit (Gaussian 0)."""
    return f"activation_skewness_layer{layer}"


def non_gaussianity(layer: int) -> str:
    """Return the metric: Jarque and Bera's statistic per value of a layer's sampled units."""
    return f"activation_non_gaussianity_layer{layer}"


def loss_at(multiple: float) -> str:
    """Return the metric: loss of the batch after a step of ``multiple`` learning rates."""
    return f"loss_at_x{multiple:g}"


def gradient_change_at(multiple: float) -> str:
    """Return the metric: change of the gradient over a step of ``multiple`` learning rates."""
    return f"gradient_change_at_x{multiple:g}"


def beyond_loss_at(multiple: float) -> str:
    """Return the metric: the loss after so many learning rates, beyond the figures' steps."""
    return f"beyond_{loss_at(multiple)}"


def beyond_gradient_change_at(multiple: float) -> str:
    """Return the metric: the gradient's change after so many, beyond the figures' steps."""
    return f"beyond_{gradient_change_at(multiple)}"


def loss_at_eta(step_size: float) -> str:
    """Return the metric of a linear network: loss after a step of this size."""
    return f"loss_at_eta{step_size:g}"


def gradient_change_at_eta(step_size: float) -> str:
    """Return the metric of a linear network: change of the gradient over a step of this size."""
    return f"gradient_change_at_eta{step_size:g}"
