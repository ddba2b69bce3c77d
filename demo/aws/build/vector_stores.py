"""OpenSearch, Neptune, S3 Vectors, databases: good unless said otherwise."""

from __future__ import annotations

import json
from typing import Any

from demo.aws.build.assistants import policy
from demo.aws.build.site import Site, Tags, without_nothing
from demo.aws.wire import Document


def domain(site: Site, name: str, tags: Tags | None = None, *, kms: str = "", open_to: str = "") -> str:
    """An OpenSearch domain; `open_to` a principal = public, unencrypted, without accounts. Returns its ARN."""
    arn, good = site.arn("es", f"domain/{name}"), not open_to
    principal = open_to or f"arn:aws:iam::{site.account}:root"
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "es:*", "Resource": f"{arn}/*"}
    inside = None
    if good and site.network:
        inside = {"VPCId": site.network.vpc, "SecurityGroupIds": [site.network.group]}
    document = without_nothing(
        ARN=arn,
        DomainId=f"{site.account}/{name}",
        DomainName=name,
        Created=True,
        EngineVersion="OpenSearch_2.19",
        ClusterConfig={"InstanceType": "r6g.large.search", "InstanceCount": 3},
        AccessPolicies=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        VPCOptions=inside,
        EncryptionAtRestOptions=without_nothing(Enabled=good, KmsKeyId=kms or None),
        NodeToNodeEncryptionOptions={"Enabled": good},
        DomainEndpointOptions={"EnforceHTTPS": good, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-2019-07"},
        AdvancedSecurityOptions={"Enabled": good, "InternalUserDatabaseEnabled": False},
        UseCase="VECTOR",
    )
    site.put("opensearch.domain", document, tags)
    return arn


def collection(site: Site, name: str, tags: Tags | None = None, **more: Any) -> str:
    """A vector collection with its three policies. More: kms, public, principal. Returns its ARN."""
    made = site.made_id("collection", name, size=20).lower()
    arn = site.arn("aoss", f"collection/{made}")
    document = {
        "arn": arn,
        "id": made,
        "name": name,
        "status": "ACTIVE",
        "type": "VECTORSEARCH",
        "kmsKeyArn": more.get("kms", "auto"),
    }
    site.put("aoss.collection", document, tags)
    match = [{"ResourceType": "collection", "Resource": [f"collection/{name}"]}]
    lock = {"KmsARN": more["kms"]} if more.get("kms") else {"AWSOwnedKey": True}
    _aoss_policy(site, "security_policy", "encryption", name, {"Rules": match, **lock})
    network: Document = {"Rules": match, "AllowFromPublic": bool(more.get("public"))}
    if not more.get("public"):
        network["SourceServices"] = ["bedrock.amazonaws.com"]
    _aoss_policy(site, "security_policy", "network", name, [network])
    wide = more.get("principal")
    granted = {
        "Rules": [
            {
                "ResourceType": "index",
                "Resource": [f"index/{name}/*"],
                "Permission": ["aoss:*"] if wide else ["aoss:ReadDocument", "aoss:WriteDocument"],
            }
        ],
        "Principal": [wide or f"arn:aws:iam::{site.account}:role/care-knowledge-base"],
    }
    _aoss_policy(site, "access_policy", "data", name, [granted])
    return arn


def _aoss_policy(site: Site, kind: str, sort: str, name: str, document: Any) -> None:
    site.put(
        f"aoss.{kind}",
        {"type": sort, "name": f"{name}-{sort}"[:32], "policyVersion": "MTY5MDAwMDAwMDAwMF8x", "policy": document},
    )


def vector_bucket(site: Site, name: str, tags: Tags | None = None, *, kms: str = "", shared: str = "") -> str:
    """An S3 vector bucket with two indexes. Returns its ARN."""
    arn = site.arn("s3vectors", f"bucket/{name}")
    lock = {"sseType": "aws:kms", "kmsKeyArn": kms} if kms else {"sseType": "AES256"}
    document = {
        "vectorBucketArn": arn,
        "vectorBucketName": name,
        "creationTime": site.now(),
        "encryptionConfiguration": lock,
    }
    site.put("s3vectors.bucket", document, tags)
    for index in ("articles", "products"):
        own = {"indexArn": f"{arn}/index/{index}", "indexName": f"{name}-{index}", "vectorBucketName": name}
        site.put("s3vectors.index", {"_vectorBucketArn": arn, **own, "creationTime": site.now()})
    if shared:
        policy(site, "s3vectors", arn, {"AWS": shared} if shared != "*" else "*", "s3vectors:*")
    return arn


def graph(site: Site, name: str, tags: Tags | None = None, *, kms: str = "", public: bool = False) -> str:
    """A Neptune graph with vectors. Returns its ARN."""
    made = f"g-{site.made_id('graph', name).lower()}"
    arn = site.arn("neptune-graph", f"graph/{made}")
    document = without_nothing(
        arn=arn,
        id=made,
        name=name,
        status="AVAILABLE",
        publicConnectivity=public,
        kmsKeyIdentifier=kms or None,
        vectorSearchConfiguration={"dimension": 1024},
    )
    site.put("neptune.graph", document, tags)
    return arn


def database(site: Site, name: str, engine: str = "aurora-postgresql", *, kms: str = "", public: bool = False) -> str:
    """A database cluster with one instance. Returns the cluster's ARN."""
    arn = site.arn("rds", f"cluster:{name}")
    member = f"{name}-1"
    cluster = without_nothing(
        DBClusterArn=arn,
        DBClusterIdentifier=name,
        Engine=engine,
        Status="available",
        StorageEncrypted=bool(kms),
        KmsKeyId=kms or None,
        IAMDatabaseAuthenticationEnabled=bool(kms),
        HttpEndpointEnabled=engine != "neptune",
        DBClusterMembers=[{"DBInstanceIdentifier": member, "IsClusterWriter": True}],
    )
    site.put("rds.cluster", cluster)
    instance = without_nothing(
        DBInstanceArn=site.arn("rds", f"db:{member}"),
        DBInstanceIdentifier=member,
        DBClusterIdentifier=name,
        Engine=engine,
        PubliclyAccessible=public,
        StorageEncrypted=bool(kms),
        KmsKeyId=kms or None,
    )
    site.put("rds.instance", instance)
    return arn


def memory_cluster(site: Site, name: str, tags: Tags | None = None, *, kms: str = "", tls: bool = True) -> None:
    document = without_nothing(
        ARN=site.arn("memorydb", f"cluster/{name}"),
        Name=name,
        Status="available",
        NodeType="db.r7g.large",
        ParameterGroupName="default.memorydb-redis7.search",
        TLSEnabled=tls,
        KmsKeyId=kms or None,
        ACLName="care-cache" if tls else "open-access",
    )
    site.put("memorydb.cluster", document, tags)


def catalogue(site: Site, name: str, bucket: str, *, kms: str = "") -> None:
    """A database of the data catalogue, and how the catalogue is locked."""
    site.put("glue.database", {"Name": name, "LocationUri": f"s3://{bucket}/features/", "CreateTime": site.now()})
    at_rest = (
        {"CatalogEncryptionMode": "SSE-KMS", "SseAwsKmsKeyId": kms} if kms else {"CatalogEncryptionMode": "DISABLED"}
    )
    passwords = without_nothing(ReturnConnectionPasswordEncrypted=bool(kms), AwsKmsKeyId=kms or None)
    site.put("glue.catalog", {"EncryptionAtRest": at_rest, "ConnectionPasswordEncryption": passwords})
