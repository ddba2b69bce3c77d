"""Attack paths in small AWS accounts: which there are, which there are not, and when that is not known."""

from __future__ import annotations

from typing import Any

import pytest

from findings.posture.rule import load_rules
from inventory.documents import LinkTo, Problem, ScopeState, ScopeView, Unknown, Unread
from inventory.facts import Edge, Estate, Node, aws_access
from inventory.facts.aws_images import function_image, images, open_users
from inventory.facts.aws_monitoring import LOGGING, calls_logged
from inventory.facts.paths.aws import FACTS, LOOKS_AT
from inventory.facts.paths.aws_entries import ENTRIES
from inventory.facts.paths.aws_goals import GRAVE, Goal
from tests.inventory.facts_aws.test_access import ACCOUNT, allow, document, person

FUNCTION, ROLE, SECRET, BUCKET = "aws.lambda.function", "aws.iam.role", "aws.secretsmanager.secret", "aws.s3.bucket"
KEY = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:openai"
AGENT = "aws.bedrock.agent"
OPEN = {"UrlConfig": {"AuthType": "NONE"}}
ADMIN = allow("*")


def node(kind: str, name: str, ref: str = "", **more: Any) -> Node:
    return Node(kind=kind, external_id=ref or f"arn:aws:x:eu-west-1:{ACCOUNT}:{name}", name=name, **more)


