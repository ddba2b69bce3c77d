"""`aispm watch`: follows the clusters that nobody else follows, each in a thread of its own."""

from __future__ import annotations

import sys
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from aispm.runtime.turning import keep_turning

if TYPE_CHECKING:
    from integrations.services import Follower

EVERY_S = 5.0
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Watching:
    """Holds leases and the followers that go with them."""

    holder: uuid.UUID = field(default_factory=uuid.uuid4)
    followers: dict[uuid.UUID, Follower] = field(default_factory=dict)

    def turn(self) -> None:
        """Renews and takes over leases; starts and stops followers as they say."""
        from django.db import Error, connection

        from integrations import services
        from integrations.services.watching import LEASE

        asked = time.monotonic()
        try:
            clusters = {one.source_id: one for one in services.take_watches(holder=self.holder)}
        except Error as error:
            log.error("watches_not_renewed", error=f"{type(error).__name__}: {error}")
            connection.close()  # a fresh one next time; followers stop telling when their lease has run out
            return
        for source_id, follower in list(self.followers.items()):
            if source_id not in clusters or not follower.alive or not follower.is_for(clusters[source_id]):
                follower.stop()
                del self.followers[source_id]
        for source_id, cluster in clusters.items():
            if source_id not in self.followers:
                self.followers[source_id] = services.Follower(cluster)
                self.followers[source_id].start()
            self.followers[source_id].held_until = asked + LEASE.total_seconds()

    def stop(self) -> None:
        from integrations import services

        for follower in self.followers.values():
            follower.stop()
        services.release_watches(holder=self.holder)


if __name__ == "__main__":
    sys.exit(keep_turning(Watching, EVERY_S))
