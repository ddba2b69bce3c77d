"""Secrets never reach a stored document: what looks like one is cut out, and only where it was is kept."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from integrations.secrets import HIDDEN, is_reference, literal, mask, names_a_secret
from inventory.documents import Document

NOT_KEPT = "[value not kept]"
# What scripts and instructions assign to a name that says what it is.
ASSIGNED = re.compile(
    r"(?i)(?<![:\w.-])([a-z0-9_.-]*(?:password|passwd|secret|api_?key|access_?token|auth_?token)\b[\"']?\s*[=:]\s*)"
    r"(?![\"']?(?:\$|arn:|\{\{|<|\(hidden\)))[\"']?[^\s\"',;&}]{8,}"
)
ASSIGNING = re.compile(r"(?i)passw|secret|api_?key|token")
HARMLESS_NAME = re.compile(
    r"(?i)^(aws_(default_)?region|sagemaker_\w+|sm_(?!hp_.*(key|token))\w+|option_\w+|hf_(model_id|task|home|hub_\w+)"
    r"|\w*trust_remote_code|\w*model(_?(id|name|path|dir|cache_root|server_\w+|version))?|\w*(region|port|host|hostname)"
    r"|\w*(endpoint|url|uri|base)|log_?level|\w*_(bucket|prefix|table|queue|topic|index|collection|dataset|timeout|workers"
    r"|enabled|mode|env|stage|size|length|batch|threads)|env(ironment)?|stage|mode|python\w*|path|node_env|debug|tz"
    r"|ts_\w+|vllm_\w+|ollama_\w+|mlflow_\w+|langchain_\w+|max_\w+|num_\w+|knowledge_base_id|agent_id|guardrail_\w+)$"
)
REFERENCE = re.compile(r"^(arn:|\$\{|\{\{|/|ssm:|secretsmanager:|$)")
ENVIRONMENTS = frozenset(
    {
        "Environment",
        "environment",
        "Variables",
        "environmentVariables",
        "EnvironmentVariables",
        "OverrideEnvironment",
        "OptimizationEnvironment",
    }
)
PARAMETERS = frozenset({"HyperParameters", "StaticHyperParameters", "hyperParameters"})
# Structures whose texts are scripts in base64.
ENCODED = frozenset({"UserData"})
SCRIPTS = frozenset({"OnCreate", "OnStart"})
SCRIPT = "StudioLifecycleConfigContent"
NAMES_ONLY = frozenset({"secrets", "SecretArn"})


def without_secrets(document: Document) -> Document:
    """The document with every secret cut out and `SecretsFound` saying which detector saw one where."""
    found: list[dict[str, str]] = []
    cleaned = {key: _clean(value, key, key, found) for key, value in document.items()}
    if found:
        unique = {(hit["detector"], hit["path"]): hit for hit in found}
        cleaned["SecretsFound"] = [unique[key] for key in sorted(unique)]
    return cleaned


def _clean(value: Any, key: str, path: str, found: list[dict[str, str]]) -> Any:
    if isinstance(value, str):
        return cut(_decoded(value) if key == SCRIPT else value, path, found)
    if isinstance(value, dict):
        return _clean_map(value, key, path, found)
    if isinstance(value, list):
        return [_clean_item(item, key, f"{path}[{n}]", found) for n, item in enumerate(value)]
    return value


def _clean_map(value: dict[str, Any], key: str, path: str, found: list[dict[str, str]]) -> dict[str, Any]:
    keep = _kept_variable if key in ENVIRONMENTS else _kept_parameter if key in PARAMETERS else None
    cleaned: dict[str, Any] = {}
    for name, inside in value.items():
        where = f"{path}.{name}"
        if key in ENCODED and isinstance(inside, str):
            cleaned[name] = cut(_decoded(inside), where, found)
        elif keep and isinstance(inside, str):
            cleaned[name] = keep(name, inside, where, found)
        else:
            cleaned[name] = _clean(inside, name, where, found)
    return cleaned


def _clean_item(item: Any, key: str, path: str, found: list[dict[str, str]]) -> Any:
    """List elements: `{name, value}` pairs of an environment, encoded scripts, or plain values."""
    if key in ENVIRONMENTS and isinstance(item, dict) and isinstance(item.get("value"), str):
        name = str(item.get("name", ""))
        return item | {"value": _kept_variable(name, item["value"], f"{path}.{name}", found)}
    if key in SCRIPTS and isinstance(item, dict) and isinstance(item.get("Content"), str):
        return item | {"Content": cut(_decoded(item["Content"]), f"{path}.Content", found)}
    return _clean(item, key, path, found)


def _kept_variable(name: str, value: str, path: str, found: list[dict[str, str]]) -> str:
    """An environment value: only harmless ones stay."""
    if HARMLESS_NAME.match(name) and not re.search(r"(?i)token|secret|passw|credential|api_?key", name):
        return cut(value, path, found)
    _suspect(name, value, path, found)
    return NOT_KEPT if value else ""


def _kept_parameter(name: str, value: str, path: str, found: list[dict[str, str]]) -> str:
    """A hyper-parameter: numbers and settings stay, what is named like a secret goes."""
    if re.search(r"(?i)secret|passw|credential|api_?key|(hf|auth|access|hub)_?token", name):
        _suspect(name, value, path, found)
        return NOT_KEPT if value else ""
    return cut(value, path, found)


def _suspect(name: str, value: str, path: str, found: list[dict[str, str]]) -> None:
    before = len(found)
    cut(value, path, found)
    known = REFERENCE.match(value) or is_reference(value)
    if len(found) == before and names_a_secret(name) and len(value) >= 8 and not known:
        found.append({"detector": literal(value), "path": path})


def cut(text: str, path: str, found: list[dict[str, str]]) -> str:
    """The text without what the detectors see in it; each hit is added to `found`."""
    text, detectors = mask(text)
    found += [{"detector": detector, "path": path} for detector in detectors]
    if ASSIGNING.search(text):
        text, hits = ASSIGNED.subn(rf"\1{HIDDEN}", text)
        if hits:
            found.append({"detector": "assigned-secret", "path": path})
    return text


def _decoded(content: str) -> str:
    try:
        return base64.b64decode(content, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return content
