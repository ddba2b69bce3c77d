"""SageMaker: notebooks, jobs, models, packages, endpoints. Each builder takes the request's own members too."""

from __future__ import annotations

import base64
import json
from typing import Any

from demo.aws.build import storage
from demo.aws.build.site import Site, Tags, pairs
from demo.aws.wire import Document


def vpc_config(site: Site) -> Document:
    """The site's private network as SageMaker wants it."""
    if site.network is None:
        raise ValueError(f"{site.region} has no network: call network() first.")
    return {"SecurityGroupIds": [site.network.group], "Subnets": list(site.network.subnets)}


def notebook(site: Site, name: str, role: str, tags: Tags | None = None, **request: Any) -> str:
    """Good by default: in the VPC, no direct internet, no root, IMDSv2, newest platform."""
    defaults: Document = {
        "InstanceType": "ml.t3.medium",
        "DirectInternetAccess": "Disabled",
        "RootAccess": "Disabled",
        "PlatformIdentifier": "notebook-al2023-v1",
        "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "2"},
    }
    if site.network is not None:
        defaults |= {"SubnetId": site.network.subnets[0], "SecurityGroupIds": [site.network.group]}
    wanted = {key: value for key, value in {**defaults, **request}.items() if value is not None}
    made = site.client("sagemaker").create_notebook_instance(
        NotebookInstanceName=name, RoleArn=role, Tags=pairs(tags), **wanted
    )
    return str(made["NotebookInstanceArn"])


def open_notebook(site: Site, name: str, role: str, tags: Tags | None = None, **request: Any) -> str:
    """The notebook that everybody has: direct internet, root, old platform, IMDSv1, AWS's own key."""
    bad: Document = {
        "DirectInternetAccess": "Enabled",
        "RootAccess": "Enabled",
        "PlatformIdentifier": "notebook-al2-v2",
        "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "1"},
        "SubnetId": None,
        "SecurityGroupIds": None,
    }
    return notebook(site, name, role, tags, **{**bad, **request})


def lifecycle_config(site: Site, name: str, on_start: str, on_create: str = "") -> str:
    def encoded(script: str) -> list[dict[str, str]]:
        return [{"Content": base64.b64encode(script.encode()).decode()}] if script else []

    made = site.client("sagemaker").create_notebook_instance_lifecycle_config(
        NotebookInstanceLifecycleConfigName=name, OnStart=encoded(on_start), OnCreate=encoded(on_create)
    )
    return str(made["NotebookInstanceLifecycleConfigArn"])


def domain(site: Site, name: str, role: str, tags: Tags | None = None, **request: Any) -> str:
    network = vpc_config(site)
    made = site.client("sagemaker").create_domain(
        **{
            "DomainName": name,
            "AuthMode": "SSO",
            "DefaultUserSettings": {"ExecutionRole": role, "SecurityGroups": network["SecurityGroupIds"]},
            "SubnetIds": network["Subnets"],
            "VpcId": site.network.vpc if site.network else "",
            "AppNetworkAccessType": "VpcOnly",
            "Tags": pairs(tags),
            **request,
        }
    )
    return str(made["DomainArn"])


def training_job(site: Site, name: str, role: str, image: str, **request: Any) -> str:
    """Reads `data` (s3 URI), writes below `output` (s3 URI). Returns the S3 URI of the model artefact.

    Good by default: VPC, isolation, encrypted traffic between containers; keys by `kms`.
    """
    data, output, kms = request.pop("data"), request.pop("output"), request.pop("kms", "")
    body: Document = {
        "TrainingJobName": name,
        "RoleArn": role,
        "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"},
        "InputDataConfig": [_channel("train", uri) for uri in ([data] if isinstance(data, str) else data)],
        "OutputDataConfig": {"S3OutputPath": output, **({"KmsKeyId": kms} if kms else {})},
        "ResourceConfig": {
            "InstanceType": request.pop("instance", "ml.m5.2xlarge"),
            "InstanceCount": request.pop("count", 1),
            "VolumeSizeInGB": 100,
            **({"VolumeKmsKeyId": kms} if kms else {}),
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 86_400},
        "EnableNetworkIsolation": True,
        "EnableInterContainerTrafficEncryption": True,
        "VpcConfig": vpc_config(site) if site.network else None,
        "Tags": pairs(request.pop("tags", None)),
        **request,
    }
    sagemaker = site.client("sagemaker")
    sagemaker.create_training_job(**{key: value for key, value in body.items() if value is not None})
    artifact = str(sagemaker.describe_training_job(TrainingJobName=name)["ModelArtifacts"]["S3ModelArtifacts"])
    storage.write(site, artifact)
    return artifact


def _channel(name: str, uri: str) -> Document:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}


def processing_job(site: Site, name: str, role: str, image: str, **request: Any) -> str:
    """Reads `data`, writes `output`. Good by default; `isolated=False` leaves the network open, without VPC."""
    data, output, kms = request.pop("data"), request.pop("output"), request.pop("kms", "")
    isolated = request.pop("isolated", True)
    network: Document = {"EnableNetworkIsolation": isolated, "EnableInterContainerTrafficEncryption": isolated}
    if isolated and site.network:
        network["VpcConfig"] = vpc_config(site)
    cluster = {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 50}
    made = site.client("sagemaker").create_processing_job(
        ProcessingJobName=name,
        RoleArn=role,
        AppSpecification={"ImageUri": image},
        ProcessingInputs=[
            {"InputName": "in", "S3Input": _local(data, "in", S3DataType="S3Prefix", S3InputMode="File")}
        ],
        ProcessingOutputConfig={
            "Outputs": [{"OutputName": "out", "S3Output": _local(output, "out", S3UploadMode="EndOfJob")}],
            **({"KmsKeyId": kms} if kms else {}),
        },
        ProcessingResources={"ClusterConfig": {**cluster, **({"VolumeKmsKeyId": kms} if kms else {})}},
        NetworkConfig=network,
        Tags=pairs(request.pop("tags", None)),
        **request,
    )
    return str(made["ProcessingJobArn"])


