"""One workload is one asset; its pods, ReplicaSets and scheduled Jobs are parts of it."""

from __future__ import annotations

from typing import Any

import pytest

from demo.cluster.server import Fault
from integrations.kubernetes.reader import Reader
from integrations.kubernetes.resources import BY_KIND, Resource
from inventory.documents import Document, LinkTo, Observed, Problem, ScopeState
from tests.integrations.kubernetes.clusters import Seen, bodies_of, collect, item, live

POD, SET, DEPLOYMENT = BY_KIND["k8s.pod"], BY_KIND["k8s.replica_set"], BY_KIND["k8s.deployment"]
JOB, CRON_JOB = BY_KIND["k8s.job"], BY_KIND["k8s.cron_job"]
RAY, INFERENCE = BY_KIND["k8s.ray.ray_cluster"], BY_KIND["k8s.serving.inference_service"]
NAMESPACE = BY_KIND["k8s.namespace"]


def owned(document: Document, row: Resource, name: str, *, controller: bool = True) -> Document:
    owner = {"apiVersion": row.apis[0].api_version, "kind": row.type, "name": name, "controller": controller}
    document["metadata"]["ownerReferences"] = [owner]
    return document


def template(*names: str, **more: Any) -> Document:
    return {"template": {"spec": {"containers": [{"name": name, "image": f"{name}:1"} for name in names], **more}}}


def pod(name: str, *containers: str, phase: str = "Running", node: str = "n1") -> Document:
    statuses = [{"name": one, "imageID": f"docker-pullable://{one}@sha256:{one * 4}"} for one in containers]
    return item(
        POD,
        name,
        spec={"nodeName": node, "containers": [{"name": one, "image": f"{one}:1"} for one in containers]},
        status={"phase": phase, "containerStatuses": statuses},
    )


def estate() -> dict[Resource, list[Document]]:
    """A deployment with two pods (one with a sidecar), an old set, a loose set, a loose pod and a schedule."""
    return {
        NAMESPACE: [item(NAMESPACE, "kube-system"), item(NAMESPACE, "one")],
        POD: [
            owned(pod("chat-1", "chat", "proxy", node="n2"), SET, "chat-a"),
            owned(pod("chat-2", "chat", phase="Pending"), SET, "chat-a"),
            owned(pod("loose-set-1", "main"), SET, "loose-set"),
            owned(pod("nightly-1-x", "main", phase="Succeeded"), JOB, "nightly-1"),
            owned(pod("once-x", "main"), JOB, "once"),
            owned(pod("ray-head", "head"), RAY, "tuning"),
            owned(pod("of-unknown", "main"), DEPLOYMENT, "none", controller=False),
            pod("alone", "main"),
        ],
        SET: [
            owned(item(SET, "chat-a", spec=template("chat")), DEPLOYMENT, "chat"),
            owned(item(SET, "chat-old", spec=template("chat")), DEPLOYMENT, "chat"),
            item(SET, "loose-set", spec=template("main")),
        ],
        DEPLOYMENT: [owned(item(DEPLOYMENT, "chat", spec=template("chat")), INFERENCE, "chat-service")],
        JOB: [
            owned(item(JOB, "nightly-1", spec=template("main")), CRON_JOB, "nightly"),
            item(JOB, "once", spec=template("main")),
        ],
        CRON_JOB: [item(CRON_JOB, "nightly", spec={"jobTemplate": {"spec": template("main")}})],
        RAY: [item(RAY, "tuning", spec={"headGroupSpec": template("head")})],
        INFERENCE: [item(INFERENCE, "chat-service", spec={})],
    }


@pytest.fixture(scope="module")
def seen() -> Seen:
    with live(bodies_of(estate()), page_size=3) as (_, collector):
        return collect(collector)


def test_pods_of_a_deployment_are_summed_up_in_it(seen: Seen) -> None:
    running = seen.the("k8s.deployment", "one/chat").config["runningPods"]
    assert running["count"] == 2
    assert running["phases"] == {"Pending": 1, "Running": 1}
    assert running["nodes"] == ["n1", "n2"]
    assert running["injected"] == ["proxy"]
    assert running["images"]["chat"] == ["chat@sha256:chatchatchatchat"]


