"""Member accounts of an organization: reached through the account that lists them, by a role in each of them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from aispm.core import crypto
from aispm.core.errors import DomainError, Invalid, PermanentError, TransientError
from integrations import queries, registry
from integrations.base import Check, Identity
from integrations.models import Connection, ConnectionKind
from integrations.queries import Member, Standing
from integrations.services.connecting import SourceDetails, examine, store
from inventory.documents import Problem
from inventory.models import Environment, Source, SourceKind

log = structlog.get_logger(__name__)

TOGETHER = 8
EXAMINED = 3  # all members have the same role: what it may read is tried in some of them
FIRST_WAIT, LONGEST_WAIT = timedelta(hours=1), timedelta(days=1)
JOINABLE = (Standing.FREE, Standing.REFUSED)
SAID = ("environment", "criticality", "owner")
REFUSALS = (DomainError, PermanentError, TransientError)
Terms = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MemberAccess:
    """How members are reached, and what is said of them. No `accounts` means all of them; no `regions`, and None
    for what is said, that of the listing account.

    `join`: accounts that join later are connected too, after the next collection of the listing account.
    """

    role_name: str
    external_id: str = field(default="", repr=False)
    accounts: Sequence[str] = ()
    regions: Sequence[str] = ()
    join: bool = False
    environment: str | None = None
    criticality: int | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """Who would be connected: by account why its role cannot be assumed, or nothing; by name what can be read there."""

    asked: dict[str, str]
    reads: dict[str, Sequence[Check]]


def connect_members(*, parent: Connection, access: MemberAccess) -> list[Member]:
    """Connects the chosen accounts whose role lets us in, and keeps the terms for those that join later.

    Answers how every member stands. While the listing account was never read, its members follow after that.
    """
    known = queries.members_for_system(parent)
    chosen = _checked(parent, access, known)
    left_out = [one.account for one in known if one not in chosen]
    terms = _written(parent, access) | {"left_out": left_out, "refusals": {}}
    _change(parent, terms, access.external_id)
    _connect(parent, chosen, timezone.now())
    return queries.members_for_system(parent)


def try_members(*, parent: Connection, access: MemberAccess) -> Trial:
    """What `connect_members` would meet; nothing is stored. What can be read is tried in the first who let us in."""
    chosen = _joinable(_checked(parent, access, queries.members_for_system(parent)))
    terms = _written(parent, access)
    asked = _asked(parent, terms, access.external_id, chosen)
    first = [one for one in chosen if not asked[one.account]][:EXAMINED]
    parts = [registry.through(parent, *_parts(parent, terms, access.external_id, one)) for one in first]
    with ThreadPoolExecutor(EXAMINED) as pool:
        return Trial(asked, dict(zip([one.name for one in first], pool.map(_readable, parts), strict=True)))


def join_members(*, parent: Connection, at: datetime) -> None:
    """Connects accounts that joined meanwhile, or whose role is there by now, where that was asked for.

    One that refuses again is asked after twice the time, a day at most.
    """
    parent.refresh_from_db(fields=["settings", "secret"])  # somebody may have said it while the account was read
    terms = parent.settings.get("members") or {}
    if terms.get("join"):
        waiting = [one for one in queries.members_for_system(parent) if one.account not in terms["left_out"]]
        _connect(parent, [one for one in waiting if one.again_at is None or one.again_at <= at], at)


def ask_members(*, parent: Connection) -> list[Member]:
    """Asks those that refused now, however long they would wait; from then on they wait as at first."""
    refused = [one for one in queries.members_for_system(parent) if one.standing is Standing.REFUSED]
    _change(parent, {"refusals": {}})
    _connect(parent, refused, timezone.now())
    return queries.members_for_system(parent)


def leave_out(*, source: Source) -> None:
    """A member that somebody removes does not come back by itself."""
    accounts = Connection.objects.filter(source=source, kind=ConnectionKind.AWS)
    through = accounts.values_list("settings__through", flat=True).first()
    parent = queries.parent_for_system(through) if through else None
    if parent is not None:
        left_out = {*(parent.settings.get("members") or {}).get("left_out", ()), source.external_id}
        _change(parent, {"left_out": sorted(left_out)})


def _checked(parent: Connection, access: MemberAccess, known: Sequence[Member]) -> list[Member]:
    """The members that are meant; Invalid names the field that is wrong."""
    from integrations.aws import checking

    if parent.kind != ConnectionKind.AWS or parent.settings.get("through"):
        raise Invalid(_("Choose the account that lists the members: the management account, or a delegated one."))
    if not known and parent.source.collected_at is not None:
        raise Invalid(
            _("%s is not told which accounts its organization has. Choose the management account; if this is it, "
              "allow organizations:ListAccounts and collect it again.") % parent.source.name
        )  # fmt: skip
    checking.check_member_role(access.role_name, access.external_id)
    if access.regions:
        checking.regions_in(access.regions)
    unknown = set(access.accounts) - {one.account for one in known}
    if unknown:
        raise Invalid(_("Not in the organization: %s.") % ", ".join(sorted(unknown)), where="accounts")
    return [one for one in known if not access.accounts or one.account in access.accounts]


def _written(parent: Connection, access: MemberAccess) -> Terms:
    from integrations.aws import checking

    regions = list(checking.regions_in(access.regions)) if access.regions else parent.settings.get("regions")
    said = {name: getattr(access, name) for name in SAID}
    told = {name: getattr(parent.source, name) if value is None else value for name, value in said.items()}
    return {"role_name": access.role_name, "regions": regions, "join": access.join, **told}


@transaction.atomic
def _change(parent: Connection, terms: Terms, external_id: str | None = None) -> None:
    """Keeps terms for the members with the listing account's connection, whoever else changes it now."""
    locked = Connection.objects.select_for_update(of=("self",)).get(pk=parent.pk)
    locked.settings["members"] = (locked.settings.get("members") or {}) | terms
    if external_id is not None:
        secret = registry.secret_of(locked) | {"members_external_id": external_id}
        locked.secret = crypto.seal(secret)
    locked.save(update_fields=["settings", "secret"])
    parent.settings, parent.secret = locked.settings, locked.secret


