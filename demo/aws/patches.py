"""Behaviour of moto that is corrected in place, because repairing its answers would cost too much."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from moto.core import utils
from moto.core.loaders import create_loader
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend
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


# The policies of AWS that are about AI or that people attach to what AI runs on; moto would make all 1,582 each time.
_RELEVANT = re.compile(
    r"SageMaker|Bedrock|AdministratorAccess|PowerUser|ReadOnly|SecurityAudit|ViewOnly|Comprehend|Kendra|QBusiness|"
    r"^(AmazonS3|AmazonEC2|AmazonECS|AmazonEKS|AWSLambda|IAM|CloudWatch|AmazonGuardDuty|AWSCloudTrail|SecretsManager|"
    r"AWSKeyManagement|AmazonSSM|AmazonDynamoDB|AmazonOpenSearch|Billing|SystemAdministrator|DataScientist)"
)


@cache
def _aws_policies() -> dict[str, Any]:
    return {name: data for name, data in json.loads(aws_managed_policies_data).items() if _RELEVANT.search(name)}


def _relevant_policies(self: Any) -> list[Any]:
    made = AWSManagedPolicy.from_data
    return [made(name, self.account_id, self.region_name, data) for name, data in _aws_policies().items()]


REPLACED: tuple[tuple[Any, str, Any], ...] = (
    (utils, "create_loader", cache(create_loader)),
    (utils, "_load_service_model", service_description),
    # Nothing is ever signed here, so all keys of a kind share their material: making it took longer than all the rest.
    (kms, "generate_private_key", cache(generate_private_key)),
    (IAMBackend, "_init_aws_policies", _relevant_policies),
    (IAMBackend, "get_account_authorization_details", _attached_only),
)


def install() -> None:
    """Puts the corrections in; harmless when repeated."""
    for owner, name, replacement in REPLACED:
        setattr(owner, name, replacement)
