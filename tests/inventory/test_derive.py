"""What is derived is complete, minimal and survives an interrupted run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.documents import LinkTo, Observed, ScopeKey, ScopeState, Unknown
from inventory.facts import registry
from inventory.facts.estate import Dangling, Estate, Node
from inventory.models import UNDERIVED, Asset, Link, Source, SourceKind
from inventory.queries import stored_estate_of
from inventory.services import Recorder, delete_source, derive
from inventory.services.bulk import mark_for_derivation
from inventory.services.derived import clear_marks
from tests.builders import make_source, moment, observed, outcome, unread

pytestmark = pytest.mark.django_db
JOB, BUCKET, ROLE = "aws.sagemaker.training_job", "aws.s3.bucket", "aws.iam.role"
SERVICE, DEPLOYMENT = "k8s.service", "k8s.deployment"


@pytest.fixture(autouse=True)
def only_these_facts() -> Iterator[None]:
    """Facts of the product stand aside; what a test declares is withdrawn after it."""
    lists: tuple[list[Any], ...] = (registry.FACTS, registry.DERIVED_LINKS)
    kept = [list(declared) for declared in lists]
    for declared in lists:
        declared.clear()
    _declare()
    yield
    for declared, before in zip(lists, kept, strict=True):
        declared[:] = before


def versioned(node: Node, estate: Estate) -> bool | Unknown:
    missing = node.unknown("Versioning")
    return node.config["Versioning"] == "Enabled" if missing is None else missing


def reads_versioned(node: Node, estate: Estate) -> list[Any] | Unknown:
    found = estate.out(node, "reads_data")
    if any(isinstance(target, Dangling) and not target.complete for target in found):
        return Unknown("a bucket was not read")
    return [target.config.get("Versioning") for target in found if isinstance(target, Node)]


def exposure(node: Node, estate: Estate) -> str:
    return "internet" if node.config.get("type") == "LoadBalancer" else "internal"


def selects(node: Node, estate: Estate) -> Iterable[LinkTo]:
    for workload in estate.in_place(DEPLOYMENT, node.place):
        if workload.config.get("app") == node.config.get("selector"):
            yield LinkTo("selects", workload.kind, workload.external_id)


def _declare() -> None:
    registry.fact("versioned", kinds=(BUCKET,), title="Versioned")(versioned)
    registry.fact("reads_versioned", kinds=(JOB,), looks_at=(BUCKET,), title="Reads versioned data")(reads_versioned)
    registry.fact("exposure", kinds=(SERVICE,), title="Exposure")(exposure)
    registry.derived_link("selects", kinds=(SERVICE,), looks_at=(DEPLOYMENT,), same_place=True)(selects)


def collect(source: Source, *assets: Observed, states: dict[str, ScopeState] | None = None, day: int = 0) -> set[Any]:
    """Records assets as complete scopes of their kinds and returns what was touched."""
    recorder = Recorder(source=source, at=moment(day))
    kinds = {a.kind for a in assets} | {scope.collector for scope in source.scopes.all()} | set(states or {})
    for kind in sorted(kinds):
        recorder.page(ScopeKey("-", kind), [a for a in assets if a.kind == kind])
        recorder.close(outcome(kind, state=(states or {}).get(kind, ScopeState.COMPLETE)))
    return recorder.finish().touched


def job(name: str, *buckets: str, **fields: Any) -> Observed:
    links = [LinkTo("reads_data", BUCKET, b) for b in buckets]
    return observed(JOB, name, links=[*links, LinkTo("uses_role", ROLE, "role")], **fields)


def bucket(name: str, versioning: str = "Enabled", **fields: Any) -> Observed:
    return observed(BUCKET, name, config={"Versioning": versioning}, **fields)


def service(name: str, selector: str, **config: Any) -> Observed:
    return observed(SERVICE, f"ns/{name}", place=place(name), config={"selector": selector, **config})


def deployment(name: str, app: str, **fields: Any) -> Observed:
    return observed(DEPLOYMENT, f"ns/{name}", place=place(name), config={"app": app}, **fields)


def place(name: str) -> str:
    return "elsewhere" if name == "c" else "ns"


def asset(external_id: str) -> Asset:
    return Asset.objects.get(external_id=external_id)


def test_roles_come_from_documents_and_then_from_links() -> None:
    source = make_source()
    changed = derive(source=source, touched=collect(source, job("j", "b"), bucket("b"), bucket("other")))
    assert changed == set(Asset.objects.values_list("pk", flat=True))
    assert (asset("j").ai_role, asset("j").ai_confidence) == ("training", 100)
    assert (asset("b").ai_role, asset("other").ai_role) == ("dataset", "")
    assert asset("b").ai_evidence[0]["value"].endswith(" j")
    assert asset("b").facts["ai"] == {"by": "relation"}


def test_a_role_by_relation_ends_with_the_link() -> None:
    source = make_source()
    derive(source=source, touched=collect(source, job("j", "b"), bucket("b"), bucket("c")))
    derive(source=source, touched=collect(source, job("j", "c"), bucket("b"), bucket("c"), day=1))
    assert (asset("b").ai_role, asset("c").ai_role) == ("", "dataset")
    derive(source=source, touched=collect(source, bucket("b"), bucket("c"), day=2))
    assert asset("c").ai_role == ""


def test_facts_follow_what_they_look_at() -> None:
    source = make_source()
    derive(source=source, touched=collect(source, job("j", "b"), bucket("b", "Off")))
    assert (asset("b").facts["versioned"], asset("j").facts["reads_versioned"]) == (False, ["Off"])
    changed = derive(source=source, touched=collect(source, job("j", "b"), bucket("b"), day=1))
    assert asset("j").facts["reads_versioned"] == ["Enabled"]
    assert changed == {asset("j").pk, asset("b").pk}


def test_a_dangling_link_is_known_to_dangle_only_when_the_kind_was_read_to_its_end() -> None:
    source = make_source()
    denied = {BUCKET: ScopeState.DENIED}
    derive(source=source, touched=collect(source, job("j", "b"), states=denied))
    assert asset("j").facts["reads_versioned"] == {"unknown": "a bucket was not read"}
    before = asset("j").facts_digest
    changed = derive(source=source, touched=collect(source, job("j", "b"), states={BUCKET: ScopeState.COMPLETE}))
    assert asset("j").facts["reads_versioned"] == []
    assert changed == {asset("j").pk}
    assert asset("j").facts_digest != before


def test_a_fact_over_an_unread_part_is_unknown() -> None:
    source = make_source()
    derive(source=source, touched=collect(source, observed(BUCKET, "b", config={}, unread=[unread("Versioning")])))
    assert "was not read" in asset("b").facts["versioned"]["unknown"]


def test_a_document_of_unexpected_form_makes_one_fact_unknown_and_no_more() -> None:
    source = make_source()
    derive(source=source, touched=collect(source, observed(BUCKET, "b", config={}), bucket("c")))
    assert "KeyError" in asset("b").facts["versioned"]["unknown"]
    assert asset("c").facts["versioned"] is True


def test_what_an_interrupted_run_left_is_derived_by_the_next() -> None:
    source = make_source()
    collect(source, job("j", "b"), bucket("b", "Off"))
    assert derive(source=source, touched=set())
    collect(source, job("j", "b"), bucket("b"), day=1)
    derive(source=source, touched=set())
    assert asset("j").facts["reads_versioned"] == ["Enabled"]
    collect(source, job("j", "b"), day=2)
    derive(source=source, touched=set())
    assert asset("j").facts["reads_versioned"] == []


def test_deriving_again_changes_nothing() -> None:
    source = make_source()
    derive(source=source, touched=collect(source, job("j", "b"), bucket("b"), service("s", "x"), deployment("d", "x")))
    assert derive(source=source, touched=set()) == set()
    assert derive(source=source, touched=None) == set()
    assert derive(source=source, touched=set(Asset.objects.values_list("pk", flat=True))) == set()


def test_derived_links_follow_the_documents() -> None:
    source = make_source(SourceKind.KUBERNETES)
    derive(source=source, touched=collect(source, service("s", "x"), deployment("d", "x"), deployment("e", "y")))
    link = Link.objects.get()
    assert (link.type, link.target, link.derived) == ("selects", asset("ns/d"), True)
    derive(source=source, touched=collect(source, service("s", "x"), deployment("d", "y"), deployment("e", "x"), day=1))
    assert Link.objects.get().target == asset("ns/e")


def test_a_change_of_a_linked_asset_changes_the_digest_at_both_ends() -> None:
    source = make_source()
    derive(source=source, touched=collect(source, job("j", "b"), bucket("b"), bucket("c"), observed(ROLE, "role")))
    before = dict(Asset.objects.values_list("external_id", "facts_digest"))
    seen = [job("j", "b"), bucket("b"), bucket("c"), observed(ROLE, "role", config={"Path": "/new/"})]
    changed = derive(source=source, touched=collect(source, *seen, day=1))
    assert changed == {asset("j").pk}, "nothing derived of the role itself is another"
    assert asset("c").facts_digest == before["c"]


def test_a_changed_asset_of_another_source_is_noticed_by_what_links_to_it() -> None:
    ours, theirs = make_source(), make_source()
    derive(source=theirs, touched=collect(theirs, bucket("arn:aws:s3:::b", "Off")))
    derive(source=ours, touched=collect(ours, job("j", "arn:aws:s3:::b")))
    assert asset("j").facts["reads_versioned"] == ["Off"]
    derive(source=theirs, touched=collect(theirs, bucket("arn:aws:s3:::b"), day=1))
    derive(source=ours, touched=set())
    assert asset("j").facts["reads_versioned"] == ["Enabled"]


def test_two_accounts_that_link_each_other_come_to_rest() -> None:
    ours, theirs = make_source(), make_source()
    for source, own, other in ((ours, "arn:a", "arn:b"), (theirs, "arn:b", "arn:a")):
        collect(source, observed(BUCKET, own, links=[LinkTo("reads_data", BUCKET, other)]))
    for _round in range(3):
        for source in (ours, theirs):
            derive(source=source, touched=set())
    assert not Asset.objects.filter(UNDERIVED).exists()


def test_a_mark_that_is_set_while_a_derivation_writes_stays() -> None:
    source = make_source()
    collect(source, bucket("b"))
    derive(source=source, touched=set())
    mark_for_derivation({asset("b").pk})
    seen = {asset("b").pk: asset("b").derive_mark}
    mark_for_derivation({asset("b").pk})
    clear_marks(seen)
    assert asset("b").derive_mark is not None
    clear_marks({asset("b").pk: asset("b").derive_mark})
    assert asset("b").derive_mark is None


def test_a_mark_that_another_account_sets_during_a_derivation_is_not_lost() -> None:
    source = make_source()
    collect(source, bucket("b"))
    derive(source=source, touched=set(), stopped=lambda: bool(mark_for_derivation({asset("b").pk})))
    assert asset("b").facts_digest
    assert asset("b").derive_mark is not None
    derive(source=source, touched=set())
    assert asset("b").derive_mark is None


def test_what_is_derived_from_a_source_that_is_removed_is_derived_again() -> None:
    ours, theirs = make_source(), make_source()
    derive(source=theirs, touched=collect(theirs, bucket("arn:aws:s3:::b", "Off")))
    derive(source=ours, touched=collect(ours, job("j", "arn:aws:s3:::b")))
    assert asset("j").facts["reads_versioned"] == ["Off"]
    delete_source(source=theirs)
    assert asset("j").derive_mark is not None
    derive(source=ours, touched=set())
    assert asset("j").facts["reads_versioned"] != ["Off"]


def test_a_document_that_was_forgotten_is_fetched_again() -> None:
    source = make_source()
    collect(source, *(observed(BUCKET, name, config={"Name": name}) for name in "bc"))
    stored = stored_estate_of(source)
    for _time in range(2):
        assert [one.node.config["Name"] for one in stored.own] == ["b", "c"]
        stored.forget_documents()


def test_only_what_was_derived_before_is_marked_for_its_links() -> None:
    source = make_source()
    collect(source, observed(BUCKET, "arn:old", links=[LinkTo("reads_data", BUCKET, "arn:late")]))
    derive(source=source, touched=None)
    new = observed(BUCKET, "arn:new", links=[LinkTo("reads_data", BUCKET, "arn:late")])
    collect(
        source, new, bucket("arn:late"), observed(BUCKET, "arn:old", links=[LinkTo("reads_data", BUCKET, "arn:late")])
    )
    assert asset("arn:old").derive_mark is not None
    assert asset("arn:new").derive_mark is None
    assert Asset.objects.filter(UNDERIVED).count() == 3
    derive(source=source, touched=set())
    assert not Asset.objects.filter(UNDERIVED).exists()


def test_attributes_come_from_tags_then_the_namespace_then_the_source() -> None:
    source = make_source(SourceKind.KUBERNETES, environment="development", criticality=1, owner="platform")
    namespace = observed("k8s.namespace", "ns", tags={"team": "ml", "example.org/env": "prod-2"})
    own = deployment("d", "x", tags={"Owner": "vision", "criticality": "High", "data-classification": "PII"})
    derive(source=source, touched=collect(source, namespace, own, deployment("e", "y"), observed("k8s.node", "n")))
    d, e, n = asset("ns/d"), asset("ns/e"), asset("n")
    assert (d.owner, d.environment, d.criticality, d.data_class) == ("vision", "production", 3, "pii")
    assert (e.owner, e.environment, e.criticality, e.data_class) == ("ml", "production", 1, "")
    assert (n.owner, n.environment, n.criticality) == ("platform", "development", 1)


def test_new_labels_of_a_namespace_reach_what_is_in_it() -> None:
    source = make_source(SourceKind.KUBERNETES)
    derive(source=source, touched=collect(source, observed("k8s.namespace", "ns"), deployment("d", "x")))
    seen = [observed("k8s.namespace", "ns", tags={"owner": "ml"}), deployment("d", "x")]
    derive(source=source, touched=collect(source, *seen, day=1))
    assert asset("ns/d").owner == "ml"


def test_new_defaults_of_a_source_reach_all_its_assets() -> None:
    source = make_source()
    derive(source=source, touched=collect(source, bucket("b")))
    Source.objects.filter(pk=source.pk).update(environment="production", criticality=3, owner="ml")
    derive(source=source, touched=set())
    assert (asset("b").environment, asset("b").criticality, asset("b").owner) == ("production", 3, "ml")


def test_the_exposure_fact_fills_its_column() -> None:
    source = make_source(SourceKind.KUBERNETES)
    derive(source=source, touched=collect(source, service("s", "x", type="LoadBalancer"), deployment("d", "x")))
    assert (asset("ns/s").exposure, asset("ns/d").exposure) == ("internet", "none")


NAMES = st.sampled_from("abc")
STATES = st.lists(
    st.fixed_dictionaries(
        {
            "buckets": st.dictionaries(NAMES, st.sampled_from(["Enabled", "Off"])),
            "jobs": st.dictionaries(NAMES, st.lists(NAMES, max_size=2, unique=True)),
            "services": st.dictionaries(NAMES, NAMES),
            "deployments": st.dictionaries(NAMES, NAMES),
            "role": st.booleans(),
            "denied": st.sampled_from(["", "", "", "", BUCKET, DEPLOYMENT]),
        }
    ),
    min_size=2,
    max_size=5,
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(STATES)
def test_deriving_what_changed_ends_where_deriving_everything_does(states: list[dict[str, Any]]) -> None:
    source = make_source()
    for day, state in enumerate(states):
        seen = [bucket(name, versioning) for name, versioning in state["buckets"].items()]
        seen += [job(f"j{name}", *buckets) for name, buckets in state["jobs"].items()]
        seen += [service(name, app) for name, app in state["services"].items()]
        seen += [deployment(name, app) for name, app in state["deployments"].items()]
        seen += [observed(ROLE, "role")] if state["role"] else []
        outcomes = dict.fromkeys((BUCKET, JOB, SERVICE, DEPLOYMENT, ROLE), ScopeState.COMPLETE)
        outcomes |= {state["denied"]: ScopeState.DENIED} if state["denied"] else {}
        derive(source=source, touched=collect(source, *seen, states=outcomes, day=day))
        assert not Asset.objects.filter(UNDERIVED).exists()
        assert derive(source=source, touched=None) == set()
    Link.objects.all().delete()
    Asset.objects.all().delete()
