"""APIs before AI, guests who may use AI, and the networks that AI runs in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from inventory.documents import LinkTo, Unknown
from inventory.facts.aws_principals import IDENTITIES, standing, told
from inventory.facts.aws_relations import BY_RELATION
from inventory.facts.estate import Dangling, Estate, Node
from inventory.facts.registry import derived_link, fact
from inventory.facts.unseen import first, unseen_origins
from inventory.iam.context import Request
from inventory.iam.language import open_actions, statements
from inventory.iam.masks import Tri
from inventory.iam.matching import covers
from inventory.iam.population import Population
from inventory.iam.targets import ask_under
from inventory.kinds import KINDS

API, FUNCTION, POOL, VPC = "aws.apigateway.rest_api", "aws.lambda.function", "aws.cognito.identity_pool", "aws.ec2.vpc"
DISKS, SUBNET = "aws.ec2.disk_defaults", "aws.ec2.subnet"
HOSTS = ("aws.ec2.instance", "aws.ecs.service", "aws.eks.nodegroup")
GROUP, ENDPOINT, FLOW_LOG = "aws.ec2.security_group", "aws.ec2.vpc_endpoint", "aws.ec2.flow_log"
ROLE = "aws.iam.role"
LAMBDA_URI = re.compile(r":lambda:path/[^/]+/functions/(arn:[^/]+:function:[^/:]+)")
AI_URI = re.compile(r":runtime\.sagemaker:|:bedrock[a-z-]*:")
AI_ACTIONS = (
    "bedrock:InvokeModel", "bedrock:InvokeAgent", "bedrock:Retrieve", "bedrock-agentcore:InvokeAgentRuntime",
    "sagemaker:InvokeEndpoint", "lex:RecognizeText", "comprehend:DetectEntities", "rekognition:DetectLabels",
    "textract:DetectDocumentText", "transcribe:StartTranscriptionJob", "translate:TranslateText",
    "polly:SynthesizeSpeech", "qbusiness:ChatSync", "kendra:Query",
)  # fmt: skip
WORKING = ("aws.sagemaker.", "aws.bedrock.", "aws.agentcore.", "aws.lambda.", "aws.ecs.", "aws.ec2.instance")
SAGEMAKER = tuple(kind for kind in KINDS if kind.startswith("aws.sagemaker."))
IN_NETWORKS = tuple(kind for kind in KINDS if kind.startswith(WORKING))
TIED_TO_OWNER = frozenset(
    {"aws:principalorgid", "aws:principalaccount", "aws:principalorgpaths", "aws:resourceorgid", "aws:resourceaccount"}
)


def _methods(node: Node) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for resource in node.config.get("Resources") or ():
        for verb, method in (resource.get("resourceMethods") or {}).items():
            yield str(resource.get("path", "")), verb, method


def _uri(method: dict[str, Any]) -> str:
    return str((method.get("methodIntegration") or {}).get("uri", ""))


@derived_link("routes_to", kinds=(API,))
def routes_to(node: Node, estate: Estate) -> list[LinkTo]:
    """The functions that an API's methods call."""
    found = {match[1] for _path, _verb, method in _methods(node) if (match := LAMBDA_URI.search(_uri(method)))}
    return [LinkTo("routes_to", FUNCTION, arn) for arn in sorted(found)]


@fact("open_methods", kinds=(API,), title="Methods that ask for no credentials")
def open_methods(node: Node, estate: Estate) -> list[str] | Unknown:
    """`POST /ask`; not preflight requests, and none when the API's own policy or network keeps strangers out."""
    missing = node.unknown("Resources")
    if missing is not None:
        return missing
    private = "PRIVATE" in ((node.config.get("endpointConfiguration") or {}).get("types") or ())
    if private or _closed(node.config.get("policy")):
        return []
    return sorted(
        f"{verb} {path}"
        for path, verb, method in _methods(node)
        if verb != "OPTIONS" and method.get("authorizationType") == "NONE" and not method.get("apiKeyRequired")
    )


