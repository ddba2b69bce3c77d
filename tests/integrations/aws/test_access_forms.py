"""The forms in which access is granted: they can be applied as they stand, and stay below AWS's limits."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from cfnlint.api import lint_all

from integrations.aws import cloudformation, model, policy, terraform
from integrations.management.commands.connect import Command as Connect
from tests.integrations.aws.access_forms import policies

US = "arn:aws:iam::111122223333:role/Aispm"
EXTERNAL_ID = "aispm-0123456789"
NOT_YET_LISTED = "getendpointpolicy"


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load(cloudformation.template(US, EXTERNAL_ID))
    return parsed


def test_the_template_makes_the_role_that_we_can_assume(template: dict[str, Any]) -> None:
    role = _resolved(template["Resources"]["Role"]["Properties"], template)
    assert role["RoleName"] == cloudformation.ROLE
    assert role["AssumeRolePolicyDocument"] == policy.trust_policy(US, EXTERNAL_ID)
    attached = [resource["Properties"]["PolicyDocument"] for resource in role["ManagedPolicyArns"]]
    assert attached == policies(template) == policy.permissions_policies()
    assert template["Outputs"]["RoleArn"]["Value"] == {"Fn::GetAtt": ["Role", "Arn"]}


def _resolved(value: Any, template: dict[str, Any]) -> Any:
    """With a parameter's default, or the resource itself, in the place of each reference."""
    if isinstance(value, list):
        return [_resolved(item, template) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Ref"}:
        parameter = template["Parameters"].get(value["Ref"])
        return parameter["Default"] if parameter else template["Resources"][value["Ref"]]
    return {key: _resolved(item, template) for key, item in value.items()}


def test_the_template_is_one_that_cloudformation_knows() -> None:
    faults = [f"{fault.rule.id} {fault.message}" for fault in lint_all(cloudformation.template(US, EXTERNAL_ID))]
    assert [fault for fault in faults if fault[0] in "EW" and NOT_YET_LISTED not in fault.split(" is not ")[0]] == []


def test_the_template_and_its_policies_stay_below_the_limits(template: dict[str, Any]) -> None:
    longest = cloudformation.template(f"arn:aws:iam::111122223333:role/{'r' * 512}", "e" * 1224)
    assert len(longest.encode()) <= cloudformation.LARGEST
    documents = policies(template)
    assert len(documents) == len(template["Resources"]["Role"]["Properties"]["ManagedPolicyArns"]) <= 10
    assert all(len(re.sub(r"\s", "", json.dumps(document))) <= policy.LARGEST for document in documents)


@pytest.mark.parametrize(
    "principal", [US, "arn:aws:iam::111122223333:root", "arn:aws-us-gov:iam::111122223333:user/a/b"]
)
def test_the_templates_own_patterns_accept_what_stands_there(principal: str, template: dict[str, Any]) -> None:
    known = {"RoleName": cloudformation.ROLE, "Principal": principal, "ExternalId": EXTERNAL_ID}
    for name, parameter in template["Parameters"].items():
        assert re.fullmatch(parameter["AllowedPattern"], known[name]), name
    assert not re.fullmatch(template["Parameters"]["Principal"]["AllowedPattern"], cloudformation.UNKNOWN_PRINCIPAL)


def test_who_we_are_is_asked_for_where_it_is_not_known() -> None:
    parameters = yaml.safe_load(cloudformation.template("", EXTERNAL_ID))["Parameters"]
    assert "Default" not in parameters["Principal"]
    assert "default" not in terraform.configuration("", EXTERNAL_ID).split("}")[0]
    for commands in (cloudformation.stack_commands(""), cloudformation.stack_set_commands("")):
        assert commands.count("ParameterValue=$PRINCIPAL") == commands.count("--template-body")
    assert "PRINCIPAL" not in cloudformation.stack_set_commands(US)


def test_without_an_external_id_none_is_asked_for() -> None:
    for text in (cloudformation.template(US, ""), terraform.configuration(US, "")):
        assert not re.search("ExternalId|external_id|Condition", text)


def commands(text: str) -> Iterator[list[str]]:
    """Each command of aws, in words."""
    joined = text.replace("\\\n", " ").replace("$(", "\n").replace(")", "\n")
    for line in joined.splitlines():
        if line.lstrip().startswith("aws "):
            yield shlex.split(line)


def test_every_command_and_option_of_the_recipe_exists() -> None:
    for principal in ("", US):
        recipe = cloudformation.stack_set_commands(principal) + cloudformation.connect_commands(EXTERNAL_ID)
        found = list(commands(recipe))
        names = [words[2] for words in found]
        assert {"create-stack-set", "create-stack-instances", "create-stack"} < set(names)
        for words in found:
            shape = model.service_model(words[1]).operation_model(_pascal(words[2])).input_shape
            options = {_pascal(word[2:]) for word in words if word.startswith("--")}
            assert options - {"Query", "Output", "Region", "Regions"} <= set(shape.members), words[2]
            assert set(shape.required_members) - options == set(), words[2]


def test_the_recipe_ends_with_a_command_of_ours_that_connects_all_members() -> None:
    (line,) = [line for line in cloudformation.connect_commands(EXTERNAL_ID).replace("\\\n", " ").splitlines()
               if line.startswith("aispm ")]  # fmt: skip
    words = shlex.split(line)
    options = Connect().create_parser("aispm", words[1]).parse_args(words[2:])
    assert (options.organization, options.external_id) == (True, EXTERNAL_ID)
    assert options.role_arn.endswith(f":role/{cloudformation.ROLE}")


def _pascal(words: str) -> str:
    return "".join(word.capitalize() for word in words.split("-"))


def test_what_somebody_enters_stays_text() -> None:
    nasty = "a'\"$(reboot)${var.x}%{if}\n: #"
    assert yaml.safe_load(cloudformation.template(US, nasty))["Parameters"]["ExternalId"]["Default"] == nasty
    assert nasty in shlex.split(cloudformation.connect_commands(nasty), comments=True)
    written = terraform.configuration(US, nasty)
    assert '"a\'\\"$(reboot)$${var.x}%%{if}\\n: #"' in written
    assert _unbalanced(written) == []


def test_the_terraform_form_makes_the_role_and_attaches_every_policy() -> None:
    written = terraform.configuration(US, EXTERNAL_ID)
    applied = re.findall(r'^resource "(\w+)" "(\w+)" \{$', written, re.MULTILINE)
    numbered = [f"aispm_{number}" for number in range(1, len(policy.permissions_policies()) + 1)]
    assert applied == [
        *(("aws_iam_policy", name) for name in numbered),
        ("aws_iam_role", "aispm"),
        *(("aws_iam_role_policy_attachment", name) for name in numbered),
    ]
    assert all(f"policy_arn = aws_iam_policy.{name}.arn" in written for name in numbered)
    used = set(re.findall(r"\bvar\.(\w+)", written))
    assert used == set(re.findall(r'^variable "(\w+)"', written, re.MULTILINE))
    assert _unbalanced(written) == []


def test_what_terraform_encodes_is_the_policy() -> None:
    """Its object and list expressions, read as the JSON that they become."""
    written = terraform.configuration(US, EXTERNAL_ID)
    encoded = re.findall(r"= jsonencode\((\{.*?^  \})\)$", written, re.MULTILINE | re.DOTALL)
    *documents, trust = [_as_json(text) for text in encoded]
    assert documents == policy.permissions_policies()
    assert trust == policy.trust_policy("var.principal", "var.external_id")


@pytest.mark.skipif(shutil.which("terraform") is None, reason="No terraform here; the form is read by our own words.")
def test_terraform_itself_reads_the_form_and_what_is_meant_for_an_organization() -> None:
    """`fmt -check` fails on what does not parse, and on what it would lay out differently."""
    written = terraform.configuration(US, EXTERNAL_ID)
    _, _, organization = written.partition(f"as {cloudformation.FILE},\n")
    uncommented = "".join(f"{line.removeprefix('#').removeprefix(' ')}\n" for line in organization.splitlines()[2:])
    assert "aws_cloudformation_stack_set_instance" in uncommented
    for text in (written, uncommented):
        done = subprocess.run(["terraform", "fmt", "-check", "-"], input=text, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_the_recipe_for_an_organization_is_a_script_that_a_shell_reads() -> None:
    for principal in ("", US):
        recipe = cloudformation.stack_set_commands(principal) + cloudformation.connect_commands("a'b")
        assert subprocess.run(["sh", "-n"], input=recipe, text=True).returncode == 0


def _as_json(text: str) -> Any:
    keyed = re.sub(r'^(\s*)("[^"]+"|\w+)\s+= ', lambda m: f'{m[1]}"{m[2].strip(chr(34))}": ', text, flags=re.MULTILINE)
    quoted = re.sub(r": (var\.\w+)", r': "\1"', keyed)
    separated = re.sub(r'(["}\]])\n(\s*")', r"\1,\n\2", quoted)
    return json.loads(re.sub(r",(\s*[}\]])", r"\1", separated))


def _unbalanced(text: str) -> list[str]:
    """Brackets that are not closed in order, outside of strings and comments."""
    outside = re.sub(r'"(?:[^"\\]|\\.)*"|#.*', "", text)
    open_, closes = [], {"}": "{", "]": "[", ")": "("}
    for sign in outside:
        if sign in closes.values():
            open_.append(sign)
        elif sign in closes and (not open_ or open_.pop() != closes[sign]):
            return [sign]
    return open_
