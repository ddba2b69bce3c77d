"""Where somebody from the internet comes in on AWS: what is reached and weak, and the weakness in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from inventory.documents import Unknown
from inventory.facts.aws_agentcore import gateway_exposure
from inventory.facts.aws_identity import assumable_from_outside
from inventory.facts.aws_network import AI_PORTS, function_exposure, instance_exposure, open_ai_ports, service_exposure
from inventory.facts.aws_platform import open_methods
from inventory.facts.aws_policies import anyone_may
from inventory.facts.aws_stores import domain_exposure, open_network, writing_principals
from inventory.facts.estate import Estate, Node
from inventory.facts.paths.graph import OUTSIDE, Change, Place, Step
from inventory.facts.unseen import first
from inventory.iam.language import open_actions
from inventory.iam.matching import covers

HELD, WRITTEN, GUEST, CALLED = "held", "written", "guest", "called"
FUNCTION, API = "aws.lambda.function", "aws.apigateway.rest_api"
REPLACES = ("lambda:updatefunctioncode", "lambda:updatefunctionconfiguration")
NOTEBOOK = "aws.sagemaker.notebook_instance"
Weakness = str | Unknown
"""What is weak, in words that show the values; empty when nothing is."""


@dataclass(frozen=True, slots=True)
class Entry:
    """How to come in by assets of one kind, what one can do there, and the change that shuts it."""

    weakness: Callable[[Node, Estate], Weakness]
    how: str
    shut: str
    power: str = HELD


def entry_of(node: Node, estate: Estate) -> Step | Unknown | None:
    """The step from the internet into an asset; nothing when it is no way in."""
    entry = ENTRIES[node.kind]
    weak = entry.weakness(node, estate)
    if isinstance(weak, Unknown):
        return weak
    if not weak:
        return None
    power = _power(node, estate, entry)
    if isinstance(power, Unknown):
        return power
    change = Change(f"enter {node.external_id}", entry.shut.format(name=node.name))
    return Step(OUTSIDE, Place(node.kind, node.external_id, power), entry.how, change, weak)


def _power(node: Node, estate: Estate, entry: Entry) -> str | Unknown:
    if node.kind == "aws.cognito.identity_pool" and not node.config.get("AllowClassicFlow"):
        return GUEST
    return power_of_calls(node, estate) if node.kind == FUNCTION else entry.power


def power_of_calls(function: Node, estate: Estate) -> str | Unknown:
    """What somebody who may call a function holds of its role.

    All of it where callers steer what it does: it is AI, so what they write reaches a model or tells a tool what to do,
    or they may replace its code. Elsewhere its code decides: only a flaw that nobody knows of would give them the role.
    """
    if function.ai_role or any(covers(open_actions(function.config.get("Policy")), one) for one in REPLACES):
        return HELD
    unread = first((function.unknown("Policy"), estate.role_doubt(function)))
    return CALLED if unread is None else unread


def _function(node: Node, estate: Estate) -> Weakness:
    reached = function_exposure(node, estate)
    if reached != "internet":
        return reached if isinstance(reached, Unknown) else ""
    if (node.config.get("UrlConfig") or {}).get("AuthType") == "NONE":
        return "UrlConfig.AuthType is NONE"
    return f"Policy lets anybody do {', '.join(open_actions(node.config.get('Policy')))}"


def _api(node: Node, estate: Estate) -> Weakness:
    found = open_methods(node, estate)
    return found if isinstance(found, Unknown) else _listed("methods without credentials: ", found)


def _host(node: Node, estate: Estate, reached: str | Unknown, flaws: list[str]) -> Weakness:
    """A host that the internet reaches, and at which something more is weak: an AI port or server, or its metadata."""
    if reached != "internet":
        return reached if isinstance(reached, Unknown) else ""
    groups = estate.out_nodes(node, "in_network")
    ports = sorted({port for group in groups for port in open_ai_ports(group, estate)})
    if ports:
        shown = "all ports" if len(ports) == len(AI_PORTS) else f"port {', '.join(map(str, ports))}"
        flaws.append(f"{shown} open to the world")
    if node.ai_role:
        flaws.append(f"it is AI ({node.ai_role})")
    doubt = estate.role_doubt(node)
    return doubt if doubt is not None and not flaws else _listed("", flaws)


def _instance(node: Node, estate: Estate) -> Weakness:
    old = (node.config.get("MetadataOptions") or {}).get("HttpTokens") == "optional"
    return _host(node, estate, instance_exposure(node, estate), ["IMDSv1 is allowed"] if old else [])


def _service(node: Node, estate: Estate) -> Weakness:
    return _host(node, estate, service_exposure(node, estate), [])


def _notebook(node: Node, estate: Estate) -> Weakness:
    missing = node.unknown("DirectInternetAccess", "RootAccess")
    if missing is not None:
        return missing
    weak = node.config.get("DirectInternetAccess") == "Enabled" and node.config.get("RootAccess") == "Enabled"
    return "DirectInternetAccess is Enabled, RootAccess is Enabled" if weak else ""


def _gateway(node: Node, estate: Estate) -> Weakness:
    reached = gateway_exposure(node, estate)
    return reached if isinstance(reached, Unknown) else "authorizerType is NONE" if reached == "internet" else ""


def _anybody(*actions: str) -> Callable[[Node, Estate], Weakness]:
    """Its own policy lets anybody do one of these."""

    def weakness(node: Node, estate: Estate) -> Weakness:
        allowed = anyone_may(node, estate)
        if isinstance(allowed, Unknown):
            return allowed
        found = [action for action in actions if covers(allowed, action)]
        return _listed("its policy lets anybody do ", found)

    return weakness


def _pool(node: Node, estate: Estate) -> Weakness:
    missing = node.unknown("AllowUnauthenticatedIdentities", "AllowClassicFlow", "IdentityPoolRoles")
    if missing is not None:
        return missing
    return "AllowUnauthenticatedIdentities is true" if node.config.get("AllowUnauthenticatedIdentities") else ""


def _role(node: Node, estate: Estate) -> Weakness:
    found = assumable_from_outside(node, estate)
    return found if isinstance(found, Unknown) else "AssumeRolePolicyDocument trusts *" if "*" in found else ""


def _search(node: Node, estate: Estate) -> Weakness:
    reached = domain_exposure(node, estate)
    if reached != "internet":
        return reached if isinstance(reached, Unknown) else ""
    weak = _anybody("es:eshttpput", "es:eshttppost")(node, estate)
    missing = node.unknown("AdvancedSecurityOptions")
    if isinstance(weak, Unknown) or not weak or missing is not None:
        return missing if weak and not isinstance(weak, Unknown) and missing is not None else weak
    options = node.config.get("AdvancedSecurityOptions") or {}
    # With fine-grained access control people sign in behind an open policy: that is how AWS describes it.
    return "" if options.get("Enabled") and not options.get("AnonymousAuthEnabled") else weak


def _collection(node: Node, estate: Estate) -> Weakness:
    public, wide = open_network(node, estate), writing_principals(node, estate)
    if public is False or (not isinstance(wide, Unknown) and "*" not in wide):
        return ""
    unread = first((public, wide))
    return "open to the public network, and its access policy names *" if unread is None else unread


def _listed(before: str, found: list[str]) -> str:
    return before + ", ".join(found[:8]) if found else ""


ENTRIES: Mapping[str, Entry] = {
    FUNCTION: Entry(_function, "runs its code for anybody", "Let only signed requests call {name}"),
    API: Entry(_api, "hands on the calls of anybody", "Ask callers of {name} for credentials"),
    "aws.ec2.instance": Entry(_instance, "can be attacked from anywhere", "Take {name} off the internet"),
    "aws.ecs.service": Entry(_service, "can be attacked from anywhere", "Take {name} off the internet"),
    NOTEBOOK: Entry(
        _notebook,
        "is taken over by a package or page that its user fetches",
        "Take root and the direct internet from {name}",
    ),
    "aws.agentcore.gateway": Entry(_gateway, "can be called by anybody", "Give {name} an authorizer"),
    "aws.agentcore.runtime": Entry(
        _anybody("bedrock-agentcore:invokeagentruntime"), "can be called by anybody", "Close the policy of {name}"
    ),
    "aws.cognito.identity_pool": Entry(_pool, "gives guests credentials", "Refuse guests in {name}"),
    "aws.iam.role": Entry(_role, "can be assumed by anybody", "Name in its trust policy who may become {name}"),
    "aws.s3.bucket": Entry(
        _anybody("s3:putobject"), "can be written by anybody", "Block public access to {name}", WRITTEN
    ),
    "aws.ecr.repository": Entry(
        _anybody("ecr:putimage"), "can be pushed to by anybody", "Close the policy of {name}", WRITTEN
    ),
    "aws.opensearch.domain": Entry(_search, "can be written by anybody", "Close the policy of {name}", WRITTEN),
    "aws.aoss.collection": Entry(_collection, "can be written by anybody", "Close the network of {name}", WRITTEN),
}