def arn(role: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{role}"


def trusting(*principals: str, service: str = "") -> dict[str, Any]:
    who = {"Service": service} if service else {"AWS": list(principals)}
    return document({"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole"})


def function(name: str = "shop", config: dict[str, Any] | None = None, **more: Any) -> Node:
    """One that talks to AI unless something else is said."""
    return node(FUNCTION, name, config=OPEN if config is None else config, **{"ai_role": "api-client", **more})


def secret() -> Node:
    return node(SECRET, "openai", KEY)


def runs_as(workload: Node, role: str) -> Edge:
    return Edge(workload.identity, LinkTo("uses_role", ROLE, arn(role)))


def account(*nodes: Node, edges: tuple[Edge, ...] = (), unread: tuple[str, ...] = ()) -> Estate:
    scopes = [
        ScopeView("-", kind, ScopeState.DENIED if kind in unread else ScopeState.COMPLETE)
        for kind in sorted({*LOOKS_AT, *(one.kind for one in nodes)})
    ]
    return Estate(nodes, edges, scopes, account=ACCOUNT)


def path(goal: Goal, start: Node, estate: Estate) -> Any:
    return FACTS[goal](start, estate)


def names(found: Any) -> list[str]:
    return [hop["name"] for hop in found["hops"]]


def cut(found: Any) -> str:
    return next(str(hop["name"]) for hop in found["hops"] if hop["cut"])


READS = allow("secretsmanager:GetSecretValue", KEY)


def test_an_open_function_whose_role_reads_a_key_is_a_path_with_its_evidence() -> None:
    shop = function()
    found = path(Goal.KEYS, shop, account(shop, person("worker", READS), secret(), edges=(runs_as(shop, "worker"),)))
    assert names(found) == ["shop", "worker", "openai"]
    assert [hop["evidence"] for hop in found["hops"]] == [
        "UrlConfig.AuthType is NONE",
        "its configuration names the role",
        f"policy own allows secretsmanager:getsecretvalue on {KEY}",
    ]
    assert cut(found) == "shop"


@pytest.mark.parametrize("config", [{}, {"UrlConfig": {"AuthType": "AWS_IAM"}}])
def test_a_function_that_nobody_outside_can_call_starts_no_path(config: dict[str, Any]) -> None:
    shop = function(config=config)
    estate = account(shop, person("worker", ADMIN), secret(), edges=(runs_as(shop, "worker"),))
    assert [path(goal, shop, estate) for goal in Goal] == [None] * len(Goal)


def test_an_administrator_is_the_end_and_not_a_list_of_everything() -> None:
    shop = function()
    estate = account(shop, person("boss", ADMIN), secret(), edges=(runs_as(shop, "boss"),))
    assert names(path(Goal.CONTROL, shop, estate)) == ["shop", "boss", f"account {ACCOUNT}"]
    assert path(Goal.KEYS, shop, estate) == {"covered": True}


def test_a_role_is_reached_over_another_that_may_assume_it() -> None:
    shop = function()
    first = person("first", allow("sts:AssumeRole", arn("second")))
    second = person("second", READS, AssumeRolePolicyDocument=trusting(arn("first")))
    estate = account(shop, first, second, secret(), edges=(runs_as(shop, "first"),))
    found = path(Goal.KEYS, shop, estate)
    assert [hop["how"] for hop in found["hops"]][2:] == ["may become", "can read"]
    assert names(found) == ["shop", "first", "second", "openai"]


@pytest.mark.parametrize(
    ("starts", "reached"), [("sagemaker:CreateNotebookInstance", True), ("sqs:SendMessage", False)]
)
def test_passing_a_role_needs_a_service_in_which_work_can_be_started(starts: str, reached: bool) -> None:
    shop = function()
    first = person("first", allow("iam:PassRole"), allow(starts))
    boss = person("boss", ADMIN, AssumeRolePolicyDocument=trusting(service="sagemaker.amazonaws.com"))
    found = path(Goal.CONTROL, shop, account(shop, first, boss, edges=(runs_as(shop, "first"),)))
    assert (found is not None) is reached


def test_the_change_that_closes_two_ways_in_is_better_than_closing_each() -> None:
    one, two = function("one"), function("two")
    estate = account(
        one, two, person("shared", READS), secret(), edges=(runs_as(one, "shared"), runs_as(two, "shared"))
    )
    found = [path(Goal.KEYS, start, estate) for start in (one, two)]
    assert [cut(each) for each in found] == ["shared", "shared"]
    assert found[0]["fix_key"] == found[1]["fix_key"]
    assert found[0]["fix"] == "Let role shared do only what its work needs."


def test_a_model_whose_artifact_the_role_may_write_is_reached_over_the_bucket() -> None:
    shop = function()
    store = node(BUCKET, "models", "arn:aws:s3:::models", ai_role="dataset")
    config = {"PrimaryContainer": {"ModelDataUrl": "s3://models/live/model.tar.gz"}}
    model = node("aws.sagemaker.model", "ranker", config=config, ai_role="model")
    loads = Edge(model.identity, LinkTo("loads", BUCKET, store.external_id))
    for resource, reached in (("models/live/*", True), ("models/other/*", False)):
        writer = person("writer", allow("s3:PutObject", f"arn:aws:s3:::{resource}"))
        estate = account(shop, writer, store, model, edges=(runs_as(shop, "writer"), loads))
        found = path(Goal.BEHAVIOUR, shop, estate)
        assert (names(found) if reached else found) == (["shop", "writer", "models", "ranker"] if reached else None)


def test_what_anybody_may_read_needs_no_path_over_a_role() -> None:
    shop = function()
    policy = document(allow("s3:GetObject", "arn:aws:s3:::public/*") | {"Principal": "*"})
    public = node(BUCKET, "public", "arn:aws:s3:::public", ai_role="dataset", config={"Policy": policy})
    settings = node("aws.s3.account", "s3")
    estate = account(shop, person("worker", READS), public, settings, edges=(runs_as(shop, "worker"),))
    assert path(Goal.DATA, shop, estate) is None


def test_further_ends_are_counted_and_the_first_are_named() -> None:
    shop = function()
    keys = [node(SECRET, f"key-{number}") for number in range(9)]
    reader = person("worker", allow("secretsmanager:GetSecretValue"))
    found = path(Goal.KEYS, shop, account(shop, reader, *keys, edges=(runs_as(shop, "worker"),)))
    assert (found["more_number"], len(found["more"])) == (8, 5)


def test_a_condition_that_cannot_be_decided_is_not_known_and_says_why() -> None:
    shop = function()
    office = allow("secretsmanager:GetSecretValue", KEY, IpAddress={"aws:SourceIp": "192.0.2.0/24"})
    found = path(Goal.KEYS, shop, account(shop, person("worker", office), secret(), edges=(runs_as(shop, "worker"),)))
    assert isinstance(found, Unknown)
    assert found.reason.startswith("Whether worker can read openai is not decided.")


@pytest.mark.parametrize("kind", [ROLE, "aws.iam.policy", SECRET])
def test_without_a_list_that_the_answer_rests_on_it_is_not_known(kind: str) -> None:
    shop = function()
    estate = account(shop, person("worker", allow("sqs:*")), edges=(runs_as(shop, "worker"),), unread=(kind,))
    assert isinstance(path(Goal.KEYS, shop, estate), Unknown)


def test_a_list_that_tells_of_another_goal_leaves_the_answer_known() -> None:
    shop = function()
    estate = account(
        shop, person("worker", READS), secret(), edges=(runs_as(shop, "worker"),), unread=("aws.kendra.index",)
    )
    assert names(path(Goal.KEYS, shop, estate)) == ["shop", "worker", "openai"]
    assert isinstance(path(Goal.DATA, shop, estate), Unknown)


@pytest.mark.parametrize("part", ["UrlConfig", "Policy"])
def test_a_way_in_that_was_not_read_is_not_known(part: str) -> None:
    shop = function(config={}, unread=[Unread(part, Problem.DENIED, "no")])
    estate = account(shop, person("worker", READS), secret(), edges=(runs_as(shop, "worker"),))
    assert isinstance(path(Goal.KEYS, shop, estate), Unknown)


def test_a_role_that_nobody_looked_for_is_not_known() -> None:
    shop = function()
    estate = account(shop, edges=(runs_as(shop, "worker"),), unread=(ROLE,))
    assert isinstance(path(Goal.KEYS, shop, estate), Unknown)


def test_another_way_in_that_was_not_read_takes_no_path_from_the_known_one() -> None:
    shop, dark = function(), function("dark", config={}, unread=[Unread("UrlConfig", Problem.DENIED, "no")])
    estate = account(shop, dark, person("worker", READS), secret(), edges=(runs_as(shop, "worker"),))
    assert names(path(Goal.KEYS, shop, estate)) == ["shop", "worker", "openai"]


def test_permissions_are_asked_once_an_asset_however_many_ways_in_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    holders = aws_access._holders

    def counted(node: Node, *rest: Any) -> Any:
        asked.append(node.external_id)
        return holders(node, *rest)

    monkeypatch.setattr(aws_access, "_holders", counted)
    doors = [function(f"door-{number}") for number in range(20)]
    roles = [person(f"worker-{number}", READS) for number in range(20)]
    edges = tuple(runs_as(door, role.name) for door, role in zip(doors, roles, strict=True))
    estate = account(*doors, *roles, secret(), edges=edges)
    assert all(path(goal, door, estate) is None or goal is Goal.KEYS for door in doors for goal in Goal)
    assert asked.count(KEY) == 1
    assert len(asked) == len(doors) + len(roles) + 1


def test_where_nothing_is_open_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws_access, "_holders", lambda *_: pytest.fail("asked"))
    shut = function(config={})
    estate = account(shut, person("worker", ADMIN), secret(), edges=(runs_as(shut, "worker"),))
    assert [path(goal, shut, estate) for goal in Goal] == [None] * len(Goal)


