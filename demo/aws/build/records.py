"""What is on record about models: lineage, experiment runs, MLflow, cards, hubs."""

from __future__ import annotations

import json
from typing import Any

from demo.aws.build.site import Site
from demo.aws.wire import Document

SERVICE = "sagemaker"


def _times(site: Site) -> Document:
    return {"CreationTime": site.now(), "LastModifiedTime": site.now()}


def run(site: Site, job: str) -> str:
    """The experiment run that SageMaker records for a training job (its name). Returns its ARN."""
    name = f"{job}-aws-training-job"
    arn = site.arn(SERVICE, f"experiment-trial-component/{name}")
    source = {"SourceArn": site.arn(SERVICE, f"training-job/{job}"), "SourceType": "SageMakerTrainingJob"}
    document = {
        "TrialComponentArn": arn,
        "TrialComponentName": name,
        "DisplayName": name,
        "TrialComponentSource": source,
        "Status": {"PrimaryStatus": "Completed"},
        **_times(site),
    }
    site.put("sagemaker.trial_component", document)
    return arn


def artifact(site: Site, uri: str, kind: str) -> str:
    """A recorded data set, model or image. Returns its ARN."""
    arn = site.arn(SERVICE, f"artifact/{site.made_id('artifact', uri, size=32).lower()}")
    document = {
        "ArtifactArn": arn,
        "ArtifactName": uri.rstrip("/").rpartition("/")[2],
        "Source": {"SourceUri": uri},
        "ArtifactType": kind,
        **_times(site),
    }
    site.put("sagemaker.lineage_artifact", document)
    return arn


def action(site: Site, name: str, uri: str, kind: str = "ModelDeployment") -> str:
    arn = site.arn(SERVICE, f"action/{name}")
    document = {
        "ActionArn": arn,
        "ActionName": name,
        "Source": {"SourceUri": uri, "SourceType": "ARN"},
        "ActionType": kind,
        "Status": "Completed",
        **_times(site),
    }
    site.put("sagemaker.lineage_action", document)
    return arn


def context(site: Site, name: str, uri: str, kind: str = "Endpoint") -> str:
    arn = site.arn(SERVICE, f"context/{name}")
    source = {"SourceUri": uri, "SourceType": "ARN"}
    document = {"ContextArn": arn, "ContextName": name, "Source": source, "ContextType": kind, **_times(site)}
    site.put("sagemaker.lineage_context", document)
    return arn


def associate(site: Site, source: str, destination: str, kind: str = "ContributedTo") -> None:
    """`source` and `destination` are ARNs."""
    site.put(
        "sagemaker.lineage_association",
        {
            "SourceArn": source,
            "DestinationArn": destination,
            "AssociationType": kind,
            "SourceName": source.rpartition("/")[2],
            "DestinationName": destination.rpartition("/")[2],
            "CreationTime": site.now(),
        },
    )


def lineage(site: Site, job: str, data: str, artifact_uri: str, endpoint: str = "") -> None:
    """What SageMaker writes down by itself: data → run → model → endpoint."""
    made, model = run(site, job), artifact(site, artifact_uri, "Model")
    associate(site, artifact(site, data, "DataSet"), made)
    associate(site, made, model, "Produced")
    if endpoint:
        arn = site.arn(SERVICE, f"endpoint/{endpoint}")
        deployed = action(site, f"{endpoint}-deployment", arn)
        associate(site, model, deployed)
        associate(site, deployed, context(site, f"{endpoint}-context", arn), "AssociatedWith")


def mlflow_server(site: Site, name: str, role: str, store: str, **changed: Any) -> Document:
    document = {
        "TrackingServerArn": site.arn(SERVICE, f"mlflow-tracking-server/{name}"),
        "TrackingServerName": name,
        "ArtifactStoreUri": store,
        "TrackingServerSize": "Small",
        "MlflowVersion": "3.4",
        "RoleArn": role,
        "TrackingServerStatus": "Created",
        "IsActive": "Active",
        "AutomaticModelRegistration": True,
        "S3BucketOwnerAccountId": site.account,
        "S3BucketOwnerVerification": True,
        **_times(site),
    }
    return site.placed("sagemaker.mlflow_tracking_server", document, changed)


def mlflow_app(site: Site, name: str, role: str, store: str, **changed: Any) -> Document:
    document = {
        "Arn": site.arn(SERVICE, f"mlflow-app/{name}"),
        "Name": name,
        "ArtifactStoreUri": store,
        "MlflowVersion": "3.4",
        "RoleArn": role,
        "Status": "Created",
        "ModelRegistrationMode": "AutoModelRegistrationEnabled",
        "AccountDefaultStatus": "DISABLED",
        **_times(site),
    }
    return site.placed("sagemaker.mlflow_app", document, changed)


def model_card(site: Site, name: str, model: str, **changed: Any) -> Document:
    """An approved card that names the model by its ARN."""
    content = {
        "model_overview": {"model_id": site.arn(SERVICE, f"model/{model}"), "model_name": model},
        "intended_uses": {"purpose_of_model": "Scoring", "risk_rating": "High"},
    }
    document = {
        "ModelCardArn": site.arn(SERVICE, f"model-card/{name}"),
        "ModelCardName": name,
        "ModelCardVersion": 1,
        "Content": json.dumps(content),
        "ModelCardStatus": "Approved",
        "CreatedBy": {},
        **_times(site),
    }
    return site.placed("sagemaker.model_card", document, changed)


def hub(site: Site, name: str, store: str, **changed: Any) -> Document:
    document = {
        "HubArn": site.arn(SERVICE, f"hub/{name}"),
        "HubName": name,
        "HubStatus": "InService",
        "S3StorageConfig": {"S3OutputPath": store},
        **_times(site),
    }
    return site.placed("sagemaker.hub", document, changed)


def hub_content(site: Site, hub_name: str, name: str, kind: str = "ModelReference", **changed: Any) -> Document:
    """Kind: Model or ModelReference."""
    document = {
        "HubContentArn": site.arn(SERVICE, f"hub-content/{hub_name}/{kind}/{name}/1.0.0"),
        "HubContentName": name,
        "HubContentVersion": "1.0.0",
        "HubContentType": kind,
        "DocumentSchemaVersion": "2.4.0",
        "SupportStatus": "Supported",
        "HubContentStatus": "Available",
        "CreationTime": site.now(),
    }
    return site.placed("sagemaker.hub_content", document, changed)
