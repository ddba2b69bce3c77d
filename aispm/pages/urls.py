"""Pages that span apps, and health."""

from django.urls import URLPattern

app_name = "pages"
urlpatterns: list[URLPattern] = []
