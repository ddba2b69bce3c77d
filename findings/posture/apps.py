from django.apps import AppConfig


class PostureConfig(AppConfig):
    name = "findings.posture"
    label = "posture"
