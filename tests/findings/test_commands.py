"""The commands and their exit codes."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from findings.posture.models import Finding
from inventory.models import Source
from tests.builders import make_asset, make_source
from tests.findings.rulemaking import write

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    code: Any = 0
    try:
        call_command(*arguments, stdout=out, stderr=err)
    except SystemExit as end:
        code = end.code or 0
    return code, out.getvalue(), err.getvalue()


@pytest.fixture
def source(own_rules: Path) -> Source:
    write(own_rules)
    source = make_source(name="shop")
    make_asset(source, name="open-door", config={"Public": True})
    make_asset(source, name="closed-door", config={"Public": False})
    return source


def test_evaluate_says_what_it_did(source: Source) -> None:
    code, out, _ = run("evaluate", "--source", "shop", "--json")
    assert (code, json.loads(out)) == (0, {"shop": {"judged": 2, "opened": 1, "resolved": 0, "staled": 0}})
    assert run("evaluate", "--source", "nowhere")[0] == 2


def test_evaluate_names_file_and_line_of_a_broken_rule(source: Source, own_rules: Path) -> None:
    write(own_rules, "broken", fail="asset.Public ==")
    code, _, err = run("evaluate")
    assert code == 3
    assert "aws/broken.yaml:" in err
    assert Finding.objects.get().rule_id == "a-rule", "the others are asked all the same"


def test_evaluate_says_a_fault_once(source: Source, own_rules: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(own_rules, "broken", fail="asset.Public ==")
    assert (run("evaluate")[2] + caplog.text).count("aws/broken.yaml:") == 1


def test_findings_fail_on_severity(source: Source) -> None:
    run("evaluate")
    assert run("findings", "--fail-on", "critical")[0] == 0
    code, out, _ = run("findings", "--fail-on", "high")
    assert (code, "open-door" in out) == (1, True)
    assert run("findings", "severity=terrible")[0] == 2
    code, out, _ = run("findings", "severity=high", "--json")
    assert (code, json.loads(out)[0]["evidence"]) == (0, {"Public": True})


def test_posture_explains_its_sum(source: Source) -> None:
    run("evaluate")
    code, out, _ = run("posture", "--explain")
    assert code == 0
    assert "floor(100 x 12 / 24) = 50" in out
    document = json.loads(run("posture", "--explain", "--json", "--source", "shop")[1])
    step = next(step for step in document["steps"] if step["step"] == "data")
    assert sum(term["pass_weight"] for term in step["terms"]) == step["numerator"]
    assert run("posture", "--source", "nowhere")[0] == 2


def test_the_rules_of_the_installation_are_tested_with_the_others(own_rules: Path) -> None:
    write(
        own_rules, "mine", examples=[{"verdict": "pass", "asset": {"Public": True}}, {"verdict": "fail", "asset": {}}]
    )
    code, _, err = run("rules", "test")
    assert (code, "mine.yaml" in err) == (1, True)


def test_findings_as_json_are_all_unless_a_limit_is_named(own_rules: Path) -> None:
    write(own_rules)
    source = make_source(name="shop")
    for _ in range(52):
        make_asset(source, config={"Public": True})
    run("evaluate")
    assert len(json.loads(run("findings", "--json")[1])) == 52
    assert len(json.loads(run("findings", "--json", "--limit", "3")[1])) == 3
    table = run("findings")[1]
    assert "50 of 52 findings. --limit 0 lists all." in table
    assert "3 of 52" in run("findings", "--limit", "3")[1]
    with pytest.raises(CommandError, match="0 or more"):
        call_command("findings", "--limit", "-1")


def test_rules_are_tested_listed_and_explained(tmp_path: Path) -> None:
    file = write(tmp_path / "aws")
    assert run("rules", "test", str(file))[0] == 0
    assert "1 rules." in run("rules", "list", str(tmp_path))[1]
    assert "asset.Public == true" in run("rules", "explain", str(file))[1]
    write(tmp_path / "aws", "wrong", examples=[{"verdict": "fail", "asset": {}}, {"verdict": "pass", "asset": {}}])
    code, _, err = run("rules", "test", str(tmp_path))
    assert code == 1
    assert "expected fail, got pass" in err
    write(tmp_path / "aws", "broken", step="nowhere")
    code, _, err = run("rules", "test", str(tmp_path))
    assert (code, "aws/broken.yaml:3" in err) == (1, True)
