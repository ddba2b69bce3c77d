"""What the teams share: the two regions, keys, common roles and base images."""

from __future__ import annotations

from dataclasses import dataclass, field

from demo.aws.build.site import Site

EXTERNAL_ID = "halden-aispm"
READER_ROLE = "AispmReadOnly"
# Outside the organization.
VENDOR_ACCOUNT = "999988887777"
# Members of the organization, in which one role with the external id lets the collector in.
MEMBER_ROLE = "AispmReader"
SANDBOX_ACCOUNT = "222233334444"
PRODUCTION_ACCOUNT = "333344445555"
SCIENCE_ACCOUNT = "444455556666"
MEMBER_ENVIRONMENTS = {
    PRODUCTION_ACCOUNT: "production",
    SCIENCE_ACCOUNT: "development",
    SANDBOX_ACCOUNT: "development",
}
# Bought lately, without the role so far; and one that was given up.
BOUGHT_ACCOUNT, CLOSED_ACCOUNT = "666677778888", "555566667777"
# What an endpoint that people rely on is watched for.
ALARMS = {
    "errors": "Invocation5XXErrors", "refusals": "Invocation4XXErrors", "latency": "ModelLatency",
    "load": "CPUUtilization", "disk": "DiskUtilization",
}  # fmt: skip


@dataclass(slots=True)
class Company:
    """`us` serves shop and payments, `eu` customer care and search."""

    us: Site
    eu: Site
    keys: dict[str, str] = field(default_factory=dict)
    images: dict[str, str] = field(default_factory=dict)
    log_bucket: dict[str, str] = field(default_factory=dict)


def owned(team: str, application: str, environment: str = "prod", data: str = "internal") -> dict[str, str]:
    """The tags that Halden's teams should set."""
    return {
        "owner": f"{team}@halden.example",
        "team": team,
        "application": application,
        "environment": environment,
        "data-classification": data,
    }


def s3(bucket: str, path: str = "") -> str:
    return f"s3://{bucket}/{path}"
