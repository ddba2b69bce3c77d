"""The rules in force in this process."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

import structlog
from django.conf import settings

from aispm.core.errors import Invalid
from findings.posture.models import Rule as RuleRow
from findings.posture.rule import (
    BUILT_IN,
    Fault,
    Rule,
    RuleErrors,
    RuleSet,
    load_rules,
    rule_files,
    rule_of,
    rule_set,
    stamp,
)

log = structlog.get_logger(__name__)

SHOWN_FAULTS = 20
Stamps = tuple[object, ...]
_mended: dict[Stamps, InForce] = {}


@dataclass(frozen=True, slots=True)
class InForce:
    """The rules that are asked, and the mistakes in the installation's own files that keep it from asking others."""

    rules: RuleSet
    faults: tuple[Fault, ...] = ()


def rule_folders() -> tuple[Path, ...]:
    """The built-in rules, and those of the installation (AISPM_HOME/rules) where there are any."""
    own = Path(settings.AISPM_HOME) / "rules"
    return (BUILT_IN, own) if os.path.lexists(own) else (BUILT_IN,)


def rulebook() -> RuleSet:
    """Every rule, read again when a file changed. Invalid, with file and line, when a built-in one is broken."""
    return rules_in_force().rules


def rules_in_force() -> InForce:
    """As `rulebook`, and what is wrong. A broken file of the installation asks what it asked before it was broken."""
    folders = rule_folders()
    stamps = _stamps(folders)
    if stamps in _mended:
        return _mended[stamps]
    try:
        return InForce(load_rules(*folders))
    except RuleErrors as error:
        found = _with_last_good(folders, error)
        _mended.clear()
        _mended[stamps] = found
        log.error("rules_broken", faults=[str(fault) for fault in found.faults[:SHOWN_FAULTS]])
        return found


def rule_faults() -> list[str]:
    """What is wrong in rule files, with file and line; nothing when all is well."""
    try:
        return [str(fault) for fault in rules_in_force().faults]
    except Invalid as error:
        return [str(error)]


def _own_files(folders: Sequence[Path]) -> tuple[list[Path], list[Fault]]:
    found = [rule_files(folder) for folder in folders if folder != BUILT_IN]
    return [file for files, _ in found for file in files], [fault for _, faults in found for fault in faults]


def _stamps(folders: Sequence[Path]) -> Stamps:
    files, unread = _own_files(folders)
    return (*map(stamp, files), *unread)


def _with_last_good(folders: Sequence[Path], error: RuleErrors) -> InForce:
    try:
        rules = dict(load_rules(BUILT_IN).by_id) if BUILT_IN in folders else {}
    except RuleErrors as broken:
        shown = "\n".join(str(fault) for fault in broken.faults[:SHOWN_FAULTS])
        where = broken.faults[0].file
        raise Invalid(f"{len(broken.faults)} mistakes in the rule files:\n{shown}", where=where) from broken
    files, unread = _own_files(folders)
    for file in files:
        if file.stem not in rules and (rule := _parsed(file)):
            rules[rule.id] = rule
    held = {}
    for row in _asked_before(rules, None if unread else {file.stem for file in files}):
        if rule := _last_good(row):
            rules[rule.id] = rule
        else:
            held[row.pk] = row.kinds
    return InForce(rule_set(list(rules.values()), held=held), tuple(error.faults))


def _parsed(file: Path) -> Rule | None:
    try:
        return load_rules(file).rules[0]
    except RuleErrors:
        return None


def _asked_before(known: Iterable[str], files: set[str] | None) -> list[RuleRow]:
    """The rules that were in force and have no usable file now: those with a file, or all when nobody can tell."""
    rows = RuleRow.objects.filter(withdrawn_at=None).exclude(pk__in=list(known)).order_by("pk")
    return list(rows if files is None else rows.filter(pk__in=files))


def _last_good(row: RuleRow) -> Rule | None:
    try:
        return rule_of(row.document, name=f"{row.pk}.yaml", family=row.family)
    except RuleErrors:
        return None


def timed(rule: Rule) -> bool:
    """Whether the answer changes with time alone."""
    programs = (rule.when_program, rule.fail_program, rule.discriminator_program)
    return any("now" in program.variables() for program in programs if program is not None)


def applied_digests(rules: RuleSet, now: datetime) -> dict[str, str]:
    """kind → digest of the rules for it, and of the words that findings take over from them.

    One that looks at the clock makes a new digest each day.
    """
    day = now.date().isoformat()
    timeless, looking = _timeless_digests(rules)
    return {kind: _joined(digest, day) if kind in looking else digest for kind, digest in timeless.items()}


@lru_cache(maxsize=4)
def _timeless_digests(rules: RuleSet) -> tuple[dict[str, str], frozenset[str]]:
    """The digests, and the kinds whose rules look at the clock. A set of rules is the same only as the same object."""
    found = {}
    for kind, asked in rules.by_kind.items():
        words = [[rule.id, rule.title, rule.step, rule.fix.key, rule.fix.by] for rule in asked]
        found[kind] = _joined(rules.digest_for(kind), json.dumps(words))
    return found, frozenset(kind for kind, asked in rules.by_kind.items() if any(timed(rule) for rule in asked))


def applied_digest(rules: RuleSet, now: datetime) -> str:
    """As `applied_digests`, for all rules together."""
    parts = (f"{kind} {digest}" for kind, digest in sorted(applied_digests(rules, now).items()))
    return _joined(rules.digest, *parts)


def rules_digest(now: datetime) -> str:
    """Digest of the rules in force."""
    return applied_digest(rulebook(), now)


def _joined(*parts: str) -> str:
    return blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()
