"""Which identity of a cloud a workload's pods act with."""

from __future__ import annotations

from collections.abc import Iterable

from inventory.documents import Document, LinkTo, Unknown
from inventory.facts.estate import Estate, Node
from inventory.facts.k8s_exposure import annotations_of
from inventory.facts.k8s_network import pod_spec_flags
from inventory.facts.k8s_pod import WORKLOADS
from inventory.facts.registry import derived_link, fact
from inventory.recognition.workloads import text

ACCOUNT = "k8s.service_account"
AWS = "aws"
_ANNOTATIONS = {
    "eks.amazonaws.com/role-arn": AWS,
    "iam.gke.io/gcp-service-account": "google",
    "azure.workload.identity/client-id": "azure",
}


@fact(
    "cloud_identity",
    kinds=WORKLOADS,
    looks_at=(ACCOUNT,),
    title="Cloud identity that its pods act with",
    same_place=True,
)
def cloud_identity(node: Node, estate: Estate) -> Document | Unknown:
    """`provider` is aws, google, azure or empty; `name` as the annotation of its service account has it."""
    name = text(pod_spec_flags(node).get("serviceAccountName")) or "default"
    account = estate.get(ACCOUNT, f"{node.place}/{name}")
    if account is None:
        empty = {"provider": "", "name": ""}
        return empty if estate.complete(ACCOUNT) else Unknown("Not every service account could be read.")
    stated = annotations_of(account)
    found = ((provider, text(stated.get(key))) for key, provider in _ANNOTATIONS.items())
    provider, identity = next(((provider, value) for provider, value in found if value), ("", ""))
    return {"provider": provider, "name": identity}


@derived_link("uses_role", kinds=WORKLOADS, looks_at=(ACCOUNT,), same_place=True)
def workload_role(node: Node, estate: Estate) -> Iterable[LinkTo]:
    """The AWS role that the pods may become by their service account."""
    found = cloud_identity(node, estate)
    if isinstance(found, Unknown) or found["provider"] != AWS:
        return []
    return [LinkTo("uses_role", "aws.iam.role", found["name"])]
