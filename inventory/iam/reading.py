"""Principals and their policies from the account's authorization details."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from inventory.iam.context import Principal
from inventory.iam.language import statements
from inventory.iam.layers import Crowd, Layer
from inventory.iam.managed import AWS_OWN, WHOLE, stand_in
from inventory.iam.masks import perhaps, union
from inventory.iam.population import Controls, Held, Population, layer

Document = Mapping[str, Any]
# The default version of a managed policy by its ARN; nothing when it was not read.
Managed = Callable[[str], Any]


@dataclass(frozen=True, slots=True, eq=False)
class Holder:
    """A principal with its documents. `unread` and `unread_boundary` say which policies were not read."""

    who: Principal
    documents: Sequence[Any] = ()
    boundary: Any = None
    bounded: bool = False
    unread: str = ""
    may_deny: bool = False
    unread_boundary: str = ""
    attached: Sequence[str] = field(default_factory=tuple)


def read_holder(
    config: Document, arn: str, tags: Mapping[str, str], managed: Managed, organization: str = ""
) -> Holder:
    """One row of the authorization details: a role, or a user with its groups."""
    user = "UserName" in config or ":user/" in arn
    groups = [group for group in config.get("Groups") or [] if isinstance(group, dict)]
    sides = [(config, "UserPolicyList" if user else "RolePolicyList"), *((g, "GroupPolicyList") for g in groups)]
    documents = [policy.get("PolicyDocument") for holder, inline in sides for policy in holder.get(inline) or []]
    attached = [policy for holder, _inline in sides for policy in holder.get("AttachedManagedPolicies") or []]
    read = [_managed(policy.get("PolicyArn", ""), policy.get("PolicyName", ""), managed) for policy in attached]
    missing = [(arn, name) for arn, name, _document, whole in read if not whole]
    boundary = _boundary(config, managed)
    return Holder(
        who=replace(_principal(config, arn, tags, user), organization=organization),
        documents=[*documents, *(document for _arn, _name, document, _whole in read if document)],
        boundary=boundary[0],
        bounded=bool(config.get("PermissionsBoundary")),
        unread=f"The managed policy {missing[0][1]} was not read." if missing else "",
        may_deny=any(AWS_OWN not in arn for arn, _name in missing),
        unread_boundary=boundary[1],
        attached=sorted({policy.get("PolicyName", "") for policy in attached}),
    )


def _managed(arn: str, name: str, managed: Managed) -> tuple[str, str, Any, bool]:
    """(ARN, name, document, whether that is all of it)."""
    document = managed(arn)
    if document is not None:
        return arn, name, document, True
    if AWS_OWN in arn or not arn:
        return arn, name, stand_in(name), name in WHOLE
    return arn, name, None, False


def _boundary(config: Document, managed: Managed) -> tuple[Any, str]:
    arn = (config.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn", "")
    if not arn:
        return None, ""
    _arn, name, document, whole = _managed(arn, arn.rpartition("/")[2], managed)
    return (document, "") if whole else (document, f"The permissions boundary {name} was not read.")


def _principal(config: Document, arn: str, tags: Mapping[str, str], user: bool) -> Principal:
    trust = statements(config.get("AssumeRolePolicyDocument"))
    return Principal(
        arn=arn,
        account=account_of(arn),
        name=f"{'user' if user else 'role'}/{arn.rpartition('/')[2]}",
        sort="user" if user else "role",
        id=str(config.get("UserId" if user else "RoleId") or ""),
        tags={name.lower(): value for name, value in tags.items()},
        tagged=not user and any(s.allow and s.grants("sts:tagsession") for s in trust),
    )


def account_of(arn: str) -> str:
    """The account in an ARN; empty where it names none."""
    parts = arn.split(":", 5)
    return parts[4] if len(parts) > 5 else ""


def populate(holders: Sequence[Holder], controls: Callable[[Crowd], Controls] | None = None) -> Population:
    """A population from its holders, in their order."""
    crowd = Crowd([holder.who for holder in holders])
    numbered = [(1 << number, holder) for number, holder in enumerate(holders)]
    held = Held(
        identity=layer(crowd, _shared((doc, bit) for bit, holder in numbered for doc in holder.documents)),
        boundary=layer(crowd, _shared((holder.boundary, bit) for bit, holder in numbered if holder.boundary)),
        bounded=sum(bit for bit, holder in numbered if holder.bounded),
        unread_allows=union(perhaps(bit, holder.unread) for bit, holder in numbered if holder.unread),
        unread_denies=union(perhaps(bit, h.unread) for bit, h in numbered if h.unread and h.may_deny),
        unread_boundary=union(perhaps(bit, h.unread_boundary) for bit, h in numbered if h.unread_boundary),
    )
    return Population(crowd, held, controls(crowd) if controls else Controls())


def _shared(held: Iterable[tuple[Any, int]]) -> Iterator[tuple[Any, int]]:
    """The same document once, with all that hold it."""
    masks: dict[int, int] = {}
    documents: dict[int, Any] = {}
    for document, mask in held:
        masks[id(document)] = masks.get(id(document), 0) | mask
        documents[id(document)] = document
    return ((document, masks[key]) for key, document in documents.items())


def outsiders(names: Iterable[str], refusing: Callable[[Crowd], Sequence[Layer]] = lambda _crowd: ()) -> Population:
    """Principals of other accounts, whose own side is not known: counted as if their account let them do anything.

    `refusing`: the resource control policies of the account whose resources they are asked about.
    """
    known = [_outsider(name) for name in sorted(set(names))]
    crowd = Crowd([*known, STRANGER])
    anything = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    held = Held(identity=layer(crowd, [(anything, crowd.everybody)]), boundary=Layer(crowd, []))
    return Population(crowd, held, Controls(resources=refusing(crowd)))


def _outsider(name: str) -> Principal:
    """`name`: an ARN, an account, or the id of an organization, which then stands for its accounts."""
    account = account_of(name) or name
    arn = name if account != name and not name.endswith(":root") else ""
    organization = name if name.startswith("o-") else ""
    return Principal(arn=arn, account=account, name=name, sort="outside", organization=organization)


# Anybody in the world: of no account and no organization that a policy could name.
STRANGER = Principal(
    arn="arn:aws:iam::000000000000:user/anybody",
    account="000000000000",
    name="anybody",
    sort="outside",
    organization="o-anybody",
)
