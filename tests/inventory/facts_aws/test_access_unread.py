"""What is said of who can do what while a part that decides it was not read."""

from __future__ import annotations

import pytest

from inventory.documents import LinkTo, Unknown
from inventory.facts import Edge, Node, aws_relations
from inventory.facts.aws_access import who_can
from tests.inventory.facts_aws.test_access import ACCOUNT, KEY, allow, bucket, estate, fact_of, person


def test_an_encrypted_bucket_whose_key_nobody_looked_for_leaves_its_readers_open() -> None:
    data = bucket()
    edges = (Edge(data.identity, LinkTo("encrypted_by", "aws.kms.key", KEY)),)
    found = estate(data, person("reader", allow("s3:*")), edges=edges, unread=("aws.kms.key",))
    assert fact_of("may_read", data, found) == Unknown(f"Nobody looked where {KEY} would be.")
    assert fact_of("may_write", data, found) == ["role/reader"]
    assert isinstance(who_can(data, found), Unknown)


def test_a_bucket_that_was_not_listed_leaves_the_writers_of_training_data_open() -> None:
    job = Node(
        kind="aws.sagemaker.training_job",
        external_id=f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:training-job/j",
        config={"InputDataConfig": [{"DataSource": {"S3DataSource": {"S3Uri": "s3://data/raw"}}}]},
    )
    found = estate(job, person("loader", allow("s3:*")), unread=("aws.s3.bucket",))
    assert fact_of("may_write_data", job, found) == Unknown("The policy of the bucket data was not read.")
    assert who_can(job, found) == Unknown("The policy of the bucket data was not read.")


def test_a_role_is_shared_by_what_was_seen_and_unshared_only_when_all_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(aws_relations, "unseen_origins", lambda *_, **__: Unknown("Models were not read."))
    role = person("shared")
    agents = [Node(kind="aws.bedrock.agent", external_id=f"agent/{name}", name=name) for name in ("one", "two")]
    edges = tuple(Edge(agent.identity, LinkTo("uses_role", role.kind, role.external_id)) for agent in agents)
    both = estate(role, *agents, edges=edges)
    assert (fact_of("shared_by", role, both), fact_of("runs_agents", role, both)) == ("mixed", True)
    one = estate(role, agents[0], edges=edges[:1])
    assert fact_of("runs_agents", role, one) is True
    assert fact_of("shared_by", role, one) == Unknown("Models were not read.")
    assert fact_of("runs_agents", role, estate(role)) == Unknown("Models were not read.")
