"""Of every kind that rules ask about, documents over HTTP make the same rule fail and pass."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pytest

from demo.aws import SimulatedAws
from demo.aws.build import (
    assistants,
    bedrock,
    compute,
    identity,
    monitoring,
    organization,
    prompts,
    records,
    sagemaker,
    storage,
)
from demo.aws.build.identity import allow
from demo.aws.build.organization import ROOT
from demo.aws.build.site import Site
from demo.aws.build.storage import Bucket
from demo.aws.estate.company import VENDOR_ACCOUNT, s3
from findings.posture.rule import load_rules
from tests.integrations.aws.collecting import collect
from tests.integrations.company.judging import Answer, Verdicts, answers

KINDS = sorted({kind for rule in load_rules() if rule.family == "aws" for kind in rule.kinds})
# Kinds of which no document can do both, with the reason.
EXCEPTIONS: dict[str, str] = {}
# rule | kind | what it is about in the account below | outcome there
ODD = """
s3-ai-bucket-missing | sagemaker.model | from-nowhere | fail
s3-ai-bucket-missing | sagemaker.model | at-home | pass
sagemaker-model-code-format | sagemaker.model | from-nowhere | fail
sagemaker-model-code-format | sagemaker.model | at-home | pass
s3-ai-bucket-public | s3.bucket | odd-models | fail
s3-ai-bucket-lists | s3.bucket | odd-models | fail
s3-ai-bucket-no-access-log | s3.bucket | odd-models | fail
sagemaker-hub-bucket-open | sagemaker.hub | closed | pass
sagemaker-default-bucket-unowned | region | us-east-1 | pass
bedrock-guardrail-not-enforced | region | us-east-1 | pass
organizations-ai-opt-out-missing | organizations.organization | Organization o-halden2026 | pass
secretsmanager-provider-key-open | secretsmanager.secret | shared/openai-api-key | fail
secretsmanager-provider-key-open | secretsmanager.secret | own/openai-api-key | pass
guardduty-ai-threat-open | guardduty.finding | Somebody harvested | pass
vpc-endpoint-ai-open | ec2.vpc_endpoint | bedrock-runtime-endpoint | fail
bedrock-flow-draft-live | bedrock.flow_alias | live | fail
"""


@pytest.fixture(scope="module")
def odd() -> Iterator[list[Answer]]:
    """An account of what the company does not have."""
    with SimulatedAws() as aws:
        site = compute.network(Site(aws, "us-east-1", aws.account_id), "odd", "10.20.0.0/16", {})
        _stored(site)
        _guarded(site)
        _reached(site)
        yield answers(collect(aws), aws.account_id)


def _stored(site: Site) -> None:
    role = identity.role(site, "odd", "sagemaker", allow("s3:GetObject"))
    storage.bucket(site, "odd-models", Bucket(acl="public-read", blocked=False))
    storage.bucket(site, f"sagemaker-us-east-1-{site.account}")
    storage.bucket(site, "odd-hub")
    records.hub(site, "closed", s3("odd-hub", "hub"))
    for name, bucket, file in (("from-nowhere", "gone", "a.pkl"), ("at-home", "odd-models", "a.safetensors")):
        sagemaker.model(site, name, role, {"Image": "odd/server:1", "ModelDataUrl": s3(bucket, file)})
    assistants.kendra_index(site, "odd", f"{role}-gone", "odd-models")
    for name in ("shared", "own"):
        storage.secret(site, f"{name}/openai-api-key")
    storage.share_secret(site, "shared/openai-api-key", f"arn:aws:iam::{VENDOR_ACCOUNT}:root")


def _guarded(site: Site) -> None:
    """Nobody may call a model without a guardrail, though none is enforced by Bedrock itself."""
    bedrock.guardrail(site, "odd", {})
    unguarded = {"Null": {"bedrock:GuardrailIdentifier": "true"}}
    refuse = {"Effect": "Deny", "Action": "bedrock:InvokeModel*", "Resource": "*", "Condition": unguarded}
    caller = identity.role(site, "caller", "bedrock", allow("bedrock:InvokeModel"), refuse)
    prompts.flow(site, "odd", caller, [], route="DRAFT")


def _reached(site: Site) -> None:
    anybody = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    compute.vpc_endpoint(site, "bedrock-runtime", {"Version": "2012-10-17", "Statement": [anybody]})
    made = monitoring.detector(site, "S3_DATA_EVENTS")
    monitoring.threat(site, made, "Impact:IAMUser/CostHarvesting", "Somebody harvested", archived=True)
    organization.organization(site, {})
    opted = {"services": {"default": {"opt_out_policy": {"@@assign": "optOut"}}}}
    organization.policy(site, "AISERVICES_OPT_OUT_POLICY", "no-training", opted, ROOT)


@pytest.fixture(scope="module")
def told_apart(answered: list[Answer], odd: list[Answer]) -> set[str]:
    """Kinds of which one rule fails with a document and passes with another."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for (rule, kind, _name), outcome in (*answered, *odd):
        found[rule, kind].add(outcome)
    return {kind for (_rule, kind), outcomes in found.items() if {"fail", "pass"} <= outcomes}


@pytest.mark.parametrize("kind", KINDS)
def test_documents_make_one_rule_fail_and_pass(told_apart: set[str], kind: str) -> None:
    assert kind in EXCEPTIONS or kind in told_apart


def test_no_exception_is_made_for_a_kind_that_needs_none(told_apart: set[str]) -> None:
    assert [kind for kind in EXCEPTIONS if kind in told_apart] == []


@pytest.mark.parametrize("row", ODD.strip().splitlines())
def test_odd_documents_come_out_as_they_should(odd: list[Answer], row: str) -> None:
    rule, kind, name, outcome = (cell.strip() for cell in row.split("|"))
    found: Verdicts = dict(odd)
    assert found[f"aws-{rule}", f"aws.{kind}", name] == outcome
