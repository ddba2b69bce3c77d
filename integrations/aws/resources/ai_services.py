"""AI services that see, read, listen, translate, speak, recommend and predict."""

from __future__ import annotations

from integrations.aws.table import Absent, Detail, Each, Link, Resource, Single

GONE = (Absent("ResourceNotFoundException"),)
ROLE, KEY, BUCKET, GROUP = "aws.iam.role", "aws.kms.key", "aws.s3.bucket", "aws.ec2.security_group"
CLASSIFIER, RECOGNIZER = "aws.comprehend.classifier", "aws.comprehend.recognizer"
PROJECT, GROUP_OF_DATA = "aws.rekognition.project", "aws.personalize.dataset_group"
PAGES, SMALL_PAGES = ("NextToken", "NextToken"), ("nextToken", "nextToken")
USES_ROLE = Link("uses_role", "DataAccessRoleArn", ROLE, "role")
READS = Link("reads_data", "InputDataConfig.S3Uri", BUCKET, "s3")
WRITES = Link("writes_data", "OutputDataConfig.S3Uri", BUCKET, "s3")


# kind: operation that lists them, member of its answer
TEXT_JOBS = {
    "aws.comprehend.pii_job": ("list_pii_entities_detection_jobs", "PiiEntitiesDetectionJobPropertiesList"),
    "aws.comprehend.entities_job": ("list_entities_detection_jobs", "EntitiesDetectionJobPropertiesList"),
    "aws.comprehend.classification_job": (
        "list_document_classification_jobs",
        "DocumentClassificationJobPropertiesList",
    ),
}


def _text_job(kind: str, operation: str, result: str) -> Resource:
    """A job of Comprehend over many texts: its list tells all."""
    return Resource(
        kind=kind,
        client="comprehend",
        each=Each(operation, result),
        identity="{JobArn}",
        name="{JobName|JobId}",
        links=(USES_ROLE, READS, WRITES, Link("encrypted_by", "OutputDataConfig.KmsKeyId", KEY, "kms")),
        tags="@",
    )


def _language_model(kind: str, listing: tuple[str, str], arn: str, texts: str) -> Resource:
    """A custom model of Comprehend: its list tells all but its policy."""
    return Resource(
        kind=kind,
        client="comprehend",
        each=Each(*listing, page_size=100),
        identity=f"{{{arn}}}",
        name=f"{{{arn}}}",
        detail=(
            Detail(
                operation="describe_resource_policy",
                parameters={"ResourceArn": arn},
                into="ResourcePolicy",
                take="ResourcePolicy",
                decode=True,
                optional=True,
                absent=GONE,
            ),
        ),
        links=(
            USES_ROLE,
            Link("reads_data", texts, BUCKET, "s3"),
            Link("encrypted_by", "ModelKmsKeyId", KEY, "kms"),
            Link("encrypted_by", "VolumeKmsKeyId", KEY, "kms"),
            Link("in_network", "VpcConfig.SecurityGroupIds[]", GROUP, "security_group"),
        ),
        tags="@",
    )