def _closed(policy: Any) -> bool:
    """An API that has a policy answers only whom that allows. AWS gives it as text, its quotes escaped."""
    policy = policy.replace('\\"', '"') if isinstance(policy, str) else policy
    return any(statements(policy)) and not covers(open_actions(policy), "execute-api:invoke")


@fact("calls_ai", kinds=(API,), looks_at=(FUNCTION,), title="Its methods reach AI")
def calls_ai(node: Node, estate: Estate) -> bool | Unknown:
    """Whether a method calls Bedrock or SageMaker, or a function that plays a part in AI."""
    missing = node.unknown("Resources")
    if missing is not None:
        return missing
    if any(AI_URI.search(_uri(method)) for _path, _verb, method in _methods(node)):
        return True
    functions = estate.out(node, "routes_to")
    if any(isinstance(one, Node) and one.ai_role for one in functions):
        return True
    unread = any(isinstance(one, Dangling) and not one.complete for one in functions)
    return Unknown("Functions behind the API were not read") if unread else False


@fact("exposure", kinds=(API,), title="Where it can be reached from")
def api_exposure(node: Node, estate: Estate) -> str | Unknown:
    """`internet` when a method asks for no credentials."""
    found = open_methods(node, estate)
    return found if isinstance(found, Unknown) else "internet" if found else "internal"


@fact("guest_ai_actions", kinds=(POOL,), looks_at=IDENTITIES, title="What guests may do with AI")
def guest_ai_actions(node: Node, estate: Estate) -> list[str] | Unknown:
    """AI actions allowed to the role of people who do not sign in; none where guests are refused."""
    missing = node.unknown("AllowUnauthenticatedIdentities", "IdentityPoolRoles")
    if missing is not None:
        return missing
    arn = ((node.config.get("IdentityPoolRoles") or {}).get("Roles") or {}).get("unauthenticated")
    if not node.config.get("AllowUnauthenticatedIdentities") or not arn:
        return []
    role = estate.get(ROLE, arn)
    if role is None:
        return [] if estate.complete(ROLE) else Unknown("The guests' role was not read")
    found, number = standing(role, estate, "guest actions", _guest_actions)
    answers = {action: told(one, number) for action, one in found.items()}
    unsure = next((one for one in answers.values() if isinstance(one, Unknown)), None)
    allowed = [action for action, one in answers.items() if one is True]
    return unsure if unsure is not None and not allowed else allowed


def _guest_actions(people: Population) -> dict[str, Tri]:
    """Who may do these on something."""
    return {
        action: ask_under(people, Request(action=action.lower(), resource=f"arn:aws:{action.partition(':')[0]}:"), None)
        for action in AI_ACTIONS
    }


@fact(
    "ai_inside",
    kinds=(VPC,),
    looks_at=(GROUP, *IN_NETWORKS),
    title="AI that runs in the network",
    same_place=True,
    last_known=True,
)
def ai_inside(node: Node, estate: Estate) -> list[str] | Unknown:
    """`<kind> <name>` of AI assets with a security group of this VPC, at most 20. None found says something only when
    all that could be inside were read."""
    inside = _users_of_groups(node, estate)
    found = sorted({f"{one.kind.removeprefix('aws.')} {one.name}" for one in inside if _is_ai(one)})[:20]
    unseen = None if found else _unseen_inside(node, estate, inside, frozenset(IN_NETWORKS))
    return found if unseen is None else unseen


@fact(
    "sagemaker_inside",
    kinds=(VPC,),
    looks_at=(GROUP, *SAGEMAKER),
    title="SageMaker runs in the network",
    same_place=True,
    last_known=True,
)
def sagemaker_inside(node: Node, estate: Estate) -> bool | Unknown:
    """Whether an asset of SageMaker has a security group of this VPC."""
    inside = _users_of_groups(node, estate)
    if any(one.kind in SAGEMAKER for one in inside):
        return True
    unseen = _unseen_inside(node, estate, (), frozenset(SAGEMAKER))
    return False if unseen is None else unseen