def test_only_what_nobody_owns_is_an_asset_of_its_own(seen: Seen) -> None:
    assert seen.of("k8s.pod").keys() == {"one/alone", "one/of-unknown"}
    assert seen.of("k8s.replica_set").keys() == {"one/loose-set"}
    assert seen.of("k8s.job").keys() == {"one/once"}
    assert seen.the("k8s.replica_set", "one/loose-set").config["runningPods"]["count"] == 1
    assert seen.the("k8s.job", "one/once").config["runningPods"]["count"] == 1


def test_a_schedule_gets_the_images_of_its_pods_but_no_counts(seen: Seen) -> None:
    running = seen.the("k8s.cron_job", "one/nightly").config["runningPods"]
    assert running["images"] == {"main": ["main@sha256:mainmainmainmain"]}
    assert not {"count", "phases", "nodes"} & running.keys()


def test_pods_of_a_custom_resource_are_summed_up_in_it(seen: Seen) -> None:
    assert seen.the("k8s.ray.ray_cluster", "one/tuning").config["runningPods"]["count"] == 1
    assert "runningPods" not in seen.the("k8s.serving.inference_service", "one/chat-service").config


def test_what_an_operator_made_is_part_of_its_resource(seen: Seen) -> None:
    links = seen.the("k8s.deployment", "one/chat").links
    assert LinkTo("part_of", "k8s.serving.inference_service", "one/chat-service") in links
    assert LinkTo("part_of", "k8s.namespace", "one") in links


@pytest.mark.parametrize("path", ["/api/v1/pods", "/apis/apps/v1/replicasets"])
def test_unread_pods_are_unread_in_the_workloads_not_zero(path: str) -> None:
    with live(bodies_of(estate())) as (cluster, collector):
        cluster.faults[path] = Fault("denied")
        seen = collect(collector)
    chat = seen.the("k8s.deployment", "one/chat")
    assert "runningPods" not in chat.config
    assert [(unread.part, unread.problem) for unread in chat.unread] == [("runningPods", Problem.DENIED)]
    assert seen.outcomes["k8s.pod"].state != ScopeState.COMPLETE
    assert not any(name.startswith("one/chat-") for name in seen.of("k8s.pod"))


def test_unread_jobs_make_the_pods_of_schedules_unread() -> None:
    with live(bodies_of(estate())) as (cluster, collector):
        cluster.faults["/apis/batch/v1/jobs"] = Fault("server-error")
        seen = collect(collector)
    assert [unread.part for unread in seen.the("k8s.cron_job", "one/nightly").unread] == ["runningPods"]
    assert seen.the("k8s.deployment", "one/chat").unread == ()


def test_pods_that_are_listed_twice_count_once() -> None:
    with live(bodies_of(estate()), page_size=3) as (cluster, collector):
        cluster.faults["/api/v1/pods"] = Fault("gone", page=3, times=1)
        seen = collect(collector)
    assert seen.the("k8s.deployment", "one/chat").config["runningPods"]["count"] == 2
    assert seen.of("k8s.pod").keys() == {"one/alone", "one/of-unknown"}


def read(kind: str, **parts: Any) -> Observed:
    row = BY_KIND[kind]
    assets, broken = Reader().read(row, row.apis[0], [item(row, "x", **parts)])
    assert not broken
    return assets[0]


def links(kind: str, **parts: Any) -> set[LinkTo]:
    return {link for link in read(kind, **parts).links if link.ref != "one"}


def test_a_pod_template_names_its_account_volumes_images_and_buckets() -> None:
    container = {
        "name": "a",
        "image": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/ml/vllm:1",
        "args": ["--model-repository=s3://halden-search-models/x", "--data", "s3://halden-lab-datasets/y"],
        "envFrom": [{"configMapRef": {"name": "settings"}}],
    }
    volumes = [{"persistentVolumeClaim": {"claimName": "weights"}}, {"configMap": {"name": "files"}}]
    spec = {"serviceAccountName": "reader", "containers": [container], "volumes": volumes}
    assert links("k8s.deployment", spec={"template": {"spec": spec}}) == {
        LinkTo("runs_as", "k8s.service_account", "one/reader"),
        LinkTo("mounts", "k8s.persistent_volume_claim", "one/weights"),
        LinkTo("mounts", "k8s.config_map", "one/files"),
        LinkTo("mounts", "k8s.config_map", "one/settings"),
        LinkTo("runs_image", "aws.ecr.repository", "arn:aws:ecr:eu-west-1:111122223333:repository/ml/vllm"),
        LinkTo("loads", "aws.s3.bucket", "arn:aws:s3:::halden-search-models"),
        LinkTo("reads_data", "aws.s3.bucket", "arn:aws:s3:::halden-lab-datasets"),
    }


