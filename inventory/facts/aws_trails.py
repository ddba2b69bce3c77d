"""Which calls trails and event data stores record: those that manage AI, and those that use it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from inventory.documents import Unknown
from inventory.facts.aws_monitoring import ACCOUNT
from inventory.facts.estate import Estate, Node
from inventory.facts.registry import fact
from inventory.facts.unseen import first

TRAIL, STORE, BUCKET = "aws.cloudtrail.trail", "aws.cloudtrail.event_data_store", "aws.s3.bucket"
TRAILS = (TRAIL, STORE)
AI_SOURCES = ("bedrock.amazonaws.com", "sagemaker.amazonaws.com")
OBJECT = "AWS::S3::Object"
# CloudTrail's own name for the calls of each kind. Calls of models themselves are management calls.
BEDROCK = {
    "aws.bedrock.agent": "AWS::Bedrock::AgentAlias",
    "aws.bedrock.knowledge_base": "AWS::Bedrock::KnowledgeBase",
    "aws.bedrock.flow": "AWS::Bedrock::FlowAlias",
    "aws.bedrock.guardrail": "AWS::Bedrock::Guardrail",
    "aws.bedrock.prompt": "AWS::Bedrock::Prompt",
}
SAGEMAKER = {
    "aws.sagemaker.endpoint": "AWS::SageMaker::Endpoint",
    "aws.sagemaker.feature_group": "AWS::SageMaker::FeatureGroup",
}
AGENTCORE = {
    "aws.agentcore.runtime": "AWS::BedrockAgentCore::Runtime",
    "aws.agentcore.gateway": "AWS::BedrockAgentCore::Gateway",
}
MANAGEMENT = "Management"
READ, WRITE = "read", "write"
BOTH = frozenset({READ, WRITE})
WAYS: Mapping[str, Set[str]] = {"ReadOnly": {READ}, "WriteOnly": {WRITE}}
UNDERSTOOD = {"eventCategory", "resources.type", "readOnly"}


@dataclass(frozen=True, slots=True)
class Selector:
    """Events that a running trail takes, by the ARN of what is called; management calls by the service that is.

    `place`: of one region only; `narrowed`: by a field that is not understood.
    """

    place: str
    types: Sequence[str]
    ways: Set[str]
    arns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    narrowed: str = ""

    def takes(self, type: str, arn: str, place: str) -> bool:
        """Whether it takes every event of what has this ARN, or an ARN that begins so."""
        return type in self.types and self.place in ("", place) and all(self._lets(by, arn) for by in self.arns)

    def _lets(self, by: str, arn: str) -> bool:
        values = self.arns[by]
        if by == "Equals":
            return arn in values
        if by == "StartsWith":
            return any(arn.startswith(one) for one in values)
        return not any(one.startswith(arn) or (by == "NotStartsWith" and arn.startswith(one)) for one in values)


@fact("management_calls_recorded", kinds=ACCOUNT, looks_at=TRAILS, title="A trail records AI management calls")
def management_calls_recorded(node: Node, estate: Estate) -> bool | Unknown:
    """Whether a running trail or event data store of all regions takes the write calls of Bedrock and SageMaker."""
    answers = [_recorded(MANAGEMENT, source, "", estate, {WRITE}) for source in AI_SOURCES]
    unsure = first(said for said in answers if isinstance(said, Unknown))
    return all(answers) if unsure is None or False in answers else unsure


@fact("bedrock_calls", kinds=ACCOUNT, looks_at=(*TRAILS, *BEDROCK), title="Recorded calls of Bedrock")
def bedrock_calls(node: Node, estate: Estate) -> list[dict[str, Any]] | Unknown:
    """[{of: a type that is in use, recorded: every call of it}]."""
    return _calls(BEDROCK, estate)


@fact("sagemaker_calls", kinds=ACCOUNT, looks_at=(*TRAILS, *SAGEMAKER), title="Recorded calls of SageMaker")
def sagemaker_calls(node: Node, estate: Estate) -> list[dict[str, Any]] | Unknown:
    """[{of: a type that is in use, recorded: every call of it}]."""
    return _calls(SAGEMAKER, estate)


@fact("agentcore_calls", kinds=ACCOUNT, looks_at=(*TRAILS, *AGENTCORE), title="Recorded calls of AgentCore")
def agentcore_calls(node: Node, estate: Estate) -> list[dict[str, Any]] | Unknown:
    """[{of: a type that is in use, recorded: every call of it}]."""
    return _calls(AGENTCORE, estate)


@fact("object_calls", kinds=ACCOUNT, looks_at=(*TRAILS, BUCKET), title="Recorded access to objects of AI")
def object_calls(node: Node, estate: Estate) -> list[dict[str, Any]] | Unknown:
    """[{of: a bucket that plays a part in AI, recorded: each read and write of its objects}]."""
    answers = {one.name: object_access_recorded(one, estate) for one in estate.all(BUCKET) if one.ai_role}
    return _told(answers, (BUCKET,), estate)


@fact("object_access_recorded", kinds=(BUCKET,), looks_at=TRAILS, title="A trail records access to its objects")
def object_access_recorded(node: Node, estate: Estate) -> bool | Unknown:
    """Whether running trails of its region take each read and write of its objects."""
    return _recorded(OBJECT, f"{node.external_id}/", node.place, estate)


def _calls(types: Mapping[str, str], estate: Estate) -> list[dict[str, Any]] | Unknown:
    answers: dict[str, bool | Unknown] = {}
    for kind, type in types.items():
        for one in estate.all(kind):
            arn = one.external_id.replace(":agent/", ":agent-alias/") + ("/" if type.endswith("Alias") else "")
            if answers.get(type) is not False:
                said = _recorded(type, arn, one.place, estate)
                answers[type] = said if said is not True else answers.get(type, True)
    return _told(answers, types, estate)


def _told(
    answers: Mapping[str, bool | Unknown], kinds: Iterable[str], estate: Estate
) -> list[dict[str, Any]] | Unknown:
    """The answers; unknown when not all is known of what there is, or of answers that are all good so far."""
    if not all(map(estate.complete, kinds)):
        return Unknown("Not everything that can be called was read.")
    known = [{"of": of, "recorded": said} for of, said in sorted(answers.items()) if not isinstance(said, Unknown)]
    unsure = first(said for said in answers.values() if isinstance(said, Unknown))
    return known if unsure is None or not all(one["recorded"] for one in known) else unsure


def _recorded(type: str, arn: str, place: str, estate: Estate, ways: Set[str] = BOTH) -> bool | Unknown:
    selectors = estate.once("selectors", lambda: [one for trail in estate.all(*TRAILS) for one in _selectors(trail)])
    taking = [one for one in selectors if one.takes(type, arn, place) and one.ways & ways]
    if ways <= {way for one in taking if not one.narrowed for way in one.ways}:
        return True
    unread = estate.once("trails unread", lambda: _unread(estate))
    narrowed = next((one.narrowed for one in taking if one.narrowed), "")
    doubt = Unknown(f"A trail records it only in part, by {narrowed}; what that leaves out was not decided.")
    unsure = first((unread, doubt if narrowed else None))
    return False if unsure is None else unsure


def _unread(estate: Estate) -> Unknown | None:
    if not all(map(estate.complete, TRAILS)):
        return Unknown("Trails and event data stores were not read completely")
    return first(_untold(trail) for trail in estate.all(*TRAILS))


def _untold(trail: Node) -> Unknown | None:
    return trail.unknown("Status", "Selectors" if trail.kind == TRAIL else "AdvancedEventSelectors")


def _selectors(trail: Node) -> Iterator[Selector]:
    if _untold(trail) is not None or not _logging(trail):
        return
    place = "" if _everywhere(trail) else trail.place
    for simple in _listed(trail).get("EventSelectors") or ():
        ways = WAYS.get(simple.get("ReadWriteType"), BOTH)
        if simple.get("IncludeManagementEvents"):
            yield Selector(place, [MANAGEMENT], ways, {"NotEquals": simple.get("ExcludeManagementEventSources") or ()})
        for one in simple.get("DataResources") or ():
            yield Selector(place, [one.get("Type")], ways, {"StartsWith": one.get("Values") or ()})
    for fields in _advanced(_listed(trail)):
        categories = (fields.get("eventCategory") or {}).get("Equals", [])
        if MANAGEMENT in categories:
            yield _advanced_selector(place, fields, [MANAGEMENT], "eventSource")
        if "Data" in categories:
            types = (fields.get("resources.type") or {}).get("Equals", [])
            yield _advanced_selector(place, fields, types, "resources.ARN")


def _advanced_selector(
    place: str, fields: dict[str, dict[str, list[str]]], types: Sequence[str], named: str
) -> Selector:
    """`named`: the field that says what is called."""
    arns = {by: values for by, values in (fields.get(named) or {}).items() if by != "Field" and values}
    ends = [by for by in arns if by.endswith("EndsWith")]
    narrowed = sorted(fields.keys() - UNDERSTOOD - {named}) or ([named] if ends else [])
    only = fields.get("readOnly") or {}
    said = {way for way in ("true", "false") if way in (only.get("Equals") or (way,))}
    return Selector(
        place=place,
        types=types,
        ways={{"true": READ, "false": WRITE}[way] for way in said.difference(only.get("NotEquals") or ())},
        arns={by: values for by, values in arns.items() if by not in ends},
        narrowed=", ".join(narrowed),
    )


def _logging(trail: Node) -> bool:
    status = trail.config.get("Status")
    return status == "ENABLED" if trail.kind == STORE else bool((status or {}).get("IsLogging"))


def _everywhere(trail: Node) -> bool:
    return bool(trail.config.get("IsMultiRegionTrail") or trail.config.get("MultiRegionEnabled"))


def _listed(trail: Node) -> dict[str, Any]:
    return trail.config if trail.kind == STORE else trail.config.get("Selectors") or {}


def _advanced(selectors: dict[str, object]) -> list[dict[str, dict[str, list[str]]]]:
    listed = selectors.get("AdvancedEventSelectors") or []
    if not isinstance(listed, list):
        return []
    return [{f.get("Field", ""): f for f in one.get("FieldSelectors") or []} for one in listed]
