"""Filters, counts, coverage, links, lineage and history, as a person sees them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.http import Http404, QueryDict
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from aispm.accounts.models import User
from inventory import queries
from inventory.documents import LinkTo, ScopeKey, ScopeState
from inventory.filters import AssetFilter, LinkFilter, ScopeFilter
from inventory.models import Asset, Source, SourceKind
from inventory.patches import Change
from inventory.search import prefix_query, words_of
from inventory.services import Recorder, delete_source, ensure_source
from tests.builders import alice, charlie, make_asset, make_link, make_scope, make_source, moment, observed, outcome

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return alice()


def names(user: User, query: str) -> set[str]:
    found = AssetFilter(QueryDict(query), queryset=queries.assets_for(user))
    assert found.is_valid(), found.errors
    return set(found.qs.values_list("name", flat=True))


@pytest.fixture
def estate(user: User) -> Source:
    source = make_source(name="main account", environment="production")
    make_asset(source, name="model", ai_role="model", exposure="internet", owner="ml", criticality=3)
    make_asset(source, "aws.iam.role", name="role", place="eu-west-1", unread=[{"part": "Policy"}])
    make_asset(source, name="old", ai_role="dataset", gone_at=moment(1))
    make_asset(make_source(SourceKind.KUBERNETES, name="cluster"), "k8s.deployment", name="web", ai_role="agent")
    return source


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"model", "web"}),
        ("ai=all", {"model", "role", "web"}),
        ("ai=no", {"role"}),
        ("presence=gone", {"old"}),
        ("presence=all", {"model", "old", "web"}),
        ("kind=k8s.workload", {"web"}),
        ("kind=aws.iam.role&kind=aws.s3.bucket&ai=all", {"model", "role"}),
        ("kind=aws.iam.role,aws.s3.bucket&ai=all", {"model", "role"}),
        ("source=main account&ai=all", {"model", "role"}),
        ("role=agent", {"web"}),
        ("exposure=internet", {"model"}),
        ("owner=ml", {"model"}),
        ("owner=-", {"web"}),
        ("criticality=3", {"model"}),
        ("place=eu-west-1&ai=all", {"role"}),
        ("unread=yes&ai=all", {"role"}),
        ("unread=no", {"model", "web"}),
        ("changed_since=2026-03-02T12:00:00Z", {"model", "web"}),
        ("changed_since=2026-03-03T00:00:00Z", set()),
    ],
)
def test_the_query_string_selects(user: User, estate: Source, query: str, expected: set[str]) -> None:
    assert names(user, query) == expected


@pytest.mark.parametrize(
    "query",
    [
        "exposure=nonsense", "ai=maybe", "changed_since=yesterday", "criticality=9", "source=nowhere",
        "source=00000000-0000-0000-0000-000000000000",
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_is_an_error_not_an_empty_list(user: User, query: str) -> None:
    assert not AssetFilter(QueryDict(query), queryset=queries.assets_for(user)).is_valid()


def test_a_source_is_found_by_its_id(user: User, estate: Source) -> None:
    assert names(user, f"source={estate.pk}") == {"model"}


def test_search_finds_beginnings_of_words_in_names_ids_and_tags(user: User) -> None:
    source = make_source()
    recorder = Recorder(source=source, at=moment())
    seen = observed(external_id="arn:aws:s3:::train-Set_12b", name="TrainSet", tags={"team": "vision"})
    recorder.page(ScopeKey("-", "aws.s3.bucket"), [seen])
    for text in ("train", "set", "12b", "vis", "TRAINSET", "arn aws tra", "s3 bucket", "train-set_12", "!train:*|('"):
        assert names(user, f"ai=all&q={text}") == {"TrainSet"}, text
    assert names(user, "ai=all&q=rain") == set()
    assert names(user, "ai=all&q=%F0%9F%98%80%E2%80%A6%25_\\'\"") == set(), "signs alone match nothing"
    assert names(user, "ai=all&q=vision+other") == set()


@given(st.text(max_size=40))
def test_any_text_can_be_searched_for(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::tsquery, array_to_tsvector(%s::text[])", [prefix_query(text), words_of([text])])


def test_a_stranger_sees_nothing(estate: Source) -> None:
    stranger, asset = charlie(), Asset.objects.present().first()
    assert asset is not None
    for rows in (queries.assets_for, queries.sources_for, queries.scopes_for, queries.links_for):
        assert not rows(stranger).exists()
    assert queries.counts_for(stranger).total == 0
    assert queries.coverage(stranger) == []
    assert queries.revisions_of(stranger, asset) == []
    with pytest.raises(Http404):
        queries.asset_for(stranger, asset.pk)


def test_lists_leave_the_documents_in_the_table(user: User, estate: Source) -> None:
    with CaptureQueriesContext(connection) as captured:
        rows = list(queries.assets_for(user))
        assert all(row.source.name for row in rows)
    assert len(captured) == 1
    assert '"config"' not in captured.captured_queries[0]["sql"]


def test_counts_equal_a_recount_and_take_one_query(user: User, estate: Source) -> None:
    with CaptureQueriesContext(connection) as captured:
        counts = queries.counts_for(user)
    assert len(captured) == 1
    assert (counts.total, counts.ai) == (Asset.objects.present().count(), Asset.objects.present().ai().count())
    assert counts.role == {"model": 1, "agent": 1}
    assert counts.all_kinds["aws.iam.role"] == 1
    assert counts.exposure == {"internet": 1, "unknown": 1}


def test_coverage_tells_what_could_not_be_read(user: User) -> None:
    source = make_source()
    make_scope(source, "aws.s3.bucket", assets=3, complete_at=moment(1))
    make_scope(source, "aws.kms.key", complete_at=moment())
    make_scope(source, "aws.iam.role", state=ScopeState.DENIED, problem="denied", permission="iam:ListRoles")
    make_scope(source, "aws.bedrock.agent", state=ScopeState.NOT_OFFERED)
    make_source()
    with CaptureQueriesContext(connection) as captured:
        line = next(c for c in queries.coverage(user) if c.source == source)
    assert len(captured) == 3
    assert (line.scopes, line.percent, line.assets, line.oldest_complete) == (3, 66, 3, moment())
    assert [scope.permission for scope in line.problems] == ["iam:ListRoles"]
    found = ScopeFilter(QueryDict("state=denied,incomplete"), queryset=queries.scopes_for(user))
    assert [scope.collector for scope in found.qs] == ["aws.iam.role"]


def test_links_say_whether_what_dangles_is_missing_or_unread(user: User) -> None:
    source = make_source()
    job = make_asset(source, "aws.sagemaker.training_job")
    bucket = make_asset(source, "aws.s3.bucket")
    make_scope(source, "aws.kms.key", state=ScopeState.DENIED)
    make_link(job, "reads_data", bucket)
    make_link(job, "reads_data", kind="aws.s3.bucket", ref="deleted")
    make_link(job, "encrypted_by", kind="aws.kms.key", ref="unseen")
    found = queries.links_of(user, job)
    assert [(r.link.target_ref, r.missing) for r in found.outgoing] == [
        ("unseen", None),
        (bucket.external_id, False),
        ("deleted", True),
    ]
    assert [r.other for r in queries.links_of(user, bucket).incoming] == [job]
    dangling = LinkFilter(QueryDict(f"dangling=yes&origin={job.pk}"), queryset=queries.links_for(user))
    assert dangling.qs.count() == 2


def test_every_change_of_a_document_is_kept_newest_first(user: User) -> None:
    source = make_source()
    for day, value in ((0, "a"), (1, "b"), (3, "c")):
        recorder = Recorder(source=source, at=moment(day))
        recorder.page(ScopeKey("-", "aws.s3.bucket"), [observed(external_id="x", config={"v": value})])
    asset = Asset.objects.get()
    steps = queries.revisions_of(user, asset)
    assert [(step.at, step.changes) for step in steps] == [
        (moment(3), [Change(("v",), "b", "c")]),
        (moment(1), [Change(("v",), "a", "b")]),
    ]


def test_a_source_is_made_once_and_keeps_its_name(user: User) -> None:
    first = ensure_source(kind=SourceKind.AWS, external_id="123456789012", name="prod")
    second = ensure_source(kind=SourceKind.AWS, external_id="123456789012", name="another")
    assert (second.pk, second.name) == (first.pk, "prod")


def test_deleting_a_source_takes_everything_seen_in_it_and_frees_links_of_others() -> None:
    ours, theirs = make_source(), make_source()
    target = make_asset(theirs)
    link = make_link(make_asset(ours), "reads_data", target)
    recorder = Recorder(source=theirs, at=moment())
    for value in range(2):
        seen: list[Any] = [observed(external_id="y", config={"v": value}, links=[LinkTo("t", "", target.external_id)])]
        recorder.page(ScopeKey("-", "aws.s3.bucket"), seen)
    recorder.close(outcome("aws.s3.bucket", state=ScopeState.INCOMPLETE))
    recorder.finish()
    delete_source(source=theirs)
    link.refresh_from_db()
    assert link.target is None
    assert Asset.objects.get().source == ours
