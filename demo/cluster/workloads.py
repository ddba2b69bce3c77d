"""One declared workload -> everything that a cluster holds because of it."""

from __future__ import annotations

from typing import Any

from demo.cluster.bodies import Bodies, Object
from demo.cluster.identity import digest, managed, metadata, owned_by, suffix
from demo.cluster.kinds import KINDS
from demo.cluster.pods import Declared, labels_of, pod, template

ACCOUNT = "111122223333"
RBAC = "rbac.authorization.k8s.io"
_DEPLOYMENT: Object = {
    "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}},
    "revisionHistoryLimit": 10,
    "progressDeadlineSeconds": 600,
}


class Builder:
    """Puts objects into bodies, with the bookkeeping that a server adds."""

    def __init__(self, bodies: Bodies, nodes: list[Object]) -> None:
        self.bodies = bodies
        self._plain = [node["name"] for node in nodes if not node.get("gpu")]
        self._gpu = [node["name"] for node in nodes if node.get("gpu")]
        self._all = self._plain + self._gpu

    def put(self, kind: str, item: Object, manager: str = "kubectl-client-side-apply") -> Object:
        api_version = KINDS[kind].api_version
        item["metadata"]["managedFields"] = managed(item, api_version, manager)
        return self.bodies.add(kind, item)

    def workload(self, declared: Declared) -> None:
        """The controller, its pods, and what goes with it."""
        kind = declared.get("kind", "Deployment")
        pod_template = template(declared)
        maker = {
            "Deployment": self._deployment, "StatefulSet": self._stateful_set, "DaemonSet": self._daemon_set,
            "Job": self._job, "CronJob": self._cron_job,
        }[kind]  # fmt: skip
        maker(declared, pod_template)
        self._around(declared)

    def _meta(self, kind: str, declared: Declared, name: str = "") -> Object:
        return metadata(kind, declared["in"], name or declared["name"], labels_of(declared))

    def _node(self, declared: Declared, number: int) -> str:
        nodes = self._gpu if declared.get("gpu") else self._plain
        return str(nodes[(int(digest(declared["name"])[:4], 16) + number) % len(nodes)])

    def _pods(self, declared: Declared, pod_template: Object, owner: Object, kind: str, names: list[str]) -> None:
        for number, name in enumerate(names):
            node = self._all[number] if kind == "DaemonSet" else self._node(declared, number)
            one = pod(declared, pod_template, name, node)
            one["metadata"]["ownerReferences"] = owned_by(owner, kind, KINDS[kind].api_version)
            self.put("Pod", one, "kubelet")

    def _deployment(self, declared: Declared, pod_template: Object) -> None:
        replicas = declared.get("replicas", 1)
        selector = {"matchLabels": {"app": declared["name"]}}
        spec = {"replicas": replicas, "selector": selector, "template": pod_template, **_DEPLOYMENT}
        meta = self._meta("Deployment", declared) | {"generation": 3}
        meta["annotations"] = {"deployment.kubernetes.io/revision": "3"}
        status = {"observedGeneration": 3, "replicas": replicas, "readyReplicas": replicas}
        deployment = self.put("Deployment", {"metadata": meta, "spec": spec, "status": status})
        for revision in (2, 3):
            self._replica_set(declared, pod_template, deployment, revision)

    def _replica_set(self, declared: Declared, pod_template: Object, deployment: Object, revision: int) -> None:
        replicas = declared.get("replicas", 1) if revision == 3 else 0
        chars = suffix(10, declared["in"], declared["name"], revision)
        name = f"{declared['name']}-{chars}"
        hashed = {"metadata": {"labels": {**pod_template["metadata"]["labels"], "pod-template-hash": chars}},
                  "spec": pod_template["spec"]}  # fmt: skip
        meta = self._meta("ReplicaSet", declared, name)
        meta["ownerReferences"] = owned_by(deployment, "Deployment", "apps/v1")
        selector = {"matchLabels": {"app": declared["name"], "pod-template-hash": chars}}
        spec = {"replicas": replicas, "selector": selector, "template": hashed}
        item = self.put("ReplicaSet", {"metadata": meta, "spec": spec, "status": {"replicas": replicas}})
        names = [f"{name}-{suffix(5, name, number)}" for number in range(replicas)]
        self._pods(declared, hashed, item, "ReplicaSet", names)

    def _stateful_set(self, declared: Declared, pod_template: Object) -> None:
        replicas = declared.get("replicas", 1)
        claims = [{"metadata": {"name": "data"}, "spec": _claim_spec(declared)}] if "claim" in declared else []
        spec = {
            "replicas": replicas, "selector": {"matchLabels": {"app": declared["name"]}}, "template": pod_template,
            "serviceName": declared["name"], "volumeClaimTemplates": claims, "podManagementPolicy": "OrderedReady",
        }  # fmt: skip
        item = self.put("StatefulSet", {"metadata": self._meta("StatefulSet", declared), "spec": spec, "status": {}})
        self._pods(declared, pod_template, item, "StatefulSet", [f"{declared['name']}-{n}" for n in range(replicas)])
        for number in range(replicas if claims else 0):
            self._claim(declared, f"data-{declared['name']}-{number}")

    def _daemon_set(self, declared: Declared, pod_template: Object) -> None:
        nodes = len(self._all)
        spec = {"selector": {"matchLabels": {"app": declared["name"]}}, "template": pod_template}
        meta = self._meta("DaemonSet", declared)
        status = {"desiredNumberScheduled": nodes, "numberReady": nodes, "currentNumberScheduled": nodes}
        item = self.put("DaemonSet", {"metadata": meta, "spec": spec, "status": status})
        names = [f"{declared['name']}-{suffix(5, declared['name'], number)}" for number in range(nodes)]
        self._pods(declared, pod_template, item, "DaemonSet", names)

    def _job(self, declared: Declared, pod_template: Object, owner: Object | None = None, name: str = "") -> None:
        meta = self._meta("Job", declared, name)
        if owner is not None:
            meta["ownerReferences"] = owned_by(owner, "CronJob", "batch/v1")
        spec = {"parallelism": 1, "completions": 1, "backoffLimit": 2, "template": pod_template, "suspend": False}
        status = {
            "succeeded": 1,
            "conditions": [{"type": "Complete", "status": "True", "reason": "CompletionsReached"}],
        }
        job = self.put("Job", {"metadata": meta, "spec": spec, "status": status}, "kube-controller-manager")
        self._pods(declared, pod_template, job, "Job", [f"{meta['name']}-{suffix(5, meta['name'])}"])

    def _cron_job(self, declared: Declared, pod_template: Object) -> None:
        spec = {
            "schedule": "20 2 * * *", "concurrencyPolicy": "Forbid", "suspend": False,
            "jobTemplate": {"metadata": {}, "spec": {"backoffLimit": 2, "template": pod_template}},
            "successfulJobsHistoryLimit": 3, "failedJobsHistoryLimit": 1,
        }  # fmt: skip
        meta = self._meta("CronJob", declared)
        item = self.put("CronJob", {"metadata": meta, "spec": spec, "status": {}})
        for number in (29_301_740, 29_303_180):
            self._job(declared, pod_template, item, f"{declared['name']}-{number}")

    def _around(self, declared: Declared) -> None:
        """Account, service, route, policy, rights, claims and configuration of a workload."""
        account = {"metadata": self._meta("ServiceAccount", declared)}
        if "role_arn" in declared:
            role = f"arn:aws:iam::{ACCOUNT}:role/{declared['role_arn']}"
            account["metadata"]["annotations"] = {"eks.amazonaws.com/role-arn": role}
        self.put("ServiceAccount", account)
        if "service" in declared:
            self._service(declared)
        if "ingress" in declared:
            self._ingress(declared)
        if "allow" in declared:
            self._policy(declared)
        if "files" in declared:
            meta = self._meta("ConfigMap", declared, f"{declared['name']}-config")
            self.put("ConfigMap", {"metadata": meta, "data": dict(declared["files"])})
        if "claim" in declared and declared.get("kind") != "StatefulSet":
            self._claim(declared, f"{declared['name']}-data")
        self._rights(declared)

    def _service(self, declared: Declared) -> None:
        ports = {"http": declared["port"], **declared.get("ports", {})}
        octets = [int(digest("ip", declared["in"], declared["name"])[i : i + 2], 16) for i in (0, 2)]
        spec: Object = {
            "ports": [{"name": n, "protocol": "TCP", "port": p, "targetPort": p} for n, p in ports.items()],
            "selector": {"app": declared["name"]},
            "clusterIP": f"172.20.{octets[0]}.{octets[1]}",
            "type": declared["service"],
            "sessionAffinity": "None",
            "internalTrafficPolicy": "Cluster",
        }
        status: Object = {"loadBalancer": {}}
        if declared["service"] == "LoadBalancer":
            host = f"a{digest(declared['name'])[:30]}-{octets[0]}.us-east-1.elb.amazonaws.com"
            status = {"loadBalancer": {"ingress": [{"hostname": host}]}}
        self.put("Service", {"metadata": self._meta("Service", declared), "spec": spec, "status": status})

    def _ingress(self, declared: Declared) -> None:
        host = declared["ingress"]["host"]
        backend = {"service": {"name": declared["name"], "port": {"number": declared["port"]}}}
        paths = {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}
        spec: Object = {"ingressClassName": "nginx", "rules": [{"host": host, "http": paths}]}
        if declared["ingress"]["tls"]:
            spec["tls"] = [{"hosts": [host], "secretName": f"{declared['name']}-tls"}]
        meta = self._meta("Ingress", declared)
        self.put("Ingress", {"metadata": meta, "spec": spec, "status": {"loadBalancer": {}}})

    def _policy(self, declared: Declared) -> None:
        peers = [{"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": name}}} for name in declared["allow"]]
        spec: Object = {
            "podSelector": {"matchLabels": {"app": declared["name"]}},
            "ingress": [{"from": peers, "ports": [{"protocol": "TCP", "port": declared["port"]}]}],
            "policyTypes": ["Ingress"],
        }
        if declared["security"] == "hard":
            dns = [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")]
            spec |= {"egress": [{"ports": dns}], "policyTypes": ["Ingress", "Egress"]}
        self.put("NetworkPolicy", {"metadata": self._meta("NetworkPolicy", declared), "spec": spec})

    def _claim(self, declared: Declared, name: str) -> None:
        claim_spec = _claim_spec(declared)
        volume = f"pvc-{digest('pv', declared['in'], name)[:12]}"
        meta = self._meta("PersistentVolumeClaim", declared, name)
        status = {"phase": "Bound", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": declared["claim"]}}
        self.put(
            "PersistentVolumeClaim", {"metadata": meta, "spec": claim_spec | {"volumeName": volume}, "status": status}
        )
        pv = {
            "capacity": {"storage": declared["claim"]}, "accessModes": ["ReadWriteOnce"],
            "csi": {"driver": "ebs.csi.aws.com", "volumeHandle": f"vol-0{digest(volume)[:16]}"},
            "claimRef": {"kind": "PersistentVolumeClaim", "namespace": declared["in"], "name": name},
            "storageClassName": claim_spec["storageClassName"], "persistentVolumeReclaimPolicy": "Delete",
        }  # fmt: skip
        meta = metadata("PersistentVolume", "", volume)
        self.put("PersistentVolume", {"metadata": meta, "spec": pv, "status": {"phase": "Bound"}})

    def _rights(self, declared: Declared) -> None:
        subject = {"kind": "ServiceAccount", "name": declared["name"], "namespace": declared["in"]}
        if "role" in declared:
            self.put("Role", {"metadata": self._meta("Role", declared), "rules": declared["role"]})
            reference = {"apiGroup": RBAC, "kind": "Role", "name": declared["name"]}
            meta = self._meta("RoleBinding", declared)
            self.put("RoleBinding", {"metadata": meta, "subjects": [subject], "roleRef": reference})
        if "cluster_role" in declared:
            reference = {"apiGroup": RBAC, "kind": "ClusterRole", "name": declared["cluster_role"]}
            meta = metadata("ClusterRoleBinding", "", f"{declared['in']}-{declared['name']}")
            self.put("ClusterRoleBinding", {"metadata": meta, "subjects": [subject], "roleRef": reference})


def _claim_spec(declared: Declared) -> dict[str, Any]:
    return {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": declared["claim"]}},
        "storageClassName": "gp2" if declared["security"] == "soft" else "gp3-encrypted",
        "volumeMode": "Filesystem",
    }
