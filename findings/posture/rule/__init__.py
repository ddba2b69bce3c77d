"""Posture rules: one YAML file a rule, checked when loaded. Pure."""

from findings.posture.rule.controls import Control, Framework, frameworks
from findings.posture.rule.errors import Fault, RuleErrors
from findings.posture.rule.loader import BUILT_IN, load_rules, parse_rule, rule_files, rule_of, rule_set, stamp
from findings.posture.rule.model import (
    SEVERITIES,
    SEVERITY_NAMES,
    STEPS,
    Example,
    Fix,
    LinkRead,
    Outcome,
    Rule,
    RuleSet,
)
from findings.posture.rule.patches import Blank, PatchTemplate
from findings.posture.rule.paths import Default, Read
from findings.posture.rule.vocabulary import ROW_FACTS, Vocabulary, product_vocabulary

__all__ = [
    "BUILT_IN",
    "ROW_FACTS",
    "SEVERITIES",
    "SEVERITY_NAMES",
    "STEPS",
    "Blank",
    "Control",
    "Default",
    "Example",
    "Fault",
    "Fix",
    "Framework",
    "LinkRead",
    "Outcome",
    "PatchTemplate",
    "Read",
    "Rule",
    "RuleErrors",
    "RuleSet",
    "Vocabulary",
    "frameworks",
    "load_rules",
    "parse_rule",
    "product_vocabulary",
    "rule_files",
    "rule_of",
    "rule_set",
    "stamp",
]
