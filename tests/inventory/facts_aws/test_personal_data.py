"""Jobs that learn from buckets in which Macie found personal data."""

from __future__ import annotations

import pytest

from inventory.documents import LinkTo, Unknown
from inventory.facts.aws_origins import sensitive_data
from inventory.facts.estate import Edge, Estate, Node

LETTERS = "arn:aws:s3:::letters"


@pytest.mark.parametrize("kind", ["aws.sagemaker.training_job", "aws.bedrock.customization_job"])
@pytest.mark.parametrize(("score", "told"), [(90, ["letters"]), (10, []), (None, None)])
def test_a_job_learns_from_personal_data_that_macie_found(kind: str, score: int | None, told: list[str] | None) -> None:
    job = Node(kind=kind, external_id="job", name="job", place="here")
    told_of = {"sensitivityScore": score, "bucketName": "letters"}
    rated = Node(kind="aws.macie.bucket", external_id=LETTERS, name="letters", place="here", config=told_of)
    reads = Edge(job.identity, LinkTo("reads_data", "aws.s3.bucket", LETTERS))
    found = sensitive_data(job, Estate([job, rated], [reads]))
    assert isinstance(found, Unknown) if told is None else found == told


def test_a_bucket_that_macie_does_not_list_is_not_known_to_be_harmless() -> None:
    job = Node(kind="aws.sagemaker.training_job", external_id="job", name="job", place="here")
    reads = Edge(job.identity, LinkTo("reads_data", "aws.s3.bucket", LETTERS))
    assert isinstance(sensitive_data(job, Estate([job], [reads])), Unknown)
    assert sensitive_data(job, Estate([job])) == []
