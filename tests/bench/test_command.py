"""`aispm bench`: small runs end, and print one JSON object with the figures that the design asks for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench.command import parse
from bench.figures import Figures, percentile
from findings.posture.filters import FindingFilter

ROOT = Path(__file__).resolve().parent.parent.parent
SMALL = {
    "collect": ("--assets", "20", "--latency", "5ms", "--accounts", "2"),
    "rescan": ("--assets", "20"),
    "evaluate": ("--assets", "20"),
    "kubernetes": ("--workloads", "10"),
    "drift": ("--assets", "400"),
    "pages": ("--findings", "2000", "--repeat", "1"),
}
EXPECTED = {
    "collect": {"assets", "calls", "calls_per_asset", "calls_outside_regions", "peak_rss", "latency_wall",
                "accounts", "accounts_assets", "accounts_calls_per_asset", "accounts_calls_at_once", "accounts_wall",
                "accounts_peak_rss", "accounts_latency_wall"},
    "rescan": {"first_rows", "rescan_rows", "rows_percent", "wal_percent"},
    "evaluate": {"assets", "rules", "verdicts", "cold_wall", "cold_peak_rss", "changed_wall", "findings_new_per_second",
                 "findings_again_per_second", "statements_per_1000_findings"},
    "kubernetes": {"collect_pods", "collect_objects", "collect_wall", "collect_peak_rss", "judge_wall",
                   "judge_peak_rss"},
    "drift": {"first_per_second", "last_per_second", "last_to_first", "last_statements_per_1000"},
    "pages": {"api_p95", "api_statements", "page_p95", "overview_p95", "overview_statements", "inventory_p95",
              "page_1000_to_page_1"},
}  # fmt: skip


def _bench(*words: str) -> dict[str, Any]:
    """Run as a user runs it: without our servers, so that it has to bring its own."""
    ours = {"DATABASE_URL", "REDIS_URL", "AISPM_SECRET_KEY", "AISPM_ENCRYPTION_KEYS", "AISPM_HOME"}
    done = subprocess.run(
        [sys.executable, "manage.py", "bench", *words],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name not in ours},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


@pytest.fixture(scope="module")
def reports() -> dict[str, dict[str, Any]]:
    return {name: _bench(name, *options, "--seed", "3", "--compact", "--together") for name, options in SMALL.items()}


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_a_small_run_prints_its_figures_with_units(reports: dict[str, dict[str, Any]], name: str) -> None:
    report = reports[name]
    assert report["name"] == name
    assert report["parameters"]["seed"] == 3
    assert report["machine"]["cores"] >= 1
    assert EXPECTED[name] <= report["figures"].keys()
    assert all({"value", "unit"} <= figure.keys() for figure in report["figures"].values())


@pytest.mark.slow
def test_a_collection_stays_within_the_chosen_regions_and_reads_everything(reports: dict[str, dict[str, Any]]) -> None:
    figures = {name: figure["value"] for name, figure in reports["collect"]["figures"].items()}
    for row in ("", "accounts_"):
        assert figures[f"{row}calls_outside_regions"] == figures[f"{row}scopes_unread"] == 0
    assert figures["latency_calls"] == figures["calls"]


@pytest.mark.slow
def test_accounts_that_are_collected_at_once_are_all_read(reports: dict[str, dict[str, Any]]) -> None:
    figures = {name: figure["value"] for name, figure in reports["collect"]["figures"].items()}
    assert figures["accounts"] == 2
    assert figures["accounts_assets"] > figures["assets"], "the first of them is the account of the other row"


@pytest.mark.slow
def test_an_unchanged_rescan_writes_to_scopes_and_the_source_only(reports: dict[str, dict[str, Any]]) -> None:
    assert set(reports["rescan"]["rescan_tables"]) <= {"inventory_scope", "inventory_source"}


@pytest.mark.slow
def test_lists_and_pages_keep_to_their_statements(reports: dict[str, dict[str, Any]]) -> None:
    figures = reports["pages"]["figures"]
    assert figures["api_statements"]["met"]
    assert figures["overview_statements"]["met"]


@pytest.mark.slow
def test_every_filter_of_findings_is_measured(reports: dict[str, dict[str, Any]]) -> None:
    addresses = [case["address"] for case in reports["pages"]["cases"] if case["group"] == "api"]
    asked = {part.partition("=")[0] for address in addresses for part in address.partition("?")[2].split("&")}
    assert set(FindingFilter.base_filters) <= asked


def test_options_say_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(["pages", "--findings", "-1"])
    assert ended.value.code == 2
    assert "use a number from 0" in capsys.readouterr().err


def test_a_latency_may_be_given_with_its_unit() -> None:
    assert parse(["collect", "--latency", "50ms"]).latency == parse(["collect", "--latency", "50"]).latency == 50


def test_a_figure_says_whether_it_meets_its_target() -> None:
    figures = Figures()
    figures.add("wall", 3.0, "s", at_most=2)
    figures.add("rate", 3.0, "1/s", at_least=2)
    assert [figure["met"] for figure in figures.values.values()] == [False, True]


@pytest.mark.parametrize(("share", "expected"), [(0.5, 5), (0.95, 10), (1, 10), (0, 1)])
def test_percentiles_are_values_that_were_measured(share: float, expected: float) -> None:
    assert percentile([float(number) for number in range(10, 0, -1)], share) == expected
