"""The pure parts: errors, references, secrets, paths, budgets."""

from __future__ import annotations

import json
import os
import threading
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from botocore.parsers import ResponseParserError
from redis import Redis

from integrations.aws.budget import NO_RETRY, LocalBudget, SharedBudget, Unlimited
from integrations.aws.caller import Ask, Caller
from integrations.aws.errors import CallFailed, NotOffered, meaning
from integrations.aws.paths import drop, plain, render, values
from integrations.aws.redaction import without_secrets
from integrations.aws.references import Known, links_of
from integrations.aws.session import Access, Clients, Tuning
from integrations.aws.table import Link
from inventory.documents import Problem

AMBIENT = {"partition": "aws", "region": "eu-west-1", "account": "111122223333"}
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
KEY = f"arn:aws:kms:eu-west-1:111122223333:key/{KEY_ID}"
REGISTRY = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"


def answered(code: str, status: int = 400, message: str = "no") -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}, "Op"
    )


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (answered("AccessDeniedException"), Problem.DENIED),
        (answered("UnauthorizedOperation", 403), Problem.DENIED),
        (answered("Whatever", 403), Problem.DENIED),
        (answered("InvalidClientTokenId", 403), Problem.DENIED),
        (answered("ThrottlingException"), Problem.THROTTLED),
        (answered("RequestLimitExceeded", 503), Problem.THROTTLED),
        (answered("SlowDown", 503), Problem.THROTTLED),
        (answered("Whatever", 429), Problem.THROTTLED),
        (answered("ExpiredTokenException", 403), Problem.EXPIRED),
        (answered("InternalFailure", 500), Problem.SERVER_ERROR),
        (answered("500", 500), Problem.SERVER_ERROR),
        (answered("ValidationException"), Problem.OTHER),
        (ReadTimeoutError(endpoint_url="x"), Problem.TIMEOUT),
        (EndpointConnectionError(endpoint_url="x"), Problem.UNREACHABLE),
        (ResponseParserError("x"), Problem.MALFORMED),
        (AttributeError("x"), Problem.MALFORMED),
    ],
)
def test_every_error_has_one_meaning(error: Exception, problem: Problem) -> None:
    assert meaning(error, "sagemaker:ListModels").problem is problem


def test_the_missing_permission_is_the_one_that_aws_names() -> None:
    message = "User: arn:aws:iam::1:user/u is not authorized to perform: kms:Decrypt on resource: k"
    assert meaning(answered("AccessDenied", 403, message), "s3:GetBucketPolicy").permission == "kms:Decrypt"
    assert (
        meaning(answered("AccessDenied", 403, "Access Denied"), "s3:GetBucketPolicy").permission == "s3:GetBucketPolicy"
    )


@pytest.mark.parametrize("client", ["bedrock", "bedrock-agent", "guardduty"])
def test_no_connection_means_not_offered_only_where_the_service_is_not_known(client: str) -> None:
    caller = Caller(Clients(Access(), Tuning()), Unlimited(), Tuning(), custom_endpoint=False)
    lost = EndpointConnectionError(endpoint_url="x")
    there, nowhere = (Ask(client, "list_tags_for_resource", region) for region in ("us-east-1", "us-gone-9"))
    assert isinstance(caller._meaning(lost, nowhere), NotOffered)
    assert isinstance(caller._meaning(lost, there), CallFailed)
    custom = Caller(Clients(Access(), Tuning()), Unlimited(), Tuning(), custom_endpoint=True)
    assert isinstance(custom._meaning(lost, nowhere), CallFailed)


def test_a_service_without_an_address_is_not_offered_where_others_answer() -> None:
    """botocore lists no regions for the newest services."""
    caller = Caller(Clients(Access(), Tuning()), Unlimited(), Tuning(), custom_endpoint=False)
    ask = Ask("bedrock-agentcore-control", "list_gateways", "eu-west-9")
    unknown = EndpointConnectionError(endpoint_url="x", error="[Errno -2] Name or service not known")
    later = EndpointConnectionError(endpoint_url="x", error="[Errno -3] Temporary failure in name resolution")
    assert isinstance(caller._meaning(unknown, ask), CallFailed), "nothing was heard there: the network may be down"
    caller._heard.add("eu-west-9")
    assert isinstance(caller._meaning(unknown, ask), NotOffered)
    assert isinstance(caller._meaning(later, ask), CallFailed)


