"""Keys, buckets, secrets, container repositories and their images."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.s3.models import s3_backends

from demo.aws.build.site import Site, Tags, pairs, without_nothing
from demo.aws.wire import Document

BLOCK_ALL = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)


def key(
    site: Site, alias: str, *, rotation: bool = True, policy: Document | None = None, tags: Tags | None = None
) -> str:
    """A customer-managed KMS key. Returns its ARN."""
    kms = site.client("kms")
    request = without_nothing(
        Description=alias.replace("-", " "),
        Policy=json.dumps(policy) if policy else None,
        Tags=[{"TagKey": name, "TagValue": value} for name, value in (tags or {}).items()] or None,
    )
    made = kms.create_key(**request)["KeyMetadata"]
    kms.create_alias(AliasName=f"alias/{alias}", TargetKeyId=made["KeyId"])
    if rotation:
        kms.enable_key_rotation(KeyId=made["KeyId"])
    return str(made["Arn"])


@dataclass(frozen=True, slots=True)
class Bucket:
    """How a bucket is set up: good unless said otherwise. With an `acl` access lists count, as they once did."""

    kms: str = ""
    acl: str = ""
    versioned: bool = True
    tls_only: bool = True
    public: bool = False
    blocked: bool = True
    log_to: str = ""
    takes_logs: bool = False
    statements: tuple[Document, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


def bucket(site: Site, name: str, setup: Bucket | None = None) -> str:
    """An S3 bucket. Returns its name."""
    setup, s3 = setup or Bucket(), site.client("s3")
    elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": site.region}}
    s3.create_bucket(Bucket=name, **(elsewhere if site.region != "us-east-1" else {}))
    if setup.kms:
        rule = {
            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": setup.kms},
            "BucketKeyEnabled": True,
        }
        s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
    if setup.acl:
        writers = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
        s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=writers)
        s3.put_bucket_acl(Bucket=name, ACL=setup.acl)
    if setup.versioned:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    if setup.public or not setup.blocked:
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=dict.fromkeys(BLOCK_ALL, False))
    if setup.log_to:
        target = {"LoggingEnabled": {"TargetBucket": setup.log_to, "TargetPrefix": f"{name}/"}}
        s3.put_bucket_logging(Bucket=name, BucketLoggingStatus=target)
    if setup.tags:
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": pairs(setup.tags)})
    _bucket_policy(s3, name, setup)
    return name


def write(site: Site, uri: str) -> None:
    """A file at an address in S3, another one each day. moto's API takes any deny for one of everything."""
    name, _, key = uri.removeprefix("s3://").partition("/")
    s3_backends[site.account]["aws"].put_object(name, key, f"written {site.now()}".encode())


def _bucket_policy(s3: Any, name: str, setup: Bucket) -> None:
    arns = [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
    statements = list(setup.statements)
    if setup.takes_logs:
        writer = {"Service": "logging.s3.amazonaws.com"}
        statements.append({"Effect": "Allow", "Principal": writer, "Action": "s3:PutObject", "Resource": arns[1]})
    if setup.public:
        statements.append(
            {"Sid": "Everyone", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": arns[1]}
        )
    if setup.tls_only:
        statements.append(
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Action": "s3:*",
                "Resource": arns,
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        )
    if statements:
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))


def grant(bucket_name: str, principal: str | list[str], *actions: str) -> Document:
    """A bucket policy statement that lets a principal of another account in; "*" is everybody."""
    return {
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": list(actions),
        "Resource": [f"arn:aws:s3:::{bucket_name}", f"arn:aws:s3:::{bucket_name}/*"],
    }


def block_account(site: Site, *, policies: bool = True) -> None:
    """Blocks public access for every bucket of the account; without `policies` only that by access lists."""
    lists = {"BlockPublicAcls": True, "IgnorePublicAcls": True}
    site.client("s3control").put_public_access_block(
        AccountId=site.account,
        PublicAccessBlockConfiguration={**lists, "BlockPublicPolicy": policies, "RestrictPublicBuckets": policies},
    )


