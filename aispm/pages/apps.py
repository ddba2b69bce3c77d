from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "aispm.pages"
    label = "pages"
