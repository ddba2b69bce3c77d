"""OpenSearch, Neptune, S3 Vectors, databases and the data catalogue, from the twin."""

from __future__ import annotations

from demo.aws.overlay.ai_services import listed
from demo.aws.overlay.declared import Thing, serve, shared_policies
from demo.aws.overlay.registry import Registry

AOSS, VECTORS = "opensearchserverless", "s3vectors"
LISTED = """
rds.cluster | rds | DBClusterArn | DescribeDBClusters | DBClusters
rds.instance | rds | DBInstanceArn | DescribeDBInstances | DBInstances
memorydb.cluster | memorydb | Name | DescribeClusters | Clusters
glue.database | glue | Name | GetDatabases | DatabaseList
"""
DESCRIBED = (
    Thing(
        name="opensearch.domain",
        service="opensearch",
        keys=("DomainName",),
        lists=("ListDomainNames", "DomainNames"),
        batch=("DescribeDomains", "DomainNames", "DomainStatusList", "DomainName"),
    ),
    Thing(
        name="aoss.collection",
        service=AOSS,
        keys=("id",),
        lists=("ListCollections", "collectionSummaries"),
        batch=("BatchGetCollection", "ids", "collectionDetails", "id"),
    ),
    Thing(
        name="aoss.security_policy",
        service=AOSS,
        keys=("type", "name"),
        lists=("ListSecurityPolicies", "securityPolicySummaries"),
        describes=("GetSecurityPolicy", "securityPolicyDetail"),
        where={"type": "type"},
    ),
    Thing(
        name="aoss.access_policy",
        service=AOSS,
        keys=("type", "name"),
        lists=("ListAccessPolicies", "accessPolicySummaries"),
        describes=("GetAccessPolicy", "accessPolicyDetail"),
        where={"type": "type"},
    ),
    Thing(
        name="s3vectors.bucket",
        service=VECTORS,
        keys=("vectorBucketArn",),
        lists=("ListVectorBuckets", "vectorBuckets"),
        describes=("GetVectorBucket", "vectorBucket"),
    ),
    Thing(
        name="s3vectors.index",
        service=VECTORS,
        keys=("indexArn",),
        lists=("ListIndexes", "indexes"),
        where={"vectorBucketArn": "_vectorBucketArn"},
    ),
    Thing(
        name="neptune.graph",
        service="neptune-graph",
        keys=("id",),
        lists=("ListGraphs", "graphs"),
        describes=("GetGraph", ""),
        asks={"graphIdentifier": "id"},
    ),
    Thing(
        name="glue.catalog",
        service="glue",
        keys=("_one",),
        describes=("GetDataCatalogEncryptionSettings", "DataCatalogEncryptionSettings"),
    ),
)


def register(registry: Registry) -> None:
    serve(registry, (*listed(LISTED), *DESCRIBED))
    shared_policies(registry, VECTORS, "GetVectorBucketPolicy", "vectorBucketArn", "policy")
