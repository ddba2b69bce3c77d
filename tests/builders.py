"""Typed builders of rows and values for tests. Each gives something valid; name only what the test is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any

from django.contrib.auth.hashers import make_password

from aispm.accounts.models import Role, User
from inventory.documents import LinkTo, Observed, Problem, ScopeKey, ScopeOutcome, ScopeState, ScopeView, Unread
from inventory.facts import Edge, Estate, Node
from inventory.models import Asset, Link, Scope, Source, SourceKind

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
_numbers = count(1)


def moment(days: float = 0) -> datetime:
    """A fixed noon, so many days later."""
    return NOON + timedelta(days=days)


def make_user(name: str = "", role: Role = Role.VIEWER, password: str = "correct horse battery") -> User:
    name = name or f"user{next(_numbers)}"
    return User.objects.create(username=name, email=f"{name}@example.org", password=hashed(password), role=role)


@cache
def hashed(password: str) -> str:
    """As stored. Hashing is slow on purpose, so each password of the tests is hashed once."""
    return make_password(password)


def alice() -> User:
    """A member who may collect and triage."""
    return make_user("alice", Role.ANALYST)


def bob() -> User:
    """May read, nothing else."""
    return make_user("bob", Role.VIEWER)


def charlie() -> User:
    """A stranger: signed in once, now switched off."""
    user = make_user("charlie", Role.VIEWER)
    user.is_active = False
    user.save(update_fields=["is_active"])
    return user


def make_source(kind: SourceKind = SourceKind.AWS, **fields: Any) -> Source:
    number = next(_numbers)
    fields.setdefault("external_id", f"{number:012d}")
    fields.setdefault("name", f"source-{number}")
    return Source.objects.create(kind=kind, **fields)


def make_scope(
    source: Source, collector: str, region: str = "-", state: ScopeState = ScopeState.COMPLETE, **fields: Any
) -> Scope:
    fields.setdefault("complete_at", NOON if state is ScopeState.COMPLETE else None)
    fields.setdefault("attempted_at", NOON)
    scope, _made = Scope.objects.update_or_create(
        source=source, collector=collector, region=region, defaults={"state": state, **fields}
    )
    return scope


def make_asset(source: Source | None = None, kind: str = "aws.s3.bucket", **fields: Any) -> Asset:
    """An asset in a complete scope of its kind. `unread` may be given as Unread values."""
    source = source or make_source()
    number = next(_numbers)
    fields.setdefault("external_id", f"arn:aws:test:::{number}")
    fields.setdefault("name", f"asset-{number}")
    fields.setdefault("config_digest", f"{number:032x}")
    fields.setdefault("facts_digest", f"{number:032x}")
    for when in ("first_seen", "last_seen", "changed_at"):
        fields.setdefault(when, NOON)
    fields["unread"] = [p.as_document() if isinstance(p, Unread) else p for p in fields.get("unread", ())]
    if "scope" not in fields:
        region = fields.get("place", "-") if kind.startswith("aws.") else "-"
        fields["scope"] = Scope.objects.filter(source=source, collector=kind, region=region).first() or make_scope(
            source, kind, region
        )
    return Asset.objects.create(source=source, kind=kind, **fields)


def make_link(origin: Asset, type: str, target: Asset | None = None, *, kind: str = "", ref: str = "") -> Link:
    return Link.objects.create(
        source=origin.source,
        origin=origin,
        type=type,
        target=target,
        target_kind=target.kind if target else kind,
        target_ref=target.external_id if target else ref,
    )


def observed(kind: str = "aws.s3.bucket", external_id: str = "", **fields: Any) -> Observed:
    """What a collector would hand over."""
    external_id = external_id or f"arn:aws:test:::{next(_numbers)}"
    fields.setdefault("name", external_id.rpartition(":")[2])
    fields.setdefault("place", "-")
    fields.setdefault("config", {"Name": fields["name"]})
    return Observed(kind=kind, external_id=external_id, **fields)


def unread(part: str = "", problem: Problem = Problem.DENIED, message: str = "Access denied") -> Unread:
    return Unread(part, problem, message)


def outcome(
    collector: str, region: str = "-", state: ScopeState = ScopeState.COMPLETE, problem: Problem | None = None
) -> ScopeOutcome:
    if problem is None and state in (ScopeState.DENIED, ScopeState.INCOMPLETE):
        problem = Problem.DENIED if state is ScopeState.DENIED else Problem.TIMEOUT
    return ScopeOutcome(ScopeKey(region, collector), state, problem, calls=1, seconds=0.1)


def node(kind: str, external_id: str = "", **fields: Any) -> Node:
    """An asset for pure code."""
    external_id = external_id or f"{kind}-{next(_numbers)}"
    fields.setdefault("name", external_id)
    return Node(kind=kind, external_id=external_id, **fields)


def estate(
    *nodes: Node,
    links: Mapping[tuple[str, str], Sequence[LinkTo]] | None = None,
    complete: Sequence[str] | None = None,
    states: Mapping[str, ScopeState] | None = None,
) -> Estate:
    """An estate of these nodes. Their kinds, and those in `complete`, were read to the end unless `states` says."""
    collectors: dict[str, ScopeState] = {n.kind: ScopeState.COMPLETE for n in nodes}
    collectors |= dict.fromkeys(complete or (), ScopeState.COMPLETE)
    collectors |= dict(states or {})
    edges = [Edge(origin, to) for origin, targets in (links or {}).items() for to in targets]
    return Estate(nodes, edges, [ScopeView("-", kind, state) for kind, state in collectors.items()])