def _connect(parent: Connection, members: Sequence[Member], at: datetime) -> None:
    """Connects those of these that can be, each once, whoever else does so at this moment."""
    terms, external_id = parent.settings["members"], str(registry.secret_of(parent).get("members_external_id") or "")
    joinable = _joinable(members)
    if not joinable:
        return
    asked = _asked(parent, terms, external_id, joinable)
    for one in joinable:
        if not asked[one.account]:
            _store(parent, terms, external_id, one)
    _change(parent, {"refusals": _refusals(terms.get("refusals") or {}, asked, at)})
    log.info("members_asked", parent=parent.source.name, asked=len(asked), refused=sum(map(bool, asked.values())))


def _refusals(known: Terms, asked: dict[str, str], at: datetime) -> Terms:
    """Who refuses, why, how often so far, and when to ask again; those that were not asked stay as they are."""
    refusals = {account: refusal for account, refusal in known.items() if account not in asked}
    for account, why in asked.items():
        if why:
            times = known.get(account, {}).get("times", 0) + 1
            wait = min(FIRST_WAIT * 2 ** min(times - 1, 8), LONGEST_WAIT)
            refusals[account] = {"why": why, "times": times, "again_at": (at + wait).isoformat()}
    return refusals


def _joinable(members: Sequence[Member]) -> list[Member]:
    return [one for one in members if one.standing in JOINABLE]


def _asked(parent: Connection, terms: Terms, external_id: str, members: Sequence[Member]) -> dict[str, str]:
    """Every account by its id with the reason why it cannot be assumed, or nothing."""

    def ask(member: Member, public: dict[str, Any], hidden: dict[str, Any]) -> str:
        try:
            found = registry.live_collector(ConnectionKind.AWS, public, hidden).identify().external_id
        except REFUSALS as error:
            return str(error)
        return "" if found == member.account else _("The role leads to account %s.") % found

    parts = [registry.through(parent, *_parts(parent, terms, external_id, one)) for one in members]
    with ThreadPoolExecutor(TOGETHER) as pool:  # no thread touches the database
        found = pool.map(lambda member, part: ask(member, *part), members, parts)
        return dict(zip([one.account for one in members], found, strict=True))


def _readable(parts: tuple[dict[str, Any], dict[str, Any]]) -> Sequence[Check]:
    try:
        return examine(registry.live_collector(ConnectionKind.AWS, *parts))[1]
    except REFUSALS as error:
        return [Check(str(_("Reads")), ok=False, problem=Problem.OTHER, message=str(error))]


def _parts(parent: Connection, terms: Terms, external_id: str, member: Member) -> tuple[dict[str, Any], dict[str, Any]]:
    """(settings, secret) of a member's connection: what leads to the parent's keys, and no key."""
    role = f"arn:{member.partition}:iam::{member.account}:role/{terms['role_name']}"
    public = {"regions": terms["regions"], "role_arn": role, "through": parent.source.external_id}
    return public, {"external_id": external_id} if external_id else {}


def _store(parent: Connection, terms: Terms, external_id: str, member: Member) -> None:
    """Nothing when it was connected meanwhile."""
    parts = _parts(parent, terms, external_id, member)
    try:
        with transaction.atomic():
            Connection.objects.select_for_update(of=("self",)).get(pk=parent.pk)
            if not Connection.objects.filter(source__kind=SourceKind.AWS, source__external_id=member.account).exists():
                identity = Identity(member.account, member.name)
                said = SourceDetails(
                    environment=terms.get("environment", Environment.UNKNOWN),
                    criticality=terms.get("criticality"),
                    owner=terms.get("owner", ""),
                )
                store(ConnectionKind.AWS, SourceKind.AWS, identity, said, parts)
    except IntegrityError:
        log.info("member_connected_meanwhile", account=member.account)
