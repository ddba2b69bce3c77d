"""Recognition over small documents: what is AI, what only looks like it, and what each answer is made of."""

from __future__ import annotations

import time
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from inventory.documents import LinkTo
from inventory.facts.estate import Edge, Estate, Node
from inventory.recognition import ROLES, Recognition, catalogue, recognise, recognise_by_relation
from inventory.recognition.catalogue import FOLDER
from inventory.recognition.images import parse_image, version_of

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[2] / "data" / "recognition" / "cases.yaml").read_text(encoding="utf-8")
)


def node(kind: str, config: dict[str, Any], name: str = "a", **more: Any) -> Node:
    return Node(kind=kind, external_id=f"ns/{name}", name=name, place="ns", config=config, **more)


def confidence(kind: str, config: dict[str, Any]) -> int:
    found = recognise(node(kind, config))
    return found.confidence if found else 0


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_document_gets_the_role_that_its_behaviour_shows(case: dict[str, Any]) -> None:
    found = recognise(node(case["kind"], case["config"]))
    if not case["role"]:
        assert found is None, found
        return
    assert found is not None
    assert found.role == case["role"]
    assert found.product == case.get("product", found.product)
    assert found.version == case.get("version", found.version)
    assert [m["ref"] for m in found.models] == case.get("models", [m["ref"] for m in found.models])
    assert list(found.providers) == case.get("providers", list(found.providers))
    for told, expected in zip(found.models, case.get("refs", []), strict="refs" in case):
        assert told == {**told, **expected}


@pytest.mark.parametrize("case", [case for case in CASES if case["role"]], ids=lambda case: case["name"])
def test_every_answer_carries_evidence_that_reaches_the_threshold(case: dict[str, Any]) -> None:
    found = recognise(node(case["kind"], case["config"]))
    assert found is not None
    assert found.role in ROLES
    assert 60 <= found.confidence <= 100
    assert found.evidence
    assert min(1, sum(item["weight"] for item in found.evidence)) * 100 >= found.confidence - 1


def test_evidence_never_holds_a_secret() -> None:
    secret = "sk-proj-THISMUSTNOTBESTORED0000000000"
    container = {"image": "x/y:1", "env": [{"name": "OPENAI_API_KEY", "value": secret}], "args": ["--api-key", secret]}
    found = recognise(node("k8s.pod", {"spec": {"containers": [container]}}))
    assert found is not None
    assert secret not in repr(found)


def _without_one_signal(container: dict[str, Any]) -> list[dict[str, Any]]:
    """The container with each of its fields removed in turn."""
    return [{key: value for key, value in container.items() if key != gone} for gone in container]


def test_confidence_never_rises_when_a_signal_is_removed() -> None:
    container: dict[str, Any] = {
        "image": "registry.corp.example/base/vllm:1",
        "args": ["vllm", "serve", "Qwen/Qwen3-8B"],
        "env": [{"name": "VLLM_API_KEY", "value": "x"}, {"name": "HF_TOKEN", "value": "y"}],
        "ports": [{"containerPort": 8000, "name": "http-vllm"}],
        "resources": {"limits": {"nvidia.com/gpu": "1"}},
    }

    def fall(current: dict[str, Any], before: int) -> None:
        for smaller in _without_one_signal(current):
            now = confidence("k8s.pod", {"spec": {"containers": [deepcopy(smaller)]}})
            assert now <= before, smaller
            fall(smaller, now)

    fall(container, confidence("k8s.pod", {"spec": {"containers": [container]}}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nginx", ("docker.io", "library/nginx", "", "")),
        ("vllm/vllm-openai:v0.11.2", ("docker.io", "vllm/vllm-openai", "v0.11.2", "")),
        ("localhost:5000/A/b:1", ("localhost:5000", "a/b", "1", "")),
        ("ghcr.io/x/y@sha256:" + "a" * 64, ("ghcr.io", "x/y", "", "sha256:" + "a" * 64)),
    ],
)
def test_an_image_reference_is_taken_apart(text: str, expected: tuple[str, str, str, str]) -> None:
    image = parse_image(text)
    assert (image.registry, image.path, image.tag, image.digest) == expected


@pytest.mark.parametrize(
    ("grammar", "tag", "version"),
    [
        ("semver", "v0.11.2", "0.11.2"),
        ("semver", "v1.79.0-stable", "1.79.0"),
        ("semver", "2.50.0-py311", "2.50.0"),
        ("semver", "0.9.0rc1", "0.9.0rc1"),
        ("semver", "1.80.0.rc.1", "1.80.0.rc.1"),
        ("semver", "0.9.0x", ""),
        ("semver", "1.2.0-rc1", "1.2.0-rc1"),
        ("semver", "latest", ""),
        ("semver", "", ""),
        ("year-month", "25.08-py3", "25.08"),
        ("year-month", "v25.08.1", ""),
        ("build", "server-cuda-b4567", "4567"),
        ("build", "server-cuda", ""),
        ("date", "2025-10-20", "2025-10-20"),
        ("trailing", "cpu-1.7.2", "1.7.2"),
        ("trailing", "1.8", "1.8"),
        ("trailing", "version-8.0.0", "8.0.0"),
        ("none", "1.2.3", ""),
    ],
)
def test_a_tag_tells_a_version_or_nothing(grammar: str, tag: str, version: str) -> None:
    assert version_of(grammar, tag) == version


