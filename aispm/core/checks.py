"""Warnings about set-ups that run but are dangerous. `aispm check --deploy` shows them all; each says what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

LOCAL = frozenset({"localhost", "127.0.0.1", "::1", "[::1]", ""})
SHORT_TOKEN = 24
CHECKS: list[Callable[[], Iterator[CheckMessage]]] = []


def _check(look: Callable[[], Iterator[CheckMessage]]) -> Callable[[], Iterator[CheckMessage]]:
    def run(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
        return list(look())

    register(run, Tags.security, deploy=True)
    CHECKS.append(look)
    return look


def _outside_hosts() -> list[str]:
    return [host for host in settings.ALLOWED_HOSTS if host not in LOCAL]


@_check
def debug_is_off() -> Iterator[CheckMessage]:
    if settings.DEBUG:
        yield Error(
            "AISPM_DEBUG is on: an error page shows settings and values to whoever causes the error.",
            hint="Unset AISPM_DEBUG.",
            id="aispm.E001",
        )


@_check
def hosts_are_named() -> Iterator[CheckMessage]:
    if "*" in settings.ALLOWED_HOSTS:
        yield Warning(
            "AISPM_ALLOWED_HOSTS is *: links in mails and redirects follow whatever host a request names.",
            hint="List the names under which AISPM is reached.",
            id="aispm.W001",
        )


@_check
def people_come_over_tls() -> Iterator[CheckMessage]:
    if _outside_hosts() and not settings.BEHIND_TLS:
        yield Warning(
            "AISPM is reached from outside without TLS: passwords and sessions can be read on the way.",
            hint="Put a TLS proxy in front of it and set AISPM_BEHIND_TLS=on.",
            id="aispm.W002",
        )


@_check
def database_is_protected() -> Iterator[CheckMessage]:
    parts = urlsplit(settings.DATABASE_URL)
    if not parts.hostname:
        return  # a unix socket: the file system protects it
    if not parts.password:
        yield Warning(
            "DATABASE_URL has no password: whoever reaches the database server can read everything.",
            hint="Give the database user a password, or reach the server by a unix socket.",
            id="aispm.W003",
        )
    mode = parse_qs(parts.query).get("sslmode", [""])[0]
    if "." in parts.hostname and parts.hostname not in LOCAL and mode not in {"require", "verify-ca", "verify-full"}:
        yield Warning(
            f"The way to the database on {parts.hostname} is not encrypted for certain.",
            hint="Add ?sslmode=verify-full (or require) to DATABASE_URL.",
            id="aispm.W004",
        )


@_check
def broker_is_protected() -> Iterator[CheckMessage]:
    parts = urlsplit(settings.REDIS_URL)
    if parts.scheme != "unix" and parts.hostname not in LOCAL and not parts.password:
        yield Warning(
            "REDIS_URL has no password: whoever reaches the broker can make the workers run tasks.",
            hint="Set a password on the server (requirepass) and put it into REDIS_URL.",
            id="aispm.W005",
        )


@_check
def secrets_are_apart() -> Iterator[CheckMessage]:
    if settings.SECRET_KEY in settings.AISPM_ENCRYPTION_KEYS:
        yield Warning(
            "AISPM_SECRET_KEY is also an encryption key: who learns one reads the stored credentials.",
            hint="Generate them apart; deploy/new-env does.",
            id="aispm.W006",
        )


@_check
def metrics_token_is_long() -> Iterator[CheckMessage]:
    if settings.AISPM_METRICS_TOKEN and len(settings.AISPM_METRICS_TOKEN) < SHORT_TOKEN:
        yield Warning(
            "AISPM_METRICS_TOKEN is short enough to be guessed.",
            hint=f"Use {SHORT_TOKEN} random characters or more.",
            id="aispm.W007",
        )


@_check
def aws_is_reached_over_tls() -> Iterator[CheckMessage]:
    parts = urlsplit(settings.AWS_ENDPOINT_URL)
    if parts.scheme == "http" and parts.hostname not in LOCAL:
        yield Warning(
            "AWS_ENDPOINT_URL is plain http to another machine: what is collected can be read and changed on the way.",
            hint="Use https, or unset it to reach AWS itself.",
            id="aispm.W008",
        )
