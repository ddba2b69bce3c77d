"""Flaws of the software between container and node that no package feed covers: known by image version only."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.documents import Document, Unknown
from inventory.facts.estate import Estate, Node
from inventory.facts.k8s_pod import WORKLOADS, recognised
from inventory.facts.registry import fact
from inventory.recognition.images import release


@dataclass(frozen=True, slots=True)
class Flaw:
    """Versions of a product below `fixed` have it."""

    id: str
    fixed: str


_FLAWS = {
    "nvidia-container-toolkit": Flaw("CVE-2026-24260", "1.19.1"),
    "nvidia-gpu-operator": Flaw("CVE-2026-24260", "26.3.2"),
}


@fact("known_flaw", kinds=WORKLOADS, title="Known flaw of the accelerator stack")
def known_flaw(node: Node, estate: Estate) -> Document | Unknown:
    """`applies` for the products in question; `affected` when the version is older than the fixed one."""
    found = recognised(node, estate)
    flaw = _FLAWS.get(found.product) if found else None
    if found is None or flaw is None:
        return {"applies": False, "affected": False, "fixed": "", "id": ""}
    version, fixed = release(found.version), release(flaw.fixed)
    if version is None or fixed is None:
        return Unknown("The image tag does not tell the version.")
    return {"applies": True, "affected": version < fixed, "fixed": flaw.fixed, "id": flaw.id}
