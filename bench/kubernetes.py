"""A cluster: collected over HTTP from an API server double in another process, and judged."""

from __future__ import annotations

from typing import Any

from bench.children import serving, stage
from bench.figures import Figures, Span, forget_peak, peak_mb, span
from bench.options import Options
from bench.recording import collect
from findings.posture.services import evaluate, sync_rules
from integrations import registry
from inventory.models import Asset, SourceKind
from inventory.recognition.catalogue import catalogue
from inventory.services import derive, ensure_source

JUDGED, COLLECTED = 1000, 2500  # workloads; the larger cluster has 7,500 pods and 30,000 objects


def measure(options: Options) -> dict[str, Any]:
    """First the large one, collected only; then the smaller one from fetching to findings; then one followed."""
    figures = stage("kubernetes", "collected", options) | stage("kubernetes", "judged", options)
    figures |= stage("watching", "watched", options)
    parameters = {"workloads": _sizes(options), "seed": options.seed}
    return {"parameters": parameters, "figures": figures}


def _sizes(options: Options) -> tuple[int, int]:
    return (options.workloads, options.workloads) if options.workloads else (JUDGED, COLLECTED)


def collected(options: Options) -> dict[str, Any]:
    figures = Figures()
    with _served(_sizes(options)[1], options.seed) as where:
        source, collector = _ready(where, "large")
        forget_peak()
        with span() as taken:
            found = collect(collector, source)
        peak = peak_mb()
    figures.add("collect_pods", where["counts"].get("Pod", 0), "pods")
    figures.add("collect_objects", sum(where["counts"].values()), "objects")
    figures.add("collect_bodies", where["megabytes"], "MB")
    figures.add("collect_assets", Asset.objects.filter(source=source).count(), "assets")
    figures.add("collect_scopes_unread", found.unread, "scopes", at_most=0)
    figures.add("collect_wall", taken.wall, "s", at_most=12)
    figures.add("collect_cpu", taken.cpu, "s")
    figures.add("collect_peak_rss", peak, "MB", at_most=350)
    return figures.values


def judged(options: Options) -> dict[str, Any]:
    figures, parts = Figures(), dict[str, Span]()
    with _served(_sizes(options)[0], options.seed) as where:
        source, collector = _ready(where, "small")
        forget_peak()
        with span() as parts["collect"]:
            found = collect(collector, source)
        with span() as parts["derive"]:
            derive(source=source, touched=found.recorded.touched)
        with span() as parts["judge"]:
            outcome = evaluate(source=source)
        peak = peak_mb()
    figures.add("judge_workloads", _sizes(options)[0], "workloads")
    figures.add("judge_assets", outcome.judged, "assets")
    figures.add("judge_findings", outcome.opened, "findings")
    for name, part in parts.items():
        figures.add(f"judge_{name}_wall", part.wall, "s")
        figures.add(f"judge_{name}_cpu", part.cpu, "s")
    figures.add("judge_wall", sum(part.wall for part in parts.values()), "s", at_most=5)
    figures.add("judge_peak_rss", peak, "MB", at_most=300)
    return figures.values


def _served(workloads: int, seed: int) -> Any:
    return serving("bench.cluster", "--workloads", str(workloads), "--seed", str(seed))


def _ready(where: dict[str, Any], name: str) -> Any:
    """The source, and a collector that knows the cluster. Rules and fingerprints are loaded, as in a worker."""
    sync_rules()
    catalogue()
    collector = registry.live_collector("kubernetes", {}, {"kubeconfig": where["kubeconfig"]})
    collector.identify()
    return ensure_source(kind=SourceKind.KUBERNETES, external_id=f"bench-{name}", name=name), collector
