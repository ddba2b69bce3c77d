"""Is this process alive, and can the whole of it serve? For load balancers, orchestrators and `aispm up`."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import RedisError

from aispm.core import heartbeat

MIGRATIONS_GOOD_S = 300.0
SHOWN = 100
NOT_KNOWN = "Not known while the broker does not answer."


@dataclass(frozen=True, slots=True)
class Check:
    """One part of the system; `problem` says what is wrong with it and what to do."""

    name: str
    problem: str = ""


@dataclass(slots=True)
class _Looked:
    good_until: float = 0.0


_looked = _Looked()


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "PostgreSQL does not answer. Start it, or correct DATABASE_URL."
    return ""


def _migrations() -> str:
    """Looked up rarely while all is well: it reads every migration file."""
    if time.monotonic() < _looked.good_until:
        return ""
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "Not known while PostgreSQL does not answer."
    if waiting:
        return f"{len(waiting)} database migrations are not applied. Run: aispm migrate"
    _looked.good_until = time.monotonic() + MIGRATIONS_GOOD_S
    return ""


def _broker() -> str:
    try:
        heartbeat.broker().ping()
    except RedisError:
        return "Redis or Valkey does not answer. Start it, or correct REDIS_URL."
    return ""


def _worker() -> str:
    try:
        return "" if heartbeat.living_workers() else "No worker is running. Start one: aispm worker"
    except RedisError:
        return NOT_KNOWN


def _tick() -> str:
    try:
        return "" if heartbeat.tick_lives() else "Nothing asks what is due: start `aispm tick`."
    except RedisError:
        return NOT_KNOWN


PARTS: dict[str, Callable[[], str]] = {
    "database": _database,
    "migrations": _migrations,
    "broker": _broker,
    "worker": _worker,
    "tick": _tick,
}


def checks(only: Collection[str] = ()) -> list[Check]:
    """All parts, or `only` the named ones."""
    return [Check(name, look()) for name, look in PARTS.items() if not only or name in only]


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """This process answers. It asks nobody else, so a database that is down restarts nothing."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Everything works; 503 names what does not. `?only=database,migrations` asks these alone; 400 for others."""
    asked = [name.strip() for name in request.GET.get("only", "").split(",") if name.strip()]
    strange = [name for name in asked if name not in PARTS]
    if strange:
        problem = f"There is no part {', '.join(strange)[:SHOWN]}: use some of {', '.join(PARTS)}."
        return JsonResponse({"status": "not asked", "problem": problem}, status=400)
    found = checks(asked)
    broken = [check.name for check in found if check.problem]
    body = {
        "status": "unavailable" if broken else "ok",
        "broken": broken,
        "checks": [{"name": check.name, "ok": not check.problem, "problem": check.problem} for check in found],
    }
    return JsonResponse(body, status=503 if broken else 200)
