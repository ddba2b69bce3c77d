"""Pages, order, cancelling, things that vanish, jobs of old: how scopes are read."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from demo.aws import SimulatedAws
from integrations.aws import model
from integrations.aws.collector import AwsCollector
from integrations.aws.resources import RESOURCES
from integrations.aws.table import Named, Resource
from integrations.base import Page
from inventory.documents import Problem, ScopeOutcome, ScopeState
from tests.integrations.aws.collecting import CALM, collect, collector, gather
from tests.integrations.aws.estate import Estate

MODELS = ["aws.sagemaker.model"]


@pytest.fixture
def many_models(aws: SimulatedAws) -> Iterator[set[str]]:
    sagemaker = aws.client("sagemaker")
    names = {f"copy-{number}" for number in range(7)}
    for name in names:
        sagemaker.create_model(
            ModelName=name,
            ExecutionRoleArn=f"arn:aws:iam::{aws.account_id}:role/ml-role",
            PrimaryContainer={"Image": "x"},
        )
    aws.calls.clear()
    yield names | {"ranker-model"}
    for name in names:
        sagemaker.delete_model(ModelName=name)


@pytest.fixture
def small_pages(aws: SimulatedAws) -> Iterator[None]:
    aws.application.overlay.pager.forced = 3
    yield
    aws.application.overlay.pager.forced = None


@pytest.mark.usefixtures("small_pages")
def test_every_page_is_read(aws: SimulatedAws, many_models: set[str]) -> None:
    seen = collect(aws, kinds=MODELS)
    assert {asset.name for asset in seen.of(MODELS[0])} == many_models
    assert aws.calls.count("sagemaker", "ListModels") == 3


@pytest.mark.usefixtures("small_pages")
def test_a_page_that_fails_midway_keeps_what_was_read_and_is_incomplete(
    aws: SimulatedAws, many_models: set[str]
) -> None:
    aws.faults.inject("latency", "sagemaker", "ListModels", seconds=0.2)
    names: set[str] = set()
    outcome = None
    for event in collector(aws, kinds=MODELS).collect(lambda: False):
        if isinstance(event, Page) and event.scope.collector == MODELS[0]:
            names |= {asset.name for asset in event.assets}
            aws.faults.inject("throttled", "sagemaker", "ListModels")
        elif isinstance(event, ScopeOutcome) and event.key.collector == MODELS[0]:
            outcome = event
    assert names < many_models
    assert len(names) == 3
    assert outcome is not None
    assert (outcome.state, outcome.problem) == (ScopeState.INCOMPLETE, Problem.THROTTLED)


def test_what_vanishes_between_list_and_describe_is_not_an_asset(aws: SimulatedAws) -> None:
    aws.faults.inject("not-found", "sagemaker", "DescribeModel")
    seen = collect(aws, kinds=MODELS)
    assert seen.of(MODELS[0]) == []
    assert seen.scope(MODELS[0]).state is ScopeState.COMPLETE


def test_the_children_of_an_unread_parent_are_not_known_either(aws: SimulatedAws) -> None:
    aws.faults.inject("denied", "bedrock-agent", "ListAgents")
    seen = collect(aws, services=["bedrock"])
    for kind in ("agent_alias", "agent_version", "action_group", "foundation_model"):
        assert seen.scope(f"aws.bedrock.{kind}").state is ScopeState.INCOMPLETE, kind
    assert seen.scope("aws.bedrock.guardrail").state is ScopeState.COMPLETE
    assert seen.scope("aws.bedrock.data_source").state is ScopeState.COMPLETE


def test_a_bucket_is_never_retired_because_its_user_was_not_described(aws: SimulatedAws) -> None:
    aws.faults.inject("denied", "sagemaker", "DescribeFeatureGroup")
    seen = collect(aws, kinds=["aws.sagemaker.feature_group", "aws.s3.bucket"])
    assert seen.scope("aws.sagemaker.feature_group").state is ScopeState.COMPLETE
    assert seen.one("aws.sagemaker.feature_group").unread
    assert seen.scope("aws.s3.bucket").state is ScopeState.INCOMPLETE
    assert "aws.sagemaker.feature_group" in seen.scope("aws.s3.bucket").message


def test_nothing_refers_to_a_model_so_no_call_is_made(aws: SimulatedAws) -> None:
    seen = collect(aws, kinds=["aws.bedrock.foundation_model"])
    assert aws.calls.count("bedrock") == 0
    assert seen.scope("aws.bedrock.foundation_model").state is ScopeState.COMPLETE


NOT_EVERYWHERE = [
    one for one in RESOURCES
    if one.service in ("sagemaker", "bedrock") and one.not_offered and not (one.for_each or one.given or one.late)
]  # fmt: skip


@pytest.mark.parametrize("resource", NOT_EVERYWHERE, ids=lambda one: one.kind)
def test_what_a_region_does_not_have_is_no_error(aws: SimulatedAws, resource: Resource) -> None:
    assert not isinstance(resource.each, Named)
    operation = model.operation_name(resource.client, resource.each.operation)
    aws.faults.inject("not-offered", resource.client, operation)
    seen = collect(aws, kinds=[resource.kind])
    assert seen.scope(resource.kind).state is ScopeState.NOT_OFFERED
    assert seen.of(resource.kind) == []


def in_400_days(monkeypatch: pytest.MonkeyPatch) -> None:
    later = datetime.now(UTC) + timedelta(days=400)

    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return later

    monkeypatch.setattr("integrations.aws.walker.datetime", Clock)


def test_an_old_job_is_kept_while_an_asset_names_it(aws: SimulatedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    in_400_days(monkeypatch)
    models = ["aws.bedrock.custom_model", "aws.bedrock.imported_model"]
    jobs = ["aws.bedrock.customization_job", "aws.bedrock.model_import_job", "aws.bedrock.batch_job"]
    seen = collect(aws, kinds=models + jobs)
    assert [[asset.name for asset in seen.of(job)] for job in jobs] == [["tuning"], ["own-llama"], []]
    aws.faults.inject("denied", "bedrock", "ListCustomModels")
    assert collect(aws, kinds=models + jobs).scope(jobs[0]).state is ScopeState.INCOMPLETE


def test_an_old_job_is_kept_while_a_model_loads_what_it_made(
    aws: SimulatedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_400_days(monkeypatch)
    kinds = ["aws.sagemaker.model", "aws.sagemaker.training_job", "aws.sagemaker.processing_job"]
    seen = collect(aws, kinds=kinds)
    assert [asset.name for asset in seen.of("aws.sagemaker.training_job")] == ["train-1"]
    assert seen.of("aws.sagemaker.processing_job") == []


def test_a_cancel_ends_every_scope_within_seconds(aws: SimulatedAws) -> None:
    aws.faults.inject("latency", seconds=0.3)
    asked = threading.Event()
    reader = collector(aws)
    started: list[float] = []

    def cancelled() -> bool:
        if asked.is_set() and not started:
            started.append(time.monotonic())
        return asked.is_set()

    outcomes = []
    for event in reader.collect(cancelled):
        asked.set()
        if isinstance(event, ScopeOutcome):
            outcomes.append(event)
    assert time.monotonic() - started[0] < CALM.stop_within + 20
    assert {outcome.key for outcome in outcomes} == set(reader.scopes())
    assert Problem.CANCELLED in {outcome.problem for outcome in outcomes}
    assert all(one.state is not ScopeState.COMPLETE for one in outcomes if one.problem is Problem.CANCELLED)


def test_leaving_early_stops_the_threads(aws: SimulatedAws) -> None:
    events = collector(aws).collect(lambda: False)
    next(events)
    events.close()  # type: ignore[attr-defined]
    before = len(aws.calls)
    deadline = time.monotonic() + 30
    while any(thread.name.startswith("aws-") for thread in threading.enumerate()) and time.monotonic() < deadline:
        threading.Event().wait(0.05)
    assert not any(thread.name.startswith("aws-") for thread in threading.enumerate())
    assert len(aws.calls) - before < 60


def test_a_slow_reader_holds_the_threads_back(aws: SimulatedAws, many_models: set[str]) -> None:
    from dataclasses import replace

    reader = collector(aws, tuning=replace(CALM, queue_pages=1))
    names = set()
    for event in reader.collect(lambda: False):
        threading.Event().wait(0.005)
        if isinstance(event, Page) and event.scope.collector == MODELS[0]:
            names |= {asset.name for asset in event.assets}
    assert names == many_models


def test_a_defect_of_one_resource_does_not_stop_the_others(
    aws: SimulatedAws, estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object) -> bool:
        raise RuntimeError("a defect")

    monkeypatch.setattr("integrations.aws.rows.kept", broken)
    seen = collect(aws, kinds=["aws.cloudwatch.alarm", "aws.sagemaker.model"])
    assert seen.scope("aws.cloudwatch.alarm").problem is Problem.OTHER
    assert seen.scope("aws.sagemaker.model").state is ScopeState.COMPLETE


def test_calls_go_out_in_parallel(aws: SimulatedAws, many_models: set[str]) -> None:
    reader: AwsCollector = collector(aws, kinds=MODELS)
    gather(reader)
    aws.faults.inject("latency", "sagemaker", "DescribeModel", seconds=0.2)
    started = time.monotonic()
    gather(reader)
    assert time.monotonic() - started < 0.2 * len(many_models)


def test_a_child_list_that_is_refused_is_an_error_even_where_the_code_can_mean_not_offered(aws: SimulatedAws) -> None:
    aws.faults.inject("not-offered", "bedrock-agent", "ListAgentAliases")
    seen = collect(aws, services=["bedrock"])
    assert seen.scope("aws.bedrock.agent").state is ScopeState.COMPLETE
    assert seen.scope("aws.bedrock.agent_alias").state is ScopeState.INCOMPLETE
    assert seen.scope("aws.bedrock.agent_version").state is ScopeState.INCOMPLETE
