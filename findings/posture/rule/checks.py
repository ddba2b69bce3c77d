"""A rule document into a Rule: every field checked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from findings.posture.rule.errors import Fault
from findings.posture.rule.fields import Fields, called, near
from findings.posture.rule.model import SEVERITIES, STEPS, Example, Fix, Outcome, Rule
from findings.posture.rule.patches import patch_template
from findings.posture.rule.questions import Question, question
from findings.posture.rule.vocabulary import Vocabulary
from findings.posture.rule.yaml_lines import Lined

KEYS = (
    "id", "title", "step", "severity", "rationale", "kind", "reads", "with", "when", "fail", "discriminator",
    "params", "why", "confirm", "fix", "maps", "examples",
)  # fmt: skip
EFFORTS = ("low", "medium", "high")
COMMANDS = ("cli", "kubectl", "terraform", "yaml", "helm", "console")
_EXAMPLE_KEYS = frozenset({"verdict", "name", "kind", "asset", "facts", "unread", "now", "discriminators"})
EXAMPLE_NOW = "2026-01-01T00:00:00Z"


def build(lined: Lined, file: str, words: Vocabulary, faults: list[Fault]) -> Rule | None:
    """The rule, or nothing when `faults` grew."""
    before = len(faults)
    fields = Fields(lined, file, faults)
    if not isinstance(lined.value, dict):
        fields.fault(f"the file is {called(lined.value)}; expected a mapping with the keys of a rule")
        return None
    fields.keys(KEYS)
    asked = question(fields, words)
    head = _head(fields, file)
    fix = _fix(fields, head["id"], asked)
    maps = _maps(fields, words)
    examples = _examples(fields, asked)
    if len(faults) > before:
        return None
    severity = SEVERITIES[head["severity"]]
    return Rule(
        id=head["id"], title=head["title"], step=head["step"], severity=severity,
        family=PurePosixPath(file).parent.name, likelihood=head["likelihood"], impact=head["impact"],
        kinds=asked.kinds, reads=asked.reads, links=asked.links, when=asked.when, fail=asked.fail,
        discriminator=asked.discriminator, params=asked.params, why=head["why"], confirm=head["confirm"],
        fix=fix, maps=maps, examples=examples, digest=asked.digest(severity), document=lined.value, file=file,
        when_reads=asked.when_reads, fail_program=asked.programs["fail"], when_program=asked.programs.get("when"),
        discriminator_program=asked.programs.get("discriminator"),
    )  # fmt: skip


def _head(fields: Fields, file: str) -> Mapping[str, str]:
    stem = PurePosixPath(file).name.removesuffix(".yaml")
    id_ = fields.text("id", required=True, longest=120)
    if id_ and id_ != stem:
        fields.fault(f"`id` is `{id_}`; expected the name of the file, `{stem}`", "id")
    if id_ and not all(c.islower() or c.isdigit() or c == "-" for c in id_):
        fields.fault(f"`id` is `{id_}`; expected lower-case letters, digits and dashes", "id")
    fields.keys(("likelihood", "impact"), "rationale")
    return {
        "id": id_,
        "title": fields.text("title", required=True, longest=200),
        "step": fields.choice(STEPS, "step"),
        "severity": fields.choice(tuple(SEVERITIES), "severity"),
        "likelihood": fields.text("rationale", "likelihood", required=True, longest=300),
        "impact": fields.text("rationale", "impact", required=True, longest=300),
        "why": fields.text("why", required=True),
        "confirm": fields.text("confirm", required=True),
    }


def _fix(fields: Fields, id_: str, asked: Question) -> Fix:
    fields.keys(("key", "by", "summary", "effort", "patch", "decision", *COMMANDS), "fix")
    fields.mapping("fix", required=True)
    commands = {name: text for name in COMMANDS if (text := fields.text("fix", name))}
    if not commands:
        fields.fault(f"`fix` says no command; expected at least one of {', '.join(COMMANDS)}", "fix")
    by = fields.text("fix", "by")
    if by and by not in (read.text for read in asked.reads):
        fields.fault(f"`fix.by` is `{by}`, which is not declared in `reads`", "fix", "by")
    return Fix(
        key=fields.text("fix", "key", longest=140 if by else 160) or id_,
        by=by,
        summary=fields.text("fix", "summary", required=True),
        effort=fields.choice(EFFORTS, "fix", "effort"),
        commands=commands,
        patch=patch_template(fields),
        decision=fields.text("fix", "decision"),
    )


def _maps(fields: Fields, words: Vocabulary) -> Mapping[str, tuple[str, ...]]:
    found = {}
    for framework in fields.mapping("maps", required=True):
        controls = fields.texts("maps", framework, required=True)
        known = words.controls.get(framework)
        if known is None:
            expected = ", ".join(sorted(words.controls))
            fields.fault(f"`{framework}` is not a known framework; expected one of {expected}", "maps", framework)
            continue
        for control in controls:
            if control not in known:
                fields.fault(
                    f"`{control}` is not a control of {framework}{near(control, known)} "
                    f"(catalogue: findings/frameworks/{framework}.yaml)", "maps", framework,
                )  # fmt: skip
        found[framework] = tuple(controls)
    return found


def _examples(fields: Fields, asked: Question) -> tuple[Example, ...]:
    entries = fields.get("examples")
    if not isinstance(entries, list):
        fields.fault(
            f"`examples` is {called(entries)}; expected a list with at least one fail and one pass", "examples"
        )
        return ()
    found = [example for at in range(len(entries)) if (example := _example(fields, at, asked))]
    verdicts = {example.verdict for example in found}
    for needed in (Outcome.FAIL, Outcome.PASS):
        if needed not in verdicts:
            fields.fault(f"`examples` has none with verdict {needed}; expected at least one", "examples")
    return tuple(found)


def _example(fields: Fields, at: int, asked: Question) -> Example | None:
    where = ("examples", at)
    given = fields.mapping(*where, required=True)
    fields.keys(_EXAMPLE_KEYS | asked.links.keys(), *where)
    verdict = fields.choice(tuple(Outcome), *where, "verdict")
    kind = _example_kind(fields, at, asked)
    if not verdict or not kind:
        return None
    wanted = given.get("discriminators")
    return Example(
        name=fields.text(*where, "name") or f"example {at + 1}",
        line=fields.lined.line(*where),
        verdict=Outcome(verdict),
        kind=kind,
        asset=fields.mapping(*where, "asset"),
        facts=fields.mapping(*where, "facts"),
        unread=fields.texts(*where, "unread"),
        linked={alias: given[alias] for alias in asked.links if alias in given},
        now=fields.text(*where, "now") or EXAMPLE_NOW,
        discriminators=fields.texts(*where, "discriminators") if wanted is not None else None,
    )


def _example_kind(fields: Fields, at: int, asked: Question) -> str:
    kind: Any = fields.text("examples", at, "kind")
    if kind and kind not in asked.kinds:
        fields.fault(f"`kind` is `{kind}`; expected one of {', '.join(sorted(asked.kinds))}", "examples", at, "kind")
        return ""
    usual = "k8s.deployment" if "k8s.deployment" in asked.kinds else min(asked.kinds, default="")
    return kind or usual
