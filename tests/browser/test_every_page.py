"""Each page, in both themes and at every width: accessible, within the window, without a violation of the policy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from inventory.models import Asset
from tests.browser.conftest import Open
from tests.ui.conftest import Estate

pytestmark = pytest.mark.browser
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
CONTRAST = ["color-contrast", "link-in-text-block"]
ASK = "options => axe.run(document, options)"
WIDTHS = (320, 390, 768, 1024, 1920)
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def addresses(estate: Estate) -> list[str]:
    run = estate.source.runs.get()
    return [
        "/",
        "/inventory/",
        "/inventory/?q=zebra",
        f"/inventory/{estate.open_door.pk}/",
        f"/inventory/{estate.dark_door.pk}/",
        f"/inventory/{Asset.objects.get(name='learner').pk}/lineage/",
        f"/inventory/{estate.dark_door.pk}/lineage/",
        "/findings/",
        "/findings/?severity=critical&step=data",
        f"/findings/{estate.finding.pk}/",
        "/steps/data/",
        "/rules/",
        "/rules/public-bucket/",
        "/rules/?control=owasp-llm-2025:LLM02",
        "/frameworks/",
        "/frameworks/owasp-llm-2025/",
        "/frameworks/eu-ai-act/?verdict=not-automatable",
        "/frameworks/mitre-atlas/?q=zebra",
        "/coverage/",
        "/coverage/?show=all",
        "/sources/",
        f"/sources/{estate.source.pk}/",
        f"/sources/{estate.source.pk}/remove/",
        f"/runs/{run.pk}/",
        "/sources/connect/aws/",
        "/sources/connect/kubernetes/",
        "/sources/connect/snapshot/",
        "/accounts/settings/",
        "/search/?q=public",
    ]


def faults(page: Page) -> list[str]:
    """What axe finds in either theme, one line an element. Structure is the same in both, contrast is not."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = []
    for scheme, only in (("light", {"type": "tag", "values": TAGS}), ("dark", {"type": "rule", "values": CONTRAST})):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        result: dict[str, Any] = page.evaluate(ASK, {"runOnly": only, "resultTypes": ["violations"]})
        found += [_line(f"{page.url} {scheme}", rule, node) for rule in result["violations"] for node in rule["nodes"]]
    return found


def _line(where: str, rule: dict[str, Any], node: dict[str, Any]) -> str:
    why = node["any"][0]["message"][:160] if node["any"] else ""
    return f"{where} {rule['id']}: {node['html'][:160]} {why}"


def test_axe_finds_nothing_on_any_page_in_either_theme(open_page: Open, estate: Estate) -> None:
    page = open_page("/")
    found = []
    for address in addresses(estate):
        page.goto(address)
        found += faults(page)
    assert not found, "\n".join(found[:20])


def test_axe_finds_nothing_on_the_signed_out_page_and_the_drawer(open_page: Open) -> None:
    found = faults(open_page("/accounts/sign-in/", signed_in=False))
    page = open_page("/findings/", reduced_motion="reduce")
    page.locator("a[data-open]").first.click()
    page.locator("#drawer [data-drawer-of]").wait_for()
    found += faults(page)
    assert not found, "\n".join(found[:20])


def test_no_page_scrolls_sideways(open_page: Open, estate: Estate) -> None:
    page = open_page("/")
    wide = []
    for address in addresses(estate):
        page.goto(address)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if beyond > 0:
                wide.append(f"{address} at {width}: {beyond} px")
    assert not wide
