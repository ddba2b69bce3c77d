"""An organization in its management account: units, members, and policies with what they are attached to."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from demo.aws.build.site import Site
from demo.aws.wire import Document

ID, ROOT = "o-halden2026", "r-hald"
SORTS = {"r": ("ROOT", "root"), "ou": ("ORGANIZATIONAL_UNIT", "ou")}


@dataclass(frozen=True, slots=True)
class Member:
    """An account of the organization; `units` lead from the root to it."""

    account: str
    name: str
    units: tuple[str, ...] = ()
    status: str = "ACTIVE"


def organization(site: Site, members: Iterable[Member]) -> None:
    """The organization whose management account is the site's."""
    document = _organization(site.account)
    for member in (Member(site.account, "halden-ai"), *members):
        site.aws.overlay.twin.put("organizations.organization", (member.account, "us-east-1"), dict(document))
        site.put(
            "organizations.account",
            {
                "Arn": f"arn:aws:organizations::{site.account}:account/{ID}/{member.account}",
                "Id": member.account,
                "Name": member.name,
                "Email": f"{member.name}@halden.example",
                "Status": member.status,
                "State": member.status,
                "Paths": ["/".join((ID, ROOT, *member.units, member.account, ""))],
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
    """A policy of a type such as SERVICE_CONTROL_POLICY, attached to the root, to units or to accounts by their ids."""
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
        type_, noun = SORTS.get(target.partition("-")[0], ("ACCOUNT", "account"))
        site.put(
            "organizations.target",
            {
                "_PolicyId": made,
                "TargetId": target,
                "Arn": f"arn:aws:organizations::{site.account}:{noun}/{ID}/{target}",
                "Name": "Root" if type_ == "ROOT" else target,
                "Type": type_,
            },
        )
