"""How far a pod template meets the Pod Security Standards, and what of the host it touches."""

from __future__ import annotations

import re

from inventory.documents import Document
from inventory.facts.estate import Estate, Node
from inventory.facts.k8s_pod import WORKLOADS, pod
from inventory.facts.registry import fact
from inventory.recognition.workloads import mapping, mappings, text

_BASELINE_CAPABILITIES = frozenset(
    {
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    }
)
_SAFE_SYSCTLS = frozenset(
    {
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.ping_group_range",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
    }
)
_RESTRICTED_VOLUMES = frozenset(
    [
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "persistentVolumeClaim",
        "projected",
        "secret",
        "image",
    ]
)
_SENSITIVE = re.compile(
    r"^(?:/|/etc(?:/.*)?|/proc(?:/.*)?|/root(?:/\.ssh.*)?|/home|/boot(?:/.*)?|/var/?|/var/run(?:/.*)?|/run(?:/.*)?"
    r"|/var/lib/kubelet(?:/.*)?|/var/lib/docker(?:/.*)?|/var/lib/containerd(?:/.*)?|/var/log|.*\.sock)$"
)
_DEVICES = re.compile(r"^/dev/(?:nvidia|dri|kfd|neuron|accel|infiniband|davinci)")


@fact("pod_security", kinds=WORKLOADS, title="Pod Security Standard it meets")
def pod_security(node: Node, estate: Estate) -> Document:
    """`level` is privileged, baseline or restricted; the lists say what keeps it from the next level."""
    template = pod(node)
    baseline = _beyond_baseline(template)
    restricted = _beyond_restricted(template)
    level = "privileged" if baseline else "baseline" if restricted else "restricted"
    return {"level": level, "beyond_baseline": baseline, "beyond_restricted": restricted}


def _beyond_baseline(template: Document) -> list[str]:
    found = [flag for flag in ("hostNetwork", "hostPID", "hostIPC") if template[flag]]
    found += ["hostPath volume" for volume in template["volumes"] if volume["hostPath"]]
    found += [f"sysctl {text(s.get('name'))}" for s in template["sysctls"] if s.get("name") not in _SAFE_SYSCTLS]
    for container in template["containers"]:
        found += [f"{text(container.get('name'))}: {problem}" for problem in _container_beyond_baseline(container)]
    return sorted(set(found))


def _container_beyond_baseline(container: Document) -> list[str]:
    security = container["securityContext"]
    found = ["privileged"] if security["privileged"] else []
    found += [f"capability {n}" for n in security["capabilities"]["add"] if n not in _BASELINE_CAPABILITIES]
    found += ["hostPort"] if any(port.get("hostPort") for port in mappings(container.get("ports"))) else []
    found += ["unconfined seccomp"] if security["seccompProfile"]["type"] == "Unconfined" else []
    found += ["unconfined AppArmor"] if security["appArmorProfile"]["type"] == "Unconfined" else []
    found += ["unmasked /proc"] if security["procMount"] not in ("", "Default") else []
    return found


def _beyond_restricted(template: Document) -> list[str]:
    kinds = {key for volume in template["volumes"] for key, value in volume.items() if value and key != "name"}
    found = [f"{kind} volume" for kind in kinds - _RESTRICTED_VOLUMES]
    for container in template["containers"]:
        found += [f"{text(container.get('name'))}: {problem}" for problem in _container_beyond_restricted(container)]
    return sorted(set(found))


def _container_beyond_restricted(container: Document) -> list[str]:
    security = container["securityContext"]
    found = ["may escalate privileges"] if security["allowPrivilegeEscalation"] else []
    found += ["may run as root"] if not security["runAsNonRoot"] or security["runAsUser"] == 0 else []
    found += ["keeps capabilities"] if "ALL" not in security["capabilities"]["drop"] else []
    found += [f"adds {n}" for n in security["capabilities"]["add"] if n != "NET_BIND_SERVICE"]
    found += ["no seccomp profile"] if security["seccompProfile"]["type"] not in ("RuntimeDefault", "Localhost") else []
    return found


def ways_to_the_node(node: Node) -> list[str]:
    """Settings by which code in the pods gets out onto their node."""
    template = pod(node)
    found = [
        f"{text(c.get('name'))}: {what}"
        for c in template["containers"]
        for what in _ways_of(c["securityContext"], template)
    ]
    return found + [f"hostPath {one['path']}" for one in _mounted(template) if one["sensitive"] and one["writable"]]


def _ways_of(security: Document, template: Document) -> list[str]:
    added = set(security["capabilities"]["add"])
    found = ["privileged"] if security["privileged"] else []
    found += ["capability SYS_ADMIN"] if added & {"SYS_ADMIN", "ALL"} else []
    return found + (["capability SYS_PTRACE with hostPID"] if template["hostPID"] and "SYS_PTRACE" in added else [])


@fact("host_paths", kinds=WORKLOADS, title="Directories of the node it mounts")
def host_paths(node: Node, estate: Estate) -> list[Document]:
    """Each with whether it is sensitive, a device of an accelerator, and mounted for reading only."""
    return _mounted(pod(node))


def _mounted(template: Document) -> list[Document]:
    writable = {
        text(mount.get("name"))
        for container in template["containers"]
        for mount in mappings(container.get("volumeMounts"))
        if mount.get("readOnly") is not True
    }
    return [
        {
            "path": path,
            "sensitive": bool(_SENSITIVE.match(path.rstrip("/") or "/")),
            "device": bool(_DEVICES.match(path)),
            "writable": text(volume.get("name")) in writable,
        }
        for volume in template["volumes"]
        if (path := text(mapping(volume["hostPath"]).get("path")))
    ]


@fact("writable_model_volumes", kinds=WORKLOADS, title="Model volumes that it can change")
def writable_model_volumes(node: Node, estate: Estate) -> list[str]:
    """Claims mounted for writing in a main container, by name: who takes over the server can swap the model."""
    return writable_claims(node)


def writable_claims(node: Node) -> list[str]:
    """As the fact."""
    template = pod(node)
    claims = {
        text(volume.get("name")): mapping(volume.get("persistentVolumeClaim"))
        for volume in template["volumes"]
        if volume.get("persistentVolumeClaim")
    }
    return sorted(
        {
            text(claims[name].get("claimName"))
            for container in template["containers"]
            if container["part"] == "main"
            for mount in mappings(container.get("volumeMounts"))
            if (name := text(mount.get("name"))) in claims
            and mount.get("readOnly") is not True
            and claims[name].get("readOnly") is not True
        }
    )
