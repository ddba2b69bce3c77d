"""Pages that span apps."""

from django.urls import URLPattern, path

from aispm.pages import views

app_name = "pages"
urlpatterns: list[URLPattern] = [
    path("", views.overview, name="overview"),
    path("search/", views.search, name="search"),
]
