"""The catalogue of asset kinds: what each is called, which family it belongs to, and its icon."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.kinds.aws import AWS
from inventory.kinds.kubernetes import KUBERNETES


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of asset. `icon` is a Tabler icon."""

    id: str
    title: str
    plural: str
    family: str
    icon: str

    @property
    def provider(self) -> str:
        return self.id.partition(".")[0]


def _rows(families: dict[str, str]) -> dict[str, Kind]:
    catalogue: dict[str, Kind] = {}
    for family, table in families.items():
        for line in table.strip().splitlines():
            kind, title, icon, *plural = (cell.strip() for cell in line.split("|"))
            catalogue[kind] = Kind(kind, title, plural[0] if plural else f"{title}s", family, icon)
    return catalogue


# Custom resources are shown in their own spelling, as far as an id tells it.
ACRONYMS = {
    "mcp": "MCP", "nim": "NIM", "rag": "RAG", "llm": "LLM", "tls": "TLS", "tcp": "TCP", "http": "HTTP", "grpc": "GRPC",
    "gpt": "GPT", "mpi": "MPI", "jax": "JAX", "tf": "TF", "xg": "XG", "api": "API",
}  # fmt: skip
AI_GROUPS = frozenset(
    {
        "agents", "apps", "ark", "core", "extensions", "kagent", "kaito", "kubeflow", "kueue", "llamastack",
        "machinelearning", "mcp", "mlops", "nvidia", "pipelines", "ray", "resource", "serving", "tensorboard",
        "toolhive", "trainer",
    }
)  # fmt: skip

KINDS: dict[str, Kind] = _rows(AWS) | _rows(KUBERNETES)

GROUPS: dict[str, tuple[str, ...]] = {
    "k8s.workload": (
        "k8s.deployment",
        "k8s.stateful_set",
        "k8s.daemon_set",
        "k8s.job",
        "k8s.cron_job",
        "k8s.pod",
        "k8s.replica_set",
    ),
    # Everything that makes pods, also custom resources that carry a pod template of their own.
    "k8s.pod_template": (
        "k8s.deployment",
        "k8s.stateful_set",
        "k8s.daemon_set",
        "k8s.job",
        "k8s.cron_job",
        "k8s.pod",
        "k8s.replica_set",
        "k8s.ray.ray_cluster",
        "k8s.ray.ray_job",
        "k8s.ray.ray_service",
        "k8s.serving.inference_service",
        "k8s.serving.serving_runtime",
        "k8s.serving.cluster_serving_runtime",
        "k8s.kubeflow.notebook",
        "k8s.kubeflow.py_torch_job",
        "k8s.kubeflow.tf_job",
        "k8s.kubeflow.mpi_job",
    ),
}
WORKLOADS = GROUPS["k8s.workload"]


def kind_of(kind: str) -> Kind:
    """The catalogue entry; a kind that nobody described is shown by its id."""
    known = KINDS.get(kind)
    if known is not None:
        return known
    provider, _dot, rest = kind.partition(".")
    words = (rest.rpartition(".")[2] or kind).split("_")
    if provider == "k8s":
        title = "".join(ACRONYMS.get(word, word.capitalize()) for word in words)
        family = "AI resources" if rest.partition(".")[0] in AI_GROUPS else "Custom resources"
    else:
        title = " ".join([words[0].capitalize(), *words[1:]])
        family = "Other AWS" if provider == "aws" else "Other"
    return Kind(kind, title, _plural(title), family, "cube")


def _plural(title: str) -> str:
    if title.endswith("y") and title[-2:-1] not in "aeiou":
        return f"{title[:-1]}ies"
    return f"{title}es" if title.endswith("s") else f"{title}s"


def expand(*kinds: str) -> tuple[str, ...]:
    """Groups replaced by their members, each kind once, in order."""
    return tuple(dict.fromkeys(member for kind in kinds for member in GROUPS.get(kind, (kind,))))


def possible(kind: str) -> bool:
    """Whether assets may be of this kind, or it is a group. Those of custom resources are not known beforehand."""
    return kind in KINDS or kind in GROUPS or (kind.startswith("k8s.") and kind.count(".") > 1)
