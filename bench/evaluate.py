"""Rules over an estate that is already stored: all of it cold, one changed asset, and every finding seen again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from bench.account import account
from bench.children import stage
from bench.figures import Figures, forget_peak, peak_mb, span, statements
from bench.options import Options
from bench.recording import analyze, collect
from findings.posture.engine import Judge
from findings.posture.models import Finding, Judgement
from findings.posture.queries.in_force import rulebook
from findings.posture.services import batches, evaluate, sync_rules
from integrations import registry
from inventory.documents import LinkTo, Observed, ScopeKey
from inventory.models import Asset, Link, Source
from inventory.recognition.catalogue import catalogue
from inventory.services import Recorder, derive

ASSETS = 10_000
CHANGED = ("aws.sagemaker.endpoint", "aws.sagemaker.model", "aws.s3.bucket", "aws.iam.role")


def measure(options: Options) -> dict[str, Any]:
    asked = options.assets or ASSETS
    figures: dict[str, Any] = stage("evaluate", "filled", options)
    for function in ("cold", "again", "changed"):
        figures |= stage("evaluate", function, options)
    return {"parameters": {"assets": asked, "seed": options.seed}, "figures": figures}


def filled(options: Options) -> dict[str, Any]:
    """An estate, collected and derived."""
    figures = Figures()
    with account(options.assets or ASSETS, options.seed) as aws:
        known = aws.connected()
        with registry.collector_for(known) as collector:
            recorded = collect(collector, known.source).recorded
    forget_peak()
    with span() as taken:
        derive(source=known.source, touched=recorded.touched)
    figures.add("derive_wall", taken.wall, "s")
    figures.add("derive_cpu", taken.cpu, "s")
    figures.add("derive_peak_rss", peak_mb(), "MB")
    analyze()
    return figures.values


def cold(_options: Options) -> dict[str, Any]:
    """Nothing judged yet, rules and expressions loaded as in a worker that has judged before."""
    figures, source = Figures(), Source.objects.get()
    sync_rules()
    writing = Writing()
    forget_peak()
    with statements() as counted, span() as taken, writing.watched():
        done = evaluate(source=source)
    verdicts = sum(len(row) for row in Judgement.objects.values_list("verdicts", flat=True))
    figures.add("assets", done.judged, "assets")
    figures.add("rules", len(rulebook().rules), "rules")
    figures.add("verdicts", verdicts, "verdicts")
    figures.add("cold_wall", taken.wall, "s", at_most=10)
    figures.add("cold_cpu", taken.cpu, "s")
    pairs = done.judged * len(rulebook().rules)
    figures.add("pairs_per_second", pairs / taken.wall, "asset and rule pairs/s", at_least=100_000)
    figures.add("verdicts_per_second", verdicts / taken.wall, "1/s")
    figures.add("cold_peak_rss", peak_mb(), "MB", at_most=400)
    figures.add("judging_verdicts_per_cpu_second", verdicts / writing.judging, "1/s")
    figures.add("findings_new", done.opened, "findings")
    figures.add("findings_new_per_second", done.opened / writing.seconds, "1/s", at_least=5000)
    figures.add("statements_per_1000_findings", counted.count / max(1, done.opened) * 1000, "statements", at_most=20)
    return figures.values


def again(_options: Options) -> dict[str, Any]:
    """Every asset judged again with the same outcome: each finding is compared and stays as it is."""
    figures, source = Figures(), Source.objects.get()
    sync_rules()
    known = Finding.objects.count()
    Judgement.objects.update(inputs="")
    writing = Writing()
    with statements() as counted, span() as taken, writing.watched():
        evaluate(source=source)
    figures.add("again_wall", taken.wall, "s")
    figures.add("findings_again_per_second", known / writing.seconds, "1/s", at_least=20_000)
    figures.add("again_statements_per_1000_findings", counted.count / max(1, known) * 1000, "statements", at_most=20)
    return figures.values


def changed(_options: Options) -> dict[str, Any]:
    """One asset is seen with another document: from there to its verdicts, with all that depends on it.

    Rules and fingerprints are loaded, as in a worker that has run before.
    """
    figures, source = Figures(), Source.objects.get()
    sync_rules()
    catalogue()
    slowest = 0.0
    for kind in CHANGED:
        asset = Asset.objects.filter(source=source, kind=kind).present().order_by("name").first()
        if asset is None:
            continue
        with span() as taken:
            recorder = Recorder(source=source, at=timezone.now())
            recorder.page(ScopeKey(asset.scope.region, asset.scope.collector), [_other(asset)])
            derive(source=source, touched=recorder.finish().touched)
            evaluate(source=source)
        figures.add(f"changed_{kind.rpartition('.')[2]}_wall", taken.wall, "s")
        slowest = max(slowest, taken.wall)
    figures.add("changed_wall", slowest, "s", at_most=1)
    return figures.values


def _other(asset: Asset) -> Observed:
    """The same asset with one more field in its document."""
    rows = Link.objects.filter(origin=asset, derived=False).values_list("type", "target_kind", "target_ref")
    return Observed(
        kind=asset.kind,
        external_id=asset.external_id,
        name=asset.name,
        place=asset.place,
        config={**asset.config, "Description": "changed by the bench"},
        links=[LinkTo(*row) for row in rows],
        tags=asset.tags,
    )


@dataclass(slots=True)
class Writing:
    """Seconds spent on findings (looking known ones up, comparing, writing), and of processor time on judging."""

    seconds: float = 0.0
    judging: float = 0.0

    def watched(self) -> Any:
        return _Watch(self)


class _Watch:
    """Puts a clock around the functions that do it, for as long as it is entered."""

    NAMES = ("known_findings", "settle", "write_changes")

    def __init__(self, writing: Writing) -> None:
        self._writing = writing
        self._before = {name: getattr(batches, name) for name in self.NAMES}
        self._judge = Judge.__call__

    def __enter__(self) -> None:
        for name, function in self._before.items():
            setattr(batches, name, self._timed(function, "seconds", time.perf_counter))
        Judge.__call__ = self._timed(self._judge, "judging", time.process_time)  # type: ignore[method-assign]

    def __exit__(self, *_: object) -> None:
        for name, function in self._before.items():
            setattr(batches, name, function)
        Judge.__call__ = self._judge  # type: ignore[method-assign]

    def _timed(self, function: Callable[..., Any], total: str, clock: Callable[[], float]) -> Callable[..., Any]:
        def timed(*args: Any, **more: Any) -> Any:
            began = clock()
            answer = function(*args, **more)
            if isinstance(answer, Iterator):
                answer = list(answer)  # what it makes step by step counts too
            setattr(self._writing, total, getattr(self._writing, total) + clock() - began)
            return answer

        return timed