def test_each_goal_has_a_rule_that_asks_every_way_in() -> None:
    rules = load_rules().by_id
    for goal in Goal:
        rule = rules[f"aws-path-to-{goal}"]
        assert rule.kinds == set(ENTRIES)
        assert (rule.severity == 4) is (goal in GRAVE)
        assert rule.fix.by == f"facts.path_to_{goal}.fix_key"


TO_THE_INTERNET = {
    "VpcId": "vpc",
    "Associations": [{"Main": True}],
    "Routes": [{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"}],
}


@pytest.mark.parametrize(("public", "found"), [("ENABLED", ["chat"]), ("DISABLED", [])])
def test_an_image_knows_the_open_workloads_that_run_it(public: str, found: list[str]) -> None:
    network = {"networkConfiguration": {"awsvpcConfiguration": {"assignPublicIp": public}}}
    image, task = node("aws.ecr.image", "chat:1"), node("aws.ecs.task_definition", "chat-task")
    service = node("aws.ecs.service", "chat", config=network)
    group = node(
        "aws.ec2.security_group",
        "open",
        config={"IpPermissions": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]},
    )
    subnet = node("aws.ec2.subnet", "near", config={"SubnetId": "near", "VpcId": "vpc"})
    routes = node("aws.ec2.route_table", "out", config=TO_THE_INTERNET)
    edges = (
        Edge(service.identity, LinkTo("in_network", subnet.kind, subnet.external_id)),
        Edge(task.identity, LinkTo("runs_image", image.kind, image.external_id)),
        Edge(service.identity, LinkTo("runs_as", task.kind, task.external_id)),
        Edge(service.identity, LinkTo("in_network", group.kind, group.external_id)),
    )
    assert open_users(image, account(image, task, service, group, subnet, routes, edges=edges)) == found
    unread = account(image, task, service, group, subnet, routes, edges=edges, unread=("aws.ecs.service",))
    assert open_users(image, unread) == found if found else isinstance(open_users(image, unread), Unknown)


@pytest.mark.parametrize(("auth", "found"), [("NONE", ["chat"]), ("AWS_IAM", [])])
def test_an_image_knows_the_open_function_that_runs_it(auth: str, found: list[str]) -> None:
    image = node("aws.ecr.image", "chat@sha256:ab", config={"imageDigest": "sha256:ab"})
    packed = {"PackageType": "Image", "CodeSha256": "ab", "UrlConfig": {"AuthType": auth}}
    chat = node("aws.lambda.function", "chat", config=packed)
    (link,) = function_image(chat, account(image, chat))
    assert open_users(image, account(image, chat, edges=(Edge(chat.identity, link),))) == found
    other = node("aws.lambda.function", "other", config={"PackageType": "Zip", "CodeSha256": "ab"})
    assert function_image(other, account(image, other)) == []


def test_the_image_of_a_function_is_known_by_its_digest_in_an_own_registry_only() -> None:
    image = node("aws.ecr.image", "chat@sha256:ab", config={"imageDigest": "sha256:ab"})
    chat = node("aws.lambda.function", "chat", config={"PackageType": "Image", "CodeSha256": "ab"})
    known = account(
        image, chat, edges=tuple(Edge(chat.identity, link) for link in function_image(chat, account(image)))
    )
    found = images(chat, known)
    assert not isinstance(found, Unknown)
    assert [one["image"] for one in found] == [image.external_id]
    assert isinstance(images(chat, account(chat)), Unknown), "it is of a registry elsewhere"
    assert isinstance(images(chat, account(chat, unread=("aws.ecr.image",))), Unknown)


@pytest.mark.parametrize(
    ("goes", "logged"),
    [
        ({"s3Config": {"bucketName": "logs"}, "textDataDeliveryEnabled": True}, True),
        ({"s3Config": {"bucketName": "logs"}, "textDataDeliveryEnabled": False}, False),
        ({}, False),
    ],
)
def test_an_agent_knows_whether_calls_are_logged_in_its_region(goes: dict[str, Any], logged: bool) -> None:
    agent, other = node(AGENT, "helper", place="eu-west-1"), node(AGENT, "far", place="us-east-1")
    settings = node(LOGGING, "logging", place="eu-west-1", config={"loggingConfig": goes})
    estate = account(agent, other, settings)
    assert (calls_logged(agent, estate), calls_logged(other, estate)) == (logged, False)
    assert isinstance(calls_logged(other, account(other, unread=(LOGGING,))), Unknown)
