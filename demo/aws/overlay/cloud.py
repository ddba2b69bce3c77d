"""The other services: single operations that moto lacks, and defaults of new things that AWS sets and moto does not."""

from __future__ import annotations

from typing import Any

from moto.awslambda.models import lambda_backends
from moto.ecr.models import ecr_backends
from moto.kms.models import kms_backends
from moto.s3.models import PublicAccessBlock, s3_backends

from demo.aws.overlay.registry import Context, Listing, Registry
from demo.aws.twin import identity
from demo.aws.wire import Call, Document, ServiceError

SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNDEFINED")
DEFAULT_KEYS = ("Default key", "Default master key")


def register(registry: Registry) -> None:
    registry.answers["lambda", "ListFunctionUrlConfigs"] = function_urls
    registry.repairs["lambda", "CreateFunction"] = image_digest
    registry.lists(
        "eks",
        "ListPodIdentityAssociations",
        Listing("eks.pod_identity_association", "associations", ("clusterName",)),
    )
    registry.describes(
        "eks",
        "DescribePodIdentityAssociation",
        "eks.pod_identity_association",
        ("clusterName", "associationId"),
    )
    registry.lists(
        "iam",
        "ListServiceSpecificCredentials",
        Listing("iam.service_credential", "ServiceSpecificCredentials", ("UserName",)),
    )
    registry.answers["guardduty", "ListFindings"] = finding_ids
    registry.answers["guardduty", "GetFindings"] = findings
    registry.answers["ecr", "DescribeImageScanFindings"] = scan_findings
    registry.repairs["ecr", "DescribeImages"] = images
    registry.answers["logs", "GetDataProtectionPolicy"] = data_protection
    registry.answers["logs", "PutDataProtectionPolicy"] = put_data_protection
    registry.answers["kms", "GetKeyPolicy"] = key_policy
    registry.repairs["kms", "DescribeKey"] = key_manager
    registry.repairs["s3", "CreateBucket"] = bucket_defaults
    registry.repairs["s3", "ListBuckets"] = bucket_regions


def function_urls(call: Call, _context: Context) -> Document:
    function = lambda_backends[call.account][call.region].get_function(call.params["FunctionName"])
    if function.url_config is None:
        return {"FunctionUrlConfigs": []}
    config = function.url_config.to_dict()
    return {"FunctionUrlConfigs": [{key: value for key, value in config.items() if value is not None}]}


def image_digest(call: Call, answer: Document, _context: Context) -> Document:
    """For a function that runs an image the hash of the code is the image's digest; moto hashes the image's name."""
    uri = call.params["Code"].get("ImageUri")
    if not uri:
        return answer
    repository, _, tag = uri.partition("/")[2].partition(":")
    found = ecr_backends[call.account][call.region].batch_get_image(repository, image_ids=[{"imageTag": tag}])["images"]
    digest = found[0].image_id["imageDigest"].removeprefix("sha256:")
    lambda_backends[call.account][call.region].get_function(call.params["FunctionName"]).code_sha_256 = digest
    return {**answer, "CodeSha256": digest}


def finding_ids(call: Call, context: Context) -> Document:
    detector = call.params["DetectorId"]
    return {"FindingIds": [finding["Id"] for finding in _findings(call, context, detector)]}


def findings(call: Call, context: Context) -> Document:
    wanted = set(call.params["FindingIds"])
    found = _findings(call, context, call.params["DetectorId"])
    return {"Findings": [finding for finding in found if finding["Id"] in wanted]}


def _findings(call: Call, context: Context, detector: str) -> list[Document]:
    stored = context.twin.all("guardduty.finding", call.place)
    return [finding for finding in stored if finding.get("Service", {}).get("DetectorId", detector) == detector]


def scan_findings(call: Call, context: Context) -> Document:
    repository, image = call.params["repositoryName"], call.params["imageId"]
    for scan in context.twin.all("ecr.scan", call.place, repositoryName=repository):
        known = scan["imageId"]
        if any(image.get(name) and image.get(name) == known.get(name) for name in ("imageDigest", "imageTag")):
            return scan
    raise ServiceError("ScanNotFoundException", f"Image scan does not exist for the image in '{repository}'.")


def images(call: Call, answer: Document, context: Context) -> Document:
    """DescribeImages carries the counts of the image's last scan."""
    for detail in answer.get("imageDetails", []):
        key = identity("ecr.scan", {"repositoryName": detail["repositoryName"], "imageId": detail})
        scan = context.twin.get("ecr.scan", call.place, *key)
        if scan is None:
            continue
        detail["imageScanStatus"] = scan["imageScanStatus"]
        detail["imageScanFindingsSummary"] = _summary(scan["imageScanFindings"])
    return answer


def _summary(found: Document) -> Document:
    summary: dict[str, Any] = {"findingSeverityCounts": found.get("findingSeverityCounts", {})}
    completed = found.get("imageScanCompletedAt")
    if completed is not None:
        summary["imageScanCompletedAt"] = completed.timestamp()
    return summary


def data_protection(call: Call, context: Context) -> Document:
    group = call.params["logGroupIdentifier"]
    policy = context.twin.policies.get((call.place, "log-group", group))
    return {"logGroupIdentifier": group, "policyDocument": policy} if policy else {"logGroupIdentifier": group}


def put_data_protection(call: Call, context: Context) -> Document:
    group = call.params["logGroupIdentifier"]
    context.twin.policies[call.place, "log-group", group] = call.params["policyDocument"]
    return {"logGroupIdentifier": group, "policyDocument": call.params["policyDocument"]}


def bucket_defaults(call: Call, answer: Document, _context: Context) -> Document:
    """A new bucket is encrypted with S3 keys, blocks public access and has no ACLs (AWS since April 2023)."""
    bucket: Any = s3_backends[call.account]["aws"].get_bucket(call.params["Bucket"])
    bucket.encryption = {"Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}}
    bucket.public_access_block = PublicAccessBlock(True, True, True, True)
    bucket.ownership_rule = bucket.ownership_rule or "BucketOwnerEnforced"
    return answer


def bucket_regions(call: Call, answer: Document, _context: Context) -> Document:
    """AWS names the region of each bucket when the request has any parameter."""
    if call.params:
        known = s3_backends[call.account]["aws"].buckets
        for bucket in answer.get("Buckets", []):
            bucket["BucketRegion"] = known[bucket["Name"]].region_name
    return answer


def key_policy(call: Call, _context: Context) -> Document | None:
    """The name of the policy need not be given: there is only `default`."""
    key = kms_backends[call.account][call.region].keys.get(str(call.params["KeyId"]).rpartition("/")[2])
    if key is None:
        raise ServiceError("NotFoundException", f"Key '{call.params['KeyId']}' does not exist")
    return {"Policy": key.policy, "PolicyName": "default"}


def key_manager(_call: Call, document: Document, _context: Context) -> Document:
    """Keys that AWS makes for a service are AWS's; moto makes them as if the customer had."""
    told = document["KeyMetadata"]
    manager = "AWS" if told["Description"].startswith(DEFAULT_KEYS) else told["KeyManager"]
    return {**document, "KeyMetadata": {**told, "KeyManager": manager}}
