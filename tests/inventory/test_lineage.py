"""Where an asset comes from and what depends on it: which links count, where the walk ends, and what is lost."""

from __future__ import annotations

from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aispm.accounts.models import User
from inventory.documents import ScopeState
from inventory.lineage import Stage, comes_first, stage_of
from inventory.models import Asset, Source
from inventory.queries import Descent, descent_of, told_of
from tests.builders import alice, charlie, make_asset, make_link, make_scope, make_source, moment, unread

pytestmark = pytest.mark.django_db
SM = "aws.sagemaker."


@pytest.fixture
def user() -> User:
    return alice()


@pytest.fixture
def source() -> Source:
    return make_source(external_id="111111111111")


def distances(found: Descent) -> dict[str, int]:
    return {step.asset.name: step.distance for step in found.steps.values()}


def chain(source: Source) -> dict[str, Asset]:
    """data → job → model → config → endpoint, the job's bucket, and another model in that bucket."""
    kinds = {
        "data": "aws.s3.bucket",
        "job": f"{SM}training_job",
        "model": f"{SM}model",
        "config": f"{SM}endpoint_config",
        "endpoint": f"{SM}endpoint",
        "artifacts": "aws.s3.bucket",
        "stranger": f"{SM}model",
        "role": "aws.iam.role",
    }
    made = {name: make_asset(source, kind, name=name) for name, kind in kinds.items()}
    for origin, type, target in (
        ("job", "reads_data", "data"),
        ("job", "produces", "model"),
        ("job", "produces", "artifacts"),
        ("model", "loads", "artifacts"),
        ("stranger", "loads", "artifacts"),
        ("config", "serves", "model"),
        ("endpoint", "serves", "config"),
        ("model", "uses_role", "role"),
    ):
        make_link(made[origin], type, made[target])
    return made


def test_what_comes_before_and_after_is_told_apart(user: User, source: Source) -> None:
    made = chain(source)
    assert distances(descent_of(user, made["model"])) == {
        "model": 0, "job": -1, "artifacts": -1, "data": -2, "config": 1, "endpoint": 2,
    }  # fmt: skip
    assert distances(descent_of(user, made["endpoint"])) == {
        "endpoint": 0, "config": -1, "model": -2, "job": -3, "artifacts": -3, "data": -4,
    }  # fmt: skip


def test_only_who_asks_about_a_bucket_sees_all_that_meet_in_it(user: User, source: Source) -> None:
    made = chain(source)
    assert distances(descent_of(user, made["artifacts"])) == {
        "artifacts": 0, "job": -1, "data": -2, "model": 1, "stranger": 1, "config": 2, "endpoint": 3,
    }  # fmt: skip


def test_each_link_stands_in_the_direction_in_which_things_go(user: User, source: Source) -> None:
    made = chain(source)
    found = descent_of(user, made["model"])
    names = {asset.pk: name for name, asset in made.items()}
    hops = {(names[hop.first], names[hop.then]) for hop in found.hops.values() if not isinstance(hop.first, str)
            and not isinstance(hop.then, str)}  # fmt: skip
    assert hops == {
        ("job", "model"),
        ("artifacts", "model"),
        ("model", "config"),
        ("config", "endpoint"),
        ("data", "job"),
    }


def test_buckets_stand_where_what_reads_them_puts_them(user: User, source: Source) -> None:
    made = chain(source)
    stages = {step.asset.name: step.stage for step in descent_of(user, made["model"]).steps.values()}
    assert (stages["data"], stages["artifacts"]) == (Stage.DATA, Stage.ARTIFACTS)


def test_the_walk_takes_one_query_a_step(user: User, source: Source) -> None:
    assets = [make_asset(source, f"{SM}processing_job") for _ in range(5)]
    for origin, target in pairwise(assets):
        make_link(origin, "feeds", target)
    with CaptureQueriesContext(connection) as captured:
        found = descent_of(user, assets[2])
    assert len(found.steps) == 5
    assert len(captured) == 4  # the scopes, two steps in both directions at once, and one that finds nothing more
    with CaptureQueriesContext(connection) as captured:
        told_of(user, found)
    assert len(captured) == 1


