"""Dangerous set-ups are named, safe ones are silent."""

import os
import subprocess
import sys
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django.fixtures import Settings

from aispm.core import checks
from aispm.settings import env
from tests.runtime.stack import ROOT

CLEAN = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}  # browser tests
GOOD_KEY = "dGVzdHMtb25seS1rZXktb2YtMzItYnl0ZXMtbG9uZyE="
SAFE = {
    "DEBUG": False,
    "BEHIND_TLS": True,
    "ALLOWED_HOSTS": ["aispm.example.org"],
    "DATABASE_URL": "postgresql://aispm:secret@db.example.org/aispm?sslmode=verify-full",
    "REDIS_URL": "rediss://:secret@broker.example.org/0",
    "AISPM_METRICS_TOKEN": "m" * 40,
    "AWS_ENDPOINT_URL": "",
}


def found(settings: Settings, **changed: Any) -> list[str | None]:
    for name, value in {**SAFE, **changed}.items():
        setattr(settings, name, value)
    return [message.id for look in checks.CHECKS for message in look()]


def test_a_safe_set_up_is_silent(settings: Settings) -> None:
    assert found(settings) == []


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("DEBUG", True, "aispm.E001"),
        ("ALLOWED_HOSTS", ["*"], "aispm.W001"),
        ("BEHIND_TLS", False, "aispm.W002"),
        ("DATABASE_URL", "postgresql://aispm@db.example.org/aispm?sslmode=require", "aispm.W003"),
        ("DATABASE_URL", "postgresql://aispm:secret@db.example.org/aispm", "aispm.W004"),
        ("REDIS_URL", "redis://broker.example.org/0", "aispm.W005"),
        ("AISPM_ENCRYPTION_KEYS", ["tests-only-" + "k" * 40], "aispm.W006"),
        ("AISPM_METRICS_TOKEN", "short", "aispm.W007"),
        ("AWS_ENDPOINT_URL", "http://gateway.example.org", "aispm.W008"),
    ],
)
def test_a_dangerous_set_up_is_named(settings: Settings, name: str, value: Any, named: str) -> None:
    assert found(settings, **{name: value}) == [named]


def test_the_deployment_check_is_clean_under_production_settings() -> None:
    production = {
        "AISPM_BEHIND_TLS": "on",
        "AISPM_ALLOWED_HOSTS": "aispm.example.org",
        "AISPM_SECRET_KEY": "0a1B2c3D4e5F6g7H8i9J-" * 4,
        "DATABASE_URL": SAFE["DATABASE_URL"],
        "REDIS_URL": SAFE["REDIS_URL"],
    }
    answer = subprocess.run(
        [sys.executable, "-m", "aispm", "check", "--deploy", "--fail-level", "WARNING"],
        env={**CLEAN, **{name: str(value) for name, value in production.items()}},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("short", "Key 1 of 1 in AISPM_ENCRYPTION_KEYS is not a Fernet key"),
        (f"{GOOD_KEY},not a key", "Key 2 of 2"),
        (" , ", "AISPM_ENCRYPTION_KEYS is empty"),
    ],
)
def test_a_wrong_encryption_key_is_named_at_the_start(value: str, said: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=said) as refused:
        env.encryption_keys(value)
    assert value not in str(refused.value)


def test_keys_may_stand_on_lines_or_between_commas() -> None:
    assert env.encryption_keys(f"{GOOD_KEY}\n{GOOD_KEY},{GOOD_KEY}\n") == [GOOD_KEY] * 3
