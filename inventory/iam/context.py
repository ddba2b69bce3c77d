"""What a request carries: what is known of the caller, of the resource and of the call itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from inventory.documents import Unknown
from inventory.iam.actions import can_carry
from inventory.iam.conditions import Value
from inventory.iam.matching import LITERAL_VARIABLES, PROBE, VARIABLE

ABSENT: tuple[str, ...] = ()
# In place of a region: the caller calls where policies let him.
ANY_REGION, REGION = "*", "aws:requestedregion"
NO_TAGS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Principal:
    """Somebody who may call. `sort` is role, user or outside; tags have their names in lower case.

    `id` is the unique one. `tagged`: sessions may bring tags of their own. `organization` may not be known.
    """

    arn: str
    account: str
    name: str = ""
    sort: str = "role"
    id: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    tagged: bool = False
    organization: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question: an action on a resource. `tags` are not known when None; `values` settle further keys.

    A key in `values` without texts is absent from the request. Keys are in lower case.
    """

    action: str
    resource: str = "*"
    account: str = ""
    region: str = ""
    organization: str = ""
    tags: Mapping[str, str] | None = None
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def given(self, **values: tuple[str, ...]) -> Request:
        return self.having({key.replace("__", ":"): value for key, value in values.items()})

    def having(self, values: Mapping[str, tuple[str, ...]]) -> Request:
        """The same, with more keys settled."""
        return replace(self, values={**self.values, **values})


# Of a call that a person or workload makes directly, over TLS and signed as usual.
DIRECT: Mapping[str, tuple[str, ...]] = {
    "aws:securetransport": ("true",),
    "aws:viaawsservice": ("false",),
    "aws:principalisawsservice": ("false",),
    "aws:calledvia": ABSENT,
    "aws:calledviafirst": ABSENT,
    "aws:calledvialast": ABSENT,
    "aws:principalservicename": ABSENT,
    "aws:principalservicenameslist": ABSENT,
    "aws:sourceaccount": ABSENT,
    "aws:sourcearn": ABSENT,
    "aws:sourceowner": ABSENT,
    "aws:sourceorgid": ABSENT,
    "aws:sourceorgpaths": ABSENT,
    "kms:viaservice": ABSENT,
    "s3:authtype": ("REST-HEADER",),
    "s3:signatureversion": ("AWS4-HMAC-SHA256",),
    "s3:tlsversion": ("1.3",),
    "s3:signatureage": ("0",),
}
# Parameters of the call: the caller sets them as the policy wants it.
CHOSEN = re.compile(
    r"aws:requesttag/.+|aws:tagkeys|bedrock:(guardrailidentifier|inferenceprofilearn|promptrouterarn|servicetier|projectarn)"
    r"|bedrock-mantle:.+|iam:(passedtoservice|associatedresourcearn)|s3:(x-amz-(?!content).+|prefix|delimiter|max-keys)"
    r"|s3:(requestobjecttag.*|if-.*match|object-lock-(mode|legal-hold|retain-until-date))"
    r"|sagemaker:(?!resourcetag|ownerprofile).+|kms:(encryptioncontext.*|encryptionalgorithm|requestalias)"
    r"|secretsmanager:(versionid|versionstage|secretid)|sts:(rolesessionname|sourceidentity|transitivetagkeys)"
)
REASONS = {
    "aws:sourceip": "the address that the call comes from",
    "aws:vpcsourceip": "the address that the call comes from",
    "aws:sourcevpc": "the network that the call comes from",
    "aws:sourcevpce": "the endpoint that the call comes through",
    "aws:multifactorauthpresent": "whether the caller used a second factor",
    "aws:multifactorauthage": "when the caller used a second factor",
    "aws:currenttime": "the time",
    "aws:epochtime": "the time",
    "aws:tokenissuetime": "when the session began",
    "sts:externalid": "whether the caller knows the external id",
}
PER_PRINCIPAL = ("aws:principal", "aws:userid", "aws:username", "kms:calleraccount")


