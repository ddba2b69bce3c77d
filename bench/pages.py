"""Lists and pages with many findings, through the whole WSGI stack in this process: middleware, session, template."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from django.test import Client
from django.utils import timezone

from aispm.accounts.models import Role, User
from aispm.core.pagination import LARGEST_PAGE, PAGE_SIZE
from bench.children import stage
from bench.figures import Figures, percentile, statements
from bench.options import Options
from bench.seeding import PER_ASSET, seeded
from findings.posture.filters import ALL_SORTS, FINDING_SORTS
from findings.posture.models import Finding
from inventory.ui.views import ASSET_SORTS

API, FINDINGS, OVERVIEW, INVENTORY = "/api/v1/findings/", "/findings/", "/", "/inventory/"
WIDE_CONTROL = "nist-ai-rmf:MS-2.7"  # many rules are mapped to it
FAR = 1000  # the page that must cost what the first one costs
WARM = 2
SMALL = 200_000  # findings up to which the design's limits for 100,000 hold
LIMITS = {True: {"api": 20, "page": 80, "overview": 50}, False: {"api": 100, "page": 400, "overview": 150}}


@dataclass(frozen=True, slots=True)
class Taken:
    """One address, asked again and again. Milliseconds."""

    group: str
    address: str
    p50: float
    p95: float
    statements: int

    def document(self) -> dict[str, Any]:
        return {
            "group": self.group,
            "address": self.address,
            "p50_ms": round(self.p50, 1),
            "p95_ms": round(self.p95, 1),
            "statements": self.statements,
        }


def measure(options: Options) -> dict[str, Any]:
    stage("pages", "filled", options)
    return stage("pages", "asked", options)


def filled(options: Options) -> dict[str, Any]:
    seeded(assets=_assets(options), findings=options.findings, seed=options.seed)
    return {}


def _assets(options: Options) -> int:
    return options.assets or max(1, options.findings // PER_ASSET)


def asked(options: Options) -> dict[str, Any]:
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.create(username="bench", role=Role.ADMINISTRATOR))
    taken = [_taken(client, group, address, options.repeat) for group, address in addresses(client)]
    figures = Figures()
    figures.add("findings", Finding.objects.count(), "findings")
    limits = LIMITS[options.findings <= SMALL]
    for group, most in (("api", 8), ("page", None), ("overview", 12), ("inventory", None)):
        _sum_up(figures, group, [one for one in taken if one.group == group], limits.get(group), most)
    _far(figures, taken)
    return {
        "parameters": {"findings": options.findings, "assets": _assets(options), "repeat": options.repeat,
                       "seed": options.seed, "through": "the WSGI handler in the same process"},
        "figures": figures.values,
        "cases": [one.document() for one in taken],
    }  # fmt: skip


def _sum_up(figures: Figures, group: str, taken: list[Taken], limit: int | None, most: int | None) -> None:
    """The slowest address stands for all of its group."""
    worst = max(taken, key=lambda one: one.p95)
    figures.add(f"{group}_p50", percentile([one.p50 for one in taken], 0.5), "ms")
    figures.add(f"{group}_p95", worst.p95, "ms", at_most=limit)
    figures.values[f"{group}_p95"]["address"] = worst.address
    figures.add(f"{group}_statements", max(one.statements for one in taken), "statements", at_most=most)


def _far(figures: Figures, taken: list[Taken]) -> None:
    far = [one for one in taken if "cursor=" in one.address and one.group == "api"]
    near = {one.address: one for one in taken}
    pairs = [(near[one.address.partition("&cursor=")[0]], one) for one in far]
    if pairs:
        figures.add("page_1000_to_page_1", max(far.p50 / first.p50 for first, far in pairs), "times", at_most=1.5)


def addresses(client: Client) -> Iterator[tuple[str, str]]:
    """(group, address): every sort near and far, every filter, and the pages."""
    for sort in FINDING_SORTS:
        near = f"{API}?sort={sort}"
        yield "api", near
        cursor = _far_cursor(client, near)
        if cursor:
            yield "api", f"{near}&cursor={quote(cursor)}"
            yield "page", f"{FINDINGS}?sort={sort}&cursor={quote(cursor)}"
    for sort in ALL_SORTS:
        yield "api", f"{API}?status=all&sort={sort}"
    for query in filters():
        yield "api", f"{API}?{urlencode(query)}"
        yield "page", f"{FINDINGS}?{urlencode(query)}"
    yield "page", FINDINGS
    yield "overview", OVERVIEW
    for sort in ASSET_SORTS:
        yield "inventory", f"{INVENTORY}?sort={quote(sort)}"
    yield "inventory", f"{INVENTORY}?ai=all&kind=aws.s3.bucket"
    yield "inventory", f"{INVENTORY}?q=asset"


def filters() -> list[dict[str, str]]:
    """One query string for each filter that the list offers, with a value that matches many rows or few."""
    one = Finding.objects.open().select_related("asset", "source").order_by("-priority", "-id").first()
    if one is None:
        return []
    recent = (timezone.now() - timedelta(days=7)).isoformat()
    return [
        {"q": "encrypted"}, {"q": one.asset.name}, {"status": "resolved"}, {"status": "accepted"}, {"status": "all"},
        *({"step": step} for step in ("visibility", "data")), {"severity": "critical"}, {"severity": "low,medium"},
        {"source": str(one.source_id)}, {"source": one.source.name}, {"environment": "production"},
        {"rule": one.rule_id}, {"fix": one.fix_key}, {"control": WIDE_CONTROL}, {"kind": one.asset.kind},
        {"kind": "k8s.workload"}, {"role": one.asset.ai_role or "model"}, {"exposure": "internet"},
        {"owner": "team-7"}, {"asset": str(one.asset_id)}, {"stale": "yes"}, {"stale": "no"}, {"due": "overdue"},
        {"due": "soon"},
        {"opened_since": recent}, {"severity": "critical", "exposure": "internet", "environment": "production"},
    ]  # fmt: skip


def _far_cursor(client: Client, near: str) -> str:
    """Where page 1,000 starts, found with the largest pages; the last page when there are fewer."""
    cursor = ""
    for _ in range((FAR - 1) * PAGE_SIZE // LARGEST_PAGE):
        more = f"&cursor={quote(cursor)}" if cursor else ""
        following = client.get(f"{near}&limit={LARGEST_PAGE}&fields=id{more}").json()["next"]
        if following is None:
            break
        cursor = parse_qs(urlsplit(following).query)["cursor"][0]
    return cursor


def _taken(client: Client, group: str, address: str, repeat: int) -> Taken:
    seconds = []
    with statements() as counted:
        for number in range(WARM + repeat):
            if number == WARM:
                counted.count = 0
            began = time.perf_counter()
            answer = client.get(address)
            seconds.append(time.perf_counter() - began)
            if answer.status_code != 200:
                raise RuntimeError(f"{address} answers {answer.status_code}: {answer.content[:500]!r}")
    milliseconds = [1000 * one for one in seconds[WARM:]]
    share = -(-counted.count // max(1, repeat))
    return Taken(group, address, percentile(milliseconds, 0.5), percentile(milliseconds, 0.95), share)
