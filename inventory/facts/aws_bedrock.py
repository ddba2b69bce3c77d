"""Bedrock: whether guardrails are there and in force, tools are few and present, and models were evaluated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from inventory.documents import Unknown
from inventory.facts.aws_controls import MEMBERSHIP, strangers, unseen_buckets
from inventory.facts.aws_identity import unguarded
from inventory.facts.aws_principals import IDENTITIES, complete, population
from inventory.facts.estate import Dangling, Estate, Node
from inventory.facts.registry import fact
from inventory.facts.unseen import first, unseen_origins

REGION = ("aws.region",)
GUARDRAIL, VERSION, ENFORCED = (
    "aws.bedrock.guardrail",
    "aws.bedrock.guardrail_version",
    "aws.bedrock.enforced_guardrail",
)
AGENT, GROUP = "aws.bedrock.agent", "aws.bedrock.action_group"
FLOWS = ("aws.bedrock.flow", "aws.bedrock.flow_version")
GUARDED = (AGENT, "aws.bedrock.agent_version", ENFORCED, *FLOWS)
EVALUATION = "aws.bedrock.evaluation_job"
PROFILE, PROMPT = "aws.bedrock.inference_profile", "aws.bedrock.prompt"
SOURCE, COPY = "aws.bedrock.data_source", "aws.bedrock.model_copy_job"
POLICIES = {
    "content": ("contentPolicy", ("filters",)),
    "topics": ("topicPolicy", ("topics",)),
    "words": ("wordPolicy", ("words", "managedWordLists")),
    "personal data": ("sensitiveInformationPolicy", ("piiEntities", "regexes")),
    "grounding": ("contextualGroundingPolicy", ("filters",)),
}
WAYS = ("input", "output")
DRAFT = "DRAFT"
ORIGIN = re.compile(r"(?i)source|origin|provenance")


def _there(estate: Estate, kind: str, region: str) -> bool | Unknown:
    if estate.in_place(kind, region):
        return True
    return False if estate.complete(kind, region) else Unknown(f"Not all of {kind} was read in {region}")


@fact("guardrail_there", kinds=REGION, looks_at=(GUARDRAIL,), title="The region has a guardrail")
def guardrail_there(node: Node, estate: Estate) -> bool | Unknown:
    """Whether any guardrail exists in the region."""
    return _there(estate, GUARDRAIL, node.place)


@fact(
    "guardrail_enforced",
    kinds=REGION,
    looks_at=(ENFORCED, GUARDRAIL, VERSION, *IDENTITIES),
    title="No call reaches a model without a guardrail",
)
def guardrail_enforced(node: Node, estate: Estate) -> bool | Unknown:
    """Whether the account enforces a guardrail that acts in the region, or policies demand one of every caller."""
    enforced = enforced_in(node.place, estate)
    if enforced is True:
        return True
    demanded = estate.once("guardrail demanded", lambda: _demanded(estate))
    doubt = first((enforced, demanded))
    return True if demanded is True else doubt if doubt is not None else False


def enforced_in(region: str, estate: Estate) -> bool | Unknown:
    """Whether the account itself enforces a guardrail that acts in a region."""
    acting = [_acting(guard, estate) for guard in estate.in_place(ENFORCED, region)]
    if True in acting:
        return True
    doubt = first((_there(estate, ENFORCED, region), *acting))
    return doubt if doubt is not None else False


def _acting(enforced: Node, estate: Estate) -> bool | Unknown:
    """Whether what is enforced ever steps in. A guardrail of another account, which nobody here can see, counts."""
    linked = [one for one in estate.out(enforced, "guarded_by") if isinstance(one, Node)]
    in_force = [one for one in linked if one.kind == VERSION] or linked
    for guard in in_force:
        told = protection(guard, estate)
        if isinstance(told, Unknown) or not told["acting"]:
            return told if isinstance(told, Unknown) else False
    return True


def _demanded(estate: Estate) -> bool | Unknown:
    """Whether nobody in the account may call a model without naming a guardrail."""
    missing = complete(estate)
    if missing is not None:
        return missing
    people = population(estate)
    free = unguarded(people)
    if not free.yes and not free.maybe:
        return True
    unsure = not free.yes or not people.controls.known
    return Unknown("Not all policies that may demand a guardrail were read or understood.") if unsure else False


@fact("usage_attributed", kinds=REGION, looks_at=(PROFILE,), title="Applications call models through own profiles")
def usage_attributed(node: Node, estate: Estate) -> bool | Unknown:
    """Whether an application inference profile exists in the region."""
    profiles = estate.in_place(PROFILE, node.place)
    if any(one.config.get("type") == "APPLICATION" for one in profiles):
        return True
    return False if estate.complete(PROFILE, node.place) else Unknown("Inference profiles were not read completely")


@fact("prompts_managed", kinds=REGION, looks_at=(PROMPT,), title="Prompts are kept in prompt management")
def prompts_managed(node: Node, estate: Estate) -> bool | Unknown:
    """Whether managed prompts exist in the region."""
    return _there(estate, PROMPT, node.place)


@fact("in_use", kinds=(VERSION,), looks_at=GUARDED, title="An agent, a flow or the account relies on it")
def in_use(node: Node, estate: Estate) -> bool | Unknown:
    """Whether anything that was read names this version of the guardrail."""
    if estate.into(node, "guarded_by"):
        return True
    guardrail, _, version = node.external_id.rpartition("/version/")
    wanted = (guardrail.rpartition("/")[2], version)
    for flow in estate.all(*FLOWS):
        if any(_named(guard) == wanted for guard in guards_of(flow)):
            return True
    missing = next(_unseen_guarded(estate), None)
    return False if missing is None else missing


def _unseen_guarded(estate: Estate) -> Iterator[Unknown]:
    """Why something may rely on a version of a guardrail unseen."""
    if not all(estate.complete(kind) for kind in GUARDED):
        yield Unknown("Agents and flows were not read completely")
    unseen = [flow.unknown("definition") for flow in estate.all(*FLOWS)]
    unseen.append(unseen_origins(estate, VERSION, "guarded_by", frozenset(GUARDED)))
    yield from (reason for reason in unseen if reason is not None)


def guards_of(flow: Node) -> Iterator[dict[str, Any]]:
    """The guardrail settings of the steps of a flow."""
    for step in (flow.config.get("definition") or {}).get("nodes") or []:
        for part in (step.get("configuration") or {}).values():
            guard = (part or {}).get("guardrailConfiguration")
            if guard:
                yield guard


def _named(guard: dict[str, Any]) -> tuple[str, str]:
    return str(guard.get("guardrailIdentifier")).rpartition("/")[2], str(guard.get("guardrailVersion"))


@fact("unguarded_steps", kinds=FLOWS, title="Steps that ask a model without a guardrail")
def unguarded_steps(node: Node, estate: Estate) -> list[str] | Unknown:
    """Names of prompt and knowledge base steps that have no guardrail."""
    missing = node.unknown("definition")
    if missing is not None:
        return missing
    steps = (node.config.get("definition") or {}).get("nodes") or []
    asking = [step for step in steps if step.get("type") in ("Prompt", "KnowledgeBase")]
    return sorted(str(step.get("name")) for step in asking if not _guarded(step))


def _guarded(step: dict[str, Any]) -> bool:
    parts = (step.get("configuration") or {}).values()
    return any(((part or {}).get("guardrailConfiguration") or {}).get("guardrailIdentifier") for part in parts)


@fact("tool_count", kinds=(AGENT,), looks_at=(GROUP,), title="Tools, knowledge bases and helpers of the draft")
def tool_count(node: Node, estate: Estate) -> int | Unknown:
    """Enabled action groups, knowledge bases and collaborators of the working draft."""
    missing = node.unknown("agentKnowledgeBases", "agentCollaborators")
    if missing is not None:
        return missing
    if not estate.complete(GROUP, node.place):
        return Unknown("Action groups were not read completely")
    groups = [one for one in estate.into(node, "part_of") if one.kind == GROUP]
    live = [one for one in groups if one.config.get("agentVersion") == DRAFT and _enabled(one)]
    listed = (node.config.get(part) or [] for part in ("agentKnowledgeBases", "agentCollaborators"))
    return len(live) + sum(len(part) for part in listed)


def _enabled(group: Node) -> bool:
    return group.config.get("actionGroupState") == "ENABLED"


@fact(
    "evaluated",
    kinds=("aws.bedrock.custom_model", "aws.bedrock.imported_model", "aws.bedrock.knowledge_base"),
    looks_at=(EVALUATION,),
    title="An evaluation of it was completed",
)
def evaluated(node: Node, estate: Estate) -> bool | Unknown:
    """Whether a completed evaluation job of the last 90 days names the model or knowledge base."""
    wanted = {node.external_id, node.name, node.external_id.rpartition("/")[2]}
    for job in estate.in_place(EVALUATION, node.place):
        named = {*(job.config.get("modelIdentifiers") or []), *(job.config.get("ragIdentifiers") or [])}
        if job.config.get("status") == "Completed" and named & wanted:
            return True
    return False if estate.complete(EVALUATION, node.place) else Unknown("Evaluation jobs were not read completely")


@fact(
    "bucket_outside",
    kinds=(SOURCE,),
    looks_at=("aws.s3.bucket", *MEMBERSHIP),
    title="Reads a bucket of somebody else's account",
)
def bucket_outside(node: Node, estate: Estate) -> bool | Unknown:
    """Whether the source's bucket belongs to somebody else, by its own word or because it is not among ours."""
    missing = node.unknown("dataSource")
    if missing is not None:
        return missing
    settings = (node.config.get("dataSource") or {}).get("dataSourceConfiguration") or {}
    owner = (settings.get("s3Configuration") or {}).get("bucketOwnerAccountId")
    if owner:
        outside = strangers([str(owner)], estate)
        return outside if isinstance(outside, Unknown) else bool(outside)
    if not any(isinstance(to, Dangling) for to in estate.out(node, "reads_data")):
        return False
    unseen = unseen_buckets(estate)
    return True if unseen is None else unseen


