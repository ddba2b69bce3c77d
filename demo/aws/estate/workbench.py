"""Where people work: Studio of the search team in good order, Studio of the lab shared by everybody."""

from __future__ import annotations

from demo.aws.build import making, records, studio
from demo.aws.build.site import Site
from demo.aws.estate.company import Company, owned, s3

TAGS = owned("search-relevance", "product-search")
LEAKY = "#!/bin/bash\nexport HF_TOKEN=hf_NotARealToken000000000000000000\npip install transformers\n"
FETCHING = "#!/bin/bash\ncurl -s http://tools.example/studio.sh | bash\n"


def build(company: Company) -> None:
    with company.eu.ago(120):
        _search(company)
    with company.eu.ago(5):
        for room in ("lena-ranking", "lena-embeddings", "lena-notes"):
            studio.app(company.eu, domain_of(company.eu, "search-studio"), room)
    with company.us.ago(60):
        _lab(company)


def role(site: Site, name: str) -> str:
    return f"arn:aws:iam::{site.account}:role/{name}"


def domain_of(site: Site, name: str) -> str:
    """The id of a domain that another team has made."""
    domains = site.client("sagemaker").list_domains()["Domains"]
    return str(next(domain["DomainId"] for domain in domains if domain["DomainName"] == name))


def _search(company: Company) -> None:
    site, kms, worker = company.eu, company.keys["halden-search"], role(company.eu, "search-sagemaker")
    domain = domain_of(site, "search-studio")
    studio.user_profile(site, domain, "lena", worker, tags=TAGS)
    for name in ("lena-ranking", "lena-embeddings", "lena-notes"):
        studio.space(site, domain, name, "lena")
    studio.lifecycle_script(site, "search-packages", "#!/bin/bash\nset -e\npip install --quiet polars\n", tags=TAGS)
    studio.image(site, "search-notebook", company.images["search-ranker"], tags=TAGS)
    for name in ("search-notebook", "search-gpu"):
        studio.app_image_config(site, name, tags=TAGS)
    for name in ("search-ranking", "search-pipelines"):
        studio.code_repository(site, name, f"https://git.halden.example/{name}.git", tags=TAGS)
    studio.partner_app(site, "search-comet", worker, kms, tags=TAGS)
    for name in ("search-ranking", "search-embeddings"):
        studio.project(site, name, tags=TAGS)
    records.mlflow_server(site, "search-mlflow", worker, s3("halden-search-models", "mlflow"), tags=TAGS)
    records.mlflow_app(site, "search-runs", worker, s3("halden-search-models", "runs"), KmsKeyId=kms, tags=TAGS)
    records.hub(site, "search-models", s3("halden-search-models", "hub"), tags=TAGS)
    for name in ("multilingual-embedder", "cross-encoder", "reranker", "small-language-model"):
        records.hub_content(site, "search-models", name)
    records.hub_content(site, "search-models", "search-ranker", "Model")
    making.hyperpod_cluster(site, "search-cluster", worker, s3("halden-search-models", "scripts"))


def _lab(company: Company) -> None:
    site, shared = company.us, role(company.us, "lab-notebooks")
    domain = domain_of(site, "lab-studio")
    for person in ("aiko", "bruno"):
        studio.user_profile(site, domain, person, shared)
        studio.space(site, domain, f"{person}-lab", person)
        studio.app(site, domain, f"{person}-lab", AppType="CodeEditor")
    studio.user_profile(site, domain, "deniz", shared, UserSettings={})
    studio.project(site, "lab-template", ProjectStatus="CreateFailed")
    open_to_all = {"AppType": "JupyterLab", "RemoteAccess": "ENABLED"}
    studio.space(
        site, domain, "workshop", "aiko", SpaceSettingsSummary=open_to_all,
        SpaceSharingSettingsSummary={"SharingType": "Shared"},
    )  # fmt: skip
    studio.lifecycle_script(site, "lab-hugging-face", LEAKY)
    studio.lifecycle_script(site, "lab-studio-tools", FETCHING)
    studio.image(site, "lab-everything", company.images["notebook-tools"], VendorGuidance="ARCHIVED", failed=1)
    studio.app_image_config(site, "lab-everything")
    studio.code_repository(site, "lab-snippets", "http://git.lab.example/snippets.git", GitConfig={
        "RepositoryUrl": "http://git.lab.example/snippets.git"})  # fmt: skip
    studio.partner_app(
        site, "lab-fiddler", shared, "", KmsKeyId=None, EnableIamSessionBasedIdentity=False, Type="fiddler"
    )
    records.mlflow_server(
        site, "lab-mlflow", shared, s3("halden-ml-scratch", "mlflow"), MlflowVersion="2.13.2",
        S3BucketOwnerVerification=False,
    )  # fmt: skip
    records.mlflow_app(site, "lab-runs", shared, s3("halden-ml-scratch", "runs"), MlflowVersion="2.16.2")
    records.hub(site, "lab-models", s3("halden-labelling-uploads", "hub"))
    records.hub_content(site, "lab-models", "old-language-model", SupportStatus="Deprecated")
    records.hub_content(site, "lab-models", "old-classifier", "Model", SupportStatus="Restricted")
    making.hyperpod_cluster(
        site, "lab-cluster", shared, s3("halden-labelling-uploads", "scripts"), image="EndOfLife", VpcConfig=None
    )
