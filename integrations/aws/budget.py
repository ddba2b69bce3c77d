"""How fast calls may follow each other: a token bucket per account and service, shared by every worker.

AWS throttles an account, not a process. The bucket lives in Redis; without Redis each process keeps its own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

log = structlog.get_logger(__name__)

RATES = {
    "iam": 10.0,
    "sts": 10.0,
    "logs": 10.0,
    "cloudtrail": 10.0,
    "bedrock": 15.0,
    "bedrock-agent": 15.0,
    "bedrock-agentcore-control": 5.0,
    "bedrock-data-automation": 5.0,
    "s3": 100.0,
}
OTHERS = 25.0
BURST_SECONDS = 4.0
LONGEST_WAIT = 1.0
# A budget is worth no waiting for Redis: without it each process goes at its own pace.
NO_RETRY = Retry(NoBackoff(), 0)

# One round trip: refill by the server's clock, take one token or say how long until there is one.
TAKE = """
local rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local now = redis.call('TIME')
local seconds = tonumber(now[1]) + tonumber(now[2]) / 1000000
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = math.min(burst, (tonumber(kept[1]) or burst) + (seconds - (tonumber(kept[2]) or seconds)) * rate)
local wait = 0
if tokens >= 1 then tokens = tokens - 1 else wait = (1 - tokens) / rate end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', tostring(seconds))
redis.call('EXPIRE', KEYS[1], 60)
return tostring(wait)
"""


class Budget(Protocol):
    """Asked before each call; blocks until the call may be made or `stopped` is set."""

    def take(self, service: str, stopped: threading.Event) -> None: ...


class Unlimited:
    """For an endpoint that is not AWS: nobody else draws on its quota."""

    def take(self, service: str, stopped: threading.Event) -> None:
        return None


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class LocalBudget:
    """A token bucket for each service in this process."""

    def __init__(self, rates: dict[str, float] | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._rates, self._clock = RATES if rates is None else rates, clock
        self._buckets: dict[str, _Bucket] = {}
        self._lock = threading.Lock()

    def take(self, service: str, stopped: threading.Event) -> None:
        while (wait := self.wait(service)) > 0:
            if stopped.wait(min(wait, LONGEST_WAIT)):
                return

    def wait(self, service: str) -> float:
        """Seconds until a token is there; 0 when one was taken."""
        rate = self._rates.get(service, OTHERS)
        with self._lock:
            now = self._clock()
            bucket = self._buckets.setdefault(service, _Bucket(rate * BURST_SECONDS, now))
            bucket.tokens = min(rate * BURST_SECONDS, bucket.tokens + (now - bucket.at) * rate)
            bucket.at = now
            if bucket.tokens >= 1:
                bucket.tokens -= 1
                return 0.0
            return (1 - bucket.tokens) / rate


class SharedBudget:
    """The same bucket for every process that reads one account; falls back to a local one when Redis is away."""

    def __init__(self, client: Any, account: str, rates: dict[str, float] | None = None) -> None:
        self._account, self._rates = account, RATES if rates is None else rates
        self._script = client.register_script(TAKE)
        self._local = LocalBudget(self._rates)
        self._away = False

    def take(self, service: str, stopped: threading.Event) -> None:
        while (wait := self._wait(service)) > 0:
            if stopped.wait(min(wait, LONGEST_WAIT)):
                return

    def _wait(self, service: str) -> float:
        rate = self._rates.get(service, OTHERS)
        if self._away:
            return self._local.wait(service)
        try:
            key = f"aispm:aws:budget:{self._account}:{service}"
            return float(self._script(keys=[key], args=[rate, rate * BURST_SECONDS]))
        except RedisError as error:
            self._away = True
            log.warning("rate_budget_local", account=self._account, error=str(error))
            return self._local.wait(service)
