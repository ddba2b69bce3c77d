"""The installation's own rule files: whatever becomes of a file, what its rule said stands until the file is gone."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from aispm.accounts.models import Role
from findings.posture.models import Finding, Judgement, Rule
from findings.posture.queries import rules_in_force
from findings.posture.rule import RuleErrors, parse_rule
from findings.posture.services import evaluate, sync_rules
from inventory.models import Asset, Source
from tests.builders import make_asset, make_source, make_user
from tests.faults.runs import assert_sums_agree
from tests.findings.rulemaking import text, write

pytestmark = pytest.mark.django_db
ODD = ("Bucket \U0001f600 open", "Bucket \x85 open", "Bucket \u2028 \ufeff open", "Bucket: {open} # yes", "null")


@pytest.fixture
def home(tmp_path: Path, settings: Settings) -> Path:
    """AISPM_HOME with an empty folder for rules; the built-in ones are in force too."""
    settings.AISPM_HOME = tmp_path
    (tmp_path / "rules").mkdir()
    return tmp_path / "rules"


@pytest.fixture
def source(db: None) -> Source:
    made = make_source()
    make_asset(made, config={"Public": True})
    return made


def found() -> set[tuple[str, str]]:
    return set(Finding.objects.filter(rule="a-rule").values_list("status", "resolution"))


@pytest.mark.parametrize("title", ODD)
def test_a_broken_rule_is_asked_as_before_whatever_its_words_are(own_rules: Path, source: Source, title: str) -> None:
    file = write(own_rules, title=title)
    evaluate(source=source)
    before = rules_in_force().rules
    file.write_text("id: [\n", encoding="utf-8")
    after = rules_in_force()
    assert (after.rules.by_id["a-rule"].title, after.rules.digest) == (title, before.digest)
    assert [fault.file for fault in after.faults] == ["aws/a-rule.yaml"]
    make_asset(source, config={"Public": True})
    assert evaluate(source=source).opened == 1
    assert found() == {("open", "")}
    assert Rule.objects.get().withdrawn_at is None


@pytest.mark.parametrize("become", ["a link to nowhere", "a link to itself", "no text", "too large"])
def test_a_rule_file_that_cannot_be_read_is_a_fault_and_its_rule_stays(
    own_rules: Path, source: Source, become: str
) -> None:
    file = write(own_rules)
    write(own_rules, "other")
    evaluate(source=source)
    file.unlink()
    if become == "a link to nowhere":
        file.symlink_to(own_rules / "nowhere")
    elif become == "a link to itself":
        file.symlink_to(file.name)
    else:
        file.write_bytes(b"\xff" * (10 if become == "no text" else 100_000))
    make_asset(source, config={"Public": True})
    assert evaluate(source=source).opened == 2
    assert "cannot be read" in str(rules_in_force().faults)
    assert found() == {("open", "")}
    file.unlink()
    evaluate(source=source)
    assert found() == {("resolved", "rule-withdrawn")}


def test_a_file_that_vanishes_while_the_folder_is_read_is_a_fault(
    own_rules: Path, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(own_rules)
    evaluate(source=source)
    usual = Path.stat

    def vanishing(path: Path, **options: bool) -> object:
        if path == file:
            raise FileNotFoundError(2, "No such file", str(path))
        return usual(path, **options)

    monkeypatch.setattr(Path, "stat", vanishing)
    monkeypatch.setattr(Path, "read_bytes", lambda path: vanishing(path))
    assert "cannot be read" in str(rules_in_force().faults)
    evaluate(source=source)
    assert found() == {("open", "")}


def test_a_folder_that_cannot_be_read_withdraws_nothing(home: Path, source: Source) -> None:
    write(home)
    evaluate(source=source)
    home.rename(home.parent / "elsewhere")
    home.symlink_to("nowhere")
    assert [str(fault) for fault in rules_in_force().faults] == [
        "rules:1: the folder cannot be read: No such file or directory"
    ]
    evaluate(source=source)
    assert found() == {("open", "")}


def test_pages_and_figures_stand_while_a_rule_file_cannot_be_read(home: Path, source: Source) -> None:
    write(home)
    evaluate(source=source)
    (home / "b.yaml").symlink_to("nowhere")
    client = Client()
    client.force_login(make_user("alice", role=Role.ADMINISTRATOR))
    for address in ("/", "/rules/", f"/inventory/{Asset.objects.get().pk}/"):
        assert client.get(address).status_code == 200, address
    assert "rules/b.yaml:1: cannot be read" in client.get("/rules/").content.decode()


def test_what_a_rule_said_stands_when_its_last_good_form_cannot_be_asked_any_more(
    own_rules: Path, source: Source
) -> None:
    """As after an upgrade that no longer knows a fact that the rule reads."""
    file = write(own_rules)
    evaluate(source=source)
    Rule.objects.update(document={"id": "a-rule", "reads": ["facts.gone"]})
    file.write_text("id: [\n", encoding="utf-8")
    Asset.objects.update(environment="production", config_digest="other")
    assert evaluate(source=source).judged == 1
    assert evaluate(source=source).judged == 0
    assert set(Finding.objects.values_list("status", "environment")) == {("open", "production")}
    assert Judgement.objects.get().verdicts == {"a-rule": "f"}
    assert Rule.objects.get().withdrawn_at is None
    assert_sums_agree()
    write(own_rules, fail="asset.Public == null")
    evaluate(source=source)
    assert found() == {("resolved", "rule-changed")}
    assert_sums_agree()


@pytest.mark.parametrize("folder", ["", "aws"])
def test_rules_mounted_from_a_config_map_are_found_once(own_rules: Path, folder: str) -> None:
    write(own_rules / "..2026_11_24" / folder)
    (own_rules / "..data").symlink_to("..2026_11_24")
    seen = folder or "a-rule.yaml"
    (own_rules / seen).symlink_to(f"..data/{seen}")
    (own_rules / "again").symlink_to(".")
    (own_rules / ".a-rule.yaml.swp.yaml").write_text("{", encoding="utf-8")
    assert rules_in_force().faults == ()
    assert list(sync_rules().by_id) == ["a-rule"]


@pytest.mark.parametrize("title", ['"a\\0b"', '"a\\ud83dc"'])
def test_text_that_no_database_keeps_is_a_fault_with_its_line(title: str) -> None:
    with pytest.raises(RuleErrors, match=r"aws/a-rule\.yaml:2: "):
        parse_rule(text().replace("title: Rule a-rule", f"title: {title}"), name="a-rule.yaml", family="aws")
