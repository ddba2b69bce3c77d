"""Roles, users, policies."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from moto.iam.models import iam_backends

from demo.aws.build.site import Site, Tags, pairs
from demo.aws.wire import Document

AWS_MANAGED = "arn:aws:iam::aws:policy/"


def allow(actions: str | Sequence[str], resources: str | Sequence[str] = "*", **more: Any) -> Document:
    """One Allow statement; `more` may be a Condition."""
    return {
        "Effect": "Allow",
        "Action": actions if isinstance(actions, str) else list(actions),
        "Resource": resources if isinstance(resources, str) else list(resources),
        **more,
    }


def policy_text(*statements: Document) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(site: Site, service: str, guarded: bool = True) -> str:
    """A trust policy for an AWS service; guarded = only for this account's own resources (no confused deputy)."""
    statement: Document = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    if guarded:
        statement["Condition"] = {"StringEquals": {"aws:SourceAccount": site.account}}
    return policy_text(statement)


def role(site: Site, name: str, service: str, *statements: Document, **more: Any) -> str:
    """An IAM role with one inline policy. More: managed=(names…), trust=document, tags, boundary. Returns the ARN."""
    iam = site.client("iam")
    created = iam.create_role(
        RoleName=name,
        AssumeRolePolicyDocument=more.get("trust") or trust(site, service),
        Tags=pairs(more.get("tags")),
        **({"PermissionsBoundary": more["boundary"]} if more.get("boundary") else {}),
    )
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="permissions", PolicyDocument=policy_text(*statements))
    for managed in more.get("managed", ()):
        iam.attach_role_policy(RoleName=name, PolicyArn=managed if ":" in managed else AWS_MANAGED + managed)
    return str(created["Role"]["Arn"])


def many_roles(site: Site, roles: Mapping[str, tuple[str, Document]], tags: Tags) -> None:
    """Roles by name: (service, what it may do). Without a call each: a large account has hundreds."""
    backend = iam_backends[site.account]["aws"]
    for name, (service, statement) in roles.items():
        backend.create_role(
            role_name=name,
            assume_role_policy_document=trust(site, service),
            path="/",
            permissions_boundary=None,
            description="",
            tags=pairs(tags),
            max_session_duration="3600",
        )
        backend.put_role_policy(name, "permissions", policy_text(statement))


def instance_profile(site: Site, name: str, role_name: str) -> str:
    iam = site.client("iam")
    created = iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=role_name)
    return str(created["InstanceProfile"]["Arn"])


def policy(site: Site, name: str, *statements: Document, tags: Tags | None = None) -> str:
    """A customer-managed policy; attach it by its ARN."""
    created = site.client("iam").create_policy(
        PolicyName=name, PolicyDocument=policy_text(*statements), Tags=pairs(tags)
    )
    return str(created["Policy"]["Arn"])


def user(site: Site, name: str, *statements: Document, managed: Sequence[str] = (), key: bool = False) -> str:
    """An IAM user, with a long-lived access key if asked for."""
    iam = site.client("iam")
    created = iam.create_user(UserName=name)
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="permissions", PolicyDocument=policy_text(*statements))
    for each in managed:
        iam.attach_user_policy(UserName=name, PolicyArn=each if ":" in each else AWS_MANAGED + each)
    if key:
        iam.create_access_key(UserName=name)
    return str(created["User"]["Arn"])


def model_key(site: Site, user_name: str, *, days: int = 0) -> None:
    """A bearer token for Bedrock that belongs to a user; it ends after so many days, or never."""
    made = site.now()
    credential = {
        "UserName": user_name,
        "Status": "Active",
        "ServiceUserName": f"{user_name}-at-{site.account}",
        "CreateDate": made,
        "ServiceSpecificCredentialId": f"ACCA{sum(map(ord, user_name)):016d}",
        "ServiceName": "bedrock.amazonaws.com",
    }
    ends = {"ExpirationDate": made + timedelta(days=days)} if days else {}
    site.put("iam.service_credential", credential | ends)


def cross_account_role(site: Site, name: str, external_id: str, trusted: str) -> str:
    """The read-only role that a collector in account `trusted` assumes with an external id."""
    document = policy_text(
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{trusted}:root"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
        }
    )
    return role(site, name, "", trust=document, managed=("SecurityAudit",))
