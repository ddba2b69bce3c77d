"""Effective permissions over HTTP: a tidy account passes; the same with a few strong strangers in it fails."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.aws import SimulatedAws
from demo.aws.build import agents, identity
from demo.aws.build.identity import allow
from demo.aws.build.site import Site
from demo.aws.estate import small
from tests.integrations.aws.collecting import collect
from tests.integrations.company.judging import Verdicts, verdicts

# rule (without aws-) | kind (without aws.) | asset
ON_ASSETS = """
bedrock-guardrail-changeable | bedrock.guardrail | assistant
bedrock-logging-changeable | bedrock.logging_configuration | Invocation logging in us-east-1
cloudtrail-stoppable | cloudtrail.trail | clean-trail
sagemaker-artifact-writable | sagemaker.model | scorer
bedrock-data-source-writable | bedrock.data_source | documents
s3-ai-bucket-writers | s3.bucket | clean-training-data
s3-ai-bucket-policy-changeable | s3.bucket | clean-training-data
kms-ai-key-destroyable | kms.key | alias/ml
lambda-tool-changeable | lambda.function | look-up-order
"""
# rule | principal that fails | one that passes | kind
ON_PRINCIPALS = """
iam-invoke-any-model | analyst | clean-agent | role
iam-presigned-url | analyst | clean-agent | role
iam-invoke-unguarded | analyst | careful | role
iam-bearer-token-open | analyst | clean-agent | role
iam-marketplace-subscribe | analyst | clean-agent | role
iam-ai-role-any-function | mighty-agent | clean-agent | role
iam-ai-role-becomes-others | mighty-agent | clean-agent | role
iam-ai-role-no-boundary | mighty-agent | bound-agent | role
iam-ai-role-shared | shared-agent | bound-agent | role
iam-strong-role-passable | mighty-agent | bound-agent | role
iam-user-key-calls-models | ann | ben | user
iam-bedrock-key-endless | ann | ben | user
iam-bedrock-key-strong | ann | ben | user
"""


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]


def judged(aws: SimulatedAws) -> Verdicts:
    return verdicts(collect(aws), aws.account_id)


@pytest.fixture(scope="module")
def tidy() -> Iterator[Verdicts]:
    with SimulatedAws() as aws:
        small.clean(aws)
        yield judged(aws)


@pytest.fixture(scope="module")
def untidy() -> Iterator[Verdicts]:
    with SimulatedAws() as aws:
        site = small.clean(aws)
        strangers(site)
        yield judged(aws)


def strangers(site: Site) -> None:
    """Nobody here is an administrator, and yet."""
    wide = ["bedrock:*", "sagemaker:*", "s3:*", "kms:*", "lambda:*", "cloudtrail:*", "aws-marketplace:*"]
    identity.role(site, "analyst", "ec2", allow([*wide, "iam:PassRole"]))
    identity.role(site, "intern", "ec2", allow("s3:PutObject"))
    identity.role(site, "careful", "ec2", allow("bedrock:InvokeModel", Condition=GUARDED))
    for name in ("ann", "ben"):
        identity.user(site, name, allow("bedrock:*" if name == "ann" else "s3:GetObject"), key=True)
        identity.model_key(site, name, days=0 if name == "ann" else 30)
    _agents(site)


GUARDED = {"StringEquals": {"bedrock:GuardrailIdentifier": "arn:aws:bedrock:us-east-1:111122223333:guardrail/g"}}


def _agents(site: Site) -> None:
    boundary = identity.policy(
        site, "agents-only", allow("bedrock:InvokeModel", "arn:aws:bedrock:*::foundation-model/*")
    )
    strong = allow(["lambda:InvokeFunction", "sts:AssumeRole", "s3:GetObject"])
    mighty = identity.role(site, "mighty-agent", "bedrock", strong)
    bound = identity.role(site, "bound-agent", "bedrock", strong, boundary=boundary)
    shared = identity.role(site, "shared-agent", "bedrock", allow("bedrock:InvokeModel"))
    for name, role in (("mighty", mighty), ("bound", bound), ("one", shared), ("two", shared)):
        agents.agent(site, name, role, {})


@pytest.mark.parametrize(("rule", "kind", "name"), rows(ON_ASSETS))
def test_strangers_with_wide_rights_make_an_asset_fail(
    tidy: Verdicts, untidy: Verdicts, rule: str, kind: str, name: str
) -> None:
    asked = (f"aws-{rule}", f"aws.{kind}", name)
    assert (tidy[asked], untidy[asked]) == ("pass", "fail")


@pytest.mark.parametrize(("rule", "bad", "good", "kind"), rows(ON_PRINCIPALS))
def test_a_principal_fails_by_what_it_can_really_do(
    untidy: Verdicts, rule: str, bad: str, good: str, kind: str
) -> None:
    found = [untidy[f"aws-{rule}", f"aws.iam.{kind}", name] for name in (bad, good)]
    assert found[0] == "fail"
    assert found[1] in ("pass", "not-applicable")
