"""Who else may rewrite what AI begins with: inside the account, outside it, anybody; unread is never nobody."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.documents import LinkTo, Problem, ScopeState, ScopeView, Unknown, Unread
from inventory.facts import Edge, Estate, Node
from inventory.facts.aws_origins import may_rewrite
from inventory.facts.aws_relations import REFERRING
from tests.inventory.facts_aws.test_access import ACCOUNT, BUCKET, READ, VENDOR, allow, bucket, grant, person

SOURCE, GROUP = "aws.bedrock.data_source", "aws.bedrock.action_group"
TARGET, CLUSTER = "aws.agentcore.gateway_target", "aws.sagemaker.hyperpod_cluster"
HUB = "aws.sagemaker.hub"
JOB, ROLE = "aws.sagemaker.processing_job", "aws.iam.role"
# How each kind names the same place.
NAMING: dict[str, dict[str, Any]] = {
    SOURCE: {"dataSource": {"s3Configuration": {"bucketArn": BUCKET, "inclusionPrefixes": ["live/"]}}},
    GROUP: {"agentActionGroup": {"apiSchema": {"s3": {"s3BucketName": "data", "s3ObjectKey": "live/x"}}}},
    TARGET: {"targetConfiguration": {"mcp": {"openApiSchema": {"s3": {"uri": "s3://data/live/x"}}}}},
    CLUSTER: {"InstanceGroups": [{"LifeCycleConfig": {"SourceS3Uri": "s3://data/live", "OnCreate": "x"}}]},
    HUB: {"S3StorageConfig": {"S3OutputPath": "s3://data/live"}},
}
ADMIN, OBJECT = person("boss", allow("*")), f"{BUCKET}/live/x"


def asset(kind: str, config: dict[str, Any] | None = None, **more: Any) -> Node:
    return Node(kind=kind, external_id="it", name="it", config=NAMING[kind] if config is None else config, **more)


def account(*nodes: Node, edges: tuple[Edge, ...] = (), unread: str = "") -> Estate:
    kinds = sorted({*READ, *REFERRING})
    scopes = [ScopeView("-", kind, ScopeState.DENIED if kind == unread else ScopeState.COMPLETE) for kind in kinds]
    return Estate([*nodes, Node(kind="aws.s3.account", external_id="s3")], edges, scopes, account=ACCOUNT)


def others(found: Any) -> tuple[list[str], list[str]]:
    return found["inside"], found["outside"]


@pytest.mark.parametrize("kind", NAMING)
def test_others_of_the_account_are_named_and_administrators_are_not(kind: str) -> None:
    it, writer = asset(kind), person("studio", allow("s3:PutObject", OBJECT))
    reader = person("reader", allow("s3:GetObject"))
    assert others(may_rewrite(it, account(it, bucket(), ADMIN, writer, reader))) == (["role/studio"], [])
    assert others(may_rewrite(it, account(it, bucket(), ADMIN, reader))) == ([], [])


@pytest.mark.parametrize("kind", NAMING)
@pytest.mark.parametrize(
    ("principal", "named"), [({"AWS": f"arn:aws:iam::{VENDOR}:root"}, [VENDOR]), ("*", ["anybody"])]
)
def test_other_accounts_and_anybody_are_named(kind: str, principal: Any, named: list[str]) -> None:
    it, store = asset(kind), bucket(grant(principal, "s3:Put*"))
    assert others(may_rewrite(it, account(it, store)))[1] == named


@pytest.mark.parametrize("kind", NAMING)
@pytest.mark.parametrize("action", ["s3:PutBucketTagging", "s3:PutObjectAcl"])
def test_another_action_that_puts_something_rewrites_nothing(kind: str, action: str) -> None:
    it, store = asset(kind), bucket(grant({"AWS": VENDOR}, action, "*"))
    assert others(may_rewrite(it, account(it, store, person("tagger", allow(action))))) == ([], [])


@pytest.mark.parametrize("kind", NAMING)
def test_another_folder_of_the_bucket_is_none_of_its(kind: str) -> None:
    it, elsewhere = asset(kind), f"{BUCKET}/live-tests/*"
    store = bucket(grant({"AWS": VENDOR}, "s3:PutObject", elsewhere))
    assert others(may_rewrite(it, account(it, store, person("tester", allow("s3:*", elsewhere))))) == ([], [])


@pytest.mark.parametrize("kind", NAMING)
def test_the_role_of_what_writes_there_as_its_work_is_meant_to(kind: str) -> None:
    it, store, job = asset(kind), bucket(), Node(kind=JOB, external_id="job", name="job")
    loader = person("loader", allow("s3:PutObject", f"{BUCKET}/*"))
    edges = (
        Edge(job.identity, LinkTo("writes_data", store.kind, BUCKET)),
        Edge(job.identity, LinkTo("uses_role", ROLE, loader.external_id)),
    )
    assert others(may_rewrite(it, account(it, store, job, loader, edges=edges))) == ([], [])
    assert others(may_rewrite(it, account(it, store, job, loader))) == (["role/loader"], [])


def test_what_takes_nothing_out_of_a_bucket_has_no_answer() -> None:
    for kind in NAMING:
        it = asset(kind, {})
        assert may_rewrite(it, account(it, bucket(), person("studio", allow("s3:*")))) is None


@pytest.mark.parametrize("kind", NAMING)
def test_nobody_found_says_nothing_while_something_was_not_read_or_is_not_decided(kind: str) -> None:
    it = asset(kind)
    assert isinstance(may_rewrite(it, account(it, bucket(), unread="aws.iam.role")), Unknown)
    assert isinstance(may_rewrite(it, account(it, bucket(unread=[Unread("Policy", Problem.DENIED)]))), Unknown)
    assert isinstance(may_rewrite(it, account(it)), Unknown), "a bucket of somebody else"
    office = person("clerk", allow("s3:PutObject", OBJECT, IpAddress={"aws:SourceIp": "192.0.2.0/24"}))
    undecided = may_rewrite(it, account(it, bucket(), office))
    assert undecided == Unknown("It depends on the address that the call comes from.")
    [part] = NAMING[kind]
    dark = asset(kind, {}, unread=[Unread(part, Problem.DENIED)])
    assert isinstance(may_rewrite(dark, account(dark, bucket())), Unknown)


def test_who_surely_may_is_told_although_there_may_be_more() -> None:
    it, store = asset(SOURCE), bucket(grant({"AWS": VENDOR}, "s3:PutObject"))
    found = may_rewrite(it, account(it, store, unread="aws.iam.role"))
    assert isinstance(found, dict)
    assert others(found) == ([], [VENDOR])
    assert found["where"] == ["s3://data/live/"]
    assert found["unread"]


def test_where_anybody_may_nobody_else_is_named() -> None:
    it, store = asset(SOURCE), bucket(grant("*", "s3:PutObject"))
    found = may_rewrite(it, account(it, store, person("studio", allow("s3:*"))))
    assert others(found) == ([], ["anybody"])
