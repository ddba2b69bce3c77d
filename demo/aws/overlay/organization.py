"""AWS Organizations: from the twin where an organization was put into it, else from moto."""

from __future__ import annotations

from collections.abc import Callable

from demo.aws.overlay.declared import HOME, Thing, serve
from demo.aws.overlay.registry import Answer, Context, Registry
from demo.aws.wire import Call, Document, ServiceError

SERVICE = "organizations"
DENIED = "You don't have permissions to access this resource."
THINGS = (
    Thing(
        name="organizations.organization",
        service=SERVICE,
        keys=("Id",),
        describes=("DescribeOrganization", "Organization"),
        everywhere=True,
    ),
    Thing(
        name="organizations.account",
        service=SERVICE,
        keys=("Id",),
        lists=("ListAccounts", "Accounts"),
        everywhere=True,
    ),
    Thing(
        name="organizations.policy",
        service=SERVICE,
        keys=("_Id",),
        describes=("DescribePolicy", "Policy"),
        asks={"PolicyId": "_Id"},
        everywhere=True,
    ),
    Thing(
        name="organizations.target",
        service=SERVICE,
        keys=("_PolicyId", "TargetId"),
        lists=("ListTargetsForPolicy", "Targets"),
        where={"PolicyId": "_PolicyId"},
        everywhere=True,
    ),
)


def register(registry: Registry) -> None:
    serve(registry, THINGS)
    registry.answers[SERVICE, "ListPolicies"] = policies
    own = {key: answer for key, answer in registry.answers.items() if key[0] == SERVICE}
    for key, answer in own.items():
        registry.answers[key] = _where_known(answer, managing=key[1] != "DescribeOrganization")


def policies(call: Call, context: Context) -> Document:
    stored = context.twin.all("organizations.policy", (call.account, HOME))
    summaries = [one["PolicySummary"] for one in stored]
    return {"Policies": [one for one in summaries if one["Type"] == call.params["Filter"]]}


def _where_known(answer: Answer, *, managing: bool) -> Callable[[Call, Context], Document | None]:
    """Nothing of ours in this account: moto answers. Members learn only which organization they belong to."""

    def guarded(call: Call, context: Context) -> Document | None:
        stored = context.twin.all("organizations.organization", (call.account, HOME))
        if not stored:
            return None
        if managing and stored[0]["MasterAccountId"] != call.account:
            raise ServiceError("AccessDeniedException", DENIED, 400)
        return answer(call, context)

    return guarded
