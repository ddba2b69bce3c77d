"""The rules in force in this process."""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b
from pathlib import Path

from django.conf import settings

from aispm.core.errors import Invalid
from findings.posture.rule import BUILT_IN, Rule, RuleErrors, RuleSet, load_rules

SHOWN_FAULTS = 20


def rule_folders() -> tuple[Path, ...]:
    """The built-in rules, and those of the installation (AISPM_HOME/rules) where there are any."""
    own = Path(settings.AISPM_HOME) / "rules"
    return (BUILT_IN, own) if own.is_dir() else (BUILT_IN,)


def rulebook() -> RuleSet:
    """Every rule, read again when a file changed. Invalid, with file and line, when one is broken."""
    try:
        return load_rules(*rule_folders())
    except RuleErrors as error:
        shown = "\n".join(str(fault) for fault in error.faults[:SHOWN_FAULTS])
        raise Invalid(
            f"{len(error.faults)} mistakes in the rule files:\n{shown}", where=error.faults[0].file
        ) from error


def timed(rule: Rule) -> bool:
    """Whether the answer changes with time alone."""
    programs = (rule.when_program, rule.fail_program, rule.discriminator_program)
    return any("now" in program.variables() for program in programs if program is not None)


def applied_digests(rules: RuleSet, now: datetime) -> dict[str, str]:
    """kind → digest of the rules for it; one that looks at the clock makes a new digest each day."""
    day = now.date().isoformat()
    found = {}
    for kind, asked in rules.by_kind.items():
        digest = rules.digest_for(kind)
        found[kind] = _joined(digest, day) if any(timed(rule) for rule in asked) else digest
    return found


def applied_digest(rules: RuleSet, now: datetime) -> str:
    """As `applied_digests`, for all rules together."""
    parts = (f"{kind} {digest}" for kind, digest in sorted(applied_digests(rules, now).items()))
    return _joined(rules.digest, *parts)


def _joined(*parts: str) -> str:
    return blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()
