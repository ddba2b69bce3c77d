"""Signing in and out, tokens, preferences."""

from django.urls import URLPattern, path

from aispm.accounts import views

app_name = "accounts"
urlpatterns: list[URLPattern] = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("settings/", views.settings, name="settings"),
    path("settings/preferences/", views.save_preferences, name="preferences"),
    path("settings/password/", views.change_password, name="password"),
    path("settings/theme/", views.set_theme, name="theme"),
    path("settings/tokens/", views.issue_token, name="issue-token"),
    path("settings/tokens/<uuid:pk>/revoke/", views.revoke_token, name="revoke-token"),
]
