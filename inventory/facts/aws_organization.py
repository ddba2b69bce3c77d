"""What the organization forbids all of its accounts to do with AI."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from inventory.documents import Unknown
from inventory.facts.aws_controls import MEMBER, ROOT, account_of, document_in, path_to, place_of
from inventory.facts.estate import Estate, Node
from inventory.facts.registry import fact
from inventory.facts.unseen import first
from inventory.iam.language import BY_SERVICE, Clause, Statement, statements

ORGANIZATION = ("aws.organizations.organization",)
SCP, OPT_OUT, BEDROCK = (
    "aws.organizations.service_control_policy",
    "aws.organizations.ai_opt_out_policy",
    "aws.organizations.bedrock_policy",
)
DEFENCES = (
    "bedrock:deleteguardrail",
    "bedrock:deletemodelinvocationloggingconfiguration",
    "cloudtrail:stoplogging",
    "guardduty:deletedetector",
)
GUARDRAIL = "bedrock:guardrailidentifier"


# Everything, or everything of one sort, wherever it is.
ALL = re.compile(r"\*|arn:[^:]*:[a-z*-]+:\*:\*:([a-z-]+/)?\*")
Policies = list[tuple[frozenset[str], Any]]


def _attached(estate: Estate, node: Node, kind: str) -> Policies | Unknown:
    """(what it is attached to, its document) of policies of one type; only the management account is told them."""
    policies = estate.all(kind)
    told = (node.config.get("Organization") or {}).get("MasterAccountId") == estate.account
    if not policies and not (told and estate.complete(kind)):
        return Unknown("Only the organization's management account is told its policies")
    missing = first(policy.unknown("Policy", "Targets") for policy in policies)
    if missing is not None:
        return missing
    found = [(frozenset(map(place_of, policy.config.get("Targets") or ())), policy) for policy in policies]
    return [(to, document_in((policy.config.get("Policy") or {}).get("Content"))) for to, policy in found if to]


def _everywhere(targets: frozenset[str], estate: Estate, spared: str = "") -> bool | Unknown:
    """Whether what is attached there binds every account but the one that is spared."""
    if ROOT in targets or not targets:
        return bool(targets)
    accounts = {account_of(one) for one in estate.all(MEMBER)} - {spared}
    paths = [path_to(estate, account) for account in accounts]
    free = [traced for path, traced in paths if not targets & set(path)]
    if any(free):
        return False
    if free or not estate.complete(MEMBER):
        return Unknown("Not every account of the organization, and the unit that it is in, was read.")
    return bool(paths)


@fact("opted_out_of_ai", kinds=ORGANIZATION, looks_at=(OPT_OUT, MEMBER), title="AWS may not use its data to improve AI")
def opted_out_of_ai(node: Node, estate: Estate) -> bool | Unknown:
    """Whether policies opt every account out of every AI service, and none of them opts a service in."""
    attached = _attached(estate, node, OPT_OUT)
    if isinstance(attached, Unknown):
        return attached
    told = [(to, (document or {}).get("services") or {}) for to, document in attached]
    if any("optIn" in json.dumps(services) for _to, services in told):
        return False
    out = (to for to, services in told if "optOut" in json.dumps(services.get("default")))
    return _everywhere(frozenset().union(*out), estate)


@fact("models_limited", kinds=ORGANIZATION, looks_at=(SCP, BEDROCK, MEMBER), title="The organization limits models")
def models_limited(node: Node, estate: Estate) -> bool | Unknown:
    """Whether a Bedrock policy, or a service control policy that refuses to invoke some models, binds every member."""
    bedrock, refusing = _attached(estate, node, BEDROCK), _attached(estate, node, SCP)
    unsure = first(one for one in (bedrock, refusing) if isinstance(one, Unknown))
    limiting = [] if isinstance(bedrock, Unknown) else [to for to, _content in bedrock]
    if not isinstance(refusing, Unknown):
        limiting += _refusing(refusing, "bedrock:invokemodel", _about_models)
    limited = _everywhere(frozenset().union(*limiting), estate, estate.account)
    return unsure if limited is False and unsure is not None else limited


@fact("unprotected_defences", kinds=ORGANIZATION, looks_at=(SCP, MEMBER), title="AI defences that members may remove")
def unprotected_defences(node: Node, estate: Estate) -> list[str] | Unknown:
    """Actions against guardrails, logs and detection that not every member is refused, whatever they are done to."""
    attached = _attached(estate, node, SCP)
    if isinstance(attached, Unknown):
        return attached
    targets = {one: frozenset().union(*_refusing(attached, one, _about_everything)) for one in DEFENCES}
    refused = {one: _everywhere(to, estate, estate.account) for one, to in targets.items()}
    open_ = [action for action, said in refused.items() if said is False]
    unsure = first(said for said in refused.values() if isinstance(said, Unknown))
    return open_ if open_ or unsure is None else unsure


def _refusing(attached: Policies, action: str, about: Callable[[Statement], bool]) -> list[frozenset[str]]:
    """Where policies are attached that refuse the action in a statement of which this is true."""
    return [
        to
        for to, document in attached
        if any(not one.allow and one.grants(action) and about(one) for one in statements(document))
    ]


def _about_everything(statement: Statement) -> bool:
    return any(map(ALL.fullmatch, statement.resources)) and all(map(_spares_few, statement.tests))


def _about_models(statement: Statement) -> bool:
    """Demanding a guardrail takes no model away."""
    keys = {one.key for one in statement.tests if not _spares_few(one)}
    return GUARDRAIL not in keys and all(key.startswith("bedrock:") for key in keys)


def _spares_few(test: Clause) -> bool:
    """Whether the condition leaves out nobody but AWS's services and principals that it names."""
    if test.key in BY_SERVICE:
        return test.spares_only_known
    named = all(value.partition("/")[2].strip("*?") for value in test.values)
    return test.key == "aws:principalarn" and "not" in test.operator and named
