"""Attack paths out of the evidence of findings: hop by hop, what their cut closes, and those that pass an asset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Count, F, Func, JSONField, Q, QuerySet, Sum, Value
from django.db.models.expressions import RawSQL
from django.db.models.fields.json import KT

from aispm.accounts.models import User
from findings.posture.models import Finding, Rule
from findings.posture.queries.people import findings_for
from inventory.models import Asset
from inventory.queries import assets_for

ANYWHERE = "arn:"  # what names an asset whatever source it is of: a path may lead from a cluster to a role
PASSES = RawSQL("'$.*[*] ? (@.kind == $kind && @.ref == $ref)'::jsonpath", ())
MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of a path: how it is taken, what allows it, and where it leads."""

    name: str
    kind: str
    how: str
    evidence: str
    cut: bool
    asset: Asset | None


@dataclass(frozen=True, slots=True)
class AttackPath:
    """A path, and what the change that cuts it closes: open findings and the sum of their priorities."""

    hops: Sequence[Hop]
    fix: str
    more: Sequence[str]
    unnamed: int
    closes: int
    priority: int


@dataclass(frozen=True, slots=True)
class Passing:
    """Open findings of paths that pass an asset; `more`: there are others."""

    findings: Sequence[Finding]
    more: bool


def path_told(evidence: Mapping[str, Any]) -> dict[str, Any] | None:
    """{hops, fix, more, more_number} as the evidence of a finding holds it; nothing for findings that are no path."""
    base = path_root(evidence)
    if not base:
        return None
    names = {"hops": "hops[]", "fix": "fix", "more": "more[]", "more_number": "more_number"}
    return {name: evidence.get(f"{base}.{part}") for name, part in names.items()}


def path_root(evidence: Mapping[str, Any]) -> str:
    """What the evidence of a path starts with: `facts.path_to_data`."""
    found = (name for name in evidence if name.startswith("facts.path_to_") and name.endswith(".hops[]"))
    return next(found, "").removesuffix(".hops[]")


def path_of(user: User, finding: Finding) -> AttackPath | None:
    """The path of a finding with its assets as far as they are there. Two statements."""
    told = path_told(finding.evidence)
    if told is None:
        return None
    hops = [hop for hop in told["hops"] or () if isinstance(hop, dict)]
    refs = {hop.get("ref") for hop in hops}
    near = Q(source_id=finding.source_id) | Q(external_id__startswith=ANYWHERE)
    rows = assets_for(user).filter(near, external_id__in=refs, gone_at=None)
    known = {(asset.kind, asset.external_id): asset for asset in rows}
    worth = _alike(user, finding).aggregate(closes=Count("pk"), priority=Sum("priority", default=0))
    more = [name for name in told["more"] or () if isinstance(name, str)]
    return AttackPath(
        hops=[_hop(hop, known) for hop in hops],
        fix=str(told["fix"] or ""),
        more=more,
        unnamed=max(0, int(told["more_number"] or 0) - len(more)),
        **worth,
    )


def _hop(hop: Mapping[str, Any], known: Mapping[tuple[str, str], Asset]) -> Hop:
    texts = {name: str(hop.get(name) or "") for name in ("name", "kind", "how", "evidence")}
    return Hop(**texts, cut=hop.get("cut") is True, asset=known.get((texts["kind"], str(hop.get("ref") or ""))))


def _alike(user: User, finding: Finding) -> QuerySet[Finding]:
    """Open findings that the same change closes; found by the few rules that share the fix."""
    rules = Rule.objects.annotate(key=KT("document__fix__key")).filter(key=finding.fix_key.partition(":")[0])
    return findings_for(user).open().filter(rule__in=rules.values("pk"), fix_key=finding.fix_key).order_by()


def paths_through(user: User, asset: Asset) -> Passing:
    """The gravest open paths that start at an asset or pass it. One statement, only over findings that are paths."""
    paths = Rule.objects.filter(document__fix__by__startswith="facts.path_to_")
    wanted = Value({"kind": asset.kind, "ref": asset.external_id}, JSONField())
    passes = Func(F("evidence"), PASSES, wanted, function="jsonb_path_exists", output_field=BooleanField())
    rows = findings_for(user).open().filter(rule__in=paths.values("pk")).filter(passes)
    if not asset.external_id.startswith(ANYWHERE):
        rows = rows.filter(source=asset.source_id)
    found = list(rows.order_by("-severity", "-priority", "-id")[: MOST_SHOWN + 1])
    return Passing(found[:MOST_SHOWN], len(found) > MOST_SHOWN)
