"""Every declared Kubernetes list in every way to fail, through the whole product: no silent answer, no lost asset."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from findings.posture.queries.in_force import rulebook
from integrations.kubernetes.resources import RESOURCES, Resource
from inventory.documents import ScopeKey
from inventory.facts.registry import DERIVED_LINKS, FACTS
from inventory.models import Source, SourceKind
from tests.faults.cluster import Clustered, bodies, clustered, path_of
from tests.faults.world import ScopeSeen, World, database, differing, swept

__all__ = ["database", "swept"]
pytestmark = pytest.mark.django_db
JUDGED = ("denied", "malformed")  # no list at all, and a list with a hole
# One of each sort that others depend on: what makes pods, leads to them, guards them, and what lies around them.
HOLED = ("k8s.pod", "k8s.deployment", "k8s.service", "k8s.ingress", "k8s.network_policy", "k8s.role_binding",
         "k8s.namespace", "k8s.node")  # fmt: skip
ALIKE = ("server-error", "throttled", "timeout")
PATHS = {row.kind: path_of(row, bodies()) for row in RESOURCES}
CUSTOM = frozenset(row.kind for row in RESOURCES if not row.built_in)


def looked_at() -> set[str]:
    """Kinds from which something is worked out about other assets."""
    facts = {kind for fact in FACTS for kind in fact.looks_at}
    links = {kind for link in DERIVED_LINKS for kind in link.looks_at | link.kinds}
    followed = {link.kind for rule in rulebook().rules for link in rule.links.values()}
    return facts | links | followed | {"k8s.namespace", "k8s.pod", "k8s.replica_set"}


ALONE = [row for row in RESOURCES if row.kind in looked_at()]
TOGETHER = [row for row in RESOURCES if row not in ALONE]


@pytest.fixture(scope="module")
def company() -> Iterator[Clustered]:
    with clustered() as made:
        yield made


@pytest.fixture(scope="module")
def world(company: Clustered, database: None) -> World:
    source = Source.objects.create(kind=SourceKind.KUBERNETES, external_id=company.uid, name="company")
    return World(source, company.read())


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        pytest.param(row, fault, id=f"{row.kind}-{fault}")
        for row in ALONE
        for fault in JUDGED
        if fault == "denied" or row.kind in HOLED
    ],
)
def test_a_failed_list_gives_no_silent_answer(company: Clustered, world: World, row: Resource, fault: str) -> None:
    seen = company.read_with(fault, [PATHS[row.kind]], [row.kind])
    world.prove(seen)
    if fault == "denied":
        assert world.said_at_first(seen) == {}, "nor when the cluster is read for the first time"


@pytest.mark.parametrize("fault", JUDGED)
def test_failed_lists_that_nothing_else_looks_at_only_concern_themselves(
    company: Clustered, world: World, fault: str
) -> None:
    kinds = [row.kind for row in TOGETHER]
    seen = company.read_with(fault, [PATHS[kind] for kind in kinds], kinds)
    assert differing(seen, world.usual).keys() == {ScopeKey("-", kind) for kind in kinds}
    world.prove(seen)


@pytest.fixture(scope="module")
def all_failed(company: Clustered) -> dict[str, dict[ScopeKey, ScopeSeen]]:
    """What is handed over when every list fails in the same way."""
    return {fault: company.read_with(fault, PATHS.values(), PATHS) for fault in ("denied", *ALIKE)}


@pytest.mark.parametrize("fault", ALIKE)
@pytest.mark.parametrize("kind", PATHS)
def test_every_other_way_to_fail_means_the_same_as_denied(
    all_failed: dict[str, dict[ScopeKey, ScopeSeen]], kind: str, fault: str
) -> None:
    key = ScopeKey("-", kind)
    assert not all_failed[fault][key].read
    assert all_failed[fault][key].meaning() == all_failed["denied"][key].meaning()


@pytest.mark.parametrize("fault", ["denied", "truncated", *ALIKE])
@pytest.mark.parametrize("path", ["/version", "/apis"])
def test_a_cluster_that_does_not_say_what_it_serves_gives_no_silent_answer(
    company: Clustered, world: World, path: str, fault: str
) -> None:
    world.prove(company.read_with(fault, [path], CUSTOM))


@pytest.mark.parametrize("kind", [row.kind for row in ALONE])
def test_what_depends_on_a_list_is_unknown_without_it(world: World, kind: str) -> None:
    """What an asset is used for may be what it was, as long as what is said of it was read."""
    assert world.certain_without(kind) == {}


def test_everything_is_read_without_a_fault(world: World) -> None:
    assert {key.collector: one.outcome for key, one in world.usual.items() if not one.read} == {}
    assert len([one for one in world.usual.values() if one.assets]) > 160
    assert {"p", "f", "n"} <= set(world.before.verdicts.values())
