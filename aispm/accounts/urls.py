"""Signing in and out, tokens, preferences."""

from django.urls import URLPattern

app_name = "accounts"
urlpatterns: list[URLPattern] = []
