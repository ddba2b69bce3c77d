"""Takes credentials and private values out of documents before anything is stored.

What is left of a credential is `{"detector": …, "path": …}` in `secretsFound`. A literal environment value that
is neither harmless nor needed by a rule is dropped too; `"hidden": true` says that there was one.
"""

from __future__ import annotations

import re
from typing import Any

from integrations.secrets import HIDDEN, is_reference, literal, mask, names_a_secret
from inventory.documents import Document

MAX_TEXT = 4_096
_BOOLEANS = frozenset({
    "true", "false", "yes", "no", "on", "off", "0", "1", "enabled", "disabled", "none", "null",
})  # fmt: skip
_HARMLESS = re.compile(
    r"^(?:-?\d{1,12}(?:\.\d+)?[a-zA-Z%]{0,3}|\*|\[\s*\"?\*\"?\s*\]|/[\w./@-]{0,200}|\[?[\w.:-]{1,120}\]?:\d{1,5}"
    r"|(?:https?|grpcs?|rediss?|wss?|tcp|s3|gs|hf|oci|pvc|file|unix|postgres(?:ql)?|mysql|mongodb|nats|amqps?)"
    r"://[^\s?#]{1,300}|localhost|(?:\d{1,3}\.){3}\d{1,3}|::1?)$"
)
_NEEDED = re.compile(
    r"^(?:OLLAMA|VLLM|LLAMA|LOCALAI|XINFERENCE|SGLANG|LMDEPLOY|TS|MLSERVER|NIM|DYN|KSERVE|INFINITY|BENTOML|RAY|NVIDIA|"
    r"CUDA|NCCL|ROCR|HIP|HABANA|NEURON|TPU|ZE|PET|JAX|OMPI|ACCELERATE|DEEPSPEED|LANGCHAIN|LANGSMITH|LANGFUSE|PHOENIX|"
    r"OPENINFERENCE|TRACELOOP|OTEL|MLFLOW|LANGFLOW|FLOWISE|N8N|WEBUI|LITELLM|CHROMA|QDRANT|WEAVIATE|MILVUS|CREWAI|MCP|"
    r"FASTMCP|HF|HUGGING\w*|TRANSFORMERS|AZURE_OPENAI|AZURE_AI|BEDROCK|VERTEXAI|GOOGLE_GENAI|CLAUDE|ANTHROPIC|OPENAI|"
    r"AUTHENTICATION|AUTHORIZATION|JUPYTER|NB|GRANT|GRADIO|AIRFLOW|LABEL_STUDIO|ARGILLA|DASK|TENSORBOARD|TORCH|ALLOW|"
    r"COMMON_SECURITY|TOOL|AGENT|AGENTS|EMBEDDING|VECTOR|RAG|WANDB|SAFETY|CUSTOM_MCP|NODE_FUNCTION|TRUST)(?:_|$)"
    r"|(?:^|_)(?:MODELS?|ENDPOINTS?|HOST|ORIGINS?|REGION|SIGNUP|ROLE|TOOLS?|PROVIDERS?|REVISION|BACKEND|DATASET)(?:_|$)"
    r"|(?:^|_)(?:LOG_LEVEL|ENVIRONMENT|API_VERSION|AUTH_METHOD)$"
)
_ARGUMENT_LISTS = re.compile(r"(?:^|_)(?:ARGS|OPTS|OPTIONS|FLAGS)$")
_SHELL_FLAG = re.compile(r"(?<![\w-])(--?[\w.-]+)(=|\s+)('[^']*'|\"[^\"]*\"|[^\s'\"]+)")
_SHELL_SET = re.compile(r"\b([A-Za-z_]\w*)=('[^']*'|\"[^\"]*\"|[^\s'\";&|]+)")
_ENV_LISTS = frozenset({"env", "envs", "extraEnv", "environment", "httpHeaders", "envVars"})
_WORD_LISTS = frozenset({"command", "args"})
_HASH = re.compile(r"^(argon2|sha1|sha256|bcrypt|\$2[aby])\b")
# Fields of Kubernetes' own language that end like a secret's name and hold none.
_NOT_SECRET_FIELDS = frozenset({"key", "topologyKey", "apiKeySecretKey", "secretKey", "secret", "keys", "auth"})

Path = tuple[str | int, ...]


