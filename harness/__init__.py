"""How a claim is judged. Knows no torch, no paper and no HTML.

What a claim file needs stands here: ``from harness import Above, Claim, Source, mean, whole``. The
path of a number through the packages:

    declarations    what a claim file says, each part checked as it is written
    runs            what names a run, who trains it, where its record lies
    verdicts        from records to gains, a decision, the evidence beside it
    ledgers         what earlier runs came to, and whether this one differs
    admission       may a claim be judged here: its arms, seeds, level and attempt
    documents       verdicts.json
    families        one family in one session: all of the above, brought together
    imports         values that were measured elsewhere, judged by the same rules
    hooks           what pytest's hooks do; ``plugin`` only forwards to it
    statistics      the one door to scipy and statsmodels
    calibration     how often the rules are wrong, simulated where the truth is known

None imports one that stands after it here; ``statistics`` lies beneath them all, and nothing needs
``calibration`` (tests/test_layout.py). Beside them lie what other packages see of a paper's code
(``bench``, ``records``), words and errors.
"""

from harness.bench import Arm
from harness.declarations.cells import Cell, grid
from harness.declarations.claim import Alternative, Claim, Source, thirds
from harness.declarations.endpoints import Aggregate, Endpoint, gmean, mean, median, reaches, span
from harness.declarations.figures import band, curve
from harness.declarations.hypotheses import Above, Equivalent, MoreOften, NotBelow, ShareAbove
from harness.declarations.paper import paper_curves, paper_profile
from harness.declarations.phases import Phase, after, at, end, third, until, whole
from harness.declarations.preconditions import (
    Precondition,
    falls_to,
    keeps_training,
    learns,
    unsolved,
)
from harness.declarations.printed import Printed
from harness.declarations.profiles import profile
from harness.declarations.readings import Reading
from harness.declarations.ridges import ridge
from harness.declarations.scope import Scope
from harness.declarations.searched import SearchedClaim
from harness.declarations.sweeps import Sweep, decades, sweep
from harness.verdicts.decision import decide
from harness.verdicts.evidence import Evidence
from harness.words import Role, Verdict

__all__ = [
    "Above",
    "Aggregate",
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
    "Role",
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
