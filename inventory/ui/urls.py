"""Pages of this app."""

from django.urls import URLPattern, path

from inventory.ui import views

app_name = "inventory"
urlpatterns: list[URLPattern] = [
    path("inventory/", views.asset_list, name="assets"),
    path("inventory/<uuid:pk>/", views.asset, name="asset"),
    path("inventory/<uuid:pk>/lineage/", views.lineage, name="lineage"),
    path("coverage/", views.coverage, name="coverage"),
]
