"""Bedrock: models that were brought or tuned, jobs, profiles, and what holds for the account. Good by default."""

from __future__ import annotations

from typing import Any

from demo.aws.build.bedrock import model_arn
from demo.aws.build.site import Site
from demo.aws.wire import Document

SERVICE = "bedrock"
NOVA = "amazon.nova-lite-v1:0"


def _network(site: Site) -> Document:
    if site.network is None:
        return {}
    return {"vpcConfig": {"subnetIds": list(site.network.subnets), "securityGroupIds": [site.network.group]}}


def _job(site: Site, kind: str, name: str) -> Document:
    """Name, ARN and times of a job that has ended well."""
    arn = site.arn(SERVICE, f"{kind}/{site.made_id(kind, name, size=12).lower()}")
    return {"jobArn": arn, "jobName": name, "status": "Completed", "creationTime": site.now()}


def imported_model(site: Site, name: str, store: str, **changed: Any) -> Document:
    """`store` is the s3 URI of the weights."""
    job = _job(site, "model-import-job", name)
    document = {
        "modelArn": site.arn(SERVICE, f"imported-model/{site.made_id('imported', name, size=12).lower()}"),
        "modelName": name,
        "jobName": job["jobName"],
        "jobArn": job["jobArn"],
        "modelDataSource": {"s3DataSource": {"s3Uri": store}},
        "creationTime": site.now(),
        "modelArchitecture": "llama",
        "instructSupported": True,
    }
    return site.placed("bedrock.imported_model", document, changed)


def import_job(site: Site, name: str, role: str, store: str, **changed: Any) -> Document:
    document = {
        **_job(site, "model-import-job", name),
        "importedModelName": name,
        "importedModelArn": site.arn(SERVICE, f"imported-model/{site.made_id('imported', name, size=12).lower()}"),
        "roleArn": role,
        "modelDataSource": {"s3DataSource": {"s3Uri": store}},
        **_network(site),
    }
    return site.placed("bedrock.model_import_job", document, changed)


def copy_job(site: Site, source: str, target: str, **changed: Any) -> Document:
    """`source` and `target` are model ARNs."""
    made = _job(site, "model-copy-job", target)
    made.pop("jobName")
    document = {
        **made,
        "targetModelArn": target,
        "targetModelName": "copy",
        "sourceAccountId": source.split(":")[4],
        "sourceModelArn": source,
    }
    return site.placed("bedrock.model_copy_job", document, changed)


def customization_job(site: Site, name: str, role: str, **setup: Any) -> Document:
    """Setup: data, output (s3 URIs), model (the ARN that it made)."""
    data, output = setup.pop("data"), setup.pop("output")
    model = setup.pop("model")
    document = {
        **_job(site, "model-customization-job", name),
        "outputModelName": name,
        "outputModelArn": model,
        "roleArn": role,
        "baseModelArn": model_arn(site, NOVA),
        "trainingDataConfig": {"s3Uri": data},
        "validationDataConfig": {"validators": []},
        "outputDataConfig": {"s3Uri": output},
        "customizationType": "FINE_TUNING",
        **_network(site),
    }
    return site.placed("bedrock.customization_job", document, setup)


def deployment(site: Site, name: str, model: str, **changed: Any) -> Document:
    made = site.made_id("deployment", name, size=12).lower()
    document = {
        "customModelDeploymentArn": site.arn(SERVICE, f"custom-model-deployment/{made}"),
        "customModelDeploymentName": name,
        "modelArn": model,
        "createdAt": site.now(),
        "status": "Active",
    }
    return site.placed("bedrock.custom_model_deployment", document, changed)


def evaluation_job(site: Site, name: str, role: str, model: str, **setup: Any) -> Document:
    """Setup: output (s3 URI), kms ("" = none). `model` is a model id or ARN."""
    output, kms = setup.pop("output"), setup.pop("kms", "")
    metric = {"taskType": "QuestionAndAnswer", "dataset": {"name": "Builtin.TriviaQA"}, "metricNames": ["Toxicity"]}
    document = {
        **_job(site, "evaluation-job", name),
        "roleArn": role,
        "jobType": "Automated",
        "applicationType": "ModelEvaluation",
        "evaluationConfig": {"automated": {"datasetMetricConfigs": [metric]}},
        "inferenceConfig": {"models": [{"bedrockModel": {"modelIdentifier": model}}]},
        "outputDataConfig": {"s3Uri": output},
        **({"customerEncryptionKeyId": kms} if kms else {}),
    }
    return site.placed("bedrock.evaluation_job", document, setup)


def batch_job(site: Site, name: str, role: str, **setup: Any) -> Document:
    """Setup: data, output (s3 URIs), kms ("" = none)."""
    data, output, kms = setup.pop("data"), setup.pop("output"), setup.pop("kms", "")
    made = _job(site, "model-invocation-job", name)
    made["submitTime"] = made.pop("creationTime")
    written = {"s3Uri": output, **({"s3EncryptionKeyId": kms} if kms else {})}
    document = {
        **made,
        "modelId": NOVA,
        "roleArn": role,
        "inputDataConfig": {"s3InputDataConfig": {"s3Uri": data}},
        "outputDataConfig": {"s3OutputDataConfig": written},
        **_network(site),
    }
    return site.placed("bedrock.batch_job", document, setup)


