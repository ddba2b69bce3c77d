"""The priority of a finding: a sum of points that anyone can add up again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from findings.posture.rule import SEVERITY_NAMES

SEVERITY: Mapping[int, int] = {4: 40, 3: 28, 2: 15, 1: 5}
EXPOSURE: Mapping[str, int] = {"internet": 20, "unknown": 8, "internal": 0, "none": 0}
EXPLOITABILITY: Mapping[str, int] = {"known": 10, "likely": 6, "unknown": 0}
CRITICALITY: Mapping[int, int] = {3: 10, 2: 5, 1: 0}
DATA: Mapping[str, int] = {"": 0, "public": 0, "internal": 4, "confidential": 8}
DATA_OTHER = 10
SERVING = frozenset({"endpoint", "gateway", "agent"})
PART_OF_AI = 5


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the priority depends on."""

    severity: int
    exposure: str = "unknown"
    exploitability: str = "unknown"
    data_class: str = ""
    criticality: int = 2
    ai_role: str = ""


@dataclass(frozen=True, slots=True)
class Factor:
    """One addend. `source` says where the value comes from."""

    name: str
    value: str
    points: int
    source: str

    def as_document(self) -> dict[str, str | int]:
        return {"name": self.name, "value": self.value, "points": self.points, "source": self.source}


def priority(given: Circumstances) -> tuple[int, Sequence[Factor]]:
    """0 to 100, and the factors whose points sum to it."""
    factors = (
        Factor("severity", SEVERITY_NAMES[given.severity], SEVERITY[given.severity], "rule"),
        Factor("exposure", given.exposure, EXPOSURE.get(given.exposure, EXPOSURE["unknown"]), "asset"),
        Factor("exploitability", given.exploitability, EXPLOITABILITY.get(given.exploitability, 0), "advisories"),
        Factor("data class", given.data_class or "not stated", DATA.get(given.data_class, DATA_OTHER), "asset"),
        Factor("criticality", str(given.criticality), CRITICALITY[given.criticality], "asset"),
        Factor("in use", given.ai_role or "no AI role", _in_use(given.ai_role), "recognition"),
    )
    return sum(factor.points for factor in factors), factors


def _in_use(role: str) -> int:
    if role in SERVING:
        return 10
    return PART_OF_AI if role else 0
