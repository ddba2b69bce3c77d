"""Every declared call in way to fail: never an empty list, never a vanished asset, never a silent gap."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import pytest

from demo.aws import SimulatedAws
from integrations.aws import model
from integrations.aws.collector import AwsCollector
from integrations.aws.opening import ALIASES, REGION, TAGS
from integrations.aws.resources import BY_KIND, RESOURCES
from integrations.aws.table import Shared
from inventory.documents import Observed, Problem, ScopeState
from tests.integrations.aws.collecting import Collected, HurriedClients, collector, gather
from tests.integrations.aws.estate import Estate

PROBLEMS = {
    "denied": Problem.DENIED,
    "throttled": Problem.THROTTLED,
    "timeout": Problem.TIMEOUT,
    "server-error": Problem.SERVER_ERROR,
    "malformed": Problem.MALFORMED,
}
# Kinds that are read only where something refers to them need something that does.
REFERRERS = {
    "aws.bedrock.foundation_model": ("aws.bedrock.custom_model",),
    "aws.s3.bucket": ("aws.sagemaker.feature_group",),
    "aws.logs.log_group": ("aws.bedrock.logging_configuration",),
    "aws.rds.instance": ("aws.rds.cluster",),
    "aws.ec2.volume": ("aws.ec2.instance",),
    "aws.wafv2.acl": ("aws.apigateway.rest_api", "aws.apigateway.stage"),
}


def declared() -> Iterator[tuple[str, str, str]]:
    """(kind, client, operation) of every call in the table."""
    for resource in RESOURCES:
        for client, operation in resource.calls():
            yield resource.kind, client, operation
    yield REGION, *TAGS
    yield REGION, *ALIASES


def waits(kind: str, client: str, operation: str) -> bool:
    """Whether a case may cost the time of a timeout: once a kind, on its first call."""
    return kind == REGION or next(iter(BY_KIND[kind].calls())) == (client, operation)


CASES = [(*call, fault) for call in declared() for fault in PROBLEMS if fault != "timeout" or waits(*call)]


def needed(kind: str) -> frozenset[str]:
    """The smallest table in which this kind is read."""
    if kind == REGION:
        return frozenset({"aws.kms.key"})
    resource = BY_KIND[kind]
    kinds = {kind, *REFERRERS.get(kind, ())}
    for parent in (*resource.for_each, *resource.given):
        kinds |= needed(parent)
    if isinstance(resource.each, Shared):
        kinds |= {one.kind for one in RESOURCES if isinstance(one.each, Shared)}
    return frozenset(kinds)


Reader = Callable[[frozenset[str], tuple[str, str] | None], tuple[AwsCollector, Collected]]


@pytest.fixture(scope="module")
def readers(estate: Estate) -> Iterator[Reader]:
    """One collector a table, with what it sees without a fault; clients are kept between cases."""

    @cache
    def usual(kinds: frozenset[str]) -> tuple[AwsCollector, Collected]:
        estate.aws.faults.clear()
        made = collector(estate.aws, kinds=kinds)
        return made, gather(made)

    @cache
    def impatient(kinds: frozenset[str]) -> tuple[AwsCollector, HurriedClients]:
        made = collector(estate.aws, kinds=kinds)
        made._clients = HurriedClients(made._access)
        return made, made._clients

    def reader(kinds: frozenset[str], hurry: tuple[str, str] | None) -> tuple[AwsCollector, Collected]:
        made, before = usual(kinds)
        if hurry:
            made, clients = impatient(kinds)
            clients.hurry = hurry
        return made, before

    yield reader
    usual.cache_clear()
    impatient.cache_clear()


@pytest.mark.parametrize(("kind", "client", "operation", "fault"), CASES, ids=lambda value: str(value))
def test_a_failed_call_is_never_an_empty_answer(
    aws: SimulatedAws, readers: Reader, kind: str, client: str, operation: str, fault: str
) -> None:
    reader, before = readers(needed(kind), (client, operation) if fault == "timeout" else None)
    aws.faults.inject(fault, client, model.operation_name(client, operation), seconds=2.0)
    after = gather(reader)
    assert set(after.outcomes) == set(before.outcomes)
    assert_nothing_vanished(before, after)
    problem = the_problem_of(kind, after)
    assert problem is not None, "the failure left no trace"
    # botocore itself takes a broken S3 answer for an internal error of S3.
    broken_s3 = Problem.SERVER_ERROR if (client, fault) == ("s3", "malformed") else None
    assert problem[0] in (PROBLEMS[fault], broken_s3)
    assert bool(problem[1]) is (fault == "denied"), "a denied call names the permission that is missing"


def assert_nothing_vanished(before: Collected, after: Collected) -> None:
    """A scope that claims to be complete has every asset that it had without the fault."""
    for key, outcome in after.outcomes.items():
        if outcome.state is ScopeState.COMPLETE:
            assert ids(before, key.collector) == ids(after, key.collector), key
        else:
            assert outcome.state in (ScopeState.INCOMPLETE, ScopeState.DENIED), key


def ids(collected: Collected, kind: str) -> set[str]:
    return {asset.external_id for asset in collected.of(kind)}


def the_problem_of(kind: str, after: Collected) -> tuple[Problem | None, str] | None:
    """What the scope, or an unread part of one of its assets, says."""
    outcome = after.scope(kind)
    if outcome.state is not ScopeState.COMPLETE:
        return outcome.problem, outcome.permission
    return next(((part.problem, part.permission) for asset in after.of(kind) for part in gaps(asset)), None)


def gaps(asset: Observed) -> list[object]:
    for part in asset.unread:
        assert part.part == "" or part.part not in asset.config, "an unread part has a value"
    return list(asset.unread)


def test_the_fault_cases_cover_every_declared_call() -> None:
    assert len(CASES) >= 250
    assert {(client, operation) for _, client, operation, _ in CASES} >= {
        call for resource in RESOURCES for call in resource.calls()
    }
