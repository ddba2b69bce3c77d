"""Where an asset comes from and what depends on it: along lineage only, one query a step, bounded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q

from aispm.accounts.models import User
from inventory.documents import Completeness, account_in
from inventory.lineage import FROM_ORIGIN, FROM_TARGET, PARTS, PLACES, Stage, comes_first, stage_of, stage_of_place
from inventory.models import Asset, Link
from inventory.provenance import LinkType
from inventory.queries.estates import scopes_of
from inventory.queries.people import links_for

DEPTH, MOST = 10, 100


@dataclass(frozen=True, slots=True)
class LineageStep:
    """One asset of the lineage. `distance` from the asset that was asked about: below 0 it comes before."""

    asset: Asset
    stage: Stage
    distance: int


@dataclass(frozen=True, slots=True)
class Lost:
    """A reference to what is not there. `missing`: it does not exist; otherwise nobody looked there.

    `elsewhere`: it is in another account.
    """

    link: Link
    stage: Stage
    missing: bool
    elsewhere: bool

    @property
    def key(self) -> str:
        return self.link.target_ref


@dataclass(frozen=True, slots=True)
class Hop:
    """One link in the direction in which things go: from `first` to `then` (ids, or a lost reference)."""

    first: UUID | str
    then: UUID | str
    link: Link


@dataclass(slots=True)
class Descent:
    """The lineage of one asset. `more`: there is more than is followed. `unread`: why some of it may be unknown.

    `hops`: by the id of their link.
    """

    asset: Asset
    steps: dict[UUID, LineageStep] = field(default_factory=dict)
    lost: dict[str, Lost] = field(default_factory=dict)
    hops: dict[UUID, Hop] = field(default_factory=dict)
    more: bool = False
    unread: str = ""

    @property
    def before(self) -> Sequence[LineageStep]:
        return [step for step in self.steps.values() if step.distance < 0]

    @property
    def after(self) -> Sequence[LineageStep]:
        return [step for step in self.steps.values() if step.distance > 0]


def descent_of(user: User, asset: Asset, depth: int = DEPTH, most: int = MOST) -> Descent:
    """What comes before an asset and what comes after it, each by the shortest way."""
    found = Descent(asset, {asset.pk: LineageStep(asset, stage_of(asset.kind, asset.ai_role), 0)})
    read = Completeness(scopes_of(asset.source_id))
    unread = read.unread(read.kinds)
    found.unread = "Parts of it could not be read." if asset.unread else "" if unread is None else unread.reason
    completeness = {asset.source_id: read}
    before, after = {asset.pk}, {asset.pk}
    for distance in range(1, depth + 1):
        links = _links(user, before, after, most * 4)
        found.more |= len(links) > most * 4
        backward, forward = before, after
        before, after = set(), set()
        for link in links[: most * 4]:
            _follow(found, link, (backward, forward), (before, after), distance if len(found.steps) < most else 0)
        if not before and not after:
            return _judged(found, completeness)
    found.more = True
    return _judged(found, completeness)


def _links(user: User, before: Iterable[UUID], after: Iterable[UUID], most: int) -> list[Link]:
    back, on = sorted(before), sorted(after)
    there = Q(type__in=FROM_TARGET) & (Q(origin__in=back) | Q(target__in=on))
    here = Q(type__in=FROM_ORIGIN) & (Q(target__in=back) | Q(origin__in=on))
    parts = Q(type=LinkType.PART_OF, origin__kind__in=PARTS) & (Q(origin__in=back + on) | Q(target__in=back + on))
    present = Q(target=None) | Q(target__gone_at=None)
    rows = links_for(user).filter(there | here | parts, present, origin__gone_at=None).select_related("origin__source")
    return list(rows.order_by("type", "target_ref", "id")[: most + 1])


def _follow(
    found: Descent, link: Link, reached: tuple[set[UUID], set[UUID]], next_: tuple[set[UUID], set[UUID]], distance: int
) -> None:
    """Takes one link in; a distance of 0 says that there is no room for another asset."""
    first_is_origin = comes_first(link.type, link.origin.kind, link.target_kind)
    if first_is_origin is None:
        return
    ends = (link.origin, link.target) if first_is_origin else (link.target, link.origin)
    for there, here, sign, fresh in ((ends[0], ends[1], -1, next_[0]), (ends[1], ends[0], 1, next_[1])):
        if here is None or here.pk not in reached[0 if sign < 0 else 1]:
            continue
        if there is None:
            stage = stage_of_place(link.type) if link.target_kind in PLACES else stage_of(link.target_kind)
            found.lost.setdefault(link.target_ref, Lost(link, stage, missing=False, elsewhere=False))
        elif there.pk not in found.steps:
            if not distance:
                found.more = True
                return
            place = there.kind in PLACES
            stage = stage_of_place(link.type) if place else stage_of(there.kind, there.ai_role)
            found.steps[there.pk] = LineageStep(there, stage, sign * distance)
            if not place:
                fresh.add(there.pk)
        _note(found, link, ends)


def _note(found: Descent, link: Link, ends: tuple[Asset | None, Asset | None]) -> None:
    first, then = (end.pk if end else link.target_ref for end in ends)
    found.hops.setdefault(link.pk, Hop(first, then, link))


def _judged(found: Descent, completeness: dict[UUID, Completeness]) -> Descent:
    """Says of each lost reference whether it does not exist or nobody looked there."""
    for key, lost in found.lost.items():
        source = lost.link.origin.source
        if source.pk not in completeness:
            completeness[source.pk] = Completeness(scopes_of(source.pk))
        ref, account = lost.link.target_ref, source.external_id
        missing = completeness[source.pk].would_show(lost.link.target_kind, ref, account)
        found.lost[key] = Lost(lost.link, lost.stage, missing, account_in(ref) not in ("", account))
    return found


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a step besides its place: facts in stored form, and its document."""

    facts: Mapping[str, Any]
    config: Mapping[str, Any]
    unread: bool


def told_of(user: User, descent: Descent) -> dict[UUID, Told]:
    """Facts and documents of every step, in one query."""
    rows = Asset.objects.visible_to(user).filter(pk__in=list(descent.steps))
    return {
        pk: Told(facts, config, bool(unread))
        for pk, facts, config, unread in rows.values_list("pk", "facts", "config", "unread")
    }
