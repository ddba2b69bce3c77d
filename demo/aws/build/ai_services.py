"""Comprehend, Rekognition, Textract, Transcribe, Translate, Polly, Personalize, Forecast and others."""

from __future__ import annotations

import json
from dataclasses import dataclass

from demo.aws.build.assistants import policy
from demo.aws.build.site import Site, Tags, without_nothing
from demo.aws.wire import Document


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the services of one team share: bucket (name), role, and its key and whether its network is used."""

    bucket: str
    role: str
    kms: str = ""
    private: bool = True

    def s3(self, path: str) -> str:
        return f"s3://{self.bucket}/{path}"


def _network(site: Site, shelf: Shelf) -> Document | None:
    if not shelf.private or site.network is None:
        return None
    return {"SecurityGroupIds": [site.network.group], "Subnets": list(site.network.subnets)}


def comprehend(site: Site, name: str, shelf: Shelf, tags: Tags | None = None) -> str:
    """A classifier with its endpoint, a recognizer, a flywheel and jobs. Returns the classifier's ARN."""
    arn = site.arn("comprehend", f"document-classifier/{name}/version/1")
    for kind, member, own in (
        ("classifier", "DocumentClassifierArn", arn),
        ("recognizer", "EntityRecognizerArn", site.arn("comprehend", f"entity-recognizer/{name}/version/1")),
    ):
        data: Document = (
            {"S3Uri": shelf.s3("texts")} if kind == "classifier" else {"EntityTypes": [{"Type": "PRODUCT"}]}
        )
        document = {member: own, **_trained(site, shelf), "InputDataConfig": data}
        site.put(f"comprehend.{kind}", document, tags)
    _endpoint(site, name, arn, tags)
    flywheel = {
        "FlywheelArn": site.arn("comprehend", f"flywheel/{name}"),
        "ActiveModelArn": arn,
        "DataLakeS3Uri": shelf.s3("lake"),
        "Status": "ACTIVE",
        "ModelType": "DOCUMENT_CLASSIFIER",
    }
    site.put("comprehend.flywheel", flywheel, tags)
    redacts = {"LanguageCode": "en", "Mode": "ONLY_REDACTION"}
    for number in range(2):
        _text_job(site, f"{name}-redact-{number}", shelf, ("pii_job", "pii-entities-detection-job"), **redacts)
    _text_job(site, f"{name}-names", shelf, ("entities_job", "entities-detection-job"), LanguageCode="en")
    sorts = {"DocumentClassifierArn": arn}
    _text_job(site, f"{name}-sort", shelf, ("classification_job", "document-classification-job"), **sorts)
    return arn


def _endpoint(site: Site, name: str, model: str, tags: Tags | None) -> None:
    endpoint = {
        "EndpointArn": site.arn("comprehend", f"document-classifier-endpoint/{name}"),
        "Status": "IN_SERVICE",
        "ModelArn": model,
        "DesiredInferenceUnits": 1,
    }
    site.put("comprehend.endpoint", endpoint, tags)


def _trained(site: Site, shelf: Shelf) -> Document:
    return without_nothing(
        LanguageCode="en",
        Status="TRAINED",
        DataAccessRoleArn=shelf.role,
        VolumeKmsKeyId=shelf.kms or None,
        ModelKmsKeyId=shelf.kms or None,
        VpcConfig=_network(site, shelf),
        VersionName="1",
    )


def _text_job(site: Site, name: str, shelf: Shelf, sort: tuple[str, str], **more: str) -> None:
    """`sort` is (the job's kind, how its ARN calls it)."""
    made = site.made_id(sort[0], name, size=16).lower()
    site.put(
        f"comprehend.{sort[0]}",
        {
            "JobArn": site.arn("comprehend", f"{sort[1]}/{made}"),
            "JobId": made,
            "JobName": name,
            "JobStatus": "COMPLETED",
            "InputDataConfig": {"S3Uri": shelf.s3("mails")},
            "OutputDataConfig": without_nothing(S3Uri=shelf.s3("redacted"), KmsKeyId=shelf.kms or None),
            "DataAccessRoleArn": shelf.role,
            "SubmitTime": site.now(),
            **more,
        },
    )


