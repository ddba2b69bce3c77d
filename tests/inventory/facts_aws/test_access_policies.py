"""Policies of resources themselves, in the answers to who can do what."""

from __future__ import annotations

import pytest

from inventory.facts import Node
from inventory.facts.aws_access import who_can
from tests.inventory.facts_aws.test_access import ACCOUNT, VENDOR, allow, document, estate, grant, person


@pytest.mark.parametrize(
    ("kind", "verb", "action"),
    [
        ("aws.sagemaker.endpoint", "invoke", "sagemaker:InvokeEndpoint"),
        ("aws.bedrock.imported_model", "invoke", "bedrock:InvokeModel"),
        ("aws.bedrock.knowledge_base", "read", "bedrock:Retrieve"),
        ("aws.bedrock.guardrail", "change", "bedrock:UpdateGuardrail"),
    ],
)
def test_the_policy_of_an_ai_asset_counts(kind: str, verb: str, action: str) -> None:
    own = f"arn:aws:iam::{ACCOUNT}:role/named"
    lines = [
        grant({"AWS": f"arn:aws:iam::{VENDOR}:root"}, action, "*"),
        grant({"AWS": own}, action, "*"),
        grant({"AWS": f"arn:aws:iam::{ACCOUNT}:role/kept-out"}, action, "*") | {"Effect": "Deny"},
    ]
    asset = Node(
        kind=kind, external_id=f"arn:aws:x:eu-west-1:{ACCOUNT}:y/z", config={"ResourcePolicy": document(*lines)}
    )
    said = who_can(asset, estate(asset, person("named"), person("kept-out", allow(action))))
    assert isinstance(said, dict)
    assert said["answers"][verb]["outside"] == [VENDOR]
    assert said["answers"][verb]["names"] == ["role/named"]
