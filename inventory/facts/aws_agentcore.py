"""Bedrock AgentCore: whether tools are checked, where agents reach out, and whether anybody would notice."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from inventory.documents import Unknown
from inventory.facts.estate import Dangling, Estate, Node
from inventory.facts.registry import fact

RUNTIME, GATEWAY, TARGET = "aws.agentcore.runtime", "aws.agentcore.gateway", "aws.agentcore.gateway_target"
REGISTRY, RECORD = "aws.agentcore.registry", "aws.agentcore.registry_record"
ENGINE, POLICY = "aws.agentcore.policy_engine", "aws.agentcore.policy"
IN_NETWORK = (RUNTIME, "aws.agentcore.browser", "aws.agentcore.code_interpreter")
ENDPOINTS = ("aws.ec2.vpc_endpoint", "aws.ec2.security_group")


@fact("exposure", kinds=(GATEWAY,), title="Where it can be reached from")
def gateway_exposure(node: Node, estate: Estate) -> str | Unknown:
    """`internet` when it asks nobody who they are; else only signed or tokened requests are answered."""
    missing = node.unknown("authorizerType")
    if missing is not None:
        return missing
    return "internet" if node.config.get("authorizerType") == "NONE" else "internal"


@fact(
    "exposure", kinds=(RUNTIME, "aws.agentcore.memory", "aws.agentcore.harness"), title="Where it can be reached from"
)
def signed_exposure(node: Node, estate: Estate) -> str:
    """Requests must be signed or bring a token."""
    return "internal"


@fact("calls_checked", kinds=(GATEWAY,), looks_at=(ENGINE, POLICY), title="Tool calls are checked against policies")
def calls_checked(node: Node, estate: Estate) -> bool | Unknown:
    """Whether a policy engine refuses calls: in ENFORCE mode, and not with policies that all only write a log."""
    missing = node.unknown("policyEngineConfiguration")
    if missing is not None:
        return missing
    if (node.config.get("policyEngineConfiguration") or {}).get("mode") != "ENFORCE":
        return False
    engines = [one for one in estate.out(node, "guarded_by") if one.kind == ENGINE]
    refusing = [_refuses(engine, estate) for engine in engines]
    return False if False in refusing else next((one for one in refusing if isinstance(one, Unknown)), True)


def _refuses(engine: Node | Dangling, estate: Estate) -> bool | Unknown:
    """Whether not all policies of an engine only write a log."""
    if isinstance(engine, Dangling):
        return False if engine.complete else Unknown("The policy engine was not read")
    modes = [policy.config.get("enforcementMode") for policy in estate.into(engine, "part_of")]
    if any(mode != "LOG_ONLY" for mode in modes):
        return True
    return not modes if estate.complete(POLICY) else Unknown("The engine's policies were not read completely")


@fact("endpoints", kinds=(TARGET,), title="Addresses that the tool is called at")
def endpoints(node: Node, estate: Estate) -> list[dict[str, str]] | Unknown:
    """[{url, scheme, host}] of servers named by address; functions, APIs and runtimes of AWS have none."""
    missing = node.unknown("targetConfiguration")
    if missing is not None:
        return missing
    found = sorted(set(_addresses(node.config.get("targetConfiguration"))))
    return [{"url": url, "scheme": urlsplit(url).scheme, "host": urlsplit(url).hostname or ""} for url in found]


def _addresses(value: Any) -> list[str]:
    if not isinstance(value, dict):
        return []
    own = [value["endpoint"]] if isinstance(value.get("endpoint"), str) else []
    return own + [url for inside in value.values() for url in _addresses(inside)]


@fact("private_path", kinds=IN_NETWORK, looks_at=ENDPOINTS, title="Its network has a private way to AgentCore")
def private_path(node: Node, estate: Estate) -> bool | Unknown:
    """Whether the VPC of its security groups has an available endpoint for AgentCore."""
    missing = node.unknown("networkConfiguration")
    if missing is not None:
        return missing
    groups = estate.out(node, "in_network")
    networks = {group.config.get("VpcId") for group in groups if isinstance(group, Node)}
    here = estate.in_place("aws.ec2.vpc_endpoint", node.place)
    if any(one.config.get("VpcId") in networks and _is_agentcore(one) for one in here):
        return True
    if not networks or not all(isinstance(group, Node) for group in groups):
        return Unknown("Its security groups were not read")
    return False if estate.complete("aws.ec2.vpc_endpoint", node.place) else Unknown("VPC endpoints were not read")


def _is_agentcore(endpoint: Node) -> bool:
    service = str(endpoint.config.get("ServiceName", ""))
    usable = str(endpoint.config.get("State", "")).lower() == "available"
    return usable and ".bedrock-agentcore" in service


@fact("registry_there", kinds=(RUNTIME,), looks_at=(REGISTRY,), title="Its region keeps a register of agents")
def registry_there(node: Node, estate: Estate) -> bool | Unknown:
    """Whether an agent registry exists in the region."""
    if estate.in_place(REGISTRY, node.place):
        return True
    return False if estate.complete(REGISTRY, node.place) else Unknown("Agent registries were not read completely")


@fact("registered", kinds=(RUNTIME,), looks_at=(RECORD,), title="A record of the register names it")
def registered(node: Node, estate: Estate) -> bool | Unknown:
    """Whether a record of the region bears its name or names its ARN."""
    for record in estate.in_place(RECORD, node.place):
        if node.name == record.name or node.external_id in json.dumps(record.config, default=str):
            return True
    return False if estate.complete(RECORD, node.place) else Unknown("Records of registries were not read completely")
