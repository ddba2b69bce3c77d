"""The demo's account, read through the ordinary collector with answers that are asked for once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import orjson

from demo.aws import SimulatedAws, estate
from integrations.aws import collector as module
from integrations.aws import model
from integrations.aws.budget import Unlimited
from integrations.aws.caller import Ask, Caller, Meter
from integrations.aws.collector import AwsCollector
from integrations.aws.errors import CallFailed
from integrations.aws.resources import RESOURCES
from integrations.aws.session import Clients, Tuning
from inventory.documents import Document, ScopeKey
from tests.faults.world import ScopeSeen, gather

REGIONS = ("us-east-1", "eu-central-1")
CALM = Tuning(connect_timeout=2, read_timeout=10, attempts=1, mode="standard", parallel=2)
HURRIED = Tuning(connect_timeout=2, read_timeout=0.1, attempts=1, mode="standard", parallel=8)
THREADS = 2
Call = tuple[str, str]


@dataclass
class Memory:
    """What the account answers. Calls in `failing` are always made."""

    answers: dict[bytes, list[Document] | CallFailed] = field(default_factory=dict)
    failing: frozenset[Call] = frozenset()
    lock: threading.Lock = field(default_factory=threading.Lock)

    def recall(self, ask: Ask, fresh: Callable[[], list[Document]]) -> list[Document]:
        key = orjson.dumps([ask.client, ask.operation, ask.region, ask.parameters], default=_unclocked)
        if key not in self.answers:
            try:
                found: list[Document] | CallFailed = fresh()
            except CallFailed as failure:
                found = failure
            with self.lock:
                self.answers[key] = found
        answer = self.answers[key]
        if isinstance(answer, CallFailed):
            raise CallFailed(answer.problem, answer.message, code=answer.code, permission=answer.permission)
        return answer


def _unclocked(_: object) -> str:
    """Times in requests are those of the window that jobs are asked for; it moves on, the answer does not."""
    return "then"


class RememberingCaller(Caller):
    """Asks each thing once; what fails is asked every time."""

    memory: Memory

    def one(self, ask: Ask, meter: Meter) -> Document:
        if (ask.client, ask.operation) in self.memory.failing:
            return super().one(ask, meter)
        return self.memory.recall(ask, lambda: [Caller.one(self, ask, meter)])[0]

    def pages(self, ask: Ask, meter: Meter, *, size: int = 0, token: tuple[str, str] = ("", "")) -> Iterator[Document]:
        fresh = super().pages(ask, meter, size=size, token=token)
        yield from (
            fresh
            if (ask.client, ask.operation) in self.memory.failing
            else self.memory.recall(ask, lambda: list(fresh))
        )


class RememberingCollector(AwsCollector):
    """The ordinary collector with a memory between itself and the account."""

    memory: Memory

    def caller(self, account: str = "") -> Caller:
        if self._clients is None:
            self._clients = Clients(self._access, self._tuning)
        caller = RememberingCaller(self._clients, Unlimited(), self._tuning, custom_endpoint=True)
        caller.memory = self.memory
        return caller


class Account:
    """The account of the demo's company with every declared call in use."""

    def __init__(self, aws: SimulatedAws) -> None:
        self.aws, self._memory = aws, Memory()
        estate.seed(aws)
        _collaborate(aws)
        _set(aws)
        self._collectors: dict[tuple[frozenset[str], bool], RememberingCollector] = {}

    def _collector(self, kinds: frozenset[str], hurried: bool) -> RememberingCollector:
        if (kinds, hurried) not in self._collectors:
            settings = {"regions": list(REGIONS), "endpoint_url": self.aws.url}
            secret = {"access_key_id": self.aws.key.access_key_id, "secret_access_key": self.aws.key.secret_access_key}
            table = [row for row in RESOURCES if not kinds or row.kind in kinds]
            made = RememberingCollector(settings, secret, tuning=HURRIED if hurried else CALM, table=table)
            made.memory = self._memory
            self._collectors[kinds, hurried] = made
        return self._collectors[kinds, hurried]

    def read(self) -> dict[ScopeKey, ScopeSeen]:
        return gather(self._collector(frozenset(), False))

    def asked(self, call: Call) -> bool:
        """Whether the call was made when everything was read."""
        client, operation = call
        return any(key.startswith(orjson.dumps([client, operation])[:-1] + b",") for key in self._memory.answers)

    def read_with(self, fault: str, call: Call, kinds: frozenset[str] = frozenset()) -> dict[ScopeKey, ScopeSeen]:
        """What the collector hands over (of these kinds, or all) while one call fails in one way."""
        client, operation = call
        injected = self.aws.faults.inject(fault, client, model.operation_name(client, operation), seconds=0.2)
        self._memory.failing = frozenset({call})
        try:
            return gather(self._collector(kinds, fault == "timeout"))
        finally:
            self._memory.failing = frozenset()
            self.aws.faults.remove(injected)


def _collaborate(aws: SimulatedAws) -> None:
    """Nobody in the company's estate leads other agents, and only of those that do is asked whom they lead."""
    bedrock = aws.client("bedrock-agent", REGIONS[1])
    leader, other = (row["agentId"] for row in bedrock.list_agents()["agentSummaries"][:2])
    alias = bedrock.list_agent_aliases(agentId=other)["agentAliasSummaries"][0]
    led = bedrock.get_agent(agentId=leader)["agent"] | {"agentCollaboration": "SUPERVISOR", "agentVersion": "DRAFT"}
    aws.put("bedrock.agent", led, region=REGIONS[1])
    arn = bedrock.get_agent_alias(agentId=other, agentAliasId=alias["agentAliasId"])["agentAlias"]["agentAliasArn"]
    times = {"createdAt": led["createdAt"], "lastUpdatedAt": led["createdAt"]}
    who = {"agentId": leader, "agentVersion": "DRAFT", "collaboratorId": "LED1", "collaboratorName": "other"}
    how = {"agentDescriptor": {"aliasArn": arn}, "collaborationInstruction": "Ask it about orders."}
    aws.put("bedrock.agent_collaborator", who | how | times, region=REGIONS[1])


def _set(aws: SimulatedAws) -> None:
    """What nobody in the company's estate has set: where nothing is, an answer cannot be cut off."""
    region = REGIONS[1]
    aws.put("bedrock.use_case", {"formData": b"{}"}, region=region)
    base = aws.client("bedrock-agent", region).list_knowledge_bases()["knowledgeBaseSummaries"][0]["knowledgeBaseId"]
    found = aws.client("bedrock-agent", region).get_knowledge_base(knowledgeBaseId=base)["knowledgeBase"]
    assistant = aws.client("qbusiness", region).list_applications()["applications"][0]["applicationId"]
    owner = {"AWS": f"arn:aws:iam::{aws.account_id}:root"}
    shared = {
        "bedrock": (found["knowledgeBaseArn"], "bedrock:Retrieve"),
        "qbusiness": (assistant, "qbusiness:ChatSync"),
    }
    for service, (resource, action) in shared.items():
        statement = {"Effect": "Allow", "Principal": owner, "Action": f"{service}:{action}", "Resource": "*"}
        policy = orjson.dumps({"Version": "2012-10-17", "Statement": [statement]}).decode()
        aws.overlay.twin.policies[(aws.account_id, region), service, resource] = policy


@contextmanager
def account() -> Iterator[Account]:
    usual, module.COORDINATORS = module.COORDINATORS, THREADS
    try:
        with SimulatedAws() as aws:
            yield Account(aws)
    finally:
        module.COORDINATORS = usual