@fact(
    "ai_hosts",
    kinds=(SUBNET,),
    looks_at=HOSTS,
    title="AI hosts that stand in the subnet",
    same_place=True,
    last_known=True,
)
def ai_hosts(node: Node, estate: Estate) -> list[str] | Unknown:
    """`<kind> <name>` of instances, services and node groups of AI in it, at most 20."""
    inside = [origin for _type, origin in estate.links_into(node)]
    found = sorted({f"{one.kind.removeprefix('aws.')} {one.name}" for one in inside if _is_ai(one)})[:20]
    unseen = unseen_origins(estate, SUBNET, among=frozenset(HOSTS))
    doubt = first([unseen, *map(estate.role_doubt, inside)])
    return found if found or doubt is None else doubt


@fact("ai_hosts_here", kinds=(DISKS,), looks_at=HOSTS[:1], title="AI hosts in the region", same_place=True)
def ai_hosts_here(node: Node, estate: Estate) -> list[str] | Unknown:
    """`<kind> <name>` of instances of AI, at most 20."""
    here = estate.in_place(HOSTS[0], node.place)
    found = sorted(f"{one.kind.removeprefix('aws.')} {one.name}" for one in here if _is_ai(one))[:20]
    if found or estate.complete(HOSTS[0], node.place):
        return found
    return Unknown("Instances were not read")


def _users_of_groups(node: Node, estate: Estate) -> list[Node]:
    """What has a security group of this VPC."""
    groups = [one for one in estate.in_place(GROUP, node.place) if one.config.get("VpcId") == node.config.get("VpcId")]
    return [origin for group in groups for _type, origin in estate.links_into(group)]


def _unseen_inside(node: Node, estate: Estate, inside: Iterable[Node], kinds: frozenset[str]) -> Unknown | None:
    """Why more of these kinds may run in the network, or what runs there may be AI although it does not show."""
    if not estate.complete(GROUP, node.place):
        return Unknown("Security groups were not read")
    unseen = unseen_origins(estate, GROUP, among=kinds)
    if unseen is not None:
        return unseen
    return next((doubt for doubt in map(estate.role_doubt, inside) if doubt is not None), None)


def _is_ai(node: Node) -> bool:
    managed = node.kind.startswith(("aws.sagemaker.", "aws.bedrock.", "aws.agentcore."))
    return managed or node.ai_role not in BY_RELATION


@fact("private_services", kinds=(VPC,), looks_at=(ENDPOINT,), title="Services with a private way", same_place=True)
def private_services(node: Node, estate: Estate) -> list[str] | Unknown:
    """Names such as `bedrock-runtime` of available endpoints in the VPC."""
    here = [one for one in estate.in_place(ENDPOINT, node.place) if one.config.get("VpcId") == node.config.get("VpcId")]
    if not estate.complete(ENDPOINT, node.place):
        return Unknown("VPC endpoints were not read")
    usable = [one for one in here if str(one.config.get("State", "")).lower() == "available"]
    return sorted({str(one.config.get("ServiceName", "")).split(f".{node.place}.")[-1] for one in usable})


@fact("traffic_recorded", kinds=(VPC,), looks_at=(FLOW_LOG,), title="Its traffic is logged", same_place=True)
def traffic_recorded(node: Node, estate: Estate) -> bool | Unknown:
    """Whether an active flow log covers the VPC."""
    for log in estate.in_place(FLOW_LOG, node.place):
        if log.config.get("ResourceId") == node.config.get("VpcId") and log.config.get("FlowLogStatus") == "ACTIVE":
            return True
    return False if estate.complete(FLOW_LOG, node.place) else Unknown("Flow logs were not read")


@fact("lets_anything_through", kinds=(ENDPOINT,), title="Its policy lets any account's requests through")
def lets_anything_through(node: Node, estate: Estate) -> bool | Unknown:
    """Whether everybody may do everything on every resource, without a condition on the organization or account."""
    missing = node.unknown("PolicyDocument")
    if missing is not None:
        return missing
    policy = node.config.get("PolicyDocument")
    if not policy:
        return True
    return any(
        one.allow and "*" in one.principals and {"*", "*:*"} & set(one.actions) and "*" in (one.resources or ("*",))
        for one in statements(policy)
        if not one.conditions & TIED_TO_OWNER
    )