def test_the_walk_is_bounded_and_says_so(user: User, source: Source) -> None:
    hub = make_asset(source, "aws.bedrock.foundation_model")
    for _ in range(10):
        make_link(make_asset(source, "aws.bedrock.agent"), "loads", hub)
    bounded = descent_of(user, hub, most=4)
    assert (len(bounded.steps), bounded.more) == (4, True)
    assets = [make_asset(source, f"{SM}processing_job") for _ in range(5)]
    for origin, target in pairwise(assets):
        make_link(origin, "feeds", target)
    assert descent_of(user, assets[0], depth=2).more is True
    assert descent_of(user, assets[0]).more is False


def test_a_circle_ends(user: User, source: Source) -> None:
    ends = [make_asset(source, f"{SM}processing_job") for _ in range(2)]
    make_link(ends[0], "feeds", ends[1])
    make_link(ends[1], "feeds", ends[0])
    found = descent_of(user, ends[0])
    assert (len(found.steps), len(found.hops), found.more) == (2, 2, False)


def test_what_is_lost_does_not_exist_or_was_not_looked_for(user: User, source: Source) -> None:
    config = make_asset(source, f"{SM}endpoint_config", place="eu-west-1")
    make_scope(source, f"{SM}model", "eu-west-1")
    for number, region in enumerate(("eu-west-1", "us-east-1")):
        make_link(config, "serves", kind=f"{SM}model", ref=f"arn:aws:sagemaker:{region}:111111111111:model/{number}")
    make_link(config, "serves", kind=f"{SM}model", ref="arn:aws:sagemaker:eu-west-1:222222222222:model/2")
    found = descent_of(user, config)
    lost = {key[-1]: (one.missing, one.elsewhere, one.stage) for key, one in found.lost.items()}
    assert lost == {
        "0": (True, False, Stage.MODELS),
        "1": (False, False, Stage.MODELS),
        "2": (False, True, Stage.MODELS),
    }


def test_what_is_gone_is_no_step(user: User, source: Source) -> None:
    made = chain(source)
    for name in ("job", "config"):
        made[name].gone_at = moment()
        made[name].save()
    assert distances(descent_of(user, made["model"])) == {"model": 0, "artifacts": -1}


def test_an_unread_part_or_scope_is_a_reason_for_gaps(user: User, source: Source) -> None:
    assert descent_of(user, make_asset(source)).unread == ""
    assert descent_of(user, make_asset(source, unread=[unread("Policy")])).unread
    make_scope(source, f"{SM}model", state=ScopeState.DENIED)
    assert "SageMaker models" in descent_of(user, make_asset(source)).unread


def test_a_stranger_sees_no_lineage(source: Source) -> None:
    made = chain(source)
    stranger = charlie()
    found = descent_of(stranger, made["model"])
    assert (len(found.steps), found.hops, told_of(stranger, found)) == (1, {}, {})


@pytest.mark.parametrize(
    ("type", "origin", "target", "first"),
    [
        ("reads_data", f"{SM}training_job", "aws.s3.bucket", False),
        ("produces", f"{SM}training_job", f"{SM}model", True),
        ("part_of", "aws.bedrock.data_source", "aws.bedrock.knowledge_base", True),
        ("part_of", "aws.bedrock.agent_version", "aws.bedrock.agent", False),
        ("part_of", f"{SM}model_package", f"{SM}model_package_group", None),
        ("writes_data", f"{SM}endpoint_config", "aws.s3.bucket", None),
        ("uses_role", f"{SM}model", "aws.iam.role", None),
        ("mounts", "k8s.deployment", "k8s.config_map", None),
        ("mounts", "k8s.deployment", "k8s.persistent_volume_claim", False),
        ("selects", "k8s.network_policy", "k8s.deployment", None),
        ("selects", "k8s.service", "k8s.deployment", False),
    ],
)
def test_only_links_that_carry_something_on_count(type: str, origin: str, target: str, first: bool | None) -> None:
    assert comes_first(type, origin, target) is first


@pytest.mark.parametrize(
    ("kind", "role", "stage"),
    [
        ("k8s.deployment", "endpoint", Stage.SERVING),
        ("k8s.job", "training", Stage.MAKING),
        ("k8s.service", "endpoint", Stage.CALLERS),
        ("aws.s3.bucket", "dataset", Stage.DATA),
        ("aws.s3.bucket", "model", Stage.ARTIFACTS),
        (f"{SM}training_job", "", Stage.MAKING),
        ("aws.bedrock.custom_model", "", Stage.MODELS),
    ],
)
def test_an_asset_stands_at_a_stage_by_kind_and_role(kind: str, role: str, stage: Stage) -> None:
    assert stage_of(kind, role) is stage
