"""How the controls of a framework come out."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import DjangoAssertNumQueries

from aispm.accounts.models import User
from aispm.core.errors import NotAllowed
from findings.posture import queries
from findings.posture.filters import FindingFilter, RuleFilter
from findings.posture.models import Finding
from findings.posture.queries import ControlStanding, Standing
from findings.posture.rule.controls import frameworks
from findings.posture.services import evaluate
from inventory.documents import ScopeState
from inventory.models import Source
from tests.builders import bob, charlie, make_asset, make_scope, make_source
from tests.findings.rulemaking import write

pytestmark = pytest.mark.django_db
LLM = "owasp-llm-2025"
DENIED = {"part": "Public", "problem": "denied", "message": "", "permission": "s3:GetBucketAcl"}


@pytest.fixture
def source(own_rules: Path) -> Source:
    """A public bucket and a private one; LLM02 is asked by two rules, LLM03 by one, LLM04 about roles alone."""
    write(own_rules)
    write(own_rules, "logged", reads=["Logging"], fail="asset.Logging == null", maps={LLM: ["LLM02", "LLM03"]})
    write(own_rules, "of-roles", kind="aws.iam.role", maps={LLM: ["LLM04"], "eu-ai-act": ["Art. 10"]})
    source = make_source()
    make_asset(source, name="open-door", config={"Public": True, "Logging": {}})
    make_asset(source, name="closed-door", config={"Public": False, "Logging": {}})
    evaluate(source=source)
    return source


@pytest.fixture(autouse=True)
def user(db: None) -> User:
    return bob()


def control(id: str, framework: str = LLM) -> ControlStanding:
    found = queries.framework_for(User.objects.get(username="bob"), framework)
    assert found is not None
    return next(entry for entry in found.controls if entry.control.id == id)


def test_a_control_fails_when_one_of_its_rules_does(source: Source) -> None:
    found = control("LLM02")
    assert (found.standing, found.failed, found.passed, found.open) == (Standing.FAIL, 1, 3, 1)
    assert [asked.rule.id for asked in found.rules] == ["a-rule", "logged"], "those that fail come first"


def test_a_control_passes_when_all_that_was_asked_passes(source: Source) -> None:
    assert control("LLM03").standing is Standing.PASS


def test_a_control_is_unknown_when_nothing_fails_and_something_could_not_be_read(source: Source) -> None:
    make_asset(source, name="dark-door", config={"Public": False}, unread=[DENIED | {"part": "Logging"}])
    evaluate(source=source)
    assert control("LLM03").standing is Standing.UNKNOWN
    assert control("LLM02").standing is Standing.FAIL


def test_a_control_does_not_apply_where_there_is_nothing_to_ask(source: Source) -> None:
    assert control("LLM04").standing is Standing.NOT_APPLICABLE


@pytest.mark.parametrize("state", [ScopeState.DENIED, ScopeState.INCOMPLETE, ScopeState.NEVER])
def test_what_was_not_read_is_unknown_rather_than_not_applicable(source: Source, state: ScopeState) -> None:
    make_scope(source, "aws.iam.role", "-", state)
    assert control("LLM04").standing is Standing.UNKNOWN


@pytest.mark.parametrize("state", [ScopeState.DENIED, ScopeState.INCOMPLETE, ScopeState.NEVER])
def test_what_passes_does_not_speak_for_what_was_not_read(source: Source, state: ScopeState) -> None:
    make_scope(source, "aws.s3.bucket", "eu-north-1", state)
    assert control("LLM03").standing is Standing.UNKNOWN
    assert control("LLM02").standing is Standing.FAIL


def test_a_control_without_a_rule_is_not_asked_or_not_automatable(source: Source) -> None:
    assert control("LLM09").standing is Standing.NOT_ASKED
    literacy = control("Art. 4", "eu-ai-act")
    assert (literacy.standing, literacy.control.automatable) == (Standing.NOT_AUTOMATABLE, False)
    assert literacy.control.reason.endswith("documents, filings and training.")


def test_coverage_leaves_out_what_does_not_apply_and_what_nobody_can_ask(source: Source, user: User) -> None:
    found = queries.framework_for(user, LLM)
    assert found is not None
    assert found.counts == {
        "fail": 1, "unknown": 0, "pass": 1, "not-applicable": 1, "not-asked": 7, "not-automatable": 0,
    }  # fmt: skip
    assert (found.answered, found.answerable, found.coverage) == (2, 9, 22)
    assert all(sum(each.counts.values()) == each.size for each in queries.frameworks_for(user))


def test_before_anything_was_judged_no_control_passes_or_fails(own_rules: Path, user: User) -> None:
    write(own_rules)
    for found in queries.frameworks_for(user):
        assert found.answered == 0
    assert not control("LLM02").rules[0].known


def test_frameworks_are_read_in_two_statements(
    source: Source, user: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):
        queries.frameworks_for(user)
    with django_assert_num_queries(2):
        queries.framework_for(user, LLM)


def test_who_may_not_see_the_posture_sees_no_framework(source: Source, user: User) -> None:
    with pytest.raises(NotAllowed):
        queries.frameworks_for(charlie())
    assert queries.framework_for(user, "five-steps") is None


def test_findings_and_rules_are_found_by_control(source: Source, user: User) -> None:
    def found(control: str) -> int:
        return int(FindingFilter({"control": control}, queryset=queries.findings_for(user)).qs.count())

    assert Finding.objects.open().count() == found(f"{LLM}:LLM02") == 1
    assert found(f"{LLM}:LLM03") == found("eu-ai-act:Art. 10") == 0
    rules = RuleFilter({"control": f"{LLM}:LLM02,eu-ai-act:Art. 10"}, queryset=queries.rules_for(user))
    assert sorted(rules.qs.values_list("pk", flat=True)) == ["a-rule", "logged", "of-roles"]
    assert not RuleFilter({"control": f"{LLM}:LLM99"}, queryset=queries.rules_for(user)).is_valid()


def test_a_catalogue_that_names_a_control_it_does_not_have_is_refused(tmp_path: Path) -> None:
    groups = "not_automatable: [{because: Why., controls: [B]}]"
    text = f"title: Mine\nversion: '1'\nautomatable: Read.\n{groups}\ncontrols: {{A: First}}\n"
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"mine\.yaml: .* B"):
        frameworks(tmp_path)
