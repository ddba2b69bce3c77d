"""The pieces that pages are made of."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import Client
from django.utils.timezone import now

from aispm.core.errors import Conflict, NotAllowed, TransientError
from aispm.core.filtering import chips_of, facet
from aispm.core.http import PageErrors
from aispm.core.templatetags.ui import ago, in_words, share_bar, sparkline
from findings.posture.templatetags.posture import due, points, severity, verdict
from inventory.patches import ABSENT
from inventory.templatetags.inventory import changed_value, dotted
from tests.ui.conftest import HTMX


def render(text: str, **context: Any) -> str:
    return Template(text).render(Context(context))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (3, "just now"),
        (70, "1 minute ago"),
        (7200, "2 hours ago"),
        (200_000, "2 days ago"),
        (-90_000, "in 1 day"),
    ],
)
def test_a_distance_in_time_is_said_in_its_largest_unit(seconds: int, words: str) -> None:
    at = now()
    assert in_words(at - timedelta(seconds=seconds), at) == words


def test_a_time_has_its_exact_form_for_machines() -> None:
    at = now()
    assert f'datetime="{at.isoformat(timespec="seconds")}"' in ago(at)
    assert "never" in ago(None)


@pytest.mark.parametrize(("level", "words", "shape"), [(4, "Critical", "square-rotated"), (1, "Low", "point")])
def test_severity_is_word_shape_and_colour(level: int, words: str, shape: str) -> None:
    shown = severity(level)
    assert words in shown
    assert f"sev-{words.lower()}" in shown
    assert f"#{shape}" in shown


def test_the_four_verdicts_look_different() -> None:
    assert len({verdict(outcome) for outcome in ("pass", "fail", "unknown", "not-applicable")}) == 4


def test_late_is_said_in_words_and_only_of_what_is_open() -> None:
    late = now() - timedelta(days=2)
    assert "overdue" in due(late, "open")
    assert "overdue" not in due(late, "resolved")
    assert "no date" in due(None)


@pytest.mark.parametrize(("hundredths", "shown"), [(150, "+1.50"), (-5, "-0.05"), (None, "")])
def test_points_are_signed(hundredths: int | None, shown: str) -> None:
    assert points(hundredths) == shown


def test_one_score_is_no_trend_and_a_gap_is_no_zero() -> None:
    assert sparkline([None, 80], "x") == ""
    line = sparkline([80, None, 90], "The score")
    assert line.count(",") == 6
    assert 'aria-label="The score"' in line


def test_the_parts_of_a_bar_fill_it_and_nothing_is_no_fault() -> None:
    assert 'x="25.00" width="75.00"' in share_bar([(1, "a"), (3, "b")], "x")
    assert "back" in share_bar([], "x")


def test_a_tree_shows_documents_as_text() -> None:
    shown = render("{% tree value %}", value={"A": {"B": ["<i>"]}, "C": None})
    assert "<i>" not in shown
    assert "&lt;i&gt;" in shown
    assert "<details open>" in shown
    assert "null" in shown


def test_changes_say_what_was_not_there() -> None:
    assert dotted(("Rules", 0, "Id")) == "Rules[0].Id"
    assert changed_value(ABSENT) == "(not there)"
    assert changed_value({"a": "b" * 500}).endswith("…")


def test_a_chip_keeps_the_other_filters_and_forgets_the_place() -> None:
    query = QueryDict("step=data,runtime&severity=high&cursor=abc")
    facets = [facet(query, "step", "Step", [("data", "Data")]), facet(query, "severity", "Severity")]
    chips = chips_of(facets, query)
    assert [(chip.label, chip.value) for chip in chips] == [
        ("Step", "Data"),
        ("Step", "runtime"),
        ("Severity", "high"),
    ]
    assert chips[0].without == "step=runtime&severity=high"
    assert chips[2].without == "step=data%2Cruntime"


@pytest.mark.parametrize("page", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html", "503.html"])
def test_error_pages_stand_on_their_own(page: str) -> None:
    shown = render_to_string(page)
    assert "<h1>" in shown
    assert 'data-bs-theme="auto"' in shown


@pytest.mark.parametrize(
    ("error", "status"), [(NotAllowed("No."), 403), (Conflict("Later."), 409), (TransientError("Busy."), 503)]
)
def test_refusals_become_pages_with_their_words(rf: Any, error: Exception, status: int) -> None:
    middleware = PageErrors(lambda request: None)  # type: ignore[arg-type,return-value]
    page = middleware.process_exception(rf.get("/x/"), error)
    assert page is not None
    assert page.status_code == status
    assert str(error) in page.content.decode()
    line = middleware.process_exception(rf.get("/x/", headers=HTMX), error)
    assert line is not None
    assert "<html" not in line.content.decode()


def test_other_errors_are_not_hidden(rf: Any) -> None:
    middleware = PageErrors(lambda request: None)  # type: ignore[arg-type,return-value]
    assert middleware.process_exception(rf.get("/x/"), ValueError("bug")) is None
    assert middleware.process_exception(rf.get("/api/v1/x/"), Conflict("x")) is None


@pytest.mark.django_db
def test_pages_carry_the_strict_policy() -> None:
    policy = Client().get("/accounts/sign-in/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "nonce" not in policy
