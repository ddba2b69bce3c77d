"""Each page, in both themes and at every width: accessible, within the window, without a violation of the policy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Open
from tests.ui.conftest import Estate

pytestmark = pytest.mark.browser
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
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
        "/findings/",
        "/findings/?severity=critical&step=data",
        f"/findings/{estate.finding.pk}/",
        "/steps/data/",
        "/rules/",
        "/rules/public-bucket/",
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
    """What axe finds, one line an element."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    options = {"runOnly": TAGS, "resultTypes": ["violations"]}
    found: dict[str, Any] = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{page.url} {rule['id']}: {node['html'][:160]} {node['any'][0]['message'][:160] if node['any'] else ''}"
        for rule in found["violations"]
        for node in rule["nodes"][:3]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(open_page: Open, estate: Estate, scheme: str) -> None:
    page = open_page("/", color_scheme=scheme, reduced_motion="reduce")
    found = []
    for address in addresses(estate):
        page.goto(address)
        found += faults(page)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_signed_out_pages_and_the_drawer(open_page: Open, estate: Estate, scheme: str) -> None:
    found = faults(open_page("/accounts/sign-in/", signed_in=False, color_scheme=scheme))
    page = open_page("/findings/", color_scheme=scheme, reduced_motion="reduce")
    page.locator("a[data-open]").first.click()
    page.locator("#drawer [data-drawer-of]").wait_for()
    found += faults(page)
    assert not found, "\n".join(found)


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
