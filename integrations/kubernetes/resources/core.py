"""The kinds that every cluster serves."""

from __future__ import annotations

from integrations.kubernetes import links as find
from integrations.kubernetes import shapes
from integrations.kubernetes.resources.table import Api, Resource, snake

TEMPLATE = ("spec.template.spec",)


def _built_in(type_name: str, plural: str, api: Api, **more: object) -> Resource:
    return Resource(type_name, plural, (api,), f"k8s.{snake(type_name)}", built_in=True, **more)  # type: ignore[arg-type]


V1 = Api("", "v1")
APPS = Api("apps", "v1")
BATCH = Api("batch", "v1")
NETWORKING = Api("networking.k8s.io", "v1")
RBAC = Api("rbac.authorization.k8s.io", "v1")
STORAGE = Api("storage.k8s.io", "v1")
ADMISSION = Api("admissionregistration.k8s.io", "v1")

CORE: tuple[Resource, ...] = (
    _built_in("Pod", "pods", V1, pod_specs=("spec",), status=("phase", "qosClass"), links=(find.runs_on,)),
    _built_in("ReplicaSet", "replicasets", APPS, pod_specs=TEMPLATE),
    _built_in("Deployment", "deployments", APPS, pod_specs=TEMPLATE),
    _built_in("StatefulSet", "statefulsets", APPS, pod_specs=TEMPLATE),
    _built_in("DaemonSet", "daemonsets", APPS, pod_specs=TEMPLATE, status=("desiredNumberScheduled",)),
    _built_in("Job", "jobs", BATCH, pod_specs=TEMPLATE, status=("conditions",)),
    _built_in("CronJob", "cronjobs", BATCH, pod_specs=("spec.jobTemplate.spec.template.spec",)),
    _built_in("Namespace", "namespaces", V1, namespaced=False, status=("phase",), scan=False),
    _built_in("Node", "nodes", V1, namespaced=False, shape=shapes.node, scan=False, page_size=100),
    _built_in("Service", "services", V1, status=("loadBalancer",), scan=False),
    _built_in("ServiceAccount", "serviceaccounts", V1, links=(find.cloud_role,), scan=False),
    _built_in("ConfigMap", "configmaps", V1, shape=shapes.config_map, page_size=100),
    _built_in(
        "PersistentVolumeClaim", "persistentvolumeclaims", V1,
        status=("phase", "capacity"), links=(find.bound_volume,), scan=False,
    ),
    _built_in("PersistentVolume", "persistentvolumes", V1, namespaced=False, status=("phase",)),
    _built_in("ResourceQuota", "resourcequotas", V1, scan=False),
    _built_in("LimitRange", "limitranges", V1, scan=False),
    _built_in("StorageClass", "storageclasses", STORAGE, namespaced=False),
    _built_in("Ingress", "ingresses", NETWORKING, status=("loadBalancer",), links=(find.ingress_backends,)),
    _built_in("NetworkPolicy", "networkpolicies", NETWORKING, scan=False),
    _built_in("Role", "roles", RBAC, scan=False),
    _built_in("ClusterRole", "clusterroles", RBAC, namespaced=False, scan=False),
    _built_in("RoleBinding", "rolebindings", RBAC, links=(find.binding,), scan=False),
    _built_in("ClusterRoleBinding", "clusterrolebindings", RBAC, namespaced=False, links=(find.binding,), scan=False),
    _built_in("ValidatingAdmissionPolicy", "validatingadmissionpolicies", ADMISSION, namespaced=False),
    _built_in(
        "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", ADMISSION,
        namespaced=False, links=(find.policy_binding,),
    ),
    _built_in(
        "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", ADMISSION,
        namespaced=False, links=(find.webhook_services,),
    ),
    _built_in(
        "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", ADMISSION,
        namespaced=False, links=(find.webhook_services,),
    ),
    _built_in("RuntimeClass", "runtimeclasses", Api("node.k8s.io", "v1"), namespaced=False),
    _built_in("PodDisruptionBudget", "poddisruptionbudgets", Api("policy", "v1"), scan=False),
    _built_in(
        "CustomResourceDefinition", "customresourcedefinitions", Api("apiextensions.k8s.io", "v1"),
        namespaced=False, shape=shapes.definition, scan=False, page_size=25,
    ),
)  # fmt: skip
