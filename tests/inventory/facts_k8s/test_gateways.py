"""Where gateways, agents and tool servers send what they are asked, and whom the network lets out to."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.documents import LinkTo, Unknown
from inventory.facts.estate import Edge, Estate, Node
from tests.inventory.facts_k8s.cluster import Json, estate, thing, value, workload

LITELLM = {
    "model_list": [
        {"model_name": "chat", "litellm_params": {"model": "anthropic/claude-sonnet-4"}},
        {"model_name": "own", "litellm_params": {"model": "openai/own", "api_base": "http://vllm.ml.svc:8000/v1"}},
    ]
}


def behind(*nodes: Node) -> set[tuple[str, str, bool]]:
    gateway, *others = nodes
    around = estate(*nodes, links=[(gateway, "mounts", other) for other in others])
    return {(one["host"], one["provider"], one["outside"]) for one in value("upstreams", gateway, around)}


def test_a_gateway_tells_its_upstreams_by_variables() -> None:
    env = [{"name": "OPENAI_API_BASE_URLS", "value": "http://ollama:11434/v1;https://api.mistral.ai/v1"}]
    app = workload("gw", {"name": "a", "env": env}, role="gateway")
    assert behind(app) == {("ollama", "", False), ("api.mistral.ai", "Mistral AI", True)}


def test_a_gateway_tells_its_upstreams_by_its_configuration() -> None:
    settings = thing("k8s.config_map", "settings", {"dataFiles": {"config.yaml": LITELLM}})
    app = workload("gw", {"name": "a"}, role="gateway")
    assert behind(app, settings) == {
        ("vllm.ml.svc", "", False), ("", "Anthropic", True), ("", "OpenAI", True),
    }  # fmt: skip


def test_what_is_no_gateway_has_no_upstreams() -> None:
    app = workload("shop", {"name": "a", "env": [{"name": "API_URL", "value": "https://api.openai.com"}]})
    assert value("upstreams", app) == []


def test_upstreams_are_unknown_while_the_configuration_was_not_read() -> None:
    app = workload("gw", {"name": "a"}, role="gateway")
    around = Estate([app], [Edge(app.identity, LinkTo("mounts", "k8s.config_map", "ml/settings"))])
    assert isinstance(value("upstreams", app, around), Unknown)


@pytest.mark.parametrize(
    ("kind", "spec", "host"),
    [
        ("k8s.kagent.remote_mcp_server", {"url": "https://mcp.example.com/mcp"}, "mcp.example.com"),
        ("k8s.toolhive.mcp_remote_proxy", {"remoteUrl": "https://mcp.example.com/mcp"}, "mcp.example.com"),
        ("k8s.ark.mcp_server", {"address": {"value": "https://mcp.example.com"}}, "mcp.example.com"),
        ("k8s.gateway.backend", {"endpoints": [{"fqdn": {"hostname": "api.openai.com"}}]}, "api.openai.com"),
    ],
)
def test_a_tool_server_outside_is_told_by_its_address(kind: str, spec: Json, host: str) -> None:
    assert [(one["host"], one["outside"]) for one in value("upstreams", thing(kind, "a", {"spec": spec}))] == [
        (host, True)
    ]


@pytest.mark.parametrize(
    ("kind", "spec", "named", "whole"),
    [
        ("k8s.kagent.agent", {"declarative": {"tools": [{"mcpServer": {"name": "desk", "toolNames": ["search"]}}]}},
         ["search"], []),
        ("k8s.kagent.agent", {"declarative": {"tools": [{"mcpServer": {"name": "desk"}}]}}, [], ["desk"]),
        ("k8s.aigateway.mcp_route", {"backendRefs": [{"name": "a", "toolSelector": {"include": ["x"]}}, {"name": "b"}]},
         ["x"], ["b"]),
    ],
)  # fmt: skip
def test_an_agent_gets_named_tools_or_a_whole_server(kind: str, spec: Json, named: list[str], whole: list[str]) -> None:
    assert value("granted_tools", thing(kind, "a", {"spec": spec})) == {"named": named, "whole": whole}


FQDN: Any = {"endpointSelector": {}, "egress": [{"toFQDNs": [{"matchName": "api.anthropic.com"}]}]}
PATTERN: Any = {"endpointSelector": {}, "egress": [{"toFQDNs": [{"matchPattern": "*.openai.azure.com"}]}]}


@pytest.mark.parametrize(
    ("kind", "spec", "providers"),
    [
        ("k8s.networking.service_entry", {"hosts": ["api.openai.com", "files.example.org"]}, ["OpenAI"]),
        ("k8s.networking.service_entry", {"hosts": ["huggingface.co"]}, []),
        ("k8s.cilium.cilium_network_policy", FQDN, ["Anthropic"]),
        ("k8s.cilium.cilium_clusterwide_network_policy", PATTERN, ["Azure OpenAI"]),
        ("k8s.service", {"type": "ExternalName", "externalName": "api.mistral.ai"}, ["Mistral AI"]),
        ("k8s.service", {"type": "ClusterIP"}, []),
        ("k8s.kagent.model_config", {"provider": "OpenAI", "model": "gpt-4.1"}, ["OpenAI"]),
        ("k8s.kagent.model_config", {"provider": "Ollama", "model": "llama3"}, []),
    ],
)
def test_an_object_names_the_providers_that_it_opens_the_way_to(kind: str, spec: Json, providers: list[str]) -> None:
    assert value("providers", thing(kind, "a", {"spec": spec})) == providers


def test_a_workload_is_let_out_to_the_providers_of_the_policies_that_select_it() -> None:
    mine = thing("k8s.cilium.cilium_network_policy", "a", {"spec": FQDN})
    elsewhere = thing("k8s.cilium.cilium_network_policy", "a", {"spec": PATTERN}, namespace="web")
    app = workload()
    assert value("let_out_to", app, estate(app, mine, elsewhere)) == ["Anthropic"]
