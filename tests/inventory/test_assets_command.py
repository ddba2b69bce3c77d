"""`aispm assets` lists as `aispm findings` does."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from inventory.models import Asset, Source
from tests.builders import make_asset, make_source

pytestmark = pytest.mark.django_db


def assets(*arguments: str) -> str:
    out = StringIO()
    call_command("assets", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.fixture
def many(db: None) -> Source:
    source = make_source(name="shop")
    for number in range(60):
        make_asset(source, "aws.s3.bucket", name=f"bucket {number:03}")
    return source


def test_a_table_says_how_many_there_are(many: Source) -> None:
    assert assets("--filter", "ai=all").endswith("50 of 60 assets. --limit 0 lists all.\n")
    assert assets("--filter", "ai=all", "--limit", "3").endswith("3 of 60 assets. --limit 0 lists all.\n")
    assert assets("--filter", "ai=all", "--limit", "0").endswith("60 of 60 assets.\n")


def test_json_lists_all_of_them(many: Source) -> None:
    assert len(json.loads(assets("--filter", "ai=all", "--json"))) == 60
    assert len(json.loads(assets("--filter", "ai=all", "--json", "--limit", "2"))) == 2


def test_what_cannot_be_meant_is_refused(many: Source) -> None:
    with pytest.raises(CommandError, match="0 or more"):
        assets("--limit", "-1")
    with pytest.raises(SystemExit):
        assets("--filter", "ai=perhaps")


def test_gone_assets_can_be_asked_for(many: Source) -> None:
    Asset.objects.filter(name="bucket 007").update(gone_at=many.created_at)
    assert "bucket 007" in assets("--filter", "ai=all&presence=gone")


def test_a_role_is_called_what_the_pages_call_it(db: None) -> None:
    source = make_source(name="shop")
    for kind in ("aws.bedrock.logging_configuration", "aws.logs.log_group"):
        make_asset(source, kind, name=kind)
    Asset.objects.filter(kind="aws.logs.log_group").update(ai_role="dataset", ai_confidence=80)
    Asset.objects.exclude(kind="aws.logs.log_group").update(ai_role="guardrail", ai_confidence=100)
    listed = assets()
    assert "Logging of AI 100%" in listed
    assert "Log of AI 80%" in listed
