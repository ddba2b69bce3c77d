"""A small cluster as a snapshot, workers as processes, and the whole state of the database for comparing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import orjson
from django.db import connection
from django.utils import timezone

from findings.posture.models import Finding, Judgement, PostureDay, ScoreChange, Shift, Tally, Transition
from integrations import services
from integrations.models import Connection, Run
from integrations.services import SourceDetails
from inventory.documents import Document
from inventory.models import Asset, Link, Revision, Source
from tests.faults.worker import NEVER
from tests.integrations.kubernetes.clusters import demo_bodies

APPS = "/apis/apps/v1"
PART = (
    "/version", "/apis", "/api/v1", "/api/v1/namespaces", "/api/v1/services", "/api/v1/serviceaccounts",
    APPS, f"{APPS}/deployments", "/apis/networking.k8s.io/v1/networkpolicies",
)  # fmt: skip
WITHIN_S = 60


def snapshot(folder: Path, *, later: bool) -> Path:
    """Some lists of the demo's cluster; the others are missing, so their scopes are incomplete."""
    bodies = {path: body for path, body in demo_bodies().items() if path in PART}
    if later:
        deployments = bodies[f"{APPS}/deployments"]
        bodies[f"{APPS}/deployments"] = deployments | {"items": [_changed(one) for one in deployments["items"][::2]]}
    index = {path: {"file": f"{number}.json"} for number, path in enumerate(bodies)}
    for path, body in bodies.items():
        (folder / index[path]["file"]).write_bytes(orjson.dumps(body))
    (folder / "index.json").write_bytes(orjson.dumps(index))
    archive = folder / "cluster.tar"
    with tarfile.open(archive, "w") as target:
        for name in ["index.json", *(one["file"] for one in index.values())]:
            target.add(folder / name, arcname=name)
    return archive


def _changed(deployment: Document) -> Document:
    """The same with other labels, run by one more pod."""
    labels = deployment["metadata"].get("labels", {}) | {"owner": "somebody-else"}
    metadata = deployment["metadata"] | {"labels": labels}
    return deployment | {"metadata": metadata, "spec": deployment["spec"] | {"replicas": 7}}


def connect(folder: Path, *, later: bool = False) -> Connection:
    """Half a year later half of the workloads are gone and the others are other ones."""
    return services.connect_snapshot(path=snapshot(folder, later=later), details=SourceDetails(name="cluster"))


def work(run: Run, phase: str = NEVER, number: int = 0) -> subprocess.CompletedProcess[str]:
    """A process of its own performs the run, on the database of this test, and dies as told."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.faults.worker", str(run.pk), phase, str(number)]
    env = os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "aispm.settings"}
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=WITHIN_S)


def forget(source: Source) -> None:
    """Removes it with everything known of it, as the tick does."""
    services.perform_removal(run_id=services.remove_source(source=source).pk)


def database_url() -> str:
    settings = connection.settings_dict
    return f"postgresql://{settings['USER']}@/{settings['NAME']}?host={settings['HOST']}"


def phases(run: Run) -> dict[str, int]:
    """How many statements each phase of an undisturbed run has."""
    worker = work(run)
    assert worker.returncode == 0, worker.stderr
    found: dict[str, int] = json.loads(worker.stdout.splitlines()[-1])
    return found


def taken_up(run: Run) -> bool:
    """Whether the run is handed to a worker again before long, its lease having run out."""
    until = time.monotonic() + WITHIN_S
    while time.monotonic() < until:
        if run.pk in services.take_due_runs(at=timezone.now()):
            return True
        time.sleep(0.05)
    return False


def known(source: Source) -> dict[str, Any]:
    """Everything that is known of a source, without row ids and times; what is there twice is there twice."""
    columns = ("kind", "external_id", "name", "config", "facts", "unread", "ai_role", "exposure", "owner")
    assets = [
        json.dumps([*row, gone is None], sort_keys=True)
        for *row, gone in Asset.objects.filter(source=source).values_list(*columns, "gone_at")
    ]
    links = Link.objects.filter(source=source).values_list(
        "origin__kind", "origin__external_id", "type", "target_kind", "target_ref", "target__external_id", "derived"
    )
    judged = Judgement.objects.filter(source=source).values_list("asset__kind", "asset__external_id", "verdicts")
    findings = Finding.objects.values_list("fingerprint", "status", "stale", "stale_reason", "severity", "priority")
    moves = Transition.objects.values_list("finding__fingerprint", "before", "after", "cause")
    days = PostureDay.objects.values_list("area", "step", "score", "numerator", "denominator", "unknown", "coverage")
    return {
        "assets": sorted(assets),
        "links": Counter(links),
        "verdicts": sorted((*whose, sorted(verdicts.items())) for *whose, verdicts in judged),
        "findings": Counter(findings),
        "transitions": Counter(moves),
        "posture": {(area.partition(":")[0], *rest) for area, *rest in days},
        "scopes": sorted(source.scopes.values_list("region", "collector", "state", "assets")),
        "revisions": Revision.objects.count(),
    }


def assert_sums_agree() -> None:
    """Tallies equal a recount, and the ledger adds up to the scores."""
    counted: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for judgement in Judgement.objects.all():
        for rule, letter in judgement.verdicts.items():
            counted[judgement.environment, rule][letter] += 1
    stored = {
        (t.environment, t.rule_id): Counter(p=t.passed, f=t.failed, u=t.unknown, n=t.not_applicable)
        for t in Tally.objects.all()
    }
    assert {key: +row for key, row in stored.items()} == counted
    assert not Shift.objects.exists()
    points: Counter[tuple[str, str]] = Counter()
    for change in ScoreChange.objects.all():
        points[change.area, change.step] += change.points
    scores = {(day.area, day.step): day.score for day in PostureDay.objects.all()}
    assert {key: sum_ // 100 for key, sum_ in points.items()} == {key: scores[key] or 0 for key in points}
