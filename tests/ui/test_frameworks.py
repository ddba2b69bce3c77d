"""The pages of the frameworks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from tests.findings.rulemaking import write
from tests.ui.conftest import HTMX, Estate

pytestmark = pytest.mark.django_db
LLM = "/frameworks/owasp-llm-2025/"


def text(client: Client, url: str, **headers: str) -> str:
    response = client.get(url, headers=headers)
    assert response.status_code == 200, response.content.decode()[:400]
    return re.sub(r"\s+", " ", response.content.decode())


def row(page: str, key: str) -> str:
    return page.partition(f'<tr data-row="{key}">')[2].partition("</tr>")[0]


def test_the_rules_page_leads_to_the_frameworks_and_they_belong_to_it(viewer: Client, estate: Estate) -> None:
    assert f'href="{reverse("posture:frameworks")}"' in text(viewer, "/rules/")
    page = text(viewer, "/frameworks/")
    assert re.search(r'href="/rules/" aria-current="page"', page)
    assert page.count('aria-current="page"') == text(viewer, "/rules/").count('aria-current="page"')


def test_the_list_tells_how_many_controls_come_out_how(viewer: Client, estate: Estate) -> None:
    line = row(text(viewer, "/frameworks/"), "owasp-llm-2025")
    assert "Version 2025" in line
    assert 'data-label="Fail"><a href="/frameworks/owasp-llm-2025/?verdict=fail">1</a>' in line
    assert 'data-label="Not asked"><a href="/frameworks/owasp-llm-2025/?verdict=not-asked">9</a>' in line
    assert "10 %" in line


def test_a_control_shows_verdict_rules_and_the_findings_under_it(viewer: Client, estate: Estate) -> None:
    line = row(text(viewer, LLM), "LLM02")
    assert all(words in line for words in ("Sensitive information disclosure", "Fail", "Bucket is public"))
    address = "/findings/?control=owasp-llm-2025%3ALLM02"
    assert f'href="{address}"' in line
    listed = text(viewer, address)
    assert "open-door" in listed
    assert "Unknown filter" not in listed


def test_a_control_with_many_rules_leads_to_all_of_them(viewer: Client, estate: Estate, own_rules: Path) -> None:
    for number in range(4):
        write(own_rules, f"more-{number}")
    line = row(text(viewer, LLM), "LLM02")
    assert "All 6 rules that ask LLM02" in line
    assert line.count("<li>") == 4
    assert "public-bucket" in text(viewer, "/rules/?control=owasp-llm-2025%3ALLM02")


def test_what_no_rule_asks_and_what_none_can_ask_say_so(viewer: Client, estate: Estate) -> None:
    page = text(viewer, "/frameworks/eu-ai-act/")
    assert "No rule asks it yet" in row(page, "Art. 15")
    literacy = row(page, "Art. 4")
    assert "Not automatable" in literacy
    assert "met with documents, filings and training" in literacy


def test_controls_are_chosen_by_verdict_and_by_words(viewer: Client, estate: Estate) -> None:
    failing = text(viewer, f"{LLM}?verdict=fail", **HTMX)
    assert "<html" not in failing
    assert "LLM02" in failing
    assert "LLM09" not in failing
    assert "LLM09" in text(viewer, f"{LLM}?q=misinformation")
    assert "No control matches" in text(viewer, f"{LLM}?q=zebra")
    assert viewer.get(f"{LLM}?verdict=excellent").status_code == 400


def test_nothing_connected_is_said_where_no_control_has_an_answer(viewer: Client, own_rules: Path) -> None:
    write(own_rules)
    for address in ("/frameworks/", LLM):
        assert "Nothing is connected yet" in text(viewer, address)
    assert "/rules/a-rule/" not in text(viewer, LLM), "a rule that was never asked has no page"


def test_a_framework_that_does_not_exist_is_not_found(viewer: Client) -> None:
    assert viewer.get("/frameworks/five-steps/").status_code == 404


def test_a_rule_links_the_frameworks_that_it_is_mapped_to(viewer: Client, estate: Estate) -> None:
    assert f'href="{LLM}"' in text(viewer, "/rules/public-bucket/")
