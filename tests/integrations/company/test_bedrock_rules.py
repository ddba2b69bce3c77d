"""Bedrock over HTTP: of every kind a document that makes a rule fail, and one that makes it pass."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from findings.posture.engine import Subject, judge
from findings.posture.rule import load_rules
from tests.integrations.aws.collecting import Collected
from tests.integrations.company.judging import Verdicts

BEDROCK = [
    # rule, kind, fails on, passes on
    ("data-source-no-customer-key", "data_source", "partner-web", "manuals"),
    ("data-source-crawls-widely", "data_source", "partner-web", ""),
    ("guardrail-grounding", "guardrail", "lab-none", "care-assistant"),
    ("guardrail-no-topic", "guardrail", "lab-none", "care-assistant"),
    ("guardrail-no-customer-key", "guardrail", "lab-none", "care-assistant"),
    ("guardrail-version-weak", "guardrail_version", "marketing-copy version 1", "care-assistant version 1"),
    ("model-copied-from-outside", "model_copy_job", "vendor-texts", "care-llama"),
    ("reasoning-policy-draft", "automated_reasoning_policy", "refund-rules", "returns-rules"),
    ("data-shared-with-provider", "account_settings", "Bedrock settings in us-east-1",
     "Bedrock settings in eu-central-1"),
    ("shared-outside", "custom_model", "product-texts", "care-tone"),
    ("model-not-evaluated", "custom_model", "product-texts", "care-tone"),
    ("imported-model-no-customer-key", "imported_model", "downloaded-llama", "care-llama"),
    ("imported-model-unknown-origin", "imported_model", "downloaded-llama", "care-llama"),
    ("import-job-no-vpc", "model_import_job", "downloaded-llama", "care-llama"),
    ("customization-job-no-vpc", "customization_job", "product-texts-tuning", "care-tone-tuning"),
    ("customization-job-no-customer-key", "customization_job", "product-texts-tuning", "care-tone-tuning"),
    ("guardrail-classic-tier", "guardrail", "lab-none", "care-assistant"),
    ("batch-job-no-vpc", "batch_job", "product-texts-all", "care-summaries-43"),
    ("batch-output-no-customer-key", "batch_job", "product-texts-all", "care-summaries-43"),
    ("evaluation-no-customer-key", "evaluation_job", "shop-check", "care-tone-check"),
    ("deployment-failed", "custom_model_deployment", "product-texts-live", "care-tone-live"),
    ("marketplace-endpoint-no-vpc", "marketplace_endpoint", "downloaded-classifier", "search-embedder-prod"),
    ("marketplace-endpoint-no-customer-key", "marketplace_endpoint", "downloaded-classifier", "search-embedder-prod"),
    ("automation-no-customer-key", "data_automation_project", "shop-invoices", "care-letters"),
    ("inference-profile-untagged", "inference_profile", "shop-texts", "care-assistant"),
    ("blueprint-draft", "blueprint", "invoice", "letter"),
    ("prompt-router-one-model", "prompt_router", "shop-router", "care-router"),
    ("prompt-no-customer-key", "prompt", "shop-texts", "care-greeting"),
    ("prompt-secret", "prompt", "shop-texts", "care-greeting"),
    ("flow-no-customer-key", "flow", "shop-texts", "care-answers"),
    ("flow-step-no-guardrail", "flow", "shop-texts", "care-answers"),
    ("flow-runs-code", "flow", "shop-texts", "care-answers"),
    ("flow-invalid", "flow", "shop-texts", "care-answers"),
    ("flow-guardrail-draft", "flow_version", "shop-trial version 1", "care-answers version 1"),
    ("customization-data-outside", "customization_job", "", "care-tone-tuning"),
    ("flow-step-no-guardrail", "flow_version", "shop-texts version 1", "care-answers version 1"),
    ("prompt-secret", "flow_version", "shop-texts version 1", "care-answers version 1"),
    ("agent-no-confirmation", "action_group", "", "look_up_order"),
    ("guardrail-not-enforced", "region", "us-east-1", "eu-central-1"),
    ("prompts-unmanaged", "region", "", "eu-central-1"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "kind", "bad", "good"), BEDROCK)
def test_bedrock_documents_fail_and_pass(judged: Verdicts, rule: str, kind: str, bad: str, good: str) -> None:
    rule = f"aws-bedrock-{rule}"
    kind = "aws.region" if kind == "region" else f"aws.bedrock.{kind}"
    assert not bad or judged[rule, kind, bad] == "fail"
    assert not good or judged[rule, kind, good] == "pass"


def test_an_enforced_draft_fails_and_an_enforced_version_passes(judged: Verdicts) -> None:
    rule = "aws-bedrock-enforced-guardrail-draft"
    assert sorted(outcome for (one, _kind, _name), outcome in judged.items() if one == rule) == ["fail", "pass"]


def test_an_alias_of_a_draft_flow_fails_and_of_a_published_one_passes(collected: Collected) -> None:
    """All of them are called `live`: told apart by their ids."""
    subjects = {one.external_id: one for one in collected.of("aws.bedrock.flow_alias")}
    rules = [rule for rule in load_rules().rules if rule.id == "aws-bedrock-flow-draft-live"]
    found = {
        name: judge(rules, Subject(kind=one.kind, config=one.config), datetime.now(UTC))[0].outcome.value
        for name, one in subjects.items()
    }
    assert sorted(found.values()) == ["fail", "pass", "pass", "pass", "pass"]
