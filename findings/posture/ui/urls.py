"""Pages of this app."""

from django.urls import URLPattern, path

from findings.posture.ui import frameworks, views

app_name = "posture"
urlpatterns: list[URLPattern] = [
    path("findings/", views.finding_list, name="findings"),
    path("findings/<uuid:pk>/", views.finding, name="finding"),
    path("findings/<uuid:pk>/patch.yaml", views.finding_patch, name="finding-patch"),
    path("rules/", views.rule_list, name="rules"),
    path("rules/<slug:pk>/", views.rule, name="rule"),
    path("frameworks/", frameworks.framework_list, name="frameworks"),
    path("frameworks/<slug:slug>/", frameworks.framework, name="framework"),
    path("steps/<slug:slug>/", views.step, name="step"),
]
