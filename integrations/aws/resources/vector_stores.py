"""Where vectors and other data of AI lie: OpenSearch, Neptune, S3 Vectors, databases, the data catalogue."""

from __future__ import annotations

from integrations.aws.resources.storage import AI_NAMES
from integrations.aws.table import Absent, Batch, Detail, Each, Keep, Link, Resource, Single

GONE = (Absent("ResourceNotFoundException"), Absent("NotFoundException"))
KEY, GROUP = "aws.kms.key", "aws.ec2.security_group"
COLLECTION, VECTORS, CLUSTER = "aws.aoss.collection", "aws.s3vectors.bucket", "aws.rds.cluster"
BASE = ("aws.bedrock.knowledge_base",)
PAGES = ("nextToken", "nextToken")
VECTOR_BUCKET = {"vectorBucketArn": "vectorBucketArn"}


def _policy(kind: str, sort: str, listing: tuple[str, str], reading: tuple[str, str]) -> Resource:
    """Policies of OpenSearch Serverless stand apart from the collections that they match by name."""
    return Resource(
        kind=kind,
        client="opensearchserverless",
        each=Each(*listing, {"type": f"={sort}"}, token=PAGES),
        given=(COLLECTION,),
        identity=f"arn:{{partition}}:aoss:{{region}}:{{account}}:{sort}-policy/{{name}}",
        name="{name}",
        detail=(
            Detail(
                operation=reading[0],
                parameters={"type": f"={sort}", "name": "name"},
                into=reading[1],
                take=reading[1],
                describes=True,
                absent=GONE,
            ),
        ),
    )


