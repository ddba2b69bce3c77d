"""What is written, and in how many statements."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from aispm.core.errors import Invalid, TransientError
from findings.posture.models import Finding, PostureDay, Rule, ScoreChange, Transition
from findings.posture.queries import rules_digest, rules_in_force
from findings.posture.services import evaluate, sync_rules
from findings.posture.services.locking import key_of
from findings.posture.services.writing import fingerprint
from inventory.models import Asset, Source
from tests.builders import make_asset, make_source, moment
from tests.findings.rulemaking import write

texts = st.text(max_size=300)
identities = st.tuples(texts, texts, texts, texts)


@given(texts, identities, texts)
def test_a_fingerprint_has_one_length_and_is_stable(rule: str, identity: tuple[str, ...], name: str) -> None:
    found = fingerprint(rule, identity, name)
    assert re.fullmatch(r"1[0-9a-f]{32}", found)
    assert found == fingerprint(rule, identity, name)


@given(st.tuples(texts, identities, texts), st.tuples(texts, identities, texts))
def test_different_problems_have_different_fingerprints(one: Any, other: Any) -> None:
    assert (fingerprint(*one) == fingerprint(*other)) == (one == other)


def test_parts_of_a_fingerprint_cannot_run_into_each_other() -> None:
    identity = ("aws", "1", "k")
    assert fingerprint("r", (*identity, "a"), "b") != fingerprint("r", (*identity, "ab"), "")
    assert fingerprint("r", ("aws", "1", "k", "a"), "") == "1" + fingerprint("r", ("aws", "1", "k", "a"), "")[1:]


def statements(source: Source) -> Counter[str]:
    with CaptureQueriesContext(connection) as caught:
        evaluate(source=source)
    return Counter(query["sql"].strip().split()[0] for query in caught.captured_queries)


@pytest.mark.django_db
def test_a_batch_takes_the_same_statements_whatever_its_size(own_rules: Path) -> None:
    for name in ("one", "two", "three"):
        write(own_rules, name)
    totals = []
    for size in (1, 40):
        source = make_source()
        for _ in range(size):
            make_asset(source, config={"Public": True})
        sync_rules()
        with CaptureQueriesContext(connection) as caught:
            evaluate(source=source)
        totals.append(len(caught))
    assert totals[0] == totals[1]
    assert totals[0] <= 37


@pytest.mark.django_db
def test_an_evaluation_with_nothing_to_do_writes_one_row(own_rules: Path) -> None:
    write(own_rules)
    source = make_source()
    make_asset(source, config={"Public": True})
    evaluate(source=source)
    counted = statements(source)
    assert counted["INSERT"] == counted["DELETE"] == 0
    assert counted["UPDATE"] == 1
    assert sum(counted.values()) <= 22


@pytest.mark.django_db
def test_a_rescan_that_sees_the_same_writes_no_finding(own_rules: Path) -> None:
    write(own_rules)
    source = make_source()
    for _ in range(3):
        make_asset(source, config={"Public": True})
    evaluate(source=source)
    Asset.objects.update(config_digest="other")
    counted = statements(source)
    assert counted["INSERT"] == 1  # the judgements: they remember what was judged
    assert Transition.objects.count() == 3


@pytest.mark.django_db
def test_rules_are_synchronised_once_and_withdrawn_when_their_file_goes(own_rules: Path) -> None:
    file = write(own_rules)
    sync_rules()
    first = Rule.objects.get()
    sync_rules()
    assert Rule.objects.get().changed_at == first.changed_at
    write(own_rules, title="Other words")
    sync_rules()
    assert (Rule.objects.get().title, Rule.objects.get().changed_at) == ("Other words", first.changed_at)
    write(own_rules, fail="asset.Public != false")
    sync_rules()
    assert Rule.objects.get().changed_at > first.changed_at
    file.unlink()
    sync_rules()
    assert Rule.objects.get().withdrawn_at is not None
    write(own_rules)
    sync_rules()
    assert Rule.objects.get().withdrawn_at is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "config", "resolution"),
    [
        ({"fail": "asset.Public == false"}, {"Public": True}, "rule-changed"),
        ({}, {"Public": False}, "fixed"),
        ({"fail": "asset.Public == 1"}, {"Public": False}, "fixed"),
        ({"when": "asset.Public == 1"}, {"Public": True}, "rule-changed"),
        ({"when": "asset.Public == true"}, {"Public": False}, "not-applicable"),
        (None, {"Public": True}, "rule-withdrawn"),
    ],
)
def test_a_finding_ends_for_the_reason_that_ended_it(
    own_rules: Path, change: dict[str, Any] | None, config: dict[str, Any], resolution: str
) -> None:
    file = write(own_rules)
    if resolution == "not-applicable":
        write(own_rules, **(change or {}))
    source = make_source()
    asset = make_asset(source, config={"Public": True})
    evaluate(source=source)
    if change is None:
        file.unlink()
    else:
        write(own_rules, **change)
    if config != asset.config:
        asset.config, asset.config_digest = config, "other"
        asset.save()
    evaluate(source=source)
    assert Finding.objects.get().resolution == resolution


@pytest.mark.django_db
def test_a_rule_that_asks_other_kinds_now_resolves_its_findings(own_rules: Path) -> None:
    write(own_rules)
    source = make_source()
    make_asset(source, config={"Public": True})
    evaluate(source=source)
    write(own_rules, kind="aws.kms.key")
    evaluate(source=source)
    assert Finding.objects.get().resolution == "rule-changed"


@pytest.mark.django_db
def test_other_rules_ask_for_an_evaluation(own_rules: Path) -> None:
    write(own_rules)
    source = make_source()
    evaluate(source=source)
    assert source.rules_digest == rules_digest(timezone.now())
    write(own_rules, severity="low")
    assert source.rules_digest != rules_digest(timezone.now())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "field", "value"),
    [
        ({"title": "Another title"}, "title", "Another title"),
        ({"step": "runtime"}, "step", "runtime"),
        ({"severity": "critical"}, "severity", 4),
        ({"fix": {"key": "other", "summary": "Do.", "cli": "do", "effort": "low"}}, "fix_key", "other"),
    ],
)
def test_other_words_of_a_rule_reach_its_open_findings_and_the_ledger_stays_exact(
    own_rules: Path, changes: dict[str, object], field: str, value: object
) -> None:
    write(own_rules)
    source = make_source()
    make_asset(source, config={"Public": True})
    make_asset(source, config={"Public": False})
    evaluate(source=source)
    write(own_rules, **changes)
    assert source.rules_digest != rules_digest(timezone.now())
    evaluate(source=source)
    finding = Finding.objects.get()
    assert (getattr(finding, field), finding.status) == (value, "open")
    assert Transition.objects.count() == 1, "it is the same finding"
    points: Counter[tuple[str, str]] = Counter()
    for change in ScoreChange.objects.all():
        points[change.area, change.step] += change.points
    days = {
        (day.area, day.step): day.score
        for day in PostureDay.objects.exclude(step="overall")
        if (day.area, day.step) in points
    }
    assert {key: (points[key] // 100) for key in days} == {key: score or 0 for key, score in days.items()}


@pytest.mark.django_db
def test_a_broken_own_rule_asks_what_it_asked_before(own_rules: Path) -> None:
    write(own_rules)
    write(own_rules, "other")
    source = make_source()
    make_asset(source, config={"Public": True})
    evaluate(source=source)
    judged = source.rules_digest
    write(own_rules, fail="asset.Public ==")
    assert [fault.line for fault in rules_in_force().faults] == [11]
    assert rules_digest(timezone.now()) == judged, "the last good one is the same"
    make_asset(source, config={"Public": True})
    assert evaluate(source=source).opened == 2
    assert set(Finding.objects.values_list("rule_id", "status")) == {("a-rule", "open"), ("other", "open")}
    assert not Rule.objects.exclude(withdrawn_at=None).exists()


@pytest.mark.django_db
def test_an_own_rule_that_never_was_right_keeps_no_other_from_being_asked(own_rules: Path) -> None:
    write(own_rules)
    write(own_rules, "new", fail="asset.Public ==")
    source = make_source()
    make_asset(source, config={"Public": True})
    assert evaluate(source=source).opened == 1
    assert list(Rule.objects.values_list("id", flat=True)) == ["a-rule"]


@pytest.mark.django_db
def test_nothing_is_judged_and_nothing_lost_when_a_built_in_rule_is_broken(
    own_rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(own_rules)
    source = make_source()
    make_asset(source, config={"Public": True})
    evaluate(source=source)
    monkeypatch.setattr("findings.posture.queries.in_force.BUILT_IN", own_rules)
    write(own_rules, fail="asset.Public ==")
    with pytest.raises(Invalid, match=r"aws/a-rule\.yaml:11: `fail` is not a valid expression"):
        evaluate(source=source)
    assert Finding.objects.get().status == "open"


@pytest.mark.django_db
def test_a_rule_that_looks_at_the_clock_is_asked_again_each_day(
    own_rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(own_rules, reads=["Made"], fail="timestamp(asset.Made) < now - duration('240h')")
    source = make_source()
    make_asset(source, config={"Made": "2026-03-01T00:00:00Z"})
    monkeypatch.setattr("findings.posture.services.evaluating.timezone.now", lambda: moment(0))
    assert evaluate(source=source).opened == 0
    assert evaluate(source=source).judged == 0
    monkeypatch.setattr("findings.posture.services.evaluating.timezone.now", lambda: moment(30))
    assert source.rules_digest != rules_digest(moment(30))
    assert evaluate(source=source).opened == 1


@pytest.mark.django_db(transaction=True)
def test_two_evaluations_of_a_source_do_not_interleave(own_rules: Path) -> None:
    source = make_source()
    settings = connection.get_connection_params()
    options = {name: settings[name] for name in ("dbname", "user", "host", "port") if settings.get(name)}
    with psycopg.connect(**options) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [key_of(source.pk)])
        with pytest.raises(TransientError, match="being judged already"):
            evaluate(source=source)
        other.execute("SELECT pg_advisory_unlock(%s)", [key_of(source.pk)])
        evaluate(source=source)


@pytest.mark.django_db
def test_a_cancelled_evaluation_goes_on_next_time(own_rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("findings.posture.services.evaluating.SIZE", 1)
    write(own_rules)
    source = make_source()
    for _ in range(3):
        make_asset(source, config={"Public": True})
    asked = iter([False, True])
    assert evaluate(source=source, cancelled=lambda: next(asked)).judged == 1
    source.refresh_from_db()
    assert source.judged_at is None
    assert ScoreChange.objects.filter(area="all").count() == 0
    assert evaluate(source=source).judged == 2
