"""Pages of this app."""

from django.urls import URLPattern

app_name = "posture"
urlpatterns: list[URLPattern] = []
