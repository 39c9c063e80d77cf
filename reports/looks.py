"""A claim that may stop early: what each look saw and spent, as the card says it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.words import Verdict
from reports import formats, gain
from reports.drawing.forest import cell_scale

CAUTION = (
    "An estimate at which a claim stops early lies, on average, too far from the bound, on the "
    "side that decided: such a look is reached more often when chance adds to the effect. Its 95 % "
    "interval is that of a fixed number of seeds: simulated with looks at 6, 10 and 16, normal "
    "gains and level 0.0019, it holds the true mean in 80 % of the claims that are SUPPORTED early "
    "at an effect of 1 SD, in 56 % at 0.75 SD, and in 94 % of all claims."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class LookRow:
    """One look at one cell."""

    cell: str
    look: str
    n: str
    level: str
    spent: str
    estimate: str
    interval: str
    word: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LooksView:
    """The looks of a claim."""

    sentence: str
    rows: tuple[LookRow, ...]
    many_cells: bool
    caution: str  # empty where no cell stopped early at a decision


def looks_view(claim: Mapping[str, Any]) -> LooksView | None:
    """Return the looks of a claim, None for one that has none."""
    cells = [cell for cell in claim["cells"] if (cell.get("looks") or {}).get("declared")]
    if not cells:
        return None
    declared = cells[0]["looks"]["declared"]
    taken = [cell for cell in cells if cell["looks"]["rows"]]
    early = [c for c in taken if len(c["looks"]["rows"]) < len(declared)]
    decided = [c for c in early if c["verdict"] in (Verdict.SUPPORTED, Verdict.REFUTED)]
    return LooksView(
        sentence=_sentence(declared, taken),
        rows=tuple(row for cell in taken for row in _rows(cell, len(declared))),
        many_cells=len(claim["cells"]) > 1,
        caution=CAUTION if decided else "",
    )


def at_a_look(cell: Mapping[str, Any]) -> bool:
    """Return whether a cell's numbers are those of one look, at its level."""
    return bool((cell.get("looks") or {}).get("rows"))


def _sentence(declared: Sequence[int], taken: Sequence[Mapping[str, Any]]) -> str:
    at = formats.listed([str(n) for n in declared])
    looks = f"Declared: {formats.counted(len(declared), 'look')}, at {at} seeds."
    if not taken:
        return f"{looks} None was taken, as this run reaches no verdict on the claim."
    most = max(len(cell["looks"]["rows"]) for cell in taken)
    spent = max(cell["looks"]["rows"][-1]["spent"] for cell in taken)
    stopped = "It stopped" if len(taken) == 1 else "Its last cell stopped"
    left = f", with {declared[-1] - declared[most - 1]} seeds of {declared[-1]} not used"
    return (
        f"{looks} {stopped} at look {most}{left if most < len(declared) else ''}. Each look is a "
        "test at its own level; the levels add up to at most the claim's, "
        f"{formats.number(spent, digits=2)} so far."
    )


def _rows(cell: Mapping[str, Any], declared: int) -> list[LookRow]:
    scale = cell_scale(cell)
    return [
        LookRow(
            cell=cell.get("label") or cell["id"],
            look=f"{row['look']} of {declared}",
            n=str(row["n"]),
            level=formats.number(row["alpha"], digits=2),
            spent=formats.number(row["spent"], digits=2),
            estimate=_estimate(row, scale),
            interval=scale.interval(gain.span_of(row[gain.deciding_interval(row)])),
            word="undecided" if row["verdict"] == Verdict.INCONCLUSIVE else row["verdict"],
        )
        for row in cell["looks"]["rows"]
    ]


def _estimate(row: Mapping[str, Any], scale: gain.GainScale) -> str:
    span = gain.span_of(row["ci"])
    return scale.with_unit(row["estimate"], width=span[1] - span[0] if span else None)
