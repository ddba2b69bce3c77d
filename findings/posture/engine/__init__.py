"""Judging assets by rules. Pure."""

from findings.posture.engine.evidence import bounded
from findings.posture.engine.examples import Tried, try_examples
from findings.posture.engine.judging import Judge, judge
from findings.posture.engine.patching import MERGE, NEW, STRATEGIC, Patch, patch_for
from findings.posture.engine.subject import Subject, Verdict

__all__ = [
    "MERGE",
    "NEW",
    "STRATEGIC",
    "Judge",
    "Patch",
    "Subject",
    "Tried",
    "Verdict",
    "bounded",
    "judge",
    "patch_for",
    "try_examples",
]