class Redactor:
    """Works on one document in place; `found` lists what was taken out."""

    def __init__(self) -> None:
        self.found: list[Document] = []

    def document(self, document: Document) -> Document:
        self._dictionary(document, ())
        return document

    def _note(self, detector: str, path: Path) -> None:
        entry = {"detector": detector, "path": spell(path)}
        if entry not in self.found:
            self.found.append(entry)

    def _dictionary(self, value: Document, path: Path) -> None:
        for field, inner in value.items():
            if isinstance(inner, str):
                value[field] = self._text(field, inner, path)
            elif isinstance(inner, dict):
                self._dictionary(inner, (*path, field))
            elif isinstance(inner, list) and inner:
                self._list(field, inner, (*path, field))

    def _list(self, field: str, values: list[Any], path: Path) -> None:
        if field in _WORD_LISTS:
            self._words(values, path)
            return
        for index, inner in enumerate(values):
            if isinstance(inner, dict):
                step = inner.get("name")
                here = (*path, step if isinstance(step, str) and step else index)
                if field in _ENV_LISTS and isinstance(inner.get("value"), str):
                    self._variable(inner, here)
                else:
                    self._dictionary(inner, here)
            elif isinstance(inner, str):
                values[index] = self._masked(inner, (*path, index))
            elif isinstance(inner, list):
                self._list("", inner, (*path, index))

    def _text(self, field: str, value: str, path: Path) -> str:
        if value and field not in _NOT_SECRET_FIELDS and _secret_field(field) and not is_reference(value):
            if value.lower() in _BOOLEANS:
                return value
            _, detectors = mask(value)
            self._note(detectors[0] if detectors else literal(value), (*path, field))
            return HIDDEN
        return self._masked(value, (*path, field)) if len(value) > 7 else value

    def _masked(self, value: str, path: Path) -> str:
        masked, detectors = mask(value)
        for detector in detectors:
            self._note(detector, path)
        return masked if len(masked) <= MAX_TEXT else f"{masked[:MAX_TEXT]}… ({len(masked)} characters)"

    def _variable(self, variable: Document, path: Path) -> None:
        name, value = str(variable.get("name") or ""), str(variable["value"])
        kept = self._value(name, value, path)
        if kept is None:
            del variable["value"]
            variable["hidden"] = True
        else:
            variable["value"] = kept

    def _value(self, name: str, value: str, path: Path) -> str | None:
        """What may be kept of a literal environment value; None when it is dropped."""
        if not value or is_reference(value):
            return value
        if _ARGUMENT_LISTS.search(name):
            return self._shell(value, path)
        masked, detectors = mask(value)
        for detector in detectors:
            self._note(detector, path)
        if names_a_secret(name):
            return self._secret_value(value, path, noted=bool(detectors))
        if detectors:
            return masked if "://" in masked and set(detectors) == {"url-credentials"} else None
        if value.lower() in _BOOLEANS or _HARMLESS.match(value) or _NEEDED.search(name.upper()):
            return value[:MAX_TEXT]
        return None

    def _secret_value(self, value: str, path: Path, *, noted: bool) -> str | None:
        if value.lower() in _BOOLEANS:
            return value
        if not noted:
            self._note(literal(value), path)
        return None

    def _words(self, words: list[Any], path: Path) -> None:
        expected = False
        for index, word in enumerate(words):
            if not isinstance(word, str):
                continue
            flag, equals, value = word.partition("=")
            if expected and not word.startswith("-"):
                words[index] = self._argument(word, path)
                expected = False
            elif word.startswith("-") and " " not in flag and names_a_secret(flag):
                expected = not equals
                words[index] = f"{flag}={self._argument(value, path)}" if equals else word
            else:
                expected = False
                words[index] = self._shell(word, path) if any(c in word for c in " =\n") else self._masked(word, path)

    def _argument(self, value: str, path: Path) -> str:
        """The value of a flag that usually carries a credential. Empty ones, paths and references stay."""
        bare = value.strip("'\"")
        if not bare or is_reference(bare) or bare.startswith("/") or bare.lower() in _BOOLEANS:
            return value
        hashed = _HASH.match(bare)
        if hashed:
            return f"{hashed[1]}:{HIDDEN}"
        _, detectors = mask(bare)
        self._note(detectors[0] if detectors else literal(bare), path)
        return HIDDEN

    def _shell(self, line: str, path: Path) -> str:
        """A command line in one string."""

        def flag(match: re.Match[str]) -> str:
            if not names_a_secret(match[1]) or match[3].startswith("-"):
                return match[0]
            return f"{match[1]}{match[2]}{self._argument(match[3], path)}"

        def assignment(match: re.Match[str]) -> str:
            return f"{match[1]}={self._argument(match[2], path)}" if names_a_secret(match[1]) else match[0]

        return self._masked(_SHELL_SET.sub(assignment, _SHELL_FLAG.sub(flag, line)), path)


_FIELD_NAMES: dict[str, bool] = {}


def _secret_field(field: str) -> bool:
    """`names_a_secret`, remembered: documents repeat the same few field names."""
    known = _FIELD_NAMES.get(field)
    if known is None:
        # `apiKeySecret` and its like hold the name of a Secret object.
        known = names_a_secret(field) and not (field.endswith("Secret") and field != "clientSecret")
        if len(_FIELD_NAMES) < 20_000:
            _FIELD_NAMES[field] = known
    return known


def spell(path: Path) -> str:
    """`("spec", "containers", "vllm", "env", "HF_TOKEN")` as text; entries of lists stand in brackets."""
    spelt = ""
    for position, step in enumerate(path):
        previous = path[position - 1] if position else ""
        if isinstance(step, int) or (position and previous in _NAMED_LISTS):
            spelt += f"[{step}]"
        else:
            spelt += f".{step}" if spelt else str(step)
    return spelt


_NAMED_LISTS = frozenset(
    {"containers", "initContainers", "ephemeralContainers", "volumes", "workerGroupSpecs", *_ENV_LISTS}
)
