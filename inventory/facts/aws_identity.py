"""What IAM principals may do and who may become them, read from the account's authorization details."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from inventory.documents import Unknown
from inventory.facts.estate import Estate, Node
from inventory.facts.iam_language import Statement, accounts_of, statements
from inventory.facts.registry import fact

PRINCIPALS = ("aws.iam.role", "aws.iam.user")
POLICIES = ("aws.iam.policy",)
AI_SERVICES = ("bedrock", "bedrock-agentcore", "bedrock-mantle", "sagemaker", "qbusiness")
FULL = {
    "AdministratorAccess": ("*",),
    "PowerUserAccess": ("*",),
    "AmazonSageMakerFullAccess": ("sagemaker",),
    "AmazonBedrockFullAccess": ("bedrock", "bedrock-mantle"),
    "AmazonBedrockMantleFullAccess": ("bedrock-mantle",),
    "BedrockAgentCoreFullAccess": ("bedrock-agentcore",),
    "AmazonS3FullAccess": ("s3",),
    "IAMFullAccess": ("iam",),
}
STARTS = {
    "sagemaker": (
        "createnotebookinstance", "createtrainingjob", "createprocessingjob", "createdomain", "createuserprofile",
        "createapp", "createpipeline", "createmodel", "createcluster",
    ),
    "bedrock": ("createagent", "updateagent", "createflow", "createmodelcustomizationjob"),
    "bedrock-agentcore": ("createagentruntime", "createcodeinterpreter", "creategateway"),
}  # fmt: skip
CONFUSABLE = ("bedrock.amazonaws.com", "bedrock-agentcore.amazonaws.com", "sagemaker.amazonaws.com")


def attached(node: Node) -> list[str]:
    """Names of the managed policies attached to a principal or to its groups."""
    groups = [group for group in node.config.get("Groups") or [] if isinstance(group, dict)]
    holders = [node.config, *groups]
    return sorted({p.get("PolicyName", "") for h in holders for p in h.get("AttachedManagedPolicies") or []})


def allowed(node: Node, estate: Estate) -> list[Statement] | Unknown:
    """Every Allow statement of a principal, inline, managed and by group; Unknown if one policy was not read."""
    return estate.once(f"allowed {id(node)}", lambda: (node, _allowed(node, estate)))[1]


def _allowed(node: Node, estate: Estate) -> list[Statement] | Unknown:
    found: list[Statement] = []
    for document in _documents(node, estate):
        if isinstance(document, Unknown):
            return document
        found.extend(statement for statement in statements(document) if statement.allow)
    return found


def _documents(node: Node, estate: Estate) -> Iterator[Any]:
    groups = [group for group in node.config.get("Groups") or [] if isinstance(group, dict)]
    for holder, inline in [(node.config, f"{_sort(node)}PolicyList"), *((g, "GroupPolicyList") for g in groups)]:
        for policy in holder.get(inline) or []:
            yield policy.get("PolicyDocument")
        for policy in holder.get("AttachedManagedPolicies") or []:
            yield _managed(policy, estate)


def _managed(policy: dict[str, str], estate: Estate) -> Any:
    name = policy.get("PolicyName", "")
    stored = estate.get("aws.iam.policy", policy.get("PolicyArn", ""))
    if stored is not None:
        for version in stored.config.get("PolicyVersionList") or []:
            if version.get("IsDefaultVersion", True) and version.get("Document"):
                return version["Document"]
    if name in FULL:
        actions = ["*" if service == "*" else f"{service}:*" for service in FULL[name]]
        return {"Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
    return Unknown(f"The managed policy {name} was not read")


def _sort(node: Node) -> str:
    return "Role" if node.kind == "aws.iam.role" else "User"


@fact("managed_policies", kinds=PRINCIPALS, title="Managed policies attached to it or to its groups")
def managed_policies(node: Node, estate: Estate) -> list[str]:
    """Names, sorted."""
    return attached(node)


@fact("administrator", kinds=PRINCIPALS, looks_at=POLICIES, title="May do anything in the account")
def administrator(node: Node, estate: Estate) -> bool | Unknown:
    """Whether it holds `*` or `iam:*` on everything, or an administrator policy."""
    if {"AdministratorAccess", "PowerUserAccess", "IAMFullAccess"} & set(attached(node)):
        return True
    granted = allowed(node, estate)
    if isinstance(granted, Unknown):
        return granted
    return any(s.everywhere and ({"*", "*:*", "iam:*"} & set(s.actions)) for s in granted)


@fact("wide_ai_services", kinds=PRINCIPALS, looks_at=POLICIES, title="AI services it may use without limits")
def wide_ai_services(node: Node, estate: Estate) -> list[str] | Unknown:
    """AI services of which every action is allowed on every resource."""
    granted = allowed(node, estate)
    if isinstance(granted, Unknown):
        return granted
    wide = [statement for statement in granted if statement.everywhere]
    return [s for s in AI_SERVICES if any({f"{s}:*", "*", "*:*"} & set(statement.actions) for statement in wide)]


@fact("escalates_through", kinds=PRINCIPALS, looks_at=POLICIES, title="AI services that lend it other roles")
def escalates_through(node: Node, estate: Estate) -> list[str] | Unknown:
    """Services in which it may start work under any role: PassRole on everything plus a call that takes a role."""
    granted = allowed(node, estate)
    if isinstance(granted, Unknown):
        return granted
    passes = any(
        s.grants("iam:passrole") and s.everywhere and "iam:passedtoservice" not in s.conditions for s in granted
    )
    return [service for service in STARTS if passes and _starts(granted, service)]


def _starts(granted: list[Statement], service: str) -> bool:
    return any(statement.grants(f"{service}:{action}") for statement in granted for action in STARTS[service])


@fact("everywhere_may", kinds=PRINCIPALS, looks_at=POLICIES, title="Sensitive actions it may do on every resource")
def everywhere_may(node: Node, estate: Estate) -> list[str] | Unknown:
    """Which of the watched actions are allowed on `*` without a condition."""
    watched = (
        "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "secretsmanager:GetSecretValue", "ssm:GetParameter",
        "kms:Decrypt", "lambda:InvokeFunction", "sts:AssumeRole", "iam:PassRole", "bedrock:InvokeModel",
        "bedrock:DeleteGuardrail", "bedrock:UpdateGuardrail", "bedrock:DeleteModelInvocationLoggingConfiguration",
        "bedrock:PutModelInvocationLoggingConfiguration", "cloudtrail:StopLogging",
        "sagemaker:CreatePresignedNotebookInstanceUrl", "sagemaker:CreatePresignedDomainUrl",
    )  # fmt: skip
    granted = allowed(node, estate)
    if isinstance(granted, Unknown):
        return granted
    free = [s for s in granted if s.everywhere and not s.conditions]
    return [action for action in watched if any(statement.grants(action.lower()) for statement in free)]


@fact("assumable_from_outside", kinds=("aws.iam.role",), title="Outsiders who may become this role")
def assumable_from_outside(node: Node, estate: Estate) -> list[str] | Unknown:
    """Other accounts (or `*`) that may assume the role without an external id or organization condition."""
    missing = node.unknown("AssumeRolePolicyDocument")
    if missing is not None:
        return missing
    found: set[str] = set()
    for statement in statements(node.config.get("AssumeRolePolicyDocument")):
        if statement.allow and not statement.tied:
            found |= {"*"} & set(statement.principals)
            found |= accounts_of(statement.principals) - {estate.account}
    return sorted(found)


@fact("unconfined_services", kinds=("aws.iam.role",), title="Services that may use the role for anybody's account")
def unconfined_services(node: Node, estate: Estate) -> list[str] | Unknown:
    """AI services trusted without aws:SourceAccount or aws:SourceArn (the confused deputy)."""
    missing = node.unknown("AssumeRolePolicyDocument")
    if missing is not None:
        return missing
    found: set[str] = set()
    for statement in statements(node.config.get("AssumeRolePolicyDocument")):
        if statement.allow and not statement.conditions & {"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid"}:
            found |= set(statement.services) & set(CONFUSABLE)
    return sorted(found)