COMPREHEND = (
    _language_model(
        CLASSIFIER,
        ("list_document_classifiers", "DocumentClassifierPropertiesList"),
        "DocumentClassifierArn",
        "InputDataConfig.S3Uri",
    ),
    _language_model(
        RECOGNIZER,
        ("list_entity_recognizers", "EntityRecognizerPropertiesList"),
        "EntityRecognizerArn",
        "InputDataConfig.Documents.S3Uri",
    ),
    Resource(
        kind="aws.comprehend.endpoint",
        client="comprehend",
        each=Each("list_endpoints", "EndpointPropertiesList"),
        identity="{EndpointArn}",
        name="{EndpointArn}",
        given=(CLASSIFIER, RECOGNIZER),
        links=(
            Link("serves", "ModelArn"),
            Link("uses_role", "DataAccessRoleArn", ROLE, "role"),
        ),
        tags="@",
    ),
    Resource(
        kind="aws.comprehend.flywheel",
        client="comprehend",
        each=Each("list_flywheels", "FlywheelSummaryList", token=PAGES),
        identity="{FlywheelArn}",
        name="{FlywheelArn}",
        links=(Link("reads_data", "DataLakeS3Uri", BUCKET, "s3"), Link("produces", "ActiveModelArn")),
        tags="@",
    ),
    *(_text_job(kind, *listing) for kind, listing in TEXT_JOBS.items()),
)
VISION = (
    Resource(
        kind=PROJECT,
        client="rekognition",
        each=Each("describe_projects", "ProjectDescriptions"),
        identity="{ProjectArn}",
        name="{ProjectArn}",
        detail=(
            Detail(
                operation="list_project_policies",
                parameters={"ProjectArn": "ProjectArn"},
                into="ProjectPolicies",
                take="ProjectPolicies",
                pages=True,
                absent=GONE,
            ),
        ),
        tags="@",
    ),
    Resource(
        kind="aws.rekognition.project_version",
        client="rekognition",
        each=Each("describe_project_versions", "ProjectVersionDescriptions", {"ProjectArn": "ProjectArn"}),
        for_each=(PROJECT,),
        carry={"ProjectArn": "ProjectArn"},
        identity="{ProjectVersionArn}",
        name="{ProjectVersionArn}",
        links=(
            Link("part_of", "ProjectArn", PROJECT),
            Link("encrypted_by", "KmsKeyId", KEY, "kms"),
            Link("produces", "OutputConfig.S3Bucket", BUCKET, "bucket"),
        ),
        tags="@",
    ),
    Resource(
        kind="aws.rekognition.collection",
        client="rekognition",
        each=Each("list_collections", "CollectionIds", row="CollectionId"),
        identity="arn:{partition}:rekognition:{region}:{account}:collection/{CollectionId}",
        name="{CollectionId}",
        tags="@",
    ),
    Resource(
        kind="aws.rekognition.stream_processor",
        client="rekognition",
        each=Each("list_stream_processors", "StreamProcessors"),
        identity="arn:{partition}:rekognition:{region}:{account}:streamprocessor/{Name}",
        name="{Name}",
        detail=(
            Detail(
                operation="describe_stream_processor",
                parameters={"Name": "Name"},
                needs="Name",
                describes=True,
                absent=GONE,
            ),
        ),
        links=(
            Link("uses_role", "RoleArn", ROLE, "role"),
            Link("encrypted_by", "KmsKeyId", KEY, "kms"),
            Link("writes_data", "Output.S3Destination.Bucket", BUCKET, "bucket"),
            Link(
                "reads_data",
                "Settings.FaceSearch.CollectionId",
                "aws.rekognition.collection",
                "arn:rekognition:collection/{}",
            ),
        ),
        tags="@",
        noise=("StatusMessage",),
    ),
    Resource(
        kind="aws.textract.adapter",
        client="textract",
        each=Each("list_adapters", "Adapters"),
        identity="arn:{partition}:textract:{region}:{account}:/adapters/{AdapterId}",
        name="{AdapterName}",
        tags="@",
    ),
    Resource(
        kind="aws.textract.adapter_version",
        client="textract",
        each=Each("list_adapter_versions", "AdapterVersions"),
        given=("aws.textract.adapter",),
        identity="arn:{partition}:textract:{region}:{account}:/adapters/{AdapterId}/versions/{AdapterVersion}",
        name="Version {AdapterVersion} of {AdapterId}",
        detail=(
            Detail(
                operation="get_adapter_version",
                parameters={"AdapterId": "AdapterId", "AdapterVersion": "AdapterVersion"},
                needs="AdapterId",
                describes=True,
                absent=GONE,
            ),
        ),
        links=(
            Link("part_of", "AdapterId", "aws.textract.adapter", "arn:textract:/adapters/{}"),
            Link("encrypted_by", "KMSKeyId", KEY, "kms"),
            Link("reads_data", "DatasetConfig.ManifestS3Object.Bucket", BUCKET, "bucket"),
            Link("produces", "OutputConfig.S3Bucket", BUCKET, "bucket"),
        ),
        tags="Tags",
    ),
)
LANGUAGE = (
    Resource(
        kind="aws.transcribe.job",
        client="transcribe",
        each=Each("list_transcription_jobs", "TranscriptionJobSummaries", token=PAGES),
        identity="arn:{partition}:transcribe:{region}:{account}:transcription-job/{TranscriptionJobName}",
        name="{TranscriptionJobName}",
        tags="@",
    ),
    Resource(
        kind="aws.transcribe.call_analytics_job",
        client="transcribe",
        each=Each("list_call_analytics_jobs", "CallAnalyticsJobSummaries", token=PAGES),
        identity="arn:{partition}:transcribe:{region}:{account}:analytics/{CallAnalyticsJobName}",
        name="{CallAnalyticsJobName}",
        tags="@",
    ),
    Resource(
        kind="aws.transcribe.language_model",
        client="transcribe",
        each=Each("list_language_models", "Models", token=PAGES),
        identity="arn:{partition}:transcribe:{region}:{account}:language-model/{ModelName}",
        name="{ModelName}",
        links=(
            READS,
            Link("reads_data", "InputDataConfig.TuningDataS3Uri", BUCKET, "s3"),
            Link("uses_role", "InputDataConfig.DataAccessRoleArn", ROLE, "role"),
        ),
        tags="@",
    ),
    Resource(
        kind="aws.translate.job",
        client="translate",
        each=Each("list_text_translation_jobs", "TextTranslationJobPropertiesList", token=PAGES),
        identity="arn:{partition}:translate:{region}:{account}:text-translation-job/{JobId}",
        name="{JobName|JobId}",
        links=(USES_ROLE, READS, WRITES, Link("encrypted_by", "OutputDataConfig.EncryptionKey.Id", KEY, "kms")),
    ),
    Resource(
        kind="aws.translate.parallel_data",
        client="translate",
        each=Each("list_parallel_data", "ParallelDataPropertiesList", token=PAGES),
        identity="{Arn}",
        name="{Name}",
        links=(
            Link("reads_data", "ParallelDataConfig.S3Uri", BUCKET, "s3"),
            Link("encrypted_by", "EncryptionKey.Id", KEY, "kms"),
        ),
        tags="@",
    ),
    Resource(
        kind="aws.polly.task",
        client="polly",
        each=Each("list_speech_synthesis_tasks", "SynthesisTasks"),
        identity="arn:{partition}:polly:{region}:{account}:synthesis-task/{TaskId}",
        name="Speech {TaskId}",
        links=(Link("writes_data", "OutputUri", BUCKET, "s3"),),
    ),
)
PREDICTION = (
    Resource(
        kind=GROUP_OF_DATA,
        client="personalize",
        each=Each("list_dataset_groups", "datasetGroups"),
        identity="{datasetGroupArn}",
        name="{name}",
        detail=(
            Detail(
                operation="describe_dataset_group",
                parameters={"datasetGroupArn": "datasetGroupArn"},
                into="datasetGroup",
                take="datasetGroup",
                describes=True,
                absent=GONE,
            ),
        ),
        links=(
            Link("uses_role", "datasetGroup.roleArn", ROLE, "role"),
            Link("encrypted_by", "datasetGroup.kmsKeyArn", KEY, "kms"),
        ),
        tags="@",
    ),
    Resource(
        kind="aws.personalize.dataset",
        client="personalize",
        each=Each("list_datasets", "datasets", {"datasetGroupArn": "datasetGroupArn"}),
        for_each=(GROUP_OF_DATA,),
        carry={"datasetGroupArn": "datasetGroupArn"},
        identity="{datasetArn}",
        name="{name}",
        links=(Link("part_of", "datasetGroupArn", GROUP_OF_DATA),),
        tags="@",
    ),
    Resource(
        kind="aws.personalize.campaign",
        client="personalize",
        each=Each("list_campaigns", "campaigns"),
        identity="{campaignArn}",
        name="{name}",
        given=(GROUP_OF_DATA,),
        tags="@",
    ),
    Resource(
        kind="aws.forecast.dataset",
        client="forecast",
        each=Each("list_datasets", "Datasets"),
        identity="{DatasetArn}",
        name="{DatasetName}",
        detail=(
            Detail(
                operation="describe_dataset",
                parameters={"DatasetArn": "DatasetArn"},
                needs="DatasetArn",
                describes=True,
                absent=GONE,
            ),
        ),
        links=(
            Link("uses_role", "EncryptionConfig.RoleArn", ROLE, "role"),
            Link("encrypted_by", "EncryptionConfig.KMSKeyArn", KEY, "kms"),
        ),
        tags="@",
    ),
    Resource(
        kind="aws.forecast.predictor",
        client="forecast",
        each=Each("list_predictors", "Predictors"),
        identity="{PredictorArn}",
        name="{PredictorName}",
        given=("aws.forecast.dataset",),
        tags="@",
    ),
    Resource(
        kind="aws.frauddetector.model",
        client="frauddetector",
        each=Each("get_models", "models", token=SMALL_PAGES),
        identity="{arn}",
        name="{modelId}",
        tags="@",
    ),
    Resource(
        kind="aws.frauddetector.detector",
        client="frauddetector",
        each=Each("get_detectors", "detectors", token=SMALL_PAGES),
        identity="{arn}",
        name="{detectorId}",
        given=("aws.frauddetector.model",),
        tags="@",
    ),
    Resource(
        kind="aws.frauddetector.settings",
        client="frauddetector",
        each=Single("get_kms_encryption_key"),
        identity="arn:{partition}:frauddetector:{region}:{account}:settings",
        name="Fraud Detector in {region}",
        given=("aws.frauddetector.model",),
        links=(Link("encrypted_by", "kmsKey.kmsEncryptionKeyArn", KEY, "kms", skip=("DEFAULT",)),),
    ),
    Resource(
        kind="aws.healthlake.datastore",
        client="healthlake",
        each=Each("list_fhir_datastores", "DatastorePropertiesList", token=PAGES),
        identity="{DatastoreArn}",
        name="{DatastoreName|DatastoreId}",
        links=(Link("encrypted_by", "SseConfiguration.KmsEncryptionConfig.KmsKeyId", KEY, "kms"),),
        tags="@",
    ),
)
RESOURCES = (*COMPREHEND, *VISION, *LANGUAGE, *PREDICTION)
