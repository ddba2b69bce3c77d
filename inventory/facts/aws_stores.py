"""Stores of vectors and AI services that search: who reaches them, by which rule that stands elsewhere."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any, TypeVar

from inventory.documents import Unknown
from inventory.facts.aws_controls import MEMBERSHIP, organization_of, strangers
from inventory.facts.aws_policies import anyone_may
from inventory.facts.estate import Dangling, Estate, Node
from inventory.facts.registry import fact
from inventory.iam.language import accounts_of, open_actions, outside_grants

COLLECTION, NETWORK, ACCESS = "aws.aoss.collection", "aws.aoss.network_policy", "aws.aoss.access_policy"
T = TypeVar("T")
WIDE = frozenset({"aoss:*", "*"})
WRITING = frozenset({"aoss:WriteDocument", "aoss:DeleteIndex"})
CONTENT = WRITING | {"aoss:ReadDocument"}


@fact("open_network", kinds=(COLLECTION,), looks_at=(NETWORK,), title="Reachable from the internet", same_place=True)
def open_network(node: Node, estate: Estate) -> bool | Unknown:
    """Whether a network policy that matches the collection lets the public network in."""
    for policy in estate.in_place(NETWORK, node.place):
        missing = policy.unknown("securityPolicyDetail")
        if missing is not None:
            return missing
        for part in _parts(policy.config.get("securityPolicyDetail")):
            if part.get("AllowFromPublic") and _matches(part, node):
                return True
    return _all_read(estate, NETWORK, node, False)


@fact("wide_principals", kinds=(COLLECTION,), looks_at=(ACCESS,), title="Who may use all of it", same_place=True)
def wide_principals(node: Node, estate: Estate) -> list[str] | Unknown:
    """Account roots and wildcards that data policies give everything, or the content of every index."""
    return _principals(node, estate, CONTENT)


def writing_principals(node: Node, estate: Estate) -> list[str] | Unknown:
    """Of these, the ones that may change it."""
    return _principals(node, estate, WRITING)


def _principals(node: Node, estate: Estate, permissions: frozenset[str]) -> list[str] | Unknown:
    found: set[str] = set()
    for policy in estate.in_place(ACCESS, node.place):
        missing = policy.unknown("accessPolicyDetail")
        if missing is not None:
            return missing
        for part in _parts(policy.config.get("accessPolicyDetail")):
            if any(_gives(rule, permissions) for rule in _rules(part, node)):
                found |= {one for one in part.get("Principal") or () if one.endswith(":root") or "*" in one}
    return _all_read(estate, ACCESS, node, sorted(found))


def _gives(rule: dict[str, Any], permissions: frozenset[str]) -> bool:
    """Everything, or one of these in every index of the collections that it names."""
    given = set(rule.get("Permission") or ())
    every = any(str(one).rpartition("/")[2] == "*" for one in rule.get("Resource") or ())
    return bool(WIDE & given) or (rule.get("ResourceType") == "index" and every and bool(permissions & given))


def _all_read(estate: Estate, kind: str, node: Node, value: T) -> T | Unknown:
    complete = value or estate.complete(kind, node.place)
    return value if complete else Unknown("The collection's policies were not read")


def _parts(detail: Any) -> list[dict[str, Any]]:
    document = (detail or {}).get("policy")
    return [part for part in (document if isinstance(document, list) else [document]) if isinstance(part, dict)]


def _rules(part: dict[str, Any], node: Node) -> list[dict[str, Any]]:
    """Rules about the collection or its indexes; not about its dashboards."""
    name = str(node.config.get("name", node.name))
    found = []
    for rule in part.get("Rules") or ():
        if rule.get("ResourceType") not in ("collection", "index"):
            continue
        patterns = [str(one).split("/")[1] for one in rule.get("Resource") or () if "/" in str(one)]
        if any(fnmatchcase(name, pattern) for pattern in patterns):
            found.append(rule)
    return found


def _matches(part: dict[str, Any], node: Node) -> bool:
    return bool(_rules(part, node))


@fact("exposure", kinds=(COLLECTION,), looks_at=(NETWORK,), title="Where it can be reached from")
def collection_exposure(node: Node, estate: Estate) -> str | Unknown:
    """By its network policies."""
    return _reach(open_network(node, estate))


@fact("exposure", kinds=("aws.neptune.graph",), title="Where it can be reached from")
def graph_exposure(node: Node, estate: Estate) -> str | Unknown:
    """By its public connectivity."""
    missing = node.unknown("publicConnectivity")
    return _reach(bool(node.config.get("publicConnectivity")) if missing is None else missing)


@fact("exposure", kinds=("aws.opensearch.domain",), title="Where it can be reached from")
def domain_exposure(node: Node, estate: Estate) -> str | Unknown:
    """`internet` outside a VPC with a policy that anybody meets."""
    missing = node.unknown("VPCOptions")
    if missing is not None:
        return missing
    if (node.config.get("VPCOptions") or {}).get("VPCId"):
        return "internal"
    actions = anyone_may(node, estate)
    return actions if isinstance(actions, Unknown) else _reach(bool(actions))


@fact("exposure", kinds=("aws.qbusiness.application",), title="Where it can be reached from")
def application_exposure(node: Node, estate: Estate) -> str | Unknown:
    """`internet` when it answers people who do not sign in."""
    missing = node.unknown("identityType")
    return _reach(node.config.get("identityType") == "ANONYMOUS" if missing is None else missing)


@fact(
    "public_instances",
    kinds=("aws.rds.cluster",),
    looks_at=("aws.rds.instance",),
    title="Members with a public address",
)
def public_instances(node: Node, estate: Estate) -> list[str] | Unknown:
    """Names of the cluster's instances that are publicly accessible."""
    members = estate.out(node, "runs_on")
    found = sorted(one.name for one in members if isinstance(one, Node) and one.config.get("PubliclyAccessible"))
    unread = any(isinstance(one, Dangling) and not one.complete for one in members)
    return Unknown("The cluster's instances were not read") if unread and not found else found


