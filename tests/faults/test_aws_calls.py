"""Every declared AWS call in every way to fail, through the whole product: no silent answer, no lost asset."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import pytest

from integrations.aws.opening import ALIASES, TAGS
from integrations.aws.resources import RESOURCES
from inventory.models import Source, SourceKind
from tests.faults.aws import Account, Call, account
from tests.faults.world import Seen, World, database, differing, swept
from tests.integrations.aws.test_faults import needed

__all__ = ["database", "swept"]
pytestmark = pytest.mark.django_db
# A bucket that is not ours is not ours to read, and may be of a member that is not connected; sources of knowledge have
# no class where nobody tagged them.
OPEN_AT_BEST = {
    "aws-ai-host-critical-finding",
    "aws-ai-training-personal-data",
    "aws-ai-reference-dangling",
    "aws-bedrock-agent-personal-data",
    "aws-sagemaker-artifact-outside-write",
    "aws-s3-ai-bucket-missing",
    "aws-sagemaker-artifact-writable",
    "aws-sagemaker-model-replaced",
}
ALIKE = ("server-error", "throttled", "timeout")
CALLS: tuple[Call, ...] = tuple(sorted({call for row in RESOURCES for call in row.calls()} | {TAGS, ALIASES}))


@pytest.fixture(scope="module")
def company() -> Iterator[Account]:
    with account() as made:
        yield made


@pytest.fixture(scope="module")
def world(company: Account, database: None) -> World:
    source = Source.objects.create(kind=SourceKind.AWS, external_id=company.aws.account_id, name="company")
    return World(source, company.read())


def concerned(call: Call) -> frozenset[str]:
    """The smallest part of the table in which a call is made."""
    rows = [row.kind for row in RESOURCES if call in row.calls()]
    return frozenset({"aws.iam.role"}).union(*(needed(kind) for kind in rows))


@pytest.fixture(scope="module")
def denied(company: Account) -> Callable[[Call], Seen]:
    return cache(lambda call: company.read_with("denied", call, concerned(call)))


@pytest.mark.parametrize("fault", ALIKE)
@pytest.mark.parametrize("call", CALLS, ids=".".join)
def test_every_other_way_to_fail_means_the_same_as_denied(
    company: Account, denied: Callable[[Call], Seen], call: Call, fault: str
) -> None:
    assert differing(company.read_with(fault, call, concerned(call)), denied(call)) == {}


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{'.'.join(call)}-denied")
def test_a_denied_call_gives_no_silent_answer(company: Account, world: World, call: Call) -> None:
    seen = company.read_with("denied", call)
    world.prove(seen)
    assert world.said_at_first(seen) == {}, "nor when the account is read for the first time"


@pytest.mark.parametrize("call", CALLS, ids=".".join)
def test_a_malformed_answer_means_the_same_as_denied_or_gives_no_silent_answer_either(
    company: Account, denied: Callable[[Call], Seen], world: World, call: Call
) -> None:
    """It differs where a call may also answer that something is not set: that answer is still understood."""
    if differing(company.read_with("malformed", call, concerned(call)), denied(call)):
        world.prove(company.read_with("malformed", call))


@pytest.mark.parametrize("kind", [row.kind for row in RESOURCES])
def test_what_depends_on_a_list_is_unknown_without_it(world: World, kind: str) -> None:
    """What an asset is used for may be what it was, as long as what is said of it was read."""
    assert world.certain_without(kind) == {}


def test_every_declared_call_is_made_and_everything_is_read_without_a_fault(company: Account, world: World) -> None:
    assert all(scope.read for scope in world.usual.values())
    assert {call for call in CALLS if not company.asked(call)} == set()
    assert {"p", "f", "n"} <= set(world.before.verdicts.values())
    assert {rule for (_asset, rule), verdict in world.before.verdicts.items() if verdict == "u"} == OPEN_AT_BEST
