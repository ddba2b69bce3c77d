"""What people write when they connect an account."""

from __future__ import annotations

import pytest

from aispm.core.errors import Invalid
from integrations.aws.checking import check_keys, check_role, regions_in

KEY = "AKIAIOSFODNN7EXAMPLE"


@pytest.mark.parametrize(
    ("words", "regions"),
    [
        (["us-east-1"], ("us-east-1",)),
        (["us-east-1, eu-central-1"], ("us-east-1", "eu-central-1")),
        (["us-east-1 eu-central-1", "us-east-1"], ("us-east-1", "eu-central-1")),
        ([" US-East-1;eu-central-1,, "], ("us-east-1", "eu-central-1")),
        (["all"], ("all",)),
        (["All", "us-east-1"], ("all",)),
        (["us-gov-west-1"], ("us-gov-west-1",)),
    ],
)
def test_regions_are_separated_by_commas_or_blanks(words: list[str], regions: tuple[str, ...]) -> None:
    assert regions_in(words) == regions


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["us-esat-1"], r"no such region: us-esat-1 \(is us-west-1 or us-east-1 meant\?\)"),
        (["us-east-1,no-such 1"], r"no such region: no-such, 1\."),
        (["europe"], "no such region: europe"),
        (["all,foo"], r"no such region: foo\."),
        ([], "Name the regions"),
        ([" , "], "Name the regions"),
        (["us-east-1", "cn-north-1"], "separate clouds"),
    ],
)
def test_wrong_regions_are_named(words: list[str], said: str) -> None:
    with pytest.raises(Invalid, match=said) as refused:
        regions_in(words)
    assert refused.value.where == "regions"


@pytest.mark.parametrize(
    "arn",
    ["x", "arn:aws:iam::123:role/a", "arn:aws:iam::123456789012:user/a", "arn:aws:iam::123456789012:role/",
     "arn:aws:iam::123456789012:role/a\n", "AispmReader"],
)  # fmt: skip
def test_what_is_no_role_is_refused_with_an_example(arn: str) -> None:
    with pytest.raises(Invalid, match="arn:aws:iam::123456789012:role/AispmReader") as refused:
        check_role(arn, "")
    assert refused.value.where == "role_arn"


@pytest.mark.parametrize("arn", ["arn:aws:iam::123456789012:role/a", "arn:aws-us-gov:iam::123456789012:role/path/a+b"])
def test_a_role_is_taken_with_any_external_id_that_aws_allows(arn: str) -> None:
    check_role(arn, "our/id:1=2")
    with pytest.raises(Invalid, match="external id"):
        check_role(arn, "with blanks")


@pytest.mark.parametrize(
    ("keys", "where"),
    [
        ((KEY, "", ""), "access_key_id"),
        (("", "secret", ""), "access_key_id"),
        (("short", "secret", ""), "access_key_id"),
        ((f"{KEY}\n", "secret", ""), "access_key_id"),
        ((KEY, "two words", ""), "secret_access_key"),
        ((KEY, "sécret", ""), "secret_access_key"),
        ((KEY, "secret", "line\nbreak"), "session_token"),
        (("", "", "token"), "session_token"),
    ],
)
def test_a_key_that_cannot_be_one_is_refused_at_its_field(keys: tuple[str, str, str], where: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_keys(*keys)
    assert refused.value.where == where


def test_a_key_a_session_and_no_key_at_all_are_fine() -> None:
    check_keys("", "", "")
    check_keys(KEY, "abc/+=", "token+/==")
