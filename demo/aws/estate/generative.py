"""Texts by Bedrock: prompts, flows, own models and jobs, careful in Europe, careless in the United States."""

from __future__ import annotations

from demo.aws.build import brought, prompts
from demo.aws.build.site import Site
from demo.aws.estate.company import SCIENCE_ACCOUNT, VENDOR_ACCOUNT, Company, owned, s3
from demo.aws.estate.workbench import role

TAGS = owned("customer-care", "care-assistant", data="confidential")
DOCUMENTS, EVENTS, TEXTS = "halden-care-knowledge", "halden-shop-events", "halden-recommender-models"
TELLING = "Answer: {{question}}. Sign in with api_key=NotARealKey00000000 when asked."


def build(company: Company) -> None:
    with company.eu.ago(25):
        _careful(company)
    with company.us.ago(18):
        _careless(company)


def _careful(company: Company) -> None:
    site, kms, speaker = company.eu, company.keys["halden-care"], role(company.eu, "care-assistant-agent")
    guardrail = site.made_id("guardrail", "care-assistant", size=12).lower()
    for name in ("care-greeting", "care-summary", "care-translation"):
        prompts.prompt(site, name, "Answer politely: {{question}}", customerEncryptionKeyArn=kms, tags=TAGS)
    base = site.made_id("knowledge", "care-articles")
    nodes = [prompts.prompt_node(guardrail), prompts.knowledge_node(base, guardrail)]
    prompts.flow(site, "care-answers", speaker, nodes, customerEncryptionKeyArn=kms, tags=TAGS)
    brought.enforce(site, guardrail)
    brought.enforce(site, site.made_id("guardrail", "marketing-copy", size=12).lower(), "DRAFT")
    brought.reasoning_policy(site, "refund-rules", tags=TAGS)
    brought.reasoning_policy(site, "returns-rules", version="1", tags=TAGS)
    weak = site.made_id("guardrail", "marketing-copy", size=12).lower()
    prompts.flow(site, "marketing-texts", speaker, [prompts.prompt_node(weak)], customerEncryptionKeyArn=kms, tags=TAGS)
    brought.retention(site, "none")
    _careful_models(company, speaker)


def _careful_models(company: Company, speaker: str) -> None:
    site, kms = company.eu, company.keys["halden-care"]
    tone = _custom(site, "care-tone")
    data, output = s3(DOCUMENTS, "tone.jsonl"), s3(DOCUMENTS, "tuned")
    brought.customization_job(
        site,
        "care-tone-tuning",
        speaker,
        data=data,
        output=output,
        model=tone,
        jobArn=_job_of(site, tone),
        outputModelKmsKeyArn=kms,
        tags=TAGS,
    )
    brought.deployment(site, "care-tone-live", tone)
    brought.evaluation_job(
        site, "care-tone-check", speaker, tone, output=s3(DOCUMENTS, "evaluation"), kms=kms, tags=TAGS
    )
    for week in range(43, 47):
        brought.batch_job(
            site, f"care-summaries-{week}", speaker, data=s3(DOCUMENTS, "tickets"), output=s3(DOCUMENTS, "summaries"),
            kms=kms, tags=TAGS,
        )  # fmt: skip
    for name in ("care-assistant", "care-batch", "marketing-copywriter"):
        brought.inference_profile(site, name, tags=TAGS)
    brought.prompt_router(site, "care-router", tags=TAGS)
    brought.automation_project(site, "care-letters", kmsKeyId=kms, tags=TAGS)
    brought.blueprint(site, "letter")
    own = brought.imported_model(site, "care-llama", s3(DOCUMENTS, "llama/"), modelKmsKeyArn=kms,
                                 tags={**TAGS, "model-source": "trained in house"})  # fmt: skip
    brought.import_job(site, "care-llama", speaker, s3(DOCUMENTS, "llama/"))
    brought.copy_job(site, tone, own["modelArn"], targetModelName="care-llama", targetModelKmsKeyArn=kms)
    brought.marketplace_endpoint(site, "search-embedder-prod", role(site, "search-sagemaker"), kms=kms)


def _custom(site: Site, name: str) -> str:
    models = site.client("bedrock").list_custom_models()["modelSummaries"]
    return str(next(model["modelArn"] for model in models if model["modelName"] == name))


def _job_of(site: Site, model: str) -> str:
    """The job that the model says it comes from."""
    return str(site.client("bedrock").get_custom_model(modelIdentifier=model)["jobArn"])


def _careless(company: Company) -> None:
    site, worker = company.us, role(company.us, "lab-agent")
    prompts.prompt(site, "shop-texts", TELLING)
    nodes = [prompts.prompt_node(text=TELLING), prompts.code_node("import os; print(os.environ)")]
    wrong = {"message": "A node has no input.", "severity": "Error"}
    prompts.flow(site, "shop-texts", worker, nodes, status="Failed", validations=[wrong])
    prompts.flow(site, "shop-drafts", worker, [prompts.prompt_node()], route="DRAFT")
    trial = prompts.prompt_node(site.made_id("guardrail", "product-texts", size=12).lower(), "DRAFT")
    prompts.flow(site, "shop-trial", worker, [trial])
    brought.retention(site, "provider_data_share")
    texts = _custom(site, "product-texts")
    open_job = {"vpcConfig": None}
    data, output = s3(EVENTS, "texts.jsonl"), s3(TEXTS, "texts")
    brought.customization_job(
        site,
        "product-texts-tuning",
        worker,
        data=data,
        output=output,
        model=texts,
        jobArn=_job_of(site, texts),
        **open_job,
    )
    brought.deployment(site, "product-texts-live", texts, status="Failed")
    brought.inference_profile(site, "shop-texts")
    only = {"modelArn": f"arn:aws:bedrock:{site.region}::foundation-model/{brought.NOVA}"}
    brought.prompt_router(site, "shop-router", models=[only], fallbackModel=only)
    brought.evaluation_job(site, "shop-check", worker, brought.NOVA, output=output)
    brought.batch_job(site, "product-texts-all", worker, data=data, output=output, **open_job)
    brought.imported_model(site, "downloaded-llama", s3("halden-ml-scratch", "llama/"))
    brought.import_job(site, "downloaded-llama", worker, s3("halden-ml-scratch", "llama/"), **open_job)
    foreign = f"arn:aws:bedrock:us-east-1:{VENDOR_ACCOUNT}:custom-model/vendor/1"
    brought.copy_job(site, foreign, texts, targetModelName="vendor-texts")
    brought.automation_project(site, "shop-invoices")
    brought.blueprint(site, "invoice", "DEVELOPMENT")
    brought.marketplace_endpoint(site, "downloaded-classifier", role(site, "lab-notebooks"), private=False)
    site.protect("bedrock", texts, _shared(texts))


def _shared(arn: str) -> dict[str, object]:
    account = {"AWS": [f"arn:aws:iam::{number}:root" for number in (SCIENCE_ACCOUNT, VENDOR_ACCOUNT)]}
    statement = {"Effect": "Allow", "Principal": account, "Action": "bedrock:InvokeModel", "Resource": arn}
    return {"Version": "2012-10-17", "Statement": [statement]}
