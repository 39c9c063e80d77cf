"""Some BatchNorm parameters give back any activations, with gamma = sigma (Section 4.3)."""

from harness import SearchedClaim, Source
from models.theory.menu import observation_4_3

CLAIM = SearchedClaim(
    slug="observation-4-3",
    statement="For any inputs and weights there are BatchNorm parameters that give the same "
    "activations, with gamma = sigma.",
    source=Source(section="4.3"),
    reading="Any inputs and weights whose outputs differ within the batch: where sigma is 0, "
    "BatchNorm without eps is 0/0.",
    search=observation_4_3(),
    declared="2026-11-20",
)


def test_observation_4_3(judge):
    judge(CLAIM)
