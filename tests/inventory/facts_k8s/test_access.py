"""What RBAC gives to the account of a workload."""

from __future__ import annotations

import pytest

from inventory.documents import Unknown
from inventory.facts.estate import Estate, Node
from tests.inventory.facts_k8s.cluster import Json, estate, thing, value, workload

APP = workload("app", serviceAccountName="app")


def bound(
    rules: list[Json], *, wide: bool = False, subject: Json | None = None, unread: tuple[str, ...] = ()
) -> Estate:
    """A cluster in which a role with these rules is bound to the account ml/app."""
    role = thing("k8s.cluster_role", "r", {"rules": rules}, namespace="")
    who = subject or {"kind": "ServiceAccount", "name": "app", "namespace": "ml"}
    config = {"roleRef": {"kind": "ClusterRole", "name": "r"}, "subjects": [who]}
    binding = (
        thing("k8s.cluster_role_binding", "b", config, namespace="") if wide else thing("k8s.role_binding", "b", config)
    )
    return estate(APP, role, binding, links=[(binding, "binds", role)], unread=unread)


def rule(verbs: list[str], resources: list[str], **more: list[str]) -> Json:
    return {"apiGroups": [""], "verbs": verbs, "resources": resources, **more}


@pytest.mark.parametrize(
    ("rules", "wide", "expected"),
    [
        ([rule(["get"], ["configmaps"])], False, {"any"}),
        ([rule(["get"], ["secrets"])], False, {"any", "reads_secrets"}),
        ([rule(["get"], ["secrets"], resourceNames=["mine"])], False, {"any"}),
        ([rule(["create"], ["pods/exec"])], False, {"any", "runs_pods", "enters_pods"}),
        ([rule(["patch"], ["deployments"])], True, {"any", "runs_pods", "writes_outside", "enters_everywhere"}),
        ([rule(["impersonate"], ["users"])], False, {"any", "escalates"}),
        ([rule(["create"], ["serviceaccounts/token"])], False, {"any", "escalates"}),
        ([rule(["create"], ["*/token"])], False, {"any", "escalates"}),
        ([rule(["list"], ["*"])], False, {"any", "wildcard", "reads_secrets"}),
        ([{"nonResourceURLs": ["/healthz"], "verbs": ["get"]}], True, set()),
    ],
)
def test_rights_are_summed_up_from_the_bound_rules(rules: list[Json], wide: bool, expected: set[str]) -> None:
    found = value("permissions", APP, bound(rules, wide=wide))
    assert {key for key, given in found.items() if given is True} == expected


def test_everything_everywhere_is_cluster_admin_and_in_one_namespace_is_not() -> None:
    everything = [{"apiGroups": ["*"], "verbs": ["*"], "resources": ["*"]}]
    assert value("permissions", APP, bound(everything, wide=True))["cluster_admin"] is True
    narrow = value("permissions", APP, bound(everything))
    assert (narrow["cluster_admin"], narrow["namespace_admin"]) == (False, True)


@pytest.mark.parametrize(
    "subject",
    [
        {"kind": "Group", "name": "system:serviceaccounts"},
        {"kind": "Group", "name": "system:serviceaccounts:ml"},
        {"kind": "Group", "name": "system:authenticated"},
        {"kind": "User", "name": "system:serviceaccount:ml:app"},
    ],
)
def test_rights_come_through_groups_too(subject: Json) -> None:
    around = bound([rule(["get"], ["secrets"])], wide=True, subject=subject)
    assert value("permissions", APP, around)["reads_secrets"] is True


def test_rights_of_another_account_do_not_count() -> None:
    other = {"kind": "ServiceAccount", "name": "app", "namespace": "other"}
    assert value("permissions", APP, bound([rule(["get"], ["secrets"])], wide=True, subject=other))["any"] is False


@pytest.mark.parametrize("kind", ["k8s.role", "k8s.cluster_role", "k8s.role_binding", "k8s.cluster_role_binding"])
def test_rights_are_unknown_when_a_part_of_rbac_is_unread(kind: str) -> None:
    assert isinstance(value("permissions", APP, bound([], unread=(kind,))), Unknown)


@pytest.mark.parametrize(
    ("pod", "account", "mounted"),
    [(None, None, True), (None, False, False), (True, False, True), (False, True, False), (False, None, False)],
)
def test_the_word_of_the_pod_stands_over_that_of_the_account(
    pod: bool | None, account: bool | None, mounted: bool
) -> None:
    app = workload("app", serviceAccountName="app", automountServiceAccountToken=pod)
    own = thing("k8s.service_account", "app", {"automountServiceAccountToken": account})
    assert value("token_mounted", app, estate(app, own)) is mounted


def test_the_token_is_unknown_when_accounts_are_unread() -> None:
    app = workload("app", serviceAccountName="app")
    assert isinstance(value("token_mounted", app, estate(app, unread=["k8s.service_account"])), Unknown)
    stated = workload("app", automountServiceAccountToken=False)
    assert value("token_mounted", stated, estate(stated, unread=["k8s.service_account"])) is False


def _binding(role: str, *subjects: str) -> Node:
    config = {"roleRef": {"kind": "ClusterRole", "name": role}, "subjects": [{"name": name} for name in subjects]}
    return thing("k8s.cluster_role_binding", "b", config, namespace="")


def test_a_binding_for_everybody_is_anonymous_unless_it_only_serves_discovery() -> None:
    view = thing("k8s.cluster_role", "view", {"rules": [rule(["get"], ["pods"])]}, namespace="")
    urls = thing("k8s.cluster_role", "urls", {"rules": [{"nonResourceURLs": ["/"], "verbs": ["get"]}]}, namespace="")
    for role, subject, expected in (
        (view, "system:anonymous", True),
        (view, "system:authenticated", True),
        (view, "admins", False),
        (urls, "system:unauthenticated", False),
    ):
        binding = _binding(role.name, subject)
        around = estate(role, binding, links=[(binding, "binds", role)])
        assert value("anonymous", binding, around) is expected
    lonely = _binding("gone", "system:anonymous")
    assert isinstance(value("anonymous", lonely, estate(lonely, unread=["k8s.cluster_role"])), Unknown)
