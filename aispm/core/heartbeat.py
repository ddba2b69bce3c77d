"""Workers and the tick say that they live: a key in Redis that each renews, and that fades when it no longer does."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from redis import Redis

PREFIX, TICK = "aispm:worker:", "aispm:tick"
EVERY_S = 5.0
FADES_S = 20
TICK_FADES_S = 60


@lru_cache(maxsize=1)
def broker() -> Redis:
    """A client of the broker that gives up quickly."""
    return Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)


def beat(hostname: str) -> None:
    broker().set(f"{PREFIX}{hostname}", b"1", ex=FADES_S)
    if settings.AISPM_HEARTBEAT_PATH:
        Path(settings.AISPM_HEARTBEAT_PATH).touch()


def keep_beating(consumer: Any) -> None:
    """`consumer`: Celery's; its timer runs as long as the worker is responsive."""
    beat(consumer.hostname)
    consumer.timer.call_repeatedly(EVERY_S, beat, (consumer.hostname,))


def living_workers() -> list[str]:
    names = [bytes(key).decode() for key in broker().scan_iter(match=f"{PREFIX}*", count=200)]
    return sorted(name.removeprefix(PREFIX) for name in names)


def beat_tick() -> None:
    """At every turn of the tick."""
    broker().set(TICK, b"1", ex=TICK_FADES_S)


def tick_lives() -> bool:
    return bool(broker().exists(TICK))
