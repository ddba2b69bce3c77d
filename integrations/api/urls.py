"""API of connections and runs, below /api/v1/."""

from rest_framework.routers import SimpleRouter

from integrations.api.viewsets import ConnectionViewSet, RunViewSet

router = SimpleRouter()
router.register("connections", ConnectionViewSet, basename="api-connection")
router.register("runs", RunViewSet, basename="api-run")
urlpatterns = router.urls
