"""Policies of resources themselves, in the answers to who can do what."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.facts import Node
from inventory.facts.aws_access import who_can
from tests.inventory.facts_aws.test_access import (
    ACCOUNT,
    BOUNDARY,
    BUCKET,
    KEY,
    VENDOR,
    allow,
    bucket,
    document,
    estate,
    grant,
    names,
    person,
)


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


def test_a_key_that_is_used_through_a_service_only_says_so() -> None:
    through = {"kms:ViaService": "s3.eu-west-1.amazonaws.com", "kms:CallerAccount": ACCOUNT}
    line = grant("*", "kms:*", "*") | {"Condition": {"StringEquals": through}}
    key = Node(kind="aws.kms.key", external_id=KEY, place="eu-west-1", config={"Policy": document(line)})
    said = who_can(key, estate(key, person("one")))
    assert isinstance(said, dict)
    use = said["answers"]["use"]
    assert (use["names"], use["unsure_names"], use["outside"]) == ([], ["role/one"], [])
    assert use["because"] == ["Only through s3.eu-west-1.amazonaws.com: what they may do there decides."]
    assert said["answers"]["destroy"]["unsure_names"] == []


def test_a_boundary_and_a_deny_leave_open_what_they_spare() -> None:
    own = person("own", allow("s3:PutObject", f"{BUCKET}/*"), PermissionsBoundary={"PermissionsBoundaryArn": BOUNDARY})
    limit = document(allow("s3:*", f"{BUCKET}/team/*"))
    boundary = Node(
        kind="aws.iam.policy",
        external_id=BOUNDARY,
        config={"PolicyVersionList": [{"IsDefaultVersion": True, "Document": limit}]},
    )
    spare = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "NotResource": f"{BUCKET}/team/*"}
    assert names(bucket(), estate(bucket(), own, boundary), "write") == ["role/own"]
    data = bucket(spare)
    assert names(data, estate(data, person("other", allow("s3:*"))), "write") == ["role/other"]
    assert names(data, estate(data, person("else", allow("s3:*", f"{BUCKET}/raw/*"))), "write") == []


@pytest.mark.parametrize(
    ("condition", "outside"),
    [
        ({"StringEquals": {"aws:PrincipalAccount": VENDOR}}, VENDOR),
        ({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{VENDOR}:role/*"}}, VENDOR),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-other"}}, "o-other"),
    ],
)
def test_a_condition_names_other_accounts_too(condition: dict[str, Any], outside: str) -> None:
    data = bucket(grant("*", "s3:PutObject") | {"Condition": condition})
    said = who_can(data, estate(data))
    assert isinstance(said, dict)
    assert said["answers"]["write"]["outside"] == [outside]
