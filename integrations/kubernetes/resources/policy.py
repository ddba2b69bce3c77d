"""Routing, network, mesh, admission and monitoring kinds that are read where a cluster has them."""

from __future__ import annotations

from integrations.kubernetes import gateways
from integrations.kubernetes import links as find
from integrations.kubernetes.resources.table import Api, LinkFinder, Resource, custom_kind, snake

GATEWAY_API = "gateway.networking.k8s.io"


def _route(type_name: str, plural: str, *versions: str) -> Resource:
    apis = tuple(Api(GATEWAY_API, version) for version in versions)
    return Resource(type_name, plural, apis, f"k8s.{snake(type_name)}", links=(find.route_backends,))


def _custom(
    apis: str, plural: str, type_name: str, *, namespaced: bool = True, links: tuple[LinkFinder, ...] = ()
) -> Resource:
    """`apis` is `group/version[,version]`."""
    group, _, versions = apis.partition("/")
    choices = tuple(Api(group, version) for version in versions.split(","))
    return Resource(type_name, plural, choices, custom_kind(group, type_name), namespaced=namespaced, links=links)


POLICY: tuple[Resource, ...] = (
    Resource(
        "GatewayClass", "gatewayclasses", (Api(GATEWAY_API, "v1"), Api(GATEWAY_API, "v1beta1")),
        "k8s.gateway_class", namespaced=False,
    ),
    Resource(
        "Gateway", "gateways", (Api(GATEWAY_API, "v1"), Api(GATEWAY_API, "v1beta1")), "k8s.gateway",
        status=("addresses",),
    ),
    _route("HTTPRoute", "httproutes", "v1", "v1beta1"),
    _route("GRPCRoute", "grpcroutes", "v1"),
    _route("TLSRoute", "tlsroutes", "v1", "v1alpha3", "v1alpha2"),
    _route("TCPRoute", "tcproutes", "v1alpha2"),
    _custom("route.openshift.io/v1", "routes", "Route", links=(find.openshift_route,)),
    _custom("gateway.envoyproxy.io/v1alpha1", "securitypolicies", "SecurityPolicy"),
    _custom("gateway.envoyproxy.io/v1alpha1", "backends", "Backend", links=(gateways.addressed,)),
    _custom("gateway.envoyproxy.io/v1alpha1", "backendtrafficpolicies", "BackendTrafficPolicy"),
    _custom("security.istio.io/v1,v1beta1", "authorizationpolicies", "AuthorizationPolicy"),
    _custom("security.istio.io/v1,v1beta1", "peerauthentications", "PeerAuthentication"),
    _custom("security.istio.io/v1,v1beta1", "requestauthentications", "RequestAuthentication"),
    _custom("networking.istio.io/v1,v1beta1", "gateways", "Gateway"),
    _custom("networking.istio.io/v1,v1beta1", "virtualservices", "VirtualService", links=(find.virtual_service,)),
    _custom("networking.istio.io/v1,v1beta1", "serviceentries", "ServiceEntry"),
    _custom("cilium.io/v2", "ciliumnetworkpolicies", "CiliumNetworkPolicy"),
    _custom("cilium.io/v2", "ciliumclusterwidenetworkpolicies", "CiliumClusterwideNetworkPolicy", namespaced=False),
    _custom("crd.projectcalico.org/v1", "networkpolicies", "NetworkPolicy"),
    _custom("crd.projectcalico.org/v1", "globalnetworkpolicies", "GlobalNetworkPolicy", namespaced=False),
    _custom("cilium.io/v1alpha1", "tracingpolicies", "TracingPolicy", namespaced=False),
    _custom("policy.networking.k8s.io/v1alpha1", "adminnetworkpolicies", "AdminNetworkPolicy", namespaced=False),
    _custom(
        "policy.networking.k8s.io/v1alpha1", "baselineadminnetworkpolicies", "BaselineAdminNetworkPolicy",
        namespaced=False,
    ),
    _custom("kyverno.io/v1", "clusterpolicies", "ClusterPolicy", namespaced=False),
    _custom("kyverno.io/v1", "policies", "Policy"),
    _custom("templates.gatekeeper.sh/v1,v1beta1", "constrainttemplates", "ConstraintTemplate", namespaced=False),
    _custom("external-secrets.io/v1,v1beta1", "externalsecrets", "ExternalSecret"),
    _custom("monitoring.coreos.com/v1", "servicemonitors", "ServiceMonitor"),
    _custom("monitoring.coreos.com/v1", "podmonitors", "PodMonitor"),
    _custom("argoproj.io/v1alpha1", "rollouts", "Rollout"),
    _custom("resource.k8s.io/v1,v1beta2,v1beta1", "deviceclasses", "DeviceClass", namespaced=False),
    _custom("resource.k8s.io/v1,v1beta2,v1beta1", "resourceclaimtemplates", "ResourceClaimTemplate"),
)  # fmt: skip