@pytest.mark.parametrize(
    ("as_", "value", "expected"),
    [
        ("role", "arn:aws:iam::1:role/x", "arn:aws:iam::1:role/x"),
        ("role", "path/x", "arn:aws:iam::111122223333:role/path/x"),
        ("s3", "s3://bucket/a/b", "arn:aws:s3:::bucket"),
        ("s3", "https://bucket.s3.eu-west-1.amazonaws.com/a", "arn:aws:s3:::bucket"),
        ("s3", "https://s3.eu-west-1.amazonaws.com/bucket/a", "arn:aws:s3:::bucket"),
        ("bucket", "bucket", "arn:aws:s3:::bucket"),
        ("kms", KEY_ID, KEY),
        ("kms", KEY, KEY),
        ("kms", "alias/models", KEY),
        ("kms", "arn:aws:kms:eu-west-1:111122223333:alias/models", KEY),
        ("security_group", "sg-1", "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1"),
        ("image", f"{REGISTRY}/serve:v1", f"{REGISTRY}/serve@sha256:aa"),
        ("image", f"{REGISTRY}/serve@sha256:bb", f"{REGISTRY}/serve@sha256:bb"),
        ("image", f"{REGISTRY}/serve:v1@sha256:cc", f"{REGISTRY}/serve@sha256:cc"),
        ("image", f"{REGISTRY}/serve", f"{REGISTRY}/serve:latest"),
        ("log_group", "/aws/x", "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/x"),
        ("log_group", "arn:aws:logs:eu-west-1:1:log-group:/aws/x:*", "arn:aws:logs:eu-west-1:1:log-group:/aws/x"),
        ("function", "arn:aws:lambda:eu-west-1:1:function:tool:live", "arn:aws:lambda:eu-west-1:1:function:tool"),
        ("foundation_model", "eu.amazon.nova-v1", "arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-v1"),
        ("foundation_model", "arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-v1",
         "arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-v1"),
        ("arn:sagemaker:model/{lower}", "My-Model", "arn:aws:sagemaker:eu-west-1:111122223333:model/my-model"),
    ],
)  # fmt: skip
def test_a_reference_becomes_the_external_id_of_its_target(as_: str, value: str, expected: str) -> None:
    known = Known()
    known.learn("eu-west-1:alias/models", KEY)
    known.learn(f"{REGISTRY}/serve:v1", f"{REGISTRY}/serve@sha256:aa")
    (link,) = links_of([Link("t", "field", "kind", as_)], {"field": value}, AMBIENT, known)
    assert (link.kind, link.ref) == ("kind", expected)


@pytest.mark.parametrize(
    ("as_", "value"),
    [
        ("kms", "alias/aws/s3"),
        ("image", "ghcr.io/vllm/vllm:v1"),
        ("image", "763104351884.dkr.ecr.eu-west-1.amazonaws.com/huggingface:1"),
        ("foundation_model", "arn:aws:bedrock:eu-west-1:1:application-inference-profile/abc"),
        ("known", "arn:aws:iam::1:instance-profile/x"),
    ],
)
def test_a_reference_to_what_we_cannot_know_stays_text(as_: str, value: str) -> None:
    (link,) = links_of([Link("t", "field", "kind", as_)], {"field": value}, AMBIENT, Known())
    assert (link.kind, link.ref) == ("", value)


