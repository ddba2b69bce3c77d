"""Member accounts of an organization: reached through the account that lists them, by a role in each of them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from aispm.core import crypto
from aispm.core.errors import DomainError, Invalid, PermanentError, TransientError
from integrations import grants, queries, registry
from integrations.base import Check, Identity
from integrations.models import Connection, ConnectionKind
from integrations.queries import Member, Standing
from integrations.services.connecting import SourceDetails, examine, store
from inventory.documents import Problem
from inventory.models import Environment, Source, SourceKind

log = structlog.get_logger(__name__)

TOGETHER = 8
TRIED = 20
EXAMINED = 3  # all members have the same role: what it may read is tried in some of them
FIRST_WAIT, LONGEST_WAIT = timedelta(hours=1), timedelta(days=1)
PATIENCE = timedelta(minutes=2)
JOINABLE = (Standing.FREE, Standing.REFUSED, Standing.ASKED)
SAID = ("environment", "criticality", "owner")
REFUSALS = (DomainError, PermanentError, TransientError)
ACCOUNT = re.compile(r"[0-9]{12}")
Terms = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MemberAccess:
    """How members are reached, and what is said of them. No `accounts` means all of them; what else is left out (None,
    no `regions`) is as it was agreed before, or as with the listing account.

    `join`: accounts that join later are connected too, after the next collection of the listing account.
    """

    role_name: str | None = None
    external_id: str | None = field(default=None, repr=False)
    accounts: Sequence[str] = ()
    regions: Sequence[str] = ()
    join: bool | None = None
    environment: str | None = None
    criticality: int | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """Who would be connected: by account why its role cannot be assumed, or nothing; by name what can be read there.
    `of`: how many are meant, of which the first were tried."""

    asked: dict[str, str]
    reads: dict[str, Sequence[Check]]
    of: int


def choose_members(*, parent: Connection, access: MemberAccess) -> None:
    """Keeps who is to be connected and how; `ask_chosen` asks them. Terms hold for those that join later too.

    While the listing account was never read, its members follow after that.
    """
    parent.refresh_from_db(fields=["settings", "secret"])
    known = queries.members_for_system(parent)
    chosen = _checked(parent, access, known)
    terms, external_id = _agreed(parent, access)
    accounts = {one.account for one in chosen}
    asked = {one.account for one in _joinable(chosen)}

    def change(before: Terms) -> Terms:
        more = access.accounts and "role_name" in before  # the others stay as they were agreed
        left_out = set(before.get("left_out", ())) if more else {one.account for one in known}
        refusals = {account: why for account, why in before.get("refusals", {}).items() if account not in accounts}
        return terms | {"left_out": sorted(left_out - accounts), "refusals": refusals} | _pending(before, asked)

    _change(parent, change, external_id)


def choose_refused(*, parent: Connection) -> None:
    """Those that refused are to be asked now, however long they would wait; from then on they wait as at first."""
    refused = {one.account for one in queries.members_for_system(parent) if one.standing is Standing.REFUSED}
    _change(parent, lambda before: {"refusals": {}} | _pending(before, refused))


def ask_chosen(*, parent: Connection) -> list[Member]:
    """Connects those that were chosen and whose role lets us in, a few at a time: the page tells how far that is.

    Answers how every member stands. Lost halfway, the next call goes on.
    """
    parent.refresh_from_db(fields=["settings", "secret"])
    while some := set(parent.settings.get("members", {}).get("pending", ())[:TOGETHER]):
        known = queries.members_for_system(parent)
        _connect(parent, [one for one in known if one.account in some], timezone.now())
        _change(parent, partial(_pending, done=some))
    return queries.members_for_system(parent)


def connect_members(*, parent: Connection, access: MemberAccess) -> list[Member]:
    """Both at once, for whoever waits."""
    choose_members(parent=parent, access=access)
    return ask_chosen(parent=parent)


@transaction.atomic
def members_due(*, at: datetime) -> list[uuid.UUID]:
    """Connections with members that were chosen and that nobody asks: the message, or the worker, was lost."""
    due = []
    waiting = Connection.objects.filter(settings__members__pending__0__isnull=False)
    for connection in waiting.select_for_update(skip_locked=True, of=("self",)):
        terms = connection.settings["members"]
        if datetime.fromisoformat(terms["asked_until"]) <= at:
            terms["asked_until"] = (at + PATIENCE).isoformat()
            connection.save(update_fields=["settings"])
            due.append(connection.pk)
    return due


def try_members(*, parent: Connection, access: MemberAccess) -> Trial:
    """What connecting would meet in the first of those that are meant; nothing is stored. What can be read is tried in
    a few that let us in."""
    chosen = _joinable(_checked(parent, access, queries.members_for_system(parent)))
    terms, external_id = _agreed(parent, access)
    asked = _asked(parent, terms, external_id, chosen[:TRIED])
    first = [one for one in chosen[:TRIED] if not asked[one.account]][:EXAMINED]
    parts = [registry.through(parent, *_parts(parent, terms, external_id, one)) for one in first]
    with ThreadPoolExecutor(EXAMINED) as pool:
        reads = dict(zip([one.name for one in first], pool.map(_readable, parts), strict=True))
    return Trial(asked, reads, len(chosen))


def join_members(*, parent: Connection, at: datetime) -> None:
    """Connects accounts that joined meanwhile, or whose role is there by now, where that was asked for.

    One that refuses again is asked after twice the time, a day at most.
    """
    parent.refresh_from_db(fields=["settings", "secret"])  # somebody may have said it while the account was read
    terms = parent.settings.get("members") or {}
    if terms.get("join"):
        waiting = [one for one in queries.members_for_system(parent) if one.account not in terms["left_out"]]
        asked = _connect(parent, [one for one in waiting if one.again_at is None or one.again_at <= at], at)
        log.info("members_joined", parent=parent.source.name, asked=len(asked), refused=sum(map(bool, asked.values())))


def leave_out(*, source: Source) -> None:
    """A member that somebody removes does not come back by itself."""
    accounts = Connection.objects.filter(source=source, kind=ConnectionKind.AWS)
    through = accounts.values_list("settings__through", flat=True).first()
    parent = queries.parent_for_system(through) if through else None
    if parent is not None:
        account = source.external_id
        _change(parent, lambda before: {"left_out": sorted({*before.get("left_out", ()), account})})


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
    if access.role_name is not None:
        checking.check_member_role(access.role_name, access.external_id or "")
    unknown = set(access.accounts) - {one.account for one in known}
    if unknown:
        raise Invalid(_("Not in the organization: %s.") % ", ".join(sorted(unknown)), where="accounts")
    return [one for one in known if not access.accounts or one.account in access.accounts]


def agreed(parent: Connection) -> tuple[Terms, str]:
    """The terms for members and their external id: as they were said before, or else those of the listing account."""
    usual = {"role_name": grants.aws_member_role(), "regions": parent.settings.get("regions") or ["all"], "join": True}
    usual |= {name: getattr(parent.source, name) for name in SAID}
    before = parent.settings.get("members") or {}
    external_id = registry.secret_of(parent).get("members_external_id", grants.aws_external_id())
    return {name: before.get(name, value) for name, value in usual.items()}, str(external_id)


def _agreed(parent: Connection, access: MemberAccess) -> tuple[Terms, str]:
    """The same, with what is said now."""
    from integrations.aws import checking

    terms, external_id = agreed(parent)
    said = {name: getattr(access, name) for name in terms if name != "regions"}
    said["regions"] = list(checking.regions_in(access.regions)) if access.regions else None
    terms |= {name: value for name, value in said.items() if value is not None}
    return terms, external_id if access.external_id is None else access.external_id


def _pending(before: Terms, more: Iterable[str] = (), done: Iterable[str] = ()) -> Terms:
    """Who is still to be asked, and until when whoever asks them may be silent."""
    accounts = {*before.get("pending", ()), *more} - set(done)
    return {"pending": sorted(accounts), "asked_until": (timezone.now() + PATIENCE).isoformat()}


@transaction.atomic
def _change(parent: Connection, change: Callable[[Terms], Terms], external_id: str | None = None) -> None:
    """Changes terms for the members with the listing account's connection, whoever else changes it now."""
    locked = Connection.objects.select_for_update(of=("self",)).get(pk=parent.pk)
    before = locked.settings.get("members") or {}
    locked.settings["members"] = before | change(before)
    if external_id is not None:
        secret = registry.secret_of(locked) | {"members_external_id": external_id}
        locked.secret = crypto.seal(secret)
    locked.save(update_fields=["settings", "secret"])
    parent.settings, parent.secret = locked.settings, locked.secret


def _connect(parent: Connection, members: Sequence[Member], at: datetime) -> dict[str, str]:
    """Connects those of these that can be, each once, whoever else does so now. Answers why others cannot."""
    terms, external_id = parent.settings["members"], str(registry.secret_of(parent).get("members_external_id") or "")
    joinable = _joinable(members)
    if not joinable:
        return {}
    asked = _asked(parent, terms, external_id, joinable)
    for one in joinable:
        if not asked[one.account]:
            _store(parent, terms, external_id, one)
    _change(parent, lambda before: {"refusals": _refusals(before.get("refusals") or {}, asked, at)})
    return asked


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

    named = [one for one in members if ACCOUNT.fullmatch(one.account)]  # what is no id must not get into an ARN
    parts = [registry.through(parent, *_parts(parent, terms, external_id, one)) for one in named]
    with ThreadPoolExecutor(TOGETHER) as pool:  # no thread touches the database
        told = pool.map(lambda member, part: ask(member, *part), named, parts)
        found = dict(zip([one.account for one in named], told, strict=True))
    return {one.account: found.get(one.account, _("An account id has 12 digits.")) for one in members}


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
