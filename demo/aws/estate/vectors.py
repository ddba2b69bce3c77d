"""Where the company keeps vectors, beside those of its knowledge bases' own collections."""

from __future__ import annotations

from demo.aws.build import agents, identity, vector_stores
from demo.aws.build.identity import allow
from demo.aws.estate.company import VENDOR_ACCOUNT, Company, owned

TAGS = owned("search-relevance", "vectors")


def build(company: Company) -> None:
    with company.eu.ago(60):
        _good(company)
    with company.us.ago(20):
        _bad(company)


def _good(company: Company) -> None:
    site, kms = company.eu, company.keys["halden-search"]
    reader = identity.role(site, "vector-reader", "bedrock", allow("s3vectors:QueryVectors", "*"), tags=TAGS)
    for name, store in (
        ("manuals-in-domain", vector_stores.domain(site, "halden-manuals", TAGS, kms=kms)),
        ("manuals-in-vectors", vector_stores.vector_bucket(site, "halden-vectors", TAGS, kms=kms)),
        ("manuals-in-graph", vector_stores.graph(site, "halden-parts", TAGS, kms=kms)),
        ("manuals-in-tables", vector_stores.database(site, "halden-pgvector", kms=kms)),
    ):
        agents.knowledge_base(site, name, reader, TAGS, store=store)
    vector_stores.database(site, "halden-graph", "neptune", kms=kms)
    vector_stores.memory_cluster(site, "halden-cache", TAGS, kms=kms)
    vector_stores.catalogue(site, "sagemaker_featurestore", "halden-search-catalogue", kms=kms)


def _bad(company: Company) -> None:
    """Open to the internet, to strangers, or without a lock."""
    site = company.us
    reader = identity.role(site, "pilot-vector-reader", "bedrock", allow("s3vectors:*", "*"))
    collection = vector_stores.collection(
        site, "pilot-vectors", public=True, principal=f"arn:aws:iam::{site.account}:root"
    )
    for name, store in (
        ("pilot-in-domain", vector_stores.domain(site, "pilot-domain", open_to="*")),
        ("pilot-in-vectors", vector_stores.vector_bucket(site, "pilot-vector-bucket", shared=VENDOR_ACCOUNT)),
        ("pilot-in-graph", vector_stores.graph(site, "pilot-graph", public=True)),
        ("pilot-in-tables", vector_stores.database(site, "pilot-pgvector", public=True)),
        ("pilot-in-collection", collection),
    ):
        agents.knowledge_base(site, name, reader, store=store)
    vector_stores.database(site, "pilot-neptune", "neptune")
    vector_stores.memory_cluster(site, "pilot-cache", tls=False)
    vector_stores.catalogue(site, "sagemaker_featurestore", "halden-ai-scratch")
