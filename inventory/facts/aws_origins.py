"""Whether what AI begins with can be trusted: whose the stores are, who outside writes there, what came in later."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from inventory.documents import Unknown, account_in, is_anybodys
from inventory.facts.aws_access import LINKED, LOOKS_AT, outside_holders
from inventory.facts.aws_bedrock import AGENT, GUARDRAIL, VERSION, protection
from inventory.facts.aws_controls import BUCKET, MEMBERSHIP, is_published, strangers, unseen_buckets
from inventory.facts.aws_lineage import INPUTS, MODEL, OUTPUTS, PACKAGE, TRAINING
from inventory.facts.aws_principals import LENS
from inventory.facts.aws_reach import beyond
from inventory.facts.aws_relations import AWS, REFERRING, SERVING, served
from inventory.facts.aws_targets import targets, unseen
from inventory.facts.aws_watching import sensitivity
from inventory.facts.estate import Dangling, Estate, Node
from inventory.facts.registry import fact
from inventory.facts.unseen import first, unseen_origins, untold
from inventory.iam.questions import QUESTIONS, Question, Verb
from inventory.iam.reading import STRANGER

MACIE = "aws.macie.bucket"
KNOWLEDGE, SOURCE = "aws.bedrock.knowledge_base", "aws.bedrock.data_source"
STORED = ("reads_data", "writes_data", "produces", "loads", "stores_in")
STORES = frozenset(
    {BUCKET, "aws.opensearch.domain", "aws.aoss.collection", "aws.s3vectors.bucket", "aws.neptune.graph",
     "aws.rds.cluster"}
)  # fmt: skip
KEEPING = tuple({**INPUTS, **OUTPUTS, KNOWLEDGE: (), "aws.bedrock.batch_job": (), "aws.bedrock.evaluation_job": ()})
WRITTEN = frozenset({Verb.WRITE_DATA, Verb.WRITE_ARTIFACT})
LEARNING = tuple(kind for kind, asked in QUESTIONS.items() if {one.verb for one in asked} & WRITTEN)
LEARNERS = (TRAINING, "aws.bedrock.customization_job")
SENSITIVE = 70  # of Macie's 100


@fact(
    "outside_stores", kinds=KEEPING, looks_at=(*sorted(STORES), *MEMBERSHIP), title="Data stores that are none of yours"
)
def outside_stores(node: Node, estate: Estate) -> list[str] | Unknown:
    """Stores of other accounts, or in no account that is read; accounts of the organization do not count."""
    missing = first(untold(node, type) for type in STORED)
    if missing is not None:
        return missing
    found: set[str] = set()
    unsure: list[Unknown] = []
    for edge in estate.edges(node):
        to = estate.follow(edge.to)
        if edge.to.type in STORED and isinstance(to, Dangling) and to.kind in STORES:
            outside = _is_outside(to.ref, estate)
            if isinstance(outside, Unknown):
                unsure.append(outside)
            elif outside:
                found.add(to.ref)
    return unsure[0] if unsure and not found else sorted(found)


def _is_outside(ref: str, estate: Estate) -> bool | Unknown:
    if is_anybodys(ref):
        unseen_ = None if is_published(ref) else unseen_buckets(estate)
        return not is_published(ref) if unseen_ is None else unseen_
    others = strangers([account_in(ref) or estate.account], estate)
    return others if isinstance(others, Unknown) else bool(others)


@fact(
    "outside_writers",
    kinds=LEARNING,
    looks_at=LOOKS_AT,
    linked=LINKED,
    through=LENS,
    title="Who outside may overwrite what it begins with",
)
def outside_writers(node: Node, estate: Estate) -> list[str] | Unknown:
    """Other accounts, or `anybody`, that policies of its own or of its buckets let write."""
    sure: set[str] = set()
    perhaps: set[str] = set()
    for question in QUESTIONS[node.kind]:
        if question.verb in WRITTEN:
            missing = unseen(node, question, estate)
            if missing is not None:
                return missing
            named, doubtful = outside_holders(node, question, estate)
            sure, perhaps = sure | set(named), perhaps | set(doubtful)
    if perhaps and not sure:
        return Unknown(f"It is not known whether {min(perhaps)} may write there.")
    return sorted(sure)


@fact(
    "may_rewrite",
    kinds=LEARNING,
    looks_at=(*LOOKS_AT, *REFERRING),
    linked=AWS,
    through=LENS,
    title="Who else may rewrite what it begins with",
)
def may_rewrite(node: Node, estate: Estate) -> dict[str, Any] | Unknown | None:
    """{where, inside, outside, unread}; nothing where it takes nothing out of a bucket.

    `outside`: other accounts, or `anybody`. `inside`: of the account, besides administrators and the pipelines that are
    meant to; nobody is named where anybody may. `unread`: why there may be more.
    """
    asked = [question for question in QUESTIONS[node.kind] if question.verb in WRITTEN]
    missing = first(unseen(node, question, estate) for question in asked)
    if missing is not None:
        return missing
    where = {place for question in asked for place in _places(node, question, estate)}
    if not where:
        return None
    outside = outside_writers(node, estate)
    inside = [beyond(node, question, estate) for question in asked if outside != [STRANGER.name]]
    doubt = first((*inside, outside))
    told = {
        "where": sorted(where),
        "inside": sorted({name for found in inside if not isinstance(found, Unknown) for name in found}),
        "outside": [] if isinstance(outside, Unknown) else outside,
        "unread": "" if doubt is None else doubt.reason,
    }
    return told if told["inside"] or told["outside"] or doubt is None else doubt


def _places(node: Node, question: Question, estate: Estate) -> list[str]:
    asked = targets(node, question, estate)
    named = [] if isinstance(asked, Unknown) else [target.resource for target in asked]
    return [f"s3://{one.removeprefix('arn:aws:s3:::')}" for one in named]


@fact("trains_live", kinds=(TRAINING,), looks_at=(MODEL, PACKAGE, *sorted(SERVING)), title="A model it made is served")
def trains_live(node: Node, estate: Estate) -> bool | Unknown:
    """Whether an endpoint serves a model that the job made, or one of a package with it."""
    missing = node.unknown(*OUTPUTS[TRAINING])
    if missing is not None:
        return missing
    made = [one for one in estate.out_nodes(node, "produces") if one.kind in (MODEL, PACKAGE)]
    models = {one.identity: one for begun in made for one in (begun, *estate.into(begun, "loads")) if one.kind == MODEL}
    answers = [served(one, estate) for one in models.values()]
    if any(one is True for one in answers):
        return True
    doubt = first(
        [
            *answers,
            estate.once("models unseen", lambda: _unseen_models(estate)),
        ]
    )
    return False if doubt is None else doubt


def _unseen_models(estate: Estate) -> Unknown | None:
    if not (estate.complete(MODEL) and estate.complete(PACKAGE)):
        return Unknown("Models were not read completely")
    return first(one.unknown(*INPUTS[one.kind]) for one in estate.all(MODEL, PACKAGE))


@fact(
    "sensitive_sources",
    kinds=(AGENT,),
    looks_at=(KNOWLEDGE, SOURCE, BUCKET, MACIE),
    title="Buckets with personal data that it answers from",
)
def sensitive_sources(node: Node, estate: Estate) -> list[str] | Unknown:
    """Buckets of its knowledge bases that Macie rates as sensitive."""
    missing = untold(node, "has_tool")
    if missing is not None:
        return missing
    bases = [one for one in estate.out(node, "has_tool") if one.kind == KNOWLEDGE]
    if not bases:
        return []
    sources = [one for base in bases if isinstance(base, Node) for one in estate.into(base, "part_of")]
    found = _rated_sensitive((source for source in sources if source.kind == SOURCE), estate)
    if isinstance(found, list) and found:
        return found
    unread = first((_unread_bases(bases, estate), found))
    return [] if unread is None else unread


def _unread_bases(bases: list[Node | Dangling], estate: Estate) -> Unknown | None:
    if any(isinstance(base, Dangling) and not base.complete for base in bases) or not estate.complete(SOURCE):
        return Unknown("Knowledge bases and their sources were not read completely")
    return unseen_origins(estate, BUCKET, "reads_data", frozenset({SOURCE}))


@fact("sensitive_data", kinds=LEARNERS, looks_at=(MACIE,), title="Buckets with personal data that it learns from")
def sensitive_data(node: Node, estate: Estate) -> list[str] | Unknown:
    """Buckets that the job reads and Macie rates as sensitive."""
    missing = untold(node, "reads_data")
    return _rated_sensitive((node,), estate) if missing is None else missing


def _rated_sensitive(readers: Iterable[Node], estate: Estate) -> list[str] | Unknown:
    """The sensitive ones of the buckets that these read; unknown when there are none but perhaps some."""
    edges = (edge.to for reader in readers for edge in estate.edges(reader))
    read = {to.ref.rpartition(":")[2] for to in edges if to.type == "reads_data" and to.kind == BUCKET}
    rated = {one.config.get("bucketName", one.name): sensitivity(one, estate) for one in estate.all(MACIE)}
    known = {name: score for name, score in rated.items() if not isinstance(score, Unknown)}
    found = sorted(name for name in read if known.get(name, 0) >= SENSITIVE)
    unrated = read - known.keys()
    if found or not unrated:
        return found
    return Unknown(f"Macie did not look for personal data in {min(unrated)}.")


@fact("masks_personal", kinds=(AGENT,), looks_at=(GUARDRAIL, VERSION), title="A guardrail masks personal data")
def masks_personal(node: Node, estate: Estate) -> bool | Unknown:
    """Whether a guardrail of the agent blocks or masks personal data in its answers."""
    missing = untold(node, "guarded_by")
    if missing is not None:
        return missing
    unsure: Unknown | None = None
    for guard in estate.out(node, "guarded_by"):
        said = protection(guard, estate) if isinstance(guard, Node) else Unknown(f"{guard.ref[:160]} was not read.")
        if isinstance(said, Unknown):
            unsure = said if unsure is None else unsure
        elif "personal data" in said["output"]:
            return True
    return False if unsure is None else unsure
