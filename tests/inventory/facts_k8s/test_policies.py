"""What network policies of all kinds let through, and whether anything enforces them."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.documents import Unknown
from inventory.facts.k8s_foreign_policies import _matches
from tests.inventory.facts_k8s.cluster import Json, estate, policy, thing, value, workload

FLANNEL = "ghcr.io/flannel-io/flannel:v0.27.4"
OTHERS = {"matchLabels": {"app": "gateway"}}


def cilium(**spec: Any) -> Any:
    return thing("k8s.cilium.cilium_network_policy", "c", {"spec": {"endpointSelector": {}, **spec}})


def calico(**spec: Any) -> Any:
    return thing("k8s.crd.network_policy", "c", {"spec": spec})


def admin(**spec: Any) -> Any:
    return thing(
        "k8s.policy.admin_network_policy", "a", {"spec": {"subject": {"namespaces": {}}, **spec}}, namespace=""
    )


def found(*policies: Any, **how: Any) -> Any:
    app = workload()
    return value("network_policy", app, estate(app, *policies, **how))


@pytest.mark.parametrize(
    ("rules", "ingress_is", "egress_is"),
    [
        ({"ingress": [{}]}, "deny", "none"),
        ({"ingress": [{"fromEndpoints": [OTHERS]}]}, "peers", "none"),
        ({"ingress": [{"fromEntities": ["cluster"]}]}, "cluster", "none"),
        ({"ingress": [{"toPorts": [{"ports": [{"port": "80"}]}]}]}, "open", "none"),
        ({"egress": [{"toEntities": ["world"]}]}, "none", "open"),
        ({"egress": [{"toCIDR": ["0.0.0.0/0"]}]}, "none", "open"),
        ({"egress": [{"toCIDRSet": [{"cidr": "10.0.0.0/8"}]}]}, "none", "peers"),
        ({"egress": [{"toFQDNs": [{"matchName": "api.openai.com"}]}]}, "none", "peers"),
        ({"egress": [{"toEntities": ["world"]}], "enableDefaultDeny": {"egress": False}}, "none", "none"),
    ],
)
def test_a_policy_of_cilium_is_read(rules: Json, ingress_is: str, egress_is: str) -> None:
    answer = found(cilium(**rules))
    assert (answer["ingress"], answer["egress"]) == (ingress_is, egress_is)


@pytest.mark.parametrize(
    ("selector", "applies"),
    [
        ({"matchLabels": {"k8s:app": "app"}}, True),
        ({"matchLabels": {"k8s:io.kubernetes.pod.namespace": "ml"}}, True),
        ({"matchLabels": {"k8s:io.kubernetes.pod.namespace": "web"}}, False),
        ({"matchExpressions": [{"key": "any:app", "operator": "In", "values": ["app"]}]}, True),
        ({"matchExpressions": [{"key": "any:app", "operator": "NotIn", "values": ["app"]}]}, False),
        ({"matchLabels": {"k8s:io.cilium.k8s.policy.serviceaccount": "default"}}, True),
    ],
)
def test_a_clusterwide_policy_of_cilium_selects_by_its_own_labels(selector: Json, applies: bool) -> None:
    spec = {"endpointSelector": selector, "ingress": [{}]}
    wide = thing("k8s.cilium.cilium_clusterwide_network_policy", "w", {"spec": spec}, namespace="")
    assert found(wide)["ingress"] == ("deny" if applies else "none")


@pytest.mark.parametrize(
    ("spec", "ingress_is", "egress_is"),
    [
        ({"types": ["Ingress", "Egress"]}, "deny", "deny"),
        ({"ingress": [{"action": "Allow"}]}, "open", "none"),
        ({"ingress": [{"action": "Allow", "source": {"selector": "app == 'gateway'"}}]}, "peers", "none"),
        ({"ingress": [{"action": "Allow", "source": {"namespaceSelector": "all()"}}]}, "cluster", "none"),
        ({"egress": [{"action": "Allow", "destination": {"nets": ["0.0.0.0/0"]}}]}, "none", "open"),
        ({"egress": [{"action": "Allow", "destination": {"nets": ["10.0.0.0/8"]}}]}, "none", "peers"),
        ({"selector": "app == 'other'", "types": ["Ingress"]}, "none", "none"),
    ],
)
def test_a_policy_of_calico_is_read(spec: Json, ingress_is: str, egress_is: str) -> None:
    answer = found(calico(**spec))
    assert (answer["ingress"], answer["egress"]) == (ingress_is, egress_is)


@pytest.mark.parametrize(
    ("selector", "holds"),
    [
        ("", True),
        ("all()", True),
        ("app == 'chat'", True),
        ('app != "chat"', False),
        ("has(app) && !has(tier)", True),
        ("app in {'chat', 'search'}", True),
        ("app not in {'chat'}", False),
        ("app == 'chat' || app == 'x'", None),
        ("!(app == 'chat')", None),
    ],
)
def test_an_expression_of_calico_is_worked_out_or_left_open(selector: str, holds: bool | None) -> None:
    assert _matches(selector, {"app": "chat"}) is holds


@pytest.mark.parametrize(
    "doubtful",
    [
        calico(selector="app == 'app' || app == 'x'", types=["Ingress"]),
        calico(ingress=[{"action": "Deny", "source": {"nets": ["10.0.0.0/8"]}}, {"action": "Allow"}]),
        cilium(ingress=[{"fromEntities": ["all"]}], ingressDeny=[{"fromEndpoints": [OTHERS]}]),
        admin(ingress=[{"action": "Deny", "from": [{"namespaces": {}}]}]),
    ],
)
def test_what_a_rule_takes_away_leaves_a_doubt(doubtful: Any) -> None:
    assert isinstance(found(doubtful), Unknown)


def test_what_an_administrator_allows_leaves_a_doubt_where_others_deny() -> None:
    allows = admin(ingress=[{"action": "Allow", "from": [{"namespaces": {}}]}])
    assert isinstance(found(allows, policy("p", policyTypes=["Ingress"])), Unknown)
    assert found(allows)["ingress"] == "none"


def test_a_deny_beside_a_closed_policy_changes_nothing() -> None:
    denies = admin(ingress=[{"action": "Deny", "from": [{"namespaces": {}}]}])
    assert found(denies, policy("p", policyTypes=["Ingress"]))["ingress"] == "deny"


@pytest.mark.parametrize(
    ("image", "args", "expected"),
    [
        ("quay.io/cilium/cilium:v1.18.2", [], "Cilium"),
        ("docker.io/calico/node:v3.31.0", [], "Calico"),
        (FLANNEL, [], ""),
        ("602401143452.dkr.ecr.us-east-1.amazonaws.com/amazon-k8s-cni:v1.20.0", [], ""),
        ("602401143452.dkr.ecr.us-east-1.amazonaws.com/amazon/aws-network-policy-agent:v1.2.0",
         ["--enable-network-policy=true"], "the AWS network policy agent"),
        ("registry.corp.example/net/agent:1", [], None),
    ],
)  # fmt: skip
def test_the_network_plugin_says_whether_policies_count(image: str, args: list[str], expected: str | None) -> None:
    cluster = thing("k8s.cluster", "c", {}, namespace="")
    agent = workload("agent", {"image": image, "args": args}, kind="k8s.daemon_set")
    answer = value("policy_enforcement", cluster, estate(cluster, agent, network=""))
    assert isinstance(answer, Unknown) if expected is None else answer == expected


def test_a_policy_that_nothing_enforces_protects_nothing() -> None:
    closed = policy("p", policyTypes=["Ingress", "Egress"])
    assert found(closed, network=FLANNEL)["ingress"] == "none"
    assert isinstance(found(closed, network="registry.corp.example/net/agent:1"), Unknown)
    assert found(network="registry.corp.example/net/agent:1")["ingress"] == "none"


@pytest.mark.parametrize("kind", ["k8s.network_policy", "k8s.daemon_set"])
def test_network_policies_are_unknown_when_their_parts_were_not_read(kind: str) -> None:
    assert isinstance(found(policy("p", policyTypes=["Ingress"]), unread=[kind]), Unknown)