@pytest.mark.parametrize(
    ("text", "detector"),
    [
        ("sk-proj-" + "a1B2" * 8, "openai-project-key"),
        ("sk-ant-api03-" + "a1B2" * 8, "anthropic-api-key"),
        ("hf_" + "a1B2" * 8, "huggingface-token"),
        ("AKIA" + "A1B2" * 4, "aws-access-key-id"),
        ("ghp_" + "a1B2" * 9, "github-token"),
        ("postgresql://app:pa55word@db/x", "url-credentials"),
        ("AWS_SECRET_ACCESS_KEY=" + "a1B2/" * 8, "aws-secret-access-key"),
        ("wandb_key: " + "0a1b" * 10, "wandb-api-key"),
        ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----", "private-key"),
        ("export API_KEY=0123456789abcdef", "assigned-secret"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.abcdefghijklmnop", "jwt"),
    ],
)
def test_a_secret_is_cut_out_of_any_text(text: str, detector: str) -> None:
    cleaned = without_secrets({"instruction": f"use {text} now"})
    assert {"detector": detector, "path": "instruction"} in cleaned["SecretsFound"]
    assert text.rpartition("=")[2] not in json.dumps(cleaned)


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:secretsmanager:eu-west-1:111122223333:secret:openai-key-AbCdEf",
        "s3://bucket/task-summary/model.tar.gz",
        "Answer with the token count of the password policy",
        "https://example.org/path?page=2",
        "{{resolve:secretsmanager:prod/openai:SecretString:key}}",
    ],
)
def test_what_only_looks_like_a_secret_stays(text: str) -> None:
    assert without_secrets({"field": text}) == {"field": text}


def test_an_environment_keeps_names_and_harmless_values_only() -> None:
    environment = {"PORT": "8080", "HF_TRUST_REMOTE_CODE": "1", "CUSTOMER": "Halden", "API_KEY": "0123456789",
                   "KEY_REF": "arn:aws:secretsmanager:x"}  # fmt: skip
    cleaned = without_secrets({"Environment": environment})
    assert cleaned["Environment"] == {"PORT": "8080", "HF_TRUST_REMOTE_CODE": "1", "CUSTOMER": "[value not kept]",
                                      "API_KEY": "[value not kept]", "KEY_REF": "[value not kept]"}  # fmt: skip
    assert cleaned["SecretsFound"] == [{"detector": "named-secret", "path": "Environment.API_KEY"}]


def test_paths_step_into_lists_and_choose() -> None:
    document: dict[str, Any] = {"a": [{"b": 1}, {"b": None}, {"b": 3}], "Tags": [{"Key": "Name", "Value": "n"}]}
    assert values(document, "a[].b") == [1, 3]
    assert values(document, "x|a[].b") == [1, 3]
    assert values(document, "x|=DRAFT") == ["DRAFT"]
    assert values(document, "Tags[Name]") == ["n"]
    assert render("{a[].b}/{account}", document, AMBIENT) == ["1/111122223333", "3/111122223333"]
    drop(document, "a[].b")
    assert document["a"] == [{}, {}, {}]


def test_answers_become_json_values() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert plain({"at": moment, "raw": b"x", "list": (1,)}) == {
        "at": "2026-01-02T03:04:05Z",
        "raw": "eA==",
        "list": [1],
    }


def test_a_budget_lets_a_burst_through_and_then_the_rate() -> None:
    now = [0.0]
    budget = LocalBudget({"iam": 2.0}, clock=lambda: now[0])
    assert [budget.wait("iam") for _ in range(8)] == [0.0] * 8
    assert budget.wait("iam") == pytest.approx(0.5)
    now[0] = 0.5
    assert budget.wait("iam") == 0.0


def redis_client() -> Redis:
    return Redis.from_url(os.environ["REDIS_URL"])


def test_a_budget_is_shared_by_everyone_who_reads_the_account() -> None:
    first, second = (SharedBudget(redis_client(), "account-1", {"iam": 2.0}) for _ in range(2))
    taken = [budget._wait("iam") for _ in range(4) for budget in (first, second)]
    assert taken == [0.0] * 8
    assert first._wait("iam") > 0
    assert second._wait("iam") > 0
    assert SharedBudget(redis_client(), "account-2", {"iam": 2.0})._wait("iam") == 0.0


def test_without_redis_each_process_keeps_its_own_budget() -> None:
    budget = SharedBudget(Redis(unix_socket_path="/nowhere.sock", retry=NO_RETRY), "account-1", {"iam": 2.0})
    assert [budget._wait("iam") for _ in range(8)] == [0.0] * 8
    assert budget._wait("iam") > 0


def test_waiting_for_the_budget_ends_with_the_collection() -> None:
    budget = LocalBudget({"iam": 0.01})
    budget.wait("iam")
    stopped = threading.Event()
    stopped.set()
    started = time.monotonic()
    budget.take("iam", stopped)
    assert time.monotonic() - started < 30, "the next call would have been due in 100 s"