def rekognition(site: Site, name: str, shelf: Shelf, tags: Tags | None = None, *, shared: str = "") -> None:
    """A project with a version, a collection of faces and a stream processor; `shared` with that principal."""
    serial = str(int(site.made_uuid("rekognition", name)[:8], 16))
    project = site.arn("rekognition", f"project/{name}/{serial}")
    site.put("rekognition.project", {"ProjectArn": project, "Status": "CREATED"}, tags)
    if shared:
        grant = {"Effect": "Allow", "Principal": {"AWS": shared}, "Action": "rekognition:CopyProjectVersion"}
        text = json.dumps({"Version": "2012-10-17", "Statement": [{**grant, "Resource": "*"}]})
        site.put("rekognition.project_policy", {"ProjectArn": project, "PolicyName": "copy", "PolicyDocument": text})
    version = without_nothing(
        _ProjectArn=project,
        ProjectVersionArn=f"{project.rpartition('/')[0]}/version/v1/{serial}",
        Status="RUNNING",
        OutputConfig={"S3Bucket": shelf.bucket, "S3KeyPrefix": "vision"},
        KmsKeyId=shelf.kms or None,
    )
    site.put("rekognition.project_version", version, tags)
    faces = site.arn("rekognition", f"collection/{name}-faces")
    site.put(
        "rekognition.collection", {"_CollectionId": f"{name}-faces", "CollectionARN": faces, "FaceCount": 12}, tags
    )
    processor = without_nothing(
        StreamProcessorArn=site.arn("rekognition", f"streamprocessor/{name}-door"),
        Name=f"{name}-door",
        Status="STOPPED",
        Output={"S3Destination": {"Bucket": shelf.bucket, "KeyPrefix": "door"}},
        RoleArn=shelf.role,
        KmsKeyId=shelf.kms or None,
        DataSharingPreference={"OptIn": bool(shared)},
    )
    site.put("rekognition.stream_processor", processor, tags)


def textract(site: Site, name: str, shelf: Shelf, tags: Tags | None = None) -> None:
    made = site.made_id("adapter", name, size=12).lower()
    adapter = {"AdapterId": made, "AdapterName": name, "CreationTime": site.now(), "FeatureTypes": ["QUERIES"]}
    site.put("textract.adapter", {"_arn": site.arn("textract", f"/adapters/{made}"), **adapter}, tags)
    version = without_nothing(
        AdapterId=made,
        AdapterVersion="1",
        CreationTime=site.now(),
        Status="ACTIVE",
        DatasetConfig={"ManifestS3Object": {"Bucket": shelf.bucket, "Name": "manifest.json"}},
        KMSKeyId=shelf.kms or None,
        OutputConfig={"S3Bucket": shelf.bucket},
    )
    site.put("textract.adapter_version", version)


def language(site: Site, name: str, shelf: Shelf, tags: Tags | None = None) -> None:
    """Transcriptions, translations and speech of one team."""
    lock = {"Type": "KMS", "Id": shelf.kms} if shelf.kms else None
    for number in range(3):
        transcription = without_nothing(
            TranscriptionJobName=f"{name}-call-{number}",
            TranscriptionJobStatus="COMPLETED",
            OutputLocationType="CUSTOMER_BUCKET" if shelf.kms else "SERVICE_BUCKET",
            ContentRedaction={"RedactionType": "PII", "RedactionOutput": "redacted"} if shelf.kms else None,
            CreationTime=site.now(),
        )
        site.put("transcribe.job", transcription)
        speech = {"TaskId": site.made_id("speech", name, str(number)), "TaskStatus": "completed"}
        uri = f"https://s3.{site.region}.amazonaws.com/{shelf.bucket}/speech-{number}.mp3"
        site.put("polly.task", {**speech, "OutputUri": uri, "VoiceId": "Amy"})
        translation = {
            "JobId": site.made_id("translate", name, str(number), size=16).lower(),
            "JobName": f"{name}-catalogue-{number}",
            "JobStatus": "COMPLETED",
            "InputDataConfig": {"S3Uri": shelf.s3("catalogue"), "ContentType": "text/plain"},
            "OutputDataConfig": without_nothing(S3Uri=shelf.s3("translated"), EncryptionKey=lock),
            "DataAccessRoleArn": shelf.role,
            "SubmittedTime": site.now(),
        }
        site.put("translate.job", translation)
        _call_analysis(site, f"{name}-mood-{number}", tags)
    _vocabulary(site, name, shelf, tags)


def _call_analysis(site: Site, name: str, tags: Tags | None) -> None:
    document = {
        "_arn": site.arn("transcribe", f"analytics/{name}"),
        "CallAnalyticsJobName": name,
        "CallAnalyticsJobStatus": "COMPLETED",
        "LanguageCode": "en-GB",
        "CreationTime": site.now(),
    }
    site.put("transcribe.call_analytics_job", document, tags)


