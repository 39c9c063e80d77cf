"""What the paper leaves open, as readings: other settings that its words allow.

Declared from the paper alone. A reading is judged by its claim's rule with ``--full`` and never
decides it. Settings and their deciding values are those of ``models.optional_settings``.

What is left out, and why, says ``not_asked`` in the family's ``family.toml``.
"""

from harness.declarations.readings import Changes, Reading


def _vgg(name: str, leaves_open: str, because: str, **changes: str | float) -> Reading:
    of_vgg: Changes = changes
    return Reading(name=name, leaves_open=leaves_open, changes={"vgg": of_vgg}, because=because)


def _dln(name: str, leaves_open: str, because: str, **changes: str | float) -> Reading:
    of_dln: Changes = changes
    return Reading(name=name, leaves_open=leaves_open, changes={"dln": of_dln}, because=because)


def _ics(name: str, leaves_open: str, because: str, **changes: str) -> Reading:
    only_ics = {"probes": ("ics",), **changes}
    return Reading(name=name, leaves_open=leaves_open, changes=only_ics, because=because)


_GLOROT = "Glorot's initialisation is stated, uniform or normal is not"

VGG_READINGS = (
    _vgg(
        "momentum 0.9",
        "momentum is not stated",
        "the usual companion of SGD when VGGs are trained",
        momentum=0.9,
    ),
    _vgg(
        "L2 term of 5e-4 in the loss",
        "weight decay is not stated",
        "the loss of Figure 4a starts 1.97 above ln 10 and its floor decays: a term of that order",
        l2_in_loss=5e-4,
    ),
    _vgg("Glorot uniform", _GLOROT, "the default of Keras and TensorFlow", init="glorot-uniform"),
    _vgg(
        "VGG-13",
        "the variant of VGG is not stated",
        "it is the smallest with the layer 13 that the paper plots, there the classifier",
        network="vgg-13",
    ),
)
"""Of how a VGG is trained: for every claim about one. VGG-16 and VGG-19 are places of the scope."""

VGG_FURTHER_READINGS = (
    _vgg("Glorot normal", _GLOROT, "the form of Glorot and Bengio's theory", init="glorot-normal"),
    _vgg(
        "norm on conv layers only",
        "which layers have a norm is not stated",
        "published VGGs with BatchNorm have none after fully connected layers",
        norm_on="conv",
    ),
    _vgg(
        "dropout 0.5",
        "dropout is not stated",
        "VGG's own fully connected layers have it",
        dropout=0.5,
    ),
    _vgg(
        "raw pixels",
        "preprocessing is not stated",
        "pixels in [0, 1] are what a loader gives",
        pixels="raw",
    ),
)
"""For claims that compare BatchNorm with none at the learning rate 0.1, which share those runs.

Asked of all claims they would take ``--full`` at desk from one hour to more than one and a half on
two cores.
"""

NOISE_READINGS = (
    _vgg(
        "noise before gamma and beta",
        "whether Algorithm 1's noise comes after BatchNorm's scale and shift is not stated",
        "the statistics that the noise is to shift are those of what the division gives",
        noise_place="before-affine",
    ),
    _vgg(
        "r_sigma a variance",
        "whether N(sigma, r_sigma) names a standard deviation or a variance is not stated",
        "N(mean, variance) is the commoner notation in statistics",
        noise_spread="variance",
    ),
)
"""Of Algorithm 1."""

LP_READINGS = (
    Reading(
        name="l_p norm of the centred activations",
        leaves_open="no formula of the l_p normalisation is given",
        changes={"lp_scale": "centred"},
        because="with p = 2 it is BatchNorm itself, which the norms are to generalise",
    ),
)
"""Of Section 3.3's normalisations, in both networks."""

ICS_READINGS = (
    _ics(
        "gradient of the whole layer",
        "what a layer's parameters are is not stated",
        "Definition 2.1 speaks of the layer's parameters; bias and norm are among them",
        ics_compares="layer",
    ),
    _ics(
        "step of the weights alone",
        "whether the norms below take the step with their layers is not stated",
        "Definition 2.1 writes W_1 to W_(i-1), which may be weights and nothing else",
        ics_steps="weights-below",
    ),
    _ics(
        "step of the layer's own norm, too",
        "whether a layer's norm belongs to the layer or to its input is not stated",
        "a norm that is counted as a layer of its own comes before the next weight",
        ics_steps="layers-and-own-norm",
    ),
)
"""Of Definition 2.1, in both networks, with no other probe: training is the claim's own."""

DLN_READINGS = (
    _dln(
        "momentum 0.9, linear network",
        "momentum is not stated",
        "the usual companion of gradient descent",
        momentum=0.9,
    ),
    _dln(
        "Glorot normal, linear network",
        _GLOROT,
        "the form of Glorot and Bengio's theory",
        init="glorot-normal",
    ),
    _dln(
        "norm after the last layer, too",
        "which layers have a norm is not stated",
        "a norm after every layer is the plainest reading",
        norm_on="all",
    ),
    _dln(
        "loss a full sum",
        "the reduction of the loss is not stated",
        "the sum of squared errors is what the text names",
        loss="sum",
    ),
)
"""Of how the linear network is trained."""
