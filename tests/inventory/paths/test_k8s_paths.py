"""From AI that anybody on the internet uses, over its pod, to the cluster, its Secrets and a cloud account."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.documents import Unknown
from inventory.facts.estate import Node
from tests.inventory.facts_k8s.cluster import Json, estate, service, thing, value, workload

ROLE = "arn:aws:iam::111122223333:role/models"
CLUSTER = thing("k8s.cluster", "uid", {}, namespace="")
OPEN = {"name": "a", "image": "ollama/ollama:0.12.9"}
EVERYTHING = [{"apiGroups": ["*"], "verbs": ["*"], "resources": ["*"]}]
SECRETS = [{"apiGroups": [""], "verbs": ["get"], "resources": ["secrets"]}]


def server(name: str = "app", *, container: Json | None = None, **spec: Any) -> Node:
    return workload(name, {**OPEN, **(container or {})}, role="endpoint", **spec)


def around(*nodes: Node, rules: list[Json] | None = None, kind: str = "k8s.cluster_role_binding", **how: Any) -> Any:
    """A cluster with a public Service; the account ml/app has a role with these rules."""
    role = thing("k8s.cluster_role", "r", {"rules": rules or []}, namespace="")
    subject = {"kind": "ServiceAccount", "name": "app", "namespace": "ml"}
    config = {"roleRef": {"kind": "ClusterRole", "name": "r"}, "subjects": [subject]}
    binding = thing(kind, "b", config, namespace="ml" if kind == "k8s.role_binding" else "")
    return estate(CLUSTER, *nodes, service(type="LoadBalancer"), role, binding, **how)


def hops(node: Node, goal: str, cluster: Any) -> list[str]:
    found = value(f"path_to_{goal}", node, cluster)
    return [f"{hop['how']} {hop['ref']}" for hop in found["hops"]] if found else []


def test_the_token_of_a_strong_account_leads_to_control() -> None:
    app = server(serviceAccountName="app")
    assert hops(app, "control", around(app, rules=EVERYTHING)) == [
        "is used by anybody ml/app", "holds the token of ml/app", "may do anything in uid",
    ]  # fmt: skip


def test_a_privileged_container_leads_onto_a_node() -> None:
    app = server(container={"securityContext": {"privileged": True}})
    assert hops(app, "control", around(app)) == ["is used by anybody ml/app", "gets out onto a node of uid"]


def test_rights_on_secrets_lead_to_them_unless_the_whole_cluster_is_won() -> None:
    app = server(serviceAccountName="app")
    reads = around(app, rules=SECRETS, kind="k8s.role_binding")
    assert hops(app, "keys", reads)[-1] == "reads the Secrets of ml"
    assert hops(app, "control", reads) == []
    assert value("path_to_keys", app, around(app, rules=EVERYTHING)) == {"covered": True}


def test_a_cloud_role_is_won_with_the_pod() -> None:
    app = server(serviceAccountName="app")
    account = thing("k8s.service_account", "app", {"metadata": {"annotations": {"eks.amazonaws.com/role-arn": ROLE}}})
    assert hops(app, "cloud", around(app, account))[-1] == f"gets the credentials of {ROLE}"


@pytest.mark.parametrize(
    "spared",
    [
        server(serviceAccountName="app", automountServiceAccountToken=False),
        server(serviceAccountName="app", container={"env": [{"name": "OLLAMA_HOST", "value": "127.0.0.1"}]}),
        workload("app", {"name": "a", "image": "nginx:1"}, serviceAccountName="app"),
        server("inner", serviceAccountName="app"),
        workload("app", OPEN, role="accelerator", serviceAccountName="app"),
    ],
    ids=["no token", "loopback only", "no AI", "no way in", "an exporter of metrics"],
)
def test_what_is_closed_anywhere_on_the_way_is_no_path(spared: Node) -> None:
    assert value("path_to_control", spared, around(spared, rules=EVERYTHING)) is None


def test_a_login_closes_the_path() -> None:
    keyed = {"image": "vllm/vllm-openai:v0.11.2", "args": ["--api-key", "$(KEY)"], "env": [{"name": "KEY"}]}
    app = server(serviceAccountName="app", container=keyed)
    assert value("path_to_control", app, around(app, rules=EVERYTHING)) is None


@pytest.mark.parametrize(
    ("goal", "kind"),
    [("control", "k8s.cluster_role"), ("control", "k8s.service"), ("cloud", "k8s.service_account")],
)
def test_a_path_is_unknown_while_a_part_of_the_way_was_not_read(goal: str, kind: str) -> None:
    app = server(serviceAccountName="app")
    assert isinstance(value(f"path_to_{goal}", app, around(app, rules=EVERYTHING, unread=[kind])), Unknown)


def test_the_change_that_closes_most_paths_is_named_for_all_of_them() -> None:
    one, two = server(serviceAccountName="app"), server("two", serviceAccountName="app")
    cluster = around(one, two, service("two", type="LoadBalancer"), rules=EVERYTHING)
    found = [value("path_to_control", node, cluster) for node in (one, two)]
    assert {path["fix"] for path in found} == {"Let account ml/app do only what its work needs"}
    assert len({path["fix_key"] for path in found}) == 1
    assert [hop["cut"] for hop in found[0]["hops"]] == [False, False, True]
