"""SageMaker: everything that the lower layer does not know or knows only in part."""

from __future__ import annotations

from demo.aws.tables.row import Listing, Row

SERVICE = "sagemaker"
CREATED = ("CreationTimeAfter", "CreationTime")
RECORDED = ("CreatedAfter", "CreationTime")
DOMAIN = {"DomainIdEquals": "DomainId"}


def named(name: str, noun: str, result: str, key: str = "", **listing: object) -> Row:
    """The usual case: ListNouns and DescribeNoun by NounName."""
    plural = noun if noun.endswith("V2") else f"{noun}s"
    return Row(
        f"{SERVICE}.{name}",
        SERVICE,
        (key or f"{noun}Name",),
        Listing(f"List{plural}", result, **listing),  # type: ignore[arg-type]
        f"Describe{noun}",
    )


def listed(name: str, operation: str, result: str, keys: tuple[str, ...], **listing: object) -> Row:
    """Only a list tells of it."""
    return Row(f"{SERVICE}.{name}", SERVICE, keys, Listing(operation, result, **listing))  # type: ignore[arg-type]


def definition(name: str, noun: str) -> Row:
    """One of the four monitoring job definitions."""
    prefix = "MonitoringJobDefinition"
    renamed = {"JobDefinitionName": f"{prefix}Name", "JobDefinitionArn": f"{prefix}Arn"}
    lifted = {"EndpointName": f"{noun}JobInput.EndpointInput.EndpointName"}
    listing = Listing(f"List{noun}JobDefinitions", "JobDefinitionSummaries", {}, renamed, lifted)
    keys = ("JobDefinitionName",)
    return Row(f"{SERVICE}.{name}_job_definition", SERVICE, keys, listing, f"Describe{noun}JobDefinition")


ROWS = (
    Row(
        "sagemaker.user_profile",
        SERVICE,
        ("DomainId", "UserProfileName"),
        Listing("ListUserProfiles", "UserProfiles", DOMAIN),
        "DescribeUserProfile",
    ),
    listed("space", "ListSpaces", "Spaces", ("DomainId", "SpaceName"), where=DOMAIN),
    listed("app", "ListApps", "Apps", ("DomainId", "UserProfileName", "SpaceName", "AppType", "AppName"), where=DOMAIN),
    named("studio_lifecycle_config", "StudioLifecycleConfig", "StudioLifecycleConfigs"),
    listed("image", "ListImages", "Images", ("ImageName",)),
    Row("sagemaker.image_version", SERVICE, ("ImageName",), None, "DescribeImageVersion"),
    listed("app_image_config", "ListAppImageConfigs", "AppImageConfigs", ("AppImageConfigName",)),
    listed("code_repository", "ListCodeRepositories", "CodeRepositorySummaryList", ("CodeRepositoryName",)),
    named("partner_app", "PartnerApp", "Summaries", "Arn"),
    listed("project", "ListProjects", "ProjectSummaryList", ("ProjectName",)),
    named("inference_component", "InferenceComponent", "InferenceComponents"),
    named("inference_experiment", "InferenceExperiment", "InferenceExperiments", "Name"),
    named(
        "monitoring_schedule",
        "MonitoringSchedule",
        "MonitoringScheduleSummaries",
        lifted={"MonitoringJobDefinitionName": "MonitoringScheduleConfig.MonitoringJobDefinitionName"},
    ),
    definition("data_quality", "DataQuality"),
    definition("model_quality", "ModelQuality"),
    definition("model_bias", "ModelBias"),
    definition("model_explainability", "ModelExplainability"),
    named(
        "tuning_job",
        "HyperParameterTuningJob",
        "HyperParameterTuningJobSummaries",
        lifted={"Strategy": "HyperParameterTuningJobConfig.Strategy"},
        since=CREATED,
    ),
    Row(
        "sagemaker.automl_job",
        SERVICE,
        ("AutoMLJobName",),
        Listing("ListAutoMLJobs", "AutoMLJobSummaries", since=CREATED),
        "DescribeAutoMLJobV2",
    ),
    named("compilation_job", "CompilationJob", "CompilationJobSummaries", since=CREATED),
    named(
        "optimization_job",
        "OptimizationJob",
        "OptimizationJobSummaries",
        fixed={"OptimizationTypes": ["Quantization"]},
        since=CREATED,
    ),
    named("hyperpod_cluster", "Cluster", "ClusterSummaries"),
    listed("workforce", "ListWorkforces", "Workforces", ("WorkforceName",)),
    listed("workteam", "ListWorkteams", "Workteams", ("WorkteamName",)),
    named(
        "labeling_job",
        "LabelingJob",
        "LabelingJobSummaryList",
        lifted={"WorkteamArn": "HumanTaskConfig.WorkteamArn"},
        since=CREATED,
    ),
    named("flow_definition", "FlowDefinition", "FlowDefinitionSummaries"),
    listed(
        "trial_component",
        "ListTrialComponents",
        "TrialComponentSummaries",
        ("TrialComponentName",),
        since=RECORDED,
    ),
    listed("lineage_artifact", "ListArtifacts", "ArtifactSummaries", ("ArtifactArn",), since=RECORDED),
    listed("lineage_action", "ListActions", "ActionSummaries", ("ActionArn",), since=RECORDED),
    listed("lineage_context", "ListContexts", "ContextSummaries", ("ContextArn",), since=RECORDED),
    listed(
        "lineage_association",
        "ListAssociations",
        "AssociationSummaries",
        ("SourceArn", "DestinationArn"),
        since=RECORDED,
    ),
    named("mlflow_tracking_server", "MlflowTrackingServer", "TrackingServerSummaries", "TrackingServerName"),
    named("mlflow_app", "MlflowApp", "Summaries", "Arn"),
    named("model_card", "ModelCard", "ModelCardSummaries"),
    named("hub", "Hub", "HubSummaries"),
    listed(
        "hub_content",
        "ListHubContents",
        "HubContentSummaries",
        ("HubContentArn",),
        where={"HubContentType": "HubContentType"},
    ),
)
