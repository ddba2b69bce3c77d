"""What of AWS can be reached from the internet."""

from __future__ import annotations

from typing import Any

from inventory.documents import Document, Unknown
from inventory.facts.estate import Estate, Node
from inventory.facts.registry import fact
from inventory.iam.language import open_actions

GROUP, SUBNET, ROUTES = "aws.ec2.security_group", "aws.ec2.subnet", "aws.ec2.route_table"
INSTANCE, SERVICE = "aws.ec2.instance", "aws.ecs.service"
ANYWHERE = frozenset({"0.0.0.0/0", "::/0"})
# SSH and the default ports of notebooks, model servers, dashboards, vector stores and agent builders.
# Protocols over which something can be asked for; a ping cannot.
CONNECTING = frozenset({"-1", "tcp", "udp", "6", "17"})
AI_PORTS = (22, 3000, 4000, 5000, 6333, 7860, 8000, 8001, 8080, 8265, 8501, 8888, 11434, 19530)
ALWAYS_INTERNAL = (
    "aws.sagemaker.endpoint", "aws.sagemaker.notebook_instance", "aws.sagemaker.domain", "aws.bedrock.agent",
    "aws.bedrock.agent_version", "aws.bedrock.agent_alias", "aws.bedrock.knowledge_base", "aws.bedrock.guardrail",
    "aws.sagemaker.model", "aws.sagemaker.training_job", "aws.sagemaker.processing_job", "aws.bedrock.custom_model",
)  # fmt: skip


@fact("open_ports", kinds=("aws.ec2.security_group",), title="Ports open to the whole internet")
def open_ports(node: Node, estate: Estate) -> list[str]:
    """Ranges such as `22`, `8000-8010` or `all`."""
    return sorted({_range(rule) for rule in node.config.get("IpPermissions") or [] if _world(rule)})


@fact("open_ai_ports", kinds=("aws.ec2.security_group",), title="Ports of AI tools open to the whole internet")
def open_ai_ports(node: Node, estate: Estate) -> list[int]:
    """Numbers of the ports that AI tools listen on."""
    world = [rule for rule in node.config.get("IpPermissions") or [] if _world(rule)]
    return [port for port in AI_PORTS if any(_covers(rule, port) for rule in world)]


def _world(rule: dict[str, Any]) -> bool:
    ranges = [r.get("CidrIp") for r in rule.get("IpRanges") or []]
    ranges += [r.get("CidrIpv6") for r in rule.get("Ipv6Ranges") or []]
    return rule.get("IpProtocol") in CONNECTING and bool(ANYWHERE & set(ranges))


def _covers(rule: dict[str, Any], port: int) -> bool:
    if rule.get("IpProtocol") == "-1":
        return True
    return rule.get("IpProtocol") in {"tcp", "6"} and rule.get("FromPort", 1) <= port <= rule.get("ToPort", 0)


def _range(rule: dict[str, Any]) -> str:
    if rule.get("IpProtocol") == "-1" or "FromPort" not in rule:
        return "all"
    first, last = rule["FromPort"], rule.get("ToPort", rule["FromPort"])
    return str(first) if first == last else f"{first}-{last}"


@fact("exposure", kinds=("aws.lambda.function",), title="Where it can be reached from")
def function_exposure(node: Node, estate: Estate) -> str | Unknown:
    """`internet` with a function URL that asks for nothing or a policy open to all; else `internal`."""
    missing = node.unknown("UrlConfig", "Policy")
    if (node.config.get("UrlConfig") or {}).get("AuthType") == "NONE" or open_actions(node.config.get("Policy")):
        return "internet"
    return "internal" if missing is None else missing


@fact("exposure", kinds=(INSTANCE,), looks_at=(GROUP, SUBNET, ROUTES), title="Where it can be reached from")
def instance_exposure(node: Node, estate: Estate) -> str | Unknown:
    """`internet` with a public address, a subnet that routes to an internet gateway, and a group that lets it in."""
    missing = node.unknown("PublicIpAddress", "NetworkInterfaces")
    if missing is not None:
        return missing
    return _reached(node, estate) if _public_address(node.config) else "internal"


def _public_address(instance: Document) -> bool:
    interfaces = instance.get("NetworkInterfaces") or ()
    own = instance.get("PublicIpAddress") or instance.get("Ipv6Address")
    return bool(own) or any(one.get("Ipv6Addresses") or one.get("Association") for one in interfaces)


