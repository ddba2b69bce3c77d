"""What an AWS error means. An error is never an empty answer: it is one of these."""

from __future__ import annotations

import re
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    ReadTimeoutError,
    ResponseStreamingError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)
from botocore.exceptions import ConnectionError as BotoConnectionError
from botocore.parsers import ResponseParserError

from inventory.documents import Problem

DENIED = re.compile(r"AccessDenied|Unauthorized|NotAuthorized|AuthorizationError|AllAccessDisabled|Forbidden")
REFUSED_KEY = re.compile(
    r"InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|InvalidSignature|AuthFailure|InvalidAccessKeyId"
)
THROTTLED = re.compile(
    r"Throttl|RequestLimitExceeded|TooManyRequests|SlowDown|BandwidthLimitExceeded|ProvisionedThroughputExceeded"
    r"|PriorRequestNotComplete"
)
EXPIRED = re.compile(r"ExpiredToken|RequestExpired|TokenRefreshRequired")
TIMED_OUT = re.compile(r"^RequestTimeout|^TimeoutException$")
PERMISSION = re.compile(r"perform:?\s+([a-z0-9-]+:[A-Za-z0-9*]+)")


class CallFailed(Exception):
    """A call that told nothing, and why; `told` is AWS's own text where ours adds to it."""

    def __init__(self, problem: Problem, message: str, *, code: str = "", permission: str = "", told: str = "") -> None:
        super().__init__(message)
        self.problem, self.message, self.code, self.permission = problem, message, code, permission
        self.told = told

    @property
    def stranger(self) -> bool:
        """Whether nobody there knows the credentials at all: a region that the account has not enabled, say."""
        return bool(REFUSED_KEY.search(self.code))


class NamedElsewhere(CallFailed):
    """Read to its end, but what names the assets of this scope was not: some may be missing."""


class NotOffered(Exception):
    """The service does not exist in this region: not an error, nothing is there."""


class Stopped(Exception):
    """The collection was cancelled."""


MALFORMED = "The answer could not be understood."
NOT_ACCEPTED = "The credentials are not accepted here."
NO_CREDENTIALS = "NoCredentials"


def meaning(error: Exception, permission: str) -> CallFailed:
    """The one meaning of whatever a botocore call raised."""
    if isinstance(error, NoCredentialsError):
        return CallFailed(Problem.DENIED, "No AWS credentials were found.", code=NO_CREDENTIALS)
    if isinstance(error, ClientError):
        return _answered(error.response, permission)
    for types, problem, message in TRANSPORT:
        if isinstance(error, types):
            return CallFailed(problem, message or _short(error))
    if isinstance(error, BotoCoreError):
        return CallFailed(Problem.OTHER, _short(error))
    # botocore's parsers trip over values of a wrong type with plain Python errors.
    return CallFailed(Problem.MALFORMED, f"{MALFORMED} ({type(error).__name__})")


def _answered(response: dict[str, Any], permission: str) -> CallFailed:
    error = response.get("Error", {})
    code, message = str(error.get("Code", "")), " ".join(str(error.get("Message", "")).split())[:500]
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    problem = _problem(code, status)
    named = PERMISSION.search(message)
    needed = (named[1] if named else permission) if problem is Problem.DENIED else ""
    told = f"{code}: {message}" if message else code
    text = told
    if REFUSED_KEY.search(code):
        needed, text = "", f"{NOT_ACCEPTED} Is the region enabled for the account? {told}"
    return CallFailed(problem, text, code=code, permission=needed, told=told)


def _problem(code: str, status: int) -> Problem:
    for pattern, problem in (
        (EXPIRED, Problem.EXPIRED),
        (THROTTLED, Problem.THROTTLED),
        (DENIED, Problem.DENIED),
        (REFUSED_KEY, Problem.DENIED),
        (TIMED_OUT, Problem.TIMEOUT),
    ):
        if pattern.search(code):
            return problem
    by_status = {401: Problem.DENIED, 403: Problem.DENIED, 408: Problem.TIMEOUT, 429: Problem.THROTTLED}
    if status in by_status:
        return by_status[status]
    return Problem.SERVER_ERROR if status >= 500 else Problem.OTHER


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:500]


TRANSPORT: tuple[tuple[tuple[type[Exception], ...], Problem, str], ...] = (
    ((ReadTimeoutError, ConnectTimeoutError), Problem.TIMEOUT, "No answer in time."),
    ((EndpointConnectionError,), Problem.UNREACHABLE, ""),
    ((ResponseParserError,), Problem.MALFORMED, MALFORMED),
    ((ResponseStreamingError,), Problem.MALFORMED, "The answer broke off."),
    ((BotoConnectionError, HTTPClientError), Problem.UNREACHABLE, ""),
    ((CredentialRetrievalError, TokenRetrievalError, UnauthorizedSSOTokenError), Problem.EXPIRED, ""),
)
