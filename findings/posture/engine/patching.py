"""The change that puts one finding right, rendered for its very object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import cel

from findings.posture.engine.subject import Subject
from findings.posture.rule import Blank, PatchTemplate, Rule
from inventory.documents import Document
from inventory.recognition.workloads import WORKLOAD_KINDS, mapping, mappings, template_of

LISTS = ("containers", "initContainers")
STRATEGIC, MERGE, NEW = "strategic", "merge", "new"
BUILT_IN = frozenset({"v1", "apps/v1", "batch/v1", "networking.k8s.io/v1", "rbac.authorization.k8s.io/v1"})
"""Custom resources know no strategic merge: their lists are replaced as a whole."""
MASKED = ("(hidden)", " characters)")
"""What stands for a value that was not kept, or was cut: a list that holds it cannot be written back."""
PASSING = ("pod-template-hash", "controller-revision-hash", "controller-uid", "job-name", "batch.kubernetes.io/")
_ERRORS = (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError)
_EMPTY: Document = {"name": "", "image": "", "command": [], "args": [], "env": [], "ports": [], "volumeMounts": []}


@dataclass(frozen=True, slots=True)
class Patch:
    """`document` names its object: a strategic merge patch of it, a merge patch (custom resources), or all of it."""

    document: Document
    how: str


def patch_for(rule: Rule, subject: Subject, discriminator: str) -> Patch | None:
    """The patch for a finding; nothing when its rule offers none, or this object does not tell all that it needs."""
    template = rule.fix.patch
    if template is None:
        return None
    variables = _variables(rule, subject, discriminator)
    try:
        if template.when and template.when.execute(_context(variables)) is not True:
            return None
        document = _manifest(template, variables) or _change(template, subject, variables)
    except _ERRORS:
        return None
    if document is None or _holds_masked(document):
        return None
    if "manifest" in template.parts:
        return Patch(document, NEW)
    return Patch(document, STRATEGIC if subject.config["apiVersion"] in BUILT_IN else MERGE)


def _variables(rule: Rule, subject: Subject, part: str) -> dict[str, Any]:
    metadata = mapping(subject.config.get("metadata"))
    labels = _labels(subject)
    variables = {
        "asset": subject.config,
        "facts": dict(subject.facts),
        "params": dict(rule.params),
        "part": part,
        "name": metadata.get("name"),
        "place": metadata.get("namespace"),
        "spec": {"hostNetwork": False} | _pod_spec(subject),
    }
    return variables | ({"labels": labels} if labels else {})


def _labels(subject: Subject) -> dict[str, str]:
    """By what a policy selects the pods of a workload; empty when nothing tells them from others."""
    stated = mapping(mapping(template_of(subject.kind, subject.config).get("metadata")).get("labels"))
    chosen = mapping(mapping(mapping(subject.config.get("spec")).get("selector")).get("matchLabels"))
    kept = {name: value for name, value in stated.items() if not name.startswith(PASSING)}
    return {name: value for name, value in kept.items() if name in chosen} or kept


def _pod_spec(subject: Subject) -> Document:
    return mapping(template_of(subject.kind, subject.config).get("spec")) if subject.kind in WORKLOAD_KINDS else {}


def _manifest(template: PatchTemplate, variables: Mapping[str, Any]) -> Document | None:
    if "manifest" not in template.parts:
        return None
    document: Document = _filled(template.parts["manifest"], _context(variables))
    if not document["metadata"].get("namespace"):
        document["metadata"].pop("namespace", None)
    return document


def _change(template: PatchTemplate, subject: Subject, variables: Mapping[str, Any]) -> Document | None:
    found: Document = _filled(template.parts.get("object", {}), _context(variables))
    pod: Document = _filled(template.parts.get("pod", {}), _context(variables))
    if "container" in template.parts:
        chosen = dict(_containers(template, subject, variables))
        if not chosen and not pod:
            return None
        pod |= chosen
    if not pod and not found:
        return None
    return _joined(_head(subject.config), _joined(found, _around(subject.kind, pod) if pod else {}))


def _containers(
    template: PatchTemplate, subject: Subject, variables: Mapping[str, Any]
) -> Iterator[tuple[str, list[Document]]]:
    for key in LISTS:
        changed = []
        for raw in mappings(_pod_spec(subject).get(key)):
            context = _context({**variables, "c": _EMPTY | {"init": key == "initContainers"} | raw})
            chosen = template.where.execute(context) if template.where else raw.get("name") == variables["part"]
            if chosen is True:
                changed.append({"name": raw["name"], **_filled(template.parts["container"], context)})
        if changed:
            yield key, changed


def _around(kind: str, pod: Document) -> Document:
    """The patch of a pod spec as one of the object that carries it. A custom resource has its own places for it."""
    if kind not in WORKLOAD_KINDS:
        raise LookupError(kind)
    if kind == "k8s.pod":
        return {"spec": pod}
    inner = {"spec": {"template": {"spec": pod}}}
    return {"spec": {"jobTemplate": inner}} if kind == "k8s.cron_job" else inner


def _joined(first: Document, second: Document) -> Document:
    both = {key: _joined(first[key], second[key]) for key in first.keys() & second.keys()}
    return first | second | both


def _head(config: Document) -> Document:
    metadata = mapping(config.get("metadata"))
    named = {"name": metadata["name"]} | {key: metadata[key] for key in ("namespace",) if metadata.get(key)}
    return {"apiVersion": config["apiVersion"], "kind": config["kind"], "metadata": named}


def _filled(value: Any, context: cel.Context) -> Any:
    if isinstance(value, Blank):
        return value.filled(context)
    if isinstance(value, dict):
        return {key: _filled(inner, context) for key, inner in value.items()}
    return [_filled(inner, context) for inner in value] if isinstance(value, list) else value


def _context(variables: Mapping[str, Any]) -> cel.Context:
    return cel.Context(variables=dict(variables))


def _holds_masked(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_masked, value.values()))
    if isinstance(value, list):
        return any(map(_holds_masked, value))
    return isinstance(value, str) and any(mark in value for mark in MASKED)
