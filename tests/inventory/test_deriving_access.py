"""Access is worked out again when permissions change, and only then."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from inventory.documents import LinkTo, Observed, ScopeKey
from inventory.facts import aws_access
from inventory.models import Asset, Source
from inventory.services import Recorder, derive
from tests.builders import make_source, moment, observed, outcome

pytestmark = pytest.mark.django_db
ACCOUNT = "111122223333"
BUCKET, ROLE, JOB = "aws.s3.bucket", "aws.iam.role", "aws.sagemaker.training_job"
ARN = "arn:aws:s3:::data"


def role(name: str, action: str, **more: Any) -> Observed:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    policy = {"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    return observed(ROLE, f"arn:aws:iam::{ACCOUNT}:role/{name}", config={"RolePolicyList": [policy], **more})


def job(name: str) -> Observed:
    data = (LinkTo("reads_data", BUCKET, ARN), LinkTo("writes_data", BUCKET, ARN))
    links = (*data, LinkTo("uses_role", ROLE, f"arn:aws:iam::{ACCOUNT}:role/loader"))
    config = {"InputDataConfig": [{"DataSource": {"S3DataSource": {"S3Uri": "s3://data/train/"}}}]}
    return observed(JOB, f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:training-job/{name}", config=config, links=links)


def collect(source: Source, *assets: Observed, day: int = 0) -> set[UUID]:
    recorder = Recorder(source=source, at=moment(day))
    for kind in (BUCKET, ROLE, JOB, "aws.iam.user", "aws.iam.policy"):
        recorder.page(ScopeKey("-", kind), [one for one in assets if one.kind == kind])
        recorder.close(outcome(kind))
    return derive(source=source, touched=recorder.finish().touched)


@pytest.fixture
def source() -> Source:
    made = make_source(external_id=ACCOUNT)
    collect(made, observed(BUCKET, ARN), role("loader", "s3:PutObject"), role("other", "sqs:*"), job("one"))
    return made


def writers() -> list[str]:
    return list(Asset.objects.get(kind=BUCKET).facts["who_can"]["answers"]["write"]["names"])


def test_a_new_permission_of_a_role_reaches_the_buckets_answer(source: Source) -> None:
    assert writers() == ["role/loader"]
    collect(source, observed(BUCKET, ARN), role("loader", "s3:PutObject"), role("other", "s3:*"), job("one"), day=1)
    assert writers() == ["role/loader", "role/other"]
    collect(source, observed(BUCKET, ARN), role("other", "s3:*"), job("one"), day=2)
    assert writers() == ["role/other"]


def test_another_description_of_a_role_asks_nobody_again(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    holders = aws_access._holders
    monkeypatch.setattr(aws_access, "_holders", lambda node, *rest: asked.append(node.kind) or holders(node, *rest))
    described = role("other", "sqs:*", Description="Reads queues")
    collect(source, observed(BUCKET, ARN), role("loader", "s3:PutObject"), described, job("one"), day=1)
    assert set(asked) <= {ROLE}


def test_a_new_job_of_the_pipeline_makes_its_role_expected(source: Source) -> None:
    wide = role("other", "s3:*")
    collect(source, observed(BUCKET, ARN), role("loader", "s3:PutObject"), wide, day=1)
    assert Asset.objects.get(kind=BUCKET).facts["may_write"] in ([], ["role/loader", "role/other"])
    collect(source, observed(BUCKET, ARN), role("loader", "s3:PutObject"), wide, job("two"), day=2)
    assert Asset.objects.get(kind=BUCKET).facts["may_write"] == ["role/other"]


def test_what_was_derived_piece_by_piece_is_what_deriving_all_gives(source: Source) -> None:
    wide = role("other", "s3:*")
    for day, seen in enumerate(
        [
            (observed(BUCKET, ARN), role("loader", "s3:PutObject"), wide, job("one"), job("two")),
            (observed(BUCKET, ARN), wide, job("two")),
            (observed(BUCKET, ARN, config={"Policy": {"Statement": []}}), wide, role("loader", "s3:*"), job("one")),
            (wide, job("one")),
        ],
        start=1,
    ):
        collect(source, *seen, day=day)
        assert derive(source=source, touched=None) == set()
