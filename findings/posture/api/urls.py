"""API of posture, below /api/v1/."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from findings.posture.api.frameworks import FrameworkViewSet
from findings.posture.api.viewsets import ArithmeticView, FindingViewSet, PostureView, RuleViewSet, TrendView

router = SimpleRouter()
router.register("findings", FindingViewSet, basename="api-finding")
router.register("frameworks", FrameworkViewSet, basename="api-framework")
router.register("rules", RuleViewSet, basename="api-rule")
urlpatterns = [
    path("posture/", PostureView.as_view(), name="api-posture"),
    path("posture/arithmetic/", ArithmeticView.as_view(), name="api-arithmetic"),
    path("trends/", TrendView.as_view(), name="api-trends"),
    *router.urls,
]
