"""BatchNorm lowers the effective beta-smoothness (Section 3.1, Figure 4c)."""

from harness import (
    Above,
    Alternative,
    Claim,
    Source,
    curve,
    gmean,
    learns,
    median,
    paper_curves,
    thirds,
    unsolved,
)
from models.menu import vgg

BETA = gmean("beta", better="lower", floor=1e-6)
LOSSES = (1.8, 1.4, 1.0)

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
        *thirds(BETA),
    ),
    figures=(
        curve(
            "Effective beta-smoothness (Figure 4c)",
            "beta",
            axis="log",
            paper=paper_curves("fig04c_beta_vgg.csv", standard="control", batchnorm="treatment"),
        ),
    ),
    declared="2026-11-20",
)


def test_bn_lowers_beta_vgg(judge):
    judge(CLAIM)
