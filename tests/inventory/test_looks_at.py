"""A fact that looks at something it does not declare would go stale without anybody noticing."""

from __future__ import annotations

from pathlib import Path

import pytest

import demo.cluster
from integrations.base import Page
from integrations.kubernetes.collector import SnapshotCollector
from inventory.models import Source, SourceKind
from inventory.services import Recorder, derive
from tests.builders import make_source, moment
from tests.inventory.watching import undeclared

pytestmark = pytest.mark.django_db


@pytest.fixture
def cluster(tmp_path: Path) -> Source:
    """The demo's cluster, collected."""
    demo.cluster.write(tmp_path)
    source = make_source(SourceKind.KUBERNETES)
    recorder = Recorder(source=source, at=moment())
    for item in SnapshotCollector(tmp_path, whole_cluster=True).collect(lambda: False):
        if isinstance(item, Page):
            recorder.page(item.scope, item.assets)
        else:
            recorder.close(item)
    derive(source=source, touched=recorder.finish().touched)
    return source


def test_facts_about_kubernetes_look_only_at_what_they_declare(
    cluster: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert undeclared(cluster, monkeypatch) == {}


def test_deriving_the_demo_cluster_again_changes_nothing(cluster: Source) -> None:
    assert derive(source=cluster, touched=None) == set()