@fact("exposure", kinds=("aws.rds.cluster",), looks_at=("aws.rds.instance",), title="Where it can be reached from")
def cluster_exposure(node: Node, estate: Estate) -> str | Unknown:
    """`internet` when an instance has a public address."""
    found = public_instances(node, estate)
    return found if isinstance(found, Unknown) else _reach(bool(found))


def _reach(public: bool | Unknown) -> str | Unknown:
    return public if isinstance(public, Unknown) else "internet" if public else "internal"


@fact("shared_with", kinds=("aws.rekognition.project",), looks_at=MEMBERSHIP, title="Outsiders who may copy its models")
def shared_with(node: Node, estate: Estate) -> list[str] | Unknown:
    """Accounts outside the organization, or `*`, by the project's policies."""
    missing = node.unknown("ProjectPolicies")
    if missing is not None:
        return missing
    own = organization_of(estate)
    everybody: set[str] = set()
    named: set[str] = set()
    for policy in node.config.get("ProjectPolicies") or ():
        document = policy.get("PolicyDocument")
        everybody |= {"*"} if open_actions(document) else set()
        named |= {grant["account"] for grant in outside_grants(document, estate.account, own)}
    outside = strangers(named, estate)
    return outside if isinstance(outside, Unknown) else sorted(everybody | outside)


@fact(
    "outsider",
    kinds=("aws.qbusiness.data_accessor",),
    looks_at=MEMBERSHIP,
    title="The other account that searches the index",
)
def outsider(node: Node, estate: Estate) -> str | Unknown:
    """Its account number; empty when the accessor is of the own account, or of the organization."""
    missing = node.unknown("principal")
    if missing is not None:
        return missing
    outside = strangers(accounts_of([str(node.config.get("principal", ""))]), estate)
    return outside if isinstance(outside, Unknown) else min(outside, default="")
