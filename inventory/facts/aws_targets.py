"""What a question about an asset is put to: names in AWS, with the policies that have a say there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from inventory.documents import Unknown
from inventory.facts.aws_controls import organization_of
from inventory.facts.aws_policies import NOT_ASKED, SECRET, blocks, listed, secret_policy
from inventory.facts.estate import Dangling, Estate, Node
from inventory.facts.unseen import first, untold
from inventory.iam.granting import Policy
from inventory.iam.language import open_actions, statements
from inventory.iam.questions import POLICY_FIELDS, On, Question, Verb
from inventory.iam.reading import account_of

BUCKET, KEY, ROLE = "aws.s3.bucket", "aws.kms.key", "aws.iam.role"
# The parts of a document that name data, those that name the model itself or what a tool is, and folders.
PARTS: Mapping[On, Mapping[str, tuple[str, ...]]] = {
    On.DATA: {
        "aws.sagemaker.training_job": ("InputDataConfig",),
        "aws.bedrock.custom_model": ("trainingDataConfig",),
        "aws.bedrock.customization_job": ("trainingDataConfig",),
        "aws.bedrock.data_source": ("dataSource",),
    },
    On.ARTIFACTS: {
        "aws.sagemaker.model": ("PrimaryContainer", "Containers"),
        "aws.sagemaker.model_package": ("InferenceSpecification",),
        "aws.sagemaker.training_job": ("ModelArtifacts",),
        "aws.bedrock.action_group": ("agentActionGroup",),
        "aws.agentcore.gateway_target": ("targetConfiguration",),
    },
    On.FOLDERS: {"aws.sagemaker.hyperpod_cluster": ("InstanceGroups",), "aws.sagemaker.hub": ("S3StorageConfig",)},
}
# Further parts of a document that say what is asked.
SAYING: Mapping[Verb, Mapping[str, tuple[str, ...]]] = {
    Verb.INVOKE: {
        "aws.agentcore.gateway": ("authorizerType",),
        "aws.agentcore.runtime": ("authorizerConfiguration",),
    },
    Verb.LEND: {ROLE: ("AssumeRolePolicyDocument",)},
    Verb.OPEN: {"aws.sagemaker.domain": ("DomainId",)},
}
ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Target:
    """One name. `below`: anything that starts with it. `key`: what must be decrypted to read it."""

    resource: str
    account: str
    policy: Policy | None = None
    region: str = ""
    tags: Mapping[str, str] | None = None
    below: bool = False
    values: Mapping[str, tuple[str, ...]] | None = None
    key: Target | None = None
    bucket: Node | None = None
    organization: str = ""


def targets(node: Node, question: Question, estate: Estate) -> Sequence[Target] | Unknown:
    """The names that a question about an asset means; unknown when the document's part that says so was not read."""
    parts = PARTS.get(question.on, {}).get(node.kind, ())
    missing = node.unknown(*parts) if parts else None
    if missing is not None:
        return missing
    if parts:
        named = set(_named(node, parts, question, estate))
        if question.on is On.FOLDERS:
            named = {f"{uri.rstrip('/')}/" for uri in named}
        return [_in_bucket(uri, question, estate) for uri in sorted(named)]
    if question.on is On.OBJECTS:
        return [_objects(node, "", question, estate)]
    own = _itself(node, question, estate)
    return own if isinstance(own, list) else [own]


def unseen(node: Node, question: Question, estate: Estate) -> Unknown | None:
    """Why it is not known what the question is put to, or what the policies there say."""
    return estate.once(f"unseen {question.verb} {node.external_id}", lambda: _unseen(node, question, estate))


def _unseen(node: Node, question: Question, estate: Estate) -> Unknown | None:
    missing = node.unknown(*SAYING.get(question.verb, {}).get(node.kind, ()))
    if missing is None and question.on is On.ARTIFACTS:
        missing = _unseen_packages(node, estate)
    if missing is not None:
        return missing
    asked = targets(node, question, estate)
    if isinstance(asked, Unknown):
        return asked
    return first(_unseen_there(target, question, estate) for target in asked)


def _unseen_packages(node: Node, estate: Estate) -> Unknown | None:
    missing = untold(node, "loads")
    if missing is not None:
        return missing
    for one in estate.out(node, "loads"):
        if isinstance(one, Dangling):
            missing = _not_looked(one) if one.kind in PARTS[On.ARTIFACTS] else None
        else:
            missing = one.unknown(*PARTS[On.ARTIFACTS].get(one.kind, ()))
        if missing is not None:
            return missing
    return None


def _unseen_there(target: Target, question: Question, estate: Estate) -> Unknown | None:
    """The policy of a bucket in another account is nothing that could have been read: that stays a perhaps."""
    if isinstance(target.policy, Unknown) and target.account != ELSEWHERE:
        return target.policy
    if target.bucket is None:
        return None
    shut, entries = restricted(target.bucket, estate), listed(target.bucket, estate)
    missing = first((shut, entries))
    if missing is not None:
        return missing
    return _unseen_key(target, estate) if question.verb is Verb.READ else None


def _unseen_key(target: Target, estate: Estate) -> Unknown | None:
    bucket = target.bucket
    if bucket is None:
        return None
    missing = untold(bucket, "encrypted_by", KEY)
    if missing is not None:
        return missing
    if target.key is not None:
        return target.key.policy if isinstance(target.key.policy, Unknown) else None
    lost = (one for one in estate.out(bucket, "encrypted_by") if isinstance(one, Dangling))
    return first(map(_not_looked, lost))


def _not_looked(lost: Dangling) -> Unknown | None:
    return None if lost.complete else Unknown(f"Nobody looked where {lost.ref[:160]} would be.")


