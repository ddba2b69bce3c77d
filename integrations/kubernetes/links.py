"""Edges that one document states by itself. What needs a selector is derived later, over all documents."""

from __future__ import annotations

import re
from collections.abc import Iterator

from integrations.kubernetes.paths import each, get, mapping, mappings, sequence, text
from inventory.documents import Document, LinkTo

SERVICE, CONFIG_MAP = "k8s.service", "k8s.config_map"
ROUTED_TO = {
    "Service": SERVICE,
    "InferencePool": "k8s.inference.inference_pool",
    "AgentgatewayBackend": "k8s.agentgateway.agentgateway_backend",
}
_ECR = re.compile(r"^(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/([^:@]+)")
_S3 = re.compile(r"\bs3a?://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])")


def within(namespace: str, name: str) -> str:
    return f"{namespace}/{name}" if namespace else name


def containers(pod_spec: Document) -> Iterator[Document]:
    for field in ("initContainers", "containers", "ephemeralContainers"):
        yield from mappings(pod_spec.get(field))


def pod_links(pod_spec: Document, namespace: str, *, otherwise: str = "") -> Iterator[LinkTo]:
    """What a pod template names: its account (`otherwise` when it names none), volumes, images and buckets."""
    account = text(pod_spec.get("serviceAccountName")) or otherwise
    if account:
        yield LinkTo("runs_as", "k8s.service_account", within(namespace, account))
    for volume in mappings(pod_spec.get("volumes")):
        yield from _volume_links(volume, namespace)
    for container in containers(pod_spec):
        yield from _container_links(container, namespace)


def _volume_links(volume: Document, namespace: str) -> Iterator[LinkTo]:
    claim = text(get(volume, "persistentVolumeClaim.claimName"))
    if claim:
        yield LinkTo("mounts", "k8s.persistent_volume_claim", within(namespace, claim))
    names = [text(get(volume, "configMap.name"))]
    names += [text(get(source, "configMap.name")) for source in mappings(get(volume, "projected.sources"))]
    yield from (LinkTo("mounts", CONFIG_MAP, within(namespace, name)) for name in names if name)


def _container_links(container: Document, namespace: str) -> Iterator[LinkTo]:
    names = [text(get(source, "configMapRef.name")) for source in mappings(container.get("envFrom"))]
    names += [text(get(env, "valueFrom.configMapKeyRef.name")) for env in mappings(container.get("env"))]
    yield from (LinkTo("mounts", CONFIG_MAP, within(namespace, name)) for name in names if name)
    found = _ECR.match(text(container.get("image")))
    if found:
        account, region, repository = found.groups()
        yield LinkTo("runs_image", "aws.ecr.repository", f"arn:aws:ecr:{region}:{account}:repository/{repository}")
    for words in (*sequence(container.get("command")), *sequence(container.get("args"))):
        yield from _buckets(text(words), "loads" if "model" in text(words).lower() else "reads_data")
    for env in mappings(container.get("env")):
        yield from _buckets(
            text(env.get("value")), "loads" if "MODEL" in text(env.get("name")).upper() else "reads_data"
        )


def _buckets(words: str, link_type: str) -> Iterator[LinkTo]:
    if "s3" in words:
        yield from (LinkTo(link_type, "aws.s3.bucket", f"arn:aws:s3:::{name}") for name in _S3.findall(words))


def runs_on(pod: Document, _namespace: str) -> Iterator[LinkTo]:
    node = text(get(pod, "spec.nodeName"))
    if node:
        yield LinkTo("runs_on", "k8s.node", node)


def cloud_role(account: Document, _namespace: str) -> Iterator[LinkTo]:
    """The AWS role that pods of this service account may assume (IAM roles for service accounts)."""
    role = text(mapping(get(account, "metadata.annotations")).get("eks.amazonaws.com/role-arn"))
    if role:
        yield LinkTo("uses_role", "aws.iam.role", role)


def bound_volume(claim: Document, _namespace: str) -> Iterator[LinkTo]:
    volume = text(get(claim, "spec.volumeName"))
    if volume:
        yield LinkTo("bound_to", "k8s.persistent_volume", volume)


def binding(document: Document, namespace: str) -> Iterator[LinkTo]:
    role = mapping(document.get("roleRef"))
    name = text(role.get("name"))
    if role.get("kind") == "Role":
        yield LinkTo("binds", "k8s.role", within(namespace, name))
    elif name:
        yield LinkTo("binds", "k8s.cluster_role", name)
    for subject in mappings(document.get("subjects")):
        if subject.get("kind") == "ServiceAccount":
            home = text(subject.get("namespace")) or namespace
            yield LinkTo("grants_to", "k8s.service_account", within(home, text(subject.get("name"))))


