"""BatchNorm lowers the effective beta-smoothness (Section 3.1, Figure 4c)."""

from harness import (
    Above,
    Alternative,
    Claim,
    Printed,
    Source,
    curve,
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

BETA = gmean("beta", better="lower", floor=1e-6)
LOSSES = (1.8, 1.4, 1.0)

MEDIAN = median("beta", transform="log")

CLAIM = Claim(
    slug="bn-lowers-beta-vgg",
    statement="The effective beta-smoothness along the gradient is smaller with BatchNorm than "
    "without.",
    source=Source(section="3.1", figure="4c"),
    treatment=vgg(norm="batch"),
    control=vgg(norm="none"),
    endpoint=BETA,
    hypothesis=Above(1.0, because="the paper says smaller and no more; its medians are both 20.0"),
    preconditions=[learns("control", 30.0), unsolved("control", 0.1)],
    alternatives=(
        Alternative(
            name="median over training",
            endpoint=median("beta", better="lower", transform="log", floor=1e-6),
        ),
        Alternative(
            name="at matched training losses",
            endpoint=gmean("beta", better="lower", floor=1e-6, at_losses=LOSSES),
        ),
        Alternative(
            name="over a finer grid of steps, from an eighth of the learning rate",
            endpoint=gmean("beta_fine", better="lower", floor=1e-6),
        ),
        *thirds(BETA),
    ),
    figures=(
        curve(
            "Effective beta-smoothness (Figure 4c)",
            "beta",
            axis="log",
            paper=paper_curves(
                "fig04c_beta_vgg.csv", steps=15_000, standard="control", batchnorm="treatment"
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
        curve("Effective beta-smoothness over a finer grid of steps", "beta_fine", axis="log"),
    ),
    printed=tuple(
        Printed(value=20.0, of=of, quantity=MEDIAN, where="Figure 4c, median")
        for of in ("control", "treatment")
    ),
    readings=(*VGG_READINGS, *VGG_FURTHER_READINGS),
    scope=VGG_SCOPE,
    declared="2026-11-20",
)


def test_bn_lowers_beta_vgg(judge):
    judge(CLAIM)
