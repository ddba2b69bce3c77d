from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "aispm.accounts"
    label = "accounts"

    def ready(self) -> None:
        from aispm.accounts.api import schema  # noqa: F401  (registers the scheme)
