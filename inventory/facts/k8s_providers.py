"""Hosted model providers that a workload uses, and where its prompts may go."""

from __future__ import annotations

from urllib.parse import urlsplit

from inventory.documents import Document, Unknown
from inventory.facts.estate import Estate, Node
from inventory.facts.k8s_images import in_cluster, truthy
from inventory.facts.k8s_pod import TEMPLATES, WORKLOADS, containers, recognised
from inventory.facts.registry import fact
from inventory.recognition import catalogue

_BASE_URLS = ("OPENAI_BASE_URL", "OPENAI_API_BASE", "ANTHROPIC_BASE_URL", "AZURE_OPENAI_ENDPOINT", "LITELLM_BASE_URL")
_TRACING = ("LANGCHAIN_TRACING_V2", "LANGSMITH_TRACING")
_TRACING_ENDPOINTS = ("LANGCHAIN_ENDPOINT", "LANGSMITH_ENDPOINT")
_TRACING_HOSTS = {"LANGFUSE_HOST": "Langfuse", "LANGFUSE_BASE_URL": "Langfuse", "PHOENIX_COLLECTOR_ENDPOINT": "Phoenix"}
_TRACING_KEYS = {"WANDB_API_KEY": "Weights & Biases", "COMET_API_KEY": "Comet", "AGENTOPS_API_KEY": "AgentOps"}
_OWN_TRACING = (
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "MLFLOW_TRACKING_URI",
    "TRACELOOP_BASE_URL",
    "LANGFUSE_PUBLIC_KEY",
    *_TRACING,
    *_TRACING_HOSTS,
    *_TRACING_KEYS,
)


@fact("providers", kinds=TEMPLATES, title="Hosted model providers it uses")
def providers(node: Node, estate: Estate) -> list[str]:
    """Names of providers whose key it holds or whose host it calls, unless its base address is inside the cluster."""
    found = recognised(node, estate)
    if found is None or _through_own_gateway(node):
        return []
    return sorted(catalogue().provider_titles[name] for name in found.providers)


def _through_own_gateway(node: Node) -> bool:
    addresses = [value for c in containers(node) for name, value in c.env.items() if name in _BASE_URLS and value]
    return any(in_cluster(urlsplit(address).hostname or "") for address in addresses)


@fact("gateway_bypassed", kinds=WORKLOADS, looks_at=WORKLOADS, title="Calls a provider past the model gateway")
def gateway_bypassed(node: Node, estate: Estate) -> bool | Unknown:
    """Whether it holds a provider's key although this cluster runs a gateway for models."""
    if node.ai_role == "gateway" or not providers(node, estate):
        return False
    gateways = estate.once("model gateways", lambda: [n.external_id for n in _gateways(estate)])
    if gateways:
        return True
    return False if estate.complete("k8s.deployment") else Unknown("Not every deployment could be read.")


def _gateways(estate: Estate) -> list[Node]:
    return [node for node in estate.all("k8s.workload") if node.ai_role == "gateway"]


@fact("tracing", kinds=WORKLOADS, title="Where its model calls are traced")
def tracing(node: Node, estate: Estate) -> Document:
    """`on`: model calls are traced at all; `outside`: services outside the cluster that get the prompts."""
    outside: set[str] = set()
    names: set[str] = set()
    for container in containers(node):
        env = container.env
        names |= env.keys() & set(_OWN_TRACING)
        if any(truthy(env.get(name)) for name in _TRACING) and not _inside(env, _TRACING_ENDPOINTS):
            outside.add("LangSmith")
        outside |= {title for name, title in _TRACING_HOSTS.items() if env.get(name) and not _inside(env, (name,))}
        outside |= {title for name, title in _TRACING_KEYS.items() if name in env}
    return {"on": bool(names), "outside": sorted(outside)}


def _inside(env: object, names: tuple[str, ...]) -> bool:
    values = [env.get(name) for name in names] if hasattr(env, "get") else []
    return any(value and in_cluster(urlsplit(value).hostname or value) for value in values)
