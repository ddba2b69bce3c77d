"""Images, models and code: where they come from and whether they can change."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.documents import Unknown
from tests.inventory.facts_k8s.cluster import Json, thing, value, workload


def of(fact: str, *, kind: str = "k8s.deployment", **container: Any) -> Any:
    return value(fact, workload("app", {"name": "a", "image": "vllm/vllm-openai:v1", **container}, kind=kind))


@pytest.mark.parametrize(
    ("image", "moving", "pinned"),
    [
        ("a/b:latest", True, False),
        ("a/b", True, False),
        ("a/b:1.2.3", False, False),
        ("a/b:main", True, False),
        ("a/b@sha256:" + "a" * 64, False, True),
        ("a/b:latest@sha256:" + "a" * 64, False, True),
    ],
)
def test_a_tag_moves_unless_a_digest_holds_it(image: str, moving: bool, pinned: bool) -> None:
    (found,) = of("images", image=image)
    assert (found["moving"], found["pinned"]) == (moving, pinned)


@pytest.mark.parametrize(
    ("args", "env", "expected"),
    [
        (["--trust-remote-code"], [], (True, False)),
        (["--trust_remote_code"], [], (True, False)),
        (["--trust-remote-code=false"], [], (False, False)),
        (["--trust-remote-code", "--code-revision", "a" * 40], [], (True, True)),
        (["--trust-remote-code", "--revision", "main"], [], (True, False)),
        ([], [{"name": "TRUST_REMOTE_CODE", "value": "true"}], (True, False)),
        ([], [{"name": "TRUST_REMOTE_CODE", "value": "0"}], (False, False)),
        ([], [], (False, False)),
    ],
)
def test_remote_code_is_on_and_pinned_by_what_is_said(
    args: list[str], env: list[Json], expected: tuple[bool, bool]
) -> None:
    found = of("remote_code", args=args, env=env)
    assert (found["on"], found["pinned"]) == expected


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["--resume", "s3://b/ckpt.pkl"], ["s3://b/ckpt.pkl"]),
        (["--model", "/models/a.safetensors"], []),
        (["-m", "/models/a.gguf"], []),
        (["python", "train.py"], []),
        (["--weights=/w/model.pth"], ["/w/model.pth"]),
        (["curl http://x.ptolemy.org/a.ptx"], []),
    ],
)
def test_files_that_can_run_code_are_named(args: list[str], expected: list[str]) -> None:
    assert of("unsafe_files", args=args) == expected


def test_a_serving_resource_names_format_and_address() -> None:
    model = {"modelFormat": {"name": "sklearn"}, "storageUri": "http://files.example.net/m.pkl"}
    service = thing("k8s.serving.inference_service", "s", {"spec": {"predictor": {"model": model}}})
    assert len(value("unsafe_files", service)) == 2
    assert value("plain_http_sources", service) == ["http://files.example.net/m.pkl"]
    assert value("models", service)[0]["source"] == "http"


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["curl http://files.example.net/m.gguf -o /m"], ["http://files.example.net/m.gguf"]),
        (["curl https://files.example.net/m.gguf -o /m"], []),
        (["curl http://minio.storage.svc:9000/m.gguf -o /m"], []),
        (["curl http://10.0.0.7/m.gguf -o /m"], []),
        (["--webhook", "http://hooks.example.net/x"], []),
    ],
)
def test_only_downloads_from_outside_count_as_plain(args: list[str], expected: list[str]) -> None:
    assert of("plain_http_sources", command=["sh", "-c", *args]) == expected


def test_installs_at_start_are_found_in_shell_lines() -> None:
    assert of("start_installs", command=["sh", "-c", "pip install -U vllm && vllm serve a/b"]) == ["pip install"]
    assert of("start_installs", command=["sh", "-c", "curl -s https://x.example/i.sh | bash"])
    assert of("start_installs", args=["serve", "a/b"]) == []


def test_switches_count_only_when_they_are_on() -> None:
    env = [{"name": "ALLOW_DANGEROUS_CODE", "value": "true"}, {"name": "ALLOW_RESET", "value": "false"}]
    assert of("dangerous_switches", env=env) == ["ALLOW_DANGEROUS_CODE"]
    assert of("dangerous_switches", env=[{"name": "ALLOW_DANGEROUS_CODE"}]) == []


def test_models_are_taken_apart() -> None:
    (found,) = of("models", args=["--model", "meta-llama/Llama-3.1-8B", "--revision", "a" * 40])
    assert (found["source"], found["organisation"], found["pinned"]) == ("hub", "meta-llama", True)
    (pulled,) = value(
        "models",
        workload("app", {"image": "ollama/ollama:1.0.0", "command": ["sh", "-c", "ollama pull llama3.2:1b"]}),
    )
    assert (pulled["ref"], pulled["revision"], pulled["pinned"]) == ("ollama://llama3.2:1b", "1b", False)


@pytest.mark.parametrize(
    ("tag", "affected"),
    [("v1.17.8-ubuntu20.04", True), ("v1.19.1-ubuntu20.04", False), ("v1.20.0", False), ("latest", None)],
)
def test_an_old_container_toolkit_is_affected_and_an_unknown_version_is_unknown(
    tag: str, affected: bool | None
) -> None:
    found = of("known_flaw", image=f"nvcr.io/nvidia/k8s/container-toolkit:{tag}")
    assert isinstance(found, Unknown) if affected is None else found["affected"] is affected


def test_tools_and_tool_servers_of_an_agent_are_read_from_its_settings() -> None:
    env = [
        {"name": "AGENT_TOOLS", "value": "shell,http,search_docs"},
        {"name": "MCP_SERVERS", "value": "http://mcp.public.example:3000/sse,http://mcp.tools.svc:80"},
    ]
    found = of("tool_calls", env=env)
    assert found == {"risky": ["http", "shell"], "servers": ["http://mcp.public.example:3000"]}


def test_a_provider_behind_an_own_gateway_is_not_called_directly() -> None:
    key = {"name": "OPENAI_API_KEY", "valueFrom": {"secretKeyRef": {"name": "k", "key": "k"}}}
    own = {"name": "OPENAI_BASE_URL", "value": "http://litellm.gateway.svc:4000"}
    assert of("providers", image="x/y:1", env=[key]) == ["OpenAI"]
    assert of("providers", image="x/y:1", env=[key, own]) == []


def test_tracing_outside_is_told_from_tracing_inside() -> None:
    on = {"name": "LANGCHAIN_TRACING_V2", "value": "true"}
    inside = {"name": "LANGCHAIN_ENDPOINT", "value": "http://langfuse.obs.svc:3000"}
    assert of("tracing", env=[on]) == {"on": True, "outside": ["LangSmith"]}
    assert of("tracing", env=[on, inside]) == {"on": True, "outside": []}
    assert of("tracing", env=[]) == {"on": False, "outside": []}
