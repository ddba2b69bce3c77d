"""What a collector saw, in the form in which it is stored and compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from inventory import cleaning
from inventory.documents import LinkTo, Observed, Unread
from inventory.models import Asset, Link
from inventory.search import words_of
from inventory.services.bulk import fragment


def _length(model: type[Asset | Link], field: str) -> int:
    length = model._meta.get_field(field).max_length  # type: ignore[union-attr]
    if length is None:
        raise TypeError(f"{field} has no length")
    return int(length)


KIND, EXTERNAL_ID = _length(Asset, "kind"), _length(Asset, "external_id")
NAME, PLACE = _length(Asset, "name"), _length(Asset, "place")
LINK_TYPE = _length(Link, "type")
Identity = tuple[str, str]


def identity_of(seen: Observed) -> Identity:
    """(kind, external id) as they are stored."""
    return cleaning.fit(seen.kind, KIND), cleaning.fit(seen.external_id, EXTERNAL_ID)


@dataclass(frozen=True, slots=True)
class Prepared:
    """One asset, encoded."""

    kind: str
    external_id: str
    name: str
    place: str
    config: bytes
    unread: bytes
    tags: bytes
    words: list[str]
    links: tuple[LinkTo, ...]
    digest: str

    @property
    def identity(self) -> Identity:
        return (self.kind, self.external_id)

    def row(self, **more: Any) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "external_id": self.external_id,
            "name": self.name,
            "place": self.place,
            "config": fragment(self.config),
            "config_digest": self.digest,
            "unread": fragment(self.unread),
            "tags": fragment(self.tags),
            "words": self.words,
            **more,
        }


def prepare(assets: Iterable[Observed]) -> list[Prepared]:
    """Each identity once (the last one counts), in the order in which rows are locked."""
    prepared = {one.identity: one for one in map(_prepare, assets)}
    return [prepared[identity] for identity in sorted(prepared)]


def asset_words(name: str, external_id: str, kind: str, product: str, tags: Iterable[tuple[str, str]]) -> list[str]:
    """The words under which an asset is found."""
    return words_of([name, external_id, kind, product, *(word for pair in tags for word in pair)])


def _prepare(seen: Observed) -> Prepared:
    kind, external_id = identity_of(seen)
    name, place = cleaning.fit(seen.name or seen.external_id, NAME), cleaning.fit(seen.place or "-", PLACE)
    tags = {cleaning.text(str(key)): cleaning.text(str(value)) for key, value in seen.tags.items()}
    config, encoded_tags = cleaning.encode(seen.config), cleaning.encode(tags)
    links = _links(seen.links)
    digest = blake2b(digest_size=16)
    compared = [name, place, _compared(seen.unread), [[link.type, link.kind, link.ref] for link in links]]
    for part in (config, encoded_tags, cleaning.encode(compared)):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return Prepared(
        kind=kind,
        external_id=external_id,
        name=name,
        place=place,
        config=config,
        unread=cleaning.encode([part.as_document() for part in seen.unread]),
        tags=encoded_tags,
        words=asset_words(name, external_id, kind, "", tags.items()),
        links=links,
        digest=digest.hexdigest(),
    )


def _links(links: Sequence[LinkTo]) -> tuple[LinkTo, ...]:
    """Fitted to their columns exactly as the identities that they name."""
    fitted = {
        LinkTo(cleaning.fit(to.type, LINK_TYPE), cleaning.fit(to.kind, KIND), cleaning.fit(to.ref, EXTERNAL_ID))
        for to in links
        if to.ref
    }
    return tuple(sorted(fitted, key=lambda to: (to.type, to.kind, to.ref)))


def _compared(unread: Sequence[Unread]) -> list[list[str]]:
    """Without messages, which may differ from call to call (request ids, times)."""
    return sorted([part.part, part.problem.value, part.permission] for part in unread)
