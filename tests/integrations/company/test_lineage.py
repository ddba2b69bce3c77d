"""The lineage of the demo company: derived links, verdicts of rules on it, and the stories of its main chains."""

from __future__ import annotations

import re
from collections import defaultdict
from html import unescape

import pytest

from demo.aws import SimulatedAws
from inventory.documents import Observed, ScopeKey
from inventory.models import Asset, Source
from inventory.queries import descent_of, told_of
from inventory.services import Recorder, derive
from inventory.ui.lineage import Lineage, lineage_of
from tests.builders import alice, make_source, moment
from tests.integrations.aws.collecting import Collected
from tests.integrations.company.judging import Verdicts

STORE, MISSING = "aws-ai-data-store-outside", "aws-s3-ai-bucket-missing"


def test_a_data_store_of_somebody_else_is_found_and_ones_of_the_company_are_not(judged: Verdicts) -> None:
    assert judged[MISSING, "aws.sagemaker.model", "borrowed-translator"] == "fail"
    assert judged[MISSING, "aws.sagemaker.processing_job", "receipts-borrowed"] == "fail"
    assert judged[MISSING, "aws.sagemaker.processing_job", "demand-clean-2026-11"] == "pass"
    assert judged[STORE, "aws.bedrock.knowledge_base", "care-articles"] == "pass"
    assert judged[STORE, "aws.sagemaker.labeling_job", "search-relevance-judgements"] == "pass"
    outside = "aws-bedrock-customization-data-outside"
    assert judged[outside, "aws.bedrock.customization_job", "care-tone-tuning"] == "pass"


def test_what_is_served_is_compared_with_the_file_that_its_package_was_made_of(judged: Verdicts) -> None:
    assert judged["aws-sagemaker-model-replaced", "aws.sagemaker.model", "fraud-scorer-v2"] == "pass"
    assert judged["aws-sagemaker-package-replaced", "aws.sagemaker.model_package", "fraud-scorer 3"] == "not-applicable"


def recorded(collected: Collected, account: str) -> Source:
    """The company as stored and derived."""
    source = make_source(external_id=account)
    recorder = Recorder(source=source, at=moment())
    pages: dict[ScopeKey, list[Observed]] = defaultdict(list)
    for asset in collected.assets:
        pages[next(key for key in collected.outcomes if key.collector == asset.kind and _holds(key, asset))].append(
            asset
        )
    for key, assets in pages.items():
        recorder.page(key, assets)
    for outcome in collected.outcomes.values():
        recorder.close(outcome)
    derive(source=source, touched=recorder.finish().touched)
    return source


def _holds(key: ScopeKey, asset: Observed) -> bool:
    return key.region in ("-", asset.place) or asset.place == "-" or asset.kind == "aws.s3.bucket"


def plain(lineage: Lineage) -> str:
    sentences = [f"{one.words} {' '.join(f'[{mark.words}]' for mark in one.marks)}" for one in lineage.story]
    return unescape(re.sub(r"<[^>]+>", "", "\n".join([str(lineage.lead), *sentences])))


STORIES = [
    (
        ("aws.sagemaker.endpoint", "fraud-scorer-prod"),
        "its data comes from halden-fraud-training-data",
        "Training job fraud-scorer-train-002 reads S3 bucket halden-fraud-training-data"
        " (s3://halden-fraud-training-data/curated/v2)",
        "and made Model package fraud-scorer 2.",
        "SageMaker model fraud-scorer-v2 loads Model package fraud-scorer 2.",
        "Endpoint configuration fraud-scorer-prod-v2 serves SageMaker model fraud-scorer-v2.",
        "SageMaker endpoint fraud-scorer-prod can be called by role/lab-notebooks",
    ),
    (
        ("aws.sagemaker.endpoint", "demand-forecast"),
        "Processing job demand-clean-2026-11 reads S3 bucket halden-demand-training-data",
        "and wrote what Training job demand-forecast-2026-04 begins with.",
        "made SageMaker model demand-forecast. [can be overwritten from outside]",
    ),
    (
        ("aws.bedrock.agent", "care-assistant"),
        "Knowledge base data source care-articles-s3 reads S3 bucket halden-care-knowledge",
        "and is part of Knowledge base care-articles.",
        "is stored in OpenSearch collection care-articles.",
        "Bedrock agent care-assistant loads Foundation model amazon.nova-pro-v1:0 and uses Knowledge base",
        "Agent alias live serves Agent version care-assistant version 1.",
    ),
    (
        ("aws.sagemaker.model", "borrowed-translator"),
        "loads arn:aws:s3:::lumen-shared-collections (not collected)",
        "[not known: store outside your organization]",
        "[no known origin]",
    ),
]


@pytest.mark.django_db
def test_the_main_chains_read_as_stories(collected: Collected, company: SimulatedAws) -> None:
    source, user = recorded(collected, company.account_id), alice()
    for (kind, name), *sentences in STORIES:
        descent = descent_of(user, Asset.objects.get(source=source, kind=kind, name=name))
        story = plain(lineage_of(descent, told_of(user, descent), {}))
        for sentence in sentences:
            assert sentence in story, story
