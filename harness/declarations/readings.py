"""What a paper leaves open: other settings that its words allow, looked at and never deciding."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.bench import Setting
from harness.errors import ClaimDefinitionError

Changes = Mapping[str, Setting]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """One way to read what the paper does not state, as changes of a claim's arms.

    ``changes`` are settings of every arm, treatment and control alike, ``{"momentum": 0.9}``, or
    such settings for each kind of arm, ``{"vgg": {"momentum": 0.9}}``: kinds that are not named
    stay as they are. Raises ClaimDefinitionError for a reading that changes nothing or says too
    little; what an arm does not know is refused where the claim is collected.
    """

    name: str  # "momentum 0.9"
    leaves_open: str  # "momentum is not stated"
    changes: Mapping[str, Setting | Changes]
    because: str  # why a reader may take the paper so

    def __post_init__(self) -> None:
        for field in ("name", "leaves_open", "because"):
            if not str(getattr(self, field)).strip():
                raise ClaimDefinitionError(f"reading {self.name!r}: {field}: got none; write it")
        if not isinstance(self.changes, Mapping) or not self.changes:
            raise ClaimDefinitionError(
                f"reading {self.name!r}: changes: got {self.changes!r}; expected settings by name, "
                'such as {"momentum": 0.9}'
            )
        by_kind = [isinstance(value, Mapping) for value in self.changes.values()]
        if any(by_kind) and not all(by_kind):
            raise ClaimDefinitionError(
                f"reading {self.name!r}: changes: got settings beside kinds of arms in "
                f"{self.changes!r}; expected one or the other"
            )

    def of_kind(self, kind: str) -> Changes:
        """Return the changes of an arm of this kind; none where only other kinds are named."""
        changes: dict[str, Setting] = {}
        for name, value in self.changes.items():
            if not isinstance(value, Mapping):
                changes[name] = value
            elif name == kind:
                changes |= value
        return changes