def test_a_bucket_that_training_reads_is_a_dataset() -> None:
    job = Node(kind="aws.sagemaker.training_job", external_id="j", name="j", ai_role="training")
    bucket = Node(kind="aws.s3.bucket", external_id="b", name="b")
    estate = Estate([job, bucket], [Edge(job.identity, LinkTo("reads_data", "aws.s3.bucket", "b"))])
    assert _role(recognise_by_relation(bucket, estate)) == "dataset"


def test_a_role_that_also_serves_other_things_is_not_an_ai_identity() -> None:
    role = Node(kind="aws.iam.role", external_id="r", name="r")
    job = Node(kind="aws.sagemaker.training_job", external_id="j", name="j", ai_role="training")
    shop = Node(kind="aws.lambda.function", external_id="f", name="f")
    to_role = LinkTo("uses_role", "aws.iam.role", "r")
    only_ai = Estate([role, job], [Edge(job.identity, to_role)])
    shared = Estate([role, job, shop], [Edge(job.identity, to_role), Edge(shop.identity, to_role)])
    assert _role(recognise_by_relation(role, only_ai)) == "identity"
    assert recognise_by_relation(role, shared) is None


def test_a_service_takes_the_role_of_what_it_selects() -> None:
    service = node("k8s.service", {}, "svc")
    server = node("k8s.deployment", {}, "srv", ai_role="vector-store")
    estate = Estate([service, server], [Edge(service.identity, LinkTo("selects", "k8s.deployment", "ns/srv"))])
    assert _role(recognise_by_relation(service, estate)) == "vector-store"
    assert recognise_by_relation(service, Estate([service])) is None


def _role(found: Recognition | None) -> str:
    return found.role if found else ""


def test_the_catalogue_is_broad_enough() -> None:
    assert len(catalogue().products) >= 150
    assert {product.role for product in catalogue().products.values()} >= {
        "endpoint", "training", "notebook", "agent", "tool", "vector-store", "gateway", "accelerator", "guardrail"
    }  # fmt: skip


def test_ten_thousand_assets_take_at_most_two_seconds() -> None:
    nodes = [
        node(
            "k8s.deployment",
            {
                "metadata": {"labels": {"app.kubernetes.io/name": f"app-{i}"}},
                "spec": {
                    "template": {
                        "spec": {
                            "containers": [
                                {
                                    "image": f"registry.corp.example/team-{i % 40}/service-{i}:1.{i}",
                                    "args": ["serve", "--port", "8080", f"--name=service-{i}"],
                                    "env": [{"name": f"SETTING_{j}", "value": f"http://svc-{j}:80"} for j in range(8)],
                                    "ports": [{"containerPort": 8080, "name": "http"}],
                                    "resources": {"limits": {"cpu": "1", "memory": "1Gi"}},
                                }
                            ]
                        }
                    }
                },
            },
            f"a{i}",
        )
        for i in range(10_000)
    ]
    recognise(nodes[0])
    started = time.process_time()
    for item in nodes:
        recognise(item)
    assert time.process_time() - started < 2.0


def _fingerprints() -> list[tuple[str, str, list[str], str]]:
    """(product, image, command, needs a key) of every image and command in the catalogue, wildcards filled in."""
    found = []
    for file in sorted((FOLDER / "products").glob("*.yaml")):
        for product in yaml.safe_load(file.read_text(encoding="utf-8")):
            key = "OPENAI_API_KEY" if product.get("dual") else ""
            registry = (product.get("image_registries") or ["registry.corp.example"])[0].replace("*", "x")
            for image in product.get("images", []):
                found.append((product["id"], f"{registry}/{image.replace('*', 'x')}:1.2.3", [], key))
            for line in product.get("commands", []):
                found.append((product["id"], "python:3", ["sh", "-c", f"exec {line.replace('*', 'x')} --port 1"], key))
    return found


@pytest.mark.parametrize(("product", "image", "command", "key"), _fingerprints())
def test_every_fingerprint_finds_its_own_product(product: str, image: str, command: list[str], key: str) -> None:
    env = [{"name": key, "valueFrom": {}}] if key else []
    container = {"image": image, "command": command, "env": env}
    found = recognise(node("k8s.deployment", {"spec": {"template": {"spec": {"containers": [container]}}}}))
    assert found is not None
    assert found.product == product
