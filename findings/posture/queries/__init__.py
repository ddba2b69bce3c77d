"""Reads of posture rows, for a person or for the system."""

from findings.posture.queries.attack_paths import AttackPath, Passing, path_of, path_root, path_told, paths_through
from findings.posture.queries.fixes import FirstFix, what_first
from findings.posture.queries.frameworks import (
    AskedRule,
    ControlStanding,
    FrameworkStanding,
    Standing,
    framework_for,
    frameworks_for,
)
from findings.posture.queries.in_force import InForce, rule_faults, rulebook, rules_digest, rules_in_force
from findings.posture.queries.live import LiveVerdict, live_verdicts
from findings.posture.queries.patches import OfferedPatch, patch_of
from findings.posture.queries.people import (
    finding_for,
    findings_for,
    findings_listed,
    recent_transitions,
    rule_for,
    rules_for,
    transitions_of,
)
from findings.posture.queries.posture import (
    Movement,
    Posture,
    StepPosture,
    Term,
    Trend,
    arithmetic,
    posture_now,
    score_changes,
    trend,
)
from findings.posture.queries.unanswered import NoAnswer, Unanswered, unanswered

__all__ = [
    "AskedRule",
    "AttackPath",
    "ControlStanding",
    "FirstFix",
    "FrameworkStanding",
    "InForce",
    "LiveVerdict",
    "Movement",
    "NoAnswer",
    "OfferedPatch",
    "Passing",
    "Posture",
    "Standing",
    "StepPosture",
    "Term",
    "Trend",
    "Unanswered",
    "arithmetic",
    "finding_for",
    "findings_for",
    "findings_listed",
    "framework_for",
    "frameworks_for",
    "live_verdicts",
    "patch_of",
    "path_of",
    "path_root",
    "path_told",
    "paths_through",
    "posture_now",
    "recent_transitions",
    "rule_faults",
    "rule_for",
    "rulebook",
    "rules_digest",
    "rules_for",
    "rules_in_force",
    "score_changes",
    "transitions_of",
    "trend",
    "unanswered",
    "what_first",
]
