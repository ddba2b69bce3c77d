"""What the simulator answers itself agrees with AWS's own service models, and nothing that was created is lost."""

import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from demo.aws import SimulatedAws
from demo.aws.build import compute, identity, sagemaker, storage
from demo.aws.build.site import Site
from demo.aws.server import session_arguments
from demo.aws.shapes import NotAnAnswer
from tests.demo.reading import rows

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OTHER_ACCOUNT = "444455556666"


@pytest.fixture
def site(aws: SimulatedAws) -> Site:
    return Site(aws, "us-east-1", aws.account_id)


@pytest.fixture
def role(site: Site) -> str:
    return identity.role(site, "worker", "sagemaker", identity.allow("s3:GetObject"))


def guardrail(**changed: Any) -> dict[str, Any]:
    return {
        "name": "care",
        "guardrailId": "abc123",
        "guardrailArn": "arn:aws:bedrock:us-east-1:111122223333:guardrail/abc123",
        "version": "DRAFT",
        "status": "READY",
        "createdAt": NOON,
        "updatedAt": NOON,
        "blockedInputMessaging": "No.",
        "blockedOutputsMessaging": "No.",
        **changed,
    }


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"colour": "red"}, "colour does not exist"),
        ({"status": "FINE"}, "status cannot be 'FINE'"),
        ({"createdAt": "yesterday"}, "createdAt must be of type timestamp"),
        ({"contentPolicy": {"filters": [{"type": "HATE"}]}}, "inputStrength is required"),
    ],
)
def test_a_document_that_aws_could_not_send_is_refused(aws: SimulatedAws, changed: Any, complaint: str) -> None:
    with pytest.raises(NotAnAnswer, match=complaint):
        aws.put("bedrock.guardrail", guardrail(**changed))


def test_lists_and_details_come_from_one_document(aws: SimulatedAws) -> None:
    aws.put("bedrock.guardrail", guardrail(), tags={"team": "care"})
    aws.put("bedrock.guardrail", guardrail(version="1"))
    bedrock = aws.client("bedrock")
    (listed,) = bedrock.list_guardrails()["guardrails"]
    assert (listed["id"], listed["version"]) == ("abc123", "DRAFT")
    assert len(bedrock.list_guardrails(guardrailIdentifier=listed["arn"])["guardrails"]) == 2
    assert bedrock.get_guardrail(guardrailIdentifier="abc123", guardrailVersion="1")["createdAt"] == NOON
    tags = aws.client("resourcegroupstaggingapi").get_resources()["ResourceTagMappingList"]
    assert {"ResourceARN": listed["arn"], "Tags": [{"Key": "team", "Value": "care"}]} in tags


def test_a_thing_that_was_removed_is_not_found(aws: SimulatedAws) -> None:
    aws.put("bedrock.guardrail", guardrail())
    aws.remove("bedrock.guardrail", "abc123", "DRAFT")
    assert aws.client("bedrock").list_guardrails()["guardrails"] == []
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        aws.client("bedrock").get_guardrail(guardrailIdentifier="abc123")


def test_members_that_the_lower_layer_drops_survive(aws: SimulatedAws, site: Site, role: str) -> None:
    site = compute.network(site, "ml", "10.1.0.0/16")
    image = "111122223333.dkr.ecr.us-east-1.amazonaws.com/scorer:1"
    sagemaker.model(site, "isolated", role, {"Image": image})
    sagemaker.model(site, "open", role, {"Image": image}, EnableNetworkIsolation=False)
    sagemaker.notebook(site, "study", role)
    out = f"s3://{storage.bucket(site, 'models')}/"
    sagemaker.training_job(site, "job", role, image, data="s3://d/", output=out, Environment={"STAGE": "prod"})
    sagemaker.processing_job(site, "clean", role, image, data="s3://d/", output="s3://o/", kms="arn:aws:kms:::key/1")
    sagemaker.feature_group(site, "features", role, "s3://f/", kms="arn:aws:kms:::key/1")
    sagemaker.endpoint_config(site, "config", "isolated", ExecutionRoleArn=role, EnableNetworkIsolation=True)
    client = aws.client("sagemaker")
    assert client.describe_model(ModelName="isolated")["EnableNetworkIsolation"] is True
    assert client.describe_model(ModelName="open")["EnableNetworkIsolation"] is False
    notebook = client.describe_notebook_instance(NotebookInstanceName="study")
    assert notebook["PlatformIdentifier"] == "notebook-al2023-v1"
    assert notebook["InstanceMetadataServiceConfiguration"] == {"MinimumInstanceMetadataServiceVersion": "2"}
    assert client.describe_training_job(TrainingJobName="job")["Environment"] == {"STAGE": "prod"}
    cluster = client.describe_processing_job(ProcessingJobName="clean")["ProcessingResources"]["ClusterConfig"]
    assert cluster["VolumeKmsKeyId"] == "arn:aws:kms:::key/1"
    group = client.describe_feature_group(FeatureGroupName="features")
    assert group["OnlineStoreConfig"]["SecurityConfig"]["KmsKeyId"] == "arn:aws:kms:::key/1"
    config = client.describe_endpoint_config(EndpointConfigName="config")
    assert (config["ExecutionRoleArn"], config["EnableNetworkIsolation"]) == (role, True)
    assert [row["FeatureGroupName"] for row in rows(client, "list_feature_groups", "FeatureGroupSummaries")] == [
        "features"
    ]


