"""Reads one cluster, or a snapshot of one, through the same steps."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from aispm.core.errors import PermanentError, TransientError
from aispm.core.outbound import check_url
from integrations.base import Check, Identity, Page
from integrations.kubernetes import kubeconfig
from integrations.kubernetes.client import Client, Patience
from integrations.kubernetes.live import ClusterFacts, LiveLists
from integrations.kubernetes.mirror import Mirror
from integrations.kubernetes.paths import get, text
from integrations.kubernetes.problems import Gone, NotServed, ReadFailed, TooLarge
from integrations.kubernetes.resources import BY_KIND, CLUSTER, RESOURCES, Resource
from integrations.kubernetes.snapshot import SnapshotLists
from integrations.kubernetes.sweep import Lists, Sweep
from integrations.kubernetes.watch import MirroredLists
from inventory.documents import Document, LinkTo, Observed, Problem, ScopeKey, ScopeOutcome, ScopeState, Unread

IDENTIFYING = ("kube-system", "default")


class _Collector(ABC):
    """What live clusters and snapshots have in common."""

    workers = 1

    def __init__(self, lists: Lists, rows: Sequence[Resource] = RESOURCES) -> None:
        self._lists = lists
        self.rows = tuple(rows)

    @abstractmethod
    def identify(self) -> Identity: ...

    def scopes(self) -> Sequence[ScopeKey]:
        return (ScopeKey("-", CLUSTER), *(ScopeKey("-", row.kind) for row in self.rows))

    def collect(self, cancelled: Callable[[], bool]) -> Iterator[Page | ScopeOutcome]:
        self._lists.prepare()
        self._insist()
        identity = self.identify()
        yield from _cluster(identity, self._lists.facts)
        yield from Sweep(self._lists, self.rows, self.workers).run(cancelled)

    def _insist(self) -> None:
        """Stops when nothing at all can be read."""
        facts = self._lists.facts
        failed = facts.groups_failed
        if failed is None:
            return
        if failed.problem == Problem.EXPIRED:
            raise PermanentError(failed.message)
        if facts.version_failed is not None and failed.problem in (Problem.UNREACHABLE, Problem.TIMEOUT):
            raise TransientError(failed.message)


class KubernetesCollector(_Collector):
    """A live cluster. Settings: context, in_cluster; secret: kubeconfig; or an `access` made of something else.

    `page_size` 0: as declared for each kind.
    """

    workers = 3

    def __init__(
        self,
        settings: Mapping[str, Any],
        secret: Mapping[str, Any] | None = None,
        patience: Patience | None = None,
        *,
        page_size: int = 0,
        access: kubeconfig.Access | None = None,
    ) -> None:
        access = access or _access(settings, secret or {})
        self.server = access.server
        self.client = Client(access, patience)
        self._name = access.context or urlsplit(access.server).netloc
        self._identity: Identity | None = None
        self._page_size = page_size
        super().__init__(LiveLists(self.client, page_size))

    def mirrored(self) -> MirroredLists:
        """Lists that leave in a mirror what is collected from now on, so that it can be watched."""
        self._lists = lists = MirroredLists(self.client, Mirror(), self._page_size)
        return lists

    def identify(self) -> Identity:
        """The uid of the namespace kube-system, which lives as long as the cluster does."""
        if self._identity is None:
            self._check_addresses()
            self._identity = Identity(self._uid(), self._name)
        return self._identity

    def _check_addresses(self) -> None:
        """What the kubeconfig names, not the cluster that we run in."""
        access = self.client.access
        if access.token_file:
            return
        if access.proxy:
            check_url(access.proxy, allow_private=True, where="kubeconfig")
        check_url(access.server, allow_private=True, where="kubeconfig", must_resolve=not access.proxy)

    def _uid(self) -> str:
        failure: ReadFailed | None = None
        for name in IDENTIFYING:
            try:
                document = self.client.get(f"/api/v1/namespaces/{quote(name)}", permission="get namespaces")
            except ReadFailed as failed:
                failure = failed
                if failed.problem != Problem.DENIED:
                    break
            except (NotServed, Gone, TooLarge):
                continue
            else:
                uid = text(get(document, "metadata.uid"))
                if uid:
                    return uid
        raise _hopeless(failure)

    def doctor(self) -> Sequence[Check]:
        """Asks for one element of every list that the cluster serves."""
        from integrations.kubernetes.access import examine

        return examine(self.client, self.rows)


def _access(settings: Mapping[str, Any], secret: Mapping[str, Any]) -> kubeconfig.Access:
    if settings.get("in_cluster"):
        return kubeconfig.in_cluster()
    return kubeconfig.parse(str(secret.get("kubeconfig", "")), context=str(settings.get("context", "")))


class SnapshotCollector(_Collector):
    """A folder or archive of list bodies, or of `kubectl get -o json` output."""

    def __init__(self, path: Path, *, name: str = "") -> None:
        self._path, self._name = path, name
        self._snapshot = SnapshotLists(path)
        self._identity: Identity | None = None
        super().__init__(self._snapshot)

    def identify(self) -> Identity:
        if self._identity is None:
            self._snapshot.prepare()
            uid = self._uid()
            self._identity = Identity(uid, self._name or f"cluster {uid[:8]}")
        return self._identity

    def _uid(self) -> str:
        uids: dict[str, str] = {}
        try:
            for page in self._snapshot.pages(BY_KIND["k8s.namespace"]):
                uids |= {text(get(one, "metadata.name")): text(get(one, "metadata.uid")) for one in page.items}
        except ReadFailed:
            pass  # a part of the namespaces may be enough
        for name in IDENTIFYING:
            if uids.get(name):
                return uids[name]
        raise PermanentError(
            "The snapshot does not say which cluster it is of: the namespace kube-system is missing. Add the output of "
            "`kubectl get namespaces -o json` to it."
        )

    def doctor(self) -> Sequence[Check]:
        """Which kinds the snapshot holds."""
        from integrations.kubernetes.access import inspect

        return inspect(self._snapshot, self.rows)


def _hopeless(failed: ReadFailed | None) -> Exception:
    """Nothing can be read: is it worth trying again?"""
    if failed is None:
        return PermanentError("The server answers, but it is not a Kubernetes cluster: it has no namespaces.")
    if failed.problem in (Problem.UNREACHABLE, Problem.TIMEOUT, Problem.SERVER_ERROR, Problem.THROTTLED):
        return TransientError(failed.message)
    return PermanentError(failed.message)


def _cluster(identity: Identity, facts: ClusterFacts) -> Iterator[Page | ScopeOutcome]:
    key = ScopeKey("-", CLUSTER)
    config: Document = {}
    unread: list[Unread] = []
    if facts.version is not None:
        config["serverVersion"] = {
            k: v for k, v in facts.version.items() if k in ("major", "minor", "gitVersion", "platform")
        }
    if facts.groups is not None:
        config["apiGroups"] = sorted(facts.groups)
    failures = [("serverVersion", facts.version_failed), ("apiGroups", facts.groups_failed)]
    unread += [failed.unread(part) for part, failed in failures if failed is not None]
    links: tuple[LinkTo, ...] = ()
    asset = Observed(CLUSTER, identity.external_id, identity.name, "-", config, tuple(unread), links)
    yield Page(key, (asset,))
    failure = facts.version_failed or facts.groups_failed
    yield failure.outcome(key, 3) if failure else ScopeOutcome(key, ScopeState.COMPLETE, calls=3)
