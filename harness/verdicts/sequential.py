"""When a claim with looks stops: a pure function of what its declared seeds say at each look.

A cell is decided at the first look at which it is SUPPORTED or REFUTED, and keeps that verdict: it
is not looked at again. The claim stops where every cell is decided, where one is REFUTED (its
verdict is then fixed, and the other cells stay as they are at that look), or at the last look.

Both errors keep the claim's alpha, whatever the cells and looks have to do with each other:

- falsely SUPPORTED needs some cell that does not hold to be SUPPORTED at some look. Each look tests
  it at its own level, and those of all looks add up to alpha (the intersection-union test, Berger
  1982, and the union bound over looks). So cells may be SUPPORTED at different looks.
- falsely REFUTED needs some cell that holds to be REFUTED at some look, each at alpha_k / cells.

INVALID is no decision: a precondition is judged on the seeds so far, and may still be met at the
next look. So a precondition has several chances, and the verdict may rest on any: of a control
that learns in 80 % of its seeds, the rule "9 of 10 seeds" is met at 6, 10 and 16 seeds in 26, 38
and 14 % of the cases, and at one of them or more in 42 %.

Where an endpoint's phase depends on the runs (``after``, ``until``, ``at_losses``) it is that of
the seeds so far: each look then tests the gains over its own stretch of training, and what a claim
says is about the stretch of the look that decided it.

ERROR is final for its cell: what cannot be judged of the first seeds stays in all later
looks. Stopping looks at nothing but these verdicts, so it does not matter whether the later seeds
are there: a store that holds them all gives what training in stages would have given.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.bench import Metric
from harness.declarations.claim import Question
from harness.declarations.spending import Look
from harness.verdicts.judging import Judged, Runs, judge_cell
from harness.verdicts.looked import Looked, LookedAt
from harness.words import Verdict

FINAL = (Verdict.SUPPORTED, Verdict.REFUTED, Verdict.ERROR)

VerdictAt = Callable[[str, int], Verdict | None]
"""The verdict on a cell, by its id, at a look, by its index; None where its runs are not there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Followed:
    """Where the cells of one claim stand: the index of the look that each is at, by cell id.

    A cell that is ``closed`` is not looked at again. ``waiting`` names the cells whose runs at
    their look are not there: without them no other open cell can go on, as one of them may refute
    the claim.
    """

    at: Mapping[str, int]
    closed: frozenset[str]
    waiting: tuple[str, ...]


def follow(cells: Sequence[str], looks: int, verdict_at: VerdictAt) -> Followed:
    """Return where the cells stand after as many looks as their runs allow, look by look."""
    at = dict.fromkeys(cells, 0)
    still = list(cells)
    for index in range(looks):
        at |= dict.fromkeys(still, index)
        verdicts = {cell: verdict_at(cell, index) for cell in still}
        refuted = Verdict.REFUTED in verdicts.values()
        waiting = tuple(cell for cell, verdict in verdicts.items() if verdict is None)
        if waiting:
            open_ = [c for c, v in verdicts.items() if v is None or not (refuted or v in FINAL)]
            return Followed(at=at, closed=frozenset(at).difference(open_), waiting=waiting)
        still = [cell for cell, verdict in verdicts.items() if verdict not in FINAL]
        if refuted or not still:
            break
    return Followed(at=at, closed=frozenset(at), waiting=())


def judge_at_look(
    question: Question, runs: Runs, looks: Sequence[Look], metrics: Mapping[str, Metric]
) -> Judged:
    """Return the verdict on a cell at the look that its runs reach, with all looks before it.

    ``runs`` are those of the first n seeds of one of the ``looks``.
    """
    reached = [look for look in looks if look.n <= len(runs.treatment)]
    final = judge_cell(question, runs, metrics=metrics, alpha=reached[-1].alpha)
    before = [
        judge_cell(question, runs.first(look.n), metrics=metrics, alpha=look.alpha, shown=False)
        for look in reached[:-1]
    ]
    rows = tuple(
        LookedAt.of(look, judged.verdict, judged.evidence)
        for look, judged in zip(reached, [*before, final], strict=True)
    )
    looked = Looked(declared=tuple(look.n for look in looks), rows=rows)
    return replace(final, looks=looked, reason=f"{looked.prefix}{final.reason}")
