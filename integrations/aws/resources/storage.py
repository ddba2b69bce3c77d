"""S3: the account's own block of public access, and the buckets that AI reads or writes."""

from __future__ import annotations

from integrations.aws.table import Absent, Detail, Each, Keep, Link, Resource, Single

AI_NAMES = (
    r"(?i)sagemaker|bedrock|llm|genai|gen-ai|embedding|mlflow|kubeflow|huggingface|vector"
    r"|(^|[-._/ ])(ai|ml|rag|models?|training|datasets?|features?|inference|prompts?)([-._/ ]|$)"
)
BUCKET = {"Bucket": "Name"}

RESOURCES = (
    Resource(
        kind="aws.s3.account",
        client="s3control",
        each=Single(
            "get_public_access_block",
            {"AccountId": "{account}"},
            into="PublicAccessBlock",
            take="PublicAccessBlockConfiguration",
            absent=(Absent("NoSuchPublicAccessBlockConfiguration"),),
        ),
        everywhere=True,
        identity="{account}",
        name="S3 settings of {account}",
        place="-",
    ),
    Resource(
        kind="aws.s3.bucket",
        client="s3",
        each=Each("list_buckets", "Buckets"),
        everywhere=True,
        identity="arn:{partition}:s3:::{Name}",
        name="{Name}",
        place="{BucketRegion|=-}",
        keep=Keep(referenced=True, matching=(("Name", AI_NAMES), ("Tags[].Key", AI_NAMES), ("Tags[].Value", AI_NAMES))),
        context=("Tags",),
        late=True,
        detail=(
            Detail(
                operation="get_bucket_encryption",
                parameters=BUCKET,
                into="Encryption",
                take="ServerSideEncryptionConfiguration",
                absent=(Absent("ServerSideEncryptionConfigurationNotFoundError"),),
            ),
            Detail(
                operation="get_bucket_policy",
                parameters=BUCKET,
                into="Policy",
                take="Policy",
                decode=True,
                absent=(Absent("NoSuchBucketPolicy"),),
            ),
            Detail(
                operation="get_public_access_block",
                parameters=BUCKET,
                into="PublicAccessBlock",
                take="PublicAccessBlockConfiguration",
                absent=(Absent("NoSuchPublicAccessBlockConfiguration"),),
            ),
            Detail(operation="get_bucket_versioning", parameters=BUCKET, into="Versioning"),
            Detail(
                operation="get_bucket_ownership_controls",
                parameters=BUCKET,
                into="Ownership",
                take="OwnershipControls",
                absent=(Absent("OwnershipControlsNotFoundError"),),
            ),
            # Where the owner is enforced, access lists count for nothing.
            Detail(
                operation="get_bucket_acl",
                parameters=BUCKET,
                into="Acl",
                needs="Grants",
                unless=("Ownership.Rules[].ObjectOwnership", "BucketOwnerEnforced"),
            ),
            Detail(
                operation="get_bucket_logging", parameters=BUCKET, into="Logging", take="LoggingEnabled", optional=True
            ),
        ),
        links=(
            Link(
                "encrypted_by",
                "Encryption.Rules[].ApplyServerSideEncryptionByDefault.KMSMasterKeyID",
                "aws.kms.key",
                "kms",
            ),
            Link("logs_to", "Logging.TargetBucket", "", "bucket"),
        ),
        tags="Tags",
    ),
)
