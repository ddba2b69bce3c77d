"""Attack paths of a cluster: from AI that the internet uses without a login, over its pod, to what it leads to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from hashlib import blake2b
from typing import Any

from inventory.documents import Unknown
from inventory.facts.estate import Estate, Node
from inventory.facts.k8s_access import RBAC, token_mounted, workload_permissions
from inventory.facts.k8s_authentication import authentication, loopback_only
from inventory.facts.k8s_cloud import AWS, cloud_identity
from inventory.facts.k8s_exposure import GATEWAYS, ROUTES, workload_routes
from inventory.facts.k8s_network import POOL, pod_spec_flags
from inventory.facts.k8s_pod import WORKLOADS, kind_and_name
from inventory.facts.k8s_security import ways_to_the_node
from inventory.facts.paths.graph import CRITICAL, HIGH, OUTSIDE, Change, Path, Place, Step, Ways, best_cuts
from inventory.facts.registry import FactFunction, fact
from inventory.kinds import expand
from inventory.recognition.workloads import text

ACCOUNT, CLUSTER, NAMESPACE = "k8s.service_account", "k8s.cluster", "k8s.namespace"
LOOKS_AT = (*WORKLOADS, *RBAC, "k8s.service", *ROUTES, *GATEWAYS, POOL, "k8s.node", ACCOUNT, "k8s.config_map", CLUSTER)


class Goal(StrEnum):
    """What is won at the end of a path."""

    CONTROL = "control"
    KEYS = "keys"
    CLOUD = "cloud"


TITLES = {
    Goal.CONTROL: "Path to control of the cluster or a node",
    Goal.KEYS: "Path to the Secrets of a namespace or the cluster",
    Goal.CLOUD: "Path to an identity in a cloud account",
}
WEIGHTS = {Goal.CONTROL: CRITICAL, Goal.KEYS: HIGH, Goal.CLOUD: HIGH}


def _declared(goal: Goal) -> FactFunction:
    def path_to(node: Node, estate: Estate) -> dict[str, Any] | Unknown | None:
        return _path_to(node, goal, estate)

    return fact(f"path_to_{goal}", kinds=WORKLOADS, looks_at=LOOKS_AT, title=TITLES[goal])(path_to)


def _path_to(node: Node, goal: Goal, estate: Estate) -> dict[str, Any] | Unknown | None:
    """{hops, fix, fix_key, more, more_number, unread}; nothing without a path; {covered} by control of the cluster."""
    entry = _entry(node, estate)
    if entry is None or isinstance(entry, Unknown):
        return entry
    ways = _all_paths(estate)[entry]
    if goal is Goal.KEYS and Goal.CONTROL in ways:
        return {"covered": True}
    if goal in ways:
        return _told(ways[goal], _cuts(estate)[ways[goal]], estate)
    possible = _ways(estate, undecided=True).paths(entry).get(goal)
    return Unknown(next(step.because for step in possible.steps if step.because)) if possible else None


def _entry(node: Node, estate: Estate) -> Step | Unknown | None:
    return estate.once(f"path entry {node.kind} {node.external_id}", lambda: _entered(node, estate))


def _entered(node: Node, estate: Estate) -> Step | Unknown | None:
    """The step from the internet into a workload that asks nobody for a login."""
    asks = authentication(node, estate) if node.ai_role not in ("", "accelerator") else None
    if asks is None or (not isinstance(asks, Unknown) and asks["required"] is not False) or loopback_only(node, estate):
        return None
    ways = workload_routes(node, estate)
    if isinstance(ways, Unknown):
        return ways
    found = [way["via"] for way in ways if way["internet"] and not way["authenticated"]]
    if not found or isinstance(asks, Unknown):
        return asks if found and isinstance(asks, Unknown) else None
    words = f"Ask callers of {node.name} for a login, or close the way in"
    change = Change(f"enter {node.kind} {node.external_id}", words)
    return Step(OUTSIDE, _place(node), "is used by anybody", change, f"{found[0]}: {asks['how']}")


def _place(node: Node) -> Place:
    return Place(node.kind, node.external_id)


def _steps(place: Place, estate: Estate) -> Sequence[Step]:
    """What somebody in a pod, or with the token of its account, can go on to."""
    key = f"path steps {place.kind} {place.ref} {place.power}"
    return estate.once(key, lambda: list(_go_on(place, estate)))


def _go_on(place: Place, estate: Estate) -> Iterator[Step]:
    if place.kind == ACCOUNT:
        kind, _, ref = place.power.partition(" ")
        holder = estate.get(kind, ref)
        yield from _by_rights(place, holder, estate) if holder is not None else ()
        return
    node = estate.get(place.kind, place.ref) if place.kind.startswith("k8s.") else None
    if node is not None and place.kind in expand(*WORKLOADS):
        yield from _by_token(place, node, estate)
        yield from _onto_the_node(place, node, estate)
        yield from _into_the_cloud(place, node, estate)


def _by_token(place: Place, node: Node, estate: Estate) -> Iterator[Step]:
    mounted = token_mounted(node, estate)
    if mounted is not False:
        name = text(pod_spec_flags(node).get("serviceAccountName")) or "default"
        end = Place(ACCOUNT, f"{node.place}/{name}", f"{node.kind} {node.external_id}")
        change = Change(f"token {node.kind} {node.external_id}", f"Mount no token of its account in {node.name}")
        because = mounted.reason if isinstance(mounted, Unknown) else ""
        yield Step(place, end, "holds the token of", change, "its token is mounted", because=because)


def _by_rights(place: Place, holder: Node, estate: Estate) -> Iterator[Step]:
    rights = workload_permissions(holder, estate)
    account = place.ref
    change = Change(f"rights {account}", f"Let account {account} do only what its work needs")
    cluster = _cluster(estate)
    if isinstance(rights, Unknown):
        for end, goal in ((cluster, Goal.CONTROL), (Place(NAMESPACE, holder.place), Goal.KEYS)):
            yield Step(place, end, "may govern", change, goal=goal, because=rights.reason)
        return
    through = ", ".join(rights["through"][:3])
    if rights["cluster_admin"] or rights["escalates"]:
        how = "may do anything in" if rights["cluster_admin"] else f"can {rights['escalations'][0]} in"
        yield Step(place, cluster, how, change, f"{account}: {through}", goal=Goal.CONTROL)
    if rights["reads_secrets"]:
        end = Place(NAMESPACE, holder.place)
        yield Step(place, end, "reads the Secrets of", change, f"{account}: {through}", goal=Goal.KEYS)


def _onto_the_node(place: Place, node: Node, estate: Estate) -> Iterator[Step]:
    ways = ways_to_the_node(node)
    if ways:
        change = Change(f"node {node.kind} {node.external_id}", f"Take from {node.name} what leads onto its node")
        yield Step(place, _cluster(estate), "gets out onto a node of", change, ", ".join(ways[:3]), goal=Goal.CONTROL)


def _into_the_cloud(place: Place, node: Node, estate: Estate) -> Iterator[Step]:
    identity = cloud_identity(node, estate)
    if isinstance(identity, Unknown):
        change = Change(f"cloud of {node.kind} {node.external_id}", f"Give {node.name} no identity of a cloud")
        end = Place("", "cloud identity")
        yield Step(place, end, "may act with", change, goal=Goal.CLOUD, because=identity.reason)
    if isinstance(identity, Unknown) or not identity["provider"]:
        return
    kind = "aws.iam.role" if identity["provider"] == AWS else ""
    change = Change(f"cloud {identity['name']}", f"Let {identity['name']} do only what {node.name} needs")
    end = Place(kind, identity["name"])
    yield Step(place, end, "gets the credentials of", change, "its service account names it", goal=Goal.CLOUD)


def _cluster(estate: Estate) -> Place:
    return next((_place(node) for node in estate.all(CLUSTER)), Place(CLUSTER, "cluster"))


def _ways(estate: Estate, *, undecided: bool = False) -> Ways:
    def build() -> Ways:
        return Ways(_entries(estate), lambda place: _steps(place, estate), undecided=undecided)

    return estate.once(f"cluster ways {undecided}", build)


def _entries(estate: Estate) -> list[Step]:
    found = (_entry(node, estate) for node in estate.all(*WORKLOADS))
    return [one for one in found if isinstance(one, Step)]


def _all_paths(estate: Estate) -> Mapping[Step, Mapping[str, Path]]:
    return estate.once("cluster paths", lambda: {one: _ways(estate).paths(one) for one in _entries(estate)})


def _cuts(estate: Estate) -> Mapping[Path, Change]:
    def build() -> Mapping[Path, Change]:
        found = [path for by_goal in _all_paths(estate).values() for path in by_goal.values()]
        return best_cuts(found, _ways(estate), lambda path: WEIGHTS[Goal(path.goal)])

    return estate.once("cluster path cuts", build)


def _told(path: Path, cut: Change, estate: Estate) -> dict[str, Any]:
    return {
        "hops": [
            {
                "kind": step.end.kind,
                "ref": step.end.ref,
                "name": _name(step.end, estate),
                "how": step.how,
                "evidence": step.evidence,
                "cut": step.change.key == cut.key,
            }
            for step in path.steps
        ],
        "fix": cut.words,
        "fix_key": f"path-{blake2b(f'{_cluster(estate).ref} {cut.key}'.encode(), digest_size=8).hexdigest()}",
        "more": [_name(place, estate) for place in path.more],
        "more_number": len(path.more),
        "unread": "",
    }


def _name(place: Place, estate: Estate) -> str:
    node = estate.get(place.kind, place.ref) if place.kind.startswith("k8s.") else None
    if node is None or node.kind == CLUSTER:
        return node.name if node is not None else place.ref.rpartition("/")[2]
    return kind_and_name(node)


FACTS = {goal: _declared(goal) for goal in Goal}
