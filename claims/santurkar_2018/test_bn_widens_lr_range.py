"""BatchNorm trains over a larger range of learning rates (Section 1, Figure 1, and the text)."""

from harness import (
    Above,
    Alternative,
    Claim,
    Precondition,
    Role,
    Source,
    decades,
    reaches,
    span,
    sweep,
    whole,
)
from models.menu import vgg

AXIS = "learning rate"

# From the lowest rate that the paper trains a VGG at (Figure 3a), below which what ends training is
# the budget of steps, to a hundred times its usual one; half a decade apart, a little less than the
# paper's own step from 0.1 to 0.5.
RATES = decades(0.01, 10.0, 2)

TRAINS = reaches("train_accuracy", at_least=30.0, if_diverged=0.0)
RANGE = span(TRAINS, AXIS)


def network(norm):
    """Return the sweep of one network; at 0.01 and 0.1 it shares the runs of other claims."""

    def arm(rate):
        if rate == 0.1:
            return vgg(norm=norm)
        return vgg(norm=norm, lr=rate, probes=("ics",) if rate == 0.01 else ())

    return sweep(AXIS, RATES, arm)


CLAIM = Claim(
    slug="bn-widens-lr-range",
    statement="Of the learning rates from 0.01 to 10, the range at which the network trains is "
    "more than 0.35 decades wider with BatchNorm than without. It trains at a rate if its training "
    "accuracy over the last tenth of training is at least 30 %, three times chance; of seven "
    "rates, each at which it trains counts half a decade.",
    source=Source(section="1", figure="1"),
    treatment=network("batch"),
    control=network("none"),
    endpoint=RANGE,
    hypothesis=Above(
        0.35,
        because="the paper trains at 0.1 without BatchNorm and at 0.5 with it, 0.7 decades more; "
        "less than half of that would hardly be called a larger range",
    ),
    preconditions=[
        Precondition(
            role=Role.CONTROL,
            endpoint=RANGE,
            at_least=0.5,
            because="a network that trains at no rate at all has no range to be widened",
        )
    ],
    alternatives=(
        Alternative(
            name="from the smallest to the largest such rate",
            endpoint=span(TRAINS, AXIS, filled=True),
        ),
        Alternative(
            name="trains: at least 20 %",
            endpoint=span(reaches("train_accuracy", at_least=20.0, if_diverged=0.0), AXIS),
        ),
        Alternative(
            name="trains: at least 50 %",
            endpoint=span(reaches("train_accuracy", at_least=50.0, if_diverged=0.0), AXIS),
        ),
        Alternative(
            name="trains: 30 % on average over training",
            endpoint=span(
                reaches("train_accuracy", at_least=30.0, over=whole, if_diverged=0.0), AXIS
            ),
        ),
    ),
    full=("paper",),
    declared="2026-11-20",
)


def test_bn_widens_lr_range(judge):
    judge(CLAIM)
