"""Rule files: what is wrong is said with file, line and what is expected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from findings.posture.rule import RuleErrors, load_rules, parse_rule
from findings.posture.rule.expressions import renamed, uses
from findings.posture.rule.paths import parse_read
from tests.findings.rulemaking import document, rule, text, write


def faults(**changes: Any) -> list[str]:
    with pytest.raises(RuleErrors) as caught:
        parse_rule(text(**changes), name="a-rule.yaml", family="aws")
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("changes", "line", "message"),
    [
        ({"id": "other"}, 1, "`id` is `other`; expected the name of the file, `a-rule`"),
        ({"step": "nowhere"}, 3, "`step` is `nowhere`; expected one of visibility, vulnerabilities, data"),
        ({"severity": "grave"}, 4, "`severity` is `grave`; expected one of low, medium, high, critical"),
        ({"kind": "aws.s3.bukket"}, 8, "`aws.s3.bukket` is not a kind of asset; did you mean `aws.s3.bucket`?"),
        ({"fail": "asset.Public =="}, 11, "`fail` is not a valid expression"),
        ({"fail": "asset.Secret == true"}, 11, "`fail` uses `Secret`, which is not declared in `reads`"),
        ({"fail": "assets.Public == true"}, 11, "`fail` uses `assets`, which is not defined; known are asset, facts"),
        ({"fail": "params.x == asset.Public"}, 11, "`fail` uses `params.x`, which `params` does not define"),
        ({"reads": ["Public", "a b"]}, 11, "`a b` is not a path: ` b` is not understood"),
        ({"reads": ["asset.Public"]}, 10, "`asset.Public` starts with `asset.`"),
        ({"reads": ["Public", "facts.nonsense"]}, 9, "`nonsense` is not a known fact"),
        ({"with": {"role": "no_such_link"}}, None, "`no_such_link` is not a type of link"),
        ({"fix": {"summary": "s", "effort": "low"}}, 14, "`fix` says no command; expected at least one of cli"),
        ({"fix": {"summary": "s", "cli": "x", "effort": "tiny"}}, 17, "`fix.effort` is `tiny`; expected one of low"),
        ({"maps": {"owasp-llm-2025": ["LLM99"]}}, 19, "`LLM99` is not a control of owasp-llm-2025"),
        ({"maps": {"no-such": ["X"]}}, 19, "`no-such` is not a known framework; expected one of aws-ai"),
        ({"why": None}, 1, "`why` is missing; expected text"),
        ({"examples": [{"verdict": "fail"}]}, None, "`examples` has none with verdict pass"),
        ({"examples": [{"verdict": "maybe"}]}, None, "`examples.0.verdict` is `maybe`; expected one of pass, fail"),
        ({"colour": "red"}, None, "`colour` is not a key that is known here"),
        ({"parameters": {"x": 1}}, None, "`parameters` is not a key that is known here"),
        ({"rationale": {"likelihood": "x"}}, None, "`rationale.impact` is missing"),
    ],
)
def test_a_mistake_is_named_with_its_line(changes: dict[str, Any], line: int | None, message: str) -> None:
    found = faults(**changes)
    hit = [fault for fault in found if message in fault]
    assert hit, found
    if line is not None:
        assert hit[0].startswith(f"aws/a-rule.yaml:{line}: "), found


def test_every_mistake_of_every_file_is_reported_at_once(tmp_path: Path) -> None:
    write(tmp_path / "aws", "one", step="nowhere", severity="grave")
    write(tmp_path / "aws", "two", fail="asset.Public ==")
    (tmp_path / "aws" / "three.yaml").write_text("id: [")
    (tmp_path / "aws" / "four.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RuleErrors) as caught:
        load_rules(tmp_path)
    assert {fault.file for fault in caught.value.faults} == {
        f"aws/{name}.yaml" for name in ("one", "two", "three", "four")
    }
    assert sum(fault.file == "aws/one.yaml" for fault in caught.value.faults) == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "aws/a-rule.yaml:1: the file is empty"),
        ("- a\n- b\n", "the file is a list; expected a mapping"),
        ("id: a\nid: b\n", "aws/a-rule.yaml:2: `id` is given twice"),
        ("a: &x [1]\nb: *x\n", "anchors and aliases are not supported"),
        ("a: {" * 60 + "}" * 60, "nested deeper than"),
        ("? [a]\n: b\n", "a key must be plain text"),
        ("a: !!python/object:os.system x\n", "aws/a-rule.yaml:1: `a` is not a key that is known here"),
    ],
)
def test_what_is_not_a_rule_is_refused_in_words(content: str, message: str) -> None:
    with pytest.raises(RuleErrors) as caught:
        parse_rule(content, name="a-rule.yaml", family="aws")
    assert message in str(caught.value)


def test_two_files_may_not_have_one_id(tmp_path: Path) -> None:
    write(tmp_path / "aws", "same")
    write(tmp_path / "kubernetes", "same")
    with pytest.raises(RuleErrors, match=r"the id `same` is already taken by aws/same\.yaml"):
        load_rules(tmp_path)


def test_yes_and_dates_are_text_as_in_json() -> None:
    examples = [
        {"verdict": "fail", "asset": {"Public": True}},
        {"verdict": "pass", "asset": {"Public": False}},
    ]
    source = text(examples=examples).replace("Public: false", "Public: false\n    Answer: yes\n    Day: 2026-01-01")
    found = parse_rule(source, name="a-rule.yaml").examples[1].asset
    assert found == {"Public": False, "Answer": "yes", "Day": "2026-01-01"}


def test_the_digest_changes_with_the_question_and_not_with_the_words() -> None:
    digest = rule().digest
    assert rule(title="Another title", why="Another reason", maps={"mitre-atlas": ["AML.T0012"]}).digest == digest
    for change in ({"severity": "low"}, {"fail": "asset.Public != false"}, {"when": "true"}, {"params": {"x": 1}}):
        assert rule(**change).digest != digest


def test_rules_are_read_again_only_when_a_file_changed(tmp_path: Path) -> None:
    write(tmp_path / "aws")
    first = load_rules(tmp_path)
    assert load_rules(tmp_path) is first
    write(tmp_path / "aws", title="A title that is longer than it was")
    assert load_rules(tmp_path) is not first


def test_a_group_stands_for_its_kinds() -> None:
    kinds = rule(kind="k8s.workload", reads=["spec.replicas"], fail="asset.spec.replicas == 0").kinds
    assert {"k8s.deployment", "k8s.cron_job"} <= kinds


@pytest.mark.parametrize(
    ("expression", "paths"),
    [
        ('asset.A.B == "asset.C"', {("asset", "A", "B")}),
        ("asset.L.exists(c, c.x == 1 && asset.K)", {("asset", "L"), ("asset", "L", "[]", "x"), ("asset", "K")}),
        ("asset.L.filter(c, c.x).all(d, d.y)", {("asset", "L"), ("asset", "L", "[]", "x"), ("asset", "L", "[]", "y")}),
        ("asset.L[0].x", {("asset", "L", "[]", "x")}),
        ('asset.M["a.b/c"] == null', {("asset", "M", "a.b/c")}),
        ("size(asset.L) > facts.limit", {("asset", "L"), ("facts", "limit")}),
        ("has(asset.A.B)", {("asset", "A", "B")}),
        ("asset.A ? asset.B : facts.c", {("asset", "A"), ("asset", "B"), ("facts", "c")}),
        ("asset.S.startsWith(facts.p)", {("asset", "S"), ("facts", "p")}),
        ("asset.L.map(c, c.x).exists(y, y == 1)", {("asset", "L"), ("asset", "L", "[]", "x")}),
        ("asset.L.exists(a, a.M.exists(b, b.x == a.y))", {
            ("asset", "L"), ("asset", "L", "[]", "M"), ("asset", "L", "[]", "M", "[]", "x"), ("asset", "L", "[]", "y"),
        }),
        ("[asset.A, asset.B].exists(x, x == null) // asset.C", {("asset", "A"), ("asset", "B")}),
    ],
)  # fmt: skip
def test_the_paths_that_an_expression_uses_are_found(expression: str, paths: set[tuple[str, ...]]) -> None:
    found = uses(expression, frozenset({"asset", "facts"}))
    assert found.paths == {*paths, *(path for path in found.paths if path == ("asset", "L", "[]"))}
    assert not found.unknown


def test_params_are_renamed_only_where_they_are_the_variable() -> None:
    assert renamed('params.a in asset.params || "params" == params.b', "params", "p") == (
        'p.a in asset.params || "params" == p.b'
    )


@pytest.mark.parametrize("path", ["", ".a", "a..b", "a.", "a[b]", "a b", "[]", "a{}.b"])
def test_what_is_not_a_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="not a path"):
        parse_read(path, frozenset({"facts"}))


def test_the_document_of_the_test_is_a_whole_rule() -> None:
    assert set(document()) == {
        "id", "title", "step", "severity", "rationale", "kind", "reads", "fail", "why", "confirm", "fix", "maps",
        "examples",
    }  # fmt: skip
