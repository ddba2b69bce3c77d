"""STS: who signed, and AssumeRole against the real trust policy of the role, external id included."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from moto.iam.models import iam_backends

from demo.aws.overlay.registry import Context, Registry
from demo.aws.wire import Call, Caller, Document, ServiceError

DEFAULT_LIFETIME = 3600


def register(registry: Registry) -> None:
    registry.answers["sts", "GetCallerIdentity"] = caller_identity
    registry.answers["sts", "AssumeRole"] = assume_role


def caller_identity(call: Call, _context: Context) -> Document:
    return {"UserId": call.caller.user_id, "Account": call.caller.account, "Arn": call.caller.arn}


def assume_role(call: Call, context: Context) -> Document:
    role_arn, session = call.params["RoleArn"], call.params["RoleSessionName"]
    role = _role(role_arn)
    if role is None or not _trusts(role.assume_role_policy_document, call):
        message = f"User: {call.caller.arn} is not authorized to perform: sts:AssumeRole on resource: {role_arn}"
        raise ServiceError("AccessDenied", message, 403)
    account = role_arn.split(":")[4]
    caller = Caller(account, f"arn:aws:sts::{account}:assumed-role/{role.name}/{session}", f"{role.id}:{session}")
    lifetime = timedelta(seconds=int(call.params.get("DurationSeconds", DEFAULT_LIFETIME)))
    key = context.keys.session(caller, lifetime)
    return {
        "Credentials": {
            "AccessKeyId": key.access_key_id,
            "SecretAccessKey": key.secret_access_key,
            "SessionToken": key.session_token,
            "Expiration": key.expires,
        },
        "AssumedRoleUser": {"AssumedRoleId": caller.user_id, "Arn": caller.arn},
    }


def _role(arn: str) -> Any:
    account = (arn.split(":") + [""] * 5)[4]
    roles = iam_backends[account]["aws"].roles.values()
    return next((role for role in roles if role.arn == arn), None)


def _trusts(document: str, call: Call) -> bool:
    """Whether a statement of the trust policy allows this caller with this external id."""
    statements = json.loads(document).get("Statement", [])
    statements = statements if isinstance(statements, list) else [statements]
    return any(_allows(statement, call) for statement in statements)


def _allows(statement: dict[str, Any], call: Call) -> bool:
    principals = statement.get("Principal", {})
    named = [principals] if isinstance(principals, str) else _as_list(principals.get("AWS", []))
    account = call.caller.account
    known = {"*", account, f"arn:aws:iam::{account}:root", call.caller.arn}
    wanted = statement.get("Condition", {}).get("StringEquals", {}).get("sts:ExternalId")
    return (
        statement.get("Effect") == "Allow"
        and bool(known & set(named))
        and (wanted is None or call.params.get("ExternalId") in _as_list(wanted))
    )


def _as_list(value: Any) -> list[str]:
    return list(value) if isinstance(value, list) else [value]
