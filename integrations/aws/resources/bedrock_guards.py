"""Bedrock: published guardrails, where they are enforced, and what holds for a whole account and region."""

from __future__ import annotations

from integrations.aws.resources.bedrock import GONE, NOT_HERE
from integrations.aws.table import Absent, Detail, Each, Keep, Link, Resource, Single

GUARDRAIL = "aws.bedrock.guardrail"
VERSION = "aws.bedrock.guardrail_version"

RESOURCES = (
    Resource(
        kind=VERSION,
        client="bedrock",
        each=Each("list_guardrails", "guardrails", {"guardrailIdentifier": "arn"}),
        for_each=(GUARDRAIL,),
        identity="{arn}/version/{version}",
        name="{name} version {version}",
        keep=Keep(matching=(("version", r"^\d+$"),)),
        detail=(
            Detail(
                operation="get_guardrail",
                parameters={"guardrailIdentifier": "arn", "guardrailVersion": "version"},
                describes=True,
                absent=GONE,
            ),
        ),
        links=(
            Link("part_of", "arn", GUARDRAIL),
            Link("encrypted_by", "kmsKeyArn", "aws.kms.key", "kms"),
            Link(
                "loads", "automatedReasoningPolicy.policies[]", "aws.bedrock.automated_reasoning_policy", "unversioned"
            ),
        ),
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.bedrock.enforced_guardrail",
        client="bedrock",
        each=Each("list_enforced_guardrails_configuration", "guardrailsConfig"),
        identity="arn:{partition}:bedrock:{region}:{account}:enforced-guardrail/{configId|guardrailId}",
        name="Enforced {guardrailId|=guardrail}",
        links=(
            Link("guarded_by", "guardrailArn", GUARDRAIL, "arn"),
            Link(
                "guarded_by", "guardrailVersion", VERSION, "arn:bedrock:guardrail/{guardrailId}/version/{}", ("DRAFT",)
            ),
        ),
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.bedrock.automated_reasoning_policy",
        client="bedrock",
        each=Each("list_automated_reasoning_policies", "automatedReasoningPolicySummaries"),
        identity="{policyArn}",
        name="{name}",
        tags="@",
        not_offered=NOT_HERE,
    ),
    Resource(
        kind="aws.bedrock.account_settings",
        client="bedrock",
        each=Single("get_account_data_retention"),
        identity="arn:{partition}:bedrock:{region}:{account}:account-settings",
        name="Bedrock settings in {region}",
        detail=(
            Detail(
                operation="get_use_case_for_model_access",
                parameters={},
                into="useCase",
                take="formData",
                absent=(Absent("ResourceNotFoundException"),),
            ),
        ),
        noise=("updatedAt",),
        not_offered=NOT_HERE,
    ),
)
