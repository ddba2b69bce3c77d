"""What a collector saw is stored in bulk, and nothing is written for what did not change."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.documents import LinkTo, Observed, Problem, ScopeKey, ScopeState
from inventory.models import Asset, Link, Revision, Scope, Source, SourceKind
from inventory.services import Recorded, Recorder
from tests.builders import make_source, moment, observed, outcome, unread

pytestmark = pytest.mark.django_db
BUCKETS = ScopeKey("-", "aws.s3.bucket")


def collect(source: Source, *assets: Observed, at: datetime | None = None, **ended: Any) -> Recorded:
    recorder = Recorder(source=source, at=at or moment())
    recorder.page(BUCKETS, assets)
    recorder.close(outcome("aws.s3.bucket", **ended))
    return recorder.finish()


def bucket(name: str, **fields: Any) -> Observed:
    return observed("aws.s3.bucket", f"arn:aws:s3:::{name}", name=name, **fields)


def present(source: Source) -> set[str]:
    return set(Asset.objects.filter(source=source).present().values_list("name", flat=True))


def test_a_new_asset_is_stored_as_it_was_seen() -> None:
    source = make_source()
    seen = bucket("data", config={"Name": "data", "Versioning": "Enabled"}, tags={"team": "ml"}, unread=[unread("Acl")])
    recorded = collect(source, seen)
    asset = Asset.objects.get(source=source)
    assert (recorded.new, recorded.changed, recorded.gone, recorded.touched) == (1, 0, 0, {asset.pk})
    assert (asset.config, asset.tags, asset.unread[0]["part"]) == (seen.config, {"team": "ml"}, "Acl")
    assert asset.first_seen == asset.last_seen == asset.changed_at == moment()
    assert asset.gone_at is None


def test_an_unchanged_rescan_writes_only_scope_rows() -> None:
    source = make_source()
    seen = [bucket(f"b{n}", links=[LinkTo("encrypted_by", "aws.kms.key", "k")]) for n in range(20)]
    collect(source, *seen)
    Asset.objects.update(facts_digest="x")
    before = row_versions()
    recorded = collect(source, *seen, at=moment(1))
    assert (recorded.new, recorded.changed, recorded.gone, recorded.touched) == (0, 0, 0, set())
    assert row_versions() == before
    assert Scope.objects.get(source=source).complete_at == moment(1)


def row_versions() -> list[Any]:
    """Where each row version stands: an UPDATE moves it, even one that changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, ctid::text FROM inventory_asset UNION ALL SELECT id, ctid::text FROM inventory_link "
            "UNION ALL SELECT id, ctid::text FROM inventory_revision ORDER BY 1"
        )
        return cursor.fetchall()


