"""Bedrock: managed prompts, flows with their versions and aliases."""

from __future__ import annotations

from typing import Any

from demo.aws.build.site import Site
from demo.aws.wire import Document

SERVICE = "bedrock"
NOVA = "amazon.nova-pro-v1:0"
TYPES = {"input": "Input", "output": "Output"}


def prompt(site: Site, name: str, text: str, **changed: Any) -> Document:
    made = site.made_id("prompt", name)
    variant = {
        "name": "default",
        "templateType": "TEXT",
        "templateConfiguration": {"text": {"text": text, "inputVariables": [{"name": "question"}]}},
        "modelId": NOVA,
    }
    document = {
        "name": name,
        "id": made,
        "arn": site.arn(SERVICE, f"prompt/{made}"),
        "version": "DRAFT",
        "variants": [variant],
        "createdAt": site.now(),
        "updatedAt": site.now(),
    }
    return site.placed("bedrock.prompt", document, changed)


def prompt_node(guardrail: str = "", version: str = "1", text: str = "Answer: {{question}}") -> Document:
    """A step that asks a model; `guardrail` is an id, "" = none."""
    inline = {
        "templateType": "TEXT",
        "templateConfiguration": {"text": {"text": text, "inputVariables": [{"name": "question"}]}},
        "modelId": NOVA,
    }
    asks: Document = {"sourceConfiguration": {"inline": inline}}
    if guardrail:
        asks["guardrailConfiguration"] = {"guardrailIdentifier": guardrail, "guardrailVersion": version}
    return {"name": "Ask", "type": "Prompt", "configuration": {"prompt": asks}}


def knowledge_node(base: str, guardrail: str = "", version: str = "1") -> Document:
    asks: Document = {"knowledgeBaseId": base, "modelId": NOVA}
    if guardrail:
        asks["guardrailConfiguration"] = {"guardrailIdentifier": guardrail, "guardrailVersion": version}
    return {"name": "LookUp", "type": "KnowledgeBase", "configuration": {"knowledgeBase": asks}}


def code_node(code: str) -> Document:
    return {
        "name": "Run",
        "type": "InlineCode",
        "configuration": {"inlineCode": {"code": code, "language": "Python_3"}},
    }


def flow(site: Site, name: str, role: str, nodes: list[Document], **changed: Any) -> Document:
    """A flow with a published version 1 and an alias `live` that routes to it. More: route (version of the alias)."""
    made, route = site.made_id("flow", name), changed.pop("route", "1")
    ends = [{"name": word.title(), "type": kind, "configuration": {word: {}}} for word, kind in TYPES.items()]
    common = {
        "name": name,
        "executionRoleArn": role,
        "id": made,
        "arn": site.arn(SERVICE, f"flow/{made}"),
        "status": "Prepared",
        "createdAt": site.now(),
        "definition": {"nodes": [ends[0], *nodes, ends[1]], "connections": []},
    }
    document = site.placed("bedrock.flow", {**common, "version": "DRAFT", "updatedAt": site.now()}, changed)
    published = {key: value for key, value in document.items() if key not in ("updatedAt", "validations")}
    site.put("bedrock.flow_version", {**published, "version": "1"})
    alias = site.made_id("flow-alias", name)
    site.put(
        "bedrock.flow_alias",
        {
            "arn": site.arn(SERVICE, f"flow/{made}/alias/{alias}"),
            "name": "live",
            "routingConfiguration": [{"flowVersion": route}],
            "flowId": made,
            "id": alias,
            "createdAt": site.now(),
            "updatedAt": site.now(),
        },
    )
    return document
