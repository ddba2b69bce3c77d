"""Changes of posture rows: rules, judgements, findings, tallies, scores."""

from findings.posture.services.evaluating import Evaluated, evaluate, leave_unjudged
from findings.posture.services.forgetting import forget_source
from findings.posture.services.locking import Busy
from findings.posture.services.rules import sync_rules

__all__ = ["Busy", "Evaluated", "evaluate", "forget_source", "leave_unjudged", "sync_rules"]