def test_the_number_of_statements_does_not_depend_on_the_number_of_assets() -> None:
    numbers = []
    for size in (3, 300):
        source = make_source()
        old = [bucket(f"{size}-{n}", links=[LinkTo("encrypted_by", "", "k")]) for n in range(size)]
        new = [
            bucket(f"{size}-{n}", config={"Name": "other"}, links=[LinkTo("encrypted_by", "", "k2")])
            for n in range(size // 2, size + size // 2)
        ]
        collect(source, *old)
        recorder = Recorder(source=source, at=moment(1))
        with CaptureQueriesContext(connection) as queries:
            recorder.page(BUCKETS, new)
        numbers.append(len(queries))
    assert numbers[0] == numbers[1] <= 12


def test_a_changed_asset_keeps_its_id_and_its_earlier_document() -> None:
    source = make_source()
    collect(source, bucket("data", config={"Versioning": "Off"}))
    asset = Asset.objects.get()
    recorded = collect(source, bucket("data", config={"Versioning": "Enabled"}), at=moment(1))
    again = Asset.objects.get()
    assert (again.pk, again.config, again.changed_at) == (asset.pk, {"Versioning": "Enabled"}, moment(1))
    assert (recorded.new, recorded.changed) == (0, 1)
    assert Revision.objects.get().patch == [[["Versioning"], "Off"]]


def test_a_change_of_tags_alone_makes_no_revision() -> None:
    source = make_source()
    collect(source, bucket("data"))
    recorded = collect(source, bucket("data", tags={"env": "prod"}), at=moment(1))
    assert recorded.changed == 1
    assert not Revision.objects.exists()


def test_a_message_that_differs_from_call_to_call_is_not_a_change() -> None:
    source = make_source()
    collect(source, bucket("data", unread=[unread("Acl", message="Access denied (request 1)")]))
    assert collect(source, bucket("data", unread=[unread("Acl", message="Access denied (request 2)")])).changed == 0


def test_only_a_complete_scope_retires_what_it_did_not_see() -> None:
    source = make_source()
    collect(source, bucket("a"), bucket("b"))
    for state in (ScopeState.INCOMPLETE, ScopeState.DENIED, ScopeState.NOT_OFFERED):
        assert collect(source, bucket("a"), state=state).gone == 0
        assert present(source) == {"a", "b"}
    recorded = collect(source, bucket("a"), at=moment(2))
    assert (recorded.gone, present(source)) == (1, {"a"})
    assert Asset.objects.get(name="b").gone_at == moment(2)


def test_an_asset_that_comes_back_is_the_same_row() -> None:
    source = make_source()
    collect(source, bucket("a"))
    asset = Asset.objects.get()
    collect(source, at=moment(1))
    recorded = collect(source, bucket("a"), at=moment(2))
    again = Asset.objects.get()
    assert (again.pk, again.gone_at, again.first_seen) == (asset.pk, None, moment())
    assert recorded.touched == {asset.pk}


def test_an_asset_that_moves_to_another_scope_keeps_its_identity() -> None:
    source = make_source()
    recorder = Recorder(source=source, at=moment())
    recorder.page(ScopeKey("eu-west-1", "aws.kms.key"), [observed("aws.kms.key", "k", place="eu-west-1")])
    recorder.close(outcome("aws.kms.key", "eu-west-1"))
    asset = Asset.objects.get()
    recorder = Recorder(source=source, at=moment(1))
    recorder.page(ScopeKey("us-east-1", "aws.kms.key"), [observed("aws.kms.key", "k", place="us-east-1")])
    recorder.close(outcome("aws.kms.key", "us-east-1"))
    recorder.close(outcome("aws.kms.key", "eu-west-1"))
    again = Asset.objects.get()
    assert (again.pk, again.place, again.scope.region, again.gone_at) == (asset.pk, "us-east-1", "us-east-1", None)


def test_an_asset_that_two_scopes_show_stays_with_the_first() -> None:
    source = make_source()
    for day in range(2):
        recorder = Recorder(source=source, at=moment(day))
        for region in ("a", "b"):
            recorder.page(ScopeKey(region, "aws.kms.key"), [observed("aws.kms.key", "k", config={"r": region})])
            recorder.close(outcome("aws.kms.key", region))
        recorded = recorder.finish()
    assert recorded.changed == recorded.gone == 0
    assert Asset.objects.get().config == {"r": "a"}


def test_repeating_a_page_is_harmless() -> None:
    source = make_source()
    recorder = Recorder(source=source, at=moment())
    for _attempt in range(3):
        recorder.page(BUCKETS, [bucket("a"), bucket("a"), bucket("b")])
    recorder.close(outcome("aws.s3.bucket"))
    assert recorder.finish().new == 2
    assert present(source) == {"a", "b"}


def test_a_denied_scope_says_so_and_keeps_what_was_known() -> None:
    source = make_source()
    collect(source, bucket("a"))
    recorder = Recorder(source=source, at=moment(1))
    recorder.close(outcome("aws.s3.bucket", state=ScopeState.DENIED))
    scope = Scope.objects.get()
    assert (scope.state, scope.problem, scope.assets) == ("denied", "denied", 1)
    assert (scope.attempted_at, scope.complete_at) == (moment(1), moment())


@pytest.mark.parametrize("problem", list(Problem))
def test_no_problem_ever_retires_an_asset(problem: Problem) -> None:
    source = make_source()
    collect(source, bucket("a"))
    assert collect(source, state=ScopeState.INCOMPLETE, problem=problem).gone == 0
    assert present(source) == {"a"}


def test_text_that_postgresql_refuses_is_stored_all_the_same() -> None:
    source = make_source()
    hostile = {"a\x00b": ["x\x00", "\ud800"], "deep": {"\udfff": 1}, "big": 2**70, "bytes": b"\xff"}
    seen = bucket("a\x00\ud800", config=hostile, tags={"t\x00": "\ud800"}, unread=[unread(message="no\x00")])
    assert collect(source, seen, seen).new == 1
    assert collect(source, seen, at=moment(1)).changed == 0
    assert Asset.objects.get().config["deep"] == {"?": 1}


def test_names_longer_than_their_columns_stay_apart_and_links_still_meet() -> None:
    source = make_source()
    long = "x" * 900
    first, second = observed(external_id=f"{long}1", name=f"{long}1"), observed(external_id=f"{long}2", name="n" * 300)
    origin = observed("aws.sagemaker.model", "m", links=[LinkTo("loads", "aws.s3.bucket", f"{long}2")])
    collect(source, first, second, origin)
    assert Asset.objects.count() == 3
    assert len(set(Asset.objects.values_list("external_id", flat=True))) == 3
    assert Link.objects.get().target == Asset.objects.get(name__startswith="nnn")


def test_links_are_replaced_only_where_they_differ() -> None:
    source = make_source()
    collect(source, bucket("a", links=[LinkTo("t", "", "1"), LinkTo("t", "", "2")]))
    kept = Link.objects.get(target_ref="2").pk
    collect(source, bucket("a", links=[LinkTo("t", "", "2"), LinkTo("t", "", "3")]))
    assert set(Link.objects.values_list("target_ref", flat=True)) == {"2", "3"}
    assert Link.objects.get(target_ref="2").pk == kept


def test_links_find_their_target_and_lose_it_when_it_goes() -> None:
    source = make_source()
    link = LinkTo("encrypted_by", "aws.s3.bucket", "arn:aws:s3:::b")
    collect(source, bucket("a", links=[link]))
    assert Link.objects.get().target is None
    recorded = collect(source, bucket("a", links=[link]), bucket("b"))
    a, b = Asset.objects.order_by("name")
    assert Link.objects.get().target == b
    assert recorded.touched == {a.pk, b.pk}
    recorded = collect(source, bucket("a", links=[link]))
    assert Link.objects.get().target is None
    assert a.pk in recorded.touched


def test_a_link_of_any_kind_prefers_its_own_source() -> None:
    ours, theirs = make_source(), make_source()
    collect(theirs, bucket("shared"), bucket("only-theirs"))
    links = [LinkTo("reads_data", "", "arn:aws:s3:::shared"), LinkTo("reads_data", "", "arn:aws:s3:::only-theirs")]
    collect(ours, bucket("shared"), bucket("origin", links=links))
    targets = {link.target_ref.rpartition(":")[2]: link.target.source for link in Link.objects.all() if link.target}
    assert targets == {"shared": ours, "only-theirs": theirs}


def test_names_inside_one_cluster_never_meet_those_of_another() -> None:
    ours, theirs = make_source(SourceKind.KUBERNETES), make_source(SourceKind.KUBERNETES)
    for source, name in ((theirs, "default/web"), (ours, "default/api")):
        recorder = Recorder(source=source, at=moment())
        links = [LinkTo("selects", "k8s.service", "default/web")] if source == ours else []
        recorder.page(ScopeKey("-", "k8s.service"), [observed("k8s.service", name, links=links)])
        recorder.finish()
    assert Link.objects.get().target is None


def test_two_large_pages_are_cut_into_batches() -> None:
    source = make_source()
    assert collect(source, *(bucket(f"b{n}") for n in range(2345))).new == 2345


KEYS = st.sampled_from(["a", "b", "c", "d"])
ROUNDS = st.lists(
    st.tuples(
        st.dictionaries(st.tuples(st.sampled_from(["r1", "r2"]), KEYS), st.integers(0, 2), max_size=5),
        st.fixed_dictionaries({r: st.sampled_from(list(ScopeState)[1:]) for r in ("r1", "r2")}),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROUNDS)
def test_any_sequence_of_collections_ends_as_the_simple_model_says(rounds: list[Any]) -> None:
    """Model: seen → present with that document; not seen in a complete scope → gone; nothing else ever changes."""
    source = make_source()
    model: dict[tuple[str, str], tuple[int, bool]] = {}
    ids: dict[str, Any] = {}
    for day, (seen, states) in enumerate(rounds):
        recorder = Recorder(source=source, at=moment(day))
        for region, state in states.items():
            key = ScopeKey(region, "aws.kms.key")
            here = {name: value for (place, name), value in seen.items() if place == region}
            recorder.page(key, [_key(region, name, value) for name, value in here.items()])
            recorder.close(outcome("aws.kms.key", region, state))
            model |= {(region, name): (value, True) for name, value in here.items()}
            if state is ScopeState.COMPLETE:
                gone = [k for k in model if k[0] == region and k[1] not in here]
                model |= {k: (model[k][0], False) for k in gone}
        recorder.finish()
        rows = {a.external_id: a for a in Asset.objects.filter(source=source)}
        expected = {f"{region}/{name}": value for (region, name), value in model.items()}
        assert {i: (a.config["v"], a.gone_at is None) for i, a in rows.items()} == expected
        assert all(ids.setdefault(i, a.pk) == a.pk for i, a in rows.items())
    source.assets.all().delete()


def _key(region: str, name: str, value: int) -> Observed:
    return observed("aws.kms.key", f"{region}/{name}", config={"v": value}, place=region)


def test_a_worker_thought_dead_that_goes_on_writing_doubles_nothing() -> None:
    source = make_source()
    dead, alive = Recorder(source=source, at=moment()), Recorder(source=source, at=moment(0.01))
    for name in ("a", "b", "c"):
        alive.page(BUCKETS, [bucket(name)])
        dead.page(BUCKETS, [bucket(name), bucket("a")])
    alive.close(outcome("aws.s3.bucket"))
    alive.finish()
    dead.close(outcome("aws.s3.bucket"))
    dead.finish()
    assert present(source) == {"a", "b", "c"}
    assert Asset.objects.count() == 3
