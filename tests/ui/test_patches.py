"""A finding on a Kubernetes object offers its patch on the page, as a file and by the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
import yaml
from django.test import Client
from django.urls import reverse

from findings.posture.models import Finding
from findings.posture.queries import patch_of
from findings.posture.services import evaluate
from inventory.models import Asset, SourceKind
from inventory.services import derive
from tests.builders import make_asset, make_source

PRIVILEGED, UNPROBED = "k8s-ai-privileged", "k8s-ai-no-memory-limit"


def workload(kind: str = "Deployment", name: str = "chat") -> dict[str, Any]:
    server = {"name": "server", "image": "vllm/vllm-openai:v1", "securityContext": {"privileged": True}}
    return {
        "apiVersion": "apps/v1" if kind == "Deployment" else "v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": "ml"},
        "spec": {"template": {"spec": {"containers": [server]}}} if kind == "Deployment" else {"containers": [server]},
    }


def judged(config: dict[str, Any], kind: str = "k8s.deployment") -> Asset:
    source = make_source(SourceKind.KUBERNETES)
    asset = make_asset(source, kind, name=config["metadata"]["name"], place="ml", config=config)
    derive(source=source, touched=None)
    evaluate(source=source)
    return asset


def finding(asset: Asset, rule: str = PRIVILEGED) -> Finding:
    return Finding.objects.select_related("asset").get(asset=asset, rule_id=rule)


@pytest.fixture
def chat(db: None) -> Asset:
    return judged(workload())


def test_the_page_shows_the_patch_with_its_commands(admin: Client, chat: Asset) -> None:
    found = finding(chat)
    page = admin.get(reverse("posture:finding", args=[found.pk])).content.decode()
    assert "privileged: false" in page
    assert reverse("posture:finding-patch", args=[found.pk]) in page
    assert (
        "kubectl patch deployment chat -n ml --type strategic --patch-file k8s-ai-privileged-chat.yaml"
        " --dry-run=server -o yaml | kubectl diff -f -"
    ) in page


def test_the_file_is_the_patch_of_that_very_object(admin: Client, chat: Asset) -> None:
    answer = admin.get(reverse("posture:finding-patch", args=[finding(chat).pk]))
    assert answer["Content-Disposition"] == 'attachment; filename="k8s-ai-privileged-chat.yaml"'
    container = {"name": "server", "securityContext": {"privileged": False}}
    assert yaml.safe_load(answer.content) == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "chat", "namespace": "ml"},
        "spec": {"template": {"spec": {"containers": [container]}}},
    }


def test_the_api_gives_the_same_patch(admin: Client, chat: Asset) -> None:
    found = finding(chat)
    offered = admin.get(f"/api/v1/findings/{found.pk}/patch/").json()
    assert offered["how"] == "strategic"
    assert yaml.safe_load(offered["text"]) == offered["document"]
    assert offered["document"]["metadata"] == {"name": "chat", "namespace": "ml"}


def test_a_finding_that_needs_a_decision_says_which_and_has_no_file(admin: Client, chat: Asset) -> None:
    found = finding(chat, UNPROBED)
    page = admin.get(reverse("posture:finding", args=[found.pk])).content.decode()
    assert "How much memory it may use, from a load test." in page
    assert admin.get(reverse("posture:finding-patch", args=[found.pk])).status_code == 404
    assert admin.get(f"/api/v1/findings/{found.pk}/patch/").status_code == 404


def test_what_is_resolved_offers_no_patch(chat: Asset) -> None:
    found = finding(chat)
    found.status = "resolved"
    assert patch_of(found) is None


def test_a_pod_cannot_be_patched_while_it_runs_and_the_offer_says_so(db: None) -> None:
    offered = patch_of(finding(judged(workload("Pod"), "k8s.pod")))
    assert offered is not None
    assert offered.once


@pytest.mark.parametrize("name", ["a; rm -rf /", "$(id)", "-rf", "a b", "a\nb"])
def test_an_object_with_a_name_that_a_shell_could_run_gets_no_commands(db: None, name: str) -> None:
    assert patch_of(finding(judged(workload(name=name)))) is None


def test_strangers_are_not_shown_whether_there_is_a_patch(client: Client) -> None:
    assert client.get(reverse("posture:finding-patch", args=[UUID(int=7)])).status_code == 302
    assert client.get(f"/api/v1/findings/{UUID(int=7)}/patch/").status_code == 401