def test_a_notebook_can_be_changed(aws: SimulatedAws, site: Site, role: str) -> None:
    sagemaker.open_notebook(site, "study", role)
    client = aws.client("sagemaker")
    wanted = {"MinimumInstanceMetadataServiceVersion": "2"}
    client.update_notebook_instance(
        NotebookInstanceName="study", RootAccess="Disabled", InstanceMetadataServiceConfiguration=wanted
    )
    changed = client.describe_notebook_instance(NotebookInstanceName="study")
    assert (changed["RootAccess"], changed["InstanceMetadataServiceConfiguration"]) == ("Disabled", wanted)


def test_a_new_bucket_has_the_defaults_of_aws(aws: SimulatedAws, site: Site) -> None:
    storage.bucket(site, "plain-bucket", storage.Bucket(versioned=False, tls_only=False))
    s3 = aws.client("s3")
    encryption = s3.get_bucket_encryption(Bucket="plain-bucket")["ServerSideEncryptionConfiguration"]
    assert encryption["Rules"][0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert all(s3.get_public_access_block(Bucket="plain-bucket")["PublicAccessBlockConfiguration"].values())
    with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket="plain-bucket")


def test_an_image_carries_the_counts_of_its_scan(aws: SimulatedAws, site: Site) -> None:
    storage.repository(site, "scorer")
    storage.image(site, "scorer", "1", CRITICAL=2, LOW=1)
    storage.image(site, "scorer", "2")
    ecr = aws.client("ecr")
    details = {row["imageTags"][0]: row for row in ecr.describe_images(repositoryName="scorer")["imageDetails"]}
    assert details["1"]["imageScanFindingsSummary"]["findingSeverityCounts"] == {"CRITICAL": 2, "LOW": 1}
    assert "imageScanFindingsSummary" not in details["2"]
    found = ecr.describe_image_scan_findings(repositoryName="scorer", imageId={"imageTag": "1"})
    assert len(found["imageScanFindings"]["findings"]) == 3


@pytest.mark.parametrize("size", [1, 2, 7])
def test_small_pages_hold_the_same_as_one_large_page(aws: SimulatedAws, site: Site, role: str, size: int) -> None:
    for number in range(5):
        sagemaker.model(site, f"model-{number}", role, {"Image": "image"})
        aws.put("bedrock.guardrail", guardrail(guardrailId=f"id{number}"))
        compute.security_group(site, f"group-{number}")
    listings = (
        ("sagemaker", "list_models", "Models", "ModelName"),
        ("bedrock", "list_guardrails", "guardrails", "id"),
        ("ec2", "describe_security_groups", "SecurityGroups", "GroupId"),
        ("iam", "get_account_authorization_details", "RoleDetailList", "Arn"),
    )

    def everything() -> list[list[Any]]:
        return [
            [row[key] for row in rows(aws.client(service), operation, result)]
            for service, operation, result, key in listings
        ]

    whole = everything()
    aws.overlay.pager.forced = size
    aws.calls.clear()
    assert everything() == whole
    assert aws.calls.count("sagemaker", "ListModels") == -(-5 // size)


def test_a_page_token_that_nobody_issued_is_refused(aws: SimulatedAws) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        aws.client("sagemaker").list_models(NextToken="sim-page-99999999")


def test_a_role_is_assumed_only_with_its_external_id(aws: SimulatedAws) -> None:
    far = Site(aws, "us-east-1", OTHER_ACCOUNT)
    identity.cross_account_role(far, "Reader", "shared-word", aws.account_id)
    sts, arn = aws.client("sts"), f"arn:aws:iam::{OTHER_ACCOUNT}:role/Reader"
    for wrong in ({}, {"ExternalId": "guessed"}):
        with pytest.raises(ClientError, match="AccessDenied"):
            sts.assume_role(RoleArn=arn, RoleSessionName="test", **wrong)
    with pytest.raises(ClientError, match="AccessDenied"):
        sts.assume_role(RoleArn=arn + "X", RoleSessionName="test", ExternalId="shared-word")
    given = sts.assume_role(RoleArn=arn, RoleSessionName="test", ExternalId="shared-word")["Credentials"]
    session = boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], "us-east-1")
    there = session.client("sts", endpoint_url=aws.url).get_caller_identity()
    assert (there["Account"], there["Arn"]) == (OTHER_ACCOUNT, f"arn:aws:sts::{OTHER_ACCOUNT}:assumed-role/Reader/test")


