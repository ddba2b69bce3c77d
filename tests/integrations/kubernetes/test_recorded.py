"""From a cluster to rows: nothing is retired by a fault, and looking again at the same writes nothing new."""

from __future__ import annotations

import pytest
from django.utils import timezone

from demo.cluster.server import Fault
from integrations.base import Page
from integrations.kubernetes.collector import KubernetesCollector
from inventory.documents import ScopeState
from inventory.models import Asset, Link, Revision, Source, SourceKind
from inventory.services import Recorder
from tests.integrations.kubernetes.clusters import demo_bodies, live

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def source() -> Source:
    return Source.objects.create(kind=SourceKind.KUBERNETES, external_id="uid", name="demo")


def record(source: Source, collector: KubernetesCollector) -> tuple[int, int, int]:
    """(new, changed, gone) of one collection."""
    recorder = Recorder(source=source, at=timezone.now())
    for event in collector.collect(lambda: False):
        if isinstance(event, Page):
            recorder.page(event.scope, event.assets)
        else:
            recorder.close(event)
    recorded = recorder.finish()
    return recorded.new, recorded.changed, recorded.gone


def test_an_unchanged_cluster_changes_nothing(source: Source) -> None:
    with live(demo_bodies()) as (_, collector):
        new, changed, gone = record(source, collector)
        assert (changed, gone) == (0, 0)
        assert new == Asset.objects.count() > 300
        links = Link.objects.count()
        assert record(source, collector) == (0, 0, 0)
    assert (Revision.objects.count(), Link.objects.count()) == (0, links)


@pytest.mark.parametrize("fault", ["denied", "gone", "cut", "truncated", "wrong-kind"])
def test_a_fault_retires_nothing_and_a_clean_look_retires_what_is_gone(source: Source, fault: str) -> None:
    bodies = demo_bodies()
    with live(bodies) as (_, collector):
        record(source, collector)
    bodies["/api/v1/services"]["items"] = bodies["/api/v1/services"]["items"][:-5]
    with live(bodies, page_size=7) as (cluster, collector):
        cluster.faults["*"] = Fault(fault, page=2)
        assert record(source, collector)[2] == 0
        assert source.scopes.get(collector="k8s.service").state != ScopeState.COMPLETE
        cluster.faults.clear()
        assert record(source, collector)[2] == 5
    assert Asset.objects.filter(kind="k8s.service").exclude(gone_at=None).count() == 5
