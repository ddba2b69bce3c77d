"""A host is reached from the internet only with an address, a route and an open group; what is unread is unknown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from inventory.documents import LinkTo, ScopeState, ScopeView, Unknown
from inventory.facts.aws_network import instance_exposure, routed_to_internet, service_exposure
from inventory.facts.estate import Edge, Estate, Node

GROUP, SUBNET, ROUTES = "aws.ec2.security_group", "aws.ec2.subnet", "aws.ec2.route_table"
WORLD = {"IpPermissions": [{"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}]}
GATEWAY = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"}
NAT = {"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": "nat-1", "State": "active"}
ADDRESS = {"PublicIpAddress": "203.0.113.5"}
OWN, MAIN, OTHER = {"SubnetId": "subnet-1"}, {"Main": True}, {"SubnetId": "subnet-2"}


def node(kind: str, name: str, config: Mapping[str, Any]) -> Node:
    return Node(kind=kind, external_id=name, name=name, place="here", config=dict(config))


def table(name: str, association: Mapping[str, Any], *routes: Mapping[str, Any]) -> Node:
    return node(ROUTES, name, {"VpcId": "vpc-1", "Associations": [association], "Routes": list(routes)})


def estate(host: Node, *others: Node, read: bool = True) -> Estate:
    """The host stands in group g and subnet s; `read`: whether the route tables were read to the end."""
    links = [
        Edge(host.identity, LinkTo("in_network", GROUP, "g")),
        Edge(host.identity, LinkTo("in_network", SUBNET, "s")),
    ]
    scopes = [ScopeView("here", ROUTES, ScopeState.COMPLETE if read else ScopeState.DENIED)]
    return Estate([host, *others], links, scopes)


OPEN, CLOSED = node(GROUP, "g", WORLD), node(GROUP, "g", {"IpPermissions": []})
PING = {"IpProtocol": "icmp", "FromPort": 8, "ToPort": -1, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
PINGED = node(GROUP, "g", {"IpPermissions": [PING]})
STANDS = node(SUBNET, "s", {"SubnetId": "subnet-1", "VpcId": "vpc-1"})
PUBLIC, PRIVATE = table("public", OWN, GATEWAY), table("private", OWN, NAT)


@pytest.mark.parametrize(
    ("document", "around", "told"),
    [
        (ADDRESS, (OPEN, STANDS, PUBLIC), "internet"),
        ({"NetworkInterfaces": [{"Association": {"PublicIp": "203.0.113.6"}}]}, (OPEN, STANDS, PUBLIC), "internet"),
        ({}, (OPEN, STANDS, PUBLIC), "internal"),
        (ADDRESS, (OPEN, STANDS, PRIVATE), "internal"),
        (ADDRESS, (CLOSED, STANDS, PUBLIC), "internal"),
        (ADDRESS, (PINGED, STANDS, PUBLIC), "internal"),
        (ADDRESS, (CLOSED,), "internal"),
        (ADDRESS, (STANDS, PRIVATE), "internal"),
        (ADDRESS, (STANDS, PUBLIC), None),
        (ADDRESS, (OPEN, PUBLIC), None),
    ],
)
def test_a_host_is_exposed_when_all_three_gates_are_open(
    document: dict[str, Any], around: tuple[Node, ...], told: str | None
) -> None:
    """An unread gate leaves it unknown, unless another one is known to be closed."""
    host = node("aws.ec2.instance", "i", document)
    found = instance_exposure(host, estate(host, *around))
    assert isinstance(found, Unknown) if told is None else found == told


def test_a_service_with_public_addresses_needs_the_same_way_in() -> None:
    network = {"networkConfiguration": {"awsvpcConfiguration": {"assignPublicIp": "ENABLED"}}}
    service = node("aws.ecs.service", "s", network)
    assert service_exposure(service, estate(service, OPEN, STANDS, PUBLIC)) == "internet"
    assert service_exposure(service, estate(service, OPEN, STANDS, PRIVATE)) == "internal"


@pytest.mark.parametrize(
    ("tables", "read", "told"),
    [
        ((table("main", MAIN, GATEWAY),), True, True),
        ((table("main", MAIN, GATEWAY), PRIVATE), True, False),
        ((table("main", MAIN, NAT), PUBLIC), True, True),
        ((table("main", MAIN, NAT), table("other", OTHER, GATEWAY)), True, False),
        ((table("main", MAIN, GATEWAY | {"State": "blackhole"}),), True, False),
        ((PUBLIC,), False, True),
        ((table("main", MAIN, GATEWAY),), False, None),
        ((), True, None),
    ],
)
def test_the_table_of_the_subnet_counts_before_the_main_one(
    tables: tuple[Node, ...], read: bool, told: bool | None
) -> None:
    """While tables are unread the subnet may have one of its own."""
    found = routed_to_internet(STANDS, estate(STANDS, *tables, read=read))
    assert isinstance(found, Unknown) if told is None else found is told
