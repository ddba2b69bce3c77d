"""Who outside may use a resource, by its own policy."""

from __future__ import annotations

from typing import Any

from inventory.documents import Unknown
from inventory.facts.estate import Estate, Node
from inventory.facts.registry import fact
from inventory.iam.language import open_actions, outside_grants, statements

WITH_POLICY = (
    "aws.s3.bucket",
    "aws.lambda.function",
    "aws.ecr.repository",
    "aws.kms.key",
    "aws.sagemaker.model_package_group",
    "aws.agentcore.runtime",
    "aws.agentcore.gateway",
    "aws.sagemaker.endpoint",
    "aws.bedrock.guardrail",
    "aws.bedrock.custom_model",
    "aws.bedrock.imported_model",
    "aws.bedrock.knowledge_base",
    "aws.comprehend.classifier",
    "aws.comprehend.recognizer",
    "aws.lex.bot",
    "aws.qbusiness.application",
    "aws.opensearch.domain",
    "aws.s3vectors.bucket",
)
# The part of the document that holds the policy, where it is not `Policy`.
POLICY = {
    "aws.sagemaker.model_package_group": "ResourcePolicy",
    "aws.agentcore.runtime": "ResourcePolicy",
    "aws.agentcore.gateway": "ResourcePolicy",
    "aws.sagemaker.endpoint": "ResourcePolicy",
    "aws.bedrock.guardrail": "ResourcePolicy",
    "aws.bedrock.custom_model": "ResourcePolicy",
    "aws.bedrock.imported_model": "ResourcePolicy",
    "aws.bedrock.knowledge_base": "ResourcePolicy",
    "aws.comprehend.classifier": "ResourcePolicy",
    "aws.comprehend.recognizer": "ResourcePolicy",
    "aws.lex.bot": "ResourcePolicy",
    "aws.opensearch.domain": "AccessPolicies",
}
BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def _policy(node: Node) -> Any:
    part = POLICY.get(node.kind, "Policy")
    missing = node.unknown(part)
    return (node.config.get(part) or {}) if missing is None else missing


@fact("anyone_may", kinds=WITH_POLICY, looks_at=("aws.s3.account",), title="What anybody in the world may do with it")
def anyone_may(node: Node, estate: Estate) -> list[str] | Unknown:
    """Actions allowed to everyone; for a bucket only those that no public access block takes away."""
    policy = _policy(node)
    if isinstance(policy, Unknown):
        return policy
    actions = open_actions(policy)
    if not actions or node.kind != "aws.s3.bucket":
        return actions
    blocked = blocks(node, estate, "RestrictPublicBuckets")
    return blocked if isinstance(blocked, Unknown) else [] if blocked else actions


@fact("outsiders_may", kinds=WITH_POLICY, title="What other accounts may do with it")
def outsiders_may(node: Node, estate: Estate) -> list[dict[str, str]] | Unknown:
    """[{account, action}] granted to principals of other accounts."""
    policy = _policy(node)
    return policy if isinstance(policy, Unknown) else outside_grants(policy, estate.account)


@fact("public_access_blocked", kinds=("aws.s3.bucket",), looks_at=("aws.s3.account",))
def public_access_blocked(node: Node, estate: Estate) -> bool | Unknown:
    """Whether all four public access blocks hold, set on the bucket or on its account."""
    for name in BLOCKS:
        held = blocks(node, estate, name)
        if isinstance(held, Unknown) or not held:
            return held
    return True


def blocks(node: Node, estate: Estate, name: str) -> bool | Unknown:
    """Whether one of the public access blocks holds for a bucket, by itself or by its account."""
    own = node.unknown("PublicAccessBlock")
    if own is None and (node.config.get("PublicAccessBlock") or {}).get(name):
        return True
    above = _account_blocks(estate, name)
    if own is None or isinstance(above, Unknown) or above:
        return above
    return own


def _account_blocks(estate: Estate, name: str) -> bool | Unknown:
    accounts = estate.all("aws.s3.account")
    if not accounts:
        read = estate.complete("aws.s3.account")
        return False if read else Unknown("The account's S3 settings were not read")
    missing = accounts[0].unknown("PublicAccessBlock")
    if missing is not None:
        return missing
    return bool((accounts[0].config.get("PublicAccessBlock") or {}).get(name))


@fact("only_tls", kinds=("aws.s3.bucket",), title="Refuses requests without TLS")
def only_tls(node: Node, estate: Estate) -> bool | Unknown:
    """Whether the bucket policy denies requests that are not encrypted in transit."""
    policy = _policy(node)
    if isinstance(policy, Unknown):
        return policy
    return any(
        not statement.allow and "aws:securetransport" in statement.conditions for statement in statements(policy)
    )
