"""Pods, namespaces, nodes, volumes and the cluster as a whole."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.documents import Problem, Unknown, Unread
from inventory.facts.k8s_pod import pod
from tests.inventory.facts_k8s.cluster import Json, estate, policy, thing, value, workload

CLUSTER = thing("k8s.cluster", "c", {}, namespace="")
NAMESPACE = thing("k8s.namespace", "ml", {}, namespace="")
HARDENED = {
    "runAsNonRoot": True,
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


def test_the_pod_view_merges_containers_and_resolves_their_security_settings() -> None:
    around = {"runAsUser": 1000, "runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    seen = pod(
        workload(
            "app",
            {"name": "main", "command": ["serve"], "args": ["--x"], "resources": {"limits": {"nvidia.com/gpu": 1}}},
            {"name": "other", "securityContext": {"runAsUser": 0, "capabilities": {"add": ["CAP_SYS_ADMIN"]}}},
            initContainers=[{"name": "first"}],
            securityContext=around,
        )
    )
    main, other, first = seen["containers"]
    assert (main["part"], main["words"], main["accelerated"]) == ("main", ["serve", "--x"], True)
    assert main["securityContext"]["runAsUser"] == 1000
    assert main["securityContext"]["allowPrivilegeEscalation"] is True
    assert (other["securityContext"]["runAsUser"], other["securityContext"]["capabilities"]["add"]) == (
        0,
        ["SYS_ADMIN"],
    )
    assert (first["part"], seen["serviceAccountName"]) == ("init", "default")


@pytest.mark.parametrize(
    ("container", "spec", "level"),
    [
        ({"securityContext": HARDENED}, {}, "restricted"),
        ({}, {}, "baseline"),
        ({"securityContext": {**HARDENED, "runAsUser": 0}}, {}, "baseline"),
        ({"securityContext": {"privileged": True}}, {}, "privileged"),
        ({"securityContext": HARDENED}, {"hostIPC": True}, "privileged"),
        ({"securityContext": HARDENED, "ports": [{"hostPort": 80}]}, {}, "privileged"),
        ({"securityContext": HARDENED}, {"volumes": [{"name": "h", "hostPath": {"path": "/data"}}]}, "privileged"),
        ({"securityContext": HARDENED}, {"volumes": [{"name": "n", "nfs": {"path": "/data"}}]}, "baseline"),
    ],
)
def test_the_level_of_pod_security_is_the_one_the_template_meets(container: Json, spec: Json, level: str) -> None:
    assert value("pod_security", workload("app", {"name": "a", **container}, **spec))["level"] == level


@pytest.mark.parametrize(
    ("path", "sensitive", "device"),
    [
        ("/", True, False),
        ("/var/run/docker.sock", True, False),
        ("/run/containerd/containerd.sock", True, False),
        ("/etc/kubernetes", True, False),
        ("/data/models", False, False),
        ("/srv/.cache/huggingface", False, False),
        ("/dev/nvidia0", False, True),
    ],
)
def test_paths_of_the_node_are_weighed(path: str, sensitive: bool, device: bool) -> None:
    (found,) = value("host_paths", workload("app", volumes=[{"name": "h", "hostPath": {"path": path}}]))
    assert (found["sensitive"], found["device"]) == (sensitive, device)


def test_a_model_volume_is_writable_unless_mount_or_claim_say_read_only() -> None:
    def mounted(mount: Json, claim: Json) -> Any:
        volume = {"name": "m", "persistentVolumeClaim": {"claimName": "models", **claim}}
        return value(
            "writable_model_volumes", workload("app", {"volumeMounts": [{"name": "m", **mount}]}, volumes=[volume])
        )

    assert mounted({}, {}) == ["models"]
    assert mounted({"readOnly": True}, {}) == []
    assert mounted({}, {"readOnly": True}) == []


def agent(image: str) -> Any:
    return workload("agent", {"image": image}, kind="k8s.daemon_set")


@pytest.mark.parametrize(
    ("fact", "image", "title"),
    [
        ("runtime_sensors", "docker.io/falcosecurity/falco:0.43.0", "Falco"),
        ("runtime_sensors", "quay.io/cilium/tetragon:v1.5.0", "Tetragon"),
        ("log_agents", "cr.fluentbit.io/fluent/fluent-bit:4.1.1", "Fluent Bit"),
        ("gpu_monitors", "nvcr.io/nvidia/k8s/dcgm-exporter:4.4.1", "DCGM exporter"),
    ],
)
def test_agents_of_the_cluster_are_found_by_their_images(fact: str, image: str, title: str) -> None:
    assert value(fact, CLUSTER, estate(agent(image))) == [title]
    assert value(fact, CLUSTER, estate(agent("nginx:1"))) == []
    assert isinstance(value(fact, CLUSTER, estate(unread=["k8s.daemon_set"])), Unknown)


def test_the_audit_log_is_judged_only_where_the_api_server_shows_itself() -> None:
    assert isinstance(value("audit_logging", CLUSTER, estate()), Unknown)
    for flags, expected in (([], False), (["--audit-log-path=/var/log/audit.log"], True)):
        spec = {
            "containers": [{"image": "registry.k8s.io/kube-apiserver:v1.36.2", "command": ["kube-apiserver", *flags]}]
        }
        server = thing("k8s.pod", "kube-apiserver-a", {"spec": spec}, namespace="kube-system")
        assert value("audit_logging", CLUSTER, estate(server)) is expected


def test_image_verification_is_found_in_policies_and_webhooks() -> None:
    rules: Json = {"spec": {"rules": [{"verifyImages": [{}]}]}}
    kyverno = thing("k8s.kyverno.cluster_policy", "signed", rules, namespace="")
    webhook = thing("k8s.validating_webhook_configuration", "policy-controller.sigstore.dev", {}, namespace="")
    assert value("image_verification", CLUSTER, estate(kyverno, webhook)) == [
        "Kyverno policy signed",
        "webhook policy-controller.sigstore.dev",
    ]
    assert value("image_verification", CLUSTER, estate()) == []
    assert isinstance(value("image_verification", CLUSTER, estate(unread=["k8s.kyverno.policy"])), Unknown)


def test_ai_roles_are_counted_by_namespace_and_cluster() -> None:
    around = estate(workload("a", role="endpoint"), workload("b", role="accelerator"), workload("c"))
    assert value("ai_roles", NAMESPACE, around) == {"total": 1, "endpoint": 1, "accelerator": 1}
    assert value("ai_roles", CLUSTER, around)["total"] == 1
    assert isinstance(value("ai_roles", CLUSTER, estate(unread=["k8s.job"])), Unknown)


def test_default_deny_and_quarantine_are_told_from_other_policies() -> None:
    deny = policy("deny", policyTypes=["Ingress", "Egress"])
    some = policy("some", podSelector={"matchLabels": {"app": "x"}}, policyTypes=["Ingress"])
    cut = policy("cut", podSelector={"matchLabels": {"quarantine": "true"}}, policyTypes=["Ingress", "Egress"])
    assert value("default_deny", NAMESPACE, estate(deny)) == {"ingress": True, "egress": True}
    assert value("default_deny", NAMESPACE, estate(some)) == {"ingress": False, "egress": False}
    assert value("quarantine", NAMESPACE, estate(cut)) is True
    assert value("quarantine", NAMESPACE, estate(deny)) is False


def test_a_quota_limits_accelerators_only_when_it_names_them() -> None:
    gpu = workload("a", {"resources": {"limits": {"nvidia.com/gpu": "1"}}})
    for hard, limited in (({"count/jobs.batch": "5"}, False), ({"requests.nvidia.com/gpu": "4"}, True)):
        quota = thing("k8s.resource_quota", "q", {"spec": {"hard": hard}})
        assert value("accelerator_quota", NAMESPACE, estate(gpu, quota)) == {
            "asked": ["nvidia.com/gpu"],
            "limited": limited,
        }


def test_tenants_of_a_shared_accelerator_are_the_namespaces_that_run_there() -> None:
    labels = {"metadata": {"labels": {"nvidia.com/gpu.sharing-strategy": "time-slicing"}}}
    node = thing("k8s.node", "gpu-1", labels, namespace="")
    gpu = {"containers": [{"resources": {"limits": {"nvidia.com/gpu": "1"}}}]}
    running = {"runningPods": {"nodes": ["gpu-1"]}}
    tenants = [
        thing("k8s.deployment", "a", {"spec": {"template": {"spec": gpu}}, **running}, namespace=namespace)
        for namespace in ("red", "blue")
    ]
    assert value("sharing", node)["strategy"] == "time-slicing"
    assert value("accelerator_tenants", node, estate(node, *tenants)) == ["blue", "red"]
    unread = [Unread("runningPods", Problem.DENIED)]
    somewhere = thing("k8s.deployment", "c", {"spec": {"template": {"spec": gpu}}}, unread=unread)
    assert isinstance(value("accelerator_tenants", node, estate(node, *tenants, somewhere)), Unknown)


@pytest.mark.parametrize(
    ("storage", "expected"),
    [
        ({"provisioner": "ebs.csi.aws.com", "parameters": {"encrypted": "true"}}, True),
        ({"provisioner": "ebs.csi.aws.com", "parameters": {"encrypted": "false"}}, False),
        ({"provisioner": "ebs.csi.aws.com"}, None),
        ({"provisioner": "disk.csi.azure.com"}, True),
        ({"provisioner": "rancher.io/local-path"}, False),
        ({"provisioner": "some.csi.example"}, None),
    ],
)
def test_encryption_of_a_volume_is_known_only_where_the_class_tells(storage: Json, expected: bool | None) -> None:
    claim = thing("k8s.persistent_volume_claim", "c", {"spec": {"storageClassName": "s"}})
    known = thing("k8s.storage_class", "s", storage, namespace="")
    found = value("encrypted_at_rest", claim, estate(claim, known))
    assert isinstance(found, Unknown) if expected is None else found is expected


def test_a_claim_on_a_directory_of_a_node_is_not_encrypted() -> None:
    claim = thing("k8s.persistent_volume_claim", "c", {"spec": {}})
    volume = thing("k8s.persistent_volume", "v", {"spec": {"hostPath": {"path": "/data"}}}, namespace="")
    assert value("encrypted_at_rest", claim, estate(claim, volume, links=[(claim, "bound_to", volume)])) is False


def test_a_gateway_is_bypassed_only_where_there_is_one() -> None:
    key = {"name": "OPENAI_API_KEY", "value": "x"}
    app = workload("app", {"image": "x/y:1", "env": [key]}, role="api-client")
    gateway = workload("gw", {"image": "ghcr.io/berriai/litellm:v1"}, role="gateway")
    assert value("gateway_bypassed", app, estate(app, gateway)) is True
    assert value("gateway_bypassed", app, estate(app)) is False
    assert isinstance(value("gateway_bypassed", app, estate(app, unread=["k8s.deployment"])), Unknown)


def test_metrics_are_collected_by_annotation_or_by_a_monitor() -> None:
    app = workload("app")
    monitor = thing("k8s.monitoring.pod_monitor", "m", {"spec": {"selector": {"matchLabels": {"app": "app"}}}})
    assert value("scraped", app, estate(app)) is False
    assert value("scraped", app, estate(app, monitor)) is True
    assert isinstance(value("scraped", app, estate(app, unread=["k8s.monitoring.pod_monitor"])), Unknown)
