"""What people do, in a real browser."""

from __future__ import annotations

import re

import pytest
from django.utils.timezone import now
from playwright.sync_api import Page, expect

from aispm.accounts.models import User
from integrations.models import Run, RunState
from tests.browser.conftest import PASSWORD, Open
from tests.ui.conftest import Estate

pytestmark = pytest.mark.browser


def test_from_signing_in_to_the_asset_that_must_be_put_right(open_page: Open, estate: Estate) -> None:
    page = open_page("/findings/", signed_in=False)
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile(r"/findings/$"))
    page.get_by_role("link", name="Overview", exact=True).first.click()
    expect(page.get_by_role("heading", name="What to do first")).to_be_visible()
    page.get_by_role("link", name="All findings").click()

    page.locator("summary", has_text="Severity").click()
    page.get_by_label("Critical").check()
    expect(page.get_by_role("status")).to_have_text("1 finding")
    expect(page).to_have_url(re.compile("severity=critical"))

    page.get_by_role("link", name="Bucket is public").click()
    drawer = page.locator("#drawer")
    expect(drawer).to_be_visible()
    expect(drawer.get_by_role("heading", name="What to do")).to_be_visible()
    expect(page).to_have_url(re.compile(f"open={estate.finding.pk}"))
    drawer.get_by_role("link", name="Open the page").click()
    page.get_by_role("link", name="open-door").first.click()
    expect(page.get_by_role("heading", name="open-door")).to_be_visible()
    expect(page.locator("#lineage canvas").first).to_be_visible()


def test_a_drawer_takes_focus_and_gives_it_back(open_page: Open) -> None:
    page = open_page("/findings/")
    link = page.get_by_role("link", name="Bucket is public")
    link.click()
    expect(page.locator("#drawer")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_hidden()
    expect(link).to_be_focused()
    assert "open=" not in page.url


def test_an_address_with_an_open_row_opens_it(open_page: Open, estate: Estate) -> None:
    page = open_page(f"/findings/?open={estate.finding.pk}")
    expect(page.locator("#drawer").get_by_role("heading", name="The risk")).to_be_visible()


def test_removing_a_chip_clears_the_box_and_back_brings_it_again(open_page: Open) -> None:
    page = open_page("/findings/?severity=critical")
    page.locator("a.chip").click()
    expect(page.get_by_role("status")).to_have_text("2 findings")
    expect(page.locator("input[name=severity]:checked")).to_have_count(0)
    page.go_back()
    expect(page.get_by_role("status")).to_have_text("1 finding")


def test_the_keyboard_goes_through_a_list(open_page: Open) -> None:
    page = open_page("/findings/")
    expect(page.locator("html")).to_have_attribute("data-js", "on")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("[data-row]").nth(1).locator("a").first).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("x")
    expect(page.locator("#drawer")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/findings/[0-9a-f-]{36}/$"))
    expect(page.locator("html")).to_have_attribute("data-js", "on")
    page.keyboard.press("g")
    page.keyboard.press("i")
    expect(page).to_have_url(re.compile("/inventory/$"))
    expect(page.locator("html")).to_have_attribute("data-js", "on")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("jjj")
    expect(page.locator("#search")).to_have_value("jjj")


def test_shortcuts_that_are_off_do_nothing(open_page: Open) -> None:
    User.objects.update(shortcuts=False)
    page = open_page("/findings/")
    expect(page.locator("html")).to_have_attribute("data-js", "on")
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.keyboard.press("j")
    expect(page).to_have_url(re.compile("/findings/$"))
    expect(page.locator("[data-row] a").first).not_to_be_focused()


def test_the_theme_is_switched_from_the_menu(open_page: Open) -> None:
    page = open_page("/rules/")
    page.locator("summary[aria-label='Menu of admin']").click()
    page.get_by_role("button", name="Dark").click()
    expect(page).to_have_url(re.compile("/rules/$"))
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    assert lightness(page) < 60


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_as_the_system_needs_no_script(open_page: Open, scheme: str, dark: bool) -> None:
    page = open_page("/rules/", color_scheme=scheme, java_script_enabled=False)
    page.screenshot()
    with_script = open_page("/rules/", color_scheme=scheme)
    assert (lightness(with_script) < 60) is dark


def lightness(page: Page) -> int:
    """Of the page's background, 0 to 255."""
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return max(int(part) for part in re.findall(r"\d+", colour)[:3])


def test_everything_can_be_read_and_filtered_without_script(open_page: Open) -> None:
    page = open_page("/findings/", java_script_enabled=False)
    page.locator("summary", has_text="Severity").click()
    page.get_by_label("Critical").check()
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("status")).to_have_text("1 finding")
    page.get_by_role("link", name="Bucket is public").click()
    expect(page.get_by_role("heading", level=1, name="Bucket is public")).to_be_visible()


def test_a_code_block_is_copied(open_page: Open, estate: Estate) -> None:
    page = open_page(f"/findings/{estate.finding.pk}/", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy AWS CLI").click()
    expect(page.locator("#flash")).to_contain_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "aws s3api put-public-access-block"


def test_charts_are_drawn_and_say_the_same_in_a_table(open_page: Open) -> None:
    page = open_page("/")
    expect(page.locator("#radar canvas")).to_be_visible()
    page.locator("#radar summary").click()
    expect(page.locator("#radar table")).to_contain_text("Visibility")


def test_when_a_run_ends_the_whole_page_shows_it(open_page: Open, estate: Estate) -> None:
    Run.objects.create(source=estate.source, state=RunState.RUNNING, phase="collecting", scopes_total=10)
    page = open_page(f"/sources/{estate.source.pk}/")
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    expect(page.get_by_role("button", name="Collect now")).to_have_count(0)
    Run.objects.filter(state=RunState.RUNNING).update(state=RunState.COMPLETE, scopes_done=10, finished_at=now())
    expect(page.get_by_role("button", name="Collect now")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="10/10")).to_contain_text("Complete")
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)


def test_a_remark_leaves_by_itself_and_can_be_closed(open_page: Open) -> None:
    page = open_page("/accounts/settings/")
    page.get_by_role("button", name="Save").first.click()
    remark = page.locator("#flash .flash")
    expect(remark).to_have_text(re.compile("Saved"))
    expect(remark).to_have_count(0)
    page.get_by_role("button", name="Save").first.click()
    expect(remark).to_be_visible()
    remark.get_by_role("button", name="Close").click()
    expect(remark).to_have_count(0, timeout=4_000)  # it would leave by itself after 7 s
