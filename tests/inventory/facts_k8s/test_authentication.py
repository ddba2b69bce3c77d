"""Whether AI servers ask for a login, product by product."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.documents import Unknown
from tests.inventory.facts_k8s.cluster import Json, estate, thing, value, workload


def env(**values: str | None) -> list[Json]:
    return [{"name": name, **({} if text is None else {"value": text})} for name, text in values.items()]


def asked(image: str, args: list[str] | None = None, **more: Any) -> Any:
    return value("authentication", workload("app", {"name": "a", "image": image, "args": args or [], **more}))


VLLM = "vllm/vllm-openai:v0.11.2"
JUPYTER = "quay.io/jupyter/scipy-notebook:2025-10-20"


@pytest.mark.parametrize(
    ("image", "args", "variables", "required"),
    [
        (VLLM, [], {}, False),
        (VLLM, ["--api-key", "(hidden)"], {}, True),
        (VLLM, ["--api-key=(hidden)"], {}, True),
        (VLLM, ["--api-key", "$(VLLM_API_KEY)"], {"VLLM_API_KEY": None}, True),
        (VLLM, [], {"VLLM_API_KEY": None}, True),
        ("ollama/ollama:0.12.9", [], {"OLLAMA_AUTH": "true"}, False),
        ("nvcr.io/nvidia/tritonserver:25.08-py3", [], {}, False),
        ("ghcr.io/mlflow/mlflow:v3.5.1", ["mlflow", "server"], {}, False),
        ("ghcr.io/mlflow/mlflow:v3.5.1", ["mlflow", "server", "--app-name=basic-auth"], {}, True),
        ("chromadb/chroma:0.4.3", [], {}, False),
        ("chromadb/chroma:0.5.20", [], {"CHROMA_SERVER_AUTHN_PROVIDER": "x"}, True),
        ("chromadb/chroma:1.0.9", [], {"CHROMA_SERVER_AUTHN_PROVIDER": "x"}, False),
        (JUPYTER, ["start-notebook.py"], {}, True),
        (JUPYTER, ["start-notebook.py", "--ServerApp.token=''", "--ServerApp.password=''"], {}, False),
        (JUPYTER, ["start-notebook.py", "--IdentityProvider.token="], {}, False),
        (JUPYTER, ["--ServerApp.token=''", "--PasswordIdentityProvider.hashed_password=argon2:(hidden)"], {}, True),
        (JUPYTER, [], {"NOTEBOOK_ARGS": "--ServerApp.token=''"}, False),
        (JUPYTER, ["--ServerApp.allow_unauthenticated_access=True"], {}, False),
        ("rayproject/ray:2.50.0", ["ray", "start", "--head"], {}, False),
        ("rayproject/ray:2.50.0", ["ray", "start", "--head"], {"RAY_AUTH_MODE": "token"}, False),
        ("rayproject/ray:2.52.1", ["ray", "start", "--head"], {"RAY_AUTH_MODE": "token"}, True),
        ("qdrant/qdrant:v1.15.4", [], {}, False),
        ("qdrant/qdrant:v1.15.4", [], {"QDRANT__SERVICE__API_KEY": None}, True),
        ("semitechnologies/weaviate:1.30.0", [], {}, False),
        ("semitechnologies/weaviate:1.30.0", [], {"AUTHENTICATION_APIKEY_ENABLED": "true"}, True),
        (
            "semitechnologies/weaviate:1.30.0",
            [],
            {"AUTHENTICATION_APIKEY_ENABLED": "true", "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "true"},
            False,
        ),
        ("ghcr.io/berriai/litellm:v1.79.0-stable", [], {}, False),
        ("ghcr.io/berriai/litellm:v1.79.0-stable", [], {"LITELLM_MASTER_KEY": None}, True),
        ("langflowai/langflow:1.5.0", [], {}, False),
        ("langflowai/langflow:1.5.0", [], {"LANGFLOW_AUTO_LOGIN": "false"}, True),
        ("flowiseai/flowise:2.2.0", [], {}, False),
        ("flowiseai/flowise:3.0.1", [], {}, True),
        ("ghcr.io/open-webui/open-webui:v0.6.0", [], {}, True),
        ("ghcr.io/open-webui/open-webui:v0.6.0", [], {"WEBUI_AUTH": "False"}, False),
        ("arizephoenix/phoenix:version-8.0.0", [], {}, False),
        ("pytorch/torchserve:0.12.0-gpu", [], {}, True),
        ("pytorch/torchserve:0.12.0-gpu", ["--disable-token-auth"], {}, False),
        ("pytorch/torchserve:0.9.0-gpu", [], {}, False),
        ("pgvector/pgvector:pg17", [], {"POSTGRES_HOST_AUTH_METHOD": "trust"}, False),
    ],
)
def test_each_product_asks_for_a_login_in_its_own_way(
    image: str, args: list[str], variables: dict[str, str | None], required: bool
) -> None:
    found = asked(image, args, env=env(**variables))
    assert not isinstance(found, Unknown), found
    assert found["required"] is required
    assert found["how"]


@pytest.mark.parametrize(
    ("image", "args", "more"),
    [
        (VLLM, ["--api-key", "$(VLLM_API_KEY)"], {}),
        (VLLM, [], {"envFrom": [{"secretRef": {"name": "keys"}}]}),
        (VLLM, ["/start.sh"], {}),
        ("chromadb/chroma:latest", [], {}),
        ("flowiseai/flowise:latest", [], {}),
        ("rayproject/ray:nightly", ["ray", "start"], {"env": [{"name": "RAY_AUTH_MODE", "value": "token"}]}),
        ("langflowai/langflow:1.5.0", [], {"env": [{"name": "LANGFLOW_AUTO_LOGIN"}]}),
        ("ghcr.io/berriai/litellm:v1.79.0", ["--config", "/app/config.yaml"], {}),
    ],
)
def test_what_cannot_be_seen_is_unknown(image: str, args: list[str], more: Json) -> None:
    assert isinstance(asked(image, args, **more), Unknown)


def test_a_master_key_in_the_mounted_configuration_counts() -> None:
    app = workload("app", {"image": "ghcr.io/berriai/litellm:v1.79.0", "args": ["--config", "/etc/config.yaml"]})
    for content, required in (({"general_settings": {"master_key": "(hidden)"}}, True), ({"model_list": []}, False)):
        config = thing("k8s.config_map", "c", {"dataFiles": {"config.yaml": content}})
        around = estate(app, config, links=[(app, "mounts", config)])
        assert value("authentication", app, around)["required"] is required
    unread = estate(app, config, links=[(app, "mounts", config)], unread=["k8s.config_map"])
    assert isinstance(value("authentication", app, unread), Unknown)


def test_a_ray_resource_asks_for_a_token_only_when_it_says_so() -> None:
    head = {"template": {"spec": {"containers": [{"image": "rayproject/ray:2.52.0"}]}}}
    for options, required in (({}, False), ({"mode": "token"}, True), ({"mode": "disabled"}, False)):
        cluster = thing("k8s.ray.ray_cluster", "r", {"spec": {"headGroupSpec": head, "authOptions": options}})
        assert value("authentication", cluster)["required"] is required


def test_what_is_no_ai_server_has_no_answer() -> None:
    assert asked("nginx:1.29")["required"] is None
    assert value("login_known", workload("app", {"image": "nginx:1.29"})) is False
    assert value("login_known", workload("app", {"image": VLLM})) is True


@pytest.mark.parametrize(
    ("image", "args", "variables", "expected"),
    [
        ("ollama/ollama:0.12.9", [], {"OLLAMA_HOST": "127.0.0.1:11434"}, True),
        ("ollama/ollama:0.12.9", [], {"OLLAMA_HOST": "0.0.0.0:11434"}, False),
        ("ollama/ollama:0.12.9", [], {}, False),
        ("rayproject/ray:2.50.0", ["ray", "start", "--head", "--dashboard-host=127.0.0.1"], {}, True),
        ("rayproject/ray:2.50.0", ["ray", "start", "--head", "--dashboard-host=0.0.0.0"], {}, False),
        (VLLM, ["--host", "localhost"], {}, True),
        (VLLM, [], {}, False),
    ],
)
def test_loopback_is_recognised(image: str, args: list[str], variables: dict[str, str], expected: bool) -> None:
    app = workload("app", {"image": image, "args": args, "env": env(**variables)})
    assert value("loopback_only", app) is expected
