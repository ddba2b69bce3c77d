"""Labelling and human review. Good by default; any member can be changed."""

from __future__ import annotations

from typing import Any

from demo.aws.build.site import Site
from demo.aws.wire import Document

SERVICE = "sagemaker"
PUBLIC_TEAM = "arn:aws:sagemaker:us-east-1:394669845002:workteam/public-crowd/default"


def workforce(site: Site, name: str = "private", **changed: Any) -> Document:
    document = {
        "WorkforceArn": site.arn(SERVICE, f"workforce/{name}"),
        "WorkforceName": name,
        "SourceIpConfig": {"Cidrs": ["198.51.100.0/24"]},
        "CognitoConfig": {"UserPool": f"{site.region}_pool", "ClientId": "labelling"},
        "Status": "Active",
        "CreateDate": site.now(),
        "LastUpdatedDate": site.now(),
    }
    return site.placed("sagemaker.workforce", document, changed)


def workteam(site: Site, name: str, **changed: Any) -> Document:
    member = {"CognitoMemberDefinition": {"UserPool": "pool", "UserGroup": name, "ClientId": "labelling"}}
    document = {
        "WorkteamArn": site.arn(SERVICE, f"workteam/private-crowd/{name}"),
        "WorkteamName": name,
        "MemberDefinitions": [member],
        "WorkforceArn": site.arn(SERVICE, "workforce/private"),
        "Description": name,
        "NotificationConfiguration": {"NotificationTopicArn": site.arn("sns", "labelling")},
        "CreateDate": site.now(),
        "LastUpdatedDate": site.now(),
    }
    return site.placed("sagemaker.workteam", document, changed)


def labeling_job(site: Site, name: str, role: str, team: str, **setup: Any) -> Document:
    """Setup: data (s3 URI of the manifest), output (s3 URI), kms ("" = none)."""
    data, output, kms = setup.pop("data"), setup.pop("output"), setup.pop("kms", "")
    task = {
        "WorkteamArn": team,
        "UiConfig": {"UiTemplateS3Uri": f"{output}/template.html"},
        "TaskTitle": "Label",
        "TaskDescription": "Choose the category.",
        "NumberOfHumanWorkersPerDataObject": 3,
        "TaskTimeLimitInSeconds": 600,
    }
    document = {
        "LabelingJobName": name,
        "LabelingJobArn": site.arn(SERVICE, f"labeling-job/{name}"),
        "LabelingJobStatus": "InProgress",
        "LabelCounters": {"TotalLabeled": 120},
        "JobReferenceCode": site.made_id("reference", name),
        "InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": data}}},
        "OutputConfig": {"S3OutputPath": output, **({"KmsKeyId": kms} if kms else {})},
        "RoleArn": role,
        "HumanTaskConfig": task,
        "CreationTime": site.now(),
        "LastModifiedTime": site.now(),
    }
    return site.placed("sagemaker.labeling_job", document, setup)


def flow_definition(site: Site, name: str, role: str, team: str, **setup: Any) -> Document:
    """Setup: output (s3 URI), kms ("" = none)."""
    output, kms = setup.pop("output"), setup.pop("kms", "")
    loop = {
        "WorkteamArn": team,
        "HumanTaskUiArn": site.arn(SERVICE, f"human-task-ui/{name}"),
        "TaskTitle": "Review",
        "TaskDescription": "Is the answer right?",
        "TaskCount": 1,
    }
    document = {
        "FlowDefinitionArn": site.arn(SERVICE, f"flow-definition/{name}"),
        "FlowDefinitionName": name,
        "FlowDefinitionStatus": "Active",
        "CreationTime": site.now(),
        "HumanLoopConfig": loop,
        "OutputConfig": {"S3OutputPath": output, **({"KmsKeyId": kms} if kms else {})},
        "RoleArn": role,
    }
    return site.placed("sagemaker.flow_definition", document, setup)
