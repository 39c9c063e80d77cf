"""BatchNorm reaches a higher test accuracy than the standard network (Section 1, Figure 1b)."""

from harness import (
    Above,
    Alternative,
    Claim,
    Printed,
    Source,
    at,
    curve,
    end,
    learns,
    mean,
    paper_curves,
    whole,
)
from models.menu import VGG_FURTHER_READINGS, VGG_READINGS, VGG_SCOPE, vgg

LAST = mean("test_accuracy", over=at(1.0), if_diverged=10.0)

CLAIM = Claim(
    slug="bn-generalises-better",
    statement="At learning rate 0.1, test accuracy at the end of training is more than 1 point "
    "higher with BatchNorm than without.",
    source=Source(section="1", figure="1b"),
    treatment=vgg(norm="batch"),
    control=vgg(norm="none"),
    endpoint=mean("test_accuracy", over=end, if_diverged=10.0),
    hypothesis=Above(
        1.0,
        because="the paper prints 83 % and 80 %; a third of that difference is the least that a "
        "reader of such numbers would act on",
    ),
    preconditions=[learns("control", 30.0)],
    alternatives=(
        Alternative(
            name="mean over all evaluations",
            endpoint=mean("test_accuracy", over=whole, if_diverged=10.0),
        ),
    ),
    figures=(
        curve(
            "Test accuracy (Figure 1b)",
            "test_accuracy",
            paper=paper_curves(
                "fig01b_test_acc.csv",
                steps=15_000,
                standard_lr0_1="control",
                batchnorm_lr0_1="treatment",
            ),
        ),
    ),
    printed=(
        *(
            Printed(value=value, of=of, quantity=LAST, where="Figure 1b, step 15000")
            for of, value in (("control", 80.0), ("treatment", 82.9))
        ),
        *(
            Printed(value=value, of=of, quantity=LAST, where="text", read_off=False)
            for of, value in (("control", 80.0), ("treatment", 83.0))
        ),
    ),
    readings=(*VGG_READINGS, *VGG_FURTHER_READINGS),
    scope=VGG_SCOPE,
    declared="2026-11-20",
)


def test_bn_generalises_better(judge):
    judge(CLAIM)
