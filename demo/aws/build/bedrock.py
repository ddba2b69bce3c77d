"""Bedrock: models, guardrails, throughput, invocation logging."""

from __future__ import annotations

from typing import Any

from demo.aws.build.site import Site, Tags, without_nothing

# id, name, provider, input, output, status: facts that ListFoundationModels tells in most regions.
FOUNDATION_MODELS = (
    ("amazon.nova-pro-v1:0", "Nova Pro", "Amazon", ("TEXT", "IMAGE"), ("TEXT",), "ACTIVE"),
    ("amazon.nova-lite-v1:0", "Nova Lite", "Amazon", ("TEXT", "IMAGE"), ("TEXT",), "ACTIVE"),
    ("amazon.nova-micro-v1:0", "Nova Micro", "Amazon", ("TEXT",), ("TEXT",), "ACTIVE"),
    ("amazon.titan-embed-text-v2:0", "Titan Text Embeddings V2", "Amazon", ("TEXT",), ("EMBEDDING",), "ACTIVE"),
    ("amazon.titan-text-express-v1", "Titan Text G1 - Express", "Amazon", ("TEXT",), ("TEXT",), "LEGACY"),
    ("meta.llama3-3-70b-instruct-v1:0", "Llama 3.3 70B Instruct", "Meta", ("TEXT",), ("TEXT",), "ACTIVE"),
    ("meta.llama3-8b-instruct-v1:0", "Llama 3 8B Instruct", "Meta", ("TEXT",), ("TEXT",), "LEGACY"),
    ("mistral.mistral-large-2407-v1:0", "Mistral Large (24.07)", "Mistral AI", ("TEXT",), ("TEXT",), "ACTIVE"),
    ("cohere.embed-multilingual-v3", "Embed Multilingual", "Cohere", ("TEXT",), ("EMBEDDING",), "ACTIVE"),
    ("cohere.rerank-v3-5:0", "Rerank 3.5", "Cohere", ("TEXT",), ("TEXT",), "ACTIVE"),
    ("ai21.jamba-1-5-large-v1:0", "Jamba 1.5 Large", "AI21 Labs", ("TEXT",), ("TEXT",), "ACTIVE"),
    ("stability.stable-image-core-v1:1", "Stable Image Core", "Stability AI", ("TEXT",), ("IMAGE",), "ACTIVE"),
)
HARMS = ("SEXUAL", "VIOLENCE", "HATE", "INSULTS", "MISCONDUCT")
PERSONAL = ("EMAIL", "PHONE", "CREDIT_DEBIT_CARD_NUMBER", "INTERNATIONAL_BANK_ACCOUNT_NUMBER", "PASSWORD")


def model_arn(site: Site, model_id: str) -> str:
    return f"arn:aws:bedrock:{site.region}::foundation-model/{model_id}"


def foundation_models(site: Site) -> None:
    """The models that the region offers."""
    for model_id, name, provider, takes, gives, status in FOUNDATION_MODELS:
        site.put(
            "bedrock.foundation_model",
            {
                "modelArn": model_arn(site, model_id),
                "modelId": model_id,
                "modelName": name,
                "providerName": provider,
                "inputModalities": list(takes),
                "outputModalities": list(gives),
                "responseStreamingSupported": "TEXT" in gives,
                "customizationsSupported": [],
                "inferenceTypesSupported": ["ON_DEMAND"],
                "modelLifecycle": {"status": status},
            },
        )


def guardrail(site: Site, name: str, tags: Tags | None = None, **more: Any) -> str:
    """Good by default: strong filters both ways, prompt attacks, topics, words, personal data, grounding, own key.

    More: strength, kms, attacks (strength of the prompt attack filter, "" = no such filter), personal (action,
    "" = no such policy), complete=False (content filters only), versions. Returns the guardrail's id.
    """
    made = site.made_id("guardrail", name, size=12).lower()
    arn = site.arn("bedrock", f"guardrail/{made}")
    document = without_nothing(
        name=name,
        description=f"Keeps {name} on topic and safe.",
        guardrailId=made,
        guardrailArn=arn,
        version="DRAFT",
        status="READY",
        contentPolicy=_content(more.get("strength", "HIGH"), more.get("attacks", "HIGH")),
        kmsKeyArn=more.get("kms"),
        createdAt=site.now(),
        updatedAt=site.now(),
        blockedInputMessaging="I cannot help with that.",
        blockedOutputsMessaging="I cannot answer that.",
        **(_policies(more.get("personal", "BLOCK")) if more.get("complete", True) else {}),
    )
    if more.get("complete", True):
        document["contentPolicy"]["tier"] = document["topicPolicy"]["tier"] = {"tierName": "STANDARD"}
    site.put("bedrock.guardrail", document, tags)
    for version in range(1, more.get("versions", 1) + 1):
        site.put("bedrock.guardrail", {**document, "version": str(version)}, tags)
    return made


