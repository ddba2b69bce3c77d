"""Which ways lead from outside the cluster to a Service, a route or a workload."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_network

from inventory.documents import Document, Unknown
from inventory.facts.estate import Dangling, Estate, Node
from inventory.facts.k8s_network import POOL, pod_spec_flags, services_of, spec_of
from inventory.facts.k8s_pod import WORKLOADS, containers
from inventory.facts.registry import fact
from inventory.recognition.workloads import listed, mapping, mappings, text

INGRESSES = ("k8s.ingress", "k8s.http_route", "k8s.grpc_route")
ROUTES = (*INGRESSES, "k8s.route.route", "k8s.networking.virtual_service")
GATEWAYS = ("k8s.gateway", "k8s.gateway.security_policy", "k8s.namespace")  # what a route goes through
# Annotation -> the values that keep a load balancer inside the private network.
_INTERNAL = {
    "service.beta.kubernetes.io/aws-load-balancer-internal": ("true", "0.0.0.0/0"),
    "service.beta.kubernetes.io/aws-load-balancer-scheme": ("internal",),
    "networking.gke.io/load-balancer-type": ("internal",),
    "cloud.google.com/load-balancer-type": ("internal",),
    "service.beta.kubernetes.io/azure-load-balancer-internal": ("true",),
    "service.beta.kubernetes.io/oci-load-balancer-internal": ("true",),
    "service.beta.kubernetes.io/openstack-internal-load-balancer": ("true",),
}
_FRONT_AUTH = (
    "nginx.ingress.kubernetes.io/auth-url",
    "nginx.ingress.kubernetes.io/auth-type",
    "nginx.ingress.kubernetes.io/auth-tls-secret",
    "haproxy.org/auth-type",
    "haproxy-ingress.github.io/auth-url",
    "ingress.kubernetes.io/auth-url",
)
_KONG_AUTH = ("key-auth", "jwt", "openid-connect", "basic-auth", "oauth2", "hmac-auth")


def annotations_of(node: Node) -> Document:
    return mapping(mapping(node.config.get("metadata")).get("annotations"))


def _way(node: Node, via: str, *, internet: bool, tls: bool = False, authenticated: bool = False) -> Document:
    title = text(node.config.get("kind")) or node.kind.rpartition(".")[2]
    return {
        "via": f"{title} {node.external_id}" + (f" ({via})" if via else ""),
        "internet": internet,
        "tls": tls,
        "authenticated": authenticated,
    }


@fact("routes", kinds=("k8s.service",), looks_at=(*ROUTES, *GATEWAYS), title="Ways in from outside the cluster")
def service_routes(node: Node, estate: Estate) -> list[Document] | Unknown:
    """Every way from outside to this Service: itself, and the routes that end at it."""
    incomplete = next((kind for kind in INGRESSES if not estate.complete(kind)), None)
    if incomplete is not None:
        return Unknown(f"Not every {incomplete.rpartition('.')[2]} could be read.")
    through_gateways = any(route.kind in INGRESSES[1:] for route in estate.into(node, "routes_to"))
    unread = estate.read.unread((*ROUTES, *GATEWAYS) if through_gateways else ROUTES)
    if unread is not None:
        return unread
    return _ways_of_service(node, estate)


def _ways_of_service(node: Node, estate: Estate) -> list[Document]:
    spec, found = spec_of(node), []
    kind = text(spec.get("type"))
    if kind == "LoadBalancer":
        found.append(_way(node, kind, internet=not _private(node, estate)))
    elif kind == "NodePort":
        found.append(_way(node, kind, internet=True))
    if listed(spec.get("externalIPs")):
        found.append(_way(node, "external IPs", internet=True))
    for route in estate.into(node, "routes_to"):
        if route.kind in ROUTES:
            found += [way for way in (_way_of_route(route, estate),) if way is not None]
    return found


@fact("source_ranges", kinds=("k8s.service",), title="Addresses that its load balancer lets in")
def source_ranges(node: Node, estate: Estate) -> list[str]:
    """By its specification or, for older controllers, its annotation; empty when everybody is let in."""
    stated = text(annotations_of(node).get("service.beta.kubernetes.io/load-balancer-source-ranges"))
    ranges = [text(item) for item in listed(spec_of(node).get("loadBalancerSourceRanges"))]
    found = ranges or [part.strip() for part in stated.split(",") if part.strip()]
    return [] if any(item in ("0.0.0.0/0", "::/0") for item in found) else found


def _private(node: Node, estate: Estate) -> bool:
    """A load balancer that only private addresses reach: by annotation or by its source ranges."""
    stated = annotations_of(node)
    if any(text(stated.get(name)).lower() in values for name, values in _INTERNAL.items()):
        return True
    ranges = source_ranges(node, estate)
    return bool(ranges) and all(_is_private(item) for item in ranges)


def _is_private(cidr: str) -> bool:
    try:
        return ip_network(cidr, strict=False).is_private
    except ValueError:
        return False


def _way_of_route(route: Node, estate: Estate) -> Document | None:
    if route.kind == "k8s.ingress":
        tls = bool(listed(spec_of(route).get("tls"))) or "alb.ingress.kubernetes.io/certificate-arn" in annotations_of(
            route
        )
        return _way(route, "", internet=_public_ingress(route), tls=tls, authenticated=_front_auth(route))
    if route.kind == "k8s.route.route":
        return _way(route, "", internet=True, tls=bool(mapping(spec_of(route).get("tls"))))
    if route.kind == "k8s.networking.virtual_service":
        gateways = [text(name) for name in listed(spec_of(route).get("gateways"))]
        outside = [name for name in gateways if name and name != "mesh"]
        return _way(route, "", internet=True) if outside else None
    return _way_of_gateway_route(route, estate)


def _way_of_gateway_route(route: Node, estate: Estate) -> Document | None:
    gateways = [target for target in estate.out(route, "part_of") if target.kind == "k8s.gateway"]
    if not gateways:
        return None
    known = [gateway for gateway in gateways if not isinstance(gateway, Dangling)]
    internet = len(known) < len(gateways) or any(not _private_gateway(gateway) for gateway in known)
    tls = bool(known) and all(_all_tls(gateway) for gateway in known)
    return _way(route, "", internet=internet, tls=tls, authenticated=_policy_on(route, known, estate))


def _private_gateway(gateway: Node) -> bool:
    spec = spec_of(gateway)
    inner = mapping(mapping(spec.get("infrastructure")).get("annotations"))
    stated = {**annotations_of(gateway), **inner}
    by_annotation = any(text(stated.get(name)).lower() in values for name, values in _INTERNAL.items())
    return by_annotation or _sounds_private(text(spec.get("gatewayClassName")))


def _all_tls(gateway: Node) -> bool:
    listeners = mappings(spec_of(gateway).get("listeners"))
    return bool(listeners) and all(item.get("protocol") in ("HTTPS", "TLS") for item in listeners)


def _policy_on(route: Node, gateways: list[Node], estate: Estate) -> bool:
    """Whether an Envoy Gateway security policy with authentication targets the route or its gateway."""
    targets = {(route.place, route.name)} | {(gateway.place, gateway.name) for gateway in gateways}
    for policy in estate.all("k8s.gateway.security_policy"):
        spec = spec_of(policy)
        named = [mapping(spec.get("targetRef")), *mappings(spec.get("targetRefs"))]
        guarded = any(key in spec for key in ("jwt", "oidc", "basicAuth", "apiKeyAuth", "extAuth"))
        if guarded and any((policy.place, text(target.get("name"))) in targets for target in named):
            return True
    return False


def _public_ingress(route: Node) -> bool:
    stated = annotations_of(route)
    scheme = text(stated.get("alb.ingress.kubernetes.io/scheme"))
    name = text(spec_of(route).get("ingressClassName")) or text(stated.get("kubernetes.io/ingress.class"))
    if scheme or name == "alb":
        return scheme == "internet-facing"
    return not _sounds_private(name)


def _sounds_private(name: str) -> bool:
    return any(word in name.lower() for word in ("internal", "private", "intranet"))


def _front_auth(route: Node) -> bool:
    """Whether the route itself asks for a login, by the annotations of the known controllers."""
    stated = annotations_of(route)
    if any(text(stated.get(name)) for name in _FRONT_AUTH):
        return True
    if text(stated.get("alb.ingress.kubernetes.io/auth-type")) not in ("", "none"):
        return True
    middlewares = text(stated.get("traefik.ingress.kubernetes.io/router.middlewares")).lower()
    plugins = text(stated.get("konghq.com/plugins")).lower()
    return "auth" in middlewares or any(plugin in plugins for plugin in _KONG_AUTH)


def _exposure(routes: list[Document] | Unknown, direct: list[Document]) -> str | Unknown:
    if isinstance(routes, Unknown):
        return "internet" if any(way["internet"] for way in direct) else routes
    return "internet" if any(way["internet"] for way in routes) else "internal"


@fact("exposure", kinds=("k8s.service",), looks_at=(*ROUTES, *GATEWAYS), title="Exposure")
def service_exposure(node: Node, estate: Estate) -> str | Unknown:
    """internet when a way in from outside ends here."""
    return _exposure(service_routes(node, estate), _ways_of_service(node, estate))


@fact("exposure", kinds=ROUTES[:3], looks_at=GATEWAYS, title="Exposure")
def route_exposure(node: Node, estate: Estate) -> str | Unknown:
    """internet unless its class or gateway is a private one."""
    unseen = [to for to in estate.out(node, "part_of") if isinstance(to, Dangling) and not to.complete]
    if unseen:
        return Unknown(f"The gateway {unseen[0].ref} was not read.")
    way = _way_of_route(node, estate)
    return "internet" if way is not None and way["internet"] else "internal"


@fact(
    "routes",
    kinds=WORKLOADS,
    looks_at=("k8s.service", *ROUTES, *GATEWAYS, POOL, "k8s.node"),
    title="Ways in from outside the cluster",
)
def workload_routes(node: Node, estate: Estate) -> list[Document] | Unknown:
    """Every way from outside to the pods of this workload."""
    if not estate.complete("k8s.service"):
        return Unknown("Not every service could be read.")
    found = _host_ways(node, estate)
    if found and not found[0]["internet"] and not estate.complete("k8s.node"):
        return Unknown("Not every node could be read.")
    for service in services_of(node, estate):
        ways = service_routes(service, estate)
        if isinstance(ways, Unknown):
            return ways
        found += ways
    unread = estate.read.unread([POOL])
    return unread if unread is not None else [*found, *_ways_by_pools(node, estate)]


def _ways_by_pools(node: Node, estate: Estate) -> list[Document]:
    """Routes to pools of model servers, which send to the pods without a Service."""
    pools = [pool for pool in estate.into(node, "selects") if pool.kind == POOL]
    routes = [route for pool in pools for route in estate.into(pool, "routes_to") if route.kind in INGRESSES[1:]]
    return [way for route in routes if (way := _way_of_gateway_route(route, estate)) is not None]


def _host_ways(node: Node, estate: Estate) -> list[Document]:
    """Ports on the node itself, which count where a node has a public address."""
    ports = _host_ports(node)
    if not ports:
        return []
    outside = any(_has_public_address(item) for item in estate.all("k8s.node"))
    return [_way(node, f"port {port} of the node", internet=outside) for port in ports]


def _host_ports(node: Node) -> list[int]:
    spec = pod_spec_flags(node)
    raw = [port for item in mappings(spec.get("containers")) for port in mappings(item.get("ports"))]
    if spec.get("hostNetwork") is True:
        return sorted({number for item in containers(node) for _name, number in item.ports if number})
    return sorted({port["hostPort"] for port in raw if isinstance(port.get("hostPort"), int) and port["hostPort"]})


def _has_public_address(node: Node) -> bool:
    addresses = mappings(mapping(node.config.get("status")).get("addresses"))
    return any(item.get("type") == "ExternalIP" for item in addresses)


@fact(
    "exposure",
    kinds=WORKLOADS,
    looks_at=("k8s.service", *ROUTES, *GATEWAYS, POOL, "k8s.node"),
    title="Exposure",
)
def workload_exposure(node: Node, estate: Estate) -> str | Unknown:
    """internet when a Service, a route or a node port leads from outside to its pods."""
    direct = [way for service in services_of(node, estate) for way in _ways_of_service(service, estate)]
    direct += [*_host_ways(node, estate), *_ways_by_pools(node, estate)]
    return _exposure(workload_routes(node, estate), direct)


@fact("exposure", kinds=("k8s.ray.ray_cluster", "k8s.ray.ray_service", "k8s.ray.ray_job"), title="Exposure")
def ray_exposure(node: Node, estate: Estate) -> str | Unknown:
    """internet when the operator is told to publish the head by a load balancer, node port or ingress."""
    return "internet" if any(_published(head) for head in ray_heads(node)) else "internal"


def ray_heads(node: Node) -> Iterable[Document]:
    """The head group of a Ray resource, wherever its kind keeps it."""
    spec = spec_of(node)
    for holder in (spec, mapping(spec.get("rayClusterSpec")), mapping(spec.get("rayClusterConfig"))):
        if mapping(holder.get("headGroupSpec")):
            yield mapping(holder.get("headGroupSpec"))


def _published(head: Document) -> bool:
    service = text(mapping(mapping(head.get("headService")).get("spec")).get("type"))
    kinds = {text(head.get("serviceType")), service}
    return bool(kinds & {"LoadBalancer", "NodePort"}) or head.get("enableIngress") is True


@fact("exposure", kinds=("k8s.serving.inference_service", "k8s.serving.llm_inference_service"), title="Exposure")
def inference_exposure(node: Node, estate: Estate) -> str | Unknown:
    """internet when KServe published an address outside the cluster."""
    labels = mapping(mapping(node.config.get("metadata")).get("labels"))
    if labels.get("networking.kserve.io/visibility") == "cluster-local":
        return "internal"
    address = text(mapping(node.config.get("status")).get("url"))
    if not address:
        return Unknown("KServe has not published an address for it yet.")
    return "internal" if ".svc" in address else "internet"
