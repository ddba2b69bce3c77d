"""Ways in and steps of attack paths that are easily taken for more, or for less, than they are."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.documents import LinkTo, Problem, Unknown, Unread
from inventory.facts import Edge, Node
from inventory.facts.paths.aws import path_to_role_by_flaw
from inventory.facts.paths.aws_goals import Goal
from tests.inventory.facts_aws.test_access import ACCOUNT, BOUNDARY, allow, document, person
from tests.inventory.paths.test_aws_paths import (
    ADMIN,
    BUCKET,
    KEY,
    READS,
    account,
    arn,
    function,
    names,
    node,
    path,
    runs_as,
    secret,
    trusting,
)  # fmt: skip

REPOSITORY = f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/chat"
URI = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/chat"
ANYBODY_PUSHES = document(allow("ecr:PutImage") | {"Principal": "*"})
RUNTIME, MODEL, IMAGE = "aws.agentcore.runtime", "aws.sagemaker.model", "aws.ecr.image"


def no(part: str) -> list[Unread]:
    return [Unread(part, Problem.DENIED, "no")]


def test_a_sure_path_stands_although_something_else_was_not_read() -> None:
    shop = function()
    dark = node("aws.ecr.repository", "chat", REPOSITORY, ai_role="registry", unread=no("Policy"))
    estate = account(shop, dark, person("boss", ADMIN), edges=(runs_as(shop, "boss"),))
    found = path(Goal.CONTROL, shop, estate)
    assert names(found) == ["shop", "boss", f"account {ACCOUNT}"]
    assert found["unread"]
    assert isinstance(path(Goal.KEYS, shop, estate), Unknown)


@pytest.mark.parametrize(
    ("right", "resource"),
    [
        ("iam:PutRolePolicy", "*"),
        ("iam:AttachRolePolicy", arn("worker")),
        ("iam:UpdateAssumeRolePolicy", arn("boss")),
        ("iam:CreateAccessKey", f"arn:aws:iam::{ACCOUNT}:user/root"),
    ],
)
def test_who_can_rewrite_its_own_rights_or_become_an_administrator_has_control(right: str, resource: str) -> None:
    shop, boss, user = function(), person("boss", ADMIN), person("root", ADMIN, kind="user")
    worker = person("worker", allow(right, resource))
    found = path(Goal.CONTROL, shop, account(shop, boss, user, worker, edges=(runs_as(shop, "worker"),)))
    assert names(found) == ["shop", "worker", f"account {ACCOUNT}"]
    assert found["hops"][-1]["evidence"] == f"policy own allows {right.lower()} on {resource}"


@pytest.mark.parametrize(
    ("right", "resource"),
    [
        ("iam:PutRolePolicy", arn("other")),
        ("iam:CreatePolicyVersion", "*"),
        ("iam:UpdateAssumeRolePolicy", arn("other")),
    ],
)
def test_rewriting_what_is_neither_its_own_nor_an_administrators_is_no_control(right: str, resource: str) -> None:
    shop, other = function(), person("other", READS)
    worker = person("worker", allow(right, resource))
    estate = account(shop, other, person("boss", ADMIN), worker, edges=(runs_as(shop, "worker"),))
    assert path(Goal.CONTROL, shop, estate) is None


def test_a_new_version_of_the_policy_that_a_role_holds_gives_it_control() -> None:
    shop, ref = function(), f"arn:aws:iam::{ACCOUNT}:policy/mine"
    versions = [{"IsDefaultVersion": True, "Document": document(allow("iam:CreatePolicyVersion", ref))}]
    policy = node("aws.iam.policy", "mine", ref, config={"PolicyVersionList": versions})
    worker = person("worker", AttachedManagedPolicies=[{"PolicyName": "mine", "PolicyArn": ref}])
    assert path(Goal.CONTROL, shop, account(shop, policy, worker, edges=(runs_as(shop, "worker"),)))


def versions(*documents: Any) -> dict[str, Any]:
    """A managed policy; the first of its versions is in force."""
    rows = [{"IsDefaultVersion": not number, "Document": one} for number, one in enumerate(documents)]
    return {"PolicyVersionList": rows}


@pytest.mark.parametrize(
    ("older", "control"),
    [(document(ADMIN), True), (document(READS), False), (document({**ADMIN, "Effect": "Deny"}), False), (None, None)],
)
def test_an_older_version_of_its_policy_put_back_in_force_may_give_control(older: Any, control: bool | None) -> None:
    shop, ref = function(), f"arn:aws:iam::{ACCOUNT}:policy/mine"
    config = versions(document(allow("iam:SetDefaultPolicyVersion", ref)), older)
    policy = node("aws.iam.policy", "mine", ref, config=config)
    worker = person("worker", AttachedManagedPolicies=[{"PolicyName": "mine", "PolicyArn": ref}])
    found = path(Goal.CONTROL, shop, account(shop, policy, worker, edges=(runs_as(shop, "worker"),)))
    assert isinstance(found, Unknown) if control is None else (found is not None) is control
    if control:
        assert found["hops"][-1]["evidence"] == f"policy mine allows iam:setdefaultpolicyversion on {ref}"


def test_who_rewrites_the_trust_of_a_role_becomes_it() -> None:
    shop, other = function(), person("other", READS)
    worker = person("worker", allow("iam:UpdateAssumeRolePolicy", arn("other")))
    found = path(Goal.KEYS, shop, account(shop, worker, other, secret(), edges=(runs_as(shop, "worker"),)))
    assert names(found) == ["shop", "worker", "other", "openai"]
    assert found["hops"][2]["how"] == "can let itself become"
    assert found["hops"][2]["evidence"] == f"policy own allows iam:updateassumerolepolicy on {arn('other')}"


@pytest.mark.parametrize(("trusts", "control"), [("worker", True), ("somebody", False)])
def test_who_rewrites_the_policies_of_a_role_that_it_can_become_has_control(trusts: str, control: bool) -> None:
    shop = function()
    worker = person("worker", allow("sts:AssumeRole"), allow("iam:PutRolePolicy", arn("other")))
    other = person("other", READS, AssumeRolePolicyDocument=trusting(arn(trusts)))
    found = path(Goal.CONTROL, shop, account(shop, worker, other, edges=(runs_as(shop, "worker"),)))
    assert (found is not None) is control
    if control:
        assert found["hops"][-1]["evidence"] == f"policy own allows iam:putrolepolicy on {arn('other')}"


def test_a_statement_on_one_object_is_the_evidence_of_writing_to_its_bucket() -> None:
    shop = function()
    store = node(BUCKET, "models", "arn:aws:s3:::models", ai_role="dataset")
    model = node(
        MODEL, "ranker", config={"PrimaryContainer": {"ModelDataUrl": "s3://models/a.tar.gz"}}, ai_role="model"
    )
    loads = Edge(model.identity, LinkTo("loads", BUCKET, store.external_id))
    writer = person("writer", allow("s3:PutObject", "arn:aws:s3:::models/a.tar.gz"))
    found = path(Goal.BEHAVIOUR, shop, account(shop, writer, store, model, edges=(runs_as(shop, "writer"), loads)))
    assert found["hops"][2]["evidence"] == "policy own allows s3:putobject on arn:aws:s3:::models/a.tar.gz"


def test_a_role_with_a_boundary_wins_nothing_by_its_own_policies() -> None:
    versions = [{"IsDefaultVersion": True, "Document": document(allow("iam:*"), allow("s3:*"))}]
    limit = node("aws.iam.policy", "boundary", BOUNDARY, config={"PolicyVersionList": versions})
    shop = function()
    worker = person("worker", allow("iam:PutRolePolicy"), PermissionsBoundary={"PermissionsBoundaryArn": BOUNDARY})
    assert path(Goal.CONTROL, shop, account(shop, limit, worker, edges=(runs_as(shop, "worker"),))) is None


@pytest.mark.parametrize(
    ("options", "way"),
    [
        ({"Enabled": True, "AnonymousAuthEnabled": False}, False),
        ({"Enabled": True, "AnonymousAuthEnabled": True}, True),
        ({"Enabled": False}, True),
        (None, None),
    ],
)
def test_a_domain_where_people_sign_in_is_no_way_in(options: dict[str, Any] | None, way: bool | None) -> None:
    config = {"AccessPolicies": document(allow("es:*") | {"Principal": {"AWS": "*"}})}
    config |= {} if options is None else {"AdvancedSecurityOptions": options}
    ref = f"arn:aws:es:eu-west-1:{ACCOUNT}:domain/d"
    unread = no("AdvancedSecurityOptions") if options is None else ()
    domain = node("aws.opensearch.domain", "d", ref, config=config, ai_role="vector-store", unread=unread)
    base = node("aws.bedrock.knowledge_base", "kb", ai_role="dataset")
    edge = Edge(base.identity, LinkTo("stores_in", domain.kind, ref))
    found = path(Goal.BEHAVIOUR, domain, account(domain, base, edges=(edge,)))
    assert isinstance(found, Unknown) if way is None else (found is not None) is way


def pushed(mutability: str, reference: str, kind: str = MODEL) -> tuple[Node, tuple[Node, ...], tuple[Edge, ...]]:
    """A repository that anybody may push to, and what runs an image of it."""
    config = {"Policy": ANYBODY_PUSHES, "imageTagMutability": mutability}
    store = node("aws.ecr.repository", "chat", REPOSITORY, ai_role="registry", config=config)
    image = node(IMAGE, "chat:1", f"{URI}@sha256:aa")
    shown = {
        MODEL: {"PrimaryContainer": {"Image": reference}},
        RUNTIME: {"agentRuntimeArtifact": {"containerConfiguration": {"containerUri": reference}}},
    }
    user = node(kind, "answers", config=shown[kind], ai_role="model")
    edges = (
        Edge(image.identity, LinkTo("part_of", store.kind, REPOSITORY)),
        Edge(user.identity, LinkTo("runs_image", IMAGE, image.external_id)),
    )
    return store, (image, user), edges


@pytest.mark.parametrize(
    ("mutability", "reference", "exchanged"),
    [
        ("MUTABLE", f"{URI}:live", True),
        ("MUTABLE", f"{URI}@sha256:aa", False),
        ("IMMUTABLE", f"{URI}:live", False),
        ("IMMUTABLE_WITH_EXCLUSION", f"{URI}:live", None),
    ],
)
def test_a_push_exchanges_only_what_is_named_by_a_tag_that_can_be_overwritten(
    mutability: str, reference: str, exchanged: bool | None
) -> None:
    store, users, edges = pushed(mutability, reference)
    found = path(Goal.BEHAVIOUR, store, account(store, *users, edges=edges))
    assert isinstance(found, Unknown) if exchanged is None else (found is not None) is exchanged


@pytest.mark.parametrize("kind", [MODEL, RUNTIME])
def test_who_exchanges_an_image_acts_with_the_role_of_what_runs_it(kind: str) -> None:
    store, users, edges = pushed("MUTABLE", f"{URI}:live", kind)
    estate = account(store, *users, person("worker", READS), secret(), edges=(*edges, runs_as(users[1], "worker")))
    assert names(path(Goal.KEYS, store, estate)) == ["chat", "answers", "worker", "openai"]


def test_each_bucket_of_several_is_a_way() -> None:
    shop = function()
    stores = [node(BUCKET, name, f"arn:aws:s3:::{name}", ai_role="dataset") for name in ("first", "second")]
    containers = [{"ModelDataUrl": f"s3://{store.name}/model.tar.gz"} for store in stores]
    model = node(MODEL, "ranker", config={"Containers": containers}, ai_role="model")
    loads = tuple(Edge(model.identity, LinkTo("loads", BUCKET, store.external_id)) for store in stores)
    writer = person("writer", allow("s3:PutObject", "arn:aws:s3:::second/*"))
    found = path(Goal.BEHAVIOUR, shop, account(shop, writer, model, *stores, edges=(runs_as(shop, "writer"), *loads)))
    assert names(found) == ["shop", "writer", "second", "ranker"]


@pytest.mark.parametrize(("classic", "reached"), [(True, True), (False, False)])
def test_guests_keep_the_rights_of_their_role_only_in_the_classic_flow(classic: bool, reached: bool) -> None:
    config = {"AllowUnauthenticatedIdentities": True, "AllowClassicFlow": classic}
    config |= {"IdentityPoolRoles": {"Roles": {"unauthenticated": arn("guest")}}}  # type: ignore[dict-item]
    pool = node("aws.cognito.identity_pool", "app", config=config)
    guest = person("guest", READS, allow("sagemaker:InvokeEndpoint"))
    endpoint = node("aws.sagemaker.endpoint", "scores", ai_role="endpoint")
    estate = account(pool, guest, secret(), endpoint, edges=(runs_as(pool, "guest"),))
    assert (path(Goal.KEYS, pool, estate) is not None) is reached
    assert names(path(Goal.MODELS, pool, estate)) == ["app", "guest", "scores"]


def test_whether_the_classic_flow_is_on_is_needed() -> None:
    config = {"AllowUnauthenticatedIdentities": True}
    pool = node("aws.cognito.identity_pool", "app", config=config, unread=no("AllowClassicFlow"))
    assert isinstance(path(Goal.KEYS, pool, account(pool)), Unknown)


def test_a_notebook_is_a_way_in_only_where_its_role_leads_on() -> None:
    config = {"DirectInternetAccess": "Enabled", "RootAccess": "Enabled"}
    book = node("aws.sagemaker.notebook_instance", "lab", config=config, ai_role="notebook")
    plain = account(book, person("own", READS), secret(), edges=(runs_as(book, "own"),))
    assert path(Goal.KEYS, book, plain) is None
    further = person("further", READS, AssumeRolePolicyDocument=trusting(arn("own")))
    becomes = person("own", allow("sts:AssumeRole", arn("further")))
    estate = account(book, becomes, further, secret(), edges=(runs_as(book, "own"),))
    assert names(path(Goal.KEYS, book, estate)) == ["lab", "own", "further", "openai"]
    assert KEY in [hop["ref"] for hop in path(Goal.KEYS, book, estate)["hops"]]


def test_why_it_is_not_known_where_a_way_in_leads_is_never_left_empty() -> None:
    shop = function(unread=[Unread("uses_role", Problem.DENIED, "")])
    found = path(Goal.KEYS, shop, account(shop, secret()))
    assert found == Unknown(f"uses_role was not read: {Problem.DENIED.value}")


ANYBODY = {"Principal": "*"}


@pytest.mark.parametrize(
    ("role", "policy", "held"),
    [
        ("tool", None, True),
        ("", None, False),
        ("", allow("lambda:InvokeFunction") | ANYBODY, False),
        ("", allow("lambda:UpdateFunctionCode") | ANYBODY, True),
        ("", allow("lambda:*") | ANYBODY, True),
    ],
)
def test_calling_a_function_is_holding_its_role_only_where_callers_steer_it(
    role: str, policy: dict[str, Any] | None, held: bool
) -> None:
    shop = function(config={"Policy": document(policy)} if policy else None, ai_role=role)
    estate = account(shop, person("worker", READS), secret(), edges=(runs_as(shop, "worker"),))
    sure, by_flaw = path(Goal.KEYS, shop, estate), path_to_role_by_flaw(shop, estate)
    assert (sure is not None, by_flaw is not None) == (held, not held)
    assert names(sure if held else by_flaw) == ["shop", "worker", "openai"]


def test_what_anybody_calls_behind_an_api_is_held_as_if_it_were_called_itself() -> None:
    method = {"httpMethod": "GET", "authorizationType": "NONE"}
    api = node(
        "aws.apigateway.rest_api", "door", config={"Resources": [{"path": "/", "resourceMethods": {"GET": method}}]}
    )
    for role, held in (("api-client", True), ("", False)):
        shop = function(config={}, ai_role=role)
        routes = Edge(api.identity, LinkTo("routes_to", shop.kind, shop.external_id))
        estate = account(api, shop, person("worker", READS), secret(), edges=(routes, runs_as(shop, "worker")))
        assert (path(Goal.KEYS, api, estate) is not None) is held
        assert (path_to_role_by_flaw(api, estate) is None) is held


def test_a_flaw_leads_to_the_gravest_goal_and_says_what_it_takes_to_be_known() -> None:
    shop, boss = function(ai_role=""), person("boss", ADMIN)
    found = path_to_role_by_flaw(shop, account(shop, boss, secret(), edges=(runs_as(shop, "boss"),)))
    assert isinstance(found, dict)
    assert names(found) == ["shop", "boss", f"account {ACCOUNT}"]
    office = person("boss", allow("*", IpAddress={"aws:SourceIp": "192.0.2.0/24"}))
    assert isinstance(path_to_role_by_flaw(shop, account(shop, office, edges=(runs_as(shop, "boss"),))), Unknown)
    dark = account(shop, person("idle"), edges=(runs_as(shop, "idle"),), unread=("aws.iam.policy",))
    assert isinstance(path_to_role_by_flaw(shop, dark), Unknown)
    assert path_to_role_by_flaw(function("shut", config={}, ai_role=""), dark) is None
