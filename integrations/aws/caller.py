"""Makes the calls: within the budget and the allowed parallelism, counted, every failure given its meaning."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError
from botocore.paginate import Paginator
from botocore.parsers import ResponseParserError

from integrations.aws import model
from integrations.aws.budget import Budget
from integrations.aws.errors import MALFORMED, CallFailed, NotOffered, Stopped, meaning
from integrations.aws.session import Clients, Tuning
from inventory.documents import Document, Problem

T = TypeVar("T")
# What botocore raises itself, and what its parsers raise on values of a wrong type.
RAISED = (BotoCoreError, ClientError, ResponseParserError, AttributeError, TypeError, ValueError, KeyError)
# How systems say that a name has no address; "try again later" is another number.
NO_ADDRESS = re.compile(r"Errno (-2|-5|8|11001)\b")
PAGE_SIZES = {
    "sagemaker": 100,
    "bedrock": 100,
    "bedrock-agent": 100,
    "bedrock-agentcore-control": 100,
    "bedrock-data-automation": 100,
    "iam": 1000,
    "kms": 100,
    "ecr": 1000,
    "lambda": 50,
    "eks": 100,
    "ecs": 100,
    "logs": 50,
    "cloudwatch": 100,
    "secretsmanager": 100,
    "guardduty": 50,
    "resourcegroupstaggingapi": 100,
    "s3": 1000,
    "ec2": 1000,
}


@dataclass(slots=True)
class Meter:
    """Requests sent for one scope, retries included."""

    calls: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, number: int = 1) -> None:
        with self._lock:
            self.calls += number


@dataclass(frozen=True, slots=True)
class Ask:
    """One operation with its parameters, in one region."""

    client: str
    operation: str
    region: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()

    @property
    def permission(self) -> str:
        return model.action(self.client, self.operation)


class Caller:
    """Thread-safe. `stopped` makes every later call raise Stopped."""

    def __init__(self, clients: Clients, budget: Budget, tuning: Tuning, *, custom_endpoint: bool) -> None:
        self._clients, self._budget = clients, budget
        self._custom_endpoint = custom_endpoint
        self._slots = threading.BoundedSemaphore(tuning.parallel)
        self.stopped = threading.Event()
        self._heard: set[str] = set()
        clients.before_retry = lambda service: budget.take(service, self.stopped)

    def one(self, ask: Ask, meter: Meter) -> Document:
        """The answer, as botocore gives it; malformed when nothing that it must hold is there."""
        client = self._clients.get(ask.client, ask.region)
        method = getattr(client, ask.operation)
        answer: Document = self._guarded(ask, meter, lambda: method(**ask.parameters))
        needed = ask.needs or tuple(model.output_shape(ask.client, ask.operation).required_members)
        if needed and not any(answer.get(name) is not None for name in needed):
            raise CallFailed(Problem.MALFORMED, f"{MALFORMED} It has no {needed[0]}.")
        return answer

    def pages(self, ask: Ask, meter: Meter, *, size: int = 0, token: tuple[str, str] = ("", "")) -> Iterator[Document]:
        """Page after page; a failure may come after some pages have been given."""
        client = self._clients.get(ask.client, ask.region)
        if token[0]:
            yield from self._by_token(ask, meter, token)
        elif client.can_paginate(ask.operation):
            yield from self._by_paginator(client.get_paginator(ask.operation), ask, meter, size)
        else:
            yield self.one(ask, meter)

    def _by_paginator(self, paginator: Paginator, ask: Ask, meter: Meter, size: int) -> Iterator[Document]:
        limit = size or PAGE_SIZES.get(ask.client, 0)
        config = {"PageSize": limit} if limit and paginator._limit_key else {}
        pages = iter(paginator.paginate(**ask.parameters, PaginationConfig=config))
        while True:
            page = self._guarded(ask, meter, lambda: next(pages, None))
            if page is None:
                return
            yield page

    def _by_token(self, ask: Ask, meter: Meter, token: tuple[str, str]) -> Iterator[Document]:
        send, receive = token
        seen: set[str] = set()
        parameters = dict(ask.parameters)
        while True:
            page = self.one(Ask(ask.client, ask.operation, ask.region, parameters, ask.needs), meter)
            yield page
            following = page.get(receive)
            if not following:
                return
            if following in seen:
                raise CallFailed(Problem.MALFORMED, "The service gave the same page token twice.")
            seen.add(following)
            parameters[send] = following

    def _guarded(self, ask: Ask, meter: Meter, call: Callable[[], T]) -> T:
        self._budget.take(ask.client, self.stopped)
        with self._slots:
            if self.stopped.is_set():
                raise Stopped
            try:
                answer = call()
            except RAISED as error:
                meter.add(1 + _retries(getattr(error, "response", None)))
                raise self._meaning(error, ask) from error
        if answer is not None:
            meter.add(1 + _retries(answer))
            self._heard.add(ask.region)
        return answer

    def _meaning(self, error: Exception, ask: Ask) -> Exception:
        if isinstance(error, EndpointConnectionError) and not self._custom_endpoint:
            known = model.regions_of(ask.client, model.partition_of(ask.region))
            if self._nowhere(error, ask) if not known else ask.region not in known:
                return NotOffered(f"{ask.client} is not offered in {ask.region}.")
        return meaning(error, ask.permission)

    def _nowhere(self, error: EndpointConnectionError, ask: Ask) -> bool:
        """Where nobody lists a service's regions: it has no address in one in which others were heard."""
        return ask.region in self._heard and bool(NO_ADDRESS.search(str(error.kwargs.get("error", ""))))


def _retries(answer: Any) -> int:
    metadata = answer.get("ResponseMetadata") if isinstance(answer, dict) else None
    return int(metadata.get("RetryAttempts") or 0) if isinstance(metadata, dict) else 0
