"""Credentials, roles, endpoints and regions: what works, and what is said when it does not."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pytest_django import Settings

from aispm.core.errors import Invalid, PermanentError, TransientError
from demo.aws import SimulatedAws
from integrations.aws.caller import Ask
from integrations.aws.collector import AwsCollector
from integrations.aws.errors import meaning
from integrations.aws.explaining import explained
from integrations.aws.session import Access
from inventory.documents import Problem, ScopeState
from tests.integrations.aws.collecting import CALM, IMPATIENT, Collected, collect, collector, gather
from tests.integrations.aws.estate import Estate

OTHER = "444455556666"
TRUSTING = "reader"


@pytest.fixture
def role(aws: SimulatedAws) -> Iterator[str]:
    """A role in the account that our user may assume with the external id `let-me-in`."""
    iam = aws.client("iam")
    condition = {"StringEquals": {"sts:ExternalId": "let-me-in"}}
    principal = {"AWS": f"arn:aws:iam::{aws.account_id}:root"}
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal, "Condition": condition}
    iam.create_role(RoleName=TRUSTING, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
    aws.calls.clear()
    yield f"arn:aws:iam::{aws.account_id}:role/{TRUSTING}"
    iam.delete_role(RoleName=TRUSTING)


def test_the_account_is_identified_by_one_call(aws: SimulatedAws) -> None:
    identity = collector(aws).identify()
    assert identity.external_id == aws.account_id
    assert [served.operation for served in aws.calls.all()] == ["GetCallerIdentity"]


def test_a_role_is_assumed_with_its_external_id(aws: SimulatedAws, role: str) -> None:
    reader = collector(
        aws, kinds=["aws.sagemaker.model"], settings={"role_arn": role}, secret={"external_id": "let-me-in"}
    )
    seen = gather(reader)
    assert [asset.name for asset in seen.of("aws.sagemaker.model")] == ["ranker-model"]
    assert aws.calls.count("sts", "AssumeRole") == 1


@pytest.mark.parametrize("secret", [{}, {"external_id": "wrong"}])
def test_a_role_that_refuses_says_what_to_check(aws: SimulatedAws, role: str, secret: dict[str, str]) -> None:
    with pytest.raises(PermanentError, match="trust policy and the external id"):
        collector(aws, settings={"role_arn": role}, secret=secret).identify()


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        ({"access_key_id": "AKIAIOSFODNN7EXAMPLE"}, "AWS does not know this access key id"),
        ({"secret_access_key": "wrong"}, "does not belong to this access key id"),
        ({"session_token": "not-a-token"}, "also needs its session token"),
    ],
)
def test_wrong_credentials_are_refused_with_what_to_do(aws: SimulatedAws, secret: dict[str, str], words: str) -> None:
    with pytest.raises(PermanentError, match=words):
        collector(aws, secret=secret).identify()


@pytest.mark.parametrize(
    ("code", "message", "words"),
    [
        ("SignatureDoesNotMatch", "Signature expired: 20261124T110000Z is now earlier than 20261124T114500Z", "clock"),
        ("SignatureDoesNotMatch", "Signature not yet current: 20261124T1200Z is still later than now", "clock"),
        ("RequestTimeTooSkewed", "The difference is too large.", "clock"),
        ("ExpiredToken", "The security token included in the request is expired", "credentials have expired"),
        ("InvalidSignatureException", "The request signature we calculated does not match", "copy both again"),
        ("AccessDenied", "Denied by a service control policy.", "check the access key id"),
    ],
)
def test_what_aws_says_of_credentials_is_told_in_plain_words(code: str, message: str, words: str) -> None:
    error = ClientError({"Error": {"Code": code, "Message": message}}, "GetCallerIdentity")
    ask = Ask("sts", "get_caller_identity", "us-east-1")
    told = explained(meaning(error, ""), ask, Access())
    assert isinstance(told, PermanentError)
    assert words in str(told)
    assert message in str(told)


def test_a_wrong_secret_is_not_mistaken_for_a_region_that_is_off(aws: SimulatedAws) -> None:
    with pytest.raises(PermanentError) as refused:
        collector(aws, secret={"secret_access_key": "wrong"}).identify()
    assert "region" not in str(refused.value)
    assert "SignatureDoesNotMatch" in str(refused.value)


def test_no_credentials_at_all_says_where_they_may_come_from(
    aws: SimulatedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    with pytest.raises(PermanentError, match="There are no AWS credentials: give an access key, or let AISPM run"):
        AwsCollector({"regions": ["us-east-1"], "endpoint_url": aws.url}, {}, tuning=CALM).identify()


def test_a_refused_role_leaves_no_traceback_in_the_log(
    aws: SimulatedAws, role: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(PermanentError):
        collector(aws, settings={"role_arn": role}, secret={"external_id": "wrong"}).identify()
    assert caplog.records == []


def test_a_region_that_does_not_exist_is_one_problem_and_no_asset(aws: SimulatedAws) -> None:
    reader = collector(aws, regions=["us-east-1", "us-esat-1", "no such"], kinds=["aws.sagemaker.model"])
    keys, seen = set(reader.scopes()), gather(reader)
    assert keys == set(seen.outcomes)
    wrong = {key.region: outcome for key, outcome in seen.outcomes.items() if outcome.state is not ScopeState.COMPLETE}
    assert sorted(wrong) == ["no such", "us-esat-1"]
    assert wrong["us-esat-1"].message.startswith("us-esat-1 is not a region that this version knows")
    assert {asset.name for asset in seen.of("aws.region")} == {"us-east-1"}
    assert seen.of("aws.sagemaker.model")


def test_a_connection_without_any_known_region_reads_nothing(aws: SimulatedAws) -> None:
    with pytest.raises(PermanentError, match="no-such is not a region"):
        collector(aws, regions=["no-such", "1"]).identify()
    assert len(aws.calls) == 0


def test_a_region_in_which_nobody_knows_us_is_no_asset(aws: SimulatedAws) -> None:
    for service in ("resourcegroupstaggingapi", "kms"):
        aws.faults.inject("not-enabled", service, region="eu-central-1")
    seen = collect(aws, regions=["us-east-1", "eu-central-1"], kinds=["aws.sagemaker.model"])
    assert {asset.name for asset in seen.of("aws.region")} == {"us-east-1"}
    assert "Is the region enabled" in seen.scope("aws.region", "eu-central-1").message


def test_an_endpoint_is_checked_before_it_is_called(aws: SimulatedAws) -> None:
    with pytest.raises(Invalid, match="metadata service"):
        collector(aws, settings={"endpoint_url": "http://169.254.169.254"}).identify()
    with pytest.raises(Invalid, match="not an address"):
        collector(aws, settings={"endpoint_url": "nonsense"}).identify()


def test_half_a_key_is_refused_before_any_call(aws: SimulatedAws) -> None:
    with pytest.raises(PermanentError, match="two parts"):
        collector(aws, secret={"secret_access_key": ""})
    assert len(aws.calls) == 0


def test_expired_credentials_ask_for_new_ones(aws: SimulatedAws) -> None:
    aws.faults.inject("expired")
    with pytest.raises(PermanentError, match="expired"):
        collector(aws).identify()


def test_credentials_that_expire_midway_leave_every_open_scope_incomplete(aws: SimulatedAws) -> None:
    reader = collector(aws)
    reader.identify()
    aws.faults.inject("expired")
    seen = gather(reader)
    states = {outcome.state for key, outcome in seen.outcomes.items() if key.collector != "aws.region"}
    assert states == {ScopeState.INCOMPLETE}
    assert {outcome.problem for outcome in seen.outcomes.values()} == {Problem.EXPIRED}


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def test_an_endpoint_that_is_not_there_is_worth_another_try(aws: SimulatedAws) -> None:
    reader = collector(aws, settings={"endpoint_url": f"http://127.0.0.1:{free_port()}"})
    with pytest.raises(TransientError, match="cannot be reached"):
        reader.identify()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("timeout", TransientError),
        ("server-error", TransientError),
        ("throttled", TransientError),
        ("malformed", PermanentError),
    ],
)
def test_who_am_i_can_fail_in_every_way(aws: SimulatedAws, fault: str, error: type[Exception]) -> None:
    aws.faults.inject(fault, "sts", seconds=2.0)
    with pytest.raises(error):
        collector(aws, tuning=IMPATIENT).identify()


def test_all_regions_are_those_that_the_account_has_enabled(aws: SimulatedAws) -> None:
    reader = collector(aws, settings={"regions": "all"}, services=["guardduty"])
    assert {"us-east-1", "eu-central-1"} <= set(reader.regions())
    assert aws.calls.count("ec2", "DescribeRegions") == 1
    assert {key.region for key in reader.scopes()} == {"-", *reader.regions()}


def test_regions_that_cannot_be_listed_must_be_chosen(aws: SimulatedAws) -> None:
    aws.faults.inject("denied", "ec2", "DescribeRegions")
    with pytest.raises(PermanentError, match="choose regions"):
        collector(aws, settings={"regions": "all"}).scopes()


def test_two_regions_are_read_apart(aws: SimulatedAws) -> None:
    sagemaker = aws.client("sagemaker", "eu-central-1")
    role = f"arn:aws:iam::{aws.account_id}:role/ml-role"
    sagemaker.create_model(ModelName="european", ExecutionRoleArn=role, PrimaryContainer={"Image": "x"})
    try:
        seen = collect(aws, regions=["us-east-1", "eu-central-1"], kinds=["aws.sagemaker.model"])
    finally:
        sagemaker.delete_model(ModelName="european")
    assert {(asset.place, asset.name) for asset in seen.of("aws.sagemaker.model")} == {
        ("us-east-1", "ranker-model"),
        ("eu-central-1", "european"),
    }


def test_one_denied_region_leaves_the_other_complete(aws: SimulatedAws) -> None:
    aws.faults.inject("denied", "sagemaker", "ListModels", region="eu-central-1")
    seen = collect(aws, regions=["us-east-1", "eu-central-1"], kinds=["aws.sagemaker.model"])
    assert seen.scope("aws.sagemaker.model").state is ScopeState.COMPLETE
    denied = seen.scope("aws.sagemaker.model", "eu-central-1")
    assert (denied.state, denied.permission) == (ScopeState.DENIED, "sagemaker:ListModels")


@pytest.mark.parametrize("service", ["bedrock", "bedrock-agent", "guardduty", "sagemaker"])
def test_a_service_that_a_region_does_not_have_is_not_an_error(aws: SimulatedAws, service: str) -> None:
    aws.faults.inject("not-offered", service, region="eu-central-1")
    seen = collect(aws, regions=["us-east-1", "eu-central-1"], services=[service])
    states = states_in(seen, "eu-central-1", service)
    assert states == {ScopeState.NOT_OFFERED}
    assert ScopeState.NOT_OFFERED not in states_in(seen, "us-east-1", service)


def states_in(seen: Collected, region: str, service: str) -> set[ScopeState]:
    prefixes = {"bedrock-agent": ("aws.bedrock.agent", "aws.bedrock.knowledge"), "bedrock": ("aws.bedrock.g",)}
    wanted = prefixes.get(service, (f"aws.{service}.",))
    return {
        outcome.state
        for key, outcome in seen.outcomes.items()
        if key.region == region and key.collector.startswith(wanted)
    }


def test_accounts_are_told_apart_by_the_assumed_role(aws: SimulatedAws, estate: Estate) -> None:
    other = aws.keys.user_key(OTHER, "reader")
    secret: dict[str, Any] = {"access_key_id": other.access_key_id, "secret_access_key": other.secret_access_key}
    reader = collector(aws, kinds=["aws.sagemaker.model"], secret=secret, tuning=CALM)
    assert reader.identify().external_id == OTHER
    assert gather(reader).of("aws.sagemaker.model") == []


def test_an_endpoint_whose_name_leads_elsewhere_after_it_was_looked_at_is_told_nothing(
    aws: SimulatedAws, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.AISPM_ALLOW_LOOPBACK = False
    monkeypatch.setattr("integrations.aws.collector.check_url", lambda *_args, **_kwargs: None)
    with pytest.raises(TransientError, match="cannot be reached"):
        collector(aws).identify()
    assert not aws.calls.all()


def test_the_endpoint_of_the_installation_may_be_on_this_machine(aws: SimulatedAws, settings: Settings) -> None:
    settings.AISPM_ALLOW_LOOPBACK = False
    settings.AWS_ENDPOINT_URL = aws.url
    assert collector(aws).identify().external_id == aws.account_id
