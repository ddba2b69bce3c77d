"""A process that follows clusters is killed: another one goes on, and what happened in between is known."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from demo.cluster.server import Cluster, serve
from integrations.models import Watch
from inventory.models import Asset
from tests.faults.runs import assert_sums_agree, database_url
from tests.integrations.kubernetes.clusters import demo_bodies
from tests.integrations.kubernetes.watching import DEPLOYMENTS
from tests.integrations.runner.test_watching import connected, deployment, uid_of
from tests.runtime.stack import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@contextmanager
def watcher() -> Iterator[subprocess.Popen[bytes]]:
    """A process that follows what nobody else does."""
    env = os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "aispm.settings"}
    process = subprocess.Popen([sys.executable, "-W", "ignore", "-m", "tests.faults.watcher"], env=env)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def replicas() -> int:
    found = Asset.objects.get(kind="k8s.deployment", external_id="assistants/care-assistant")
    return int(found.config["spec"]["replicas"])


def scale(cluster: Cluster, replicas: int) -> None:
    document = deployment(cluster, "care-assistant")
    document["spec"]["replicas"] = replicas
    cluster.change(DEPLOYMENTS, document)


def followed() -> bool:
    return Watch.objects.held().filter(since__isnull=False).exists()


def test_a_cluster_whose_follower_was_killed_is_followed_by_another_and_nothing_is_missed() -> None:
    cluster = Cluster.of(demo_bodies())
    with serve(cluster) as address, watcher() as first:
        connected(address, uid_of(cluster))
        until(followed, "the first to follow it")
        scale(cluster, 9)
        until(lambda: replicas() == 9, "a change told by the first")
        with watcher() as second:
            first.kill()
            first.wait()
            scale(cluster, 11)
            dead = Watch.objects.get().holder
            until(lambda: Watch.objects.exclude(holder=dead).exists(), "another one to take it")
            until(followed, "the second to follow it")
            assert replicas() == 11, "what happened while nobody followed it"
            scale(cluster, 13)
            until(lambda: replicas() == 13, "a change told by the second")
            second.terminate()
            assert second.wait(timeout=60) == 0
    assert Watch.objects.get().holder is None, "the next one need not wait"
    assert_sums_agree()
