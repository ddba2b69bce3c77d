"""Credentials and private values never leave the reader; what rules need stays."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from integrations.kubernetes.reader import Reader
from integrations.kubernetes.resources import BY_KIND
from integrations.secrets import mask, names_a_secret
from inventory.documents import Document
from tests.integrations.kubernetes.clusters import item


def workload(**container: Any) -> Document:
    spec = {"template": {"spec": {"containers": [{"name": "main", **container}]}}}
    return read("k8s.deployment", spec=spec)


def read(kind: str, **parts: Any) -> Document:
    row = BY_KIND[kind]
    assets, broken = Reader().read(row, row.apis[0], [item(row, "x", **parts)])
    assert not broken
    return assets[0].config


def variable(name: str, value: str) -> tuple[Document, list[Document]]:
    config = workload(env=[{"name": name, "value": value}])
    return config["spec"]["template"]["spec"]["containers"][0]["env"][0], config["secretsFound"]


KEYS = [
    ("anthropic-api-key", "sk-ant-" + "api03-" + "Q7xV2mLpT9wKcB4nRsD8"),
    ("openai-project-key", "sk-" + "proj-" + "Zx81LmPvXc04TrBn72WsKd93"),
    ("openai-api-key", "sk-" + "a1B2c3D4e5F6g7H8i9J0k1L2"),
    ("openrouter-api-key", "sk-or-" + "v1-" + "0123456789abcdef0123"),
    ("huggingface-token", "hf_" + "kQxVdTbWmZrNsLpYgHcJfEaRuXoDiBtMvS"),
    ("groq-api-key", "gsk_" + "A1b2C3d4E5f6G7h8I9j0K1l2"),
    ("google-api-key", "AI" + "za" + "SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6q"),
    ("nvidia-api-key", "nvapi" + "-A1b2C3d4E5f6G7h8I9j0K1l2"),
    ("langsmith-key", "lsv2" + "_pt_0123456789abcdef"),
    ("aws-access-key-id", "AKIA" + "IOSFODNN7EXAMPLE"),
    ("github-token", "ghp" + "_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"),
]


@pytest.mark.parametrize(("detector", "key"), KEYS)
@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "MODEL_HINT", "X"])
def test_a_key_in_a_variable_leaves_only_its_detector_and_path(detector: str, key: str, name: str) -> None:
    kept, found = variable(name, key)
    assert kept == {"name": name, "hidden": True}
    assert found == [{"detector": detector, "path": f"spec.template.spec.containers[main].env[{name}]"}]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OLLAMA_HOST", "0.0.0.0:11434"),
        ("OLLAMA_ORIGINS", "*"),
        ("WEBUI_AUTH", "False"),
        ("LANGFLOW_AUTO_LOGIN", "true"),
        ("MODEL_ID", "mistralai/Mistral-7B-Instruct-v0.2"),
        ("CHROMA_SERVER_CORS_ALLOW_ORIGINS", '["*"]'),
        ("AGENT_TOOLS", "shell,sql,http"),
        ("QDRANT_URL", "http://qdrant:6333"),
        ("RAY_AUTH_MODE", "token"),
        ("JUPYTER_TOKEN", ""),
        ("MAX_TOKENS", "4096"),
        ("HF_TOKEN_PATH", "/var/run/token"),
        ("OPENAI_API_KEY", "$(FROM_ELSEWHERE)"),
        ("AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED", "true"),
        ("DATASET", "s3://halden-lab-datasets/a"),
    ],
)
def test_values_that_rules_need_stay(name: str, value: str) -> None:
    assert variable(name, value) == ({"name": name, "value": value}, [])


@pytest.mark.parametrize("name", ["DB_PASSWORD", "apiKey", "SMTP_PASS", "clientSecret", "OTEL_EXPORTER_OTLP_HEADERS"])
def test_a_literal_under_the_name_of_a_secret_is_found(name: str) -> None:
    kept, found = variable(name, "correct-horse")
    assert kept == {"name": name, "hidden": True}
    assert [one["detector"] for one in found] == ["named-secret"]


def test_a_published_default_is_told_apart() -> None:
    assert variable("LITELLM_MASTER_KEY", "sk-1234")[1][0]["detector"] == "published-default"


def test_an_ordinary_private_value_is_dropped_and_said_to_be_there() -> None:
    assert variable("GREETING", "Dear Mr Smith") == ({"name": "GREETING", "hidden": True}, [])


def test_credentials_in_an_address_are_masked_and_the_address_stays() -> None:
    kept, found = variable("DATABASE_URL", "postgresql://app:tr0ub4dor@db.shop.svc:5432/orders")
    assert kept["value"] == "postgresql://(hidden)@db.shop.svc:5432/orders"
    assert [one["detector"] for one in found] == ["url-credentials"]


def test_references_are_left_alone() -> None:
    source = {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "llm", "key": "api-key"}}}
    config = workload(env=[source], envFrom=[{"secretRef": {"name": "all"}}])
    assert config["spec"]["template"]["spec"]["containers"][0]["env"] == [source]
    assert config["secretsFound"] == []


@pytest.mark.parametrize(
    ("words", "kept", "detectors"),
    [
        (["--api-key", "abcdefgh", "--port", "8000"], ["--api-key", "(hidden)", "--port", "8000"], ["named-secret"]),
        (["--api-key=abcdefgh"], ["--api-key=(hidden)"], ["named-secret"]),
        (["--api-key=$(VLLM_API_KEY)"], ["--api-key=$(VLLM_API_KEY)"], []),
        (["--ServerApp.token="], ["--ServerApp.token="], []),
        (["--ServerApp.password=argon2:abc"], ["--ServerApp.password=argon2:(hidden)"], []),
        (["--tokenizer", "org/model", "--max-num-seqs=8"], ["--tokenizer", "org/model", "--max-num-seqs=8"], []),
        (
            ["sh", "-c", "vllm serve m --api-key abcdefgh"],
            ["sh", "-c", "vllm serve m --api-key (hidden)"],
            ["named-secret"],
        ),
        (["sh -c 'HF_TOKEN=abcdefgh run'"], ["sh -c 'HF_TOKEN=(hidden) run'"], ["named-secret"]),
        (["postgresql://a:bcdef@h/d"], ["postgresql://(hidden)@h/d"], ["url-credentials"]),
        (["--token-file=/run/token"], ["--token-file=/run/token"], []),
    ],
)
def test_command_lines_lose_only_their_credentials(words: list[str], kept: list[str], detectors: list[str]) -> None:
    config = workload(args=list(words))
    assert config["spec"]["template"]["spec"]["containers"][0]["args"] == kept
    assert [one["detector"] for one in config["secretsFound"]] == detectors


def test_fields_of_custom_resources_lose_credentials_and_keep_names_of_secrets() -> None:
    spec = {
        "provider": "OpenAI",
        "apiKeySecret": "openai",
        "apiKeySecretKey": "KEY",
        "headers": {"apiKey": "hunter2222"},
    }
    config = read("k8s.kagent.model_config", spec=dict(spec))
    assert config["spec"] == spec | {"headers": {"apiKey": "(hidden)"}}
    assert config["secretsFound"] == [{"detector": "named-secret", "path": "spec.headers.apiKey"}]


def test_the_last_applied_manifest_is_dropped() -> None:
    row = BY_KIND["k8s.deployment"]
    document = item(row, "x", spec={})
    manifest = orjson.dumps({"env": [{"name": "A", "value": KEYS[0][1]}]}).decode()
    document["metadata"]["annotations"] = {"kubectl.kubernetes.io/last-applied-configuration": manifest, "team": "a"}
    assets, _ = Reader().read(row, row.apis[0], [document])
    assert assets[0].config["metadata"]["annotations"] == {"team": "a"}


def config_map(**data: str) -> Document:
    return read("k8s.config_map", data=data)


def test_a_config_map_keeps_names_and_sizes_only() -> None:
    config = config_map(**{"notes.txt": "call Anna", "run.sh": "echo"})
    assert config["dataKeys"] == {"notes.txt": 9, "run.sh": 4}
    assert not {"data", "dataFiles"} & config.keys()


def test_a_known_configuration_file_is_kept_without_credentials() -> None:
    key = KEYS[1][1]
    content = (
        f"general_settings:\n  master_key: os.environ/MASTER\nmodel_list:\n- params: {{api_key: {key}, model: gpt}}\n"
    )
    config = config_map(**{"config.yaml": content})
    assert config["dataFiles"]["config.yaml"] == {
        "general_settings": {"master_key": "os.environ/MASTER"},
        "model_list": [{"params": {"api_key": "(hidden)", "model": "gpt"}}],
    }
    assert {one["detector"] for one in config["secretsFound"]} == {"openai-project-key"}
    assert key not in str(config)


def test_a_credential_in_any_config_map_text_is_found() -> None:
    found = config_map(**{"settings.env": f"A=1\nOPENAI_API_KEY={KEYS[2][1]}\n"})["secretsFound"]
    assert found == [{"detector": "openai-api-key", "path": "data[settings.env]"}]


@pytest.mark.parametrize(
    "content",
    [
        "a: &a [x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b]\n"
        "d: &d [*c, *c, *c, *c, *c, *c, *c, *c]\ne: [*d, *d, *d, *d, *d, *d, *d, *d]\n",
        "base: &b {x: 1}\nmore:\n  <<: *b\n",
        "[" * 5_000,
        "{unclosed",
        "\x00",
        "x" * 200_000,
    ],
)
def test_a_configuration_file_built_to_harm_is_small_or_not_kept(content: str) -> None:
    assert len(orjson.dumps(config_map(**{"config.yaml": content}))) < 200_000


@pytest.mark.parametrize(
    "name", ["TOKENIZERS_PARALLELISM", "MAX_TOKENS", "KEYCLOAK_URL", "AUTH_METHOD", "MONKEY", "PATH"]
)
def test_names_that_only_sound_secret_are_not(name: str) -> None:
    assert not names_a_secret(name)


@pytest.mark.parametrize(
    "words", ["task-force-one", "risk-assessment-service", "sha256:" + "a" * 64, "hf_home", "disk-sk-1"]
)
def test_words_that_only_look_like_keys_are_not(words: str) -> None:
    assert mask(words) == (words, [])
