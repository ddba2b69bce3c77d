from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "aispm.core"
    label = "core"
