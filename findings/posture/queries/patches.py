"""The change that a finding offers, ready to be downloaded and tried."""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from findings.posture.engine import MERGE, NEW, STRATEGIC, Patch, Subject, patch_for
from findings.posture.models import Finding, Status
from findings.posture.queries.in_force import rulebook
from inventory.documents import Document

HARMLESS = re.compile(r"[a-z0-9]([a-z0-9.:-]*[a-z0-9])?")  # a name is text from outside: nothing a shell would run


@dataclass(frozen=True, slots=True)
class OfferedPatch:
    """`how` is strategic, merge or new. `try_it` shows what would change, `apply` changes it."""

    how: str
    document: Document
    file: str
    text: str
    try_it: str
    apply: str
    once: bool
    """Whether the cluster refuses to change such an object: it has to be made anew."""


def patch_of(finding: Finding) -> OfferedPatch | None:
    """The patch for an open finding; nothing when its rule offers none, or the object does not tell what it needs."""
    rule = rulebook().by_id.get(finding.rule_id)
    if rule is None or finding.status != Status.OPEN:
        return None
    asset = finding.asset
    subject = Subject(kind=asset.kind, config=asset.config, facts=asset.facts)
    patch = patch_for(rule, subject, finding.discriminator)
    return offered(patch, rule.id) if patch else None


def offered(patch: Patch, rule_id: str) -> OfferedPatch | None:
    """With its file and commands; nothing when the object has a name that no cluster would take."""
    document = patch.document
    name, place = document["metadata"]["name"], document["metadata"].get("namespace")
    if not all(HARMLESS.fullmatch(str(word)) for word in (name, place) if word):
        return None
    file = f"{rule_id}-{name}.yaml".replace(":", "-")
    text = yaml.safe_dump(document, sort_keys=False, width=120)
    if patch.how == NEW:
        return OfferedPatch(NEW, document, file, text, f"kubectl diff -f {file}", f"kubectl apply -f {file}", False)
    group = document["apiVersion"].rpartition("/")[0] if patch.how == MERGE else ""
    what = document["kind"].lower() + (f".{group}" if group else "")
    where = f" -n {place}" if place else ""
    apply = f"kubectl patch {what} {name}{where} --type {patch.how} --patch-file {file}"
    try_it = f"{apply} --dry-run=server -o yaml | kubectl diff -f -"
    once = patch.how == STRATEGIC and document["kind"] in ("Pod", "Job")
    return OfferedPatch(patch.how, document, file, text, try_it, apply, once)
