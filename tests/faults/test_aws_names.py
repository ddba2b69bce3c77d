"""What other lists explain (tags, aliases, image tags, instance profiles) is unread when those were not read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.aws import SimulatedAws
from inventory.documents import Observed, Problem
from tests.integrations.aws.collecting import Collected, collect
from tests.integrations.aws.estate import Estate


@pytest.fixture(scope="module")
def aws() -> Iterator[SimulatedAws]:
    with SimulatedAws() as simulated:
        Estate(simulated).make()
        yield simulated


@pytest.mark.parametrize(
    ("service", "operation", "kind", "part"),
    [
        ("resourcegroupstaggingapi", "GetResources", "aws.sagemaker.notebook_instance", "Tags"),
        ("resourcegroupstaggingapi", "GetResources", "aws.lambda.function", "Tags"),
        ("eks", "DescribeCluster", "aws.eks.cluster", "Tags"),
        ("kms", "ListAliases", "aws.sagemaker.notebook_instance", "encrypted_by"),
        ("ecr", "DescribeImages", "aws.sagemaker.model_package", "runs_image"),
        ("ecr", "DescribeRepositories", "aws.sagemaker.model_package", "runs_image"),
        ("iam", "GetAccountAuthorizationDetails", "aws.ec2.instance", "uses_role"),
    ],
)
def test_what_another_list_explains_is_unread_without_it(
    aws: SimulatedAws, service: str, operation: str, kind: str, part: str
) -> None:
    assert part not in parts(collect(aws).of(kind))
    aws.faults.inject("denied", service, operation)
    try:
        assert parts(collect(aws).of(kind)).get(part) is Problem.DENIED
    finally:
        aws.faults.clear()


def parts(assets: list[Observed]) -> dict[str, Problem]:
    return {unread.part: unread.problem for asset in assets for unread in asset.unread}


def test_without_a_fault_nothing_is_unread(aws: SimulatedAws) -> None:
    collected: Collected = collect(aws)
    assert parts(collected.assets) == {}
