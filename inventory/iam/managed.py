"""AWS's own managed policies, for when their documents were not read: what each grants at least."""

from __future__ import annotations

from typing import Any

AWS_OWN = ":iam::aws:policy/"
# Services of which a policy allows every action on everything.
FULL = {
    "AdministratorAccess": ("*",),
    "AmazonSageMakerFullAccess": ("sagemaker",),
    "AmazonBedrockFullAccess": ("bedrock", "bedrock-mantle"),
    "AmazonBedrockMantleFullAccess": ("bedrock-mantle",),
    "BedrockAgentCoreFullAccess": ("bedrock-agentcore",),
    "AmazonS3FullAccess": ("s3",),
    "IAMFullAccess": ("iam",),
}
# Of these that is all that they say.
WHOLE = frozenset({"AdministratorAccess", "AmazonS3FullAccess", "IAMFullAccess", "PowerUserAccess"})
BUT_IAM = ["iam:*", "organizations:*", "account:*"]


def stand_in(name: str) -> dict[str, Any] | None:
    """A document that grants what AWS's policy of this name surely grants."""
    if name == "PowerUserAccess":
        return {"Statement": [{"Effect": "Allow", "NotAction": BUT_IAM, "Resource": "*"}]}
    if name not in FULL:
        return None
    actions = ["*" if service == "*" else f"{service}:*" for service in FULL[name]]
    return {"Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
