"""What a cluster, a namespace or a node provides for the AI that runs there."""

from __future__ import annotations

from collections.abc import Iterable

from inventory.documents import Document, Unknown
from inventory.facts.estate import Estate, Node
from inventory.facts.k8s_network import selects, services_of, spec_of
from inventory.facts.k8s_pod import WORKLOADS, accelerators, containers, labels_of, pod_annotations
from inventory.facts.k8s_policies import enforcement, openness, policy_types
from inventory.facts.registry import fact
from inventory.recognition.images import parse_image
from inventory.recognition.workloads import listed, mapping, mappings, pod_specs, text, words

_SENSORS = {
    "falcosecurity/falco": "Falco",
    "cilium/tetragon": "Tetragon",
    "aquasec/": "Aqua",
    "aquasecurity/tracee": "Tracee",
    "sysdig/agent": "Sysdig",
    "falcon-sensor": "CrowdStrike Falcon",
    "kubearmor/": "KubeArmor",
    "azuredefender/": "Microsoft Defender",
    "wiz-sensor": "Wiz",
    "sentinelone": "SentinelOne",
    "kubescape/node-agent": "Kubescape",
    "datadog/agent": "Datadog",
    "neuvector/enforcer": "NeuVector",
    "twistlock/defender": "Prisma Cloud",
    "stackrox-io/collector": "StackRox",
}
_LOG_AGENTS = {
    "fluent/fluent-bit": "Fluent Bit",
    "fluentd": "Fluentd",
    "timberio/vector": "Vector",
    "grafana/alloy": "Grafana Alloy",
    "grafana/promtail": "Promtail",
    "beats/filebeat": "Filebeat",
    "opentelemetry-collector": "OpenTelemetry Collector",
    "datadog/agent": "Datadog",
    "cloudwatch-agent": "CloudWatch agent",
    "aws-for-fluent-bit": "Fluent Bit",
    "splunk/": "Splunk",
}
_GPU_MONITORS = {
    "dcgm-exporter": "DCGM exporter",
    "device-metrics-exporter": "AMD device metrics exporter",
    "neuron-monitor": "Neuron monitor",
    "xpumanager": "Intel XPU manager",
}
_AUDIT_FLAGS = ("--audit-log-path", "--audit-webhook-config-file")
_QUARANTINE = ("quarantine", "isolate", "isolation")


def _found(estate: Estate, marks: dict[str, str], kinds: Iterable[str]) -> list[str]:
    names = {
        title
        for kind in kinds
        for node in estate.all(kind)
        for container in containers(node)
        for mark, title in marks.items()
        if mark in parse_image(container.image).path
    }
    return sorted(names)


def _agents(estate: Estate, marks: dict[str, str], *kinds: str) -> list[str] | Unknown:
    found = _found(estate, marks, kinds)
    missing = next((kind for kind in kinds if not estate.complete(kind)), None)
    if not found and missing is not None:
        return Unknown(f"Not every {missing.rpartition('.')[2].replace('_', ' ')} could be read.")
    return found


@fact("runtime_sensors", kinds=("k8s.cluster",), looks_at=("k8s.daemon_set",), title="Runtime security sensors")
def runtime_sensors(node: Node, estate: Estate) -> list[str] | Unknown:
    """Sensors that watch running containers, found as DaemonSets."""
    return _agents(estate, _SENSORS, "k8s.daemon_set")


@fact("log_agents", kinds=("k8s.cluster",), looks_at=("k8s.daemon_set",), title="Log shippers")
def log_agents(node: Node, estate: Estate) -> list[str] | Unknown:
    """Agents that ship container logs, found as DaemonSets."""
    return _agents(estate, _LOG_AGENTS, "k8s.daemon_set")


@fact(
    "gpu_monitors",
    kinds=("k8s.cluster",),
    looks_at=("k8s.daemon_set", "k8s.deployment"),
    title="Exporters of accelerator metrics",
)
def gpu_monitors(node: Node, estate: Estate) -> list[str] | Unknown:
    """Exporters that report use and health of accelerators."""
    return _agents(estate, _GPU_MONITORS, "k8s.daemon_set", "k8s.deployment")


@fact("accelerator_nodes", kinds=("k8s.cluster",), looks_at=("k8s.node",), title="Nodes with accelerators")
def accelerator_nodes(node: Node, estate: Estate) -> int | Unknown:
    """How many nodes have accelerators."""
    if not estate.complete("k8s.node"):
        return Unknown("Not every node could be read.")
    return sum(other.ai_role == "accelerator" for other in estate.all("k8s.node"))


