"""Why nothing of an account can be read at all, in plain words, and what to do."""

from __future__ import annotations

import re

from aispm.core.errors import PermanentError, TransientError
from integrations.aws.caller import Ask
from integrations.aws.errors import NO_CREDENTIALS, CallFailed
from integrations.aws.session import Access
from inventory.documents import Problem

RETRY_LATER = (Problem.TIMEOUT, Problem.UNREACHABLE, Problem.THROTTLED, Problem.SERVER_ERROR)
NOTHING_TO_SIGN_WITH = (
    "There are no AWS credentials: give an access key, or let AISPM run with an identity of its own (a role of its "
    "machine or pod, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)."
)
# What AWS's words about credentials mean; the first that fits is told.
CREDENTIALS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"TooSkewed|RequestInTheFuture|Signature (expired|not yet current)", re.IGNORECASE),
        "The clock of this machine is wrong: AWS refuses requests that are more than 15 minutes off. Set the clock, "
        "then try again.",
    ),
    (
        re.compile(r"Expired"),
        "The credentials have expired. Temporary keys end after hours: make new ones and enter all three parts, or use "
        "a role.",
    ),
    (
        re.compile(r"SignatureDoesNotMatch|InvalidSignature|IncompleteSignature"),
        "The secret access key does not belong to this access key id: copy both again.",
    ),
    (
        re.compile(r"InvalidClientTokenId|UnrecognizedClient|InvalidAccessKeyId"),
        "AWS does not know this access key id: it is mistyped, deleted or switched off. Check it under IAM → Users → "
        "Security credentials. A temporary key (ASIA…) also needs its session token.",
    ),
)


def explained(failure: CallFailed, ask: Ask, access: Access) -> PermanentError | TransientError:
    """What to raise when a call that everything rests on fails."""
    where, told = access.endpoint_url or "AWS", failure.told or failure.message
    if failure.problem in RETRY_LATER:
        return TransientError(f"{where} cannot be reached or does not answer: {told}")
    if failure.code == NO_CREDENTIALS:
        return PermanentError(NOTHING_TO_SIGN_WITH)
    return PermanentError(f"{_what_to_do(failure, ask, access, where, told)} {told}")


def _what_to_do(failure: CallFailed, ask: Ask, access: Access, where: str, told: str) -> str:
    for pattern, words in CREDENTIALS:
        if pattern.search(told):
            return words
    if failure.problem is Problem.MALFORMED:
        return f"{where} does not answer like AWS: check the endpoint address."
    if access.role_arn and "AssumeRole" in failure.permission + told:
        return (
            f"The role {access.role_arn} cannot be assumed: check that it exists, its trust policy and the external id."
        )
    if ask.operation == "describe_regions":
        return "The regions of the account cannot be listed: allow ec2:DescribeRegions or choose regions."
    if failure.problem is Problem.DENIED:
        return "AWS does not accept these credentials: check the access key id and the secret access key."
    return f"{where} refuses to say whose account this is:"
