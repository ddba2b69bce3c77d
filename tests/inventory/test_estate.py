"""The pure index that facts look at, and the registry that declares them."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.documents import Completeness, LinkTo, ScopeState, ScopeView, Unknown
from inventory.facts import registry
from inventory.facts.estate import Dangling, Edge, Estate, Node
from tests.builders import estate, node, unread

BUCKET, JOB = "aws.s3.bucket", "aws.sagemaker.training_job"


def test_links_are_followed_both_ways() -> None:
    job, bucket = node(JOB, "j"), node(BUCKET, "b")
    found = estate(job, bucket, links={job.identity: [LinkTo("reads_data", BUCKET, "b"), LinkTo("loads", "", "b")]})
    assert found.out(job, "reads_data") == [bucket]
    assert found.out_nodes(job, "loads") == [bucket]
    assert found.into(bucket, "reads_data") == [job]
    assert found.neighbours(bucket) == [job]


@pytest.mark.parametrize(
    ("state", "known"),
    [
        (ScopeState.COMPLETE, True),
        (ScopeState.NOT_OFFERED, True),
        (ScopeState.DENIED, False),
        (ScopeState.INCOMPLETE, False),
        (ScopeState.NEVER, False),
    ],
)
def test_what_dangles_is_known_not_to_exist_only_where_its_kind_was_read_to_the_end(
    state: ScopeState, known: bool
) -> None:
    job = node(JOB, "j")
    found = estate(job, links={job.identity: [LinkTo("reads_data", BUCKET, "b")]}, states={BUCKET: state})
    assert found.out(job, "reads_data") == [Dangling("reads_data", BUCKET, "b", complete=known)]


@pytest.mark.parametrize(
    ("ref", "seen"),
    [
        ("arn:aws:lambda:us-east-1:1:function:f", True),
        ("arn:aws:lambda:us-east-1:2:function:f", False),  # of another account
        ("arn:aws:lambda:eu-west-1:1:function:f", False),  # taken out
        ("arn:aws:lambda:ap-south-1:1:function:f", False),  # never chosen
        ("arn:aws:lambda:us-west-2:1:function:f", False),  # denied
        ("arn:aws:lambda:cn-north-1:1:function:f", True),  # not offered there, so nothing can be there
        ("arn:aws:s3:::b", False),  # may be anybody's
        ("f", False),  # may be in the region that was not read
    ],
)
def test_only_where_somebody_looked_does_not_seeing_mean_that_it_does_not_exist(ref: str, seen: bool) -> None:
    states = {
        "us-east-1": ScopeState.COMPLETE, "eu-west-1": ScopeState.NOT_CHOSEN, "us-west-2": ScopeState.DENIED,
        "cn-north-1": ScopeState.NOT_OFFERED,
    }  # fmt: skip
    read = Completeness(ScopeView(region, "aws.lambda.function", state) for region, state in states.items())
    assert read.would_show("aws.lambda.function", ref, "1") is seen
    assert not read.would_show("", ref, "1")


def test_what_nobody_chose_is_as_if_it_had_never_been_asked_for() -> None:
    scopes = [ScopeView("a", JOB, ScopeState.COMPLETE), ScopeView("b", JOB, ScopeState.NOT_CHOSEN)]
    assert (Completeness(scopes).whole, Completeness(scopes).complete(JOB)) == (True, True)
    assert not Completeness(scopes[1:]).asked(JOB)


def test_a_kind_that_no_scope_lists_was_not_read() -> None:
    assert not estate().complete(BUCKET)


def test_completeness_can_be_asked_for_one_region() -> None:
    scopes = [ScopeView("a", JOB, ScopeState.COMPLETE), ScopeView("b", JOB, ScopeState.DENIED)]
    found = Estate([], (), scopes)
    assert (found.complete(JOB, "a"), found.complete(JOB, "b"), found.complete(JOB)) == (True, False, False)


def test_a_link_prefers_the_own_source_to_another() -> None:
    own, other, away = node(BUCKET, "b"), node(BUCKET, "b"), node(BUCKET, "away")
    found = Estate([own], (), foreign=[other, away])
    assert found.follow(LinkTo("t", BUCKET, "b")) is own
    assert found.follow(LinkTo("t", "", "away")) is away


def test_derived_links_are_replaced_by_type_and_stated_ones_stay() -> None:
    job = node(JOB, "j")
    stated, old, kept, new = (LinkTo(t, BUCKET, r) for t, r in (("t", "s"), ("t", "o"), ("u", "k"), ("t", "n")))
    edges = [Edge(job.identity, stated), Edge(job.identity, old, True), Edge(job.identity, kept, True)]
    found = Estate([job], edges)
    found.relink({(job.identity, "t"): [new, new, stated]})
    assert [(edge.to, edge.derived) for edge in found.edges(job)] == [(new, True), (stated, False), (kept, True)]


def test_what_is_worked_out_once_is_forgotten_when_links_change() -> None:
    found, calls = estate(), []
    for _ in range(2):
        found.once("key", lambda: calls.append(1))
    found.relink({})
    found.once("key", lambda: calls.append(1))
    assert len(calls) == 2


@pytest.mark.parametrize(
    ("part", "path", "known"),
    [
        ("Encryption", "Encryption.Rules[].Kind", False),
        ("Encryption", "Tags[]", True),
        ("Tags", "Tags[]", False),
        ("", "Name", True),
        ("", "Absent.Deep", False),
    ],
)
def test_a_path_is_unread_by_its_first_word(part: str, path: str, known: bool) -> None:
    asset = Node(kind=BUCKET, external_id="b", config={"Name": "b"}, unread=(unread(part),))
    assert (asset.unknown(path) is None) == known


@pytest.mark.parametrize("value", [None, True, 1, "x", [], {"a": 1}, {"unknown": "x", "b": 1}, Unknown("why")])
def test_a_fact_comes_back_as_it_was_stored(value: Any) -> None:
    assert registry.decode(registry.encode(value)) == value


def test_a_fact_that_would_read_as_unknown_is_refused() -> None:
    with pytest.raises(ValueError, match="single key"):
        registry.encode({"unknown": "x"})


def test_one_fact_cannot_be_declared_twice_for_a_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "FACTS", [])

    def compute(asset: Node, found: Estate) -> bool:
        """Whether it is."""
        return True

    registry.fact("is", kinds=("k8s.workload",))(compute)
    assert registry.facts_of("k8s.pod")[0].title == "Whether it is"
    with pytest.raises(ValueError, match=r"k8s\.pod"):
        registry.fact("is", kinds=("k8s.pod",))(compute)


def test_an_unknown_fact_cannot_pass_for_true_or_false() -> None:
    with pytest.raises(TypeError):
        bool(Unknown("not read"))
