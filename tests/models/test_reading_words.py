"""The readings: every one resolves for the arms it is asked of, and changes what it says."""

import pytest

from models import optional_settings, readings, scopes
from models.bench import VisionBench
from models.menu import dln, vgg

ALL = (
    *readings.VGG_READINGS,
    *readings.VGG_FURTHER_READINGS,
    *readings.NOISE_READINGS,
    *readings.LP_READINGS,
    *readings.ICS_READINGS,
    *readings.DLN_READINGS,
)
VGGS = ("none", "batch", "noisy-batch", "noise", "l1", "l2", "linf")
DLNS = ("none", "batch", "l1", "l2", "linf")
ARMS = [vgg(norm=norm) for norm in VGGS] + [dln(norm=norm) for norm in DLNS]


def changed(bench, reading):
    """Return the norms, by kind, of the arms that the reading makes other runs of."""
    return {
        (arm.kind, arm["norm"])
        for arm in ARMS
        if bench.settings(arm.replaced(**reading.of_kind(arm.kind))) != bench.settings(arm)
    }


@pytest.mark.parametrize("scale", ["quick", "desk", "paper"])
@pytest.mark.parametrize("reading", ALL, ids=lambda reading: reading.name)
def test_every_reading_resolves_for_every_arm_at_every_scale(reading, scale):
    """And is another run of some arm, except where it is what the scale does anyway."""
    usual = {"Glorot uniform"} if scale == "paper" else set()
    assert bool(changed(VisionBench(scale), reading)) == (reading.name not in usual)


@pytest.mark.parametrize(
    ("menu", "kinds", "norms"),
    [
        (readings.NOISE_READINGS, {"vgg"}, {"noisy-batch", "noise"}),
        (readings.LP_READINGS, {"vgg", "dln"}, {"l1", "l2", "linf"}),
        (readings.ICS_READINGS, {"vgg", "dln"}, set(VGGS)),
        (readings.VGG_READINGS + readings.VGG_FURTHER_READINGS, {"vgg"}, set(VGGS)),
        (readings.DLN_READINGS, {"dln"}, set(DLNS)),
    ],
    ids=["noise", "l_p", "ICS", "VGG", "linear"],
)
def test_a_menu_changes_the_arms_it_speaks_of(menu, kinds, norms):
    """Together the readings of a menu touch these kinds and norms, and no other."""
    found = set().union(*(changed(VisionBench("desk"), reading) for reading in menu))
    assert {kind for kind, _ in found} == kinds
    assert {norm for _, norm in found} == norms


def test_every_setting_has_a_reading_or_a_scope():
    """No setting is built that none of them asks for, and each of its other words is asked for.

    Augmentation is stated and a claim of its own asks for it; of the precision a study does.
    """
    words = set(optional_settings.PRECISIONS)
    asked = {("vgg", "augment"): set(), ("vgg", "precision"): words}
    for reading in ALL:
        for kind in ("vgg", "dln"):
            for name, value in reading.of_kind(kind).items():
                asked.setdefault((kind, name), set()).add(value)
    name, values = scopes.DLN_START_SCOPE.columns
    asked["dln", name] |= set(values) - {optional_settings.DLN[name].deciding}
    for kind, choices in (("vgg", optional_settings.VGG), ("dln", optional_settings.DLN)):
        for name, choice in choices.items():
            others = set(getattr(choice, "words", ())) - {choice.deciding}
            assert asked[kind, name] >= others
            assert choice.deciding not in asked[kind, name]


def test_names_are_of_one_reading_each():
    """A claim about both networks may ask them all."""
    assert len({reading.name for reading in ALL}) == len(ALL)


@pytest.mark.parametrize("scale", ["quick", "desk", "paper"])
@pytest.mark.parametrize(
    ("menu", "scope", "places"),
    [
        (vgg, scopes.VGG_SCOPE, 12),
        (vgg, scopes.VGG_SIZE_SCOPE, 6),
        (dln, scopes.DLN_SCOPE, 9),
        (dln, scopes.DLN_START_SCOPE, 6),
    ],
    ids=["VGG", "VGG size", "linear", "linear start"],
)
def test_a_scope_is_a_grid_of_runs(menu, scope, places, scale):
    """Each place is another run, and at desk one of them is trained as the claims' own."""
    bench = VisionBench(scale)
    found = [bench.settings(menu().replaced(**scope.changes(point))) for point in scope.points()]
    assert len(found) == places
    assert all(one not in found[:i] for i, one in enumerate(found))
    own = bench.settings(menu().replaced(**scope.alike))
    assert scale != "desk" or own in found
