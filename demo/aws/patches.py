"""Behaviour of moto that is corrected in place, because repairing its answers would cost too much."""

from __future__ import annotations

from typing import Any

from moto.iam.models import IAMBackend

_authorization_details = IAMBackend.get_account_authorization_details


def _attached_only(self: Any, policy_filter: list[str]) -> dict[str, Any]:
    """AWS answers those of its own managed policies that are attached to something; moto all 1,500."""
    details = _authorization_details(self, policy_filter)
    own = {policy.arn for policy in self.aws_managed_policies}
    details["managed_policies"] = [
        policy for policy in details["managed_policies"] if policy.arn not in own or policy.attachment_count > 0
    ]
    return details


def install() -> None:
    """Puts the corrections in; harmless when repeated."""
    IAMBackend.get_account_authorization_details = _attached_only  # type: ignore[method-assign]