def _vocabulary(site: Site, name: str, shelf: Shelf, tags: Tags | None) -> None:
    """What speech and translation are taught by."""
    lock = {"Type": "KMS", "Id": shelf.kms} if shelf.kms else None
    site.put(
        "transcribe.language_model",
        without_nothing(
            ModelName=f"{name}-words",
            LanguageCode="en-GB",
            BaseModelName="WideBand",
            ModelStatus="COMPLETED",
            InputDataConfig={"S3Uri": shelf.s3("words"), "DataAccessRoleArn": shelf.role},
            CreateTime=site.now(),
        ),
    )
    pairs = without_nothing(
        Arn=site.arn("translate", f"parallel-data/{name}"),
        Name=name,
        Status="ACTIVE",
        ParallelDataConfig={"S3Uri": shelf.s3("pairs.csv"), "Format": "CSV"},
        EncryptionKey=lock,
    )
    site.put("translate.parallel_data", pairs, tags)


def prediction(site: Site, name: str, shelf: Shelf, tags: Tags | None = None) -> None:
    """Personalize, Forecast, Fraud Detector and HealthLake of one team."""
    group = site.arn("personalize", f"dataset-group/{name}")
    lock = without_nothing(roleArn=shelf.role if shelf.kms else None, kmsKeyArn=shelf.kms or None)
    site.put("personalize.dataset_group", {"datasetGroupArn": group, "name": name, "status": "ACTIVE", **lock}, tags)
    for part in ("interactions", "items", "users"):
        arn = site.arn("personalize", f"dataset/{name}/{part.upper()}")
        dataset = {"datasetArn": arn, "name": f"{name}-{part}", "datasetType": part, "status": "ACTIVE"}
        site.put("personalize.dataset", {"_datasetGroupArn": group, **dataset})
    campaign = {"campaignArn": site.arn("personalize", f"campaign/{name}"), "name": f"{name}-home", "status": "ACTIVE"}
    site.put("personalize.campaign", campaign)
    encryption = {"RoleArn": shelf.role, "KMSKeyArn": shelf.kms} if shelf.kms else None
    dataset = without_nothing(
        DatasetArn=site.arn("forecast", f"dataset/{name}_demand"),
        DatasetName=f"{name}_demand",
        Domain="RETAIL",
        DatasetType="TARGET_TIME_SERIES",
        EncryptionConfig=encryption,
        Status="ACTIVE",
    )
    site.put("forecast.dataset", dataset, tags)
    predictor = {"PredictorArn": site.arn("forecast", f"predictor/{name}"), "PredictorName": name, "Status": "ACTIVE"}
    site.put("forecast.predictor", predictor, tags)
    _fraud_and_health(site, name, shelf, tags)


def _fraud_and_health(site: Site, name: str, shelf: Shelf, tags: Tags | None) -> None:
    model = {"modelId": f"{name}_model", "modelType": "ONLINE_FRAUD_INSIGHTS"}
    site.put("frauddetector.model", {"arn": site.arn("frauddetector", f"model/{name}"), **model}, tags)
    detector = {"arn": site.arn("frauddetector", f"detector/{name}"), "detectorId": f"{name}_detector"}
    site.put("frauddetector.detector", detector, tags)
    site.put("frauddetector.settings", {"kmsKey": {"kmsEncryptionKeyArn": shelf.kms or "DEFAULT"}})
    made = site.made_id("health", name).lower()
    lock = (
        {"CmkType": "CUSTOMER_MANAGED_KMS_KEY", "KmsKeyId": shelf.kms}
        if shelf.kms
        else {"CmkType": "AWS_OWNED_KMS_KEY"}
    )
    store = {
        "DatastoreId": made,
        "DatastoreArn": site.arn("healthlake", f"datastore/fhir/{made}"),
        "DatastoreName": f"{name}-records",
        "DatastoreStatus": "ACTIVE",
        "DatastoreTypeVersion": "R4",
        "DatastoreEndpoint": f"https://healthlake.{site.region}.amazonaws.com/datastore/{made}/r4/",
        "SseConfiguration": {"KmsEncryptionConfig": lock},
    }
    site.put("healthlake.datastore", store, tags)


def share_model(site: Site, arn: str, principal: str) -> None:
    """Lets another account import a model of Comprehend."""
    policy(site, "comprehend", arn, {"AWS": principal}, "comprehend:ImportModel")
