"""The five steps and their weights: data, versioned."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from findings.posture.rule import STEPS
from findings.posture.rule.yaml_lines import read

FILE = Path(__file__).resolve().parents[2] / "frameworks" / "five-steps.yaml"
OVERALL = "overall"


@dataclass(frozen=True, slots=True)
class Step:
    """One of the five steps. `weight` is its share in the overall score."""

    slug: str
    title: str
    question: str
    weight: int


@dataclass(frozen=True, slots=True)
class FiveSteps:
    """The steps in order; `version` grows whenever titles or weights change."""

    version: int
    steps: tuple[Step, ...]

    def step(self, slug: str) -> Step:
        return next(step for step in self.steps if step.slug == slug)

    @property
    def weights(self) -> dict[str, int]:
        return {step.slug: step.weight for step in self.steps}


@cache
def five_steps(file: Path = FILE) -> FiveSteps:
    """The steps as the file has them; raises ValueError when it does not name exactly the known ones."""
    document = read(file.read_text(encoding="utf-8")).value
    steps = tuple(Step(s["slug"], s["title"], s["question"], int(s["weight"])) for s in document["steps"])
    if tuple(step.slug for step in steps) != STEPS or any(step.weight < 1 for step in steps):
        raise ValueError(f"{file.name}: expected the steps {', '.join(STEPS)}, each with a weight of at least 1")
    return FiveSteps(int(document["version"]), steps)
