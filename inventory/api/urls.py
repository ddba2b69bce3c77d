"""API of the inventory, below /api/v1/."""

from rest_framework.routers import SimpleRouter

from inventory.api.viewsets import AssetViewSet, LinkViewSet, ScopeViewSet, SourceViewSet

router = SimpleRouter()
router.register("sources", SourceViewSet, basename="api-source")
router.register("scopes", ScopeViewSet, basename="api-scope")
router.register("assets", AssetViewSet, basename="api-asset")
router.register("links", LinkViewSet, basename="api-link")
urlpatterns = router.urls