@fact("ai_roles", kinds=("k8s.cluster", "k8s.namespace"), looks_at=("k8s.pod_template",), title="AI workloads by role")
def ai_roles(node: Node, estate: Estate) -> Document | Unknown:
    """How many workloads and custom resources of each AI role there are; in a namespace or the whole cluster."""
    if not estate.complete("k8s.pod_template"):
        return Unknown("Not every workload could be read.")
    counts: dict[str, int] = {"total": 0}
    for other in _templates(node, estate):
        if other.ai_role:
            counts[other.ai_role] = counts.get(other.ai_role, 0) + 1
            counts["total"] += other.ai_role != "accelerator"
    return counts


def _templates(node: Node, estate: Estate) -> Iterable[Node]:
    if node.kind == "k8s.cluster":
        return estate.all("k8s.pod_template")
    return estate.in_place("k8s.pod_template", node.name)


@fact("audit_logging", kinds=("k8s.cluster",), looks_at=("k8s.pod",), title="API audit log")
def audit_logging(node: Node, estate: Estate) -> bool | Unknown:
    """Whether the API server writes an audit log, where its own pod can be seen."""
    return _api_server_flag(estate, _AUDIT_FLAGS)


@fact("secrets_encrypted", kinds=("k8s.cluster",), looks_at=("k8s.pod",), title="Secrets encrypted at rest")
def secrets_encrypted(node: Node, estate: Estate) -> bool | Unknown:
    """Whether the API server is told to encrypt Secrets, where its own pod can be seen."""
    return _api_server_flag(estate, ("--encryption-provider-config",))


def _api_server_flag(estate: Estate, flags: tuple[str, ...]) -> bool | Unknown:
    servers = [
        container
        for pod in estate.in_place("k8s.pod", "kube-system")
        for container in containers(pod)
        if "kube-apiserver" in words(container.line)[:1] or parse_image(container.image).name == "kube-apiserver"
    ]
    if not servers:
        return Unknown("The API server is managed and does not show its settings here.")
    return all(any(flag in words(server.line) for flag in flags) for server in servers)


_VERIFIERS = (
    "k8s.kyverno.cluster_policy",
    "k8s.kyverno.policy",
    "k8s.validating_admission_policy",
    "k8s.validating_webhook_configuration",
)


@fact("image_verification", kinds=("k8s.cluster",), looks_at=_VERIFIERS, title="Checks image signatures at admission")
def image_verification(node: Node, estate: Estate) -> list[str] | Unknown:
    """Policies and webhooks that verify who signed an image."""
    found = [
        f"Kyverno policy {policy.name}"
        for kind in _VERIFIERS[:2]
        for policy in estate.all(kind)
        if any(rule.get("verifyImages") for rule in mappings(spec_of(policy).get("rules")))
    ]
    marks = ("cosign", "sigstore", "ratify", "connaisseur", "policy-controller", "portieris", "image-signature")
    for hook in estate.all("k8s.validating_webhook_configuration"):
        if any(mark in hook.name.lower() for mark in marks):
            found.append(f"webhook {hook.name}")
    missing = next((kind for kind in _VERIFIERS if not estate.complete(kind)), None)
    if not found and missing is not None:
        return Unknown("Not every admission policy and webhook could be read.")
    return sorted(found)


@fact(
    "default_deny",
    kinds=("k8s.namespace",),
    looks_at=("k8s.network_policy", "k8s.daemon_set"),
    title="Denies traffic by default",
)
def default_deny(node: Node, estate: Estate) -> Document | Unknown:
    """Whether a policy that selects every pod of the namespace denies what no other policy allows."""
    if not estate.complete("k8s.network_policy"):
        return Unknown("Not every network policy could be read.")
    whole = [
        spec
        for policy in estate.in_place("k8s.network_policy", node.name)
        if mapping((spec := spec_of(policy)).get("podSelector")) == {}
    ]
    enforced = enforcement(estate) if whole else ""
    if isinstance(enforced, Unknown):
        return enforced
    whole = whole if enforced else []
    return {
        "ingress": any("Ingress" in policy_types(s) and openness([s], "ingress", "from") == "deny" for s in whole),
        "egress": any("Egress" in policy_types(s) and openness([s], "egress", "to") == "deny" for s in whole),
    }


@fact("quarantine", kinds=("k8s.namespace",), looks_at=("k8s.network_policy",), title="Has a quarantine policy")
def quarantine(node: Node, estate: Estate) -> bool | Unknown:
    """Whether a deny-all policy waits for pods with a quarantine label, so that one can be isolated at once."""
    if not estate.complete("k8s.network_policy"):
        return Unknown("Not every network policy could be read.")
    for policy in estate.in_place("k8s.network_policy", node.name):
        spec = spec_of(policy)
        labels = mapping(mapping(spec.get("podSelector")).get("matchLabels"))
        named = any(word in f"{key} {value}".lower() for key, value in labels.items() for word in _QUARANTINE)
        denies = {"Ingress", "Egress"} <= set(policy_types(spec)) and not spec.get("ingress") and not spec.get("egress")
        if named and denies:
            return True
    return False


