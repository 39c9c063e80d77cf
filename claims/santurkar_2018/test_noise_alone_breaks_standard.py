"""The same noise without BatchNorm prevents training (Section 2.1).

Noise is to blame only where the network trains without it, by the same 30 %: a network that is dead
anyway would make the claim SUPPORTED.
"""

from harness import Alternative, Claim, ShareAbove, Source, curve, learns, reaches
from models.menu import NOISE_READINGS, VGG_READINGS, vgg


def trains(at_least):
    """Return whether the network trains, which the paper denies."""
    return reaches("train_accuracy", at_least=at_least, better="lower", if_diverged=0.0)


CLAIM = Claim(
    slug="noise-alone-breaks-standard",
    statement="With the noise of noisy BatchNorm and no BatchNorm, the network fails to train in "
    "more than half of the seeds: over the last tenth of training its accuracy stays below 30 %, "
    "three times chance.",
    source=Source(section="2.1"),
    treatment=vgg(norm="noise", probes=()),
    endpoint=trains(30.0),
    hypothesis=ShareAbove(0.5, because="what prevents training does so more often than not"),
    preconditions=[
        learns(vgg(norm="none"), 30.0, because="noise cannot break what does not train without it")
    ],
    alternatives=(
        Alternative(name="trains: at least 20 %", endpoint=trains(20.0)),
        Alternative(name="trains: at least 50 %", endpoint=trains(50.0)),
    ),
    figures=(
        curve(
            "Training accuracy",
            "train_accuracy",
            extra=(("standard, without noise", vgg(norm="none")),),
        ),
    ),
    readings=(*VGG_READINGS, *NOISE_READINGS),
    declared="2026-11-20",
    written_knowing="The verdict at desk (INCONCLUSIVE), when on 28 November 2026 the precondition "
    "was added. It can only make a verdict INVALID.",
)


def test_noise_alone_breaks_standard(judge):
    judge(CLAIM)
