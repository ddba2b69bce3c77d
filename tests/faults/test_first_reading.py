"""A list that cannot be read the first time: what depends on it is not known, and never answered by its absence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from integrations.aws.resources import RESOURCES as AWS
from integrations.aws.table import Named
from integrations.kubernetes.resources import RESOURCES as KUBERNETES
from inventory.kinds import expand
from inventory.models import Source, SourceKind
from tests.faults.aws import account
from tests.faults.cluster import bodies, clustered, path_of
from tests.faults.test_kubernetes_calls import looked_at
from tests.faults.world import Seen, World, database

__all__ = ["database"]
pytestmark = pytest.mark.django_db
LISTS = {row.kind: next(iter(row.calls())) for row in AWS if not isinstance(row.each, Named)}


@dataclass(frozen=True, slots=True)
class Company:
    """A source, and what is handed over of it while the list of one kind is denied."""

    world: World
    without: Callable[[str], Seen]


@pytest.fixture(scope="module")
def cluster(database: None) -> Iterator[Company]:
    with clustered() as made:
        source = Source.objects.create(kind=SourceKind.KUBERNETES, external_id=made.uid, name="company")
        served = bodies()
        lists = {row.kind: path_of(row, served) for row in KUBERNETES}
        yield Company(World(source, made.read()), lambda kind: made.read_with("denied", [lists[kind]], [kind]))


@pytest.mark.parametrize("kind", sorted(expand(*looked_at())))
def test_a_cluster_is_not_judged_by_a_list_that_was_never_read(cluster: Company, kind: str) -> None:
    assert cluster.world.said_at_first(cluster.without(kind)) == {}


@pytest.fixture(scope="module")
def account_read(database: None) -> Iterator[Company]:
    with account() as made:
        source = Source.objects.create(kind=SourceKind.AWS, external_id=made.aws.account_id, name="company")
        yield Company(World(source, made.read()), lambda kind: made.read_with("denied", LISTS[kind]))


@pytest.mark.parametrize("kind", sorted(LISTS))
def test_an_account_is_not_judged_by_a_list_that_was_never_read(account_read: Company, kind: str) -> None:
    assert account_read.world.said_at_first(account_read.without(kind)) == {}
