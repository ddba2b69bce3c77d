"""Puts a reference case to the product: the same documents, the same context or parts of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from inventory.documents import Unknown
from inventory.iam.context import Principal, Request
from inventory.iam.language import statements
from inventory.iam.layers import Crowd, Layer
from inventory.iam.population import Access, Controls, Held, Population, layer
from tests.inventory.iam.reference import Case

ACCOUNT, ELSEWHERE = "111122223333", "444455556666"
MODEL = "arn:aws:bedrock:eu-west-1::foundation-model/anthropic.sonnet"


def principal_of(case: Case) -> Principal:
    """The case's principal, knowing of itself what the context says."""
    arn, context = case.principal, {key.lower(): values for key, values in case.context.items()}
    tags = {key.partition("/")[2]: values[0] for key, values in context.items() if key.startswith("aws:principaltag/")}
    return Principal(
        arn=arn, account=arn.split(":")[4], name=arn, sort="user" if ":user/" in arn else "role", tags=tags
    )


def population_of(case: Case, others: Iterable[Principal] = ()) -> Population:
    """The case's principal with all its policies, among others that hold none."""
    crowd = Crowd([principal_of(case), *others])
    held = Held(
        identity=layer(crowd, [(document, 1) for document in case.identity]),
        boundary=layer(crowd, [(case.boundary, 1)] if case.boundary else []),
        bounded=1 if case.boundary else 0,
        session=layer(crowd, [(case.session, crowd.everybody)]) if case.session else None,
    )
    services = [layer(crowd, [(d, crowd.everybody) for d in level]) for level in case.services]
    resources = [layer(crowd, [(document, crowd.everybody)]) for document in case.resources]
    return Population(crowd, held, Controls(services, resources, known=True))


def request_of(case: Case, settled: Iterable[str]) -> Request:
    """The request, of which these keys are settled and all others left to the product."""
    known = {key.lower(): tuple(values) for key, values in case.context.items()}
    values = {key.lower(): known.get(key.lower(), ()) for key in settled}
    return Request(action=case.action.lower(), resource=case.resource, account=case.resource_account, values=values)


def ask(case: Case, settled: Iterable[str]) -> Access:
    policy = list(statements(case.resource_policy)) if case.resource_policy else None
    return population_of(case).decide(request_of(case, settled), policy, gated=case.gated).access


def alone(document: Any, action: str, resource: str = "*", **values: tuple[str, ...]) -> Access:
    """What one identity policy says about a role of the account."""
    case = Case(action, resource, f"arn:aws:iam::{ACCOUNT}:role/one", {}, identity=[document])
    settled = {key.replace("__", ":").lower(): value for key, value in values.items()}
    request = Request(action=action.lower(), resource=resource, account=ACCOUNT, values=settled)
    return population_of(case).decide(request).access


def policy(*lines: dict[str, Any], version: str = "2012-10-17") -> dict[str, Any]:
    return {"Version": version, "Statement": list(lines)}


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return allow(action, resource, **more) | {"Effect": "Deny"}


__all__ = ["ACCOUNT", "ELSEWHERE", "MODEL", "Access", "Layer", "Unknown", "allow", "alone", "ask", "deny", "policy"]
