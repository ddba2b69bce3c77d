"""What a service account may do in the cluster, and whether its token reaches the pod."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from inventory.documents import Document, Unknown
from inventory.facts.estate import Estate, Node
from inventory.facts.k8s_network import pod_spec_flags, selects
from inventory.facts.k8s_pod import WORKLOADS
from inventory.facts.registry import fact
from inventory.recognition.workloads import listed, mapping, mappings, text

RBAC = ("k8s.role_binding", "k8s.cluster_role_binding", "k8s.role", "k8s.cluster_role")
_READS = frozenset({"get", "list", "watch"})
_WRITES = frozenset({"create", "update", "patch", "delete", "deletecollection"})
_POD_MAKERS = frozenset(
    {
        "pods",
        "pods/exec",
        "pods/attach",
        "pods/ephemeralcontainers",
        "deployments",
        "statefulsets",
        "daemonsets",
        "jobs",
        "cronjobs",
        "replicasets",
        "replicationcontrollers",
    }
)
_CHANGES = frozenset({"create", "update", "patch"})
# In words; the verbs, of which one is enough; the resources, of which one is enough.
_ESCALATIONS = (
    ("give any role", frozenset({"bind", "escalate"}), frozenset({"roles", "clusterroles"})),
    ("act as others", frozenset({"impersonate"}), frozenset({"users", "groups", "serviceaccounts", "uids"})),
    ("make tokens of other accounts", frozenset({"create"}), frozenset({"serviceaccounts/token"})),
    ("reach the kubelets past the API server", frozenset({"get", "create"}), frozenset({"nodes/proxy"})),
    ("bind roles", _CHANGES, frozenset({"rolebindings", "clusterrolebindings"})),
    (
        "change what is admitted",
        _CHANGES,
        frozenset({"mutatingwebhookconfigurations", "validatingwebhookconfigurations"}),
    ),
    (
        "sign certificates",
        frozenset({*_CHANGES, "approve", "sign"}),
        frozenset({"certificatesigningrequests/approval", "signers"}),
    ),
)
_ENTERING = frozenset({"pods/exec", "pods/attach", "pods/ephemeralcontainers"})
_MAKING = _POD_MAKERS - _ENTERING
# What every account may do in every cluster.
_DEFAULT_ROLES = frozenset(
    {"system:discovery", "system:basic-user", "system:public-info-viewer", "system:service-account-issuer-discovery"}
)


@dataclass(frozen=True, slots=True)
class Grant:
    """The rules of one role, as one binding gives them: in one namespace, or everywhere (place `*`)."""

    through: str
    role: str
    place: str
    rules: tuple[Document, ...]


def grants_of(namespace: str, account: str, estate: Estate) -> list[Grant]:
    """Everything that RBAC gives to a service account, also through its groups."""
    index = estate.once("grants", lambda: _index(estate))
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated")
    keys = [f"account {namespace}/{account}", *(f"group {name}" for name in groups)]
    return [grant for key in keys for grant in index.get(key, ())]


def _index(estate: Estate) -> dict[str, list[Grant]]:
    found: dict[str, list[Grant]] = defaultdict(list)
    for binding in estate.all("k8s.role_binding", "k8s.cluster_role_binding"):
        grant = grant_of(binding, estate)
        for subject in mappings(binding.config.get("subjects")):
            found[_key(subject, binding.place)].append(grant)
    return found


def _key(subject: Document, namespace: str) -> str:
    name = text(subject.get("name"))
    if subject.get("kind") == "ServiceAccount":
        return f"account {text(subject.get('namespace')) or namespace}/{name}"
    if subject.get("kind") == "User" and name.startswith("system:serviceaccount:"):
        return "account " + "/".join(name.split(":")[2:4])
    return f"{text(subject.get('kind')).lower()} {name}"


def grant_of(binding: Node, estate: Estate) -> Grant:
    """What a binding gives."""
    reference = mapping(binding.config.get("roleRef"))
    name, kind = text(reference.get("name")), text(reference.get("kind"))
    role = estate.get("k8s.role", f"{binding.place}/{name}") if kind == "Role" else estate.get("k8s.cluster_role", name)
    title = "RoleBinding" if binding.kind == "k8s.role_binding" else "ClusterRoleBinding"
    return Grant(
        through=f"{title} {binding.external_id} to {kind} {name}",
        role=name,
        place=binding.place if binding.kind == "k8s.role_binding" else "*",
        rules=_rules_of(role, estate) if role else (),
    )


def _rules_of(role: Node, estate: Estate) -> tuple[Document, ...]:
    """The role's own rules, and those of the roles that it gathers by label, which the API server fills in late."""
    selectors = mappings(mapping(role.config.get("aggregationRule")).get("clusterRoleSelectors"))
    gathered = estate.all("k8s.cluster_role") if selectors else ()
    roles = [role, *(one for one in gathered if any(selects(selector, one.tags) for selector in selectors))]
    found = [rule for one in dict.fromkeys(roles) for rule in mappings(one.config.get("rules"))]
    return tuple(rule for index, rule in enumerate(found) if rule not in found[:index])


def _allows(rule: Document, verbs: Iterable[str], resources: Iterable[str]) -> bool:
    """Whether a rule gives any of the verbs on any of the resources, whatever their API group."""
    had, named = set(listed(rule.get("verbs"))), set(listed(rule.get("resources")))
    if not had & ({"*"} | set(verbs)):
        return False
    wanted = set(resources)
    parts = {f"*/{resource.partition('/')[2]}" for resource in wanted if "/" in resource}
    return bool(named & ({"*"} | wanted | parts))


