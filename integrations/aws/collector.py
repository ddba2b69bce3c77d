"""The AWS collector: who the account is, which scopes there are, and reading them all at once."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import structlog

from aispm.core.errors import PermanentError
from aispm.core.outbound import check_url
from integrations.aws import model
from integrations.aws.budget import NO_RETRY, Budget, LocalBudget, SharedBudget, Unlimited
from integrations.aws.caller import Ask, Caller, Meter
from integrations.aws.doctor import examined, no_region
from integrations.aws.errors import CallFailed, Stopped
from integrations.aws.estimate import Estimate, estimate
from integrations.aws.explaining import explained
from integrations.aws.opening import REGION
from integrations.aws.reading import Reading
from integrations.aws.resources import RESOURCES
from integrations.aws.schedule import Job, Waiting, jobs_of, keys_of
from integrations.aws.session import Access, Clients, Tuning
from integrations.aws.table import Resource
from integrations.base import Check, Identity, Page
from inventory.documents import Problem, ScopeKey, ScopeOutcome, ScopeState

log = structlog.get_logger(__name__)

COORDINATORS = 24
LOOK = 0.2
UNKNOWN_REGION = "%s is not a region that this version knows: correct the regions of the connection, or update AISPM."


class AwsCollector:
    """Reads one AWS account, read-only. See integrations.base.Collector for the contract."""

    def __init__(
        self,
        settings: Mapping[str, Any],
        secret: Mapping[str, Any] | None = None,
        *,
        tuning: Tuning | None = None,
        budget: Budget | None = None,
        table: Sequence[Resource] = RESOURCES,
    ) -> None:
        self._access = Access.parse(settings, secret, default_endpoint())
        self._tuning = tuning or Tuning()
        self._budget = budget
        self._table = {one.kind: one for one in table}
        self._clients: Clients | None = None
        self._account: tuple[str, str] | None = None
        self._regions = self._access.regions

    def identify(self) -> Identity:
        """Which account the credentials belong to, by sts:GetCallerIdentity."""
        if self._access.regions and not self.regions():
            raise PermanentError(" ".join(outcome.message for outcome in self._unknown_regions()))
        account, _ = self._who()
        return Identity(external_id=account, name=f"AWS {account}")

    def regions(self) -> tuple[str, ...]:
        """The chosen regions, or all that the account has enabled, as far as they are known here."""
        return tuple(region for region in self._asked() if region in model.partitions_by_region())

    def scopes(self) -> Sequence[ScopeKey]:
        return [*keys_of(self._table, self.regions()), *(outcome.key for outcome in self._unknown_regions())]

    def collect(self, cancelled: Callable[[], bool]) -> Iterator[Page | ScopeOutcome]:
        yield from self._unknown_regions()
        yield from self._events(cancelled)

    def doctor(self) -> Sequence[Check]:
        checks = examined(self.identify(), self._events(lambda: False, first_only=True))
        return [*checks, *map(no_region, self._unknown_regions())]

    def _events(self, cancelled: Callable[[], bool], *, first_only: bool = False) -> Iterator[Page | ScopeOutcome]:
        account, partition = self._who()
        collection = Collection(self, account, partition, first_only=first_only)
        try:
            yield from collection.events(cancelled)
        finally:
            collection.abandon()

    def estimate(self) -> Estimate:
        """How many calls a collection makes at most; needs no call when the regions are chosen."""
        return estimate(self._table, self.regions())

    # -- used by Collection ----------------------------------------------------------------------

    @property
    def table(self) -> Mapping[str, Resource]:
        return self._table

    @property
    def tuning(self) -> Tuning:
        return self._tuning

    @property
    def home(self) -> str:
        return self._access.home

    def caller(self, account: str = "") -> Caller:
        if self._clients is None:
            self._clients = Clients(self._access, self._tuning)
        custom = bool(self._access.endpoint_url)
        return Caller(self._clients, self._budget or budget_for(account, custom), self._tuning, custom_endpoint=custom)

    def _who(self) -> tuple[str, str]:
        """(account, partition), asked once."""
        if self._account is None:
            if self._access.given_endpoint:
                check_url(self._access.given_endpoint, allow_private=True, where="endpoint_url")
            answer = self.ask_or_explain(Ask("sts", "get_caller_identity", self.home, needs=("Account",)))
            arn = str(answer.get("Arn") or "arn:aws")
            self._account = (str(answer["Account"]), arn.split(":")[1])
        return self._account

    def _asked(self) -> tuple[str, ...]:
        if not self._regions:
            self._regions = self._enabled_regions()
        return self._regions

    def _unknown_regions(self) -> Sequence[ScopeOutcome]:
        """One problem a region that botocore does not know: nothing of it can be read, nothing is called."""
        known = model.partitions_by_region()
        return [
            ScopeOutcome(ScopeKey(region, REGION), ScopeState.INCOMPLETE, Problem.OTHER, UNKNOWN_REGION % region)
            for region in self._asked()
            if region not in known
        ]

    def _enabled_regions(self) -> tuple[str, ...]:
        answer = self.ask_or_explain(Ask("ec2", "describe_regions", self.home, needs=("Regions",)))
        return tuple(sorted({str(region.get("RegionName")) for region in answer["Regions"]}))

    def ask_or_explain(self, ask: Ask) -> Mapping[str, Any]:
        """One call that everything depends on: what is in the way is raised in words."""
        try:
            return self.caller().one(ask, Meter())
        except CallFailed as failure:
            raise explained(failure, ask, self._access) from failure


class Collection:
    """One reading of everything: jobs run in threads and put what they find into a bounded queue."""

    def __init__(self, collector: AwsCollector, account: str, partition: str, *, first_only: bool = False) -> None:
        tuning = collector.tuning
        self._tuning = tuning
        self._events: queue.Queue[Page | ScopeOutcome | Future[None]] = queue.Queue(tuning.queue_pages)
        self._open = set(keys_of(collector.table, collector.regions()))
        self._waiting = Waiting(jobs_of(collector.table, collector.regions()))
        self._running: dict[Future[None], Job] = {}
        self._abandoned = threading.Event()
        self._jobs = ThreadPoolExecutor(COORDINATORS, thread_name_prefix="aws-scope")
        self._rows = ThreadPoolExecutor(tuning.parallel, thread_name_prefix="aws-row")
        self._caller = collector.caller(account)
        self._reading = Reading(
            account=account,
            partition=partition,
            home=collector.home,
            regions=tuple(collector.regions()),
            table=collector.table,
            caller=self._caller,
            rows=self._rows,
            emit=self._put,
            first_only=first_only,
        )

    def events(self, cancelled: Callable[[], bool]) -> Iterator[Page | ScopeOutcome]:
        """Pages and outcomes until every scope is closed; after a cancel, what ends within a few seconds."""
        self._start(self._waiting.ready())
        deadline: float | None = None
        while self._open:
            if deadline is None and cancelled():
                self._caller.stopped.set()
                deadline = time.monotonic() + self._tuning.stop_within
            if deadline is not None and time.monotonic() > deadline:
                break
            event = self._next()
            if isinstance(event, Future):
                yield from self._ended(event)
            elif isinstance(event, ScopeOutcome):
                yield from self._closing(event)
            elif event is not None:
                yield event
        yield from self._cancelled()

    def abandon(self) -> None:
        """Stops all threads at their next call; does not wait for calls that hang."""
        self._abandoned.set()
        self._caller.stopped.set()
        self._jobs.shutdown(wait=False, cancel_futures=True)
        self._rows.shutdown(wait=False, cancel_futures=True)

    def _next(self) -> Page | ScopeOutcome | Future[None] | None:
        try:
            return self._events.get(timeout=LOOK)
        except queue.Empty:
            return None

    def _put(self, event: Page | ScopeOutcome | Future[None]) -> None:
        """Waits while the consumer is behind, so that memory stays bounded."""
        while not self._abandoned.is_set():
            try:
                self._events.put(event, timeout=LOOK)
            except queue.Full:
                continue
            return
        raise Stopped

    def _start(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            future = self._jobs.submit(job.run, self._reading)
            self._running[future] = job
            future.add_done_callback(self._done)

    def _done(self, future: Future[None]) -> None:
        if not self._abandoned.is_set() and not future.cancelled() and future.exception() is not None:
            self._put(future)

    def _closing(self, outcome: ScopeOutcome) -> Iterator[ScopeOutcome]:
        if outcome.key in self._open:
            self._open.discard(outcome.key)
            yield outcome
            self._start(self._waiting.ready([outcome.key]))

    def _ended(self, future: Future[None]) -> Iterator[ScopeOutcome]:
        """A job that broke (a defect of ours): its scopes are incomplete, the others go on."""
        error = future.exception()
        log.error("aws_scope_failed", scopes=[str(key) for key in self._running[future].keys], exc_info=error)
        for key in self._running[future].keys:
            message = f"Reading stopped at an unexpected error ({type(error).__name__}); see the log."
            yield from self._closing(ScopeOutcome(key, ScopeState.INCOMPLETE, Problem.OTHER, message))

    def _cancelled(self) -> Iterator[ScopeOutcome]:
        for key in sorted(self._open, key=lambda key: (key.region, key.collector)):
            yield ScopeOutcome(key, ScopeState.INCOMPLETE, Problem.CANCELLED, "The collection was cancelled.")
        self._open.clear()


def default_endpoint() -> str:
    from django.conf import settings

    return str(getattr(settings, "AWS_ENDPOINT_URL", "") or "")


def budget_for(account: str, custom_endpoint: bool) -> Budget:
    """AWS quotas are shared by all workers; a custom endpoint has none that we know of."""
    if custom_endpoint:
        return Unlimited()
    from django.conf import settings
    from redis import Redis

    url = str(getattr(settings, "REDIS_URL", "") or "")
    return (
        SharedBudget(Redis.from_url(url, socket_timeout=2, retry=NO_RETRY), account)
        if url and account
        else LocalBudget()
    )
