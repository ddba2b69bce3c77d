"""Verdicts over the shared snapshot, against a second reading of the same manifests that shares no code with rules."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.inventory.facts_k8s import snapshot
from tests.inventory.facts_k8s.snapshot import Json

Reading = Callable[[Json], bool]


def every(spec: Json) -> list[Json]:
    return [*spec["containers"], *spec.get("initContainers", [])]


def security(container: Json) -> Json:
    found: Json = container.get("securityContext") or {}
    return found


def env(spec: Json) -> dict[str, Json]:
    return {item["name"]: item for container in every(spec) for item in container.get("env", [])}


def line(spec: Json) -> str:
    return " ".join(str(w) for c in every(spec) for w in (*(c.get("command") or []), *(c.get("args") or [])))


def literal(spec: Json, *words: str) -> bool:
    return any(item.get("value") and any(w in name for w in words) for name, item in env(spec).items())


# What each rule has to find among AI workloads, read straight from the pod spec.
READINGS: dict[str, Reading] = {
    "k8s-ai-privileged": lambda spec: any(security(c).get("privileged") for c in every(spec)),
    "k8s-ai-host-pid": lambda spec: bool(spec.get("hostPID")),
    "k8s-ai-host-network": lambda spec: bool(spec.get("hostNetwork")),
    "k8s-ai-capability-added": lambda spec: any(security(c).get("capabilities", {}).get("add") for c in every(spec)),
    "k8s-ai-no-memory-limit": lambda spec: any(
        "memory" not in c.get("resources", {}).get("limits", {}) for c in spec["containers"]
    ),
    "k8s-ai-privilege-escalation": lambda spec: any(
        security(c).get("allowPrivilegeEscalation") is not False for c in every(spec)
    ),
    "k8s-ai-writable-root": lambda spec: any(not security(c).get("readOnlyRootFilesystem") for c in spec["containers"]),
    "k8s-ai-host-path-sensitive": lambda spec: any(
        v.get("hostPath", {}).get("path") in ("/", "/var/run/docker.sock") for v in spec.get("volumes", [])
    ),
    "k8s-ai-image-moving-tag": lambda spec: any(
        c["image"].endswith((":latest", ":dev")) or (":" not in c["image"] and "@" not in c["image"])
        for c in every(spec)
    ),
    "k8s-env-secret-literal": lambda spec: literal(spec, "API_KEY", "HF_TOKEN", "PASSWORD"),
    "k8s-model-unsafe-format": lambda spec: ".pkl" in line(spec),
    "k8s-model-plain-http": lambda spec: "http://files.example.net" in line(spec),
    "k8s-model-remote-code": lambda spec: "--trust-remote-code" in line(spec),
    "k8s-triton-model-control-open": lambda spec: "--model-control-mode=explicit" in line(spec),
    "k8s-notebook-no-login": lambda spec: "--ServerApp.token=''" in line(spec),
    "k8s-agent-risky-tools": lambda spec: "AGENT_TOOLS" in env(spec),
    "k8s-agent-outside-tool-server": lambda spec: "MCP_SERVERS" in env(spec),
    "k8s-prompts-traced-outside": lambda spec: "LANGCHAIN_TRACING_V2" in env(spec),
    "k8s-vector-store-resettable": lambda spec: "ALLOW_RESET" in env(spec),
    "k8s-ai-any-origin": lambda spec: any("*" in str(i.get("value")) for i in env(spec).values()),
    "k8s-ai-host-path": lambda spec: any(
        v.get("hostPath", {}).get("path", "").endswith("/.cache/huggingface") for v in spec.get("volumes", [])
    ),
}


@pytest.fixture(scope="module")
def at_hand(request: pytest.FixtureRequest) -> bool:
    """Says so in the output when the snapshot is not there."""
    if not snapshot.present():
        reporter = request.config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.write_line("The shared cluster snapshot is not here: its verdicts were not compared.")
    return snapshot.present()


@pytest.mark.parametrize("rule", sorted(READINGS))
def test_a_rule_fails_exactly_where_the_manifest_shows_it(at_hand: bool, rule: str) -> None:
    if not at_hand:
        return
    roles = snapshot.labels()
    outside = {"not-ai", "accelerator"} if "host" in rule or rule in HARDENING else {"not-ai"}
    expected = {
        ref
        for ref, (_object, spec) in snapshot.raw_workloads().items()
        if roles[ref] not in outside and READINGS[rule](spec)
    }
    found = {ref for ref in snapshot.verdicts()[rule]["fail"] if not ref.startswith(("k8s.serving", "k8s.ray"))}
    assert found == expected
    assert expected


HARDENING = {
    "k8s-ai-privileged",
    "k8s-ai-capability-added",
    "k8s-ai-no-memory-limit",
    "k8s-ai-privilege-escalation",
    "k8s-ai-writable-root",
}


def test_only_accounts_with_a_binding_to_cluster_admin_are_administrators(at_hand: bool) -> None:
    if not at_hand:
        return
    bound = {
        f"{subject['namespace']}/{subject['name']}"
        for binding in snapshot.body("apis_rbac.authorization.k8s.io_v1_clusterrolebindings")
        if binding["roleRef"]["name"] == "cluster-admin"
        for subject in binding.get("subjects", [])
        if subject["kind"] == "ServiceAccount"
    }
    roles = snapshot.labels()
    expected = {
        ref
        for ref, (item, spec) in snapshot.raw_workloads().items()
        if roles[ref] != "not-ai" and f"{item['metadata']['namespace']}/{spec['serviceAccountName']}" in bound
    }
    assert snapshot.verdicts()["k8s-ai-account-cluster-admin"]["fail"] == expected
    assert expected


def test_pods_without_a_policy_are_those_that_no_selector_matches(at_hand: bool) -> None:
    if not at_hand:
        return
    selected = {
        (item["metadata"]["namespace"], item["spec"]["podSelector"].get("matchLabels", {}).get("app", "*"))
        for item in snapshot.body("apis_networking.k8s.io_v1_networkpolicies")
    }
    roles = snapshot.labels()
    expected = {
        ref
        for ref, (item, spec) in snapshot.raw_workloads().items()
        if roles[ref] not in ("not-ai", "accelerator")
        and (
            spec.get("hostNetwork")
            or not selected & {(item["metadata"]["namespace"], app) for app in ("*", item["metadata"]["labels"]["app"])}
        )
    }
    assert snapshot.verdicts()["k8s-ai-no-network-policy"]["fail"] == expected


def test_published_services_of_ai_are_those_of_their_types(at_hand: bool) -> None:
    if not at_hand:
        return
    ai = {ref.partition(" ")[2] for ref, role in snapshot.labels().items() if role not in ("not-ai", "accelerator")}
    expected = {
        f"k8s.service {item['metadata']['namespace']}/{item['metadata']['name']}"
        for item in snapshot.body("api_v1_services")
        if item["spec"]["type"] in ("LoadBalancer", "NodePort")
        and f"{item['metadata']['namespace']}/{item['spec']['selector']['app']}" in ai
    }
    assert snapshot.verdicts()["k8s-ai-service-published"]["fail"] == expected
    assert expected


def test_no_rule_about_pods_speaks_of_what_is_not_ai(at_hand: bool) -> None:
    if not at_hand:
        return
    ordinary = {ref for ref, role in snapshot.labels().items() if role == "not-ai"}
    failed = {(rule, ref) for rule, found in snapshot.verdicts().items() for ref in found["fail"] & ordinary}
    assert failed == set()
