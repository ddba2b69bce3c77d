"""An installation with its own rules, so that tests do not depend on those that ship."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def own_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose rules are the only ones in force."""
    folder = tmp_path / "rules" / "aws"
    folder.mkdir(parents=True)
    monkeypatch.setattr("findings.posture.queries.in_force.rule_folders", lambda: (folder,))
    return folder
