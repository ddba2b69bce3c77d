"""AWS Organizations: member accounts, and the policies that bind all of them.

Only the management account and delegated administrators are told more than the organization's name.
"""

from __future__ import annotations

from integrations.aws.table import Absent, Detail, Each, Resource, Single

ORGANIZATION = "aws.organizations.organization"
NOT_TOLD_HERE = (
    Absent("AccessDeniedException", "have permissions to access this resource"),
    "AWSOrganizationsNotInUseException",
    "UnsupportedAPIEndpointException",
)
GONE = (Absent("PolicyNotFoundException"),)
POLICY = {"PolicyId": "Id"}
# kind: type of policy
POLICIES = {
    "aws.organizations.service_control_policy": "SERVICE_CONTROL_POLICY",
    "aws.organizations.resource_control_policy": "RESOURCE_CONTROL_POLICY",
    "aws.organizations.ai_opt_out_policy": "AISERVICES_OPT_OUT_POLICY",
    "aws.organizations.bedrock_policy": "BEDROCK_POLICY",
}


def _policy(kind: str, sort: str) -> Resource:
    return Resource(
        kind=kind,
        client="organizations",
        each=Each("list_policies", "Policies", {"Filter": f"={sort}"}, page_size=20),
        everywhere=True,
        given=(ORGANIZATION,),
        identity="{Arn}",
        name="{Name}",
        place="-",
        detail=(
            Detail(
                operation="describe_policy",
                parameters=POLICY,
                into="Policy",
                take="Policy",
                describes=True,
                absent=GONE,
            ),
            Detail(
                operation="list_targets_for_policy",
                parameters=POLICY,
                into="Targets",
                take="Targets",
                pages=True,
                absent=GONE,
            ),
        ),
        not_offered=NOT_TOLD_HERE,
    )


RESOURCES = (
    Resource(
        kind=ORGANIZATION,
        client="organizations",
        each=Single(
            "describe_organization",
            into="Organization",
            take="Organization",
            missing=(Absent("AWSOrganizationsNotInUseException"),),
        ),
        everywhere=True,
        identity="{Organization.Arn}",
        name="Organization {Organization.Id}",
        place="-",
    ),
    Resource(
        kind="aws.organizations.account",
        client="organizations",
        each=Each("list_accounts", "Accounts", page_size=20),
        everywhere=True,
        given=(ORGANIZATION,),
        identity="{Arn}",
        name="{Name}",
        place="-",
        noise=("Email",),
        not_offered=NOT_TOLD_HERE,
    ),
    *(_policy(kind, sort) for kind, sort in POLICIES.items()),
)
