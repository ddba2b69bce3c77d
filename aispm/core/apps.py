from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate


class CoreConfig(AppConfig):
    name = "aispm.core"
    label = "core"

    def ready(self) -> None:
        from aispm.core import checks  # noqa: F401 (importing registers them)

        pre_migrate.connect(_limits_of_a_migration, sender=self)
        post_migrate.connect(_usual_limits, sender=self)


def _limits_of_a_migration(using: str, **_: Any) -> None:
    """A migration may take its time, but must not queue the running release behind a lock."""
    with connections[using].cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET lock_timeout = '4s'")


def _usual_limits(using: str, **_: Any) -> None:
    with connections[using].cursor() as cursor:
        cursor.execute("RESET statement_timeout")
        cursor.execute("RESET lock_timeout")
