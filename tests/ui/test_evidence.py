"""What a finding rests on can be looked up: linked assets, facts in words, and which call a value came from."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from aispm.core.templatetags.ui import with_code
from findings.posture.models import Finding
from findings.posture.services import evaluate
from inventory.models import Asset
from inventory.templatetags.inventory import signal_words
from inventory.ui.words import role_words
from tests.builders import make_asset, make_link, make_source
from tests.findings.rulemaking import write

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(own_rules: Path) -> Asset:
    """A training job that reads a public bucket."""
    write(
        own_rules,
        "public-data",
        kind="aws.sagemaker.training_job",
        reads=["data[].facts.anyone_may[]"],
        fail="data.exists(b, size(b.facts.anyone_may) > 0)",
        **{"with": {"data": "reads_data[]"}},
        examples=[
            {"verdict": "fail", "data": [{"facts": {"anyone_may": ["s3:getobject"]}}]},
            {"verdict": "pass", "data": [{"facts": {"anyone_may": []}}]},
        ],
    )
    source = make_source(name="halden")
    bucket = make_asset(source, "aws.s3.bucket", name="open-data", facts={"anyone_may": ["s3:getobject"]})
    job = make_asset(source, "aws.sagemaker.training_job", name="trainer")
    make_link(job, "reads_data", target=bucket)
    evaluate(source=source)
    return job


def test_a_finding_leads_to_the_assets_that_its_rule_looked_at(viewer: Client, reader: Asset) -> None:
    found = Finding.objects.get(rule_id="public-data")
    page = viewer.get(f"/findings/{found.pk}/").content.decode()
    bucket = Asset.objects.get(name="open-data")
    assert f'<a href="/inventory/{bucket.pk}/">open-data</a>' in page
    assert "What anybody in the world may do with it" in page
    assert "data[].facts.anyone_may[]" in page
    assert "s3:getobject" in page


def test_what_a_further_call_answered_stands_apart_with_the_call(viewer: Client) -> None:
    config = {"Name": "plain", "Encryption": {"Rules": []}}
    bucket = make_asset(make_source(), "aws.s3.bucket", name="plain", config=config)
    page = viewer.get(f"/inventory/{bucket.pk}/").content.decode()
    own, _, answers = page.partition('id="answers"')
    assert "get_bucket_encryption" in answers
    assert "Rules" not in own.partition('id="configuration"')[2]


def test_a_fact_that_is_not_known_says_why(viewer: Client) -> None:
    facts = {"anyone_may": {"unknown": "The policy could not be read."}}
    bucket = make_asset(make_source(), "aws.s3.bucket", name="dark", facts=facts)
    page = viewer.get(f"/inventory/{bucket.pk}/").content.decode()
    assert "What anybody in the world may do with it" in page
    assert "The policy could not be read." in page


def test_a_key_is_called_a_key_and_a_log_a_log() -> None:
    assert role_words("identity", "aws.kms.key") == "Key of AI only"
    assert role_words("dataset", "aws.logs.log_group") == "Log of AI"
    assert role_words("dataset", "aws.bedrock.data_source") == role_words("dataset") == "Dataset"


def test_quoted_words_are_shown_as_code_and_stay_harmless() -> None:
    assert with_code("a `*` in <b>") == "a <code>*</code> in &lt;b&gt;"
    assert with_code("one ` only") == "one ` only"


def test_clues_are_readable_and_keep_the_capitals_of_their_acronyms() -> None:
    assert signal_words("data-read-by-ai") == "Data read by AI"
    assert signal_words("gpu_request") == "GPU request"


def test_rules_that_were_never_asked_say_so_and_lead_on(viewer: Client, own_rules: Path) -> None:
    page = viewer.get("/rules/").content.decode()
    assert "Nothing is connected yet" in page
    make_source()
    assert "Nothing is connected yet" not in viewer.get("/rules/").content.decode()
