"""Pod templates of declared workloads, and the pods that a cluster would run for them."""

from __future__ import annotations

from typing import Any

from demo.cluster.bodies import Object
from demo.cluster.identity import digest, metadata, suffix, timestamp

Declared = dict[str, Any]
HARD: Object = {
    "runAsNonRoot": True,
    "runAsUser": 10001,
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}
TOLERATIONS = [
    {"key": f"node.kubernetes.io/{why}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
    for why in ("not-ready", "unreachable")
]


def labels_of(declared: Declared) -> dict[str, str]:
    labels = {"app": declared["name"], "app.kubernetes.io/name": declared["name"]}
    if "owner" in declared:
        labels["owner"] = declared["owner"]
    return labels


def template(declared: Declared) -> Object:
    """The pod template with the defaults that a server fills in."""
    account = declared["name"] if declared.get("account", "own") == "own" else "default"
    spec: Object = {
        "containers": [_container(declared)],
        "restartPolicy": "Never" if declared.get("kind") in ("Job", "CronJob") else "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "serviceAccountName": account,
        "serviceAccount": account,
        "securityContext": {"fsGroup": 10001, "runAsNonRoot": True} if declared["security"] == "hard" else {},
        "schedulerName": "default-scheduler",
    }
    if declared["security"] == "hard":
        spec["automountServiceAccountToken"] = False
    if volumes := _volumes(declared):
        spec["volumes"] = volumes
    if declared.get("gpu") or declared.get("gpu_nodes"):
        spec["tolerations"] = [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}]
    if declared.get("privileged"):
        spec["hostPID"] = True
    return {"metadata": {"labels": labels_of(declared)}, "spec": spec}


def _container(declared: Declared) -> Object:
    container: Object = {"name": declared["name"], "image": declared["image"]}
    for part in ("command", "args"):
        if part in declared:
            container[part] = list(declared[part])
    if env := declared.get("env"):
        container["env"] = [_variable(name, value) for name, value in env.items()]
    if ports := _ports(declared):
        container["ports"] = [{"name": n, "containerPort": p, "protocol": "TCP"} for n, p in ports.items()]
    container["resources"] = _resources(declared)
    if mounts := _mounts(declared):
        container["volumeMounts"] = mounts
    if declared.get("probes"):
        probe = {"httpGet": {"path": "/health", "port": declared["port"], "scheme": "HTTP"}, "periodSeconds": 10}
        container |= {"livenessProbe": probe, "readinessProbe": probe}
    container |= {"terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File"}
    container["imagePullPolicy"] = "Always" if declared["image"].endswith(":latest") else "IfNotPresent"
    if security := _security(declared):
        container["securityContext"] = security
    return container


def _variable(name: str, value: Any) -> Object:
    if isinstance(value, dict):
        return {"name": name, "valueFrom": {"secretKeyRef": {"name": value["secret"], "key": name.lower()}}}
    return {"name": name, "value": str(value)}


def _ports(declared: Declared) -> dict[str, int]:
    ports: dict[str, int] = {"http": declared["port"]} if "port" in declared else {}
    ports.update(declared.get("ports", {}))
    return ports


def _resources(declared: Declared) -> Object:
    if declared["security"] == "soft" and not declared.get("gpu"):
        return {}
    limits: Object = {"cpu": "4" if declared.get("gpu") else "1", "memory": declared.get("memory", "2Gi")}
    if declared.get("gpu"):
        limits["nvidia.com/gpu"] = str(declared["gpu"])
    return {"limits": limits, "requests": {"cpu": "250m", "memory": "512Mi"} | _gpu_only(limits)}


def _gpu_only(limits: Object) -> Object:
    return {k: v for k, v in limits.items() if k == "nvidia.com/gpu"}


def _security(declared: Declared) -> Object:
    if declared["security"] == "hard":
        return dict(HARD)
    if declared.get("privileged"):
        return {"privileged": True}
    return {"allowPrivilegeEscalation": False} if declared["security"] == "middling" else {}


def _volumes(declared: Declared) -> list[Object]:
    volumes: list[Object] = []
    if "claim" in declared and declared.get("kind") != "StatefulSet":
        volumes.append({"name": "data", "persistentVolumeClaim": {"claimName": f"{declared['name']}-data"}})
    if "files" in declared:
        volumes.append({"name": "config", "configMap": {"name": f"{declared['name']}-config", "defaultMode": 420}})
    if declared.get("privileged"):
        volumes.append({"name": "proc", "hostPath": {"path": "/proc", "type": ""}})
    return volumes


def _mounts(declared: Declared) -> list[Object]:
    mounts: list[Object] = []
    if "claim" in declared:
        mounts.append({"name": "data", "mountPath": "/models" if declared.get("readonly") else "/data"})
        if declared.get("readonly"):
            mounts[-1]["readOnly"] = True
    if "files" in declared:
        mounts.append({"name": "config", "mountPath": "/app"})
    if declared.get("privileged"):
        mounts.append({"name": "proc", "mountPath": "/host/proc", "readOnly": True})
    return mounts


def pod(declared: Declared, pod_template: Object, name: str, node: str) -> Object:
    """One running pod of a template, with the token volume that admission adds."""
    namespace = declared["in"]
    spec = dict(pod_template["spec"]) | {"nodeName": node, "enableServiceLinks": True, "priority": 0}
    spec["tolerations"] = [*spec.get("tolerations", ()), *TOLERATIONS]
    if spec.get("automountServiceAccountToken", True):
        spec = _with_token(spec, f"kube-api-access-{suffix(5, namespace, name, 'token')}")
    done = declared.get("kind") in ("Job", "CronJob")
    meta = metadata("Pod", namespace, name, pod_template["metadata"]["labels"])
    return {"metadata": meta, "spec": spec, "status": _status(declared, name, done=done)}


def _with_token(spec: Object, volume: str) -> Object:
    mount = {"name": volume, "readOnly": True, "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}
    sources = [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
    ]
    containers = [one | {"volumeMounts": [*one.get("volumeMounts", ()), mount]} for one in spec["containers"]]
    volumes = [*spec.get("volumes", ()), {"name": volume, "projected": {"sources": sources, "defaultMode": 420}}]
    return spec | {"containers": containers, "volumes": volumes}


def _status(declared: Declared, name: str, *, done: bool) -> Object:
    started = timestamp(declared["in"], name, "start")
    image = declared["image"].partition("@")[0]
    repository = image if ":" not in image.rpartition("/")[2] else image.rpartition(":")[0]
    state = {"terminated": {"exitCode": 0, "reason": "Completed"}} if done else {"running": {"startedAt": started}}
    octets = [int(digest(declared["in"], name)[i : i + 2], 16) for i in (0, 2)]
    address = f"10.{40 + octets[0] % 20}.{octets[0]}.{octets[1]}"
    conditions = [
        {"type": kind, "status": "False" if done else "True", "lastProbeTime": None, "lastTransitionTime": started}
        for kind in ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
    ]
    return {
        "phase": "Succeeded" if done else "Running",
        "conditions": conditions,
        "podIP": address,
        "podIPs": [{"ip": address}],
        "startTime": started,
        "containerStatuses": [
            {
                "name": declared["name"],
                "state": state,
                "lastState": {},
                "ready": not done,
                "restartCount": int(digest(name)[:2], 16) % 4,
                "image": image,
                "imageID": f"{repository}@sha256:{digest(image)}",
                "started": not done,
            }
        ],
        "qosClass": "Burstable" if declared["security"] != "soft" else "BestEffort",
    }
