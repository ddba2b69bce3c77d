"""AISPM: the project. Importing it makes the Celery application known to shared tasks."""

from aispm.celery import app as celery_app

__all__ = ["celery_app"]
