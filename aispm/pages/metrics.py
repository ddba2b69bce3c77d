"""/metrics for Prometheus: read from the database and the broker at each scrape, in a handful of queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from redis import RedisError

from aispm.core import heartbeat
from findings.posture.models import Finding, Severity
from findings.posture.queries import rule_faults
from integrations.models import Run, RunState
from inventory.documents import ScopeState
from inventory.models import Asset, Scope

LOOPBACK = frozenset({"127.0.0.1", "::1"})
QUEUES = ("collect",)


def _by(name: str, words: str, label: str, counts: Iterable[tuple[str, int]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words, labels=[label])
    for value, number in counts:
        family.add_metric([value], number)
    return family


class Figures(Collector):
    """Computed when asked; nothing is counted in the process, so every web process answers the same."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield from self._inventory()
        yield from self._runs()
        yield GaugeMetricFamily("aispm_rule_faults", "Mistakes in rule files", value=len(rule_faults()))
        yield from self._broker()

    def _inventory(self) -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily("aispm_assets", "Assets that exist", value=Asset.objects.filter(gone_at=None).count())
        found = dict(Finding.objects.open().values_list("severity").annotate(Count("id")).order_by())
        levels = [(level.name.lower(), found.get(level.value, 0)) for level in Severity]
        yield _by("aispm_findings_open", "Open findings by severity", "severity", levels)
        states = dict(Scope.objects.values_list("state").annotate(Count("id")).order_by())
        scopes = [(state.value, states.get(state.value, 0)) for state in ScopeState]
        yield _by("aispm_scopes", "Scopes by how completely they were read", "state", scopes)

    def _runs(self) -> Iterator[GaugeMetricFamily]:
        counted = dict(Run.objects.values_list("state").annotate(Count("id")).order_by())
        states = [(state.value, counted.get(state.value, 0)) for state in RunState]
        yield _by("aispm_runs", "Runs by state", "state", states)
        oldest = Run.objects.filter(state=RunState.QUEUED).aggregate(at=Min("queued_at"))["at"]
        age = (timezone.now() - oldest).total_seconds() if oldest else 0
        yield GaugeMetricFamily("aispm_run_oldest_queued_seconds", "Age of the oldest run that waits", value=age)

    def _broker(self) -> Iterator[GaugeMetricFamily]:
        try:
            with heartbeat.broker().pipeline(transaction=False) as pipe:
                for queue in QUEUES:
                    pipe.llen(queue)
                lengths = [int(length) for length in pipe.execute()]
            workers = len(heartbeat.living_workers())
        except RedisError:
            yield GaugeMetricFamily("aispm_broker_up", "Whether the broker answers", value=0)
            return
        yield GaugeMetricFamily("aispm_broker_up", "Whether the broker answers", value=1)
        yield _by("aispm_queue_depth", "Messages that wait", "queue", zip(QUEUES, lengths, strict=True))
        yield GaugeMetricFamily("aispm_workers", "Workers that live", value=workers)


def may_scrape(request: HttpRequest) -> bool:
    """With AISPM_METRICS_TOKEN its bearer; without it only this machine itself, not what a proxy passes on."""
    token = settings.AISPM_METRICS_TOKEN
    if token:
        return constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {token}")
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return request.META.get("REMOTE_ADDR") in LOOPBACK and not forwarded


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not may_scrape(request):
        return HttpResponse(
            "Send the bearer token of AISPM_METRICS_TOKEN.\n",
            status=401,
            content_type="text/plain; charset=utf-8",
            headers={"WWW-Authenticate": "Bearer"},
        )
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
