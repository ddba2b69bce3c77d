"""A changed asset asks again for what it can have altered, and not for more."""

from __future__ import annotations

from uuid import uuid4

import pytest

from inventory.derivation.values import Extent
from inventory.documents import LinkTo
from inventory.facts import Edge, Estate, Node
from inventory.facts.registry import Fact

MODEL, BUCKET, JOB, ROLE = "aws.sagemaker.model", "aws.s3.bucket", "aws.sagemaker.training_job", "aws.iam.role"


def node(kind: str, name: str) -> Node:
    return Node(kind=kind, external_id=name, name=name, place="eu-west-1", id=uuid4())


model, other_model = node(MODEL, "model"), node(MODEL, "other-model")
data, other_data = node(BUCKET, "data"), node(BUCKET, "other-data")
job, role = node(JOB, "job"), node(ROLE, "role")
ESTATE = Estate(
    [model, other_model, data, other_data, job, role],
    [
        Edge(model.identity, LinkTo("loads", BUCKET, "data")),
        Edge(job.identity, LinkTo("reads_data", BUCKET, "data")),
        Edge(other_model.identity, LinkTo("loads", BUCKET, "other-data")),
    ],
)
FACT = Fact(
    "writers",
    frozenset({MODEL}),
    frozenset({ROLE}),
    "Writers",
    lambda _node, _estate: None,
    linked=frozenset({BUCKET, JOB}),
    through="permits",
)
LENS = Fact("permits", frozenset({ROLE}), frozenset(), "Permissions", lambda _node, _estate: None)


def asked(*changed: Node, gone: tuple[str, ...] = ()) -> list[str]:
    extent = Extent(gone=frozenset(gone))
    extent.add(changed)
    return sorted(one.name for one in extent.asked(FACT, ESTATE))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (model, ["model"]),
        (data, ["model"]),
        (job, ["model"]),
        (other_data, ["other-model"]),
        (role, ["model", "other-model"]),
    ],
)
def test_only_what_is_at_most_two_links_away_is_asked_again(changed: Node, expected: list[str]) -> None:
    assert asked(changed) == expected


def test_an_asset_that_is_gone_could_have_been_linked_to_anything() -> None:
    assert asked(gone=(BUCKET,)) == ["model", "other-model"]
    assert asked(gone=(ROLE,)) == []


def test_too_many_changes_ask_for_everything() -> None:
    many = [node(BUCKET, f"b{number}") for number in range(201)]
    assert asked(*many) == ["model", "other-model"]


@pytest.mark.parametrize(("same", "gone", "expected"), [(True, (), []), (False, (), 2), (True, (ROLE,), 2)])
def test_a_change_that_leaves_the_lens_as_it_was_asks_for_nothing(
    same: bool, gone: tuple[str, ...], expected: object
) -> None:
    extent = Extent(gone=frozenset(gone))
    extent.add([role])
    extent.hush(LENS, [role], lambda _node: same)
    found = extent.asked(FACT, ESTATE)
    assert (len(found) or []) == expected