def ingress_backends(ingress: Document, namespace: str) -> Iterator[LinkTo]:
    backends = [mapping(get(ingress, "spec.defaultBackend"))]
    backends += [mapping(path.get("backend")) for path in each(ingress, "spec.rules[].http.paths[]")]
    for backend in backends:
        name = text(get(backend, "service.name"))
        if name:
            yield LinkTo("routes_to", SERVICE, within(namespace, name))


def route_backends(route: Document, namespace: str) -> Iterator[LinkTo]:
    for backend in each(route, "spec.rules[].backendRefs[]"):
        name, home = text(backend.get("name")), text(backend.get("namespace")) or namespace
        kind = ROUTED_TO.get(backend.get("kind", "Service"))
        if name and kind:
            yield LinkTo("routes_to", kind, within(home, name))
    for parent in each(route, "spec.parentRefs[]"):
        name, home = text(parent.get("name")), text(parent.get("namespace")) or namespace
        if name and parent.get("kind", "Gateway") == "Gateway":
            yield LinkTo("part_of", "k8s.gateway", within(home, name))


def openshift_route(route: Document, namespace: str) -> Iterator[LinkTo]:
    for backend in (mapping(get(route, "spec.to")), *each(route, "spec.alternateBackends[]")):
        if text(backend.get("name")):
            yield LinkTo("routes_to", SERVICE, within(namespace, backend["name"]))


def virtual_service(document: Document, namespace: str) -> Iterator[LinkTo]:
    for protocol in ("http", "tls", "tcp"):
        for route in each(document, f"spec.{protocol}[].route[]"):
            host = text(get(route, "destination.host"))
            name, _, rest = host.partition(".")
            home = rest.partition(".")[0] or namespace
            internal = not rest or "." not in rest or rest.endswith((".svc", ".svc.cluster.local"))
            if name and internal:
                yield LinkTo("routes_to", SERVICE, within(home, name))


def policy_binding(document: Document, _namespace: str) -> Iterator[LinkTo]:
    name = text(get(document, "spec.policyName"))
    if name:
        yield LinkTo("binds", "k8s.validating_admission_policy", name)


def webhook_services(document: Document, _namespace: str) -> Iterator[LinkTo]:
    for hook in each(document, "webhooks[]"):
        service = mapping(get(hook, "clientConfig.service"))
        if text(service.get("name")):
            yield LinkTo("routes_to", SERVICE, within(text(service.get("namespace")), service["name"]))


def agent_tools(agent: Document, namespace: str) -> Iterator[LinkTo]:
    """The tools, models and other agents that a kagent Agent names."""
    kinds = {
        "MCPServer": "k8s.kagent.mcp_server",
        "RemoteMCPServer": "k8s.kagent.remote_mcp_server",
        "ToolServer": "k8s.kagent.tool_server",
    }
    for tool in (*each(agent, "spec.declarative.tools[]"), *each(agent, "spec.tools[]")):
        server = mapping(tool.get("mcpServer"))
        kind = kinds.get(text(server.get("kind")) or "RemoteMCPServer")
        name = text(server.get("name")) or text(server.get("toolServer"))
        if name and kind:
            yield LinkTo("has_tool", kind, within(namespace, name.rpartition("/")[2]))
        other = text(get(tool, "agent.name")) or text(get(tool, "agent.ref"))
        if other:
            yield LinkTo("delegates_to", "k8s.kagent.agent", within(namespace, other.rpartition("/")[2]))


_STORAGE_FIELDS = frozenset(
    {"storageUri", "storageUris", "uri", "sourceModelUri", "modelUri", "url", "modelRepository", "pvc", "claimName"}
)


def model_storage(document: Document, namespace: str) -> Iterator[LinkTo]:
    """Where a custom resource says that its model is kept."""
    yield from _storage(document.get("spec") or document, "", namespace, 0)


def _storage(value: object, field: str, namespace: str, depth: int) -> Iterator[LinkTo]:
    if depth > 12:
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _storage(inner, name, namespace, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _storage(inner, field, namespace, depth + 1)
    elif isinstance(value, str) and field in _STORAGE_FIELDS:
        yield from _storage_link(value, field, namespace)


def _storage_link(value: str, field: str, namespace: str) -> Iterator[LinkTo]:
    yield from _buckets(value, "loads")
    claim = value.removeprefix("pvc://").partition("/")[0] if value.startswith("pvc://") else ""
    if field == "claimName":
        claim = value
    if claim:
        yield LinkTo("mounts", "k8s.persistent_volume_claim", within(namespace, claim))