def _everything(rule: Document) -> bool:
    return all("*" in listed(rule.get(key)) for key in ("verbs", "resources", "apiGroups"))


def _wide(rule: Document) -> bool:
    return "*" in listed(rule.get("verbs")) or "*" in listed(rule.get("resources"))


def escalations(rule: Document) -> set[str]:
    """How a rule lets its holder get further rights, in words."""
    return {told for told, verbs, resources in _ESCALATIONS if _allows(rule, verbs, resources)}


def enters_pods(rule: Document) -> bool:
    """Whether a rule lets its holder run commands in pods that are there: over a web socket, get is enough."""
    return _allows(rule, {"create", "get", "update", "patch"}, _ENTERING)


def changes_workloads(rule: Document) -> bool:
    """Whether a rule lets its holder start or change what runs."""
    return _allows(rule, _CHANGES, _MAKING)


def summary(grants: Sequence[Grant]) -> Document:
    """The answers that rules ask for."""
    granted = [grant for grant in grants if grant.role not in _DEFAULT_ROLES]
    rules = [(grant, rule) for grant in granted for rule in grant.rules if rule.get("resources")]
    further = {told for _grant_, rule in rules for told in escalations(rule)}
    admin = any(grant.place == "*" and (grant.role == "cluster-admin" or _everything(rule)) for grant, rule in rules)
    return {
        "cluster_admin": admin or any(grant.place == "*" and grant.role == "cluster-admin" for grant in granted),
        "namespace_admin": any(
            grant.place != "*" and (grant.role in ("cluster-admin", "admin") or _everything(rule))
            for grant, rule in rules
        ),
        "wildcard": any(_wide(rule) for _grant_, rule in rules),
        "reads_secrets": any(
            _allows(rule, _READS, {"secrets"}) and not listed(rule.get("resourceNames")) for _grant_, rule in rules
        ),
        "runs_pods": any(changes_workloads(rule) or enters_pods(rule) for _grant_, rule in rules),
        "enters_everywhere": any(
            grant.place == "*" and (enters_pods(rule) or changes_workloads(rule)) for grant, rule in rules
        ),
        "enters_pods": any(enters_pods(rule) for _grant_, rule in rules),
        "escalates": bool(further),
        "escalations": sorted(further),
        "named_secrets": sorted(
            {
                text(name)
                for _grant_, rule in rules
                for name in listed(rule.get("resourceNames"))
                if _allows(rule, _READS, {"secrets"})
            }
        ),
        "writes_outside": any(
            grant.place == "*" and set(listed(rule.get("verbs"))) & (_WRITES | {"*"}) for grant, rule in rules
        ),
        "any": bool(rules),
        "through": sorted({grant.through for grant, _rule in rules}),
    }


def unread_rbac(estate: Estate) -> Unknown | None:
    """Why rights are not known, when a part of them was not read."""
    missing = next((kind for kind in RBAC if not estate.complete(kind)), None)
    return Unknown(f"Not every {missing.rpartition('.')[2].replace('_', ' ')} could be read.") if missing else None


def _permissions(namespace: str, account: str, estate: Estate) -> Document | Unknown:
    missing = unread_rbac(estate)
    return missing if missing is not None else summary(grants_of(namespace, account, estate))


@fact("permissions", kinds=("k8s.service_account",), looks_at=RBAC, title="What RBAC lets it do")
def account_permissions(node: Node, estate: Estate) -> Document | Unknown:
    """Effective rights of the account: cluster_admin, wildcard, reads_secrets, runs_pods, escalates …"""
    return _permissions(node.place, node.name, estate)


@fact("permissions", kinds=WORKLOADS, looks_at=RBAC, title="What RBAC lets its account do")
def workload_permissions(node: Node, estate: Estate) -> Document | Unknown:
    """Effective rights of the account that its pods run as."""
    account = text(pod_spec_flags(node).get("serviceAccountName")) or "default"
    return _permissions(node.place, account, estate)


@fact("token_mounted", kinds=WORKLOADS, looks_at=("k8s.service_account",), title="Mounts its account's token")
def token_mounted(node: Node, estate: Estate) -> bool | Unknown:
    """Whether the pods get a token of their service account: the pod's word, then the account's, then yes."""
    spec = pod_spec_flags(node)
    stated = spec.get("automountServiceAccountToken")
    if isinstance(stated, bool):
        return stated
    name = text(spec.get("serviceAccountName")) or "default"
    account = estate.get("k8s.service_account", f"{node.place}/{name}")
    if account is None:
        if estate.complete("k8s.service_account"):
            return True
        return Unknown("Not every service account could be read.")
    return account.config.get("automountServiceAccountToken") is not False


@fact(
    "anonymous",
    kinds=("k8s.role_binding", "k8s.cluster_role_binding"),
    looks_at=("k8s.role", "k8s.cluster_role"),
    title="Grants rights to anybody",
)
def anonymous(node: Node, estate: Estate) -> bool | Unknown:
    """Whether it gives more than discovery to callers without a name, or to every caller."""
    subjects = {text(item.get("name")) for item in mappings(node.config.get("subjects"))}
    role = text(mapping(node.config.get("roleRef")).get("name"))
    everybody = {"system:anonymous", "system:unauthenticated", "system:authenticated"}
    if role in _DEFAULT_ROLES or not subjects & everybody:
        return False
    if next(iter(estate.out(node, "binds")), None) is None or not estate.complete("k8s.cluster_role"):
        return Unknown(f"The role {role} could not be read.")
    return any(rule.get("resources") for rule in grant_of(node, estate).rules)