@fact("copied_from_outside", kinds=(COPY,), looks_at=MEMBERSHIP, title="Copies a model of somebody else's account")
def copied_from_outside(node: Node, estate: Estate) -> bool | Unknown:
    """Whether the copied model comes from an account outside the organization."""
    outside = strangers([str(node.config.get("sourceAccountId", estate.account))], estate)
    return outside if isinstance(outside, Unknown) else bool(outside)


@fact("source_named", kinds=("aws.bedrock.imported_model",), title="A tag says where the model comes from")
def source_named(node: Node, estate: Estate) -> bool | Unknown:
    """Whether a tag such as model-source, origin or provenance has a value."""
    missing = node.unknown("Tags")
    if missing is not None:
        return missing
    return any(ORIGIN.search(name) and value for name, value in node.tags.items())


@fact("protection", kinds=(GUARDRAIL, VERSION), title="What the guardrail is set up to do, and what it does")
def protection(node: Node, estate: Estate) -> dict[str, list[str]] | Unknown:
    """{configured: policies that hold anything, acting: those of them that block or mask something,

    input, output: those that do so to what goes to the model, and to what comes from it}.
    """
    missing = node.unknown(*(part for part, _lists in POLICIES.values()))
    if missing is not None:
        return missing
    entries = {name: _entries(node, *policy) for name, policy in POLICIES.items()}
    ways = {way: [name for name, found in entries.items() if _some_act(name, found, way)] for way in WAYS}
    return {
        "configured": [name for name, found in entries.items() if found],
        "acting": [name for name in entries if any(name in acting for acting in ways.values())],
        **ways,
    }


def _entries(node: Node, part: str, lists: tuple[str, ...]) -> list[dict[str, Any]]:
    policy = node.config.get(part) or {}
    return [entry for name in lists for entry in policy.get(name) or []]


def _some_act(policy: str, entries: list[dict[str, Any]], way: str) -> bool:
    """Whether a filter, topic, word or entity does anything in one direction. Only answers can be ungrounded."""
    return (policy, way) != ("grounding", "input") and any(_acts(entry, way) for entry in entries)


def _acts(entry: dict[str, Any], way: str) -> bool:
    """Without an action it blocks."""
    return (
        "NONE" not in (entry.get("action"), entry.get(f"{way}Action"), entry.get(f"{way}Strength"))
        and entry.get("enabled") is not False
        and entry.get(f"{way}Enabled") is not False
    )
