"""The simulator fails in the ways in which AWS fails, for every protocol, and says what it served."""

import json
import urllib.request
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from botocore.parsers import ResponseParserError

from demo.aws import SimulatedAws

PROTOCOLS = [
    ("sagemaker", "list_models"),
    ("lambda", "list_functions"),
    ("iam", "list_roles"),
    ("ec2", "describe_vpcs"),
    ("s3", "list_buckets"),
    ("cloudwatch", "describe_alarms"),
]
DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
THROTTLED = {
    "Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown",
}  # fmt: skip
EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
UNKNOWN_KEY = {"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "AuthFailure"}
WRONG_SECRET = {"SignatureDoesNotMatch", "InvalidSignatureException", "AuthFailure"}


def code_of(aws: SimulatedAws, service: str, method: str) -> str:
    with pytest.raises(ClientError) as caught:
        getattr(aws.client(service), method)()
    return str(caught.value.response["Error"]["Code"])


@pytest.mark.parametrize(("service", "method"), PROTOCOLS)
def test_each_protocol_answers_a_fault_with_the_codes_of_that_service(
    aws: SimulatedAws, service: str, method: str
) -> None:
    for kind, codes in (("denied", DENIED), ("throttled", THROTTLED), ("expired", EXPIRED)):
        fault = aws.faults.inject(kind, service)
        assert code_of(aws, service, method) in codes
        aws.faults.remove(fault)
    getattr(aws.client(service), method)()


@pytest.mark.parametrize(("service", "method"), PROTOCOLS)
def test_wrong_credentials_are_refused_as_aws_does(aws: SimulatedAws, service: str, method: str) -> None:
    def code(**changed: str) -> Any:
        session = boto3.Session(**{**aws.credentials, **changed}, region_name="us-east-1")
        with pytest.raises(ClientError) as caught:
            getattr(session.client(service, endpoint_url=aws.url), method)()
        return caught.value.response["Error"]["Code"]

    assert code(aws_access_key_id="AKIANOBODYKNOWSTHIS0") in UNKNOWN_KEY
    assert code(aws_secret_access_key="wrong") in WRONG_SECRET


def test_a_throttled_call_succeeds_after_the_given_number_of_times(aws: SimulatedAws) -> None:
    aws.faults.inject("throttled", "sagemaker", "ListModels", times=2)
    for _ in range(2):
        assert code_of(aws, "sagemaker", "list_models") == "ThrottlingException"
    assert aws.client("sagemaker").list_models()["Models"] == []


def test_a_fault_hits_only_its_service_operation_and_region(aws: SimulatedAws) -> None:
    aws.faults.inject("denied", "sagemaker", "ListModels", region="eu-central-1")
    assert aws.client("sagemaker", "us-east-1").list_models()["Models"] == []
    assert aws.client("sagemaker", "eu-central-1").list_endpoints()["Endpoints"] == []
    with pytest.raises(ClientError):
        aws.client("sagemaker", "eu-central-1").list_models()


def test_a_timeout_outlasts_the_client(aws: SimulatedAws) -> None:
    aws.faults.inject("timeout", "ec2", seconds=1)
    with pytest.raises(ReadTimeoutError):
        aws.client("ec2", read_timeout=0.1).describe_vpcs()


def test_a_malformed_xml_answer_cannot_be_parsed(aws: SimulatedAws) -> None:
    aws.faults.inject("malformed", "iam")
    with pytest.raises(ResponseParserError):
        aws.client("iam").list_roles()


def test_a_malformed_json_answer_reaches_the_caller_without_its_result(aws: SimulatedAws) -> None:
    """boto3 raises nothing here: whoever reads it must miss the result member, not see an empty list."""
    aws.faults.inject("malformed", "sagemaker")
    assert "Models" not in aws.client("sagemaker").list_models()


def test_the_log_counts_every_call_by_service_operation_region_and_account(aws: SimulatedAws) -> None:
    aws.client("sagemaker", "us-east-1").list_models()
    aws.client("sagemaker", "eu-central-1").list_models()
    aws.client("iam").list_roles()
    assert aws.calls.count("sagemaker", "ListModels") == 2
    assert aws.calls.count(region="eu-central-1") == 1
    assert aws.calls.counts()["iam", "ListRoles", "us-east-1", aws.account_id] == 1


def test_faults_and_calls_are_driven_over_http_too(aws: SimulatedAws) -> None:
    def ask(path: str, method: str = "GET", body: Any = None) -> Any:
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(aws.url + path, data=data, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    ask("/_sim/faults", "POST", {"kind": "denied", "service": "iam"})
    assert code_of(aws, "iam", "list_roles") == "AccessDenied"
    assert ask("/_sim/calls")["counts"][0]["operation"] == "ListRoles"
    assert ask("/_sim/faults", "DELETE") == {"faults": []}
    assert ask("/_sim/calls", "DELETE")["total"] == 0
    aws.client("iam").list_roles()
