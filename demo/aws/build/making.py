"""Other jobs and clusters that make models. Good by default; any member can be changed."""

from __future__ import annotations

from typing import Any

from demo.aws.build.sagemaker import vpc_config
from demo.aws.build.site import Site, without_nothing
from demo.aws.wire import Document

SERVICE = "sagemaker"


def _source(uri: str) -> Document:
    return {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}


def _network(site: Site) -> Document:
    return {"VpcConfig": vpc_config(site)} if site.network else {}


def _key(kms: str, member: str = "KmsKeyId") -> Document:
    return {member: kms} if kms else {}


def _times(site: Site) -> Document:
    return {"CreationTime": site.now(), "LastModifiedTime": site.now()}


def tuning_job(site: Site, name: str, role: str, image: str, **setup: Any) -> Document:
    """Setup: data, output (s3 URIs), kms ("" = none), isolated, training (more members of the training definition)."""
    data, output, kms = setup.pop("data"), setup.pop("output"), setup.pop("kms", "")
    isolated = setup.pop("isolated", True)
    resources = {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 50}
    training = {
        "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"},
        "RoleArn": role,
        "InputDataConfig": [{"ChannelName": "train", "DataSource": _source(data)}],
        "OutputDataConfig": {"S3OutputPath": output, **_key(kms)},
        "ResourceConfig": {**resources, **_key(kms, "VolumeKmsKeyId")},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        "EnableNetworkIsolation": isolated,
        "EnableInterContainerTrafficEncryption": isolated,
        **(_network(site) if isolated else {}),
        **setup.pop("training", {}),
    }
    document = {
        "HyperParameterTuningJobName": name,
        "HyperParameterTuningJobArn": site.arn(SERVICE, f"hyper-parameter-tuning-job/{name}"),
        "HyperParameterTuningJobConfig": {"Strategy": "Bayesian", "ResourceLimits": {"MaxParallelTrainingJobs": 2}},
        "TrainingJobDefinition": training,
        "HyperParameterTuningJobStatus": "Completed",
        "TrainingJobStatusCounters": {"Completed": 8},
        "ObjectiveStatusCounters": {"Succeeded": 8},
        **_times(site),
    }
    return site.placed("sagemaker.tuning_job", document, setup)


def automl_job(site: Site, name: str, role: str, **setup: Any) -> Document:
    """Setup: data, output (s3 URIs), kms ("" = none), isolated."""
    data, output, kms = setup.pop("data"), setup.pop("output"), setup.pop("kms", "")
    isolated = setup.pop("isolated", True)
    document = {
        "AutoMLJobName": name,
        "AutoMLJobArn": site.arn(SERVICE, f"automl-job/{name}"),
        "AutoMLJobInputDataConfig": [{"ChannelType": "training", "DataSource": _source(data)}],
        "OutputDataConfig": {"S3OutputPath": output, **_key(kms)},
        "RoleArn": role,
        "AutoMLJobStatus": "Completed",
        "AutoMLJobSecondaryStatus": "Completed",
        "SecurityConfig": {
            **_key(kms, "VolumeKmsKeyId"),
            "EnableInterContainerTrafficEncryption": isolated,
            **(_network(site) if isolated else {}),
        },
        **_times(site),
    }
    return site.placed("sagemaker.automl_job", document, setup)


def compilation_job(site: Site, name: str, role: str, **setup: Any) -> Document:
    """Setup: artifact, output (s3 URIs), kms ("" = none)."""
    artifact, output, kms = setup.pop("artifact"), setup.pop("output"), setup.pop("kms", "")
    document = {
        "CompilationJobName": name,
        "CompilationJobArn": site.arn(SERVICE, f"compilation-job/{name}"),
        "CompilationJobStatus": "COMPLETED",
        "StoppingCondition": {"MaxRuntimeInSeconds": 900},
        "FailureReason": "",
        "ModelArtifacts": {"S3ModelArtifacts": f"{output}/{name}.tar.gz"},
        "ModelDigests": {"ArtifactDigest": site.made_id("digest", name, size=32).lower()},
        "RoleArn": role,
        "InputConfig": {"S3Uri": artifact, "DataInputConfig": "{}", "Framework": "XGBOOST"},
        "OutputConfig": {"S3OutputLocation": output, "TargetDevice": "ml_c5", **_key(kms)},
        **_network(site),
        **_times(site),
    }
    return site.placed("sagemaker.compilation_job", document, setup)


def optimization_job(site: Site, name: str, role: str, **setup: Any) -> Document:
    """Setup: artifact, output (s3 URIs), kms ("" = none)."""
    artifact, output, kms = setup.pop("artifact"), setup.pop("output"), setup.pop("kms", "")
    document = {
        "OptimizationJobArn": site.arn(SERVICE, f"optimization-job/{name}"),
        "OptimizationJobName": name,
        "OptimizationJobStatus": "COMPLETED",
        "ModelSource": {"S3": {"S3Uri": artifact}},
        "DeploymentInstanceType": "ml.g5.xlarge",
        "OptimizationConfigs": [{"ModelQuantizationConfig": {"OverrideEnvironment": {"OPTION_QUANTIZE": "awq"}}}],
        "OutputConfig": {"S3OutputLocation": output, **_key(kms)},
        "RoleArn": role,
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        **_network(site),
        **_times(site),
    }
    return site.placed("sagemaker.optimization_job", document, setup)


def hyperpod_cluster(site: Site, name: str, role: str, script: str, **changed: Any) -> Document:
    """`script` is the s3 URI of the folder with the start-up script."""
    group = without_nothing(
        InstanceGroupName="workers",
        InstanceType="ml.g5.8xlarge",
        CurrentCount=2,
        TargetCount=2,
        ExecutionRole=role,
        LifeCycleConfig={"SourceS3Uri": script, "OnCreate": "on_create.sh"},
        ImageVersionStatus=changed.pop("image", "UpToDate"),
        Status="InService",
    )
    document = {
        "ClusterArn": site.arn(SERVICE, f"cluster/{site.made_id('hyperpod', name, size=12).lower()}"),
        "ClusterName": name,
        "ClusterStatus": "InService",
        "CreationTime": site.now(),
        "InstanceGroups": [group],
        "NodeRecovery": "Automatic",
        **_network(site),
    }
    for number in range(2):
        node = without_nothing(
            _ClusterArn=document["ClusterArn"],
            InstanceGroupName="workers",
            InstanceId=f"i-{site.made_uuid('node', name, str(number)).replace('-', '')[:17]}",
            InstanceType="ml.g5.8xlarge",
            LaunchTime=site.now(),
            InstanceStatus={"Status": "Running"},
            ImageVersionStatus=group["ImageVersionStatus"],
        )
        site.put("sagemaker.hyperpod_node", node)
    return site.placed("sagemaker.hyperpod_cluster", document, changed)
