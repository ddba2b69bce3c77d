"""The patch that a finding offers is valid, puts the finding right, and changes nothing else.

`tests/data/patches/<rule>.yaml` holds, for each rule with a patch, objects of which one fails it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from findings.posture.engine import MERGE, NEW, STRATEGIC, Patch, Subject, patch_for
from findings.posture.engine.unstored import Judged, judge_unstored
from findings.posture.rule import BUILT_IN, Outcome, Rule, RuleErrors, load_rules, parse_rule
from integrations.base import Page
from integrations.kubernetes.manifests.files import Text
from integrations.kubernetes.manifests.lists import Manifests
from integrations.kubernetes.resources import RESOURCES
from integrations.kubernetes.sweep import Sweep
from integrations.secrets import HIDDEN
from inventory.documents import ScopeState, ScopeView
from tests.findings.merging import Document, leaves, merged, mistakes

RULES = load_rules(BUILT_IN / "kubernetes")
PATCHED = [rule for rule in RULES if rule.fix.patch]
NETWORK = """
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: cilium, namespace: kube-system}
spec: {template: {spec: {containers: [{name: agent, image: 'quay.io/cilium/cilium:v1.18.2'}]}}}
"""
CASES = Path(__file__).parents[1] / "data" / "patches"


def judged(documents: Sequence[Document]) -> list[Judged]:
    """What the rules say of a cluster that enforces network policies and holds these objects and no others."""
    held = [*documents, yaml.safe_load(NETWORK)]
    lists = Manifests([Text("case.yaml", yaml.safe_dump_all(held).encode(), True)])
    assert lists.troubles == []
    seen, scopes = [], []
    for part in Sweep(lists, RESOURCES, workers=1).run(lambda: False):
        if isinstance(part, Page):
            seen += [replace(one, unread=()) for one in part.assets]
        else:
            scopes.append(ScopeView(part.key.region, part.key.collector, ScopeState.COMPLETE))
    return list(judge_unstored(seen, scopes, RULES, datetime.now(UTC)))


def outcomes(of: Sequence[Judged], wanted: Outcome) -> set[tuple[str, str, str]]:
    return {
        (one.seen.kind, one.seen.external_id, verdict.rule_id)
        for one in of
        for verdict in one.verdicts
        if verdict.outcome is wanted
    }


def offered(rule: Rule, of: Sequence[Judged]) -> list[Patch]:
    patches = [
        patch_for(rule, one.subject, discriminator)
        for one in of
        for verdict in one.verdicts
        if verdict.rule_id == rule.id and verdict.outcome is Outcome.FAIL
        for discriminator in verdict.discriminators
    ]
    assert patches, f"nothing fails {rule.id}: {[v for one in of for v in one.verdicts if v.rule_id == rule.id]}"
    assert all(patches), "the case gives no patch"
    return [patch for patch in patches if patch]


def applied(documents: Sequence[Document], patch: Patch) -> list[Document]:
    if patch.how == NEW:
        return [*documents, patch.document]
    return [
        merged(one, patch.document, strategic=patch.how == STRATEGIC) if same(one, patch.document) else one
        for one in documents
    ]


def same(one: Document, other: Document) -> bool:
    return one["kind"] == other["kind"] and one["metadata"]["name"] == other["metadata"]["name"]


def case(rule: Rule) -> list[Document]:
    return list(yaml.safe_load_all((CASES / f"{rule.id}.yaml").read_text()))


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.id)
def test_a_kubernetes_rule_offers_a_patch_or_says_what_has_to_be_decided(rule: Rule) -> None:
    assert rule.fix.patch or rule.fix.decision


def test_every_patch_has_a_case_and_every_case_a_patch() -> None:
    assert {rule.id for rule in PATCHED} == {file.stem for file in CASES.glob("*.yaml")}


@pytest.mark.parametrize("rule", PATCHED, ids=lambda rule: rule.id)
def test_a_patch_is_valid_puts_its_finding_right_and_changes_nothing_else(rule: Rule) -> None:
    before = case(rule)
    first, after = judged(before), before
    for patch in offered(rule, first):
        assert patch.how == MERGE or mistakes(patch.document) == []
        changed = applied(after, patch)
        if patch.how != NEW:
            assert beyond(after, changed, patch) == set()
        after = changed
    second = judged(after)
    failed = outcomes(first, Outcome.FAIL)
    mended = {key for key in failed if key[2] == rule.id}
    assert mended <= outcomes(second, Outcome.PASS) | outcomes(second, Outcome.NOT_APPLICABLE)
    assert outcomes(second, Outcome.FAIL) <= failed - mended


def beyond(before: Sequence[Document], after: Sequence[Document], patch: Patch) -> set[tuple[object, ...]]:
    """The values that changed although the patch does not name them."""
    named = set(leaves(patch.document))
    changed = set()
    for one, other in zip(before, after, strict=True):
        old, new = leaves(one), leaves(other)
        changed |= {path for path in old.keys() | new.keys() if old.get(path, ...) != new.get(path, ...)}
    return {path for path in changed if not any(_within(path, name) for name in named)}


def _within(path: tuple[object, ...], name: tuple[object, ...]) -> bool:
    """Whether the patch names the value, the list that it is in, or the element that is taken out."""
    index = next((at for at, step in enumerate(name) if isinstance(step, int)), len(name))
    whole = name[:index]
    taken_out = name[:-1] if name[-1] == "$patch" else whole
    return path[: len(taken_out)] == taken_out


def subject(**container: object) -> Subject:
    spec = {"containers": [{"name": "server", **container}]}
    config = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "chat", "namespace": "ml"},
        "spec": {"template": {"spec": spec}},
    }
    return Subject(
        kind="k8s.deployment", config=config, facts={"network_policy": {"ingress": "none", "egress": "none"}}
    )


def test_arguments_that_were_not_kept_are_never_written_back() -> None:
    rule = RULES.by_id["k8s-model-remote-code"]
    args = ["--trust-remote-code", "--api-key"]
    assert patch_for(rule, subject(args=args), "") is not None
    assert patch_for(rule, subject(args=[*args, HIDDEN]), "") is None
    assert patch_for(rule, subject(args=[*args, "a… (5000 characters)"]), "") is None


def test_pods_that_nothing_tells_from_others_get_no_policy() -> None:
    """An empty selector would close the whole namespace."""
    assert patch_for(RULES.by_id["k8s-ai-no-network-policy"], subject(), "") is None


def test_a_policy_that_is_there_already_is_not_answered_with_another() -> None:
    one = subject()
    one.config["spec"]["template"]["metadata"] = {"labels": {"app": "chat"}}
    rule = RULES.by_id["k8s-ai-no-network-policy"]
    assert patch_for(rule, one, "") is not None
    open_ = Subject(kind=one.kind, config=one.config, facts={"network_policy": {"ingress": "open"}})
    assert patch_for(rule, open_, "") is None


@pytest.mark.parametrize(
    ("patch", "fault"),
    [
        ("{object: {spec: '${asset.}'}}", "is not a valid expression"),
        ("{container: {image: a}}", "`fix.patch.container` needs `where`"),
        ("{manifest: {kind: Pod}, pod: {}}", "`fix.patch` has either `manifest`"),
        ("{pods: {}}", "`pods` is not a key that is known here; did you mean `pod`?"),
    ],
)
def test_a_mistake_in_a_patch_is_told_when_the_rule_is_loaded(patch: str, fault: str) -> None:
    text = (BUILT_IN / "kubernetes" / "k8s-ai-host-pid.yaml").read_text()
    with pytest.raises(RuleErrors) as error:
        parse_rule(
            text.replace("  patch:\n    pod: {hostPID: false}", f"  patch: {patch}"), name="k8s-ai-host-pid.yaml"
        )
    assert fault in " ".join(map(str, error.value.faults))