@cache
def varies(key: str) -> bool:
    """Whether the key's value differs between principals."""
    return key.startswith(PER_PRINCIPAL) and key not in DIRECT


@cache
def chosen(action: str, key: str) -> bool:
    """Whether the caller may set the key to any value; the region, where the request says so."""
    return key == REGION or (CHOSEN.fullmatch(key) is not None and can_carry(action, key) is True)


def lookup(key: str, request: Request, principal: Principal | None) -> Value:
    """What the request carries under a key (lower case); without a principal only what all have in common."""
    if key in request.values:
        return request.values[key]
    if key in DIRECT:
        return DIRECT[key]
    if varies(key):
        return _of_principal(key, principal) if principal else undecided(key)
    return _of_resource(key, request)


def undecided(key: str) -> Unknown:
    return Unknown(f"It depends on {REASONS.get(key, key)}.")


def _of_principal(key: str, who: Principal) -> Value:
    _word, slash, tag = key.partition("aws:principaltag/")
    if slash:
        return _tag_of(who, tag)
    value = {
        "aws:principalarn": who.arn,
        "aws:principalaccount": who.account,
        "kms:calleraccount": who.account,
        "aws:principalorgid": who.organization,
        "aws:userid": f"{who.id}:{PROBE}" if who.sort == "role" and who.id else who.id,
        "aws:username": who.arn.rpartition("/")[2] if who.sort == "user" else "",
        "aws:principaltype": {"role": "AssumedRole", "user": "User"}.get(who.sort, ""),
    }.get(key, "")
    if value:
        return (value,)
    return ABSENT if key == "aws:username" and who.sort == "role" else undecided(key)


def _tag_of(who: Principal, tag: str) -> Value:
    if who.sort == "outside" or who.tagged:
        return Unknown(f"It depends on the tag {tag} of the caller's session.")
    return (who.tags[tag],) if tag in who.tags else ABSENT


def _of_resource(key: str, request: Request) -> Value:
    if key in ("aws:resourceaccount", "s3:resourceaccount"):
        return (request.account,) if request.account else undecided(key)
    if key == REGION:
        return (request.region,) if request.region not in ("", ANY_REGION) else undecided(key)
    if key == "aws:resourceorgid":
        return (request.organization,) if request.organization else undecided(key)
    if ":resourcetag/" in key:
        return ABSENT if can_carry(request.action, key) is False else _tag_of_resource(key, request)
    if key.startswith("aws:") and not key.startswith(("aws:requesttag/", "aws:tagkeys")):
        return undecided(key)
    return ABSENT if can_carry(request.action, key) is False else undecided(key)


def _tag_of_resource(key: str, request: Request) -> Value:
    if request.tags is None:
        return Unknown("It depends on the tags of the resource.")
    tag = key.partition(":resourcetag/")[2]
    return (request.tags[tag],) if tag in request.tags else ABSENT


def filled(text: str, request: Request, principal: Principal | None) -> str | Unknown:
    """A policy's text with its variables replaced; why not, when one is not known or has several values."""
    if "${" not in text:
        return text
    done = []
    end = 0
    for found in VARIABLE.finditer(text):
        value = _variable(found[1], request, principal)
        if isinstance(value, Unknown):
            return value
        done += [text[end : found.start()], value]
        end = found.end()
    return "".join([*done, text[end:]])


def _variable(name: str, request: Request, principal: Principal | None) -> str | Unknown:
    if name in LITERAL_VARIABLES:
        return LITERAL_VARIABLES[name]
    key, comma, default = name.partition(",")
    value = lookup(key.strip().lower(), request, principal)
    if isinstance(value, Unknown):
        return value
    if not value:
        return default.strip().strip("'\"") if comma else Unknown(f"The variable {key.strip()} has no value.")
    return value[0] if len(value) == 1 else Unknown(f"The variable {key.strip()} has several values.")
