"""The same noise without BatchNorm prevents training (Section 2.1)."""

from harness import Claim, ShareAbove, Source, curve, reaches
from models.menu import NOISE_READINGS, VGG_READINGS, vgg

CLAIM = Claim(
    slug="noise-alone-breaks-standard",
    statement="With the noise of noisy BatchNorm and no BatchNorm, the network fails to train in "
    "more than half of the seeds: over the last tenth of training its accuracy stays below 30 %, "
    "three times chance.",
    source=Source(section="2.1"),
    treatment=vgg(norm="noise", probes=()),
    endpoint=reaches("train_accuracy", at_least=30.0, better="lower", if_diverged=0.0),
    hypothesis=ShareAbove(0.5, because="what prevents training does so more often than not"),
    figures=(
        curve(
            "Training accuracy",
            "train_accuracy",
            extra=(("standard, without noise", vgg(norm="none")),),
        ),
    ),
    readings=(*VGG_READINGS, *NOISE_READINGS),
    declared="2026-11-20",
)


def test_noise_alone_breaks_standard(judge):
    judge(CLAIM)
