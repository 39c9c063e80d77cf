"""The gradients' change differs by close to two orders of magnitude (Section 3.1, Figure 4b)."""

from dataclasses import replace

from harness import (
    Above,
    Aggregate,
    Alternative,
    Claim,
    Endpoint,
    Phase,
    Printed,
    Source,
    band,
    gmean,
    learns,
    median,
    paper_curves,
    paper_profile,
    profile,
    thirds,
    unsolved,
)
from models.menu import VGG_FURTHER_READINGS, VGG_READINGS, VGG_SCOPE, gradient_change_at, vgg

CHANGE = "gradient_change_max"

GAP = gmean(CHANGE, better="lower", floor=1e-6)
LOSSES = (1.8, 1.4, 1.0)
LARGEST = Endpoint(metric=CHANGE, aggregate=Aggregate.MAXIMUM, better="lower", transform="log")
AFTER_START = replace(LARGEST, over=Phase(name="all but the start of training", start=1 / 150))

CLAIM = Claim(
    slug="gradient-gap-is-two-orders",
    statement="Along the gradient, over steps of half to four times the learning rate, the "
    "gradient changes (in l2 norm, at most) by a factor of more than 30 less with BatchNorm than "
    "without.",
    source=Source(section="3.1", figure="4b", quote="close to two orders of magnitude"),
    treatment=vgg(norm="batch"),
    control=vgg(norm="none"),
    endpoint=GAP,
    hypothesis=Above(
        30.0,
        because="halfway between one order of magnitude and two, on a logarithmic scale; the "
        "paper's own curves have a factor of 2",
    ),
    preconditions=[learns("control", 30.0), unsolved("control", 0.1)],
    alternatives=(
        Alternative(
            name="largest of all steps",
            endpoint=LARGEST,
        ),
        Alternative(
            name="median over training",
            endpoint=median(CHANGE, better="lower", transform="log", floor=1e-6),
        ),
        Alternative(name="at matched training losses", endpoint=replace(GAP, at_losses=LOSSES)),
        *thirds(GAP),
    ),
    figures=(
        band(
            "Change of the gradient along the gradient (Figure 4b)",
            "gradient_change_min",
            CHANGE,
            axis="log",
            paper=paper_curves(
                "fig04b_grad_pred_vgg.csv", steps=15_000, standard="control", batchnorm="treatment"
            ),
        ),
        profile(
            "Change of the gradient by step size (Figure 11)",
            [(eta, gradient_change_at(eta / 0.1)) for eta in (0.05, 0.1, 0.2, 0.4)],
            label="change of the gradient along the gradient",
            x_label="step size",
            paper=paper_profile(
                "fig11_grad_diff_vs_step_vgg.csv",
                name="panel",
                x="step_size",
                value="grad_diff_l2",
                vgg_standard="control",
                vgg_batchnorm="treatment",
            ),
        ),
    ),
    printed=(
        Printed(
            value=100.0,
            of="gain",
            quantity=gmean(CHANGE, better="lower"),
            where="Section 3.1, two orders of magnitude",
            read_off=False,
        ),
        Printed(value=1.76, of="gain", quantity=LARGEST, where="Figure 4b, maxima"),
        Printed(value=6.63, of="gain", quantity=AFTER_START, where="Figure 4b, without step 0"),
    ),
    readings=(*VGG_READINGS, *VGG_FURTHER_READINGS),
    scope=VGG_SCOPE,
    declared="2026-11-20",
    written_knowing="The gap itself: the arms, endpoint and seeds are those of "
    "bn-makes-gradients-predictive-vgg, whose factor at desk (3.4) was on record when this bound "
    "was written on 20 November 2026; the register had the statement before, without a number.",
)


def test_gradient_gap_is_two_orders(judge):
    judge(CLAIM)
