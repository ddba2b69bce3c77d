"""What IAM principals may do and who may become them, read from the account's authorization details."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from inventory.documents import Unknown
from inventory.facts.aws_controls import MEMBERSHIP, organization_of, strangers
from inventory.facts.aws_principals import (
    IDENTITIES,
    LENS,
    NOTHING,
    PRINCIPALS,
    Values,
    account_in,
    administrators,
    administrators_of,
    anywhere,
    everywhere,
    population,
    standing,
    surely,
    told,
)
from inventory.facts.aws_targets import trusted_services
from inventory.facts.estate import Estate, Node
from inventory.facts.registry import fact
from inventory.facts.unseen import first
from inventory.iam.actions import access_level, expand, takes_resource
from inventory.iam.context import ABSENT, ANY_REGION, Request
from inventory.iam.language import Statement, accounts_of, open_actions, outside_grants, statements
from inventory.iam.masks import Tri, bits, union
from inventory.iam.population import Population
from inventory.iam.targets import ask_under

AI_SERVICES = ("bedrock", "bedrock-agentcore", "bedrock-mantle", "sagemaker", "qbusiness")
STARTS = {
    "sagemaker": (
        "CreateNotebookInstance", "CreateTrainingJob", "CreateProcessingJob", "CreateDomain", "CreateUserProfile",
        "CreateApp", "CreatePipeline", "CreateModel", "CreateCluster",
    ),
    "bedrock": ("CreateAgent", "UpdateAgent", "CreateFlow", "UpdateFlow", "CreateModelCustomizationJob"),
    "bedrock-agentcore": ("CreateAgentRuntime", "CreateCodeInterpreter", "CreateGateway", "CreateHarness"),
}  # fmt: skip
# Calls of models; the mantle's can name no guardrail.
INVOKE = ("bedrock:invokemodel", "bedrock:invokemodelwithresponsestream", "bedrock-mantle:createinference")
CALLS = (
    *INVOKE, "bedrock:createmodelinvocationjob", "bedrock:invokeagent", "bedrock:invokeinlineagent",
    "bedrock:invokeflow", "bedrock-agentcore:invokeagentruntime", "sagemaker:invokeendpoint",
    "sagemaker:invokeendpointasync",
)  # fmt: skip
BECOMING = ("sts:assumerole", "sts:assumerolewithwebidentity")
CONFINING = frozenset({"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid"})
CONFUSABLE = ("bedrock.amazonaws.com", "bedrock-agentcore.amazonaws.com", "sagemaker.amazonaws.com")


@fact("managed_policies", kinds=PRINCIPALS, title="Managed policies attached to it or to its groups")
def managed_policies(node: Node, estate: Estate) -> list[str]:
    """Names, sorted."""
    groups = [group for group in node.config.get("Groups") or [] if isinstance(group, dict)]
    attached = [p for holder in (node.config, *groups) for p in holder.get("AttachedManagedPolicies") or []]
    return sorted({policy.get("PolicyName", "") for policy in attached})


@fact("administrator", kinds=PRINCIPALS, looks_at=IDENTITIES, through=LENS, title="May do anything in the account")
def administrator(node: Node, estate: Estate) -> bool | Unknown:
    """Whether, all its policies counted, it may change every identity or use every service without limits."""
    account = account_in(node, estate)
    return told(*standing(node, estate, "administrators", lambda people: administrators(people, account)))


@fact(
    "wide_ai_services",
    kinds=PRINCIPALS,
    looks_at=IDENTITIES,
    through=LENS,
    title="AI services it may use without limits",
)
def wide_ai_services(node: Node, estate: Estate) -> list[str] | Unknown:
    """AI services of which every action is allowed on every resource: the sure ones, if there are any."""
    return surely(*_standing_wide(node, estate))


@fact("all_of_bedrock", kinds=PRINCIPALS, looks_at=IDENTITIES, through=LENS, title="May use Bedrock without limits")
def all_of_bedrock(node: Node, estate: Estate) -> bool | Unknown:
    """Whether every action of Bedrock is allowed to it on every resource."""
    wide, number = _standing_wide(node, estate)
    return told(wide["bedrock"], number)


def _standing_wide(node: Node, estate: Estate) -> tuple[dict[str, Tri], int]:
    account = account_in(node, estate)
    return standing(node, estate, "wide", lambda people: _wide(people, account))


def _wide(people: Population, account: str) -> dict[str, Tri]:
    return {service: _all_of(people, account, _samples(service)) for service in AI_SERVICES}


def _all_of(people: Population, account: str, actions: Sequence[str]) -> Tri:
    found = Tri(people.crowd.everybody)
    for action in actions:
        found = found & everywhere(people, action, account)
    return found


def _samples(service: str) -> list[str]:
    """Of the actions that work on something, the first and the last of every access level.

    Whoever has all of these everywhere has the service.
    """
    levels: dict[str, list[str]] = {}
    for action in filter(takes_resource, expand(f"{service}:*")):
        levels.setdefault(access_level(action), []).append(action)
    return [action for found in levels.values() for action in (found[0], found[-1])]


@fact(
    "escalates_through",
    kinds=PRINCIPALS,
    looks_at=IDENTITIES,
    through=LENS,
    title="AI services that lend it other roles",
)
def escalates_through(node: Node, estate: Estate) -> list[str] | Unknown:
    """Services in which it may start work under any role, or under an administrator's that trusts the service."""
    ways, number = standing(node, estate, "escalations", lambda people: _escalations(people, node, estate))
    return surely(ways, number)


