"""Faults that the simulator injects on request: the ways in which AWS really fails.

`denied`      the caller's policy does not allow the call
`throttled`   rate exceeded, `times` times and then success (or always when `times` is None)
`timeout`     the answer comes `seconds` late: longer than the client is willing to wait
`server-error`  an HTTP 500 of the service
`malformed`   HTTP 200 with a body that is cut off in the middle
`expired`     the session credentials have run out
`not-offered` the region answers, but the service has no such operation there
`not-enabled` the region does not know the account's credentials: the account has not enabled it
`not-found`   the thing vanished between list and describe
`latency`     every matching call takes `seconds` longer, then succeeds
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from threading import Lock
from typing import Any

from demo.aws.wire import Call, Reply, ServiceError

KINDS = (
    "denied",
    "throttled",
    "timeout",
    "server-error",
    "malformed",
    "expired",
    "not-offered",
    "not-enabled",
    "not-found",
    "latency",
)
ANY = "*"
DEFAULT_SECONDS = 1.5


@dataclass(slots=True)
class Fault:
    """One rule: which calls fail, how, and how often (`times` None = until removed; each `every`-th of them)."""

    kind: str
    service: str = ANY
    operation: str = ANY
    region: str = ANY
    account: str = ANY
    times: int | None = None
    seconds: float = DEFAULT_SECONDS
    every: int = 1
    met: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"Unknown fault '{self.kind}'. Use one of: {', '.join(KINDS)}.")

    def matches(self, call: Call) -> bool:
        wanted = (
            (self.service, call.service), (self.operation, call.operation), (self.region, call.region),
            (self.account, call.account),
        )  # fmt: skip
        return all(want in (ANY, have) for want, have in wanted)


class Faults:
    """The faults in force. The newest matching one wins; latency adds to whatever else happens."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = Lock()

    def add(self, fault: Fault) -> Fault:
        with self._lock:
            self._faults.append(fault)
        return fault

    def inject(self, kind: str, service: str = ANY, operation: str = ANY, **more: Any) -> Fault:
        """`faults.inject("denied", "bedrock", "ListGuardrails", region="us-east-1")`."""
        return self.add(Fault(kind, service, operation, **more))

    def remove(self, fault: Fault) -> None:
        with self._lock:
            self._faults = [kept for kept in self._faults if kept is not fault]

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def latency(self, call: Call) -> float:
        """Seconds by which this call is slower."""
        with self._lock:
            return sum(fault.seconds for fault in self._faults if fault.kind == "latency" and fault.matches(call))

    def take(self, call: Call) -> Fault | None:
        """The fault that hits this call; counts down `times`."""
        with self._lock:
            for fault in reversed(self._faults):
                if fault.kind == "latency" or fault.times == 0 or not fault.matches(call):
                    continue
                fault.met += 1
                if fault.met % fault.every:
                    continue
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None

    def described(self) -> list[Mapping[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._faults]


def error_for(fault: Fault, call: Call) -> ServiceError:
    """The error that this service answers for a fault of this kind."""
    makers = {
        "denied": _denied,
        "throttled": _throttled,
        "server-error": lambda call: ServiceError("InternalServerException", "We had a problem. Try again.", 500),
        "expired": _expired,
        "not-offered": _not_offered,
        "not-enabled": _not_enabled,
        "not-found": _not_found,
    }
    return makers[fault.kind](call)


def _not_enabled(_call: Call) -> ServiceError:
    return ServiceError("UnrecognizedClientException", "The security token included in the request is invalid.", 403)


def cut_off(reply: Reply) -> Reply:
    """The same answer, truncated: a proxy or the service died while sending."""
    body = reply.body[: max(1, len(reply.body) // 2)]
    broken = b"{" if body[:1] == b"{" else b"<"
    return Reply(200, body if len(body) > 1 else broken, reply.headers)


def _denied(call: Call) -> ServiceError:
    if call.protocol == "ec2":
        return ServiceError("UnauthorizedOperation", "You are not authorized to perform this operation.", 403)
    xml = call.protocol in ("query", "rest-xml")
    message = (
        f"User: {call.caller.arn} is not authorized to perform: {_action(call)} "
        "because no identity-based policy allows the action"
    )
    return ServiceError(
        "AccessDenied" if xml else "AccessDeniedException", message, 400 if call.protocol == "json" else 403
    )


# Where the action is not named like the operation.
_ACTIONS = {
    ("s3", "ListBuckets"): "s3:ListAllMyBuckets",
    ("s3", "ListObjectsV2"): "s3:ListBucket",
    ("s3", "GetBucketEncryption"): "s3:GetEncryptionConfiguration",
    ("s3", "GetPublicAccessBlock"): "s3:GetBucketPublicAccessBlock",
    ("s3control", "GetPublicAccessBlock"): "s3:GetAccountPublicAccessBlock",
}


def _action(call: Call) -> str:
    return _ACTIONS.get((call.service, call.operation)) or f"{_action_prefix(call)}:{call.operation}"


def _throttled(call: Call) -> ServiceError:
    if call.service == "s3":
        return ServiceError("SlowDown", "Please reduce your request rate.", 503)
    if call.protocol == "ec2":
        return ServiceError("RequestLimitExceeded", "Request limit exceeded.", 503)
    if call.protocol == "query":
        return ServiceError("Throttling", "Rate exceeded", 400)
    if call.service == "lambda":
        return ServiceError("TooManyRequestsException", "Rate exceeded", 429)
    return ServiceError("ThrottlingException", "Rate exceeded", 429 if call.protocol == "rest-json" else 400)


def _expired(call: Call) -> ServiceError:
    message = "The security token included in the request is expired"
    if call.protocol == "ec2":
        return ServiceError("RequestExpired", message, 400)
    if call.service == "s3":
        return ServiceError("ExpiredToken", message, 400)
    return ServiceError("ExpiredToken" if call.protocol == "query" else "ExpiredTokenException", message, 403)


def _not_offered(call: Call) -> ServiceError:
    if call.protocol in ("query", "ec2"):
        return ServiceError("InvalidAction", f"The action {call.operation} is not valid for this web service.", 400)
    if call.protocol == "json":
        return ServiceError(
            "UnknownOperationException", "The requested operation is not supported in this region.", 400
        )
    if call.service in ("bedrock", "bedrock-agent"):
        return ServiceError("ValidationException", "The requested operation is not recognized by the service.", 400)
    return ServiceError("UnknownOperationException", "The requested operation is not supported in this region.", 404)


def _not_found(call: Call) -> ServiceError:
    if call.service == "sagemaker":
        return ServiceError("ValidationException", f"Could not find what {call.operation} asks for.", 400)
    if call.protocol in ("query", "rest-xml"):
        return ServiceError("NoSuchEntity", "The thing asked for cannot be found.", 404)
    return ServiceError("ResourceNotFoundException", "The thing asked for cannot be found.", 404)


def _action_prefix(call: Call) -> str:
    return "bedrock" if call.service.startswith("bedrock-agent") else call.service
