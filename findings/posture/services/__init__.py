"""Changes of posture rows: rules, judgements, findings, tallies, scores."""

from findings.posture.services.evaluating import Evaluated, evaluate, evaluate_source, sources_with_other_rules
from findings.posture.services.locking import Busy
from findings.posture.services.rules import sync_rules

__all__ = ["Busy", "Evaluated", "evaluate", "evaluate_source", "sources_with_other_rules", "sync_rules"]
