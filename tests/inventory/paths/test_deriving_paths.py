"""Paths are worked out again when something on the way changes, and only then."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from inventory.documents import LinkTo, Observed, ScopeKey
from inventory.facts.paths import aws
from inventory.facts.paths.aws import LOOKS_AT
from inventory.models import Asset, Source
from inventory.services import Recorder, derive
from tests.builders import make_source, moment, observed, outcome

pytestmark = pytest.mark.django_db
ACCOUNT = "111122223333"
FUNCTION, ROLE, SECRET = "aws.lambda.function", "aws.iam.role", "aws.secretsmanager.secret"
KEY = observed(SECRET, f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:openai")


def function(name: str, role: str, auth: str = "NONE") -> Observed:
    link = LinkTo("uses_role", ROLE, f"arn:aws:iam::{ACCOUNT}:role/{role}")
    ref = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{name}"
    config = {"UrlConfig": {"AuthType": auth}, "Environment": {"Variables": {"OPENAI_API_KEY": "hidden"}}}
    return observed(FUNCTION, ref, name=name, config=config, links=(link,))


def role(name: str, action: str, **more: Any) -> Observed:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    policy = {"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    ref = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    return observed(ROLE, ref, name=name, config={"RolePolicyList": [policy], **more})


def collect(source: Source, *assets: Observed, day: int = 0) -> set[UUID]:
    recorder = Recorder(source=source, at=moment(day))
    for kind in LOOKS_AT:
        recorder.page(ScopeKey("-", kind), [one for one in assets if one.kind == kind])
        recorder.close(outcome(kind))
    return derive(source=source, touched=recorder.finish().touched)


READS, NOTHING = "secretsmanager:GetSecretValue", "sqs:SendMessage"
FIRST = (KEY, function("shop", "worker"), function("blog", "writer"), role("worker", READS), role("writer", NOTHING))


@pytest.fixture
def source() -> Source:
    made = make_source(external_id=ACCOUNT)
    collect(made, *FIRST)
    return made


def paths() -> dict[str, bool]:
    return {one.name: bool(one.facts["path_to_keys"]) for one in Asset.objects.filter(kind=FUNCTION)}


def test_a_change_of_a_role_opens_and_closes_the_paths_over_it(source: Source) -> None:
    assert paths() == {"shop": True, "blog": False}
    collect(source, *FIRST[:3], role("worker", NOTHING), role("writer", READS), day=1)
    assert paths() == {"shop": False, "blog": True}
    collect(source, KEY, function("shop", "worker"), function("blog", "writer", "AWS_IAM"), *FIRST[3:], day=2)
    assert paths() == {"shop": True, "blog": False}


def test_another_description_of_a_role_works_no_path_out_again(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    path_to = aws._path_to

    def counted(node: Any, *rest: Any) -> Any:
        asked.append(node.kind)
        return path_to(node, *rest)

    monkeypatch.setattr(aws, "_path_to", counted)
    collect(source, *FIRST[:4], role("writer", NOTHING, Description="Writes"), day=1)
    assert set(asked) <= {ROLE}
    collect(source, *FIRST[:4], role("writer", READS), day=2)
    assert FUNCTION in asked


def test_paths_worked_out_piece_by_piece_are_those_that_deriving_all_gives(source: Source) -> None:
    for day, seen in enumerate(
        [
            (*FIRST[:3], role("worker", READS), role("writer", READS)),
            (*FIRST[1:3], role("worker", READS), role("writer", "*")),
            (KEY, FIRST[1], role("worker", "*")),
            (KEY, function("shop", "worker", "AWS_IAM"), function("blog", "worker"), role("worker", READS)),
            FIRST,
        ],
        start=1,
    ):
        collect(source, *seen, day=day)
        assert derive(source=source, touched=None) == set()