def inference_profile(site: Site, name: str, **changed: Any) -> Document:
    """A profile of our own; `type="SYSTEM_DEFINED"` makes one of AWS's."""
    made = site.made_id("profile", name, size=12).lower()
    document = {
        "inferenceProfileArn": site.arn(SERVICE, f"application-inference-profile/{made}"),
        "inferenceProfileName": name,
        "inferenceProfileId": made,
        "models": [{"modelArn": model_arn(site, NOVA)}],
        "status": "ACTIVE",
        "type": "APPLICATION",
        "createdAt": site.now(),
        "updatedAt": site.now(),
    }
    return site.placed("bedrock.inference_profile", document, changed)


def prompt_router(site: Site, name: str, **changed: Any) -> Document:
    models = [{"modelArn": model_arn(site, NOVA)}, {"modelArn": model_arn(site, "amazon.nova-pro-v1:0")}]
    document = {
        "promptRouterArn": site.arn(SERVICE, f"prompt-router/{site.made_id('router', name, size=12).lower()}"),
        "promptRouterName": name,
        "routingCriteria": {"responseQualityDifference": 10.0},
        "models": models,
        "fallbackModel": models[0],
        "status": "AVAILABLE",
        "type": "custom",
        "createdAt": site.now(),
        "updatedAt": site.now(),
    }
    return site.placed("bedrock.prompt_router", document, changed)


def marketplace_endpoint(site: Site, endpoint: str, role: str, **setup: Any) -> Document:
    """Setup: kms ("" = none), private=False for an endpoint without VPC. `endpoint` is a SageMaker endpoint's name."""
    kms, private = setup.pop("kms", ""), setup.pop("private", True)
    network = _network(site).get("vpcConfig") if private else None
    document = {
        "endpointArn": site.arn("sagemaker", f"endpoint/{endpoint}"),
        "modelSourceIdentifier": f"arn:aws:sagemaker:{site.region}:aws:hub-content/SageMakerPublicHub/Model/bought/1",
        "status": "REGISTERED",
        "endpointConfig": {
            "sageMaker": {
                "initialInstanceCount": 1,
                "instanceType": "ml.g5.xlarge",
                "executionRole": role,
                **({"kmsEncryptionKey": kms} if kms else {}),
                **({"vpc": network} if network else {}),
            }
        },
        "endpointStatus": "InService",
        "createdAt": site.now(),
        "updatedAt": site.now(),
    }
    return site.placed("bedrock.marketplace_endpoint", document, setup)


def automation_project(site: Site, name: str, **changed: Any) -> Document:
    document = {
        "projectArn": site.arn(SERVICE, f"data-automation-project/{site.made_id('automation', name).lower()}"),
        "creationTime": site.now(),
        "lastModifiedTime": site.now(),
        "projectName": name,
        "projectStage": "LIVE",
        "status": "COMPLETED",
    }
    return site.placed("bedrock.data_automation_project", document, changed)


def blueprint(site: Site, name: str, stage: str = "LIVE") -> Document:
    """What to take out of a kind of document."""
    document = {
        "blueprintArn": site.arn(SERVICE, f"blueprint/{site.made_id('blueprint', name, size=12).lower()}"),
        "blueprintName": name,
        "blueprintStage": stage,
        "creationTime": site.now(),
    }
    return site.put("bedrock.blueprint", document)


def reasoning_policy(site: Site, name: str, **changed: Any) -> Document:
    made = site.made_id("reasoning", name, size=12).lower()
    document = {
        "policyArn": site.arn(SERVICE, f"automated-reasoning-policy/{made}"),
        "name": name,
        "version": "DRAFT",
        "policyId": made,
        "createdAt": site.now(),
        "updatedAt": site.now(),
    }
    return site.placed("bedrock.automated_reasoning_policy", document, changed)


def enforce(site: Site, guardrail: str, version: str = "1", **changed: Any) -> Document:
    """Makes every call in the account and region go through a guardrail (its id)."""
    document = {
        "configId": site.made_id("enforced", guardrail, size=12).lower(),
        "guardrailArn": site.arn(SERVICE, f"guardrail/{guardrail}"),
        "guardrailId": guardrail,
        "inputTags": "IGNORE",
        "guardrailVersion": version,
        "createdAt": site.now(),
        "updatedAt": site.now(),
        "owner": "ACCOUNT",
    }
    return site.placed("bedrock.enforced_guardrail", document, changed)


def retention(site: Site, mode: str) -> None:
    """default, none, aws_review, provider_data_share or inherit."""
    site.put("bedrock.account_data_retention", {"mode": mode, "updatedAt": site.now()})
