"""What travels between the layers of the simulator: a resolved call in, a reply out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from moto.core.model import OperationModel

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who signed the call."""

    account: str
    arn: str
    user_id: str


@dataclass(slots=True)
class Call:
    """One API call, resolved to a service and an operation of the botocore model."""

    service: str
    operation: str
    region: str
    account: str
    caller: Caller
    protocol: str
    params: Document = field(default_factory=dict)
    model: OperationModel | None = None
    body: bytes = b""

    @property
    def place(self) -> tuple[str, str]:
        """(account, region): where state of a regional service lives."""
        return (self.account, self.region)


@dataclass(slots=True)
class Reply:
    """An HTTP answer."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


class ServiceError(Exception):
    """An error that AWS itself would answer; `status` is the HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status
