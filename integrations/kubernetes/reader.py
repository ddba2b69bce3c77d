"""From list items to assets: one reader for live clusters and snapshots."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from integrations.kubernetes.links import pod_links, within
from integrations.kubernetes.paths import each, mapping, mappings, text
from integrations.kubernetes.problems import ReadFailed
from integrations.kubernetes.redaction import Redactor
from integrations.kubernetes.resources import Api, Resource, row_for
from integrations.kubernetes.rollup import NOT_CONTROLLERS, Owner, RollUp, Summary, controller
from integrations.kubernetes.shapes import quiet, short_bundles
from inventory.documents import Document, LinkTo, Observed, Unread

POD, REPLICA_SET, JOB, CRON_JOB = "k8s.pod", "k8s.replica_set", "k8s.job", "k8s.cron_job"
OWN_REPLICA_SETS = ("k8s.deployment", "k8s.argoproj.rollout", REPLICA_SET)
RUNNING = "runningPods"


def part_of(row: Resource, metadata: Document) -> Owner | None:
    """The object of which this one is only a part; None when it is an asset of its own."""
    if row.kind not in (POD, REPLICA_SET, JOB):
        return None
    owner = controller(metadata)
    return None if row.kind == JOB and owner is not None and owner[0] != CRON_JOB else owner


class MalformedItem(ValueError):
    """An element of a list that is not an object of the listed kind."""


class Reader:
    """Reads the lists of one cluster. Pods and ReplicaSets first, then Jobs, then the rest."""

    def __init__(self) -> None:
        self.rollup = RollUp()
        self._loose: dict[str, Document] = {}
        self._unread: dict[str, Unread] = {}
        self._seen: set[tuple[str, str]] = set()

    def restart(self, row: Resource) -> None:
        """The list of this row begins again; what its earlier pages left behind no longer counts."""
        if row.kind == POD:
            self.rollup.forget_pods()
        if row.kind == REPLICA_SET:
            self._loose.clear()

    def pods_unread(self, kind: str, unread: Unread) -> None:
        """From now on documents of this kind say that their pods are not known."""
        self._unread.setdefault(kind, replace(unread, part=RUNNING))

    def unread_lists(self, rows: Iterable[Resource], failed: Mapping[str, ReadFailed]) -> None:
        """From now on workloads say that their pods are not known, where one of these lists (by kind) was not read."""
        concerned = {POD: [row.kind for row in rows if row.pod_specs], REPLICA_SET: OWN_REPLICA_SETS, JOB: (CRON_JOB,)}
        for listed, kinds in concerned.items():
            for kind in kinds if listed in failed else ():
                self.pods_unread(kind, failed[listed].unread(""))

    def read(self, row: Resource, api: Api, items: Iterable[object]) -> tuple[list[Observed], list[str]]:
        """The assets among these items, and the names of elements that could not be understood."""
        assets: list[Observed] = []
        broken: list[str] = []
        for item in items:
            try:
                assets.extend(self._item(row, api, item))
            except (MalformedItem, AttributeError, KeyError, TypeError, ValueError):
                broken.append(_name_of(item))
        return assets, broken

    def loose_replica_sets(self, row: Resource) -> list[Observed]:
        """ReplicaSets that nobody owns, to be read once all pods are known."""
        loose, self._loose = self._loose, {}
        return [self._observed(row, document) for document in loose.values()]

    def _item(self, row: Resource, api: Api, item: object) -> Iterator[Observed]:
        document = whole(row, api, item)
        metadata = mapping(document["metadata"])
        external_id = within(text(metadata.get("namespace")), metadata["name"])
        if self._rolled_up(row, external_id, document, metadata) or (row.kind, external_id) in self._seen:
            return
        self._seen.add((row.kind, external_id))
        yield self._observed(row, document)

    def _rolled_up(self, row: Resource, external_id: str, document: Document, metadata: Document) -> bool:
        """Whether this object is only a part of another asset; remembers it there."""
        owner = part_of(row, metadata)
        if row.kind == REPLICA_SET and owner is None:
            self._loose[external_id] = document
            return True
        if owner is None:
            return False
        if row.kind == POD:
            self.rollup.pod(owner, document)
        else:
            self.rollup.owned((row.kind, external_id), owner)
        return True

    def _observed(self, row: Resource, document: Document) -> Observed:
        metadata = document["metadata"]
        namespace, name = text(metadata.get("namespace")), metadata["name"]
        unread = self._add_pods(row, within(namespace, name), document)
        short_bundles(quiet(row.shape(document) if row.shape else document, row.status if not row.shape else _ALL))
        if row.scan:
            redactor = Redactor()
            redactor.document(document)
            document["secretsFound"] = [*document.get("secretsFound", ()), *redactor.found]
        labels = mapping(metadata.get("labels"))
        return Observed(
            kind=row.kind,
            external_id=within(namespace, name),
            name=name,
            place=namespace or "-",
            config=document,
            unread=unread,
            links=_links(row, document, namespace),
            tags={key: text(value) for key, value in labels.items()},
        )

    def _add_pods(self, row: Resource, external_id: str, document: Document) -> Sequence[Unread]:
        if not row.pod_specs:
            return ()
        if row.kind == POD:
            summary = Summary()
            summary.add(document)
            document[RUNNING] = summary.document(set(summary.images), passing=False)
            return ()
        if row.kind in self._unread:
            return (self._unread[row.kind],)
        pods = self.rollup.document(row, external_id, document)
        if pods is not None:
            document[RUNNING] = pods
        return ()


_ALL = ("capacity", "addresses", "nodeInfo", "conditions")


def whole(row: Resource, api: Api, item: object) -> Document:
    """The item as a whole object: elements of a list come without kind and apiVersion. Raises MalformedItem."""
    metadata = item.get("metadata") if isinstance(item, dict) else None
    if not isinstance(item, dict) or not isinstance(metadata, dict) or not text(metadata.get("name")):
        raise MalformedItem("an element without a name")
    if item.get("kind", row.type) != row.type or (row.namespaced and not text(metadata.get("namespace"))):
        raise MalformedItem(metadata["name"])
    return {"apiVersion": api.api_version, "kind": row.type} | item


def ref_of(row: Resource, api: Api, item: object) -> str:
    """By what an object is known among those of its kind; MalformedItem when it is none."""
    metadata = whole(row, api, item)["metadata"]
    return within(text(metadata.get("namespace")), metadata["name"])


def _name_of(item: object) -> str:
    metadata = mapping(item.get("metadata")) if isinstance(item, dict) else {}
    return within(text(metadata.get("namespace")), text(metadata.get("name"))) or "an element without a name"


def _links(row: Resource, document: Document, namespace: str) -> tuple[LinkTo, ...]:
    links: list[LinkTo] = []
    if namespace:
        links.append(LinkTo("part_of", "k8s.namespace", namespace))
    for owner in mappings(document["metadata"].get("ownerReferences")):
        above = row_for(text(owner.get("apiVersion")), text(owner.get("kind")))
        if above is not None and above.kind not in NOT_CONTROLLERS and text(owner.get("name")):
            links.append(LinkTo("part_of", above.kind, within(namespace if above.namespaced else "", owner["name"])))
    for path in row.pod_specs:
        for spec in each(document, path):
            links.extend(pod_links(spec, namespace, otherwise="default" if row.built_in else ""))
    for find in row.links:
        links.extend(find(document, namespace))
    return tuple(dict.fromkeys(links))
