"""The catalogue of kinds."""

import pytest

from inventory.kinds import GROUPS, KINDS, expand, kind_of


@pytest.mark.parametrize(
    ("kind", "title", "plural"),
    [
        ("aws.s3.bucket", "S3 bucket", "S3 buckets"),
        ("k8s.network_policy", "NetworkPolicy", "NetworkPolicies"),
        ("k8s.toolhive.mcp_group", "MCPGroup", "MCPGroups"),
        ("k8s.kyverno.policy", "Policy", "Policies"),
        ("aws.new.strange_thing", "Strange thing", "Strange things"),
        ("", "", "s"),
    ],
)
def test_every_kind_can_be_shown_known_or_not(kind: str, title: str, plural: str) -> None:
    assert (kind_of(kind).title, kind_of(kind).plural) == (title, plural)


def test_groups_name_known_kinds_and_expand_once() -> None:
    assert all(member in KINDS for members in GROUPS.values() for member in members)
    assert expand("k8s.pod", "k8s.workload")[0] == "k8s.pod"
    assert len(expand("k8s.pod", "k8s.workload")) == len(GROUPS["k8s.workload"])
