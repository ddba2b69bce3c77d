"""Services that watch an account: what they did not look at is not clean, and what tells nobody does not count."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from inventory.documents import ScopeState, ScopeView, Unknown
from inventory.facts.aws_images import scanned
from inventory.facts.aws_watching import critical_findings, sensitivity
from inventory.facts.estate import Estate, Node

ACCOUNT, HERE = "111122223333", "eu-central-1"


def node(kind: str, name: str = "", **config: Any) -> Node:
    return Node(kind=f"aws.{kind}", external_id=f"arn:{name or kind}", name=name or kind, place=HERE, config=config)


def estate(*nodes: Node, read: Iterable[str] = ()) -> Estate:
    views = [ScopeView(place, f"aws.{kind}", ScopeState.COMPLETE) for kind in read for place in (HERE, "-")]
    return Estate(nodes, (), views, account=ACCOUNT)


@pytest.mark.parametrize("kind", ["ec2.instance", "lambda.function"])
def test_nothing_found_means_something_only_where_inspector_scans(kind: str) -> None:
    def found(states: dict[str, str]) -> list[str] | Unknown:
        state = {part: {"status": status} for part, status in states.items()}
        status = node("inspector.status", accounts=[{"resourceState": state}])
        return critical_findings(host, estate(host, status, read=["inspector.finding", "inspector.status"]))

    host = node(kind, "host")
    assert found({"ec2": "ENABLED", "lambda": "ENABLED"}) == []
    assert isinstance(found({"ec2": "DISABLED", "lambda": "DISABLED", "ecr": "ENABLED"}), Unknown)


def test_what_inspector_found_counts_whatever_it_scans_now() -> None:
    host = node("ec2.instance", "host", InstanceId="i-1")
    finding = node("inspector.finding", "hole", resources=[{"id": "i-1"}])
    assert critical_findings(host, estate(host, finding)) == ["hole"]


@pytest.mark.parametrize(("score", "rated"), [(1, 1), (49, 49), (90, 90), (None, None), (50, None), (-1, None)])
def test_a_bucket_that_macie_did_not_analyse_has_no_rating(score: int | None, rated: int | None) -> None:
    bucket = node("macie.bucket", sensitivityScore=score)
    said = sensitivity(bucket, estate(bucket))
    assert isinstance(said, Unknown) if rated is None else said == rated


@pytest.mark.parametrize(
    ("filter", "frequency", "expected"),
    [
        ("*", "CONTINUOUS_SCAN", True),
        ("ai-*", "SCAN_ON_PUSH", True),
        ("dev", "SCAN_ON_PUSH", True),
        ("ai-*", "MANUAL", False),
        ("prod-*", "CONTINUOUS_SCAN", False),
    ],
)
def test_a_rule_of_the_registry_scans_the_repositories_that_its_filter_names(
    filter: str, frequency: str, expected: bool
) -> None:
    rule = {"scanFrequency": frequency, "repositoryFilters": [{"filter": filter, "filterType": "WILDCARD"}]}
    repository = node("ecr.repository", repositoryName="ai-dev", RegistryScanning={"rules": [rule]})
    assert scanned(repository, estate(repository)) is expected
