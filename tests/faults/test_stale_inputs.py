"""What is worked out from assets that a broken-off reading did not show again is not known, whatever they said."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.documents import LinkTo, ScopeKey, ScopeState
from inventory.facts import Edge, Estate, Node
from inventory.facts.aws_monitoring import threat_detection
from inventory.models import Asset, Source
from inventory.services import Recorder, derive
from tests.builders import make_source, moment, observed, outcome

GONE_BY = "Detectors could not be read again."
HERE = "eu-central-1"
DETECTORS, REGIONS = ScopeKey(HERE, "aws.guardduty.detector"), ScopeKey(HERE, "aws.region")


def node(name: str, stale: str = "", **config: Any) -> Node:
    return Node(kind="aws.guardduty.detector", external_id=name, place=HERE, config=config, stale=stale)


REGION = Node(kind="aws.region", external_id="r", place=HERE)
FRESH, OLD = node("fresh", Status="ENABLED"), node("old", GONE_BY, Status="ENABLED")


def test_an_answer_that_a_stale_asset_gives_is_in_doubt() -> None:
    estate = Estate([REGION, OLD])
    assert estate.doubt_of(lambda: threat_detection(REGION, estate)) == (True, GONE_BY)


def test_an_answer_that_a_fresh_asset_settles_stands() -> None:
    estate = Estate([REGION, OLD, FRESH])
    _, doubt = estate.doubt_of(lambda: any(n.config["Status"] == "ENABLED" for n in estate.all(FRESH.kind)))
    assert doubt == ""


@pytest.mark.parametrize(
    "look",
    [
        lambda estate: list(estate.all(OLD.kind)),
        lambda estate: len(estate.all(OLD.kind)),
        lambda estate: bool(estate.all(OLD.kind)),
        lambda estate: estate.all(OLD.kind)[0],
        lambda estate: estate.get(*OLD.identity),
        lambda estate: list(estate.in_place(OLD.kind, HERE)),
        lambda estate: estate.out(REGION, "guarded_by"),
        lambda estate: list(estate.into(REGION, "part_of")),
        lambda estate: estate.links_into(REGION),
    ],
)
def test_every_way_to_look_at_a_stale_asset_is_noted(look: Any) -> None:
    edges = [
        Edge(REGION.identity, LinkTo("guarded_by", *OLD.identity)),
        Edge(OLD.identity, LinkTo("part_of", *REGION.identity)),
    ]
    estate = Estate([REGION, OLD, FRESH], edges)
    assert estate.doubt_of(lambda: look(estate))[1] == GONE_BY
    assert estate.doubt_of(lambda: estate.get(*FRESH.identity))[1] == ""


def test_what_was_worked_out_once_keeps_its_doubt() -> None:
    estate = Estate([OLD, FRESH])
    for _ in range(2):
        count, doubt = estate.doubt_of(lambda: estate.once("count", lambda: len(estate.all(OLD.kind))))
        assert (count, doubt) == (2, GONE_BY)
    assert estate.doubt_of(lambda: None) == (None, "")


@pytest.fixture
def source(db: None) -> Source:
    return make_source(external_id="111122223333")


def read(source: Source, day: int, state: ScopeState, *, detector: bool) -> Any:
    """Reads the region and its detectors; the fact about them afterwards."""
    recorder = Recorder(source=source, at=moment(day))
    recorder.page(REGIONS, [observed("aws.region", "r", place=HERE)])
    recorder.close(outcome(REGIONS.collector, HERE))
    if detector:
        recorder.page(DETECTORS, [observed(FRESH.kind, "d", place=HERE, config={"Status": "ENABLED"})])
    recorder.close(outcome(DETECTORS.collector, HERE, state))
    derive(source=source, touched=recorder.finish().touched)
    return Asset.objects.get(kind="aws.region").facts["threat_detection"]


def test_the_detector_of_last_week_detects_nothing_for_certain(source: Source) -> None:
    assert read(source, 0, ScopeState.COMPLETE, detector=True) is True
    assert "GuardDuty detectors in eu-central-1" in read(source, 1, ScopeState.DENIED, detector=False)["unknown"]
    assert read(source, 2, ScopeState.COMPLETE, detector=True) is True
    assert read(source, 3, ScopeState.COMPLETE, detector=False) is False


def test_what_the_next_broken_off_reading_does_not_show_becomes_doubtful_too(source: Source) -> None:
    assert read(source, 0, ScopeState.COMPLETE, detector=True) is True
    assert read(source, 1, ScopeState.INCOMPLETE, detector=True) is True, "this reading got as far as the detector"
    assert "unknown" in read(source, 2, ScopeState.INCOMPLETE, detector=False), "the same state, and yet not seen"


ROUTES = {
    "Associations": [{"Main": True}],
    "Routes": [{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active"}],
}


def exposure(source: Source, day: int, *ports: dict[str, Any], state: ScopeState = ScopeState.COMPLETE) -> str:
    groups, instances = ScopeKey(HERE, "aws.ec2.security_group"), ScopeKey(HERE, "aws.ec2.instance")
    group, instance = "arn:aws:ec2:eu-central-1:111122223333:security-group/sg-1", "arn:aws:ec2:::instance/i-1"
    recorder = Recorder(source=source, at=moment(day))
    links = (LinkTo("in_network", "aws.ec2.security_group", group), LinkTo("in_network", "aws.ec2.subnet", "near"))
    address = {"PublicIpAddress": "198.51.100.7"}
    recorder.page(instances, [observed(instances.collector, instance, place=HERE, config=address, links=links)])
    recorder.close(outcome(instances.collector, HERE))
    for kind, name, config in (
        ("aws.ec2.subnet", "near", {"SubnetId": "near"}),
        ("aws.ec2.route_table", "out", ROUTES),
    ):
        recorder.page(ScopeKey(HERE, kind), [observed(kind, name, place=HERE, config={**config, "VpcId": "vpc"})])
        recorder.close(outcome(kind, HERE))
    if state is ScopeState.COMPLETE:
        permissions = {"IpPermissions": list(ports)}
        recorder.page(groups, [observed(groups.collector, group, place=HERE, config=permissions)])
    recorder.close(outcome(groups.collector, HERE, state))
    derive(source=source, touched=recorder.finish().touched)
    return Asset.objects.get(kind="aws.ec2.instance").exposure


def test_not_seeing_the_way_in_does_not_close_it(source: Source) -> None:
    world = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    assert exposure(source, 0, world) == "internet"
    assert exposure(source, 1, state=ScopeState.DENIED) == "internet", "it caps the score as before"
    facts = Asset.objects.get(kind="aws.ec2.instance").facts
    assert facts["exposure"].keys() == {"unknown"}
    assert exposure(source, 2) == "internal"
    assert exposure(source, 3, state=ScopeState.DENIED) == "unknown"
