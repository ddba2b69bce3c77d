"""Pages of this app."""

from django.urls import URLPattern, path

from integrations.ui import connecting, organizing, views

app_name = "integrations"
urlpatterns: list[URLPattern] = [
    path("sources/", views.source_list, name="sources"),
    path("sources/connect/aws/", connecting.connect_aws, name="connect-aws"),
    path("sources/connect/kubernetes/", connecting.connect_kubernetes, name="connect-kubernetes"),
    path("sources/connect/snapshot/", connecting.connect_snapshot, name="connect-snapshot"),
    path("sources/<uuid:pk>/", views.source, name="source"),
    path("sources/<uuid:pk>/collect/", views.start_run, name="start-run"),
    path("sources/<uuid:pk>/schedule/", views.save_schedule, name="schedule"),
    path("sources/<uuid:pk>/members/", organizing.connect_members, name="connect-members"),
    path("sources/<uuid:pk>/members/ask/", organizing.ask_members, name="ask-members"),
    path("sources/<uuid:pk>/remove/", views.remove, name="remove-source"),
    path("runs/active/", views.running, name="running"),
    path("runs/<uuid:pk>/", views.run, name="run"),
    path("runs/<uuid:pk>/cancel/", views.cancel_run, name="cancel-run"),
]