ROUTE_RULES = [{"backendRefs": [{"name": "svc"}, {"name": "pool", "kind": "InferencePool", "namespace": "two"}]}]
INGRESS_RULES = [{"http": {"paths": [{"backend": {"service": {"name": "svc"}}}]}}]


@pytest.mark.parametrize(
    ("kind", "parts", "expected"),
    [
        ("k8s.ingress", {"spec": {"rules": INGRESS_RULES}}, {("routes_to", "k8s.service", "one/svc")}),
        (
            "k8s.http_route",
            {"spec": {"rules": ROUTE_RULES, "parentRefs": [{"name": "gate"}]}},
            {
                ("routes_to", "k8s.service", "one/svc"),
                ("routes_to", "k8s.inference.inference_pool", "two/pool"),
                ("part_of", "k8s.gateway", "one/gate"),
            },
        ),
        (
            "k8s.role_binding",
            {
                "roleRef": {"kind": "ClusterRole", "name": "edit"},
                "subjects": [{"kind": "ServiceAccount", "name": "sa"}, {"kind": "Group", "name": "everyone"}],
            },
            {("binds", "k8s.cluster_role", "edit"), ("grants_to", "k8s.service_account", "one/sa")},
        ),
        (
            "k8s.persistent_volume_claim",
            {"spec": {"volumeName": "pv1"}},
            {("bound_to", "k8s.persistent_volume", "pv1")},
        ),
        (
            "k8s.networking.virtual_service",
            {"spec": {"http": [{"route": [{"destination": {"host": "svc.two.svc.cluster.local"}}]}]}},
            {("routes_to", "k8s.service", "two/svc")},
        ),
        (
            "k8s.serving.inference_service",
            {"spec": {"predictor": {"model": {"storageUri": "s3://models/a"}, "serviceAccountName": "sa"}}},
            {("loads", "aws.s3.bucket", "arn:aws:s3:::models"), ("runs_as", "k8s.service_account", "one/sa")},
        ),
        (
            "k8s.kagent.agent",
            {"spec": {"declarative": {"tools": [{"mcpServer": {"kind": "RemoteMCPServer", "name": "kubectl"}}]}}},
            {("has_tool", "k8s.kagent.remote_mcp_server", "one/kubectl")},
        ),
        (
            "k8s.validating_admission_policy_binding",
            {"spec": {"policyName": "images"}},
            {("binds", "k8s.validating_admission_policy", "images")},
        ),
    ],
)
def test_documents_state_their_links(kind: str, parts: dict[str, Any], expected: set[tuple[str, str, str]]) -> None:
    assert {(link.type, link.kind, link.ref) for link in links(kind, **parts)} == expected


def test_a_service_account_names_its_cloud_role() -> None:
    row = BY_KIND["k8s.service_account"]
    account = item(row, "x")
    account["metadata"]["annotations"] = {"eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/reader"}
    assets, _ = Reader().read(row, row.apis[0], [account])
    assert LinkTo("uses_role", "aws.iam.role", "arn:aws:iam::111122223333:role/reader") in assets[0].links


def test_a_definition_is_kept_without_its_schemas() -> None:
    versions = [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}}}]
    config = read("k8s.custom_resource_definition", spec={"group": "ray.io", "versions": versions}).config
    assert config["spec"]["versions"] == [{"name": "v1", "served": True, "storage": True}]


@pytest.mark.parametrize(
    "spec", [None, "text", [], {"template": "text"}, {"template": {"spec": {"containers": {"a": 1}}}}]
)
def test_a_document_of_a_wrong_shape_is_an_asset_without_links_or_is_reported(spec: object) -> None:
    row = BY_KIND["k8s.deployment"]
    assets, broken = Reader().read(row, row.apis[0], [item(row, "x", spec=spec)])
    assert [asset.external_id for asset in assets] + broken == ["one/x"]


@pytest.mark.parametrize(
    "element", [None, "text", {}, {"metadata": None}, {"metadata": {"name": 7}}, {"metadata": {"name": "x"}}]
)
def test_elements_that_are_no_objects_are_reported(element: object) -> None:
    row = BY_KIND["k8s.deployment"]
    assets, broken = Reader().read(row, row.apis[0], [element])
    assert not assets
    assert len(broken) == 1
