"""Behaviour of moto that is corrected in place, because repairing its answers would cost too much."""

from __future__ import annotations

from functools import cache
from typing import Any

from moto.core import utils
from moto.core.loaders import create_loader
from moto.iam.models import IAMBackend
from moto.kms import models as kms
from moto.kms.utils import generate_private_key

# Parsed once, and read by moto and by the clients that seed it.
service_description = cache(utils._load_service_model)
_authorization_details = IAMBackend.get_account_authorization_details


def _attached_only(self: Any, policy_filter: list[str]) -> dict[str, Any]:
    """AWS answers those of its own managed policies that are attached to something, with names; moto all, nameless."""
    details = _authorization_details(self, policy_filter)
    own = {policy.arn for policy in self.aws_managed_policies}
    details["managed_policies"] = [
        policy for policy in details["managed_policies"] if policy.arn not in own or policy.attachment_count > 0
    ]
    for policy in details["managed_policies"]:
        policy.policy_name, policy.policy_id = policy.name, policy.id
    return details


REPLACED: tuple[tuple[Any, str, Any], ...] = (
    (utils, "create_loader", cache(create_loader)),
    (utils, "_load_service_model", service_description),
    # Nothing is ever signed here, so all keys of a kind share their material: making it took longer than all the rest.
    (kms, "generate_private_key", cache(generate_private_key)),
    (IAMBackend, "get_account_authorization_details", _attached_only),
)


def install() -> None:
    """Puts the corrections in; harmless when repeated."""
    for owner, name, replacement in REPLACED:
        setattr(owner, name, replacement)
