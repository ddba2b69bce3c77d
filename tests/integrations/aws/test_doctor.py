"""The doctor and the price of a collection."""

from __future__ import annotations

from collections import Counter

import pytest

from demo.aws import SimulatedAws
from integrations.aws.schedule import keys_of
from integrations.base import Reason
from inventory.documents import Problem
from tests.integrations.aws.collecting import collect, collector
from tests.integrations.aws.estate import Estate


def test_a_healthy_connection_has_one_good_line_for_each_scope(aws: SimulatedAws) -> None:
    reader = collector(aws)
    checks = reader.doctor()
    assert [check for check in checks if not check.ok] == []
    assert len(checks) == len(keys_of(reader.table, reader.regions())) + 1
    assert checks[0].what == f"Credentials of account {aws.account_id}"


def test_the_doctor_names_what_cannot_be_read_and_the_missing_permission(aws: SimulatedAws) -> None:
    aws.faults.inject("denied", "bedrock", "ListGuardrails")
    aws.faults.inject("denied", "sagemaker", "DescribeModel")
    bad = {f"{check.what} in {check.region}": check for check in collector(aws).doctor() if not check.ok}
    assert bad["Guardrails in us-east-1"].permission == "bedrock:ListGuardrails"
    assert bad["SageMaker models: details in us-east-1"].permission == "sagemaker:DescribeModel"
    assert bad["Guardrails in us-east-1"].problem is Problem.DENIED


def test_the_doctor_tells_a_region_that_is_off_from_one_that_does_not_exist(aws: SimulatedAws) -> None:
    aws.faults.inject("not-enabled", "sagemaker", region="eu-central-1")
    reader = collector(aws, regions=["us-east-1", "eu-central-1", "us-esat-1"], kinds=["aws.sagemaker.model"])
    wrong = {(check.what, check.region, check.reason) for check in reader.doctor() if not check.ok}
    assert wrong == {
        ("us-esat-1", "us-esat-1", Reason.NO_REGION),
        ("SageMaker models", "eu-central-1", Reason.STRANGER),
    }


def test_the_doctor_reads_one_page_and_one_asset_of_each_kind(aws: SimulatedAws, estate: Estate) -> None:
    collector(aws).doctor()
    doctor = len(aws.calls)
    aws.calls.clear()
    collect(aws)
    assert doctor <= len(aws.calls)
    assert aws.calls.count("s3", "GetBucketVersioning") > 1


@pytest.mark.parametrize("regions", [["us-east-1"], ["eu-central-1"], ["us-east-1", "eu-central-1"]])
def test_the_estimate_is_an_upper_bound(aws: SimulatedAws, regions: list[str]) -> None:
    estimate = collector(aws, regions=regions).estimate()
    seen = collect(aws, regions=regions)
    counts = Counter(asset.kind for asset in seen.assets)
    assert seen.calls <= estimate.calls_for(counts) <= 3 * seen.calls