def _local(uri: str, folder: str, **more: str) -> Document:
    return {"S3Uri": uri, "LocalPath": f"/opt/ml/processing/{folder}", **more}


def transform_job(site: Site, name: str, model_name: str, **request: Any) -> str:
    kms = {"KmsKeyId": request.pop("kms")} if request.get("kms") else {}
    volume = {"VolumeKmsKeyId": kms["KmsKeyId"]} if kms else {}
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": request.pop("data")}}
    made = site.client("sagemaker").create_transform_job(
        TransformJobName=name,
        ModelName=model_name,
        TransformInput={"DataSource": source, "ContentType": "text/csv"},
        TransformOutput={"S3OutputPath": request.pop("output"), **kms},
        TransformResources={"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, **volume},
        Tags=pairs(request.pop("tags", None)),
        **request,
    )
    return str(made["TransformJobArn"])


def model(site: Site, name: str, role: str, container: Document, **request: Any) -> str:
    """Good by default: isolated and in the VPC. `container` is {Image, ModelDataUrl} or {ModelPackageName}."""
    tags = pairs(request.pop("tags", None))
    body: Document = {
        "EnableNetworkIsolation": True,
        "VpcConfig": vpc_config(site) if site.network else None,
        **request,
    }
    made = site.client("sagemaker").create_model(
        ModelName=name,
        ExecutionRoleArn=role,
        PrimaryContainer=container,
        Tags=tags,
        **{key: value for key, value in body.items() if value is not None},
    )
    return str(made["ModelArn"])


def package_group(site: Site, name: str, policy: Document | None = None, tags: Tags | None = None) -> str:
    sagemaker = site.client("sagemaker")
    made = sagemaker.create_model_package_group(
        ModelPackageGroupName=name, ModelPackageGroupDescription=f"Versions of {name}", Tags=pairs(tags)
    )
    if policy:
        sagemaker.put_model_package_group_policy(ModelPackageGroupName=name, ResourcePolicy=json.dumps(policy))
    return str(made["ModelPackageGroupArn"])


def package(site: Site, group: str, image: str, artifact: str, **request: Any) -> str:
    """A version in a model package group; approved unless `ModelApprovalStatus` says otherwise."""
    specification = {
        "Containers": [{"Image": image, "ModelDataUrl": artifact}],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["application/json"],
    }
    made = site.client("sagemaker").create_model_package(
        ModelPackageGroupName=group,
        ModelPackageDescription=f"Trained for {group}",
        InferenceSpecification=specification,
        **{"ModelApprovalStatus": "Approved", **request},
    )
    return str(made["ModelPackageArn"])


def endpoint_config(site: Site, name: str, model_name: str, **request: Any) -> str:
    """More: kms, capture (s3 URI), instance, count, tags, and any member of the request."""
    kms, capture = request.pop("kms", ""), request.pop("capture", "")
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": model_name,
        "InitialInstanceCount": request.pop("count", 2),
        "InstanceType": request.pop("instance", "ml.m5.xlarge"),
        "InitialVariantWeight": 1.0,
    }
    tags = pairs(request.pop("tags", None))
    if kms:
        request["KmsKeyId"] = kms
    if capture:
        request["DataCaptureConfig"] = _capture(capture, kms)
    made = site.client("sagemaker").create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=[variant], Tags=tags, **request
    )
    return str(made["EndpointConfigArn"])


def _capture(uri: str, kms: str) -> Document:
    return {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": uri,
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        **({"KmsKeyId": kms} if kms else {}),
    }


def endpoint(site: Site, name: str, config: str, tags: Tags | None = None) -> str:
    made = site.client("sagemaker").create_endpoint(EndpointName=name, EndpointConfigName=config, Tags=pairs(tags))
    return str(made["EndpointArn"])


def pipeline(site: Site, name: str, role: str, steps: list[Document], tags: Tags | None = None) -> str:
    definition = {"Version": "2020-12-01", "Parameters": [], "Steps": steps}
    made = site.client("sagemaker").create_pipeline(
        PipelineName=name,
        PipelineDefinition=json.dumps(definition),
        RoleArn=role,
        ClientRequestToken=site.made_id("pipeline", name, size=32),
        Tags=pairs(tags),
    )
    return str(made["PipelineArn"])


def feature_group(site: Site, name: str, role: str, uri: str, **request: Any) -> str:
    """More: kms (both stores), tags."""
    kms = request.pop("kms", "")
    store = {"S3Uri": uri, **({"KmsKeyId": kms} if kms else {})}
    made = site.client("sagemaker").create_feature_group(
        FeatureGroupName=name,
        RecordIdentifierFeatureName="id",
        EventTimeFeatureName="event_time",
        FeatureDefinitions=[
            {"FeatureName": "id", "FeatureType": "String"},
            {"FeatureName": "event_time", "FeatureType": "String"},
            {"FeatureName": "amount_30d", "FeatureType": "Fractional"},
        ],
        RoleArn=role,
        OfflineStoreConfig={"S3StorageConfig": store},
        OnlineStoreConfig={"EnableOnlineStore": True, **({"SecurityConfig": {"KmsKeyId": kms}} if kms else {})},
        Tags=pairs(request.pop("tags", None)),
        **request,
    )
    return str(made["FeatureGroupArn"])
