"""SageMaker: what is on record about models: lineage, experiments, cards, hubs."""

from __future__ import annotations

from integrations.aws.resources.sagemaker import NOT_EVERYWHERE, describe
from integrations.aws.table import Each, Keep, Link, Resource, Window

YEAR = Window("CreatedAfter", days=365)
HUB = "aws.sagemaker.hub"
ARTIFACT = "aws.sagemaker.lineage_artifact"
TOKEN = ("NextToken", "NextToken")


def recorded(noun: str, result: str, word: str, link: Link, *, given: tuple[str, ...] = ()) -> Resource:
    """An entity of the recorded lineage, as the list tells it."""
    return Resource(
        kind=f"aws.sagemaker.lineage_{noun}",
        client="sagemaker",
        each=Each(f"list_{noun}s", result),
        identity=f"{{{word}Arn}}",
        name=f"{{{word}Name|{word}Arn}}",
        links=(link,),
        noise=("LastModifiedTime",),
        window=YEAR,
        given=given,
    )


def contents(noun: str, type: str) -> Resource:
    """What a private hub offers, one row a type: the list must be told which."""
    return Resource(
        kind=f"aws.sagemaker.{noun}",
        client="sagemaker",
        each=Each("list_hub_contents", "HubContentSummaries", {"HubName": "HubName", "HubContentType": f"={type}"},
                  token=TOKEN),
        for_each=(HUB,),
        carry={"HubName": "HubName", "HubArn": "HubArn"},
        identity="{HubContentArn}",
        name="{HubContentName}",
        links=(Link("part_of", "HubArn", HUB),),
    )  # fmt: skip


RESOURCES = (
    Resource(
        kind="aws.sagemaker.trial_component",
        client="sagemaker",
        each=Each("list_trial_components", "TrialComponentSummaries"),
        identity="{TrialComponentArn}",
        name="{DisplayName|TrialComponentName}",
        links=(Link("part_of", "TrialComponentSource.SourceArn"),),
        noise=("LastModifiedTime", "LastModifiedBy"),
        window=Window("CreatedAfter"),
    ),
    recorded("artifact", "ArtifactSummaries", "Artifact", Link("stores_in", "Source.SourceUri", "", "s3")),
    recorded("action", "ActionSummaries", "Action", Link("part_of", "Source.SourceUri"), given=(ARTIFACT,)),
    recorded("context", "ContextSummaries", "Context", Link("part_of", "Source.SourceUri"), given=(ARTIFACT,)),
    Resource(
        kind="aws.sagemaker.lineage_association",
        client="sagemaker",
        each=Each("list_associations", "AssociationSummaries"),
        given=(ARTIFACT,),
        identity="{SourceArn} {AssociationType|=AssociatedWith} {DestinationArn}",
        name="{SourceName|SourceType|=source} → {DestinationName|DestinationType|=destination}",
        links=(Link("reads_data", "SourceArn"), Link("produces", "DestinationArn")),
        window=YEAR,
    ),
    Resource(
        kind="aws.sagemaker.mlflow_tracking_server",
        client="sagemaker",
        each=Each("list_mlflow_tracking_servers", "TrackingServerSummaries"),
        not_offered=NOT_EVERYWHERE,
        identity="{TrackingServerArn}",
        name="{TrackingServerName}",
        detail=(describe("describe_mlflow_tracking_server", "TrackingServerName", "TrackingServerName"),),
        links=(
            Link("uses_role", "RoleArn", "aws.iam.role", "role"),
            Link("stores_in", "ArtifactStoreUri", "aws.s3.bucket", "s3"),
        ),
        tags="@",
        noise=("LastModifiedTime", "LastModifiedBy", "TrackingServerUrl"),
    ),
    Resource(
        kind="aws.sagemaker.mlflow_app",
        client="sagemaker",
        each=Each("list_mlflow_apps", "Summaries"),
        not_offered=NOT_EVERYWHERE,
        identity="{Arn}",
        name="{Name}",
        detail=(describe("describe_mlflow_app", "Arn", "Arn"),),
        links=(
            Link("uses_role", "RoleArn", "aws.iam.role", "role"),
            Link("stores_in", "ArtifactStoreUri", "aws.s3.bucket", "s3"),
            Link("encrypted_by", "KmsKeyId", "aws.kms.key", "kms"),
        ),
        tags="@",
        noise=("LastModifiedTime", "LastModifiedBy"),
    ),
    Resource(
        kind="aws.sagemaker.model_card",
        client="sagemaker",
        each=Each("list_model_cards", "ModelCardSummaries"),
        identity="{ModelCardArn}",
        name="{ModelCardName}",
        detail=(describe("describe_model_card", "ModelCardName", "ModelCardName"),),
        links=(Link("encrypted_by", "SecurityConfig.KmsKeyId", "aws.kms.key", "kms"),),
        tags="@",
        noise=("LastModifiedTime", "LastModifiedBy"),
        decode=("Content",),
    ),
    Resource(
        kind=HUB,
        client="sagemaker",
        each=Each("list_hubs", "HubSummaries", token=TOKEN),
        not_offered=NOT_EVERYWHERE,
        identity="{HubArn}",
        name="{HubName}",
        detail=(describe("describe_hub", "HubName", "HubName"),),
        links=(Link("stores_in", "S3StorageConfig.S3OutputPath", "aws.s3.bucket", "s3"),),
        tags="@",
        noise=("LastModifiedTime", "LastModifiedBy"),
        # Not the catalogue that AWS publishes: thousands of models that nobody here chose.
        keep=Keep(matching=(("HubArn", r":\d{12}:hub/"),)),
    ),
    contents("hub_model", "Model"),
    contents("hub_model_reference", "ModelReference"),
)
