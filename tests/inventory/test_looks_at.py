"""A fact that looks at something it does not declare would go stale without anybody noticing."""

from __future__ import annotations

from pathlib import Path

import pytest

import demo.cluster
from demo.aws import SimulatedAws
from demo.aws.estate import seed
from integrations.aws.collector import AwsCollector
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
    return record(make_source(SourceKind.KUBERNETES), SnapshotCollector(tmp_path))


def record(source: Source, collector: AwsCollector | SnapshotCollector) -> Source:
    recorder = Recorder(source=source, at=moment())
    for item in collector.collect(lambda: False):
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
    assert derive(source=cluster, touched=None) == set()


@pytest.fixture
def account() -> Source:
    """The demo's AWS account, collected."""
    with SimulatedAws() as aws:
        seed(aws)
        keys = {name.removeprefix("aws_"): value for name, value in aws.credentials.items()}
        collector = AwsCollector({"regions": ["eu-west-1", "us-east-1"], "endpoint_url": aws.url}, keys)
        return record(make_source(external_id=collector.identify().external_id), collector)


def test_facts_about_aws_look_only_at_what_they_declare(account: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    assert undeclared(account, monkeypatch) == {}
    assert derive(source=account, touched=None) == set()
