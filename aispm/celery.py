"""The Celery application: `celery -A aispm worker` and `celery -A aispm beat`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aispm.settings")

app = Celery("aispm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
