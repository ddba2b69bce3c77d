"""How often one user may ask the API: counted in the broker's store, so that all web processes count together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from redis import RedisError
from rest_framework.throttling import UserRateThrottle

if TYPE_CHECKING:  # these import the settings that name this module
    from rest_framework.request import Request
    from rest_framework.views import APIView

log = structlog.get_logger(__name__)


class SharedRate(UserRateThrottle):
    """While the store does not answer nobody is refused: the API must not depend on it."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        try:
            return bool(super().allow_request(request, view))
        except RedisError as error:
            log.warning("rate_not_counted", error=str(error))
            return True
