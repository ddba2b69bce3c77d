"""What begins with what a job wrote: addresses in S3 within each other, and lineage that AWS has on record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from inventory.documents import LinkTo, Unknown
from inventory.facts.aws_targets import addresses
from inventory.facts.estate import Dangling, Estate, Node
from inventory.facts.registry import derived_link, fact
from inventory.facts.unseen import first

MODEL, PACKAGE = "aws.sagemaker.model", "aws.sagemaker.model_package"
TRAINING, RUN = "aws.sagemaker.training_job", "aws.sagemaker.trial_component"
ARTIFACT, ASSOCIATION = "aws.sagemaker.lineage_artifact", "aws.sagemaker.lineage_association"
RECORDED = (ARTIFACT, ASSOCIATION)
PRODUCED = "Produced"
# The parts of a document that name where a job writes, and those that name where something begins.
OUTPUTS: dict[str, tuple[str, ...]] = {
    TRAINING: ("ModelArtifacts", "OutputDataConfig"),
    "aws.sagemaker.automl_job": ("BestCandidate", "OutputDataConfig"),
    "aws.sagemaker.compilation_job": ("ModelArtifacts",),
    "aws.sagemaker.optimization_job": ("OutputConfig",),
    "aws.sagemaker.processing_job": ("ProcessingOutputConfig",),
    "aws.sagemaker.transform_job": ("TransformOutput",),
    "aws.sagemaker.labeling_job": ("OutputConfig",),
    "aws.sagemaker.feature_group": ("OfflineStoreConfig",),
}
INPUTS: dict[str, tuple[str, ...]] = {
    MODEL: ("PrimaryContainer", "Containers"),
    PACKAGE: ("InferenceSpecification",),
    "aws.bedrock.imported_model": ("modelDataSource",),
    TRAINING: ("InputDataConfig",),
    "aws.sagemaker.automl_job": ("AutoMLJobInputDataConfig",),
    "aws.sagemaker.compilation_job": ("InputConfig",),
    "aws.sagemaker.optimization_job": ("ModelSource",),
    "aws.sagemaker.processing_job": ("ProcessingInputs",),
    "aws.sagemaker.transform_job": ("TransformInput",),
    "aws.sagemaker.labeling_job": ("InputConfig",),
    "aws.bedrock.model_import_job": ("modelDataSource",),
    "aws.bedrock.customization_job": ("trainingDataConfig",),
    "aws.bedrock.custom_model": ("trainingDataConfig",),
    "aws.bedrock.data_source": ("dataSource",),
}
# Jobs write into a folder of their own name below the address that they were given.
FOLDERS = {TRAINING: "TrainingJobName", "aws.sagemaker.automl_job": "AutoMLJobName"}
MODELS = (MODEL, PACKAGE, "aws.bedrock.imported_model")
FED = tuple(kind for kind in INPUTS if kind not in MODELS)
MAKERS = tuple(OUTPUTS)[:5]


class Places:
    """Assets by the address in S3 that they name, down to a whole bucket."""

    def __init__(self, named: Iterable[tuple[str, Node]]) -> None:
        self._at: dict[str, list[Node]] = defaultdict(list)
        self._below: dict[str, list[Node]] = defaultdict(list)
        for uri, node in named:
            folders = around(uri)
            for folder in folders[:1]:
                self._at[folder].append(node)
            for folder in folders:
                self._below[folder].append(node)

    def meeting(self, uri: str) -> Iterator[Node]:
        """What names this address, something below it, or a folder around it."""
        folders = around(uri)
        for folder in folders[:1]:
            yield from self._below.get(folder, ())
        for folder in folders[1:]:
            yield from self._at.get(folder, ())


def around(uri: str) -> list[str]:
    """An address without its last slash, then the folders around it up to the whole bucket."""
    words = [word for word in uri.removeprefix("s3://").split("/") if word]
    return [f"s3://{'/'.join(words[:end])}" for end in range(len(words), 0, -1)]


def inputs_of(node: Node) -> set[str]:
    """Where it begins: data that it learns from, artifacts that it loads."""
    return {uri for part in INPUTS.get(node.kind, ()) for uri in addresses(node.config.get(part))}


def outputs_of(node: Node) -> set[str]:
    """Where it wrote."""
    found: set[str] = set()
    for part in OUTPUTS.get(node.kind, ()):
        own = node.config.get(FOLDERS.get(node.kind, "")) if part == "OutputDataConfig" else None
        named = addresses(node.config.get(part))
        found |= {f"{uri.rstrip('/')}/{own}" for uri in named} if own else set(named)
    return found


@derived_link("produces", kinds=tuple(OUTPUTS), looks_at=MODELS)
def makes_models(node: Node, estate: Estate) -> list[LinkTo]:
    """The models and packages that load what the job wrote."""
    return _begun_with(node, outputs_of(node), "produces", MODELS, estate)


@derived_link("feeds", kinds=tuple(OUTPUTS), looks_at=FED)
def feeds(node: Node, estate: Estate) -> list[LinkTo]:
    """The jobs and sources of knowledge that read what the job wrote."""
    return _begun_with(node, outputs_of(node), "feeds", FED, estate)


@derived_link("produces", kinds=(RUN,), looks_at=(*RECORDED, *MODELS, *OUTPUTS))
def recorded_products(node: Node, estate: Estate) -> list[LinkTo]:
    """The models that AWS has on record as products of a run whose job is not among what was read."""
    job = str((node.config.get("TrialComponentSource") or {}).get("SourceArn", ""))
    if any(estate.get(kind, job) for kind in OUTPUTS):
        return []
    made = estate.once("recorded products", lambda: _recorded_products(estate))
    return _begun_with(node, made.get(node.external_id, set()), "produces", MODELS, estate)


def _begun_with(node: Node, uris: set[str], type: str, kinds: tuple[str, ...], estate: Estate) -> list[LinkTo]:
    places = estate.once(f"beginnings of {type}", lambda: Places(_beginnings(estate, kinds)))
    found = {one.identity for uri in uris for one in places.meeting(uri) if one is not node}
    return [LinkTo(type, kind, ref) for kind, ref in sorted(found)]


def _beginnings(estate: Estate, kinds: tuple[str, ...]) -> Iterator[tuple[str, Node]]:
    for node in estate.all(*kinds):
        for uri in inputs_of(node):
            yield uri, node


def _recorded_products(estate: Estate) -> dict[str, set[str]]:
    """Addresses of recorded artifacts by what produced them."""
    where = {one.external_id: (one.config.get("Source") or {}).get("SourceUri") for one in estate.all(ARTIFACT)}
    found: dict[str, set[str]] = defaultdict(set)
    for one in estate.all(ASSOCIATION):
        uri = where.get(str(one.config.get("DestinationArn")))
        if uri and one.config.get("AssociationType") == PRODUCED:
            found[str(one.config.get("SourceArn"))].add(uri)
    return found


@fact(
    "from_training_job",
    kinds=(MODEL,),
    looks_at=(PACKAGE, *MAKERS, *RECORDED),
    title="Its artifacts were made by known jobs",
)
def from_training_job(node: Node, estate: Estate) -> bool | Unknown:
    """Whether each artifact of the model, or of the packages it loads, was made by a known job or a recorded run."""
    packages = [one for one in estate.out(node, "loads") if one.kind == PACKAGE]
    begins = [node, *(one for one in packages if isinstance(one, Node))]
    missing = first(one.unknown(*INPUTS[one.kind]) for one in begins)
    if missing is not None:
        return missing
    if any(isinstance(one, Dangling) and not one.complete for one in packages):
        return Unknown("The package that it loads was not read")
    made = estate.once("what was made", lambda: Places(_made(estate)))
    artifacts = {uri for one in begins for uri in inputs_of(one)}
    if all(any(made.meeting(uri)) for uri in artifacts):
        return bool(artifacts)
    if not all(map(estate.complete, (*MAKERS, *RECORDED))):
        return Unknown("Jobs and recorded lineage were not read completely")
    unseen = first(job.unknown(*OUTPUTS[job.kind]) for job in estate.all(*MAKERS))
    return False if unseen is None else unseen


def _made(estate: Estate) -> Iterator[tuple[str, Node]]:
    for job in estate.all(*MAKERS):
        yield from ((uri, job) for uri in outputs_of(job))
    for uris in _recorded_products(estate).values():
        yield from ((uri, _NOBODY) for uri in uris)


_NOBODY = Node(kind=ARTIFACT, external_id="")
