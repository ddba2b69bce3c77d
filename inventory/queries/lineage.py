"""What an asset is connected to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from aispm.accounts.models import User
from inventory.documents import Completeness, account_in
from inventory.models import Asset, Link
from inventory.queries.estates import scopes_of
from inventory.queries.people import links_for

SHOWN = 500


@dataclass(frozen=True, slots=True)
class Reference:
    """One link seen from one asset. `missing`: its other end does not exist; None: it was not collected, who knows.

    `elsewhere`: it is in another account.
    """

    link: Link
    other: Asset | None
    missing: bool | None
    elsewhere: bool = False

    @property
    def type(self) -> str:
        return self.link.type


@dataclass(frozen=True, slots=True)
class References:
    """The links of one asset; `more`: there are too many to show."""

    outgoing: Sequence[Reference]
    incoming: Sequence[Reference]
    more: bool


def links_of(user: User, asset: Asset) -> References:
    """Both directions of one asset's links."""
    rows = links_for(user).filter(Q(origin=asset) | Q(target=asset, origin__gone_at=None))
    found = list(rows.order_by("type", "target_ref", "id")[: SHOWN + 1])
    shown = found[:SHOWN]
    ends = [link for link in shown if link.origin_id == asset.pk]
    dangling = any(link.target_id is None for link in ends)
    read = Completeness(scopes_of(asset.source_id) if dangling else ())
    account = asset.source.external_id
    return References(
        outgoing=[_away(link, read, account) for link in ends],
        incoming=[Reference(link, link.origin, False) for link in shown if link.target_id == asset.pk],
        more=len(found) > SHOWN,
    )


def _away(link: Link, read: Completeness, account: str) -> Reference:
    if link.target_id is not None:
        return Reference(link, link.target, missing=False)
    missing = read.would_show(link.target_kind, link.target_ref, account) or None
    return Reference(link, None, missing, elsewhere=account_in(link.target_ref) not in ("", account))
