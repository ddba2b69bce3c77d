"""Who reaches a pod: services, routes, policies."""

from __future__ import annotations

import pytest

from inventory.documents import Unknown
from inventory.facts.estate import Node
from inventory.facts.k8s_network import pool_selects
from tests.inventory.facts_k8s.cluster import Json, estate, policy, service, thing, value, workload

INTERNAL_ELB = {"service.beta.kubernetes.io/aws-load-balancer-scheme": "internal"}


def ingress(**more: Json) -> Node:
    return thing("k8s.ingress", "web", {"metadata": {"annotations": more.get("annotations", {})}, "spec": more})


@pytest.mark.parametrize(
    ("spec", "annotations", "expected"),
    [
        ({"type": "ClusterIP"}, {}, "internal"),
        ({"type": "NodePort"}, {}, "internet"),
        ({"type": "LoadBalancer"}, {}, "internet"),
        ({"type": "LoadBalancer"}, INTERNAL_ELB, "internal"),
        ({"type": "LoadBalancer", "loadBalancerSourceRanges": ["10.0.0.0/8"]}, {}, "internal"),
        ({"type": "LoadBalancer", "loadBalancerSourceRanges": ["10.0.0.0/8", "0.0.0.0/0"]}, {}, "internet"),
        ({"type": "ClusterIP", "externalIPs": ["203.0.113.7"]}, {}, "internet"),
    ],
)
def test_a_service_is_exposed_by_its_type_and_annotations(spec: Json, annotations: Json, expected: str) -> None:
    node = thing("k8s.service", "app", {"metadata": {"annotations": annotations}, "spec": spec})
    assert value("exposure", node) == expected


@pytest.mark.parametrize(
    ("config", "internet", "authenticated"),
    [
        ({"ingressClassName": "nginx"}, True, False),
        ({"ingressClassName": "nginx-internal"}, False, False),
        ({"ingressClassName": "alb"}, False, False),
        ({"annotations": {"alb.ingress.kubernetes.io/scheme": "internet-facing"}}, True, False),
        ({"annotations": {"nginx.ingress.kubernetes.io/auth-url": "https://login"}}, True, True),
        ({"annotations": {"konghq.com/plugins": "rate-limit,key-auth"}}, True, True),
    ],
)
def test_a_route_leads_to_the_pods_behind_its_service(config: Json, internet: bool, authenticated: bool) -> None:
    app, svc, route = workload(), service(), ingress(**config)
    around = estate(app, svc, route, links=[(route, "routes_to", svc)])
    ways = value("routes", app, around)
    assert [(way["internet"], way["authenticated"]) for way in ways] == [(internet, authenticated)]
    assert value("exposure", app, around) == ("internet" if internet else "internal")


def test_a_gateway_route_is_as_public_as_its_gateway() -> None:
    app, svc = workload(), service()
    route = thing("k8s.http_route", "r", {"spec": {}})
    listeners = [{"protocol": "HTTPS"}]
    public = thing("k8s.gateway", "g", {"spec": {"gatewayClassName": "eg", "listeners": listeners}})
    private = thing("k8s.gateway", "g", {"spec": {"gatewayClassName": "gke-l7-rilb-internal", "listeners": listeners}})
    for gateway, expected in ((public, "internet"), (private, "internal")):
        links = [(route, "routes_to", svc), (route, "part_of", gateway)]
        around = estate(app, svc, route, gateway, links=links)
        assert value("exposure", app, around) == expected
        assert value("routes", app, around)[0]["tls"] is True


def test_a_port_of_the_node_counts_where_a_node_is_public() -> None:
    app = workload("app", {"name": "a", "ports": [{"containerPort": 8000}]}, hostNetwork=True)
    public = thing("k8s.node", "n", {"status": {"addresses": [{"type": "ExternalIP"}]}}, namespace="")
    assert value("exposure", app, estate(app)) == "internal"
    assert value("exposure", app, estate(app, public)) == "internet"


@pytest.mark.parametrize("kind", ["k8s.service", "k8s.ingress", "k8s.http_route"])
def test_exposure_is_unknown_when_a_way_in_may_have_been_missed(kind: str) -> None:
    app, svc = workload(), service()
    assert isinstance(value("exposure", app, estate(app, svc, unread=[kind])), Unknown)


def test_a_public_service_stays_public_when_routes_are_unread() -> None:
    app, svc = workload(), service(type="LoadBalancer")
    assert value("exposure", app, estate(app, svc, unread=["k8s.ingress"])) == "internet"


IN_APP = {"key": "app", "operator": "In", "values": ["app"]}
PEER = {"podSelector": {"matchLabels": {"app": "gateway"}}}


