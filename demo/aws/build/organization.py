"""An organization in its management account: members, and policies with what they are attached to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from demo.aws.build.site import Site
from demo.aws.wire import Document

ID, ROOT = "o-halden2026", "r-hald"


def organization(site: Site, members: Mapping[str, str]) -> None:
    """The organization whose management account is the site's; `members` are names by account id."""
    document = _organization(site.account)
    for account in (site.account, *members):
        site.aws.overlay.twin.put("organizations.organization", (account, "us-east-1"), dict(document))
    for account, name in {site.account: "halden-ai", **members}.items():
        site.put(
            "organizations.account",
            {
                "Arn": f"arn:aws:organizations::{site.account}:account/{ID}/{account}",
                "Id": account,
                "Name": name,
                "Email": f"{name}@halden.example",
                "Status": "ACTIVE",
                "JoinedMethod": "CREATED",
                "JoinedTimestamp": site.now(),
            },
        )


def _organization(account: str) -> Document:
    return {
        "Id": ID,
        "Arn": f"arn:aws:organizations::{account}:organization/{ID}",
        "FeatureSet": "ALL",
        "MasterAccountArn": f"arn:aws:organizations::{account}:account/{ID}/{account}",
        "MasterAccountId": account,
        "MasterAccountEmail": "aws@halden.example",
    }


def policy(site: Site, sort: str, name: str, content: Any, *targets: str) -> None:
    """A policy of a type such as SERVICE_CONTROL_POLICY, attached to account ids or to the root."""
    made = f"p-{site.made_id('policy', sort, name).lower()}"
    kind = sort.lower().removesuffix("_policy") + "_policy"
    summary = {
        "Id": made,
        "Arn": f"arn:aws:organizations::{site.account}:policy/{ID}/{kind}/{made}",
        "Name": name,
        "Type": sort,
        "AwsManaged": False,
    }
    site.put("organizations.policy", {"_Id": made, "PolicySummary": summary, "Content": json.dumps(content)})
    for target in targets:
        is_root = target == ROOT
        site.put(
            "organizations.target",
            {
                "_PolicyId": made,
                "TargetId": target,
                "Arn": f"arn:aws:organizations::{site.account}:{'root' if is_root else 'account'}/{ID}/{target}",
                "Name": "Root" if is_root else target,
                "Type": "ROOT" if is_root else "ACCOUNT",
            },
        )
