"""Names out of labels: what tells two arms apart, and which cells a text is about."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from reports import formats

_APART = ", "  # between the parts of a label
_MOST = 4  # names in one caption


def parts(label: str) -> tuple[str, ...]:
    """Return the parts of a label: ``VGG-A``, ``BatchNorm``, ``LR 0.1``."""
    return tuple(label.split(_APART))


def without(label: str, shared: frozenset[str]) -> str:
    """Return the label without these parts; as it is where none would be left."""
    return _APART.join(part for part in parts(label) if part not in shared) or label


def arm_names(cell: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return treatment and control by what only one of them has; None without both arms."""
    arms = cell.get("arms") or {}
    labels = [(arms.get(role) or {}).get("label") for role in ("treatment", "control")]
    if not all(labels):
        return None
    treatment, control = (str(label) for label in labels)
    shared = frozenset(parts(treatment)) & frozenset(parts(control))
    return without(treatment, shared), without(control, shared)


def compared(cells: Sequence[Mapping[str, Any]]) -> str:
    """Return ``with l1 norm or l2 norm than with BatchNorm``, as far as cells are alike."""
    pairs = [arm_names(cell) for cell in cells]
    if None in pairs:
        return "with the treatment"
    treatments = list(dict.fromkeys(pair[0] for pair in pairs if pair))
    controls = list(dict.fromkeys(pair[1] for pair in pairs if pair))
    if len(controls) != 1 or len(treatments) > _MOST:
        return "with the treatment"
    return f"with {formats.listed(treatments, last='or')} than with {controls[0]}"


def endpoints(names: Sequence[str]) -> tuple[str, bool]:
    """Return what several cells measure, and whether that is one thing."""
    once = list(dict.fromkeys(names))
    if len(once) > _MOST:
        return "what each cell measures", True
    return formats.listed(once), len(once) == 1


def by_cell(texts: Sequence[tuple[str, str]]) -> str:
    """Return what all cells say; where they differ, each text after the cells that say it."""
    groups = grouped(texts)
    if len(groups) < 2:
        return groups[0][1] if groups else ""
    return "; ".join(f"{cells}: {text}" for cells, text in groups)


def grouped(texts: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return each text with a name of the cells that say it.

    ``texts`` are (label of the cell, text). Cells with one text are named by the part of their
    labels that no other has there, ``loss`` for ``l1, loss`` and ``l2, loss``, else one by one.
    """
    labels_of: dict[str, list[str]] = {}
    for label, text in texts:
        labels_of.setdefault(text, []).append(label)
    every = [label for label, _ in texts]
    return [(cells_named(labels, every), text) for text, labels in labels_of.items()]


def cells_named(labels: Sequence[str], every: Sequence[str]) -> str:
    """Return a name of some cells among all: what only they have in common, else each label."""
    others = [label for label in every if label not in labels]
    for place in range(len(parts(labels[0]))):
        names = list(dict.fromkeys(_part(label, place) for label in labels))
        if len(names) < len(labels) and not set(names) & {_part(each, place) for each in others}:
            return formats.listed(names)
    return formats.listed(
        [
            f"\N{LEFT DOUBLE QUOTATION MARK}{label}\N{RIGHT DOUBLE QUOTATION MARK}"
            if _APART in label
            else label
            for label in labels
        ]
    )


def _part(label: str, place: int) -> str:
    return (*parts(label)[place:], "")[0]


def metric_names(claims: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return what metrics are called whose key is no word, such as ``train_accuracy``.

    From what curves draw, else from endpoints of the metric itself: a sweep's is called by what it
    makes of it.
    """
    names: dict[str, str] = {}
    for claim in claims:
        curves = [figure for figure in claim["figures"] if figure["kind"] == "curve"]
        asked = [cell["endpoint"] for cell in claim["cells"] if cell.get("endpoint")]
        plain = [each for each in asked if f" of {each.get('label')} " in (each.get("text") or "")]
        for each in (*curves, *plain):
            if each.get("label") and "_" in each["metric"]:
                names.setdefault(each["metric"], each["label"])
    return names