@fact(
    "accelerator_quota",
    kinds=("k8s.namespace",),
    looks_at=(*WORKLOADS, "k8s.resource_quota", "k8s.kueue.local_queue"),
    title="Accelerators asked for, and their quota",
)
def accelerator_quota(node: Node, estate: Estate) -> Document | Unknown:
    """`asked`: workloads here ask for accelerators; `limited`: a ResourceQuota or a Kueue queue bounds them."""
    if not (estate.complete("k8s.resource_quota") and estate.complete("k8s.workload")):
        return Unknown("Not every resource quota and workload could be read.")
    asked = {
        name
        for workload in estate.in_place("k8s.workload", node.name)
        for _path, spec in pod_specs(workload.kind, workload.config)
        for raw in mappings(spec.get("containers"))
        for name in accelerators(raw)
    }
    bounded = {
        key for quota in estate.in_place("k8s.resource_quota", node.name) for key in mapping(spec_of(quota).get("hard"))
    }
    queues = bool(estate.in_place("k8s.kueue.local_queue", node.name))
    limited = queues or any(f"requests.{name}" in bounded or f"limits.{name}" in bounded for name in asked)
    unread = None if limited else estate.read.unread(["k8s.kueue.local_queue"])
    if unread is not None:
        return unread
    return {"asked": sorted(asked), "limited": limited}


@fact("sharing", kinds=("k8s.node",), title="How its accelerators are shared")
def sharing(node: Node, estate: Estate) -> Document:
    """`strategy` is none, time-slicing, mps or mig; `tainted`: only pods that tolerate it are placed on the node."""
    labels = mapping(mapping(node.config.get("metadata")).get("labels"))
    strategy = text(labels.get("nvidia.com/gpu.sharing-strategy")).lower()
    if not strategy or strategy == "none":
        shared = text(labels.get("nvidia.com/gpu.product")).endswith("-SHARED")
        strategy = "time-slicing" if shared else "mig" if text(labels.get("nvidia.com/mig.strategy")) else "none"
    taints = [t for t in mappings(spec_of(node).get("taints")) if t.get("effect") in ("NoSchedule", "NoExecute")]
    tainted = any(not text(taint.get("key")).startswith("node.kubernetes.io/") for taint in taints)
    return {"strategy": strategy, "tainted": tainted}


@fact(
    "accelerator_tenants",
    kinds=("k8s.node",),
    looks_at=WORKLOADS,
    title="Namespaces that use its accelerators",
)
def accelerator_tenants(node: Node, estate: Estate) -> list[str] | Unknown:
    """Namespaces whose workloads with accelerators run on the node."""
    if not estate.complete("k8s.workload"):
        return Unknown("Not every workload could be read.")
    if any(workload.unknown("runningPods") is not None for workload in estate.all("k8s.workload")):
        return Unknown("Not every pod could be read, so where workloads run is not known.")
    by_node: dict[str, set[str]] = estate.once("accelerated namespaces by node", lambda: _accelerated(estate))
    return sorted(by_node.get(node.name, set()))


def _accelerated(estate: Estate) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for workload in estate.all("k8s.workload"):
        running = listed(mapping(workload.config.get("runningPods")).get("nodes"))
        specs = pod_specs(workload.kind, workload.config) if running else []
        if any(accelerators(raw) for _path, spec in specs for raw in mappings(spec.get("containers"))):
            for name in running:
                found.setdefault(name, set()).add(workload.place)
    return found


@fact("scraped", kinds=WORKLOADS, title="Its metrics are collected",
      looks_at=("k8s.service", "k8s.monitoring.service_monitor", "k8s.monitoring.pod_monitor"))  # fmt: skip
def scraped(node: Node, estate: Estate) -> bool | Unknown:
    """Whether Prometheus is told to read its metrics, by annotation or by a monitor that selects it."""
    if text(pod_annotations(node).get("prometheus.io/scrape")) == "true":
        return True
    services = services_of(node, estate)
    if any(_annotated(service) for service in services):
        return True
    for monitor in estate.all("k8s.monitoring.pod_monitor"):
        if selects(mapping(spec_of(monitor).get("selector")), labels_of(node)):
            return True
    for monitor in estate.all("k8s.monitoring.service_monitor"):
        if any(selects(mapping(spec_of(monitor).get("selector")), service.tags) for service in services):
            return True
    complete = estate.complete("k8s.monitoring.service_monitor") and estate.complete("k8s.monitoring.pod_monitor")
    return False if complete else Unknown("Not every monitor could be read.")


def _annotated(service: Node) -> bool:
    annotations = mapping(mapping(service.config.get("metadata")).get("annotations"))
    return text(annotations.get("prometheus.io/scrape")) == "true"
