from django.apps import AppConfig


class PostureConfig(AppConfig):
    name = "findings.posture"
    label = "posture"

    def ready(self) -> None:
        from findings.posture.ui import panels

        panels.register()
