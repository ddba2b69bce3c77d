"""Frameworks over the API."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from inventory.models import Asset

pytestmark = pytest.mark.django_db
STANDARD = "/api/v1/frameworks/aws-ai-best-practices/"


def test_the_list_counts_the_controls_of_each_framework(viewer: APIClient, notebook: Asset) -> None:
    found = {row["id"]: row for row in viewer.get("/api/v1/frameworks/").json()}
    standard = found["aws-ai-best-practices"]
    assert (standard["controls"], sum(standard["verdicts"].values())) == (31, 31)
    assert standard["verdicts"]["fail"] >= 1
    assert standard["coverage"] == 100 * standard["answered"] // standard["answerable"]
    assert found["eu-ai-act"]["verdicts"]["not-automatable"] > 0


def test_a_control_comes_with_its_verdict_and_its_rules(viewer: APIClient, notebook: Asset) -> None:
    whole = viewer.get(STANDARD).json()
    controls = {control["id"]: control for control in whole["controls"]}
    direct = controls["SageMaker.1"]
    assert (direct["verdict"], direct["failed"], direct["passed"], direct["open"]) == ("fail", 1, 1, 1)
    assert [(rule["id"], rule["verdict"]) for rule in direct["rules"]] == [
        ("aws-sagemaker-notebook-direct-internet", "fail")
    ]
    assert controls["Bedrock.1"]["verdict"] == "not-applicable"
    findings = viewer.get("/api/v1/findings/", {"control": "aws-ai-best-practices:SageMaker.1"}).json()["results"]
    assert [found["asset"]["name"] for found in findings] == ["explore"]


def test_what_settings_cannot_answer_says_why(viewer: APIClient, notebook: Asset) -> None:
    controls = {control["id"]: control for control in viewer.get("/api/v1/frameworks/eu-ai-act/").json()["controls"]}
    literacy = controls["Art. 4"]
    assert (literacy["verdict"], literacy["automatable"], literacy["rules"]) == ("not-automatable", False, [])
    assert literacy["reason"]


def test_a_wrong_framework_or_control_is_named(viewer: APIClient) -> None:
    assert viewer.get("/api/v1/frameworks/luck/").status_code == 404
    answer = viewer.get("/api/v1/rules/", {"control": "owasp-llm-2025:LLM99"})
    assert (answer.status_code, answer.json()["where"]) == (422, "control")
