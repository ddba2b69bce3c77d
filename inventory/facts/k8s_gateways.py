"""Where AI traffic goes: upstreams of gateways, tools that agents are given, providers that the network lets out to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from inventory.documents import Document, Unknown
from inventory.facts.estate import Estate, Node
from inventory.facts.k8s_authentication import config_files
from inventory.facts.k8s_foreign_policies import CILIUM, specs_for
from inventory.facts.k8s_images import in_cluster
from inventory.facts.k8s_network import spec_of
from inventory.facts.k8s_pod import WORKLOADS, containers
from inventory.facts.registry import fact
from inventory.recognition import catalogue, recognise
from inventory.recognition.catalogue import provider_key
from inventory.recognition.workloads import listed, mapping, mappings, text, values_at

AGENT, MCP_ROUTE = "k8s.kagent.agent", "k8s.aigateway.mcp_route"
ENTRY = "k8s.networking.service_entry"
MODEL_SOURCES = (
    "k8s.kagent.model_config", "k8s.aigateway.ai_service_backend", "k8s.agentgateway.agentgateway_backend",
    "k8s.core.k8_s_gpt", "k8s.networking.external_model_provider", "k8s.ark.model",
)  # fmt: skip
TOOL_SERVERS = ("k8s.kagent.remote_mcp_server", "k8s.toolhive.mcp_remote_proxy", "k8s.toolhive.mcp_server_entry",
                "k8s.ark.mcp_server", "k8s.gateway.backend")  # fmt: skip
_SENDING = frozenset({"gateway", "agent", "tool"})
_ADDRESS = re.compile(r"(?:_URLS?|_BASE|_ENDPOINT|MCP_SERVERS?)$")
_URL = re.compile(r"\b[a-z+]+://([A-Za-z0-9.-]+)")
_ADDRESS_KEYS = frozenset({"api_base", "base_url", "url", "endpoint"})
_DEPTH = 8


@fact("upstreams", kinds=WORKLOADS, looks_at=("k8s.config_map",), title="Where it sends model and tool calls")
def upstreams(node: Node, estate: Estate) -> list[Document] | Unknown:
    """Hosts in the variables and configuration files of gateways, agents and tool servers, with their provider."""
    if node.ai_role not in _SENDING:
        return []
    files = config_files(node, estate)
    if isinstance(files, Unknown):
        return files
    values = [value for c in containers(node) for name, value in c.env.items() if value and _ADDRESS.search(name)]
    hosts = [host for value in values for host in _URL.findall(value)]
    named = [item for content in files for item in _configured(content, _DEPTH)]
    return _told([*hosts, *(item for item in named if "." in item)], [item for item in named if "." not in item])


@fact("upstreams", kinds=TOOL_SERVERS, title="Where it sends model and tool calls")
def tool_upstreams(node: Node, estate: Estate) -> list[Document]:
    """The host behind a tool server, proxy or backend."""
    spec = spec_of(node)
    named = [text(spec.get(field)) for field in ("url", "remoteUrl", "remoteURL")]
    named += [text(mapping(spec.get("address")).get("value"))]
    hosts = [urlsplit(address).hostname or "" for address in named if address]
    hosts += [text(mapping(end.get("fqdn")).get("hostname")) for end in mappings(spec.get("endpoints"))]
    return _told([host for host in hosts if host], [])


def _told(hosts: Iterable[str], providers: Iterable[str]) -> list[Document]:
    titles = catalogue().provider_titles
    found = {host: titles.get(catalogue().hosts.match(host), "") for host in hosts}
    known = [{"host": h, "provider": p, "outside": not in_cluster(h)} for h, p in sorted(found.items())]
    more = sorted({titles[name] for name in providers} - {one["provider"] for one in known})
    return [*known, *({"host": "", "provider": title, "outside": True} for title in more)]


def _configured(content: object, depth: int) -> Iterator[str]:
    """Hosts below the usual keys of a configuration file, and ids of providers that LiteLLM's models start with."""
    for key, value in mapping(content).items() if depth else ():
        if key in _ADDRESS_KEYS and isinstance(value, str):
            yield from _URL.findall(value)
        elif key == "model" and isinstance(value, str) and "/" in value:
            provider = catalogue().provider_names.get(provider_key(value.partition("/")[0]))
            yield from [provider] if provider else []
        else:
            yield from _configured(value, depth - 1)
    for item in listed(content) if depth else ():
        yield from _configured(item, depth - 1)


@fact("granted_tools", kinds=(AGENT, MCP_ROUTE), title="Tools it is given")
def granted_tools(node: Node, estate: Estate) -> Document:
    """`named`: tools that are listed one by one; `whole`: tool servers of which it gets every tool."""
    named: set[str] = set()
    whole: set[str] = set()
    for server, tools in _given(node):
        named |= {tool for tool in tools if isinstance(tool, str)}
        whole |= set() if tools else {server}
    return {"named": sorted(named), "whole": sorted(whole)}


def _given(node: Node) -> Iterator[tuple[str, list[object]]]:
    """(tool server, the tools of it that are listed)."""
    if node.kind == MCP_ROUTE:
        for backend in mappings(spec_of(node).get("backendRefs")):
            yield text(backend.get("name")), listed(mapping(backend.get("toolSelector")).get("include"))
        return
    for path in ("spec.declarative.tools[].mcpServer", "spec.tools[].mcpServer"):
        for server in map(mapping, values_at(node.config, path)):
            yield text(server.get("name")) or text(server.get("toolServer")), listed(server.get("toolNames"))


@fact("providers", kinds=MODEL_SOURCES, title="Hosted model providers it uses")
def configured_providers(node: Node, estate: Estate) -> list[str]:
    """Names of the providers that a model or backend of a gateway is set to."""
    found = recognise(node)
    return sorted(catalogue().provider_titles[name] for name in found.providers) if found else []


@fact("providers", kinds=(ENTRY, *CILIUM, "k8s.service"), title="Hosted model providers whose address it names")
def addressed_providers(node: Node, estate: Estate) -> list[str]:
    """Providers behind the hosts of a ServiceEntry, a Cilium policy or an ExternalName Service."""
    spec = spec_of(node)
    if node.kind == "k8s.service":
        return _titles([text(spec.get("externalName"))])
    if node.kind == ENTRY:
        return _titles([text(host) for host in listed(spec.get("hosts"))])
    return _titles(_let_out([spec, *mappings(node.config.get("specs"))]))


@fact(
    "let_out_to",
    kinds=WORKLOADS,
    looks_at=(*CILIUM, "k8s.namespace"),
    title="Model providers that policies let it call",
)
def let_out_to(node: Node, estate: Estate) -> list[str] | Unknown:
    """Hosted model providers named, by host, in the egress rules of the Cilium policies that apply to it."""
    unread = estate.read.unread(CILIUM)
    if unread is not None:
        return unread
    return _titles(_let_out(spec for _policy, spec in specs_for(node, estate)))


def _let_out(specs: Iterable[Document]) -> list[str]:
    rules = [to for spec in specs for rule in mappings(spec.get("egress")) for to in mappings(rule.get("toFQDNs"))]
    return [text(to.get("matchName")) or text(to.get("matchPattern")).lstrip("*.") for to in rules]


def _titles(hosts: Iterable[str]) -> list[str]:
    known = catalogue()
    found = {known.hosts.match(host) for host in hosts if host} - {"", *known.hubs}
    return sorted(known.provider_titles[name] for name in found)
