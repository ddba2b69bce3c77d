"""A small judged estate, and people who look at it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from django.test import Client

from aispm.accounts.models import Role, User
from findings.posture.models import Finding
from findings.posture.services import evaluate
from inventory.documents import ScopeState
from inventory.models import Asset, Source
from tests.builders import make_asset, make_link, make_scope, make_source, make_user
from tests.findings.rulemaking import write


@pytest.fixture
def own_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose rules are the only ones in force."""
    folder = tmp_path / "rules" / "aws"
    folder.mkdir(parents=True)
    monkeypatch.setattr("findings.posture.queries.in_force.rule_folders", lambda: (folder,))
    return folder


@dataclass(frozen=True, slots=True)
class Estate:
    """What was built."""

    source: Source
    open_door: Asset
    closed_door: Asset
    dark_door: Asset

    @property
    def finding(self) -> Finding:
        return Finding.objects.get(asset=self.open_door, rule_id="public-bucket")


def build_estate(own_rules: Path) -> Estate:
    """Three buckets: one public, one private, one that could not be read; and a scope that was denied."""
    write(own_rules, "public-bucket", title="Bucket is public", severity="critical")
    write(
        own_rules,
        "no-logging",
        title="Nobody would see who reads it",
        step="response",
        severity="low",
        reads=["Logging"],
        fail="asset.Logging == null",
    )
    source = make_source(name="halden", environment="production")
    ai = {"environment": "production", "ai_role": "dataset", "ai_product": "s3", "ai_confidence": 90}
    clue = {"signal": "relation", "where": "reads_data", "value": "training job", "weight": 1.0}
    open_door = make_asset(
        source,
        name="open-door",
        config={"Public": True, "Rules": [{"Id": "<b>hostile</b>"}]},
        exposure="internet",
        owner="search",
        ai_evidence=[clue],
        **ai,
    )
    closed_door = make_asset(source, name="closed-door", config={"Public": False, "Logging": {}}, **ai)
    denied = {"part": "Public", "problem": "denied", "message": "Access denied", "permission": "s3:GetBucketAcl"}
    dark_door = make_asset(source, name="dark-door", config={"Logging": {}}, unread=[denied], **ai)
    make_link(open_door, "encrypted_by", closed_door)
    make_link(open_door, "uses_role", kind="aws.iam.role", ref="arn:aws:iam::1:role/elsewhere")
    state = ScopeState.DENIED
    make_scope(source, "aws.bedrock.agent", "us-east-1", state, problem="denied", permission="bedrock:ListAgents")
    evaluate(source=source)
    source.refresh_from_db()
    return Estate(source, open_door, closed_door, dark_door)


@pytest.fixture
def estate(own_rules: Path, db: None) -> Estate:
    return build_estate(own_rules)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def admin(db: None) -> Client:
    return signed_in(make_user("admin", Role.ADMINISTRATOR))


@pytest.fixture
def viewer(db: None) -> Client:
    return signed_in(make_user("viewer", Role.VIEWER))


HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
