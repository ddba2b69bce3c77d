"""What matters on AWS, and who may get at it: each question is asked once, of all principals of the account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from inventory.documents import Unknown
from inventory.facts.aws_access import concerns_ai, holders, outside_holders
from inventory.facts.aws_bedrock import enforced_in
from inventory.facts.aws_identity import INVOKE
from inventory.facts.aws_principals import POWERS, administrators_of, population
from inventory.facts.aws_targets import by_token
from inventory.facts.estate import Estate, Node
from inventory.facts.paths.aws_entries import HELD, WRITTEN
from inventory.facts.paths.graph import Place
from inventory.facts.unseen import first
from inventory.iam.context import ABSENT, Request
from inventory.iam.masks import Tri, union
from inventory.iam.questions import QUESTIONS, Question, Verb
from inventory.iam.reading import STRANGER
from inventory.iam.targets import ask_under
from inventory.kinds import kind_of

V = Verb


class Goal(StrEnum):
    """What is won at the end of a path."""

    CONTROL = "control"
    KEYS = "keys"
    BEHAVIOUR = "behaviour"
    DEFENCES = "defences"
    DATA = "data"
    MODELS = "models"


# Of severity critical, so that one closed path of these outweighs others as it does in the score.
GRAVE = frozenset({Goal.CONTROL, Goal.KEYS, Goal.BEHAVIOUR, Goal.DEFENCES})
TAKE = {
    Goal.CONTROL: "Take the administrator's rights from role {role}",
    Goal.KEYS: "Take the reading of secrets and of parameters with keys from role {role}",
    Goal.BEHAVIOUR: "Take changes of models, agents and their data from role {role}",
    Goal.DEFENCES: "Take changes of guardrails and logs from role {role}",
    Goal.DATA: "Take access to training and knowledge data from role {role}",
    Goal.MODELS: "Let role {role} call only models that it needs, with a guardrail",
}
TAKE_ON = "Take changes of functions and notebooks from role {role}"
# What is not known may lead anywhere.
EVERY_GOAL = "every goal"


@dataclass(frozen=True, slots=True)
class Aim:
    """A question about a kind of asset, and what a yes wins; no goal: only another place to act from."""

    kind: str
    verb: Verb
    how: str
    goal: Goal | None = None
    power: str = ""


def _aims(goal: Goal, how: str, verb: Verb, *kinds: str) -> list[Aim]:
    return [Aim(f"aws.{kind}", verb, how, goal, str(verb)) for kind in kinds]


AIMS: tuple[Aim, ...] = (
    Aim("aws.lambda.function", V.CHANGE, "can replace the code of", power=HELD),
    Aim("aws.sagemaker.notebook_instance", V.OPEN, "can open", power=HELD),
    Aim("aws.ecr.repository", V.WRITE, "can push images to", power=WRITTEN),
    *_aims(Goal.KEYS, "can read", V.READ, "secretsmanager.secret", "ssm.parameter"),
    *_aims(
        Goal.DATA, "can read", V.READ,
        "s3.bucket", "bedrock.knowledge_base", "s3vectors.bucket", "sagemaker.feature_group", "kendra.index",
        "agentcore.memory",
    ),
    *_aims(
        Goal.BEHAVIOUR, "can write to", V.WRITE,
        "s3vectors.bucket", "sagemaker.feature_group", "kendra.index", "agentcore.memory",
    ),
    *_aims(
        Goal.BEHAVIOUR, "can replace what is loaded by", V.WRITE_ARTIFACT,
        "sagemaker.model", "sagemaker.model_package",
    ),
    *_aims(
        Goal.BEHAVIOUR, "can change the data of", V.WRITE_DATA,
        "sagemaker.training_job", "bedrock.custom_model", "bedrock.data_source",
    ),
    *_aims(
        Goal.BEHAVIOUR, "can change", V.CHANGE,
        "sagemaker.endpoint", "bedrock.agent", "bedrock.knowledge_base", "bedrock.flow", "bedrock.prompt",
        "agentcore.runtime", "agentcore.gateway",
    ),
    *_aims(
        Goal.DEFENCES, "can change or switch off", V.CHANGE,
        "bedrock.guardrail", "bedrock.enforced_guardrail", "bedrock.logging_configuration", "cloudtrail.trail",
    ),
    *_aims(
        Goal.MODELS, "can call", V.INVOKE,
        "sagemaker.endpoint", "bedrock.agent", "bedrock.provisioned_throughput", "bedrock.custom_model_deployment",
        "bedrock.imported_model", "agentcore.runtime",
    ),
)  # fmt: skip
MODEL, ENFORCED = "aws.bedrock.foundation_model", "aws.bedrock.enforced_guardrail"
GOAL_KINDS = tuple(sorted({aim.kind for aim in AIMS} | {MODEL, ENFORCED}))


@dataclass(frozen=True, slots=True)
class Grant:
    """Who may take a step. `passing`: the bucket that is written on the way."""

    held: Tri
    aim: Aim
    end: Place
    actions: tuple[str, ...] = ()
    passing: Place | None = None


def grants(estate: Estate) -> list[Grant | tuple[str, Unknown]]:
    """Every step from an identity to an asset; (goal or every goal, why) where it is not known who may."""
    return [found for aim in AIMS for found in _of_aim(aim, estate)] + list(_of_account(estate))


def _of_aim(aim: Aim, estate: Estate) -> Iterator[Grant | tuple[str, Unknown]]:
    acts_on = aim.goal is None or aim.verb is V.WRITE_ARTIFACT  # whoever exchanges an artifact goes on from there
    hidden = EVERY_GOAL if acts_on else str(aim.goal)
    if not estate.complete(aim.kind):
        yield hidden, Unknown(f"{kind_of(aim.kind).plural} were not read completely.")
    question = next(one for one in QUESTIONS[aim.kind] if one.verb is aim.verb)
    for node in estate.all(aim.kind):
        doubt = None if concerns_ai(node) else estate.role_doubt(node)
        held = holders(node, question, estate) if doubt is None else doubt
        if isinstance(held, Unknown):
            yield hidden, held
        elif _matters(node, question, estate):
            end = Place(node.kind, node.external_id, aim.power)
            buckets = _buckets(node, aim, estate)
            for bucket in buckets or ("",):
                some = holders(node, question, estate, bucket) if len(buckets) > 1 else held
                if isinstance(some, Tri):
                    passing = Place("aws.s3.bucket", bucket, f"written for {node.external_id}") if bucket else None
                    yield Grant(some, aim, end, question.actions, passing)


def _matters(node: Node, question: Question, estate: Estate) -> bool:
    """Whether it concerns AI, or can be acted from, and it takes an identity: what anybody may do needs no path."""
    if not concerns_ai(node) and node.kind != "aws.lambda.function":
        return False
    token = question.verb is V.INVOKE and by_token(node)
    return not token and STRANGER.name not in outside_holders(node, question, estate)[0]


def _buckets(node: Node, aim: Aim, estate: Estate) -> list[str]:
    """The buckets of which one has to be written to change what a model loads or learns from."""
    if aim.verb not in (V.WRITE_ARTIFACT, V.WRITE_DATA):
        return []
    linked = [*estate.out_nodes(node, "loads"), *estate.out_nodes(node, "reads_data")]
    return sorted({one.external_id for one in linked if one.kind == "aws.s3.bucket"})


def _of_account(estate: Estate) -> Iterator[Grant | tuple[str, Unknown]]:
    """Administrators, and who may call models of Bedrock bare, in a region that enforces no guardrail that acts."""
    control = Aim("aws.account", V.CHANGE, "may do anything in", Goal.CONTROL)
    yield Grant(
        administrators_of(estate),
        control,
        Place("aws.account", estate.account, "control"),
        POWERS["the account's identities"],
    )
    enforced = {region: enforced_in(region, estate) for region in estate.read.regions(ENFORCED)}
    bare = union(_calls_bare(region, estate) for region, answer in enforced.items() if answer is False)
    if bare.yes or bare.maybe:
        call = Aim(MODEL, V.INVOKE, "can call without a guardrail", Goal.MODELS)
        yield Grant(bare, call, Place(MODEL, "", "invoke"), ("bedrock:invokemodel",))
    doubt = first(enforced.values())
    if doubt is not None or not estate.complete(ENFORCED):
        yield Goal.MODELS, Unknown("Enforced guardrails were not read completely.")


def _calls_bare(region: str, estate: Estate) -> Tri:
    """Who may call a model in a region with a request that names no guardrail."""
    asked = (
        Request(
            action=action,
            resource=f"arn:aws:{action.partition(':')[0]}:{region}:",
            region=region,
            values={"bedrock:guardrailidentifier": ABSENT},
        )
        for action in INVOKE
    )
    return union(ask_under(population(estate), request, None) for request in asked)
