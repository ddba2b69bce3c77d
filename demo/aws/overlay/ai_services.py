"""Services that see, read, listen, translate, speak, recommend and predict, wholly from the twin."""

from __future__ import annotations

from demo.aws.overlay.declared import Thing, serve, shared_policies
from demo.aws.overlay.registry import Registry

# name | service | key | list operation | member of its answer
LISTED = """
comprehend.classifier | comprehend | DocumentClassifierArn | ListDocumentClassifiers | DocumentClassifierPropertiesList
comprehend.recognizer | comprehend | EntityRecognizerArn | ListEntityRecognizers | EntityRecognizerPropertiesList
comprehend.endpoint | comprehend | EndpointArn | ListEndpoints | EndpointPropertiesList
comprehend.flywheel | comprehend | FlywheelArn | ListFlywheels | FlywheelSummaryList
comprehend.pii_job | comprehend | JobId | ListPiiEntitiesDetectionJobs | PiiEntitiesDetectionJobPropertiesList
comprehend.entities_job | comprehend | JobId | ListEntitiesDetectionJobs | EntitiesDetectionJobPropertiesList
rekognition.project | rekognition | ProjectArn | DescribeProjects | ProjectDescriptions
textract.adapter | textract | AdapterId | ListAdapters | Adapters
transcribe.job | transcribe | TranscriptionJobName | ListTranscriptionJobs | TranscriptionJobSummaries
transcribe.call_analytics_job | transcribe | CallAnalyticsJobName | ListCallAnalyticsJobs | CallAnalyticsJobSummaries
transcribe.language_model | transcribe | ModelName | ListLanguageModels | Models
translate.job | translate | JobId | ListTextTranslationJobs | TextTranslationJobPropertiesList
translate.parallel_data | translate | Name | ListParallelData | ParallelDataPropertiesList
polly.task | polly | TaskId | ListSpeechSynthesisTasks | SynthesisTasks
personalize.campaign | personalize | campaignArn | ListCampaigns | campaigns
forecast.predictor | forecast | PredictorArn | ListPredictors | Predictors
frauddetector.model | frauddetector | modelId | GetModels | models
frauddetector.detector | frauddetector | detectorId | GetDetectors | detectors
healthlake.datastore | healthlake | DatastoreId | ListFHIRDatastores | DatastorePropertiesList
"""
DESCRIBED = (
    Thing(
        name="comprehend.classification_job",
        service="comprehend",
        keys=("JobId",),
        lists=("ListDocumentClassificationJobs", "DocumentClassificationJobPropertiesList"),
    ),
    Thing(
        name="rekognition.project_policy",
        service="rekognition",
        keys=("ProjectArn", "PolicyName"),
        lists=("ListProjectPolicies", "ProjectPolicies"),
        where={"ProjectArn": "ProjectArn"},
    ),
    Thing(
        name="rekognition.project_version",
        service="rekognition",
        keys=("ProjectVersionArn",),
        lists=("DescribeProjectVersions", "ProjectVersionDescriptions"),
        where={"ProjectArn": "_ProjectArn"},
    ),
    Thing(
        name="rekognition.collection",
        service="rekognition",
        keys=("_CollectionId",),
        lists=("ListCollections", "CollectionIds"),
        describes=("DescribeCollection", ""),
        asks={"CollectionId": "_CollectionId"},
    ),
    Thing(
        name="rekognition.stream_processor",
        service="rekognition",
        keys=("Name",),
        lists=("ListStreamProcessors", "StreamProcessors"),
        describes=("DescribeStreamProcessor", ""),
    ),
    Thing(
        name="textract.adapter_version",
        service="textract",
        keys=("AdapterId", "AdapterVersion"),
        lists=("ListAdapterVersions", "AdapterVersions"),
        describes=("GetAdapterVersion", ""),
    ),
    Thing(
        name="personalize.dataset_group",
        service="personalize",
        keys=("datasetGroupArn",),
        lists=("ListDatasetGroups", "datasetGroups"),
        describes=("DescribeDatasetGroup", "datasetGroup"),
    ),
    Thing(
        name="personalize.dataset",
        service="personalize",
        keys=("datasetArn",),
        lists=("ListDatasets", "datasets"),
        where={"datasetGroupArn": "_datasetGroupArn"},
    ),
    Thing(
        name="forecast.dataset",
        service="forecast",
        keys=("DatasetArn",),
        lists=("ListDatasets", "Datasets"),
        describes=("DescribeDataset", ""),
    ),
    Thing(
        name="frauddetector.settings",
        service="frauddetector",
        keys=("_one",),
        describes=("GetKMSEncryptionKey", ""),
    ),
)


def listed(table: str) -> list[Thing]:
    """Things whose list tells everything."""
    rows = (tuple(cell.strip() for cell in line.split("|")) for line in table.strip().splitlines())
    return [
        Thing(name=name, service=service, keys=(key,), lists=(operation, result))
        for name, service, key, operation, result in rows
    ]


def register(registry: Registry) -> None:
    serve(registry, (*listed(LISTED), *DESCRIBED))
    shared_policies(registry, "comprehend", "DescribeResourcePolicy", "ResourceArn", "ResourcePolicy")
