"""The shared snapshot where it is, the demo's cluster otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.cluster import write
from tests.integrations.kubernetes.clusters import SHARED


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo-cluster")
    write(folder)
    return folder


@pytest.fixture(scope="session")
def recorded_folder(demo_folder: Path, request: pytest.FixtureRequest) -> Path:
    """A snapshot of a real server; the demo's cluster stands in where it is not at hand."""
    if SHARED.is_dir():
        return SHARED
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.write_line("note: ../shared/data/k8s-snapshot is not here; reading the demo's cluster instead")
    return demo_folder
