"""What AI assets an AWS resource serves, and what a document names that does not exist."""

from __future__ import annotations

from inventory.documents import Unknown, account_in, is_anybodys
from inventory.facts.aws_controls import BUCKET, MEMBERSHIP, is_published, unseen_buckets
from inventory.facts.estate import Dangling, Estate, Node
from inventory.facts.registry import fact
from inventory.facts.unseen import first, unseen_origins, untold
from inventory.kinds import KINDS

AWS = tuple(kind for kind in KINDS if kind.startswith("aws."))
USED = (
    BUCKET, "aws.iam.role", "aws.kms.key", "aws.ecr.repository", "aws.ecr.image", "aws.ec2.security_group",
    "aws.logs.log_group", "aws.lambda.function", "aws.secretsmanager.secret",
)  # fmt: skip
BY_RELATION = frozenset({"", "identity", "dataset", "registry"})
AI_SERVICES = (
    "agentcore", "bedrock", "comprehend", "forecast", "frauddetector", "healthlake", "kendra", "lex", "personalize",
    "polly", "qbusiness", "rekognition", "sagemaker", "textract", "transcribe", "translate",
)  # fmt: skip
SERVED = ("aoss", "apigateway", "batch", "ec2", "ecs", "lambda", "memorydb", "opensearch", "rds", "s3vectors")
REFERRING = tuple(kind for kind in AWS if kind.split(".")[1] in {*AI_SERVICES, *SERVED})
USING = frozenset({*REFERRING, BUCKET, "aws.ecr.image", "aws.stepfunctions.state_machine"})
SERVING = frozenset({"aws.sagemaker.endpoint_config", "aws.sagemaker.endpoint", "aws.sagemaker.inference_component"})
AGENTS = ("aws.bedrock.agent", "aws.agentcore.runtime")
NOTEBOOKS = ("aws.sagemaker.notebook_instance", "aws.sagemaker.domain")
SERVED_WITH = ("aws.sagemaker.model", "aws.bedrock.agent")
PARTS = {"aws.ecr.repository": ("aws.ecr.image",)}


def ai_users(node: Node, estate: Estate) -> list[Node]:
    """AI assets whose links lead here, directly or through one of the asset's parts."""
    found = [origin for _type, origin in estate.links_into(node) if _is_ai(origin)]
    for part in estate.into(node, "part_of"):
        found += [origin for _type, origin in estate.links_into(part) if _is_ai(origin)]
    return list({origin.identity: origin for origin in found}.values())


def _is_ai(node: Node) -> bool:
    return node.kind.split(".")[1] in AI_SERVICES or node.ai_role not in BY_RELATION


@fact("ai_users", kinds=USED, looks_at=sorted(USING), title="AI assets that use it", last_known=True)
def users(node: Node, estate: Estate) -> list[str] | Unknown:
    """`<kind> <name>` of each, sorted, at most 20. None found says something only when all that could be were read."""
    found = sorted(f"{user.kind.removeprefix('aws.')} {user.name}" for user in ai_users(node, estate))[:20]
    unseen = None if found else _unseen_users(node, estate)
    return found if unseen is None else unseen


def _unseen_users(node: Node, estate: Estate) -> Unknown | None:
    kinds = (node.kind, *PARTS.get(node.kind, ()))
    unseen = first(unseen_origins(estate, kind, among=USING) for kind in kinds)
    if unseen is not None:
        return unseen
    ends = (node, *estate.into(node, "part_of"))
    doubts = (estate.role_doubt(origin) for end in ends for _type, origin in estate.links_into(end))
    return first(doubts)


@fact("runs_agents", kinds=("aws.iam.role",), looks_at=sorted(USING), title="Whether agents run with it")
def runs_agents(node: Node, estate: Estate) -> bool | Unknown:
    """Of Bedrock or AgentCore."""
    if _of(AGENTS, ai_users(node, estate)):
        return True
    unseen = _unseen_users(node, estate)
    return False if unseen is None else unseen


@fact("shared_by", kinds=("aws.iam.role",), looks_at=sorted(USING), title="What kinds of AI work share it")
def shared_by(node: Node, estate: Estate) -> str | Unknown:
    """`mixed`: several agents, or people's notebooks with what serves; `alike`: other users; empty: one or none."""
    found = ai_users(node, estate)
    mixed = len(_of(AGENTS[:1], found)) > 1 or (_of(NOTEBOOKS, found) and _of(SERVED_WITH, found))
    unseen = None if mixed else _unseen_users(node, estate)
    if unseen is not None:
        return unseen
    return "mixed" if mixed else "alike" if len(found) > 1 else ""


def _of(kinds: tuple[str, ...], nodes: list[Node]) -> list[Node]:
    return [node for node in nodes if node.kind in kinds]


@fact("missing_references", kinds=REFERRING, looks_at=AWS, title="What it names that does not exist")
def missing_references(node: Node, estate: Estate) -> list[str] | Unknown:
    """References that dangle although they would have been seen. Names within other accounts do not count: nobody
    else can take those over."""
    missing = untold(node, "")
    if missing is not None:
        return missing
    targets = (estate.follow(edge.to) for edge in estate.edges(node))
    lost = [to for to in targets if isinstance(to, Dangling) and to.kind and _may_be_own(to.ref, estate.account)]
    certain = {to.ref for to in lost if to.complete and not _may_be_managed(to, estate)}
    gone = sorted(certain)
    unsure = next((to.ref for to in lost if to.ref not in certain), None)
    return gone if gone or unsure is None else Unknown(f"Nobody looked where {unsure[:160]} would be.")


@fact(
    "buckets_outside",
    kinds=REFERRING,
    looks_at=(BUCKET, *MEMBERSHIP),
    title="Buckets it names that no account you connected has",
)
def buckets_outside(node: Node, estate: Estate) -> list[str] | Unknown:
    """Sorted. Bucket names are the whole world's: one that is not here is, or can be, a stranger's."""
    missing = untold(node, "", BUCKET)
    if missing is not None:
        return missing
    targets = (estate.follow(edge.to) for edge in estate.edges(node))
    lost = {to.ref for to in targets if isinstance(to, Dangling) and to.kind == BUCKET}
    unseen = None if all(map(is_published, lost)) else unseen_buckets(estate)
    return sorted(ref.rpartition(":")[2] for ref in lost) if unseen is None else unseen


def _may_be_managed(to: Dangling, estate: Estate) -> bool:
    """Whether it may be a key that AWS manages, which is no asset: only the names of a region's keys tell that."""
    if to.kind != "aws.kms.key":
        return False
    regions = (region for region in estate.all("aws.region") if f":kms:{region.name}:" in to.ref)
    return any(region.unknown("Aliases") is not None for region in regions)


def _may_be_own(ref: str, account: str) -> bool:
    return is_anybodys(ref) or account_in(ref) == account != ""


@fact("served", kinds=("aws.sagemaker.model",), looks_at=sorted(SERVING))
def served(node: Node, estate: Estate) -> bool | Unknown:
    """Whether an endpoint serves the model right now, by its configuration or by an inference component."""
    for server in estate.into(node, "serves"):
        if server.kind == "aws.sagemaker.inference_component":
            return True
        if server.kind == "aws.sagemaker.endpoint_config" and estate.into(server, "serves"):
            return True
    if not all(map(estate.complete, SERVING)):
        return Unknown("Endpoints were not read completely")
    missing = first(
        unseen_origins(estate, kind, "serves", SERVING) for kind in ("aws.sagemaker.model", *sorted(SERVING))
    )
    return False if missing is None else missing