def secret(site: Site, name: str, *, kms: str = "", rotated: bool = False, tags: Tags | None = None) -> str:
    """A secret whose value nobody here knows. Returns its ARN."""
    client = site.client("secretsmanager")
    request = without_nothing(KmsKeyId=kms or None, Tags=pairs(tags) or None, Description=name.replace("/", " "))
    made = client.create_secret(Name=name, SecretString="not-a-real-value", **request)
    if rotated:
        client.rotate_secret(SecretId=name, RotationRules={"AutomaticallyAfterDays": 30})
    return str(made["ARN"])


def share_secret(site: Site, name: str, principal: str) -> None:
    """Lets somebody else read a secret by its own policy."""
    allowed = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "secretsmanager:GetSecretValue"}
    policy = {"Version": "2012-10-17", "Statement": [allowed | {"Resource": "*"}]}
    site.client("secretsmanager").put_resource_policy(SecretId=name, ResourcePolicy=json.dumps(policy))


@dataclass(frozen=True, slots=True)
class Repository:
    """How a container repository is set up: good unless said otherwise."""

    immutable: bool = True
    scan: bool = True
    kms: str = ""
    policy: Document | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


def repository(site: Site, name: str, setup: Repository | None = None) -> str:
    """An ECR repository. Returns its URI."""
    setup, ecr = setup or Repository(), site.client("ecr")
    encryption = {"encryptionType": "KMS", "kmsKey": setup.kms} if setup.kms else {"encryptionType": "AES256"}
    made = ecr.create_repository(
        repositoryName=name,
        imageTagMutability="IMMUTABLE" if setup.immutable else "MUTABLE",
        imageScanningConfiguration={"scanOnPush": setup.scan},
        encryptionConfiguration=encryption,
        tags=pairs(setup.tags),
    )
    if setup.policy:
        ecr.set_repository_policy(repositoryName=name, policyText=json.dumps(setup.policy))
    return str(made["repository"]["repositoryUri"])


def image(site: Site, repository_name: str, tag: str, **severities: int) -> str:
    """An image with the result of its scan, e.g. CRITICAL=2 (nothing = not scanned). Returns `repository:tag`."""
    digests = [hashlib.sha256(f"{repository_name}:{tag}:{part}".encode()).hexdigest() for part in ("config", "layer")]
    docker = "application/vnd.docker"
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{docker}.distribution.manifest.v2+json",
        "config": {"mediaType": f"{docker}.container.image.v1+json", "size": 7023, "digest": f"sha256:{digests[0]}"},
        "layers": [
            {"mediaType": f"{docker}.image.rootfs.diff.tar.gzip", "size": 91_234_567, "digest": f"sha256:{digests[1]}"}
        ],
    }
    answer = site.client("ecr").put_image(
        repositoryName=repository_name, imageManifest=json.dumps(manifest), imageTag=tag
    )
    if severities:
        _scan(site, repository_name, answer["image"]["imageId"], severities)
    return f"{site.account}.dkr.ecr.{site.region}.amazonaws.com/{repository_name}:{tag}"


def _scan(site: Site, repository_name: str, image_id: Document, severities: Mapping[str, int]) -> None:
    counted = {name: count for name, count in severities.items() if count}
    found = [
        {
            "name": f"CVE-2026-{20000 + 97 * index + 7 * len(repository_name)}",
            "severity": name,
            "description": "Known vulnerability in a package of the image.",
            "attributes": [{"key": "package_name", "value": "openssl"}],
        }
        for name, count in counted.items()
        for index in range(count)
    ]
    site.put(
        "ecr.scan",
        {
            "registryId": site.account,
            "repositoryName": repository_name,
            "imageId": {"imageDigest": image_id["imageDigest"], "imageTag": image_id["imageTag"]},
            "imageScanStatus": {"status": "COMPLETE", "description": "The scan was completed successfully."},
            "imageScanFindings": {
                "imageScanCompletedAt": site.now(),
                "findingSeverityCounts": counted,
                "findings": found,
            },
        },
    )
