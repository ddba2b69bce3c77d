"""What binds a member is known to its management account alone: it is handed on, and a change of it is heard of."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from inventory.documents import Document, Observed, ScopeKey, ScopeOutcome, ScopeState
from inventory.facts.aws_principals import population
from inventory.iam.context import Request
from inventory.models import UNDERIVED, Asset, Source
from inventory.queries import stored_estate_of
from inventory.services import Recorder, delete_source, derive
from tests.builders import make_source, moment

pytestmark = pytest.mark.django_db
MANAGEMENT, MEMBER, OTHER, STRANGER = "111122223333", "444455556666", "555566667777", "999988887777"
ORGANIZATION, ACCOUNT = "aws.organizations.organization", "aws.organizations.account"
SCP, RCP = "aws.organizations.service_control_policy", "aws.organizations.resource_control_policy"
BUCKET, ROLE = "arn:aws:s3:::halden-data", f"arn:aws:iam::{MEMBER}:role/loader"
READ = ("aws.iam.role", "aws.iam.user", "aws.iam.policy", "aws.s3.bucket", "aws.account")
ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
NO_WRITING = {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"}


def policy(*statements: Document) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def control(name: str, target: str, *statements: Document) -> Observed:
    sort = {"r": "ROOT", "o": "ORGANIZATIONAL_UNIT"}.get(target[0], "ACCOUNT")
    config = {
        "Policy": {"Content": json.dumps(policy(*statements))},
        "Targets": [{"TargetId": target, "Type": sort}],
    }
    return Observed(SCP, f"arn:policy/{name}", name, "-", config)


def account(number: str, *units: str, paths: bool = True) -> Observed:
    told = {"Paths": ["/".join(("o-1", "r-1", *units, number, ""))]} if paths else {}
    arn = f"arn:aws:organizations::{MANAGEMENT}:account/o-1/{number}"
    return Observed(ACCOUNT, arn, number, "-", {"Id": number, "State": "ACTIVE", **told})


def record(source: Source, *assets: Observed, empty: tuple[str, ...] = (), state: str = "complete") -> None:
    """One reading of the kinds of these assets, and of these kinds of which there is none; derived."""
    recorder = Recorder(source=source, at=moment() + timedelta(minutes=Source.objects.count()))
    for kind in sorted({*empty, *(asset.kind for asset in assets)}):
        key = ScopeKey("-", kind)
        recorder.page(key, [asset for asset in assets if asset.kind == kind])
        recorder.close(ScopeOutcome(key, ScopeState(state)))
    derive(source=source, touched=recorder.finish().touched)


def manage(*policies: Observed, member: Observed | None = None, state: str = "complete") -> Source:
    source, _made = Source.objects.get_or_create(kind="aws", external_id=MANAGEMENT, defaults={"name": "management"})
    described = {"Organization": {"Id": "o-1", "MasterAccountId": MANAGEMENT}}
    organization = Observed(ORGANIZATION, "arn:o-1", "o-1", "-", described)
    accounts = (account(MANAGEMENT), account(OTHER), member or account(MEMBER, "ou-1-research"))
    record(source, organization, *accounts, *policies, empty=(SCP, RCP), state=state)
    return source


@pytest.fixture
def member() -> Source:
    """An account with a role that may do everything in S3, and a bucket full of training data."""
    source = make_source(external_id=MEMBER)
    inline = [{"PolicyName": "all", "PolicyDocument": policy({**ALL, "Action": "s3:*"})}]
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": [OTHER, STRANGER]}}
    role = {"RolePolicyList": inline, "AssumeRolePolicyDocument": policy(trust)}
    record(
        source,
        Observed("aws.iam.role", ROLE, "loader", "-", role),
        Observed("aws.s3.bucket", BUCKET, "halden-data", "-", {"Name": "halden-data"}),
        Observed("aws.account", MEMBER, MEMBER, "-", {}),
        empty=READ,
    )
    return source


def permitted(member: Source, action: str = "s3:putobject") -> bool | None:
    """Whether the role may do it, by the estate as it is stored now; None = not known for certain."""
    estate = stored_estate_of(member).estate
    people = population(estate)
    found = people.decide(Request(action=action, resource=f"{BUCKET}/x", account=MEMBER))
    allowed = found.access.value == "allowed"
    return None if allowed and not people.controls.known else allowed


def test_without_its_management_account_a_member_does_not_know_what_binds_it(member: Source) -> None:
    assert permitted(member) is None


def test_policies_count_along_the_path_from_the_root_to_the_account(member: Source) -> None:
    full = control("full", "r-1", ALL)
    manage(full, control("research", "ou-1-research", ALL, NO_WRITING))
    assert (permitted(member), permitted(member, "s3:getobject")) == (False, True)
    manage(full, control("research", "ou-1-elsewhere", ALL, NO_WRITING))
    assert permitted(member) is True
    manage(full, control("research", MEMBER, ALL, NO_WRITING))
    assert permitted(member) is False


def test_a_unit_that_is_not_told_leaves_unknown_what_units_are_bound_by(member: Source) -> None:
    untold = account(MEMBER, paths=False)
    manage(control("full", "r-1", ALL), member=untold)
    assert permitted(member) is True, "no policy stands at a unit"
    manage(control("full", "r-1", ALL), control("research", "ou-1-research", ALL, NO_WRITING), member=untold)
    assert permitted(member) is None


def test_policies_that_were_not_read_to_the_end_are_not_taken_for_all(member: Source) -> None:
    only_storage = control("storage", "r-1", {**ALL, "Action": "sqs:*"})
    manage(only_storage)
    assert permitted(member) is False
    manage(only_storage, state="denied")
    assert permitted(member) is None, "the policy that allows may be the one that is missing"


def test_a_changed_policy_marks_the_members_and_an_unchanged_one_nobody(member: Source) -> None:
    full = control("full", "r-1", ALL)
    manage(full)
    assert marked(member) == {"aws.account"}
    derive(source=member, touched=None)
    manage(full)
    assert marked(member) == set()
    manage(full, control("research", "ou-1-research", NO_WRITING))
    assert marked(member) == {"aws.account"}
    assert facts_of(member, "permits") != derive_and_read(member, "permits")
    manage(full)
    assert marked(member) == {"aws.account"}, "one that is gone is news too"


def test_a_member_that_loses_its_management_account_is_told(member: Source) -> None:
    source = manage(control("full", "r-1", ALL))
    derive(source=member, touched=None)
    delete_source(source=source)
    assert marked(member) == {"aws.account"}
    assert permitted(member) is None


def test_accounts_of_the_organization_are_no_outsiders(member: Source) -> None:
    assert facts_of(member, "assumable_from_outside", "aws.iam.role") == [OTHER, STRANGER]
    manage(control("full", "r-1", ALL))
    assert derive_and_read(member, "assumable_from_outside", "aws.iam.role") == [STRANGER]


def marked(source: Source) -> set[str]:
    return set(Asset.objects.filter(UNDERIVED, source=source).values_list("kind", flat=True))


def facts_of(source: Source, name: str, kind: str = "aws.account") -> Any:
    return Asset.objects.get(source=source, kind=kind).facts[name]


def derive_and_read(source: Source, name: str, kind: str = "aws.account") -> Any:
    derive(source=source, touched=set())
    return facts_of(source, name, kind)
