"""The role and its policies in Terraform's language, laid out as `terraform fmt` does."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from integrations.aws import policy
from integrations.aws.cloudformation import FILE, ROLE, STACK

_HEAD = """\
# What AISPM may read in an AWS account: configuration, never data or secrets; nothing is changed.
# Generated from the table of calls, so it grants exactly what is called.
"""
_ORGANIZATION = f"""
# For every account of an organization, instead of the above: the CloudFormation form beside this file as {FILE},
# applied in the management account (which a StackSet leaves out: it needs the resources above, or a stack).
#
# data "aws_organizations_organization" "this" {{}}
#
# resource "aws_cloudformation_stack_set" "aispm" {{
#   name             = "{STACK}"
#   permission_model = "SERVICE_MANAGED"
#   capabilities     = ["CAPABILITY_NAMED_IAM"]
#   template_body    = file("${{path.module}}/{FILE}")
#   parameters       = {{ Principal = var.principal }}
#   auto_deployment {{
#     enabled                          = true
#     retain_stacks_on_account_removal = false
#   }}
#   lifecycle {{
#     ignore_changes = [administration_role_arn]
#   }}
# }}
#
# resource "aws_cloudformation_stack_set_instance" "aispm" {{
#   stack_set_name            = aws_cloudformation_stack_set.aispm.name
#   stack_set_instance_region = "us-east-1"
#   deployment_targets {{
#     organizational_unit_ids = [data.aws_organizations_organization.this.roots[0].id]
#   }}
# }}
"""
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


class Reference(str):
    """An expression that stands as it is, without quotes."""

    __slots__ = ()


def configuration(principal: str, external_id: str) -> str:
    """HCL. Without a known principal the variable has no default, so Terraform asks; external id "" asks for none."""
    parts = policy.permissions_policies()
    trust = policy.trust_policy(Reference("var.principal"), Reference("var.external_id") if external_id else "")
    answer = {"description": "Enter this in AISPM", "value": Reference("aws_iam_role.aispm.arn")}
    blocks = [
        _variable("principal", "ARN of the user or role that AISPM is in AWS", principal),
        *([_variable("external_id", "What AISPM brings when it assumes the role", external_id)] if external_id else []),
        _variable("role_name", "The same in every account, so that its ARN is known", ROLE),
        *(_policy(number, part) for number, part in enumerate(parts, 1)),
        _role(trust),
        *(_attachment(number) for number in range(1, len(parts) + 1)),
        _block('output "role_arn"', answer),
    ]
    return _HEAD + "\n" + "\n".join(blocks) + _ORGANIZATION


def _variable(name: str, description: str, default: str) -> str:
    known = {"default": default} if default else {}
    return _block(f'variable "{name}"', {"type": Reference("string"), "description": description, **known})


def _policy(number: int, document: Mapping[str, Any]) -> str:
    attributes = {
        "name": Reference(f'"${{var.role_name}}-{number}"'),
        "description": "What AISPM reads",
        "policy": _encoded(document),
    }
    return _block(f'resource "aws_iam_policy" "aispm_{number}"', attributes)


def _role(trust: Mapping[str, Any]) -> str:
    attributes = {
        "name": Reference("var.role_name"),
        "description": "AISPM reads this account's configuration",
        "assume_role_policy": _encoded(trust),
    }
    return _block('resource "aws_iam_role" "aispm"', attributes)


def _attachment(number: int) -> str:
    attributes = {
        "role": Reference("aws_iam_role.aispm.name"),
        "policy_arn": Reference(f"aws_iam_policy.aispm_{number}.arn"),
    }
    return _block(f'resource "aws_iam_role_policy_attachment" "aispm_{number}"', attributes)


def _encoded(document: Mapping[str, Any]) -> Reference:
    return Reference(f"jsonencode({_value(document, 1)})")


def _block(head: str, attributes: Mapping[str, Any]) -> str:
    return f"{head} {_value(attributes, 0)}\n"


def _value(value: Any, depth: int) -> str:
    """`depth`: how deep the line stands on which the value begins."""
    if isinstance(value, Reference):
        return str(value)
    if isinstance(value, Mapping):
        return "{\n" + _attributes(value, depth + 1) + "  " * depth + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _list(value, depth)
    return _quoted(str(value))


def _list(items: Sequence[Any], depth: int) -> str:
    lines = "".join(f"{'  ' * (depth + 1)}{_value(item, depth + 1)},\n" for item in items)
    return f"[\n{lines}{'  ' * depth}]"


def _attributes(attributes: Mapping[str, Any], depth: int) -> str:
    """One a line; equals signs of neighbours that take one line each stand below one another."""
    rows = [(_key(key), _value(value, depth)) for key, value in attributes.items()]
    lines: list[str] = []
    group: list[tuple[str, str]] = []
    for key, text in rows:
        if "\n" in text:
            lines += [*_aligned(group, depth), f"{'  ' * depth}{key} = {text}"]
            group = []
        else:
            group.append((key, text))
    return "\n".join([*lines, *_aligned(group, depth)]) + "\n"


def _aligned(group: Sequence[tuple[str, str]], depth: int) -> list[str]:
    width = max((len(key) for key, _ in group), default=0)
    return [f"{'  ' * depth}{key.ljust(width)} = {text}" for key, text in group]


def _key(key: str) -> str:
    return key if _PLAIN_KEY.fullmatch(key) else _quoted(key)


def _quoted(text: str) -> str:
    """A string; what would begin a template in it is doubled, which makes it plain text."""
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
