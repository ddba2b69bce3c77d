"""Commands that fix a finding name its asset."""

from __future__ import annotations

import pytest

from findings.posture.ui.fixes import OTHERS, PLACEHOLDERS, filled, left_open
from inventory.kinds import possible
from inventory.models import Asset, Source

SOURCE = Source(external_id="123456789012")


def asset(kind: str, name: str, external_id: str = "x", place: str = "-") -> Asset:
    return Asset(source=SOURCE, kind=kind, name=name, external_id=external_id, place=place)


@pytest.mark.parametrize(
    ("found", "command", "expected"),
    [
        (asset("aws.s3.bucket", "data"), "put --bucket BUCKET --id ACCOUNT", "put --bucket data --id 123456789012"),
        (
            asset("k8s.deployment", "llm", place="ml"),
            "scale deployment NAME -n NAMESPACE",
            "scale deployment llm -n ml",
        ),
        (asset("k8s.namespace", "ml"), "label pod NAME -n NAMESPACE", "label pod NAME -n ml"),
        (asset("k8s.deployment", "llm", place="ml"), "create secret generic NAME", "create secret generic NAME"),
        (asset("k8s.node", "gpu-1"), "drain NAME -n NAMESPACE", "drain gpu-1 -n NAMESPACE"),
        (asset("aws.sagemaker.model", "m"), "create --name NAME-2 --role ROLE", "create --name m-2 --role ROLE"),
        (asset("aws.kms.key", "k", "arn:aws:kms:x:1:key/ab-1"), "enable --key-id KEY", "enable --key-id ab-1"),
        (asset("aws.iam.user", "eve"), "detach --role-name ROLE", "detach --role-name ROLE"),
    ],
)
def test_a_placeholder_of_the_asset_is_filled_in(found: Asset, command: str, expected: str) -> None:
    assert filled(command, found) == expected


@pytest.mark.parametrize("name", ["a; rm -rf /", "$(id)", "-rf", "a b", "`id`", "a\nb", ""])
def test_a_name_that_a_shell_could_run_is_never_put_into_a_command(name: str) -> None:
    assert filled("rb --bucket BUCKET", asset("aws.s3.bucket", name)) == "rb --bucket BUCKET"


def test_what_is_left_open_is_told_and_plain_words_are_not() -> None:
    assert left_open(["put --key KEY Status=ENABLED", "tag TEAM"]) == ["KEY", "TEAM"]


def test_every_declared_kind_and_placeholder_exists() -> None:
    assert [kind for kind in PLACEHOLDERS if not kind.endswith(".") and not possible(kind)] == []
    assert {word for words in PLACEHOLDERS.values() for word in words} <= OTHERS
