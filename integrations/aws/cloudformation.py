"""The role and its policies as a CloudFormation template, for one account or, as a StackSet, for an organization."""

from __future__ import annotations

import shlex
from typing import Any

import yaml

from integrations.aws import policy

# A template that is sent with the call, and not first laid into a bucket, may have so many bytes.
LARGEST = 51_200
ROLE = "AispmReader"
FILE = "aispm-access.yaml"
STACK = "aispm-access"
UNKNOWN_PRINCIPAL = "arn:aws:iam::ACCOUNT-OF-AISPM:role/ROLE-OF-AISPM"
_HEAD = """\
# What AISPM may read in an AWS account: configuration, never data or secrets; nothing is changed.
# Generated from the table of calls, so it grants exactly what is called.
"""


def template(principal: str, external_id: str) -> str:
    """YAML. Without a known principal the one who creates the stack is asked for it; external id "" asks for none."""
    return _HEAD + yaml.safe_dump(_document(principal, external_id), sort_keys=False, width=118)


def _document(principal: str, external_id: str) -> dict[str, Any]:
    parts = {f"ReadPolicy{number}": part for number, part in enumerate(policy.permissions_policies(), 1)}
    policies = {
        name: _resource("IAM::ManagedPolicy", Description="What AISPM reads", PolicyDocument=part)
        for name, part in parts.items()
    }
    asked = {"Ref": "ExternalId"} if external_id else ""
    role = _resource(
        "IAM::Role",
        RoleName={"Ref": "RoleName"},
        Description="AISPM reads this account's configuration",
        AssumeRolePolicyDocument=policy.trust_policy({"Ref": "Principal"}, asked),
        ManagedPolicyArns=[{"Ref": name} for name in parts],
    )
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Read-only access for AISPM: one role, trusted with an external id.",
        "Parameters": _parameters(principal, external_id),
        "Resources": {**policies, "Role": role},
        "Outputs": {"RoleArn": {"Description": "Enter this in AISPM", "Value": {"Fn::GetAtt": ["Role", "Arn"]}}},
    }


def _parameters(principal: str, external_id: str) -> dict[str, Any]:
    known = {"Default": principal} if principal else {}
    parameters: dict[str, Any] = {
        "RoleName": {
            "Type": "String",
            "Description": "The same in every account, so that its ARN is known",
            "Default": ROLE,
            "AllowedPattern": "[A-Za-z0-9+=,.@_-]{1,64}",
        },
        "Principal": {
            "Type": "String",
            "Description": "ARN of the user or role that AISPM is in AWS",
            **known,
            "AllowedPattern": "arn:aws[a-z-]*:iam::[0-9]{12}:(root|(user|role)/.+)",
        },
    }
    if external_id:
        parameters["ExternalId"] = {
            "Type": "String",
            "Description": "What AISPM brings when it assumes the role",
            "Default": external_id,
            "AllowedPattern": "[A-Za-z0-9_+=,.@:/-]{2,1224}",
        }
    return parameters


def _resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def stack_commands(principal: str) -> str:
    """Commands that make the stack in one account from the template's file."""
    return f"{_principal(principal)}{_one_account(principal)}"


def stack_set_commands(principal: str) -> str:
    """Commands that roll the template's file out to every account of an organization, now and later."""
    given = "" if principal else '\n  --parameters "ParameterKey=Principal,ParameterValue=$PRINCIPAL" \\'
    return f"""\
# Run this in the organization's management account, with the template beside it as {FILE}.
{_principal(principal)}aws cloudformation activate-organizations-access
ROOT=$(aws organizations list-roots --query 'Roots[0].Id' --output text)

# Every member account, and each that joins later. IAM is global: one region is enough.
aws cloudformation create-stack-set --stack-set-name {STACK} \\
  --template-body file://{FILE} --capabilities CAPABILITY_NAMED_IAM \\{given}
  --permission-model SERVICE_MANAGED \\
  --auto-deployment Enabled=true,RetainStacksOnAccountRemoval=false
aws cloudformation create-stack-instances --stack-set-name {STACK} \\
  --deployment-targets "OrganizationalUnitIds=$ROOT" --regions us-east-1 \\
  --operation-preferences FailureTolerancePercentage=100,MaxConcurrentPercentage=100

# The management account itself, which a StackSet leaves out.
{_one_account(principal)}
# A later release may read more. With the new template in the file:
# update-stack-set instead of create-stack-set, and update-stack instead of create-stack, with the same options.
"""


def connect_commands(external_id: str) -> str:
    """The command that connects every account of the organization, for the terminal of AISPM."""
    return f"""\
# Once the stacks are there (aws cloudformation list-stack-instances --stack-set-name {STACK}):
# where AISPM runs. Only the management account is asked who its members are; no member is asked about the organization.
MANAGEMENT=MANAGEMENT-ACCOUNT-ID # replace
aispm connect aws --organization --regions all --role-arn "arn:aws:iam::$MANAGEMENT:role/{ROLE}" \\
  --external-id {shlex.quote(external_id)}
"""


def _principal(principal: str) -> str:
    if principal:
        return ""
    return f"PRINCIPAL={UNKNOWN_PRINCIPAL} # replace: the user or role that AISPM is in AWS\n"


def _one_account(principal: str) -> str:
    given = "" if principal else ' \\\n  --parameters "ParameterKey=Principal,ParameterValue=$PRINCIPAL"'
    return f"""\
aws cloudformation create-stack --stack-name {STACK} --region us-east-1 \\
  --template-body file://{FILE} --capabilities CAPABILITY_NAMED_IAM{given}
"""
