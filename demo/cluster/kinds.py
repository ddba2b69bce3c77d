"""Under which path an API server lists which kind; written apart from the collector's own table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One served kind."""

    name: str
    api_version: str
    plural: str
    namespaced: bool = True

    @property
    def root(self) -> str:
        return f"/apis/{self.api_version}" if "/" in self.api_version else f"/api/{self.api_version}"

    @property
    def path(self) -> str:
        return f"{self.root}/{self.plural}"


def _kinds() -> tuple[Kind, ...]:
    rows = """
        Namespace v1 namespaces C | Node v1 nodes C | Pod v1 pods | Service v1 services | ConfigMap v1 configmaps
        ServiceAccount v1 serviceaccounts | PersistentVolumeClaim v1 persistentvolumeclaims
        PersistentVolume v1 persistentvolumes C | ResourceQuota v1 resourcequotas | LimitRange v1 limitranges
        Deployment apps/v1 deployments | ReplicaSet apps/v1 replicasets | StatefulSet apps/v1 statefulsets
        DaemonSet apps/v1 daemonsets | Job batch/v1 jobs | CronJob batch/v1 cronjobs
        Ingress networking.k8s.io/v1 ingresses | NetworkPolicy networking.k8s.io/v1 networkpolicies
        Role rbac.authorization.k8s.io/v1 roles | RoleBinding rbac.authorization.k8s.io/v1 rolebindings
        ClusterRole rbac.authorization.k8s.io/v1 clusterroles C
        ClusterRoleBinding rbac.authorization.k8s.io/v1 clusterrolebindings C
        StorageClass storage.k8s.io/v1 storageclasses C | RuntimeClass node.k8s.io/v1 runtimeclasses C
        PodDisruptionBudget policy/v1 poddisruptionbudgets
        ValidatingAdmissionPolicy admissionregistration.k8s.io/v1 validatingadmissionpolicies C
        ValidatingAdmissionPolicyBinding admissionregistration.k8s.io/v1 validatingadmissionpolicybindings C
        ValidatingWebhookConfiguration admissionregistration.k8s.io/v1 validatingwebhookconfigurations C
        MutatingWebhookConfiguration admissionregistration.k8s.io/v1 mutatingwebhookconfigurations C
        CustomResourceDefinition apiextensions.k8s.io/v1 customresourcedefinitions C
        Gateway gateway.networking.k8s.io/v1 gateways | HTTPRoute gateway.networking.k8s.io/v1 httproutes
        InferenceService serving.kserve.io/v1beta1 inferenceservices
        ServingRuntime serving.kserve.io/v1alpha1 servingruntimes
        RayCluster ray.io/v1 rayclusters | RayJob ray.io/v1 rayjobs | RayService ray.io/v1 rayservices
        Notebook kubeflow.org/v1 notebooks | PyTorchJob kubeflow.org/v1 pytorchjobs
        Agent kagent.dev/v1alpha2 agents | ModelConfig kagent.dev/v1alpha2 modelconfigs
        RemoteMCPServer kagent.dev/v1alpha2 remotemcpservers
        MCPServer toolhive.stacklok.dev/v1alpha1 mcpservers
    """
    words = (entry.split() for line in rows.strip().splitlines() for entry in line.split("|"))
    return tuple(Kind(name, version, plural, not scope) for name, version, plural, *scope in words)


KINDS: dict[str, Kind] = {kind.name: kind for kind in _kinds()}
CUSTOM = (
    "serving.kserve.io",
    "ray.io",
    "kubeflow.org",
    "kagent.dev",
    "toolhive.stacklok.dev",
    "gateway.networking.k8s.io",
)
