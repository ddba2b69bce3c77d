"""Gateways, tool servers and agents say what they hand requests on to."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.kubernetes.gateways import service_at
from integrations.kubernetes.resources import BY_KIND

Json = dict[str, Any]
ENVOY = {
    "parentRefs": [{"name": "edge", "namespace": "net"}],
    "rules": [{"backendRefs": [{"name": "openai"}, {"name": "own", "kind": "InferencePool"}]}],
}
TOOLHIVE = {"groupRef": {"name": "desk"}, "toolConfigRef": {"name": "few"}, "oidcConfigRef": {"name": "login"}}
ARK = {"modelRef": {"name": "gpt"}, "tools": [{"name": "search"}]}


@pytest.mark.parametrize(
    ("kind", "spec", "expected"),
    [
        (
            "k8s.aigateway.ai_gateway_route",
            ENVOY,
            {
                ("routes_to", "k8s.aigateway.ai_service_backend", "ml/openai"),
                ("routes_to", "k8s.inference.inference_pool", "ml/own"),
                ("part_of", "k8s.gateway", "net/edge"),
            },
        ),
        (
            "k8s.aigateway.mcp_route",
            {"backendRefs": [{"name": "github"}, {"name": "own", "kind": "Service"}]},
            {("routes_to", "k8s.gateway.backend", "ml/github"), ("routes_to", "k8s.service", "ml/own")},
        ),
        (
            "k8s.aigateway.ai_service_backend",
            {"backendRef": {"name": "openai", "kind": "Backend"}},
            {("routes_to", "k8s.gateway.backend", "ml/openai")},
        ),
        (
            "k8s.gateway.backend",
            {"endpoints": [{"fqdn": {"hostname": "own.ml.svc.cluster.local", "port": 80}}]},
            {("routes_to", "k8s.service", "ml/own")},
        ),
        (
            "k8s.inference.inference_pool",
            {"endpointPickerRef": {"name": "picker"}},
            {("routes_to", "k8s.service", "ml/picker")},
        ),
        (
            "k8s.inference.inference_objective",
            {"poolRef": {"name": "own"}},
            {("part_of", "k8s.inference.inference_pool", "ml/own")},
        ),
        (
            "k8s.agentgateway.agentgateway_backend",
            {"mcp": {"targets": [{"name": "t", "static": {"host": "tools.desk.svc", "port": 80}}]}},
            {("routes_to", "k8s.service", "desk/tools")},
        ),
        (
            "k8s.toolhive.mcp_server",
            TOOLHIVE,
            {
                ("part_of", "k8s.toolhive.mcp_group", "ml/desk"),
                ("guarded_by", "k8s.toolhive.mcp_tool_config", "ml/few"),
                ("guarded_by", "k8s.toolhive.mcpoidc_config", "ml/login"),
            },
        ),
        ("k8s.toolhive.mcp_remote_proxy", {"remoteUrl": "https://mcp.example.com/mcp"}, set()),
        ("k8s.kagent.remote_mcp_server", {"url": "http://tools:8080/mcp"}, {("routes_to", "k8s.service", "ml/tools")}),
        (
            "k8s.mcp.mcp_server_registration",
            {"targetRef": {"name": "tools"}},
            {("routes_to", "k8s.http_route", "ml/tools")},
        ),
        (
            "k8s.kagent.agent",
            {"declarative": {"modelConfig": "gpt", "tools": [{"mcpServer": {"name": "search"}}]}},
            {("loads", "k8s.kagent.model_config", "ml/gpt"), ("has_tool", "k8s.kagent.remote_mcp_server", "ml/search")},
        ),
        ("k8s.ark.agent", ARK, {("loads", "k8s.ark.model", "ml/gpt"), ("has_tool", "k8s.ark.tool", "ml/search")}),
        (
            "k8s.extensions.sandbox_claim",
            {"sandboxTemplateRef": {"name": "safe"}},
            {("part_of", "k8s.extensions.sandbox_template", "ml/safe")},
        ),
        (
            "k8s.aigateway.ai_gateway_route",
            {"rules": [None, {"backendRefs": [{"kind": "Secret", "name": "x"}]}]},
            set(),
        ),
    ],
)
def test_a_document_names_what_is_behind_it(kind: str, spec: Json, expected: set[tuple[str, str, str]]) -> None:
    row = BY_KIND[kind]
    found = {(to.type, to.kind, to.ref) for finder in row.links for to in finder({"spec": spec}, "ml")}
    assert found == expected


@pytest.mark.parametrize(
    ("host", "service"),
    [
        ("tools", "ml/tools"),
        ("tools.desk.svc", "desk/tools"),
        ("tools.desk.svc.cluster.local", "desk/tools"),
        ("openrouter.ai", ""),
        ("api.openai.com", ""),
        ("localhost", ""),
        ("", ""),
    ],
)
def test_only_names_of_the_cluster_mean_a_service(host: str, service: str) -> None:
    assert service_at(host, "ml") == service
