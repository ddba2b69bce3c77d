"""API of runs, below /api/v1/."""

from rest_framework.routers import SimpleRouter

from integrations.api.viewsets import RunViewSet

router = SimpleRouter()
router.register("runs", RunViewSet, basename="api-run")
urlpatterns = router.urls
