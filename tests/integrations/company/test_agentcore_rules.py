"""AgentCore over HTTP: of every kind a document that makes a rule fail, and one that makes it pass."""

from __future__ import annotations

import pytest

from tests.integrations.company.judging import Verdicts

AGENTCORE = [
    # rule, kind, fails on, passes on
    ("runtime-public", "runtime", "pilot", "concierge"),
    ("jwt-any-client", "runtime", "pilot", "concierge"),
    ("runtime-metadata-v1", "runtime", "pilot", "concierge"),
    ("shared-outside", "runtime", "pilot", "concierge"),
    ("environment-secret", "runtime", "pilot", "concierge"),
    ("gateway-no-auth", "gateway", "pilot-tools", "concierge-tools"),
    ("gateway-unchecked-calls", "gateway", "pilot-watched", "concierge-tools"),
    ("gateway-no-customer-key", "gateway", "pilot-tools", "concierge-tools"),
    ("gateway-debug", "gateway", "pilot-tools", "concierge-tools"),
    ("shared-outside", "gateway", "pilot-tools", "concierge-tools"),
    ("target-untrusted-server", "gateway_target", "anything", "weather"),
    ("target-key-in-address", "gateway_target", "anything", "weather"),
    ("memory-no-customer-key", "memory", "pilot_memory", "concierge_memory"),
    ("memory-long", "memory", "pilot_memory", "concierge_memory"),
    ("browser-public", "browser", "pilot_browser", "concierge_browser"),
    ("browser-not-recorded", "browser", "pilot_browser", "concierge_browser"),
    ("code-interpreter-network", "code_interpreter", "pilot_code", "concierge_sums"),
    ("token-vault-no-customer-key", "token_vault", "Token vault in us-east-1", "Token vault in eu-central-1"),
    ("policy-engine-no-customer-key", "policy_engine", "pilot_rules", "concierge_rules"),
    ("registry-auto-approval", "registry", "pilot-agents", "halden-agents"),
    ("harness-unbounded", "harness", "pilot_loop", "concierge_night"),
    ("harness-any-tool", "harness", "pilot_loop", "concierge_night"),
    ("environment-secret", "harness", "pilot_loop", "concierge_night"),
    ("answers-not-judged", "online_evaluation", "pilot", "concierge"),
]


@pytest.mark.parametrize(("rule", "kind", "bad", "good"), AGENTCORE)
def test_agentcore_documents_fail_and_pass(judged: Verdicts, rule: str, kind: str, bad: str, good: str) -> None:
    rule, kind = f"aws-agentcore-{rule}", f"aws.agentcore.{kind}"
    assert (judged[rule, kind, bad], judged[rule, kind, good]) == ("fail", "pass")
