"""Scores, their ledger, and the priority of findings. Pure, in whole numbers."""

from findings.posture.scoring.ledger import Standing, split
from findings.posture.scoring.priority import Circumstances, Factor, priority
from findings.posture.scoring.scores import (
    LEAST_COVERAGE,
    RULE_WEIGHTS,
    Overall,
    Score,
    Sums,
    cap_of,
    gain,
    hundredths,
    overall,
    percent,
    score,
)
from findings.posture.scoring.steps import OVERALL, FiveSteps, Step, five_steps

__all__ = [
    "LEAST_COVERAGE",
    "OVERALL",
    "RULE_WEIGHTS",
    "Circumstances",
    "Factor",
    "FiveSteps",
    "Overall",
    "Score",
    "Standing",
    "Step",
    "Sums",
    "cap_of",
    "five_steps",
    "gain",
    "hundredths",
    "overall",
    "percent",
    "priority",
    "score",
    "split",
]