def _content(strength: str, attacks: str) -> dict[str, Any]:
    filters = [{"type": harm, "inputStrength": strength, "outputStrength": strength} for harm in HARMS]
    if attacks:
        filters.append({"type": "PROMPT_ATTACK", "inputStrength": attacks, "outputStrength": "NONE"})
    return {"filters": filters}


def _policies(personal: str) -> dict[str, Any]:
    topic = {"name": "Financial advice", "definition": "Recommending investments or credit.", "type": "DENY"}
    policies: dict[str, Any] = {
        "topicPolicy": {"topics": [{**topic, "examples": ["Which fund should I buy?"]}]},
        "wordPolicy": {"managedWordLists": [{"type": "PROFANITY"}]},
        "contextualGroundingPolicy": {
            "filters": [{"type": "GROUNDING", "threshold": 0.75}, {"type": "RELEVANCE", "threshold": 0.7}]
        },
    }
    if personal:
        entities = [{"type": kind, "action": personal} for kind in PERSONAL]
        policies["sensitiveInformationPolicy"] = {"piiEntities": entities, "regexes": []}
    return policies


def custom_model(site: Site, name: str, base: str, tags: Tags | None = None, **more: Any) -> str:
    """More: data and output (s3 URIs), kms. Returns the ARN."""
    arn = site.arn("bedrock", f"custom-model/{base.replace(':', '.')}/{site.made_id('custom', name, size=12).lower()}")
    job = site.arn("bedrock", f"model-customization-job/{site.made_id('job', name, size=12).lower()}")
    document = without_nothing(
        modelArn=arn,
        modelName=name,
        jobName=f"{name}-fine-tuning",
        jobArn=job,
        baseModelArn=model_arn(site, base),
        customizationType="FINE_TUNING",
        modelKmsKeyArn=more.get("kms"),
        trainingDataConfig={"s3Uri": more["data"]},
        outputDataConfig={"s3Uri": more["output"]},
        creationTime=site.now(),
        modelStatus="Active",
    )
    site.put("bedrock.custom_model", document, tags)
    return arn


def provisioned_throughput(site: Site, name: str, model: str, units: int = 1, tags: Tags | None = None) -> str:
    """`model` is an ARN, `units` a number of model units. Returns the ARN."""
    arn = site.arn("bedrock", f"provisioned-model/{site.made_id('throughput', name, size=12).lower()}")
    site.put(
        "bedrock.provisioned_throughput",
        {
            "modelUnits": units,
            "desiredModelUnits": units,
            "provisionedModelName": name,
            "provisionedModelArn": arn,
            "modelArn": model,
            "desiredModelArn": model,
            "foundationModelArn": model,
            "status": "InService",
            "creationTime": site.now(),
            "lastModifiedTime": site.now(),
        },
        tags,
    )
    return arn


def invocation_logging(site: Site, *, bucket: str = "", log_group: str = "", role: str = "") -> None:
    """Turns invocation logging on, to a bucket, a log group or both."""
    config: dict[str, Any] = {
        f"{kind}DataDeliveryEnabled": True for kind in ("text", "image", "embedding", "video", "audio")
    }
    if bucket:
        config["s3Config"] = {"bucketName": bucket, "keyPrefix": "bedrock"}
    if log_group:
        config["cloudWatchConfig"] = {"logGroupName": log_group, "roleArn": role}
    site.client("bedrock").put_model_invocation_logging_configuration(loggingConfig=config)