SECURITY = ("list_security_policies", "securityPolicySummaries"), ("get_security_policy", "securityPolicyDetail")
ACCESS = ("list_access_policies", "accessPolicySummaries"), ("get_access_policy", "accessPolicyDetail")
SEARCH = (
    Resource(
        kind="aws.opensearch.domain",
        client="opensearch",
        each=Each("list_domain_names", "DomainNames"),
        identity="arn:{partition}:es:{region}:{account}:domain/{DomainName}",
        name="{DomainName}",
        batch=Batch(
            operation="describe_domains", ids="DomainNames", result="DomainStatusList", key="DomainName", size=5
        ),
        links=(
            Link("encrypted_by", "EncryptionAtRestOptions.KmsKeyId", KEY, "kms"),
            Link("in_network", "VPCOptions.SecurityGroupIds[]", GROUP, "security_group"),
        ),
        tags="@",
        decode=("AccessPolicies",),
        noise=("ChangeProgressDetails", "ServiceSoftwareOptions", "Processing", "DomainProcessingStatus"),
    ),
    Resource(
        kind=COLLECTION,
        client="opensearchserverless",
        each=Each("list_collections", "collectionSummaries", token=PAGES),
        identity="{arn}",
        name="{name}",
        batch=Batch(operation="batch_get_collection", ids="ids", result="collectionDetails", key="id", size=100),
        links=(Link("encrypted_by", "kmsKeyArn", KEY, "kms", skip=("auto",)),),
        tags="@",
    ),
    _policy("aws.aoss.encryption_policy", "encryption", *SECURITY),
    _policy("aws.aoss.network_policy", "network", *SECURITY),
    _policy("aws.aoss.access_policy", "data", *ACCESS),
)
VECTOR = (
    Resource(
        kind=VECTORS,
        client="s3vectors",
        each=Each("list_vector_buckets", "vectorBuckets"),
        identity="{vectorBucketArn}",
        name="{vectorBucketName}",
        detail=(
            Detail(
                operation="get_vector_bucket",
                parameters=VECTOR_BUCKET,
                into="vectorBucket",
                take="vectorBucket",
                describes=True,
                absent=GONE,
            ),
            Detail(
                operation="get_vector_bucket_policy",
                parameters=VECTOR_BUCKET,
                into="Policy",
                take="policy",
                decode=True,
                optional=True,
                absent=GONE,
            ),
        ),
        links=(Link("encrypted_by", "vectorBucket.encryptionConfiguration.kmsKeyArn", KEY, "kms"),),
        tags="@",
    ),
    Resource(
        kind="aws.s3vectors.index",
        client="s3vectors",
        each=Each("list_indexes", "indexes", VECTOR_BUCKET),
        for_each=(VECTORS,),
        carry=VECTOR_BUCKET,
        identity="{indexArn}",
        name="{indexName}",
        links=(Link("part_of", "vectorBucketArn", VECTORS),),
        tags="@",
    ),
    Resource(
        kind="aws.neptune.graph",
        client="neptune-graph",
        each=Each("list_graphs", "graphs"),
        identity="{arn}",
        name="{name}",
        detail=(Detail(operation="get_graph", parameters={"graphIdentifier": "id"}, describes=True, absent=GONE),),
        links=(Link("encrypted_by", "kmsKeyIdentifier", KEY, "kms"),),
        tags="@",
    ),
)
DATABASES = (
    Resource(
        kind=CLUSTER,
        client="rds",
        each=Each("describe_db_clusters", "DBClusters"),
        identity="{DBClusterArn}",
        name="{DBClusterIdentifier}",
        keep=Keep(referenced=True, matching=(("Engine", "^neptune$"), ("DBClusterIdentifier", AI_NAMES))),
        after=BASE,
        links=(
            Link("encrypted_by", "KmsKeyId", KEY, "kms"),
            Link("in_network", "VpcSecurityGroups[].VpcSecurityGroupId", GROUP, "security_group"),
            Link("runs_on", "DBClusterMembers[].DBInstanceIdentifier", "aws.rds.instance", "arn:rds:db:{}"),
        ),
        tags="TagList",
        noise=("LatestRestorableTime", "EarliestRestorableTime", "Capacity", "PercentProgress"),
    ),
    Resource(
        kind="aws.rds.instance",
        client="rds",
        each=Each("describe_db_instances", "DBInstances"),
        identity="{DBInstanceArn}",
        name="{DBInstanceIdentifier}",
        keep=Keep(referenced=True),
        after=(CLUSTER,),
        links=(Link("encrypted_by", "KmsKeyId", KEY, "kms"),),
        tags="TagList",
        noise=("LatestRestorableTime",),
    ),
    Resource(
        kind="aws.memorydb.cluster",
        client="memorydb",
        each=Each("describe_clusters", "Clusters"),
        identity="{ARN}",
        name="{Name}",
        keep=Keep(matching=(("ParameterGroupName", "search"), ("Name", AI_NAMES), ("Description", AI_NAMES))),
        links=(
            Link("encrypted_by", "KmsKeyId", KEY, "kms"),
            Link("in_network", "SecurityGroups[].SecurityGroupId", GROUP, "security_group"),
        ),
        tags="@",
    ),
    Resource(
        kind="aws.glue.database",
        client="glue",
        each=Each("get_databases", "DatabaseList"),
        identity="arn:{partition}:glue:{region}:{account}:database/{Name}",
        name="{Name}",
        keep=Keep(matching=(("Name", r"(?i)^sagemaker|feature_?store"), ("Name", AI_NAMES), ("LocationUri", AI_NAMES))),
        links=(Link("stores_in", "LocationUri", "aws.s3.bucket", "s3"),),
        tags="@",
    ),
    Resource(
        kind="aws.glue.catalog",
        client="glue",
        each=Single(
            "get_data_catalog_encryption_settings",
            into="Settings",
            take="DataCatalogEncryptionSettings",
        ),
        identity="arn:{partition}:glue:{region}:{account}:catalog",
        name="Data catalogue in {region}",
        given=("aws.glue.database",),
        links=(Link("encrypted_by", "Settings.EncryptionAtRest.SseAwsKmsKeyId", KEY, "kms"),),
    ),
)
RESOURCES = (*SEARCH, *VECTOR, *DATABASES)
