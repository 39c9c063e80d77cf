"""What a resolved arm reads into the paper where it leaves something open, in words."""

from collections.abc import Iterator, Mapping
from typing import Any

INIT_WORDS = {
    "glorot": "Glorot's uniform",
    "glorot-normal": "Glorot's normal",
    "he": "He's",
    "orthogonal": "orthogonal",
}


def described(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Return an arm's optional settings for a title, none where all are at their deciding values.

    A VGG's network and initialisation are the scale's business and said elsewhere.
    """
    ics = settings["probes"].get("ics", {})
    noise = settings.get("norm_options", {})
    found = (
        ("momentum" in settings, f"momentum {settings.get('momentum', 0):g}"),
        ("l2_in_loss" in settings, f"L2 term {settings.get('l2_in_loss', 0):g}"),
        ("dropout" in settings, f"dropout {settings.get('dropout', 0):g}"),
        (settings.get("norm_on") == "conv", "no norm on fully connected layers"),
        (settings.get("norm_on") == "all", "a norm on the last layer, too"),
        ("pixels" in settings, "raw pixels"),
        ("augment" in settings, "augmented"),
        ("precision" in settings, f"in {settings.get('precision')}"),
        ("loss" in settings, "loss a full sum"),
        (
            settings["kind"] == "dln" and settings["init"] != "glorot",
            f"{INIT_WORDS[settings['init']]} init",
        ),
        ("place" in noise, "noise before gamma and beta"),
        ("spread" in noise, "r_sigma a variance"),
        ("compares" in ics, "ICS of the whole layer"),
        (ics.get("steps") == "weights-below", "ICS under a step of weights alone"),
        (ics.get("steps") == "layers-and-own-norm", "ICS under a step of the layer's norm, too"),
    )
    return tuple(words for given, words in found if given)


def readings(settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the training of an image network reads into the paper."""
    on_vgg = settings["kind"] == "vgg"
    if on_vgg:
        yield "The paper does not state the VGG variant; it plots layer indices up to 13."
    yield _descent(settings)
    if on_vgg and settings["norm"] != "none":
        where = "conv layer and no" if settings.get("norm_on") == "conv" else "conv and hidden"
        yield f"The norm follows every {where} fully connected layer: the paper does not say which."
    pixels = "as they are, in [0, 1]" if "pixels" in settings else "standardised per channel"
    yield f"Pixels are {pixels}: the paper does not state its preprocessing."


def dln_readings(settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a linear network's training reads into the paper."""
    if settings["norm"] != "none":
        where = "every layer" if "norm_on" in settings else "every layer but the last"
        rest = "with a trained gain and shift and an eps of 1e-5"
        yield f"The norm follows {where}, {rest}: the paper does not say."
    loss = "the sum" if "loss" in settings else "half the sum"
    yield f"The loss is {loss} of squared errors over all samples: the paper states no reduction."
    yield (
        "A and x have i.i.d. N(0, 1) entries, drawn anew for each seed: the paper says Gaussian, "
        "neither how wide nor whether they are drawn once."
    )
    yield _dln_start(settings["init"])
    momentum = f"Momentum {settings['momentum']:g}" if "momentum" in settings else "No momentum"
    yield f"{momentum}, no weight decay and no biases: the paper states none of these."


def _dln_start(init: str) -> str:
    if init == "orthogonal":
        return "Initialisation: orthogonal (Saxe et al. 2014) instead of Glorot's."
    return f"{INIT_WORDS[init]} initialisation: the paper does not state which of the two."


def _descent(settings: Mapping[str, Any]) -> str:
    momentum, l2, dropout = (settings.get(k) for k in ("momentum", "l2_in_loss", "dropout"))
    words = (
        f"momentum {momentum:g}" if momentum else "no momentum",
        f"{l2:g} times the sum of squared weights in the loss" if l2 else "no weight decay",
        f"dropout {dropout:g} of hidden units" if dropout else "no dropout",
    )
    text = f"{words[0]}, {words[1]} and {words[2]}"
    hint = "its Figure 4a hints at decay"
    return f"{text[0].upper()}{text[1:]}: the paper states none of these ({hint})."


def of_lp(settings: Mapping[str, Any]) -> str | None:
    """Return the reading of an l_p norm; None for another norm."""
    norm = str(settings["norm"])
    if not norm.startswith("l"):
        return None
    which = "centred" if norm.endswith("centred") else "un-centred"
    return (
        f"The l_p scale is the average norm of the {which} activations, and the mean is removed: "
        "the paper gives no formula."
    )


def of_noise(settings: Mapping[str, Any]) -> str | None:
    """Return the reading of Algorithm 1; None for an arm without noise."""
    if settings["norm"] not in ("noisy-batch", "noise"):
        return None
    options = settings.get("norm_options", {})
    place = "before" if "place" in options else "after"
    spread = "variance" if "spread" in options else "standard deviation"
    return (
        f"The noise comes {place} gamma and beta, its r_sigma is a {spread}, and there is none at "
        "test time: the paper states none of these."
    )


def of_ics(settings: Mapping[str, Any], metric: str) -> str | None:
    """Return the reading of Definition 2.1; None for a metric of another kind."""
    if not metric.startswith("ics"):
        return None
    probe = settings["probes"]["ics"]
    moved = {
        None: "all parameters of the layers below take their step, norms included,",
        "weights-below": "the weights of the layers below, not their biases and norms, take a step",
        "layers-and-own-norm": "the layers below and the layer's own norm take their step",
    }[probe.get("steps")]
    compared = (
        "of all of the layer's parameters" if "compares" in probe else "of the layer's weight"
    )
    return (
        f"For a layer's shifted gradient {moved} and only the gradient {compared} is compared: the "
        "paper does not say."
    )