def restricted(bucket: Node, estate: Estate) -> bool | Unknown:
    """Whether a bucket with an open policy keeps every outsider out all the same."""
    if not open_actions(bucket.config.get("Policy")):
        return False
    return blocks(bucket, estate, "RestrictPublicBuckets")


def _itself(node: Node, question: Question, estate: Estate) -> Target | list[Target]:
    arn = node.external_id
    tags = {name.lower(): value for name, value in node.tags.items()}
    make = partial(
        Target,
        account=account_of(arn) or estate.account,
        policy=policy_of(node, estate),
        region="" if node.place == "-" else node.place,
        tags=None if node.kind == BUCKET else tags,
        organization=organization_of(estate),
    )
    if question.on is On.ACCOUNT:
        return make("*")
    if question.on is On.INDEXES:
        return make(f"{arn}/index/", below=True)
    if question.on is On.STREAMS:
        return [make(arn), make(f"{arn}:*")]
    if question.on is On.ALIASES:
        return make(f"{arn.replace(':agent/', ':agent-alias/')}/", below=True)
    if question.on is On.PROFILES:
        profiles = f"{arn.rpartition(':domain/')[0]}:user-profile/{node.config.get('DomainId', '')}/"
        return make(profiles, below=True)
    if question.verb is Verb.LEND:
        return [make(arn, policy=None, values={"iam:passedtoservice": (one,)}) for one in trusted_services(node)]
    return make(arn)


def by_token(node: Node) -> bool:
    """Whether callers show a token, or nothing: permissions then do not say who may call."""
    if node.kind == "aws.agentcore.gateway":
        return node.config.get("authorizerType") in ("CUSTOM_JWT", "NONE")
    return node.kind == "aws.agentcore.runtime" and bool(node.config.get("authorizerConfiguration"))


def trusted_services(role: Node) -> list[str]:
    """The services that a role's trust policy lets in."""
    trust = statements(role.config.get("AssumeRolePolicyDocument"))
    return sorted({service for statement in trust if statement.allow for service in statement.services})


def policy_of(node: Node, estate: Estate) -> Policy | None:
    """The asset's own policy: nothing when it has none, unknown when it was not read."""
    part = POLICY_FIELDS.get(node.kind, "")
    if not part:
        return None
    return estate.once(f"policy of {node.external_id}", lambda: _policy(node, part))


def _policy(node: Node, part: str) -> Policy | None:
    missing = node.unknown(part)
    if missing is not None:
        return missing
    document = secret_policy(node) if node.kind == SECRET else node.config.get(part)
    if document is NOT_ASKED:
        return None
    return tuple(statements(document)) if document else None


def _named(node: Node, parts: Sequence[str], question: Question, estate: Estate) -> Iterator[str]:
    """The S3 addresses in these parts, and in the packages that a model is made of."""
    yield from _uris(node, parts)
    for package in estate.out_nodes(node, "loads") if question.on is On.ARTIFACTS else ():
        yield from _uris(package, PARTS[On.ARTIFACTS].get(package.kind, ()))


def _uris(node: Node, parts: Sequence[str]) -> Iterator[str]:
    for part in parts:
        yield from addresses(node.config.get(part))


def addresses(value: Any) -> Iterator[str]:
    """Every S3 address in a document, the prefixes of a knowledge base's bucket, and the schema of a tool."""
    if isinstance(value, str):
        if value.startswith("s3://"):
            yield value
    elif isinstance(value, list):
        for one in value:
            yield from addresses(one)
    elif isinstance(value, dict):
        yield from _in_parts(value)
        for one in value.values():
            yield from addresses(one)


def _in_parts(value: dict[str, Any]) -> Iterator[str]:
    bucket = str(value.get("bucketArn") or "").rpartition(":")[2]
    if bucket:
        yield from (f"s3://{bucket}/{prefix}" for prefix in value.get("inclusionPrefixes") or [""])
    if value.get("s3BucketName"):
        yield f"s3://{value['s3BucketName']}/{value.get('s3ObjectKey') or ''}"


def _in_bucket(uri: str, question: Question, estate: Estate) -> Target:
    bucket, _slash, key = uri.removeprefix("s3://").partition("/")
    node = estate.get(BUCKET, f"arn:aws:s3:::{bucket}")
    if node is not None:
        return _objects(node, key, question, estate)
    account = ELSEWHERE if estate.complete(BUCKET) else ""
    policy = Unknown(f"The policy of the bucket {bucket} was not read.")
    return Target(f"arn:aws:s3:::{bucket}/{key}", account, policy, below=_open_ended(key, question))


def _open_ended(key: str, question: Question) -> bool:
    return question.on is not On.ARTIFACTS or key.endswith("/") or not key


def _objects(bucket: Node, key: str, question: Question, estate: Estate) -> Target:
    """Objects of a bucket. To read them, who asks also needs the key that they are encrypted with."""
    return Target(
        f"{bucket.external_id}/{key}",
        estate.account,
        policy_of(bucket, estate),
        "" if bucket.place == "-" else bucket.place,
        below=_open_ended(key, question),
        key=_key(bucket, estate) if question.verb is Verb.READ else None,
        bucket=bucket,
        organization=organization_of(estate),
    )


def _key(bucket: Node, estate: Estate) -> Target | None:
    keys = [one for one in estate.out_nodes(bucket, "encrypted_by") if one.kind == KEY]
    if not keys:
        return None
    through = {"kms:viaservice": (f"s3.{bucket.place}.amazonaws.com",)}
    return Target(
        keys[0].external_id, account_of(keys[0].external_id), policy_of(keys[0], estate), keys[0].place, values=through
    )
