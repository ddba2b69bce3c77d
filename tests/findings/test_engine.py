"""The four verdicts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from findings.posture.engine import Judge, Subject, Verdict, judge
from findings.posture.engine.evidence import MOST_BYTES, bounded
from findings.posture.engine.projection import project, shape_of
from findings.posture.rule import Rule
from findings.posture.rule.paths import parse_read
from inventory.documents import Problem, Unread
from inventory.facts.estate import Dangling
from tests.findings.rulemaking import BUCKET, rule

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def verdict(of: Rule, config: dict[str, Any] | None = None, **fields: Any) -> Verdict:
    return judge([of], Subject(kind=BUCKET, config=config or {}, **fields), NOW, explain=True)[0]


def denied(part: str) -> list[Unread]:
    return [Unread(part, Problem.DENIED, "", "s3:GetBucketAcl")]


def test_a_rule_passes_fails_or_does_not_apply() -> None:
    asked = rule(when="asset.State == 'on'", reads=["State", "Public"])
    assert verdict(asked, {"State": "on", "Public": True}).outcome == "fail"
    assert verdict(asked, {"State": "on", "Public": False}).outcome == "pass"
    assert verdict(asked, {"State": "off", "Public": True}).outcome == "not-applicable"


def test_an_absent_field_of_a_part_that_was_read_is_null() -> None:
    assert verdict(rule(reads=["Key"], fail="asset.Key == null")).outcome == "fail"
    deep = rule(reads=["A.B.C"], fail="asset.A.B.C == null")
    assert (
        verdict(deep).outcome == verdict(deep, {"A": None}).outcome == verdict(deep, {"A": {"B": {}}}).outcome == "fail"
    )


def test_absent_lists_are_empty_and_their_elements_are_filled() -> None:
    every = rule(reads=["L[].x"], fail="asset.L.exists(e, e.x == null)")
    assert verdict(every).outcome == "pass"
    assert verdict(every, {"L": [{"x": 1}]}).outcome == "pass"
    assert verdict(every, {"L": [{"x": 1}, {"y": 1}]}).outcome == "fail"
    assert verdict(rule(reads=["L[]"], fail="size(asset.L) == 0")).outcome == "fail"
    assert verdict(rule(reads=["M{}"], fail="!('a' in asset.M)")).outcome == "fail"


def test_a_part_that_was_not_read_is_unknown_with_the_permission_that_is_missing() -> None:
    answer = verdict(rule(), {}, unread=denied("Public"))
    assert (answer.outcome, "s3:GetBucketAcl" in answer.reason) == ("unknown", True)
    assert verdict(rule(), {}, unread=denied("Other")).outcome == "pass"


def test_when_the_main_call_failed_every_absent_field_is_unknown() -> None:
    assert verdict(rule(), {}, unread=denied("")).outcome == "unknown"
    assert verdict(rule(), {"Public": True}, unread=denied("")).outcome == "fail"


def test_a_known_when_that_is_false_needs_nothing_else() -> None:
    asked = rule(when="asset.State == 'on'", reads=["State", "Public"])
    assert verdict(asked, {"State": "off"}, unread=denied("Public")).outcome == "not-applicable"
    assert verdict(asked, {"State": "on"}, unread=denied("Public")).outcome == "unknown"
    assert verdict(asked, {"Public": True}, unread=denied("State")).outcome == "unknown"


def test_an_unknown_or_missing_fact_is_unknown() -> None:
    asked = rule(reads=["facts.exposure"], fail="facts.exposure == 'internet'")
    assert verdict(asked, facts={"exposure": "internet"}).outcome == "fail"
    unknown = verdict(asked, facts={"exposure": {"unknown": "The gateway was not read."}})
    assert (unknown.outcome, unknown.reason) == ("unknown", "The gateway was not read.")
    assert verdict(asked, facts={}).outcome == "unknown"
    assert verdict(asked, facts={"exposure": None}).outcome == "pass"


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("asset.Public > 3", "another type"),
        ("asset.Public", "expected true or false"),
        ("asset.Public.startsWith(3)", "could not be evaluated"),
        ("timestamp(string(asset.Public)) > now", "could not be evaluated"),
        ("[1][5] == 1", "not there"),
        ("1 / 0 == 1", ""),
    ],
)
def test_an_error_is_unknown_with_a_readable_reason(expression: str, reason: str) -> None:
    answer = verdict(rule(fail=expression), {"Public": "text"})
    assert answer.outcome == "unknown"
    assert reason in answer.reason
    assert len(answer.reason) < 300


def test_rules_that_read_the_same_field_differently_do_not_disturb_each_other() -> None:
    whole = rule("whole", reads=["Vpc"], fail="asset.Vpc == null")
    inside = rule("inside", reads=["Vpc.Subnets"], fail="asset.Vpc.Subnets == null")
    listed = rule("listed", reads=["Vpc.Subnets[]"], fail="size(asset.Vpc.Subnets) == 0")
    answers = judge([whole, inside, listed], Subject(kind=BUCKET), NOW)
    assert [(answer.rule_id, answer.outcome) for answer in answers] == [
        ("whole", "fail"),
        ("inside", "fail"),
        ("listed", "fail"),
    ]


def test_a_judge_forgets_the_subject_before() -> None:
    judge_ = Judge([rule()])
    assert judge_(Subject(kind=BUCKET, config={"Public": True}), NOW)[0].outcome == "fail"
    assert judge_(Subject(kind=BUCKET, config={"Public": "\ud800"}), NOW)[0].outcome == "unknown"
    assert judge_(Subject(kind=BUCKET, config={}), NOW)[0].outcome == "pass"


def test_params_belong_to_their_rule() -> None:
    one = rule("one", params={"bad": [True]}, fail="asset.Public in params.bad")
    two = rule("two", params={"bad": [False]}, fail="asset.Public in params.bad")
    answers = judge([one, two], Subject(kind=BUCKET, config={"Public": True}), NOW)
    assert [answer.outcome for answer in answers] == ["fail", "pass"]


def test_discriminators_name_the_findings_of_a_failure() -> None:
    asked = rule(reads=["L[].name", "L[].bad"], fail="asset.L.exists(e, e.bad == true)",
                 discriminator="asset.L.filter(e, e.bad == true).map(e, e.name)")  # fmt: skip
    config = {"L": [{"name": "b", "bad": True}, {"name": "a", "bad": True}, {"name": "c"}]}
    assert verdict(asked, config).discriminators == ("a", "b")
    assert verdict(asked, {"L": [{"bad": True}]}).outcome == "unknown"
    assert verdict(rule(discriminator="[]"), {"Public": True}).outcome == "unknown"


def linked(**fields: Any) -> dict[str, Any]:
    return {"linked": {"uses_role": [Subject(kind="aws.iam.role", **fields)]}}


def test_a_linked_asset_is_seen_under_its_name() -> None:
    asked = rule(reads=["role.Path", "role.facts.admin"], fail="role != null && role.Path == '/'",
                 **{"with": {"role": "uses_role"}})  # fmt: skip
    facts = {"admin": False}
    assert verdict(asked, **linked(config={"Path": "/"}, facts=facts)).outcome == "fail"
    assert verdict(asked, **linked(config={"Path": "/x"}, facts=facts)).outcome == "pass"
    assert verdict(asked).outcome == "pass"
    assert verdict(asked, **linked(config={"Path": "/"})).outcome == "unknown"
    assert verdict(asked, **linked(config={}, facts=facts, unread=denied("Path"))).outcome == "unknown"
    assert verdict(asked, **linked(config={}, facts=facts, unreadable="Roles were denied.")).outcome == "unknown"


@pytest.mark.parametrize(("complete", "outcome"), [(True, "fail"), (False, "unknown")])
def test_a_dangling_link_is_nothing_only_when_everything_was_read(complete: bool, outcome: str) -> None:
    asked = rule(reads=["role.Path"], fail="role == null", **{"with": {"role": "uses_role"}})
    dangling = Dangling("uses_role", "aws.iam.role", "arn:aws:iam::1:role/x", complete)
    assert verdict(asked, linked={"uses_role": [dangling]}).outcome == outcome


def test_many_links_are_a_list_and_one_expected_means_one() -> None:
    many = rule(reads=["buckets[].Open"], fail="buckets.exists(b, b.Open == true)",
                **{"with": {"buckets": "reads_data[]"}})  # fmt: skip
    buckets = [Subject(kind=BUCKET, config={"Open": open_}) for open_ in (False, True)]
    assert verdict(many, linked={"reads_data": buckets}).outcome == "fail"
    assert verdict(many, linked={"reads_data": buckets[:1]}).outcome == "pass"
    assert verdict(many).outcome == "pass"
    single = rule(reads=["bucket.Open"], fail="bucket.Open == true", **{"with": {"bucket": "reads_data"}})
    assert verdict(single, linked={"reads_data": buckets}).outcome == "unknown"
    typed = rule(reads=["group.Open"], fail="group == null", **{"with": {"group": "in_network aws.ec2.security_group"}})
    assert verdict(typed, linked={"in_network": buckets}).outcome == "fail"


def test_nothing_of_an_unreadable_asset_is_judged() -> None:
    answer = verdict(rule(), {"Public": True}, unreadable="Buckets could not be read: denied.")
    assert (answer.outcome, answer.reason) == ("unknown", "Buckets could not be read: denied.")
    assert verdict(rule(reads=[], fail="true"), unreadable="x").outcome == "fail"


def test_a_view_that_cannot_be_made_is_unknown() -> None:
    asked = rule(kind="k8s.deployment", reads=["pod.hostNetwork"], fail="pod.hostNetwork == true")
    subject = Subject(kind="k8s.deployment", config={"spec": "text"}, broken={"pod": "It has an unexpected form."})
    assert judge([asked], subject, NOW)[0].outcome == "unknown"
    subject = Subject(kind="k8s.deployment", views={"pod": {"hostNetwork": True}})
    assert judge([asked], subject, NOW)[0].outcome == "fail"


HOSTILE: list[Any] = [
    "\x00", "\ud800", "x" * 100_000, "<script>alert(1)</script>", "{{ 7*7 }}", 2**70, -(2**70), float("nan"),
    float("inf"), [], {}, [None], {"": ""}, True, 0, -1, "null", "true", [[[[[[[[1]]]]]]]], {"a": {"a": {"a": {}}}},
]  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize(
    "asked",
    [
        rule(),
        rule(reads=["Public.a.b"], fail="asset.Public.a.b == null"),
        rule(reads=["Public[].x"], fail="asset.Public.exists(e, e.x == 1)"),
        rule(reads=["Public"], fail="asset.Public.matches('a')"),
    ],
    ids=["value", "field", "list", "text"],
)
def test_hostile_values_never_raise_and_leave_bounded_evidence(asked: Rule, value: Any) -> None:
    import json

    answer = verdict(asked, {"Public": value})
    stored = json.dumps(answer.evidence, allow_nan=False)
    assert len(stored) < 2 * MOST_BYTES
    assert "\\u0000" not in stored
    stored.encode()


def test_evidence_says_what_was_cut() -> None:
    assert bounded("x" * 500).endswith("(500 characters)")
    assert bounded(list(range(50)))[-1] == "… 30 more"
    assert bounded({str(n): n for n in range(50)})["…"] == "30 more"
    deep: Any = "end"
    for _ in range(30):
        deep = [deep]
    assert "entries" in str(bounded(deep))


def test_only_declared_paths_are_projected() -> None:
    reads = [parse_read(path, frozenset()) for path in ("A.B", "L[].x", "W", "W.y")]
    shape = shape_of(reads)
    assert project(shape, {"A": {"B": 1, "C": 2}, "L": [{"x": 1, "y": 2}], "W": {"z": 1}, "Q": 1}) == {
        "A": {"B": 1},
        "L": [{"x": 1}],
        "W": {"z": 1, "y": None},
    }
    assert project(shape, {}) == {"A": {"B": None}, "L": [], "W": None}


def test_a_link_is_unknown_while_the_part_that_tells_it_is_unread() -> None:
    asked = rule(**{"with": {"key": "encrypted_by"}, "reads": ["key.Enabled"], "fail": "key == null"})
    key = Subject(kind="aws.kms.key", config={"Enabled": True})
    assert verdict(asked, {}).outcome == "fail"
    assert verdict(asked, {}, unread=denied("Encryption")).outcome == "unknown"
    assert verdict(asked, {}, unread=denied("")).outcome == "unknown"
    assert verdict(asked, {}, unread=denied("Encryption"), linked={"encrypted_by": [key]}).outcome == "unknown"
    assert verdict(asked, {}, unread=denied("Policy"), linked={"encrypted_by": [key]}).outcome == "pass"


def test_a_view_is_unknown_only_while_a_part_that_it_is_made_of_is_unread() -> None:
    asked = rule(kind="k8s.deployment", reads=["pod.hostNetwork"], fail="pod.hostNetwork")
    views = {"pod": {"hostNetwork": False}}

    def outcome(part: str) -> str:
        config = {"spec": {}, "metadata": {}} if part != "spec" else {}
        found = Subject(kind="k8s.deployment", config=config, unread=denied(part), views=views)
        return judge([asked], found, NOW)[0].outcome

    assert [outcome(part) for part in ("running", "spec")] == ["pass", "unknown"]
