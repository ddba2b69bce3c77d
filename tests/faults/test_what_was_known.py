"""A part that cannot be read keeps the value it had, and says that it is not current."""

from __future__ import annotations

from itertools import product

import pytest

from findings.posture.queries.in_force import rulebook
from findings.posture.queries.reading import reading_of
from findings.posture.queries.subjects import load
from inventory.documents import LinkTo, Observed, Problem, ScopeKey, Unread
from inventory.facts.registry import DERIVED_LINKS
from inventory.models import Asset, Link, Revision, Source
from inventory.provenance import origins
from inventory.services import Recorder
from tests.builders import make_source, moment, observed, outcome

pytestmark = pytest.mark.django_db
BUCKET = ScopeKey("-", "aws.s3.bucket")
KEY = LinkTo("encrypted_by", "aws.kms.key", "arn:aws:kms:eu-central-1:1:key/k")
FAILED = Unread("Encryption", Problem.DENIED, "no", "s3:GetEncryptionConfiguration")


@pytest.fixture
def source() -> Source:
    return make_source()


def see(source: Source, *assets: Observed, day: int = 0) -> Asset:
    recorder = Recorder(source=source, at=moment(day))
    recorder.page(BUCKET, assets)
    recorder.close(outcome(BUCKET.collector))
    recorder.finish()
    return Asset.objects.get()


def bucket(**more: object) -> Observed:
    return observed("aws.s3.bucket", "arn:aws:s3:::data", **({"name": "data"} | more))


def whole() -> Observed:
    return bucket(config={"Name": "data", "Encryption": {"Rules": [1]}}, links=(KEY,), tags={"owner": "ana"})


def test_an_unread_part_keeps_its_value_and_its_links(source: Source) -> None:
    see(source, whole())
    asset = see(source, bucket(config={"Name": "data"}, unread=(FAILED,), tags={"owner": "bo"}), day=1)
    assert asset.config == {"Name": "data", "Encryption": {"Rules": [1]}}
    assert [part["part"] for part in asset.unread] == ["Encryption"]
    assert Link.objects.get().target_ref == KEY.ref
    assert asset.tags == {"owner": "bo"}, "tags were read"
    assert not Revision.objects.exists(), "nothing changed"


def test_only_the_links_of_the_unread_part_are_kept(source: Source) -> None:
    logs = LinkTo("logs_to", "aws.s3.bucket", "arn:aws:s3:::logs")
    see(source, bucket(config={"Name": "data", "Encryption": {"Rules": [1]}, "Logging": {"On": 1}}, links=(KEY, logs)))
    see(source, bucket(config={"Name": "data"}, unread=(FAILED,)), day=1)
    assert [link.type for link in Link.objects.all()] == ["encrypted_by"]


def test_a_new_name_counts_unless_the_call_that_tells_it_failed(source: Source) -> None:
    see(source, whole())
    assert see(source, bucket(name="new", config={"Name": "new"}, unread=(FAILED,)), day=1).name == "new"
    blind = bucket(name="arn", config={}, unread=(Unread("", Problem.TIMEOUT, "late"),))
    assert see(source, blind, day=2).name == "new"


def test_what_the_describing_call_told_is_unread_field_by_field(source: Source) -> None:
    see(source, whole())
    asset = see(source, bucket(config={"Name": "data"}, unread=(Unread("", Problem.TIMEOUT, "late"),)), day=1)
    assert asset.config["Encryption"] == {"Rules": [1]}
    assert [(part["part"], part["problem"]) for part in asset.unread] == [("", "timeout"), ("Encryption", "timeout")]


def test_unread_tags_stay_and_what_they_say_is_unknown_to_rules(source: Source) -> None:
    see(source, whole())
    asset = see(source, bucket(unread=(Unread("Tags", Problem.DENIED, "no", "tag:GetResources"),)), day=1)
    assert asset.tags == {"owner": "ana"}
    facts = load([asset.pk], rulebook(), reading_of(asset.source))[0].subject.facts
    assert facts["owner"] == facts["data_class"] == facts["tags"]
    assert "tag:GetResources" in facts["owner"]["unknown"]


def test_once_read_again_the_document_is_exactly_what_was_read(source: Source) -> None:
    see(source, whole())
    see(source, bucket(config={"Name": "data"}, unread=(FAILED,)), day=1)
    asset = see(source, bucket(config={"Name": "data"}), day=2)
    assert (asset.config, asset.unread, asset.tags) == ({"Name": "data"}, [], {})
    assert not Link.objects.exists()


def test_nothing_is_kept_of_an_asset_that_was_gone(source: Source) -> None:
    see(source, whole())
    see(source, day=1)
    asset = see(source, bucket(config={"Name": "data"}, unread=(FAILED,)), day=2)
    assert "Encryption" not in asset.config
    assert not Link.objects.exists()


def test_every_link_that_a_rule_follows_is_told_by_something() -> None:
    """Otherwise nobody would notice that the part, or the list, that tells it was not read."""
    derived = {(link.type, kind) for link in DERIVED_LINKS for kind in link.kinds}
    for rule in rulebook().rules:
        for link, kind in product(rule.links.values(), rule.kinds):
            type, here = link.type.removeprefix("<"), kind
            if link.type.startswith("<"):
                assert origins(type, here), (rule.id, link.type)
            else:
                assert here in origins(type, link.kind) or (type, here) in derived, (rule.id, link.type)
