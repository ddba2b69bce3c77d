"""What waits for what: scopes for scopes, and threads for clients."""

from __future__ import annotations

import threading
from typing import Any

from integrations.aws.resources import RESOURCES
from integrations.aws.schedule import jobs_of
from integrations.aws.session import Access, Clients, Tuning
from inventory.documents import ScopeKey

REGIONS = ("eu-central-1", "us-east-1")


def waits_for(kind: str, region: str) -> set[ScopeKey]:
    jobs = jobs_of({one.kind: one for one in RESOURCES}, REGIONS)
    return set(next(job.after for job in jobs if ScopeKey(region, kind) in job.keys))


def test_buckets_wait_for_all_that_may_name_one_and_for_nothing_else() -> None:
    waiting = waits_for("aws.s3.bucket", "-")
    for region in REGIONS:
        assert ScopeKey(region, "aws.sagemaker.training_job") in waiting
        assert ScopeKey(region, "aws.ec2.security_group") not in waiting
        assert ScopeKey(region, "aws.bedrock.foundation_model") not in waiting


def test_foundation_models_wait_for_links_that_lead_to_either_sort_of_model() -> None:
    waiting = waits_for("aws.bedrock.foundation_model", "us-east-1")
    assert ScopeKey("us-east-1", "aws.bedrock.agent") in waiting
    assert ScopeKey("eu-central-1", "aws.bedrock.agent") not in waiting


def test_nobody_waits_for_a_client_that_is_there_while_another_is_made(monkeypatch: Any) -> None:
    access = Access.parse({"regions": list(REGIONS)}, {"access_key_id": "key", "secret_access_key": "secret"})
    clients = Clients(access, Tuning())
    there = clients.get("sts", "us-east-1")
    making, answered = threading.Event(), threading.Event()

    def slowly(*_asked: Any) -> Any:
        making.set()
        assert answered.wait(10)
        return object()

    monkeypatch.setattr(clients, "_make", slowly)
    maker = threading.Thread(target=clients.get, args=("iam", "us-east-1"))
    maker.start()
    assert making.wait(10)
    assert clients.get("sts", "us-east-1") is there
    answered.set()
    maker.join()
    clients._made.pop(("iam", "us-east-1"))
    clients.close()
