"""Tables of posture: rules, findings, what happened to them, and the scores."""

from findings.posture.models.finding import Finding, FindingQuerySet, Resolution, Severity, Status, Transition
from findings.posture.models.rule import Rule
from findings.posture.models.score import Judgement, PostureDay, ScoreChange, Shift, Tally

__all__ = [
    "Finding",
    "FindingQuerySet",
    "Judgement",
    "PostureDay",
    "Resolution",
    "Rule",
    "ScoreChange",
    "Severity",
    "Shift",
    "Status",
    "Tally",
    "Transition",
]
