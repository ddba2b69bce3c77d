"""Where things are built: one account and region, with clients that reach the simulator directly."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from demo.aws.clock import CLOCK
from demo.aws.wire import Document

if TYPE_CHECKING:
    from demo.aws.server import SimulatedAws

Tags = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Network:
    """The private network of a region."""

    vpc: str
    subnets: tuple[str, ...]
    group: str
    public: str = ""


@dataclass(slots=True)
class Site:
    """One account and region of the simulator."""

    aws: SimulatedAws
    region: str
    account: str
    network: Network | None = None

    def client(self, service: str) -> Any:
        return self.aws.inside.client(service, self.region, self.account)

    @contextmanager
    def ago(self, days: float) -> Iterator[None]:
        """What is built inside the block was created that many days before the simulator's epoch."""
        with CLOCK.at(self.aws.epoch - timedelta(days=days)):
            yield

    def now(self) -> datetime:
        """The moment at which things are being built."""
        return CLOCK.now().astimezone(UTC)

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    def put(self, kind: str, document: Document, tags: Tags | None = None) -> Document:
        """Puts a document into the twin."""
        return self.aws.overlay.twin.put(kind, (self.account, self.region), document, dict(tags or {}))

    def placed(self, kind: str, document: Document, changed: Mapping[str, Any]) -> Document:
        """Puts a document into the twin with some members changed, or left out where the change is None."""
        tags = changed.get("tags")
        merged = {**document, **{name: value for name, value in changed.items() if name != "tags"}}
        return self.put(kind, {name: value for name, value in merged.items() if value is not None}, tags)

    def protect(self, kind: str, name: str, policy: Document) -> None:
        """Attaches a resource policy where the lower layer knows none: kind `endpoint` or `bedrock` (name = ARN)."""
        self.aws.overlay.twin.policies[(self.account, self.region), kind, name] = json.dumps(policy)

    def made_id(self, *words: str, size: int = 10) -> str:
        """An identifier such as Bedrock gives, always the same for the same words."""
        digest = hashlib.sha256("/".join((self.account, self.region, *words)).encode()).digest()
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        return "".join(alphabet[byte % len(alphabet)] for byte in digest[:size])

    def made_uuid(self, *words: str) -> str:
        """As `made_id`, in the form of a UUID."""
        digest = hashlib.sha256("/".join((self.account, self.region, *words)).encode()).digest()
        return str(UUID(bytes=digest[:16]))


def pairs(tags: Tags | None) -> list[dict[str, str]]:
    """Tags as most services want them."""
    return [{"Key": key, "Value": value} for key, value in (tags or {}).items()]


def without_nothing(**members: Any) -> Document:
    """The members that are set; AWS leaves the others out."""
    return {key: value for key, value in members.items() if value is not None}
