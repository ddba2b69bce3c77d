"""The Celery application of the workers."""

import os
from typing import Any

from celery import Celery
from celery.bootsteps import StartStopStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aispm.settings")

app = Celery("aispm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


class Heartbeat(StartStopStep):
    """Says that the worker lives; started again with every connection to the broker."""

    requires = ("celery.worker.consumer.connection:Connection",)

    def start(self, parent: Any) -> None:
        from aispm.core.heartbeat import keep_beating  # needs settings, which a process that imports us may lack

        keep_beating(parent)


app.steps["consumer"].add(Heartbeat)
