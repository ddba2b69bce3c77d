"""Puts an asset's own names into the commands that fix a finding on it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from inventory.models import Asset

NAME, REF, LAST, PLACE, ACCOUNT = "name", "reference", "last part of the reference", "place", "account"

# What a placeholder is called in the commands for a kind (or family of kinds), and what of the asset it stands for.
PLACEHOLDERS: Mapping[str, Mapping[str, str]] = {
    "k8s.": {"NAME": NAME, "NAMESPACE": PLACE},
    "k8s.namespace": {"NAME": "", "NAMESPACE": NAME},
    "aws.": {"ARN": REF, "ACCOUNT": ACCOUNT},
    "aws.bedrock.agent": {"AGENT": LAST, "NAME": NAME},
    "aws.bedrock.guardrail": {"GUARDRAIL": LAST},
    "aws.cloudtrail.trail": {"TRAIL": NAME},
    "aws.ec2.instance": {"INSTANCE": LAST},
    "aws.ec2.security_group": {"GROUP": LAST},
    "aws.ecr.repository": {"REPOSITORY": NAME},
    "aws.ecs.service": {"SERVICE": NAME},
    "aws.eks.cluster": {"CLUSTER": NAME},
    "aws.iam.role": {"ROLE": NAME},
    "aws.kms.key": {"KEY": LAST},
    "aws.lambda.function": {"FUNCTION": NAME},
    "aws.logs.log_group": {"GROUP": NAME},
    "aws.s3.bucket": {"BUCKET": NAME},
    "aws.sagemaker.domain": {"DOMAIN": LAST},
    "aws.sagemaker.endpoint": {"ENDPOINT": NAME},
    "aws.sagemaker.model": {"NAME": NAME},
    "aws.sagemaker.model_package_group": {"GROUP": NAME},
    "aws.sagemaker.notebook_instance": {"NAME": NAME},
    "aws.sagemaker.notebook_lifecycle_config": {"NAME": NAME},
    "aws.secretsmanager.secret": {"SECRET": REF},
}
OTHERS = frozenset(
    {
        "ACCOUNT", "AGENT", "ALIAS", "APP", "ARN", "ARTIFACT", "BUCKET", "CLUSTER", "COMMIT", "CONFIG",
        "CONTAINER", "DETECTOR", "DIGEST", "DOMAIN", "ENDPOINT", "ENI", "FAMILY", "FUNCTION", "GROUP",
        "GUARDRAIL", "HOST", "IMAGE", "INSTANCE", "ISSUER", "KEY", "LOGIN", "MODEL", "NAME", "NAMESPACE",
        "ORGANISATION", "PACKAGE", "PIPELINE", "POLICY", "PORT", "PREFIX", "PROVIDER", "REGISTRY", "REPOSITORY",
        "ROLE", "SECRET", "SERVICE", "STATEMENT", "SUBNET", "TEAM", "TOPIC", "TRAIL", "VERSION",
    }
)  # fmt: skip
ANOTHERS = ("secret generic ", "service,ingress ", "label pod ")  # the name that follows is not the asset's own
WORD = re.compile(r"(?<![A-Za-z0-9_])[A-Z]{2,}(?![A-Za-z0-9_])")
HARMLESS = re.compile(r"[A-Za-z0-9/][A-Za-z0-9_./:@+=-]*")  # a name is text from outside: nothing a shell would run


def filled(command: str, asset: Asset) -> str:
    """The command with every placeholder replaced that stands for this asset."""
    wanted = _declared(asset.kind)

    def replace(match: re.Match[str]) -> str:
        value = _value(asset, wanted.get(match[0], ""))
        borrowed = command[: match.start()].endswith(ANOTHERS)
        return match[0] if borrowed or not HARMLESS.fullmatch(value) else value

    return WORD.sub(replace, command)


def left_open(commands: Iterable[str]) -> list[str]:
    """The placeholders that somebody has to fill in."""
    return sorted({word for command in commands for word in WORD.findall(command)} & OTHERS)


def _declared(kind: str) -> dict[str, str]:
    family = f"{kind.partition('.')[0]}."
    return {**PLACEHOLDERS.get(family, {}), **PLACEHOLDERS.get(kind, {})}


def _value(asset: Asset, what: str) -> str:
    match what:
        case "name":
            return asset.name
        case "reference":
            return asset.external_id
        case "last part of the reference":
            return asset.external_id.rpartition("/")[2]
        case "place":
            return "" if asset.place == "-" else asset.place
        case "account":
            return asset.source.external_id
    return ""