def _escalations(people: Population, node: Node, estate: Estate) -> dict[str, Tri]:
    account, strong = account_in(node, estate), _strong_roles(estate)
    found = {}
    for service, names in STARTS.items():
        to = f"{service}.amazonaws.com"
        passed = anywhere("iam:PassRole", account, iam__passedtoservice=(to,))
        roles = [passed.resource, *(role.external_id for role in strong if to in trusted_services(role))]
        passes = union(people.ask(replace(passed, resource=role)) for role in roles)
        starts = _any_of(people, [f"{service}:{name.lower()}" for name in names], NOTHING, account)
        found[service] = passes & starts
    return found


def _strong_roles(estate: Estate) -> list[Node]:
    """The roles that are administrators."""
    named = (population(estate).crowd.principals[bit].arn for bit in bits(administrators_of(estate).yes))
    roles = (estate.get("aws.iam.role", arn) for arn in named)
    return [role for role in roles if role is not None]


@fact(
    "invokes_unguarded", kinds=PRINCIPALS, looks_at=IDENTITIES, through=LENS, title="May use models without a guardrail"
)
def invokes_unguarded(node: Node, estate: Estate) -> bool | Unknown:
    """Whether it may call a model in Bedrock, and no policy demands that the call names a guardrail."""
    return told(*standing(node, estate, "unguarded", unguarded))


def unguarded(people: Population) -> Tri:
    """Who may call a model in Bedrock with a request that names no guardrail."""
    return _any_of(people, INVOKE, {"bedrock:guardrailidentifier": ABSENT})


@fact("calls_models", kinds=PRINCIPALS, looks_at=IDENTITIES, through=LENS, title="May call models")
def calls_models(node: Node, estate: Estate) -> bool | Unknown:
    """Whether it may call at least one model, agent or flow in Bedrock, one runtime or one SageMaker endpoint."""
    return told(*standing(node, estate, "models", lambda people: _any_of(people, CALLS, NOTHING)))


def _any_of(people: Population, actions: Sequence[str], values: Values, account: str = "") -> Tri:
    """Who may do one of these to anything, in a region of their choice."""
    asked = (
        Request(
            action=one,
            resource=f"arn:aws:{one.partition(':')[0]}:",
            account=account,
            region=ANY_REGION,
            values=values,
        )
        for one in actions
    )
    return union(ask_under(people, request, None) for request in asked)


@fact(
    "assumable_from_outside", kinds=("aws.iam.role",), looks_at=MEMBERSHIP, title="Outsiders who may become this role"
)
def assumable_from_outside(node: Node, estate: Estate) -> list[str] | Unknown:
    """Accounts or organizations outside the own one (or `*`) that may assume the role without an external id."""
    missing = node.unknown("AssumeRolePolicyDocument")
    if missing is not None:
        return missing
    trust = node.config.get("AssumeRolePolicyDocument")
    everybody = {"*"} if open_actions(trust, BECOMING) else set()
    grants = outside_grants(trust, estate.account, organization_of(estate), BECOMING)
    outside = strangers((grant["account"] for grant in grants), estate)
    return outside if isinstance(outside, Unknown) else sorted(everybody | outside)


@fact(
    "unconfined_services",
    kinds=("aws.iam.role",),
    looks_at=MEMBERSHIP,
    title="Services that may use the role for anybody's account",
)
def unconfined_services(node: Node, estate: Estate) -> list[str] | Unknown:
    """AI services trusted without a word on whose account or resource they work for, or only for strangers."""
    missing = node.unknown("AssumeRolePolicyDocument")
    if missing is not None:
        return missing
    trust = statements(node.config.get("AssumeRolePolicyDocument"))
    trusting = [one for one in trust if one.allow and set(one.services) & set(CONFUSABLE)]
    confined = [_confined(one, account_in(node, estate), estate) for one in trusting]
    unsure = first(said for said in confined if isinstance(said, Unknown))
    open_ = {service for one, said in zip(trusting, confined, strict=True) if said is False for service in one.services}
    return sorted(open_ & set(CONFUSABLE)) if unsure is None else unsure


def _confined(statement: Statement, own: str, estate: Estate) -> bool | Unknown:
    """Whether a condition says whom a service works for, and that is not only accounts of strangers."""
    doubt: Unknown | None = None
    for test in statement.tests:
        if test.ties and test.key in CONFINING:
            named = accounts_of(test.values)
            foreign = set() if own in named else strangers(named, estate)
            if isinstance(foreign, Unknown):
                doubt = foreign
            elif not named or foreign != named:
                return True
    return False if doubt is None else doubt
