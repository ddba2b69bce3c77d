"""Every address of AISPM."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import IsAuthenticated

from aispm.core import health
from aispm.pages.index import Index
from aispm.pages.metrics import metrics

schema = SpectacularAPIView.as_view(permission_classes=[IsAuthenticated], http_method_names=["get", "head"])

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("metrics", metrics, name="metrics"),
    path("", include("aispm.pages.urls")),
    path("accounts/", include("aispm.accounts.urls")),
    path("", include("inventory.ui.urls")),
    path("", include("findings.posture.ui.urls")),
    path("", include("integrations.ui.urls")),
    path("api/v1/", Index.as_view(), name="api-index"),
    path("api/v1/schema/", schema, name="api-schema"),
    path("api/v1/", include("inventory.api.urls")),
    path("api/v1/", include("findings.posture.api.urls")),
    path("api/v1/", include("integrations.api.urls")),
]

handler400 = "aispm.core.problems.bad_request"
handler404 = "aispm.core.problems.not_found"
handler500 = "aispm.core.problems.broken"
