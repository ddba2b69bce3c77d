"""Where the pods that run differ from the template that somebody reviewed."""

from __future__ import annotations

from inventory.documents import Document, Unknown
from inventory.facts.estate import Estate, Node
from inventory.facts.k8s_pod import WORKLOADS
from inventory.facts.registry import fact
from inventory.recognition.workloads import listed, mapping, mappings, pod_specs, text

# Service meshes put these into every pod; that they set up the network of the pod is known.
_MESH = ("istio-init:", "istio-validation:", "istio-proxy:", "linkerd-init:", "linkerd-proxy:")
_PARTS = ("initContainers", "containers", "ephemeralContainers")


def risky_settings(spec: Document) -> set[str]:
    """What a pod spec asks for beyond an ordinary pod, in words that can be compared."""
    found = {flag for flag in ("hostNetwork", "hostPID", "hostIPC") if spec.get(flag) is True}
    volumes = mappings(spec.get("volumes"))
    found |= {f"hostPath {path}" for v in volumes if (path := text(mapping(v.get("hostPath")).get("path")))}
    for part in _PARTS:
        for container in mappings(spec.get(part)):
            security = mapping(container.get("securityContext"))
            added = [f"capability {name}" for name in listed(mapping(security.get("capabilities")).get("add"))]
            added += ["privileged"] if security.get("privileged") is True else []
            added += ["runs as root"] if security.get("runAsUser") == 0 else []
            found |= {f"{text(container.get('name'))}: {what}" for what in added}
    return found


@fact("drift", kinds=WORKLOADS, title="What runs and its template differ in")
def drift(node: Node, estate: Estate) -> Document | Unknown:
    """`images` and `settings` that only running pods have; `rebuilt`: images of which several builds run at once."""
    missing = node.unknown("runningPods")
    if missing is not None:
        return missing
    running = mapping(node.config.get("runningPods"))
    specs = [spec for _path, spec in pod_specs(node.kind, node.config)]
    injected = set(listed(running.get("injected")))
    declared = {text(c.get("image")) for spec in specs for part in _PARTS for c in mappings(spec.get(part))}
    builds = {name: mapping(found) for name, found in mapping(running.get("builds")).items() if name not in injected}
    asked = {setting for spec in specs for setting in risky_settings(spec)}
    held = {setting for setting in listed(running.get("settings")) if not setting.startswith(_MESH)}
    return {
        "running": bool(running.get("images")),
        "images": sorted({image for found in builds.values() for image in found} - declared),
        "settings": sorted(held - asked),
        "rebuilt": sorted({image for found in builds.values() for image, ids in found.items() if len(listed(ids)) > 1}),
    }
