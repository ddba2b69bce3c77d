"""A real Chromium, a served application, and one estate for all journeys."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from aispm.accounts.models import Role
from integrations.models import Connection, Run, RunState
from tests.builders import make_asset, make_link, make_user
from tests.ui.conftest import Estate, build_estate, own_rules

__all__ = ["own_rules"]
PATIENCE_MS = 30_000  # only failures wait this long; a busy machine must not make one
PASSWORD = "correct horse battery"
WATCH = """
addEventListener("securitypolicyviolation", (event) =>
  console.error("CSP " + event.violatedDirective + " " + event.blockedURI + " " + event.sourceFile));
"""
# Playwright keeps an event loop in this thread; Django would refuse its own blocking calls beside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def browser(django_db_setup: None) -> Iterator[Browser]:
    """Started after the database: from then on this thread has an event loop, and with it other connections."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "No Chromium: install it (Debian: apt-get install chromium) or name it in CHROMIUM."
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()
        connections.close_all()


@pytest.fixture
def estate(transactional_db: None, own_rules: Path) -> Estate:
    """Committed, so that the server sees it; removed after the journey."""
    built = build_estate(own_rules)
    connection = Connection.objects.create(source=built.source, kind="aws", settings={"regions": ["us-east-1"]})
    Run.objects.create(source=connection.source, state=RunState.INCOMPLETE, scopes_done=2, scopes_total=2)
    make_user("admin", Role.ADMINISTRATOR, PASSWORD)
    facts = {"may_write_artifact": ["role/notebooks"], "from_training_job": {"unknown": "Jobs were not read."}}
    learner = make_asset(built.source, "aws.sagemaker.model", name="learner", facts=facts)
    make_link(learner, "loads", built.open_door)
    make_link(learner, "loads", kind="aws.sagemaker.model_package", ref="arn:aws:sagemaker:us-east-1:1:package/gone")
    return built


Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, live_server: LiveServer, estate: Estate) -> Iterator[Open]:
    """Opens a signed-in page; afterwards there must have been no error on the console and no CSP violation."""
    errors: list[str] = []
    contexts = []

    def open_one(path: str = "/", *, signed_in: bool = True, **options: object) -> Page:
        options.setdefault("viewport", {"width": 1366, "height": 850})
        context = browser.new_context(base_url=live_server.url, **options)  # type: ignore[arg-type]
        contexts.append(context)
        context.add_init_script(WATCH)
        if signed_in:
            context.add_cookies([{"name": "sessionid", "value": _session(), "url": live_server.url}])
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(path)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not errors


def _session() -> str:
    client = Client()
    assert client.login(username="admin", password=PASSWORD)
    return client.cookies["sessionid"].value
