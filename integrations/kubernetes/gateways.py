"""Edges of gateways, tool servers and agents: what they hand requests on to, and what guards them."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from integrations.kubernetes.links import SERVICE, within
from integrations.kubernetes.paths import each, get, mapping, text
from inventory.documents import Document, LinkTo

POOL, ROUTE, GATEWAY = "k8s.inference.inference_pool", "k8s.http_route", "k8s.gateway"
BACKEND = "k8s.gateway.backend"
BACKENDS = {
    "AIServiceBackend": "k8s.aigateway.ai_service_backend", "InferencePool": POOL, "Backend": BACKEND,
    "Service": SERVICE,
}  # fmt: skip
_ADDRESSES = ("spec.url", "spec.remoteUrl", "spec.remoteURL", "spec.static.host", "spec.address.value")
GUARDS = {
    "toolConfigRef": "k8s.toolhive.mcp_tool_config",
    "oidcConfigRef": "k8s.toolhive.mcpoidc_config",
    "externalAuthConfigRef": "k8s.toolhive.mcp_external_auth_config",
}


def ai_route(route: Document, namespace: str) -> Iterator[LinkTo]:
    """An AIGatewayRoute: its backends, and the gateways that it hangs on."""
    for backend in each(route, "spec.rules[].backendRefs[]"):
        yield from _to_backend(backend, namespace, "AIServiceBackend")
    yield from _parents(route, namespace)


def mcp_route(route: Document, namespace: str) -> Iterator[LinkTo]:
    """An MCPRoute: the tool servers behind it, and the gateways that it hangs on."""
    for backend in each(route, "spec.backendRefs[]"):
        yield from _to_backend(backend, namespace, "Backend")
    yield from _parents(route, namespace)


def ai_backend(backend: Document, namespace: str) -> Iterator[LinkTo]:
    """An AIServiceBackend: the address behind it."""
    yield from _to_backend(mapping(get(backend, "spec.backendRef")), namespace, "Backend")


def _to_backend(reference: Document, namespace: str, otherwise: str) -> Iterator[LinkTo]:
    kind = BACKENDS.get(text(reference.get("kind")) or otherwise)
    if kind and text(reference.get("name")):
        yield LinkTo("routes_to", kind, within(text(reference.get("namespace")) or namespace, reference["name"]))


def _parents(route: Document, namespace: str) -> Iterator[LinkTo]:
    for parent in each(route, "spec.parentRefs[]"):
        name = text(parent.get("name"))
        if name and parent.get("kind", "Gateway") == "Gateway":
            yield LinkTo("part_of", GATEWAY, within(text(parent.get("namespace")) or namespace, name))


def pool_picker(pool: Document, namespace: str) -> Iterator[LinkTo]:
    """The service that an InferencePool asks which of its pods shall answer."""
    for field in ("spec.endpointPickerRef", "spec.extensionRef"):
        name = text(get(pool, f"{field}.name"))
        if name:
            yield LinkTo("routes_to", SERVICE, within(namespace, name))


def pool_of(document: Document, namespace: str) -> Iterator[LinkTo]:
    """The pool that an objective or a model belongs to."""
    name = text(get(document, "spec.poolRef.name"))
    if name:
        yield LinkTo("part_of", POOL, within(namespace, name))


def addressed(document: Document, namespace: str) -> Iterator[LinkTo]:
    """Services of the cluster whose address a tool server, proxy or backend names."""
    named = [text(get(document, path)) for path in _ADDRESSES]
    named += [text(get(target, "static.host")) for target in each(document, "spec.mcp.targets[]")]
    named += [text(get(end, "fqdn.hostname")) for end in each(document, "spec.endpoints[]")]
    for address in named:
        service = service_at(urlsplit(address).hostname or address, namespace) if address else ""
        if service:
            yield LinkTo("routes_to", SERVICE, service)


def service_at(host: str, namespace: str) -> str:
    """The Service that a host name surely means: `name` or `name.namespace.svc…`; empty for others."""
    name, _, rest = host.partition(".")
    home, _, domain = rest.partition(".")
    inside = not rest or domain == "svc" or domain.startswith("svc.")
    return within(home or namespace, name) if name and name != "localhost" and inside else ""


def tool_server(server: Document, namespace: str) -> Iterator[LinkTo]:
    """A ToolHive server or proxy: its group, and what limits who may call it and which tools."""
    spec = mapping(server.get("spec"))
    group = spec.get("groupRef") or get(spec, "config.groupRef")
    name = text(group) or text(mapping(group).get("name"))
    if name:
        yield LinkTo("part_of", "k8s.toolhive.mcp_group", within(namespace, name))
    for field, kind in GUARDS.items():
        name = text(mapping(spec.get(field)).get("name"))
        if name:
            yield LinkTo("guarded_by", kind, within(namespace, name))
    yield from addressed(server, namespace)


def registered_server(registration: Document, namespace: str) -> Iterator[LinkTo]:
    """The route to the tool server that a Kuadrant registration is about."""
    target = mapping(get(registration, "spec.targetRef"))
    if text(target.get("name")) and target.get("kind", "HTTPRoute") == "HTTPRoute":
        yield LinkTo("routes_to", ROUTE, within(text(target.get("namespace")) or namespace, target["name"]))


def agent_model(agent: Document, namespace: str) -> Iterator[LinkTo]:
    """The model that a kagent Agent asks."""
    for path in ("spec.declarative.modelConfig", "spec.modelConfig"):
        name = text(get(agent, path))
        if name:
            yield LinkTo("loads", "k8s.kagent.model_config", within(namespace, name.rpartition("/")[2]))


def ark_agent(agent: Document, namespace: str) -> Iterator[LinkTo]:
    """The model and the tools of an Ark agent."""
    model = text(get(agent, "spec.modelRef.name"))
    if model:
        yield LinkTo("loads", "k8s.ark.model", within(namespace, model))
    for tool in each(agent, "spec.tools[]"):
        if text(tool.get("name")):
            yield LinkTo("has_tool", "k8s.ark.tool", within(namespace, tool["name"]))


def sandbox_template(claim: Document, namespace: str) -> Iterator[LinkTo]:
    """The template that a sandbox is made from."""
    name = text(get(claim, "spec.sandboxTemplateRef.name"))
    if name:
        yield LinkTo("part_of", "k8s.extensions.sandbox_template", within(namespace, name))
