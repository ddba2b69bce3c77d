from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "aispm.accounts"
    label = "accounts"
