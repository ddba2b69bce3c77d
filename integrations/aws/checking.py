"""What people write when they connect an account, checked before anything is called. Invalid says what to correct."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches

from aispm.core.errors import Invalid
from integrations.aws import model

ALL = "all"
ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]{1,576}", re.ASCII)
ROLE_NAME = re.compile(r"[\w+=,.@/-]{1,576}", re.ASCII)
EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)
KEY_ID = re.compile(r"\w{16,128}", re.ASCII)
VISIBLE = re.compile(r"[!-~]*")


def regions_in(words: Sequence[str]) -> tuple[str, ...]:
    """The named regions, once each, or ("all",). Words may be joined by commas or blanks."""
    names = tuple(dict.fromkeys(re.split(r"[,;\s]+", " ".join(words).strip().lower())))
    names = tuple(name for name in names if name)
    if not names:
        raise Invalid("Name the regions, such as eu-central-1,us-east-1, or all.", where="regions")
    unknown = [name for name in names if name != ALL and name not in model.partitions_by_region()]
    if unknown:
        raise Invalid(f"AWS has no such region: {', '.join(map(_with_guess, unknown))}.", where="regions")
    if ALL in names:
        return (ALL,)
    partitions = {model.partition_of(name) for name in names}
    if len(partitions) > 1:
        raise Invalid(
            f"No account has all of these regions: {', '.join(names)} belong to {len(partitions)} separate clouds "
            f"({', '.join(sorted(partitions))}).",
            where="regions",
        )
    return names


def _with_guess(name: str) -> str:
    near = get_close_matches(name, list(model.partitions_by_region()), n=2, cutoff=0.8)
    return f"{name[:40]} (is {' or '.join(near)} meant?)" if near else name[:40]


def check_role(role_arn: str, external_id: str) -> None:
    if role_arn and not ROLE.fullmatch(role_arn):
        raise Invalid(
            "The role is not the ARN of a role. It looks like arn:aws:iam::123456789012:role/AispmReader.",
            where="role_arn",
        )
    if external_id and not EXTERNAL_ID.fullmatch(external_id):
        raise Invalid("An external id has 2 to 1224 letters, digits or any of +=,.@:/_-.", where="external_id")


def check_member_role(name: str, external_id: str) -> None:
    if not ROLE_NAME.fullmatch(name):
        raise Invalid(
            "Enter the name of the role alone, such as AispmReader: it is the same in every account.", where="role_name"
        )
    check_role("", external_id)


def check_keys(access_key_id: str, secret_access_key: str, session_token: str) -> None:
    if bool(access_key_id) != bool(secret_access_key):
        raise Invalid("Give both the access key id and the secret access key, or neither.", where="access_key_id")
    if access_key_id and not KEY_ID.fullmatch(access_key_id):
        raise Invalid(
            "That is no access key id: it has 16 to 128 letters and digits, such as AKIAIOSFODNN7EXAMPLE.",
            where="access_key_id",
        )
    if session_token and not access_key_id:
        raise Invalid(
            "A session token goes with the keys that were given with it: enter them too.", where="session_token"
        )
    for value, where in ((secret_access_key, "secret_access_key"), (session_token, "session_token")):
        if not VISIBLE.fullmatch(value):
            raise Invalid(
                f"The {where.replace('_', ' ')} holds blanks, line breaks or letters that AWS does not use: "
                "copy it again.",
                where=where,
            )
