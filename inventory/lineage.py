"""How data becomes a model that somebody calls: which links carry it on, and at which stage an asset stands."""

from __future__ import annotations

from enum import IntEnum

from inventory.provenance import LinkType as L


class Stage(IntEnum):
    """Stages in the order in which they follow each other."""

    DATA = 0
    MAKING = 1
    ARTIFACTS = 2
    MODELS = 3
    SERVING = 4
    CALLERS = 5


# Links whose target comes first, and those whose origin does.
FROM_TARGET = frozenset(
    {L.READS_DATA, L.LOADS, L.SERVES, L.STORES_IN, L.INDEXES, L.HAS_TOOL, L.DELEGATES_TO, L.RUNS_IMAGE, L.MOUNTS,
     L.BOUND_TO, L.SELECTS, L.ROUTES_TO}
)  # fmt: skip
FROM_ORIGIN = frozenset({L.PRODUCES, L.FEEDS, L.WRITES_DATA})
# Parts from which the whole gets what it does, and parts that are made from the whole.
GIVING_PARTS = frozenset(
    {"aws.bedrock.data_source", "aws.bedrock.action_group", "aws.agentcore.gateway_target",
     "aws.sagemaker.inference_component", "aws.kendra.data_source", "aws.qbusiness.data_source",
     "aws.qbusiness.index", "aws.qbusiness.plugin", "aws.rekognition.project_version"}
)  # fmt: skip
MADE_PARTS = frozenset(
    {"aws.bedrock.agent_version", "aws.bedrock.flow_version", "aws.sagemaker.trial_component",
     "aws.textract.adapter_version"}
)  # fmt: skip
PARTS = GIVING_PARTS | MADE_PARTS
# Many things meet here that have nothing to do with each other: only whoever asks about one of these goes on from it.
PLACES = frozenset({"aws.s3.bucket", "aws.ecr.repository", "k8s.persistent_volume"})
# No steps of their own: they point into lineage that other links tell.
LEFT_OUT = frozenset(
    {"aws.sagemaker.lineage_artifact", "aws.sagemaker.lineage_association", "aws.sagemaker.lineage_action",
     "aws.sagemaker.lineage_context", "k8s.network_policy", "k8s.config_map", "aws.ec2.volume",
     "aws.sagemaker.studio_lifecycle_config", "aws.sagemaker.notebook_lifecycle_config"}
)  # fmt: skip

OF_KINDS: dict[str, Stage] = {
    "aws.bedrock.data_source": Stage.MAKING,
    "aws.sagemaker.trial_component": Stage.MAKING,
    "aws.bedrock.knowledge_base": Stage.MODELS,
    "aws.sagemaker.model_package": Stage.ARTIFACTS,
    "aws.sagemaker.transform_job": Stage.SERVING,
    "aws.sagemaker.inference_experiment": Stage.SERVING,
    "aws.bedrock.batch_job": Stage.SERVING,
    "aws.bedrock.evaluation_job": Stage.SERVING,
    "aws.ecr.image": Stage.ARTIFACTS,
    "aws.ecr.repository": Stage.ARTIFACTS,
    "aws.apigateway.rest_api": Stage.CALLERS,
    "k8s.service": Stage.CALLERS,
    "k8s.ingress": Stage.CALLERS,
    "k8s.http_route": Stage.CALLERS,
    "k8s.grpc_route": Stage.CALLERS,
    "k8s.gateway": Stage.CALLERS,
    "k8s.persistent_volume": Stage.ARTIFACTS,
    "k8s.persistent_volume_claim": Stage.ARTIFACTS,
}
OF_ROLES: dict[str, Stage] = {
    "dataset": Stage.DATA,
    "training": Stage.MAKING,
    "notebook": Stage.MAKING,
    "pipeline": Stage.MAKING,
    "registry": Stage.ARTIFACTS,
    "vector-store": Stage.ARTIFACTS,
    "model": Stage.MODELS,
    "endpoint": Stage.SERVING,
    "agent": Stage.SERVING,
    "tool": Stage.SERVING,
    "gateway": Stage.SERVING,
    "framework": Stage.SERVING,
    "api-client": Stage.CALLERS,
}
# What a kind is by its name, where nobody recognised it (it may not even exist).
BY_NAME = (
    (("job", "pipeline"), Stage.MAKING),
    (("model", "package", "recognizer", "classifier"), Stage.MODELS),
    (("bucket", "feature_group", "dataset", "database"), Stage.DATA),
    (("collection", "domain", "graph", "index", "image", "repository"), Stage.ARTIFACTS),
)


def comes_first(type: str, origin: str, target: str) -> bool | None:
    """Whether a link's origin comes before its target; None for a link that carries nothing on. `origin`, `target`:
    their kinds."""
    if origin in LEFT_OUT or target in LEFT_OUT:
        return None
    if type == L.PART_OF:
        return True if origin in GIVING_PARTS else False if origin in MADE_PARTS else None
    if type == L.WRITES_DATA and stage_of(origin) > Stage.MAKING:
        return None  # records of use
    return True if type in FROM_ORIGIN else False if type in FROM_TARGET else None


def stage_of(kind: str, role: str = "") -> Stage:
    """The stage of an asset by its kind, then by its AI role, then by what its kind is called."""
    if kind in OF_KINDS:
        return OF_KINDS[kind]
    if kind in PLACES:
        return Stage.ARTIFACTS if role == "model" else Stage.DATA
    if role in OF_ROLES:
        return OF_ROLES[role]
    word = kind.rpartition(".")[2]
    return next((stage for ends, stage in BY_NAME if word.endswith(ends)), Stage.SERVING)


def stage_of_place(type: str) -> Stage:
    """The stage of a place by the link that leads there."""
    return Stage.DATA if type in (L.READS_DATA, L.STORES_IN) else Stage.ARTIFACTS
