"""What serves beside plain models, and what watches the answers. Good by default; any member can be changed."""

from __future__ import annotations

from typing import Any

from demo.aws.build.sagemaker import vpc_config
from demo.aws.build.site import Site
from demo.aws.wire import Document

SERVICE = "sagemaker"
ANALYZER = "156813124566.dkr.ecr.us-east-1.amazonaws.com/sagemaker-model-monitor-analyzer"
CLARIFY = "205585389593.dkr.ecr.us-east-1.amazonaws.com/sagemaker-clarify-processing:1.0"
NOUNS = {
    "data_quality": "DataQuality",
    "model_quality": "ModelQuality",
    "model_bias": "ModelBias",
    "model_explainability": "ModelExplainability",
}


def inference_component(site: Site, name: str, endpoint: str, model: str, **changed: Any) -> Document:
    needs = {"MinMemoryRequiredInMb": 2048}
    document = {
        "InferenceComponentArn": site.arn(SERVICE, f"inference-component/{name}"),
        "InferenceComponentName": name,
        "EndpointName": endpoint,
        "EndpointArn": site.arn(SERVICE, f"endpoint/{endpoint}"),
        "VariantName": "AllTraffic",
        "InferenceComponentStatus": "InService",
        "Specification": {"ModelName": model, "ComputeResourceRequirements": needs},
        "RuntimeConfig": {"DesiredCopyCount": 2, "CurrentCopyCount": 2},
        "CreationTime": site.now(),
        "LastModifiedTime": site.now(),
    }
    return site.placed("sagemaker.inference_component", document, changed)


def inference_experiment(site: Site, name: str, endpoint: str, models: tuple[str, str], **setup: Any) -> Document:
    """Setup: role, store (s3 URI), kms; anything else is a member of the document."""
    role, store, kms = setup.pop("role"), setup.pop("store"), setup.pop("kms")
    real_time = {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1}
    infrastructure = {"InfrastructureType": "RealTimeInference", "RealTimeInferenceConfig": real_time}
    variants = [
        {"ModelName": model, "VariantName": model, "InfrastructureConfig": infrastructure, "Status": "InService"}
        for model in models
    ]
    document = {
        "Arn": site.arn(SERVICE, f"inference-experiment/{name}"),
        "Name": name,
        "Type": "ShadowMode",
        "Status": "Running",
        "RoleArn": role,
        "EndpointMetadata": {"EndpointName": endpoint},
        "ModelVariants": variants,
        "DataStorageConfig": {"Destination": store, "KmsKey": kms},
        "KmsKey": kms,
        "CreationTime": site.now(),
        "LastModifiedTime": site.now(),
    }
    return site.placed("sagemaker.inference_experiment", document, setup)


def schedule(site: Site, name: str, endpoint: str, definition: str, **changed: Any) -> Document:
    """A schedule that runs a job definition of the kind `MonitoringType` hourly."""
    kind = changed.get("MonitoringType", "DataQuality")
    last = {
        "MonitoringScheduleName": name,
        "ScheduledTime": site.now(),
        "CreationTime": site.now(),
        "LastModifiedTime": site.now(),
        "MonitoringExecutionStatus": "Completed",
        "EndpointName": endpoint,
    }
    document = {
        "MonitoringScheduleArn": site.arn(SERVICE, f"monitoring-schedule/{name}"),
        "MonitoringScheduleName": name,
        "MonitoringScheduleStatus": "Scheduled",
        "MonitoringType": kind,
        "EndpointName": endpoint,
        "MonitoringScheduleConfig": {
            "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
            "MonitoringJobDefinitionName": definition,
            "MonitoringType": kind,
        },
        "LastMonitoringExecutionSummary": last,
        "CreationTime": site.now(),
        "LastModifiedTime": site.now(),
    }
    return site.placed("sagemaker.monitoring_schedule", document, changed)


def inline_definition(site: Site, role: str, store: str, **network: Any) -> Document:
    """A monitoring job as a schedule may hold it itself; `network` are the members of its NetworkConfig."""
    where = {"S3Uri": store, "LocalPath": "/opt/ml/processing/output"}
    cluster = {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 20}
    return {
        "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
        "MonitoringType": "DataQuality",
        "MonitoringJobDefinition": {
            "MonitoringInputs": [],
            "MonitoringOutputConfig": {"MonitoringOutputs": [{"S3Output": where}]},
            "MonitoringResources": {"ClusterConfig": cluster},
            "MonitoringAppSpecification": {"ImageUri": ANALYZER},
            "NetworkConfig": network,
            "RoleArn": role,
        },
    }


def job_definition(site: Site, kind: str, name: str, endpoint: str, **setup: Any) -> Document:
    """Kind: a key of NOUNS. Setup: role, store (s3 URI), kms ("" = none), isolated, instances; more are members."""
    noun, role, store = NOUNS[kind], setup.pop("role"), setup.pop("store")
    kms, isolated = setup.pop("kms", ""), setup.pop("isolated", True)
    cluster = {"InstanceCount": setup.pop("instances", 1), "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 20}
    output = {"MonitoringOutputs": [{"S3Output": {"S3Uri": store, "LocalPath": "/opt/ml/processing/output"}}]}
    network: Document = {"EnableNetworkIsolation": isolated, "EnableInterContainerTrafficEncryption": isolated}
    if isolated and site.network:
        network["VpcConfig"] = vpc_config(site)
    inputs: Document = {"EndpointInput": {"EndpointName": endpoint, "LocalPath": "/opt/ml/processing/input"}}
    if kind in ("model_quality", "model_bias"):
        inputs["GroundTruthS3Input"] = {"S3Uri": f"{store}truth"}
    document = {
        "JobDefinitionArn": site.arn(SERVICE, f"{kind.replace('_', '-')}-job-definition/{name}"),
        "JobDefinitionName": name,
        "CreationTime": site.now(),
        f"{noun}AppSpecification": _application(kind, store),
        f"{noun}JobInput": inputs,
        f"{noun}JobOutputConfig": {**output, **({"KmsKeyId": kms} if kms else {})},
        "JobResources": {"ClusterConfig": {**cluster, **({"VolumeKmsKeyId": kms} if kms else {})}},
        "NetworkConfig": network,
        "RoleArn": role,
    }
    return site.placed(f"sagemaker.{kind}_job_definition", document, setup)


def _application(kind: str, store: str) -> Document:
    if kind in ("model_bias", "model_explainability"):
        return {"ImageUri": CLARIFY, "ConfigUri": f"{store}config.json"}
    return {"ImageUri": ANALYZER, **({"ProblemType": "BinaryClassification"} if kind == "model_quality" else {})}
