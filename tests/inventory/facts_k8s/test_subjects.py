"""Who may enter or change a workload, who writes its models, what runs besides its template, and its cloud role."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.documents import LinkTo, Problem, Unknown, Unread
from inventory.facts.k8s_cloud import workload_role
from tests.inventory.facts_k8s.cluster import Json, estate, thing, value, workload
from tests.inventory.facts_k8s.test_access import APP, bound, rule

EXEC = [rule(["create"], ["pods/exec"])]
CHANGE = [{"apiGroups": ["apps"], "verbs": ["patch"], "resources": ["deployments"]}]


@pytest.mark.parametrize(
    ("rules", "enter", "change"),
    [(EXEC, ["User anna"], []), (CHANGE, [], ["User anna"]), ([rule(["get"], ["pods"])], [], [])],
)
def test_who_may_enter_or_change_a_workload_is_named(rules: list[Json], enter: list[str], change: list[str]) -> None:
    found = value("subjects", APP, bound(rules, subject={"kind": "User", "name": "anna"}))
    assert (found["enter"], found["change"], found["everybody"]) == (enter, change, False)


@pytest.mark.parametrize(
    ("subject", "named", "everybody"),
    [
        ({"kind": "ServiceAccount", "name": "ci", "namespace": "build"}, ["ServiceAccount build/ci"], False),
        ({"kind": "ServiceAccount", "name": "app", "namespace": "ml"}, [], False),
        ({"kind": "ServiceAccount", "name": "x", "namespace": "kube-system"}, [], False),
        ({"kind": "Group", "name": "system:masters"}, [], False),
        ({"kind": "Group", "name": "system:authenticated"}, ["everybody with a login"], True),
        ({"kind": "Group", "name": "system:serviceaccounts"}, ["every service account"], True),
        ({"kind": "Group", "name": "system:serviceaccounts:web"}, ["every service account in web"], True),
    ],
)
def test_parts_of_the_cluster_are_left_out_and_everybody_is_told(
    subject: Json, named: list[str], everybody: bool
) -> None:
    found = value("subjects", APP, bound(EXEC, wide=True, subject=subject))
    assert (found["enter"], found["everybody"]) == (named, everybody)


def test_a_binding_of_another_namespace_does_not_count() -> None:
    away = thing("k8s.deployment", "app", APP.config, namespace="web")
    assert value("subjects", away, bound(EXEC, subject={"kind": "User", "name": "anna"}))["enter"] == []


def test_subjects_are_unknown_while_a_binding_may_be_missing() -> None:
    assert isinstance(value("subjects", APP, bound(EXEC, unread=("k8s.role_binding",))), Unknown)


def test_a_role_that_gathers_others_counts_with_their_rules() -> None:
    gathers = {"aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"into": "ml"}}]}, "rules": None}
    part = {"metadata": {"labels": {"into": "ml"}}, "rules": [rule(["get"], ["secrets"])]}
    role, other = (
        thing("k8s.cluster_role", "r", gathers, namespace=""), thing("k8s.cluster_role", "p", part, namespace=""),
    )  # fmt: skip
    subject = {"kind": "ServiceAccount", "name": "app", "namespace": "ml"}
    binding = thing("k8s.role_binding", "b", {"roleRef": {"kind": "ClusterRole", "name": "r"}, "subjects": [subject]})
    assert value("permissions", APP, estate(APP, role, other, binding))["reads_secrets"] is True


@pytest.mark.parametrize(
    ("rules", "how"),
    [
        ([rule(["impersonate"], ["groups"])], ["act as others"]),
        ([rule(["create"], ["serviceaccounts/token"])], ["make tokens of other accounts"]),
        ([rule(["get"], ["nodes/proxy"])], ["reach the kubelets past the API server"]),
        ([rule(["approve"], ["signers"])], ["sign certificates"]),
        ([rule(["get"], ["pods"])], []),
    ],
)
def test_it_is_told_how_rights_lead_to_more(rules: list[Json], how: list[str]) -> None:
    assert value("permissions", APP, bound(rules))["escalations"] == how


def test_secrets_that_are_named_one_by_one_are_told() -> None:
    found = value("permissions", APP, bound([rule(["get"], ["secrets"], resourceNames=["model-key"])]))
    assert (found["reads_secrets"], found["named_secrets"]) == (False, ["model-key"])


def mounting(name: str, *, read_only: bool) -> Any:
    mount = {"name": "m", "mountPath": "/models", "readOnly": read_only}
    volume = {"name": "m", "persistentVolumeClaim": {"claimName": "models"}}
    return workload(name, {"name": "a", "volumeMounts": [mount]}, volumes=[volume])


def test_who_writes_a_model_volume_is_named_also_through_another_claim() -> None:
    claim, other = (
        thing("k8s.persistent_volume_claim", "models", {}, namespace=place) for place in ("ml", "lab")
    )  # fmt: skip
    behind = {"spec": {"csi": {"driver": "efs.csi.aws.com", "volumeHandle": "fs-1"}}}
    volumes = [thing("k8s.persistent_volume", name, behind, namespace="") for name in ("a", "b")]
    server, loader = mounting("server", read_only=True), mounting("loader", read_only=False)
    lab = thing("k8s.deployment", "lab", loader.config, namespace="lab")
    links = [
        (claim, "bound_to", volumes[0]), (other, "bound_to", volumes[1]), (server, "mounts", claim),
        (loader, "mounts", claim), (lab, "mounts", other),
    ]  # fmt: skip
    around = estate(claim, other, *volumes, server, loader, lab, links=links)
    assert value("shared_with", claim, around) == ["lab/models"]
    assert value("written_by", claim, around) == ["Deployment lab/lab", "Deployment ml/loader"]


def test_writers_are_unknown_while_workloads_may_be_missing() -> None:
    claim = thing("k8s.persistent_volume_claim", "models")
    assert isinstance(value("written_by", claim, estate(claim, unread=["k8s.deployment"])), Unknown)


RUNNING = {
    "images": {"a": ["x@sha256:1"]},
    "builds": {"a": {"x:1": ["x@sha256:1", "x@sha256:2"], "y:2": ["y@sha256:3"]}},
    "settings": ["a: privileged", "hostNetwork", "istio-init: capability NET_ADMIN"],
}


def test_what_runs_is_compared_with_the_template() -> None:
    template = {"spec": {"template": {"spec": {"hostNetwork": True, "containers": [{"name": "a", "image": "x:1"}]}}}}
    found = value("drift", thing("k8s.deployment", "app", {**template, "runningPods": RUNNING}))
    assert found == {"running": True, "images": ["y:2"], "settings": ["a: privileged"], "rebuilt": ["x:1"]}


def test_drift_is_unknown_while_pods_were_not_read() -> None:
    unread = [Unread("runningPods", Problem.DENIED)]
    assert isinstance(value("drift", thing("k8s.deployment", "app", {}, unread=unread)), Unknown)


def test_a_workload_acts_with_the_cloud_role_of_its_account() -> None:
    role = "arn:aws:iam::111122223333:role/models"
    account = thing("k8s.service_account", "app", {"metadata": {"annotations": {"eks.amazonaws.com/role-arn": role}}})
    around = estate(APP, account)
    assert value("cloud_identity", APP, around) == {"provider": "aws", "name": role}
    assert list(workload_role(APP, around)) == [LinkTo("uses_role", "aws.iam.role", role)]
    assert value("cloud_identity", APP, estate(APP)) == {"provider": "", "name": ""}
    assert isinstance(value("cloud_identity", APP, estate(APP, unread=["k8s.service_account"])), Unknown)


@pytest.mark.parametrize(
    ("spec", "annotations", "ranges"),
    [
        ({}, {}, []),
        ({"loadBalancerSourceRanges": ["203.0.113.0/24"]}, {}, ["203.0.113.0/24"]),
        ({"loadBalancerSourceRanges": ["203.0.113.0/24", "0.0.0.0/0"]}, {}, []),
        ({}, {"service.beta.kubernetes.io/load-balancer-source-ranges": "10.0.0.0/8, 192.0.2.1/32"},
         ["10.0.0.0/8", "192.0.2.1/32"]),
    ],
)  # fmt: skip
def test_the_addresses_that_a_load_balancer_lets_in(spec: Json, annotations: Json, ranges: list[str]) -> None:
    service = thing("k8s.service", "app", {"metadata": {"annotations": annotations}, "spec": spec})
    assert value("source_ranges", service) == ranges