@fact("exposure", kinds=(SERVICE,), looks_at=(GROUP, SUBNET, ROUTES), title="Where it can be reached from")
def service_exposure(node: Node, estate: Estate) -> str | Unknown:
    """As an instance; behind a load balancer it is not known, because load balancers are not collected."""
    missing = node.unknown("networkConfiguration", "loadBalancers")
    if missing is not None:
        return missing
    network = (node.config.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}
    if network.get("assignPublicIp") == "ENABLED":
        return _reached(node, estate)
    if node.config.get("loadBalancers"):
        return Unknown("It is behind a load balancer, which is not collected")
    return "internal"


def _reached(node: Node, estate: Estate) -> str | Unknown:
    """Of something with a public address: one closed gate is enough, and all must be known to be open."""
    gates = (_through_groups(node, estate), _through_subnets(node, estate))
    if any(gate is False for gate in gates):
        return "internal"
    return next((gate for gate in gates if isinstance(gate, Unknown)), "internet")


def _through_groups(node: Node, estate: Estate) -> bool | Unknown:
    groups = [one for one in estate.out(node, "in_network") if one.kind == GROUP]
    found = [group for group in groups if isinstance(group, Node)]
    if any(_world(rule) for group in found for rule in group.config.get("IpPermissions") or []):
        return True
    return False if len(found) == len(groups) else Unknown("A security group of it was not read")


def _through_subnets(node: Node, estate: Estate) -> bool | Unknown:
    subnets = [one for one in estate.out(node, "in_network") if one.kind == SUBNET]
    routed = [
        routed_to_internet(one, estate) if isinstance(one, Node) else Unknown("A subnet of it was not read")
        for one in subnets
    ] or [Unknown("It names no subnet")]
    if any(one is True for one in routed):
        return True
    return next((one for one in routed if isinstance(one, Unknown)), False)


@fact(
    "routed_to_internet", kinds=(SUBNET,), looks_at=(ROUTES,), title="Its routes lead to the internet", same_place=True
)
def routed_to_internet(node: Node, estate: Estate) -> bool | Unknown:
    """Whether the subnet's own route table, or else the main one of its VPC, has a route to an internet gateway."""
    tables = estate.in_place(ROUTES, node.place)
    mine = next((table for table in tables if _has(table, "SubnetId", node.config.get("SubnetId"))), None)
    if mine is None and not estate.complete(ROUTES, node.place):
        return Unknown("Route tables were not read")
    here = (table for table in tables if table.config.get("VpcId") == node.config.get("VpcId"))
    table = mine or next((table for table in here if _has(table, "Main", True)), None)
    return Unknown("No route table of it was found") if table is None else bool(gateway_routes(table, estate))


def _has(table: Node, member: str, value: object) -> bool:
    return any(one.get(member) == value for one in table.config.get("Associations") or ())


@fact("gateway_routes", kinds=(ROUTES,), title="Destinations that it sends to the internet")
def gateway_routes(node: Node, estate: Estate) -> list[str]:
    """Destinations of working routes to an internet gateway: whence such a subnet is reached, too."""
    routes = [one for one in node.config.get("Routes") or () if one.get("State") == "active"]
    open_ = [one for one in routes if str(one.get("GatewayId", "")).startswith("igw-")]
    return sorted(str(one.get("DestinationCidrBlock") or one.get("DestinationIpv6CidrBlock") or "") for one in open_)


@fact("exposure", kinds=("aws.eks.cluster",), title="Where its API server can be reached from")
def cluster_exposure(node: Node, estate: Estate) -> str | Unknown:
    """`internet` when the public endpoint takes every address."""
    missing = node.unknown("cluster")
    if missing is not None:
        return missing
    network = (node.config.get("cluster") or {}).get("resourcesVpcConfig") or {}
    open_to_all = network.get("endpointPublicAccess") and ANYWHERE & set(network.get("publicAccessCidrs") or ANYWHERE)
    return "internet" if open_to_all else "internal"


@fact("exposure", kinds=ALWAYS_INTERNAL, title="Where it can be reached from")
def signed_exposure(node: Node, estate: Estate) -> str:
    """AWS answers only signed requests for these."""
    return "internal"


@fact("exposure", kinds=("aws.s3.bucket",), looks_at=("aws.s3.account",), title="Where it can be reached from")
def bucket_exposure(node: Node, estate: Estate) -> str | Unknown:
    """`internet` when anybody may do something with it."""
    from inventory.facts.aws_policies import anyone_may

    actions = anyone_may(node, estate)
    return actions if isinstance(actions, Unknown) else "internet" if actions else "internal"
