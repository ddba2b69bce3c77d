from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "aispm.core"
    label = "core"

    def ready(self) -> None:
        from aispm.core import checks  # noqa: F401 (importing registers them)