def test_accounts_do_not_see_each_other(aws: SimulatedAws, site: Site) -> None:
    identity.role(site, "here", "lambda")
    far = Site(aws, "us-east-1", OTHER_ACCOUNT)
    identity.cross_account_role(far, "Reader", "word", aws.account_id)
    key = aws.session_for(f"arn:aws:sts::{OTHER_ACCOUNT}:assumed-role/Reader/x")
    session = boto3.Session(**session_arguments(key), region_name="us-east-1")
    names = {row["RoleName"] for row in session.client("iam", endpoint_url=aws.url).list_roles()["Roles"]}
    assert names == {"Reader"}


def test_an_expired_session_is_told_so(aws: SimulatedAws) -> None:
    key = aws.session_for(f"arn:aws:sts::{aws.account_id}:assumed-role/Reader/x")
    client = boto3.Session(**session_arguments(key), region_name="us-east-1").client("sagemaker", endpoint_url=aws.url)
    client.list_models()
    aws.keys.expire_sessions()
    with pytest.raises(ClientError, match="ExpiredTokenException"):
        client.list_models()


def test_only_attached_policies_of_aws_are_listed(aws: SimulatedAws, site: Site) -> None:
    identity.role(site, "worker", "sagemaker", managed=("AmazonSageMakerFullAccess",))
    details = aws.client("iam").get_account_authorization_details()
    assert [policy["PolicyName"] for policy in details["Policies"]] == ["AmazonSageMakerFullAccess"]


def test_what_nobody_simulates_is_an_error_and_not_an_empty_list(aws: SimulatedAws) -> None:
    with pytest.raises(ClientError, match="NotImplementedBySimulator"):
        aws.client("sagemaker").list_human_task_uis()
    assert [(row.operation, row.status) for row in aws.calls.all()] == [("ListHumanTaskUis", 501)]


def test_a_group_policy_that_was_never_set_is_a_validation_error(aws: SimulatedAws, site: Site) -> None:
    policy = {"Version": "2012-10-17", "Statement": []}
    sagemaker.package_group(site, "none")
    sagemaker.package_group(site, "some", policy)
    client = aws.client("sagemaker")
    with pytest.raises(ClientError, match="Cannot find resource policy"):
        client.get_model_package_group_policy(ModelPackageGroupName="none")
    assert json.loads(client.get_model_package_group_policy(ModelPackageGroupName="some")["ResourcePolicy"]) == policy


def test_an_endpoint_tells_the_digest_it_runs_and_whether_it_captures(aws: SimulatedAws, site: Site, role: str) -> None:
    storage.repository(site, "scorer")
    image = storage.image(site, "scorer", "1")
    sagemaker.model(site, "scorer", role, {"Image": image})
    sagemaker.endpoint_config(site, "scorer", "scorer", capture="s3://capture/")
    sagemaker.endpoint_config(site, "silent", "scorer")
    sagemaker.endpoint(site, "scorer", "scorer")
    sagemaker.endpoint(site, "silent", "silent")
    client = aws.client("sagemaker")
    scorer, silent = (client.describe_endpoint(EndpointName=name) for name in ("scorer", "silent"))
    (deployed,) = scorer["ProductionVariants"][0]["DeployedImages"]
    digest = aws.client("ecr").describe_images(repositoryName="scorer")["imageDetails"][0]["imageDigest"]
    assert deployed["ResolvedImage"] == f"{image.rpartition(':')[0]}@{digest}"
    assert scorer["DataCaptureConfig"]["CaptureStatus"] == "Started"
    assert "DataCaptureConfig" not in silent


def test_what_was_never_set_is_left_out(aws: SimulatedAws, site: Site, role: str) -> None:
    sagemaker.model(site, "plain", role, {"Image": "image"})
    described = aws.client("sagemaker").describe_model(ModelName="plain")
    assert not {"VpcConfig", "Containers"} & described.keys()


def test_a_failing_simulator_answers_like_a_failing_server(aws: SimulatedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(aws.application, "_answer", broken)
    with pytest.raises(ClientError, match="InternalFailure"):
        aws.client("sagemaker").list_models()
    assert aws.calls.all()[0].status == 500
