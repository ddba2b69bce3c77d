"""Every built-in rule has all its words, known controls, examples that hold, and paths that the providers have."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from kubernetes import client

from findings.posture.engine import try_examples
from findings.posture.management.commands.rules import catalogue
from findings.posture.rule import STEPS, Outcome, Read, Rule, frameworks, load_rules
from findings.posture.rule.paths import ASSET, ELEMENT, FACTS, parse_read
from integrations.aws.shapes import known_path
from inventory.kinds import expand, kind_of
from tests.architecture.sources import ROOT

RULES = load_rules()
REQUIRED_FRAMEWORKS = {"mitre-atlas", "nist-ai-rmf", "eu-ai-act", "iso-iec-42001"}
# About the cluster itself: no entry of the OWASP list for LLM applications speaks of it.
BEYOND_OWASP = {"k8s-ai-naked-pod", "k8s-anonymous-binding"}

# The models of the Kubernetes client, generated from the API's OpenAPI document.
MODELS = {
    "k8s.deployment": "V1Deployment", "k8s.stateful_set": "V1StatefulSet", "k8s.daemon_set": "V1DaemonSet",
    "k8s.job": "V1Job", "k8s.cron_job": "V1CronJob", "k8s.pod": "V1Pod", "k8s.replica_set": "V1ReplicaSet",
    "k8s.service": "V1Service", "k8s.ingress": "V1Ingress", "k8s.network_policy": "V1NetworkPolicy",
    "k8s.service_account": "V1ServiceAccount", "k8s.role": "V1Role", "k8s.cluster_role": "V1ClusterRole",
    "k8s.role_binding": "V1RoleBinding", "k8s.cluster_role_binding": "V1ClusterRoleBinding",
    "k8s.namespace": "V1Namespace", "k8s.node": "V1Node", "k8s.persistent_volume": "V1PersistentVolume",
    "k8s.persistent_volume_claim": "V1PersistentVolumeClaim", "k8s.storage_class": "V1StorageClass",
    "k8s.config_map": "V1ConfigMap", "k8s.resource_quota": "V1ResourceQuota", "k8s.limit_range": "V1LimitRange",
    "k8s.validating_admission_policy": "V1ValidatingAdmissionPolicy",
    "k8s.validating_admission_policy_binding": "V1ValidatingAdmissionPolicyBinding",
    "k8s.validating_webhook_configuration": "V1ValidatingWebhookConfiguration",
    "k8s.mutating_webhook_configuration": "V1MutatingWebhookConfiguration",
    "k8s.custom_resource_definition": "V1CustomResourceDefinition",
}  # fmt: skip
# What the reader adds to a document, and the view to a pod.
OWN = {"secretsFound", "runningPods", "dataKeys", "dataFiles", "binaryKeys"}
OWN_OF_POD = {"labels", "annotations", "namespace", "containers[].part", "containers[].words[]",
              "containers[].accelerated", "containers[].securityContext.capabilities"}  # fmt: skip


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.id)
def test_a_rule_has_all_its_words(rule: Rule) -> None:
    words = (rule.title, rule.likelihood, rule.impact, rule.why, rule.confirm, rule.fix.summary)
    assert all(word.strip() for word in words)
    assert rule.fix.commands
    assert not rule.title.endswith(".")
    assert rule.maps.keys() >= REQUIRED_FRAMEWORKS, REQUIRED_FRAMEWORKS - rule.maps.keys()


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.id)
def test_the_examples_of_a_rule_hold(rule: Rule) -> None:
    failed = [f"line {tried.example.line}: {tried.problem}" for tried in try_examples(rule) if not tried.ok]
    assert failed == []
    verdicts = {example.verdict for example in rule.examples}
    assert {Outcome.FAIL, Outcome.PASS} <= verdicts
    assert not rule.when or Outcome.NOT_APPLICABLE in verdicts


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.id)
def test_what_a_rule_reads_exists_at_the_provider(rule: Rule) -> None:
    wrong = [(kind, path) for kind, path in _documents_read(rule) if not _exists(kind, path)]
    assert wrong == []


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("k8s.deployment", "spec.replica"),
        ("k8s.service", "spec.ports.name"),
        ("k8s.deployment", "pod.containers[].imageName"),
        ("aws.sagemaker.notebook_instance", "DirectInternet"),
        ("aws.s3.bucket", "Encryption.Nonsense"),
    ],
)
def test_a_misspelt_path_would_be_found(kind: str, path: str) -> None:
    assert not _exists(kind, parse_read(path, frozenset({"pod"})))


def test_there_are_enough_rules_for_every_step() -> None:
    assert sum(rule.family == "aws" for rule in RULES) >= 45
    assert sum(rule.family == "kubernetes" for rule in RULES) >= 30
    steps = Counter(rule.step for rule in RULES)
    assert all(steps[step] >= 10 for step in STEPS), steps


def test_an_id_says_the_family() -> None:
    prefix = {"aws": "aws-", "kubernetes": "k8s-"}
    assert [rule.id for rule in RULES if not rule.id.startswith(prefix[rule.family])] == []


def test_control_ids_have_the_form_of_their_framework() -> None:
    forms = {
        "owasp-llm-2025": r"LLM(0[1-9]|10)",
        "owasp-agentic-2026": r"ASI(0[1-9]|10)",
        "mitre-atlas": r"AML\.T\d{4}(\.\d{3})?",
        "nist-ai-rmf": r"(GV|MP|MS|MG)-\d\.\d+",
        "eu-ai-act": r"Art\. \d+",
        "iso-iec-42001": r"A\.\d+(\.\d+)+",
        "cis-kubernetes": r"\d\.\d\.\d+",
        "kubescape": r"C-\d{4}",
        "aws-fsbp": r"[A-Z][A-Za-z0-9]+\.\d+",
        "cis-aws": r"\d(\.\d+){1,2}",
        "aws-ai-best-practices": r"(SageMaker|Bedrock|BedrockAgentCore)\.\d+",
    }
    assert frameworks().keys() == forms.keys()
    for framework in frameworks().values():
        assert all(re.fullmatch(forms[framework.id], control) for control in framework.controls), framework.id
        assert len(framework.controls) >= 7


def test_every_mapping_leads_to_a_declared_control_that_settings_can_answer() -> None:
    wrong = [
        (rule.id, framework, control)
        for rule in RULES
        for framework, controls in rule.maps.items()
        for control in controls
        if control not in frameworks()[framework].controls or not frameworks()[framework].controls[control].automatable
    ]
    assert wrong == []


def test_every_control_has_a_title_and_says_why_it_is_automatable_or_not() -> None:
    controls = [control for framework in frameworks().values() for control in framework.controls.values()]
    assert [control.id for control in controls if not (control.title.strip() and control.reason.endswith("."))] == []
    assert {control.automatable for control in controls} == {True, False}


def test_the_ai_standard_of_aws_has_its_31_controls_and_a_rule_asks_each() -> None:
    controls = frameworks()["aws-ai-best-practices"].controls
    assert len(controls) == 31
    assert {control for rule in RULES for control in rule.maps.get("aws-ai-best-practices", ())} == controls.keys()


def test_the_catalogue_in_the_documentation_is_current() -> None:
    written = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8").rstrip()
    assert written == catalogue(RULES), "write it again: aispm rules list --markdown > docs/rules.md"


def _documents_read(rule: Rule) -> Iterator[tuple[str, Read]]:
    """(kind of document, path) of everything that is neither a fact nor derived."""
    for read in rule.reads:
        if read.root == FACTS:
            continue
        if read.root in rule.links:
            link = rule.links[read.root]
            steps = read.steps[1:] if read.steps[:1] == (ELEMENT,) else read.steps
            if steps and steps[0] != FACTS:
                assert link.kind, f"{rule.id}: say which kind `{read.root}` has, so that its paths can be checked"
                for kind in expand(link.kind):
                    yield kind, Read(read.text, ASSET, steps, read.default)
        else:
            for kind in rule.kinds:
                yield kind, read


def _exists(kind: str, read: Read) -> bool:
    if read.root == "pod":
        return _of_pod(read.steps)
    if kind.startswith("aws."):
        return known_path(kind, _dotted(read.steps))
    if read.steps[0] in OWN:
        return True
    if kind not in MODELS:
        # Custom resources have no model here; their metadata is that of every object.
        custom = kind_of(kind).family in ("AI resources", "Custom resources") or kind == "k8s.gateway"
        return custom and (read.steps[0] != "metadata" or _in_model("V1ObjectMeta", read.steps[1:]))
    return _in_model(MODELS[kind], read.steps)


def _of_pod(steps: tuple[str, ...]) -> bool:
    path = _dotted(steps)
    if any(path == own or path.startswith((f"{own}.", f"{own}[")) for own in OWN_OF_POD):
        return True
    if f"{path}[]" in OWN_OF_POD:
        return True
    return _in_model("V1PodSpec", steps)


def _in_model(type_: str, steps: tuple[str, ...]) -> bool:
    """Whether a document of this type can have something there."""
    if not steps or type_ == "object":
        return True
    if inner := re.fullmatch(r"List\[(.+)\]", type_):
        return steps[0] == ELEMENT and _in_model(inner.group(1), steps[1:])
    if inner := re.fullmatch(r"Dict\[str, (.+)\]", type_):
        return _in_model(inner.group(1), steps[1:])
    model: Any = getattr(client, type_, None)
    if model is None:
        return False
    for name, shown in model.attribute_map.items():
        if shown == steps[0]:
            return _in_model(model.openapi_types[name], steps[1:])
    return False


def _dotted(steps: tuple[str, ...]) -> str:
    text = ""
    for step in steps:
        text += step if step == ELEMENT or not text else f".{step}"
    return text
