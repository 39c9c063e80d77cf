"""How a claim is judged. Knows no torch, no paper and no HTML.

What a claim file needs stands here: ``from harness import Above, Claim, Source, mean, whole``.
"""

from harness.bench import Arm
from harness.cells import Cell, grid
from harness.claim import Alternative, Claim, Source, thirds
from harness.decision import decide
from harness.endpoints import Endpoint, gmean, mean, median, reaches, span
from harness.evidence import Evidence
from harness.figures import band, curve
from harness.hypotheses import Above, Equivalent, MoreOften, NotBelow, ShareAbove
from harness.paper import paper_curves, paper_profile
from harness.phases import Phase, after, at, end, third, until, whole
from harness.preconditions import Precondition, falls_to, keeps_training, learns, unsolved
from harness.printed import Printed
from harness.profiles import profile
from harness.readings import Reading
from harness.ridges import ridge
from harness.scope import Scope
from harness.searched import SearchedClaim
from harness.sweeps import Sweep, decades, sweep
from harness.words import Verdict

__all__ = [
    "Above",
    "Alternative",
    "Arm",
    "Cell",
    "Claim",
    "Endpoint",
    "Equivalent",
    "Evidence",
    "MoreOften",
    "NotBelow",
    "Phase",
    "Precondition",
    "Printed",
    "Reading",
    "Scope",
    "SearchedClaim",
    "ShareAbove",
    "Source",
    "Sweep",
    "Verdict",
    "after",
    "at",
    "band",
    "curve",
    "decades",
    "decide",
    "end",
    "falls_to",
    "gmean",
    "grid",
    "keeps_training",
    "learns",
    "mean",
    "median",
    "paper_curves",
    "paper_profile",
    "profile",
    "reaches",
    "ridge",
    "span",
    "sweep",
    "third",
    "thirds",
    "unsolved",
    "until",
    "whole",
]
