"""What counts as AI, why, and how surely. Pure: documents in, an answer with its evidence out."""

from __future__ import annotations

from inventory.recognition.aws import TELLING, recognise_aws
from inventory.recognition.catalogue import Relation, catalogue, digest, read_catalogue
from inventory.recognition.kubernetes import recognise_kubernetes
from inventory.recognition.relations import recognise_by_relation, relation_kinds, undecided
from inventory.recognition.result import ROLES, Evidence, ModelRef, Recognisable, Recognition
from inventory.recognition.yamlfile import CatalogueError

__all__ = [
    "DIGEST",
    "ROLES",
    "TELLING",
    "CatalogueError",
    "Evidence",
    "ModelRef",
    "Recognisable",
    "Recognition",
    "Relation",
    "catalogue",
    "read_catalogue",
    "recognise",
    "recognise_by_relation",
    "relation_kinds",
    "undecided",
]

# Changes whenever the fingerprints or the matcher change: what was recognised with another digest is asked again.
DIGEST = digest()


def recognise(node: Recognisable) -> Recognition | None:
    """The AI role that an asset's own document shows, or None: it is not AI as far as its document tells."""
    if node.kind.startswith("k8s."):
        return recognise_kubernetes(catalogue(), node)
    if node.kind.startswith("aws."):
        return recognise_aws(catalogue(), node)
    return None
