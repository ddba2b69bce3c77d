"""Sensitive actions that a principal may do on every resource: a fact for each sort, for rules that ask of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from inventory.documents import Unknown
from inventory.facts.aws_principals import (
    IDENTITIES,
    LENS,
    PRINCIPALS,
    Values,
    account_in,
    everywhere,
    standing,
    surely,
)
from inventory.facts.estate import Estate, Node
from inventory.facts.registry import FactFunction, fact
from inventory.iam.context import ABSENT
from inventory.iam.masks import Tri
from inventory.iam.matching import PROBE
from inventory.iam.population import Population


@dataclass(frozen=True, slots=True)
class Sort:
    """Actions of one sort. `values`: what the request carries besides, so that a narrow condition is no yes."""

    title: str
    actions: tuple[str, ...]
    values: Values = field(default_factory=dict)


# From no address or network that a condition could name.
NOWHERE: Values = dict.fromkeys(("aws:sourceip", "aws:vpcsourceip", "aws:sourcevpc", "aws:sourcevpce"), ABSENT)
SORTS: Mapping[str, Sort] = {
    "everywhere_buckets": Sort(
        "What it may do in every bucket", ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")
    ),
    "everywhere_secrets": Sort(
        "How it may read every secret", (
            "secretsmanager:GetSecretValue", "ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath",
            "kms:Decrypt",
        ),

    ),
    "everywhere_functions": Sort("Whether it may call every function", ("lambda:InvokeFunction",)),
    "everywhere_roles": Sort("How it may use every role", ("sts:AssumeRole", "iam:PassRole")),
    "everywhere_models": Sort(
        "How it may call every model",
        (
            "bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream", "bedrock-mantle:CreateInference",
            "sagemaker:InvokeEndpoint",
        ),
        {"bedrock-mantle:model": (PROBE,)},
    ),
    "everywhere_tokens": Sort("Whether it may use bearer tokens", ("bedrock:CallWithBearerToken",)),
    "everywhere_products": Sort(
        "Whether it may subscribe to every product",
        ("aws-marketplace:Subscribe",),
        {"aws-marketplace:productid": (PROBE,)},
    ),
    "everywhere_notebooks": Sort(
        "How it may open every notebook or MLflow server",
        (
            "sagemaker:CreatePresignedNotebookInstanceUrl", "sagemaker:CreatePresignedDomainUrl",
            "sagemaker:CreatePresignedMlflowTrackingServerUrl", "sagemaker:CreatePresignedMlflowAppUrl",
        ),
        NOWHERE,
    ),
    "everywhere_defences": Sort(
        "Which defences it may weaken everywhere",
        (
            "bedrock:DeleteGuardrail", "bedrock:UpdateGuardrail", "bedrock:DeleteModelInvocationLoggingConfiguration",
            "bedrock:PutModelInvocationLoggingConfiguration", "bedrock:DeleteEnforcedGuardrailConfiguration",
            "bedrock-agentcore:UpdateGateway", "cloudtrail:StopLogging", "cloudtrail:PutEventSelectors",
            "cloudtrail:DeleteTrail",
        ),
    ),
}  # fmt: skip


@fact(
    "everywhere_may",
    kinds=PRINCIPALS,
    looks_at=IDENTITIES,
    through=LENS,
    title="Sensitive actions it may do on every resource",
)
def everywhere_may(node: Node, estate: Estate) -> list[str] | Unknown:
    """All its policies counted, of every sort; unknown when there are none but perhaps some."""
    found = {action: one for name in SORTS for action, one in _found(name, node, estate)[0].items()}
    return surely(found, _found(next(iter(SORTS)), node, estate)[1])


def _declare(name: str, sort: Sort) -> None:
    def compute(node: Node, estate: Estate) -> list[str] | Unknown:
        return surely(*_found(name, node, estate))

    declare = fact(name, kinds=PRINCIPALS, looks_at=IDENTITIES, through=LENS, title=sort.title)
    declared: FactFunction = declare(compute)
    declared.__name__ = name


def _found(name: str, node: Node, estate: Estate) -> tuple[dict[str, Tri], int]:
    account = account_in(node, estate)
    return standing(node, estate, name, lambda people: _everywhere(SORTS[name], people, account))


def _everywhere(sort: Sort, people: Population, account: str) -> dict[str, Tri]:
    return {action: everywhere(people, action, account, sort.values) for action in sort.actions}


for _name, _sort in SORTS.items():
    _declare(_name, _sort)
