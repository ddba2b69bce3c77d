"""Facts about AgentCore, stores, APIs, watchers and the organization: settled, not settled, not read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from inventory.documents import LinkTo, Problem, ScopeState, ScopeView, Unknown, Unread
from inventory.facts.aws_agentcore import calls_checked, endpoints, private_path
from inventory.facts.aws_platform import calls_ai, lets_anything_through, open_methods, routes_to
from inventory.facts.aws_stores import open_network, wide_principals, writing_principals
from inventory.facts.aws_watching import ai_types_recorded, inspector_on, logs_delivered
from inventory.facts.estate import Edge, Estate, Node

ACCOUNT, HERE = "111122223333", "eu-west-1"
DENIED = Problem.DENIED


def node(kind: str, name: str = "one", *, unread: Iterable[str] = (), **config: Any) -> Node:
    missed = [Unread(part, DENIED, "AccessDenied") for part in unread]
    return Node(kind=f"aws.{kind}", external_id=f"arn:{name}", name=name, place=HERE, config=config, unread=missed)


def estate(*nodes: Node, edges: Iterable[tuple[Node, str, Node]] = (), read: Iterable[str] = ()) -> Estate:
    scopes = [ScopeView(HERE, f"aws.{kind}", ScopeState.COMPLETE) for kind in read]
    links = [Edge(one.identity, LinkTo(type_, to.kind, to.external_id)) for one, type_, to in edges]
    return Estate(nodes, links, scopes, account=ACCOUNT)


ENGINE = node("agentcore.policy_engine", "engine")


def gateway(mode: str | None, **more: Any) -> Node:
    return node(
        "agentcore.gateway", policyEngineConfiguration={"arn": "arn:engine", "mode": mode} if mode else None, **more
    )


@pytest.mark.parametrize(
    ("mode", "policy", "expected"),
    [
        (None, "ACTIVE", False),
        ("LOG_ONLY", "ACTIVE", False),
        ("ENFORCE", "ACTIVE", True),
        ("ENFORCE", "LOG_ONLY", False),
    ],
)
def test_tool_calls_are_checked_only_by_a_policy_that_refuses(mode: str | None, policy: str, expected: bool) -> None:
    tools, rule = gateway(mode), node("agentcore.policy", "rule", enforcementMode=policy)
    edges = [(tools, "guarded_by", ENGINE), (rule, "part_of", ENGINE)]
    assert calls_checked(tools, estate(tools, ENGINE, rule, edges=edges, read=["agentcore.policy"])) is expected


@pytest.mark.parametrize("policies", [[], [node("agentcore.policy", "rule", enforcementMode="LOG_ONLY")]])
def test_policies_that_were_not_read_could_be_those_that_refuse(policies: list[Node]) -> None:
    tools = gateway("ENFORCE")
    edges = [(tools, "guarded_by", ENGINE), *((rule, "part_of", ENGINE) for rule in policies)]
    assert isinstance(calls_checked(tools, estate(tools, ENGINE, *policies, edges=edges)), Unknown)


def test_an_engine_that_was_not_read_leaves_the_check_open() -> None:
    tools = gateway("ENFORCE")
    assert isinstance(calls_checked(tools, estate(tools, edges=[(tools, "guarded_by", ENGINE)])), Unknown)


def test_addresses_of_tools_are_found_wherever_they_stand() -> None:
    target = node(
        "agentcore.gateway_target", targetConfiguration={"mcp": {"mcpServer": {"endpoint": "https://x.example/mcp"}}}
    )
    assert endpoints(target, estate(target)) == [
        {"url": "https://x.example/mcp", "scheme": "https", "host": "x.example"}
    ]
    assert isinstance(endpoints(node("agentcore.gateway_target", unread=[""]), estate()), Unknown)


@pytest.mark.parametrize(
    ("service", "state", "expected"),
    [("bedrock-agentcore", "available", True), ("bedrock-agentcore", "deleting", False), ("s3", "available", False)],
)
def test_a_private_path_needs_a_usable_endpoint_in_the_same_network(service: str, state: str, expected: bool) -> None:
    runtime, group = node("agentcore.runtime", networkConfiguration={}), node("ec2.security_group", VpcId="vpc-1")
    endpoint = node("ec2.vpc_endpoint", VpcId="vpc-1", ServiceName=f"com.amazonaws.{HERE}.{service}", State=state)
    known = estate(runtime, group, endpoint, edges=[(runtime, "in_network", group)], read=["ec2.vpc_endpoint"])
    assert private_path(runtime, known) is expected


def collection(policy: Node | None, *, read: bool = True) -> tuple[Node, Estate]:
    vectors = node("aoss.collection", "articles")
    kinds = ["aoss.network_policy", "aoss.access_policy"] if read else []
    return vectors, estate(vectors, *([policy] if policy else []), read=kinds)


@pytest.mark.parametrize(("pattern", "expected"), [("collection/art*", True), ("collection/other", False)])
def test_a_collection_is_open_by_the_policy_that_matches_its_name(pattern: str, expected: bool) -> None:
    part = {"Rules": [{"ResourceType": "collection", "Resource": [pattern]}], "AllowFromPublic": True}
    vectors, known = collection(node("aoss.network_policy", "p", securityPolicyDetail={"policy": [part]}))
    assert open_network(vectors, known) is expected


def test_public_dashboards_do_not_open_a_collection() -> None:
    part = {"Rules": [{"ResourceType": "dashboard", "Resource": ["collection/articles"]}], "AllowFromPublic": True}
    vectors, known = collection(node("aoss.network_policy", "p", securityPolicyDetail={"policy": [part]}))
    assert open_network(vectors, known) is False


def test_policies_that_were_not_listed_do_not_close_a_collection() -> None:
    vectors, known = collection(None, read=False)
    assert isinstance(open_network(vectors, known), Unknown)
    assert isinstance(wide_principals(vectors, known), Unknown)


def test_a_whole_account_is_a_wide_principal_and_a_role_is_not() -> None:
    rules = [{"ResourceType": "index", "Resource": ["index/articles/*"], "Permission": ["aoss:*"]}]
    principals = [f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws:iam::{ACCOUNT}:role/reader"]
    detail = {"policy": [{"Rules": rules, "Principal": principals}]}
    vectors, known = collection(node("aoss.access_policy", "p", accessPolicyDetail=detail))
    assert wide_principals(vectors, known) == [principals[0]]


@pytest.mark.parametrize(
    ("permission", "resource", "wide", "writing"),
    [
        ("aoss:ReadDocument", "index/articles/*", True, False),
        ("aoss:WriteDocument", "index/*", True, True),
        ("aoss:WriteDocument", "index/*/*", True, True),
        ("aoss:ReadDocument", "index/articles/public", False, False),
        ("aoss:DescribeIndex", "index/articles/*", False, False),
    ],
)
def test_the_documents_of_every_index_are_as_wide_as_everything(
    permission: str, resource: str, wide: bool, writing: bool
) -> None:
    rules = [{"ResourceType": "index", "Resource": [resource], "Permission": [permission]}]
    root = f"arn:aws:iam::{ACCOUNT}:root"
    detail = {"policy": [{"Rules": rules, "Principal": [root]}]}
    vectors, known = collection(node("aoss.access_policy", "p", accessPolicyDetail=detail))
    assert wide_principals(vectors, known) == [root] * wide
    assert writing_principals(vectors, known) == [root] * writing


def api(authorization: str, uri: str = "", **more: Any) -> Node:
    method = {"authorizationType": authorization, "methodIntegration": {"uri": uri}}
    return node("apigateway.rest_api", Resources=[{"path": "/ask", "resourceMethods": {"POST": method}}], **more)


def test_only_methods_that_ask_for_nothing_are_open() -> None:
    assert open_methods(api("NONE"), estate()) == ["POST /ask"]
    assert open_methods(api("AWS_IAM"), estate()) == []
    assert open_methods(api("NONE", endpointConfiguration={"types": ["PRIVATE"]}), estate()) == []
    assert isinstance(open_methods(node("apigateway.rest_api", unread=["Resources"]), estate()), Unknown)


@pytest.mark.parametrize(
    ("operator", "address", "expected"),
    [
        ("IpAddress", "203.0.113.7/32", ["POST /ask"]),
        ("NotIpAddress", "198.51.100.0/24", []),
    ],
)
def test_a_policy_closes_an_api_only_when_it_refuses_strangers(
    operator: str, address: str, expected: list[str]
) -> None:
    invoke = {"Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
    deny = invoke | {"Effect": "Deny", "Condition": {operator: {"aws:SourceIp": address}}}
    policy = {"Statement": [invoke | {"Effect": "Allow"}, deny]}
    assert open_methods(api("NONE", policy=policy), estate()) == expected
    as_aws_gives_it = json.dumps(policy).replace('"', '\\"')
    assert open_methods(api("NONE", policy=as_aws_gives_it), estate()) == expected


def test_an_api_leads_to_the_function_in_its_address() -> None:
    arn = f"arn:aws:lambda:{HERE}:{ACCOUNT}:function:ask"
    found = routes_to(
        api("NONE", f"arn:aws:apigateway:{HERE}:lambda:path/2015-03-31/functions/{arn}/invocations"), estate()
    )
    assert list(found) == [LinkTo("routes_to", "aws.lambda.function", arn)]


def test_an_api_on_a_model_reaches_ai_without_any_function() -> None:
    direct = api("NONE", f"arn:aws:apigateway:{HERE}:runtime.sagemaker:path/endpoints/x/invocations")
    assert calls_ai(direct, estate(direct)) is True
    assert calls_ai(api("NONE"), estate()) is False


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (None, True),
        ({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}, True),
        ({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*",
                         "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}]}, False),
        ({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "bedrock:InvokeModel"}]}, False),
    ],
)  # fmt: skip
def test_an_endpoint_without_a_condition_on_its_owner_lets_anything_through(policy: Any, expected: bool) -> None:
    endpoint = node("ec2.vpc_endpoint", PolicyDocument=policy)
    assert lets_anything_through(endpoint, estate(endpoint)) is expected


REGION = Node(kind="aws.region", external_id="r", name=HERE, place=HERE)


def test_a_recorder_that_stands_still_keeps_no_history() -> None:
    for running in (True, False):
        recorder = node("config.recorder", recordingGroup={"allSupported": True}, Status=[{"recording": running}])
        assert ai_types_recorded(REGION, estate(recorder)) is running
    assert ai_types_recorded(REGION, estate(read=["config.recorder"])) is False
    assert isinstance(ai_types_recorded(REGION, estate()), Unknown)


def test_inspector_names_what_it_scans() -> None:
    state = {"ecr": {"status": "ENABLED"}, "lambda": {"status": "DISABLED"}}
    status = node("inspector.status", accounts=[{"resourceState": state}])
    assert inspector_on(REGION, estate(status)) == ["ecr"]


def test_a_log_source_without_a_delivery_delivers_nothing() -> None:
    runtime = node("agentcore.runtime", "agent")
    source, delivery = node("logs.delivery_source", "s", resourceArns=["arn:agent"]), node("logs.delivery", "d")
    read = ["logs.delivery_source", "logs.delivery"]
    assert logs_delivered(runtime, estate(runtime, source, read=read)) is False
    assert logs_delivered(runtime, estate(runtime, source, delivery, edges=[(delivery, "part_of", source)])) is True