@pytest.mark.parametrize(
    ("specs", "ingress_is", "egress_is"),
    [
        ([], "none", "none"),
        ([{"policyTypes": ["Ingress", "Egress"]}], "deny", "deny"),
        ([{"ingress": [{"from": [PEER]}]}], "peers", "none"),
        ([{"ingress": [{}]}], "open", "none"),
        ([{"ingress": [{"from": [{"namespaceSelector": {}}]}]}], "cluster", "none"),
        ([{"ingress": [{"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}]}], "open", "none"),
        ([{"policyTypes": ["Ingress"]}, {"ingress": [{"from": [PEER]}]}], "peers", "none"),
        ([{"ingress": [{"from": [PEER]}]}, {"ingress": [{}]}], "open", "none"),
        ([{"policyTypes": ["Egress"], "egress": [{"to": [PEER]}]}], "none", "peers"),
        ([{"podSelector": {"matchLabels": {"app": "other"}}, "ingress": [{"from": [PEER]}]}], "none", "none"),
        (
            [{"podSelector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["app"]}]}}],
            "deny",
            "none",
        ),
    ],
)
def test_policies_together_let_in_as_much_as_the_most_open_one(
    specs: list[Json], ingress_is: str, egress_is: str
) -> None:
    app = workload()
    around = estate(app, *(policy(f"p{i}", **spec) for i, spec in enumerate(specs)))
    found = value("network_policy", app, around)
    assert (found["ingress"], found["egress"]) == (ingress_is, egress_is)


@pytest.mark.parametrize(
    ("rule", "blocked"),
    [
        ({"to": [PEER]}, True),
        ({}, False),
        ({"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}, False),
        ({"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.169.254/32"]}}]}, True),
        ({"to": [{"ipBlock": {"cidr": "169.254.0.0/16"}}]}, False),
        ({"to": [{"ipBlock": {"cidr": "fd00::/8"}}]}, True),
        ({"to": [{"ipBlock": {"cidr": "nonsense"}}]}, True),
    ],
)
def test_the_metadata_service_is_blocked_only_by_an_egress_policy_that_leaves_it_out(rule: Json, blocked: bool) -> None:
    app = workload()
    around = estate(app, policy("p", policyTypes=["Egress"], egress=[rule]))
    assert value("network_policy", app, around)["metadata_blocked"] is blocked


def test_no_policy_holds_on_the_host_network() -> None:
    app = workload("app", hostNetwork=True)
    around = estate(app, policy("p", policyTypes=["Ingress", "Egress"]))
    assert value("network_policy", app, around)["ingress"] == "none"


def test_coverage_is_unknown_when_policies_are_unread() -> None:
    app = workload()
    assert isinstance(value("network_policy", app, estate(app, unread=["k8s.network_policy"])), Unknown)


def test_a_cilium_policy_counts_like_a_network_policy() -> None:
    app = workload()
    spec = {"endpointSelector": {"matchLabels": {"k8s:app": "app"}}, "ingress": [{"fromEndpoints": [{}]}]}
    cilium = thing("k8s.cilium.cilium_network_policy", "c", {"spec": spec})
    assert value("network_policy", app, estate(app, cilium))["ingress"] == "peers"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ({}, "internal"),
        ({"serviceType": "LoadBalancer"}, "internet"),
        ({"headService": {"spec": {"type": "NodePort"}}}, "internet"),
        ({"enableIngress": True}, "internet"),
    ],
)
def test_a_ray_cluster_is_exposed_by_what_its_operator_is_told(head: Json, expected: str) -> None:
    template = {"spec": {"containers": [{"image": "rayproject/ray:2.9.0"}]}}
    cluster = thing("k8s.ray.ray_cluster", "r", {"spec": {"headGroupSpec": {"template": template, **head}}})
    assert value("exposure", cluster) == expected


def test_a_route_to_a_pool_of_model_servers_leads_to_their_pods() -> None:
    app = workload()
    pool = thing("k8s.inference.inference_pool", "own", {"spec": {"selector": {"matchLabels": {"app": "app"}}}})
    route = thing("k8s.http_route", "r", {"spec": {}})
    gateway = thing("k8s.gateway", "g", {"spec": {"gatewayClassName": "eg", "listeners": [{"protocol": "HTTPS"}]}})
    links = [(route, "routes_to", pool), (route, "part_of", gateway), (pool, "selects", app)]
    around = estate(app, pool, route, gateway, links=links)
    assert value("exposure", app, around) == "internet"
    assert value("exposure", app, estate(app, pool, links=links[2:])) == "internal"


@pytest.mark.parametrize("selector", [{"matchLabels": {"app": "app"}}, {"app": "app"}])
def test_a_pool_selects_by_labels_in_both_of_its_versions(selector: Json) -> None:
    pool, app = thing("k8s.inference.inference_pool", "own", {"spec": {"selector": selector}}), workload()
    around = estate(pool, app, workload("other"))
    assert [to.ref for to in pool_selects(pool, around)] == ["ml/app"]
