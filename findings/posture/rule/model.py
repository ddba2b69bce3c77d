"""A rule, as the engine and the pages use it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import cel

from findings.posture.rule.patches import PatchTemplate
from findings.posture.rule.paths import Read

SEVERITIES: dict[str, int] = {"low": 1, "medium": 2, "high": 3, "critical": 4}
SEVERITY_NAMES: dict[int, str] = {number: name for name, number in SEVERITIES.items()}
STEPS = ("visibility", "vulnerabilities", "data", "runtime", "response")


class Outcome(StrEnum):
    """The four verdicts."""

    PASS = "pass"  # noqa: S105  (a verdict, not a password)
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not-applicable"


@dataclass(frozen=True, slots=True)
class LinkRead:
    """Linked assets that a rule looks at under a name. `type` starts with `<` for links that lead here."""

    alias: str
    type: str
    many: bool
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Fix:
    """What to do. Findings whose key is equal are fixed by one change.

    `by`: the path of a value that tells changes of one rule, or of several with the same `key`, apart.
    `patch`: the change itself, where it is mechanical; `decision`: what its owner has to decide, where it is not.
    """

    key: str
    summary: str
    effort: str
    commands: Mapping[str, str]
    by: str = ""
    patch: PatchTemplate | None = None
    decision: str = ""

    def key_of(self, evidence: Mapping[str, Any]) -> str:
        """The key of a finding with this evidence."""
        told = evidence.get(self.by) if self.by else None
        return f"{self.key}:{told}"[:160] if told else self.key


@dataclass(frozen=True, slots=True)
class Example:
    """A case that a rule carries with it: documents in, verdict out."""

    name: str
    line: int
    verdict: Outcome
    kind: str
    asset: Mapping[str, Any]
    facts: Mapping[str, Any]
    unread: Sequence[str]
    linked: Mapping[str, Any]
    now: str
    discriminators: Sequence[str] | None


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One question asked of every asset of some kinds. Two rules are the same only if they are one object."""

    id: str
    title: str
    step: str
    severity: int
    family: str
    likelihood: str
    impact: str
    kinds: frozenset[str]
    reads: tuple[Read, ...]
    links: Mapping[str, LinkRead]
    when: str
    fail: str
    discriminator: str
    params: Mapping[str, Any]
    why: str
    confirm: str
    fix: Fix
    maps: Mapping[str, tuple[str, ...]]
    examples: tuple[Example, ...]
    digest: str
    document: Mapping[str, Any]
    file: str
    when_reads: frozenset[str]
    fail_program: cel.Program = field(repr=False)
    when_program: cel.Program | None = field(default=None, repr=False)
    discriminator_program: cel.Program | None = field(default=None, repr=False)

    @property
    def params_name(self) -> str:
        """The variable under which the programs find `params`."""
        return f"params_{self.id.replace('-', '_')}"

    @property
    def severity_name(self) -> str:
        return SEVERITY_NAMES[self.severity]


@dataclass(frozen=True, slots=True, eq=False)
class RuleSet:
    """Every rule in force, by id and by kind."""

    rules: tuple[Rule, ...]
    digest: str
    by_id: Mapping[str, Rule]
    by_kind: Mapping[str, tuple[Rule, ...]]
    digest_by_kind: Mapping[str, str]
    held: frozenset[str] = frozenset()
    """Ids of rules whose files are there but broken, with no earlier form to ask: what they said stands."""

    def for_kind(self, kind: str) -> tuple[Rule, ...]:
        return self.by_kind.get(kind, ())

    def digest_for(self, kind: str) -> str:
        """Digest of the rules that ask about this kind: changes when such assets must be judged again."""
        return self.digest_by_kind.get(kind, "")

    def __iter__(self) -> Any:
        return iter(self.rules)

    def __len__(self) -> int:
        return len(self.rules)
