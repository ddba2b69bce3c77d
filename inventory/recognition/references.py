"""Which models a command line, a variable or a custom resource names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from inventory.recognition.images import parse_image
from inventory.recognition.result import ModelRef
from inventory.recognition.workloads import Container, followed, mapping, text, values_at, words

MODEL_FLAGS = frozenset(
    [
        "--model",
        "--model-id",
        "--model-path",
        "--model_path",
        "--model-name-or-path",
        "--model_name_or_path",
        "--base-model",
        "--base_model",
        "--hf-repo",
        "-hf",
        "-hfr",
        "--model-repository",
        "--model-store",
        "--model-url",
        "-mu",
        "--model_base_path",
    ]
)
REVISION_FLAGS = frozenset({"--revision", "--model-revision", "--model_revision"})
QUANTISATION_FLAGS = frozenset({"--quantization", "--quantize"})
SERVED_FLAGS = frozenset({"--served-model-name", "--served_model_name", "--model_name", "--alias"})
QUANTISATION_ENV = ("QUANTIZE", "HF_MODEL_QUANTIZE", "VLLM_QUANTIZATION")
MODEL_ENV = frozenset(
    [
        "MODEL_ID",
        "HF_MODEL_ID",
        "NIM_MODEL_NAME",
        "LLAMA_ARG_HF_REPO",
        "LLAMA_ARG_MODEL",
        "STORAGE_URI",
        "AIP_STORAGE_URI",
        "SM_MODEL_URI",
        "VLLM_MODEL",
        "MODEL_NAME_OR_PATH",
        "BASE_MODEL",
        "MLSERVER_MODEL_URI",
        "MODEL_URI",
        "INFERENCE_MODEL",
        "LLAMA_ARG_MODEL_URL",
        "MODEL_BASE_PATH",
    ]
)
_URI_KEYS = frozenset(["storageUri", "storageUris", "sourceModelUri", "modelUri"])
_HUB = re.compile(r"^([A-Za-z0-9][\w.-]{0,95})/([A-Za-z0-9][\w.-]{0,95})(?::([\w./-]+))?$")
_COMMIT = re.compile(r"^[0-9a-f]{40}$")
_OLLAMA = re.compile(r"(?:^|[\s/;&|\"'])ollama\s+(?:pull|run)\s+([\w./:@-]+)")
_POSITIONAL = (("vllm", "serve"), ("sglang", "serve"))
# As the names of files, repositories and tags spell it: -AWQ, -GPTQ-Int4, :Q4_K_M, -q4_0, -FP8.
_QUANTISED = re.compile(
    r"(?:^|[-_.:/])(awq|gptq|fp8|nvfp4|mxfp4|int[48]|w[48]a(?:8|16)|bnb-4bit|exl[23]|i?q[2-8](?:_[0-9k])?(?:_[smlx]{1,2})?)"
    r"(?=$|[-_.:/])",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"\$\((\w+)\)")
_SERVE_CONFIG = re.compile(r"\bmodel_(?:id|source):\s*[\"']?([\w./:@-]+)")
_DEPTH = 8


def models_of_containers(containers: Iterable[Container]) -> tuple[ModelRef, ...]:
    """Every model that these containers name, each once, in order."""
    found: list[ModelRef] = []
    for container in containers:
        stated = [container.env.get(name) for name in QUANTISATION_ENV]
        shrunk, served = next(filter(None, stated), ""), container.env.get("SERVED_MODEL_NAME") or ""
        found += _of_line(_resolved(container))
        found += _of_image(container.image)
        revision = container.env.get("REVISION") or ""
        found += [
            model_ref(value, revision, shrunk, served)
            for name, value in container.env.items()
            if value and (name in MODEL_ENV) and "$" not in value
        ]
    return unique(found)


def _resolved(container: Container) -> str:
    """The line with the references to its variables filled in, where their values can be seen."""
    return _REFERENCE.sub(lambda found: container.env.get(found[1]) or found[0], container.line)


def unique(found: Iterable[ModelRef]) -> tuple[ModelRef, ...]:
    return tuple({(item["ref"], item["revision"]): item for item in found if item["ref"]}.values())


def _of_image(text: str) -> list[ModelRef]:
    """The model that an image is built around: NIM images carry its name."""
    image = parse_image(text) if "/nim/" in f"/{text}" else None
    found = re.search(r"(?:^|/)nim/([\w.-]+)/([\w.-]+)$", image.path) if image else None
    if image is None or found is None:
        return []
    revision = image.digest or image.tag
    name = f"{found.group(1)}/{found.group(2)}"
    return [{**model_ref(name, revision), "source": "ngc", "pinned": image.pinned}]


@lru_cache(maxsize=4096)
def _line_refs(line: str) -> tuple[tuple[str, str, str, str], ...]:
    """(model, revision, quantisation, served as) of every model that a line names."""
    parts = words(line)
    told = (_after(parts, REVISION_FLAGS), _after(parts, QUANTISATION_FLAGS), _after(parts, SERVED_FLAGS))
    named = [after for flag, after in followed(parts) if flag in MODEL_FLAGS and after and not after.startswith("-")]
    for command, verb in _POSITIONAL:
        named += [
            parts[i + 2]
            for i in range(len(parts) - 2)
            if parts[i].endswith(command) and parts[i + 1] == verb and not parts[i + 2].startswith("-")
        ]
    refs = [(name, *told) for name in named if "$(" not in name and "${" not in name]
    refs += [(f"ollama://{name}", "", "", "") for name in _OLLAMA.findall(line)]
    return tuple(refs)


def _after(parts: tuple[str, ...], flags: frozenset[str]) -> str:
    return next((after for flag, after in followed(parts) if flag in flags and not after.startswith("-")), "")


def _of_line(line: str) -> list[ModelRef]:
    return [model_ref(*told) for told in _line_refs(line)] if line else []


def model_ref(name: str, revision: str = "", quantisation: str = "", served_as: str = "") -> ModelRef:
    """A model reference taken apart: where it comes from, who publishes it, which revision, whether it is pinned."""
    source = _source(name)
    organisation = ""
    spelt = _QUANTISED.findall(name)
    if source == "hub":
        match = _HUB.match(name.removeprefix("hf://"))
        if match:
            organisation = match.group(1)
            tag = match.group(3) or ""
            revision = revision or ("" if _QUANTISED.fullmatch(tag) else tag)
    elif source == "ollama":
        revision = revision or name.removeprefix("ollama://").partition(":")[2]
    pinned = bool(_COMMIT.match(revision)) or "@sha256:" in name or revision.startswith("sha256:")
    return ModelRef(
        ref=name, source=source, organisation=organisation, revision=revision, pinned=pinned,
        quantisation=(quantisation or (spelt[-1] if spelt else "")).lower(), served_as=served_as,
    )  # fmt: skip


def _source(name: str) -> str:
    scheme, separator, _rest = name.partition("://")
    if separator:
        return {"hf": "hub", "gs": "gs", "http": "http", "https": "https"}.get(scheme, scheme.lower())
    if name.startswith(("/", "./", "~")):
        return "path"
    if _HUB.match(name):
        return "hub"
    return "name"


def models_of_resource(config: dict[str, Any], fields: Iterable[str] = ()) -> tuple[ModelRef, ...]:
    """Models named in a custom resource: storage addresses anywhere, and what the fields of its kind say."""
    spec = mapping(config.get("spec"))
    found = [model_ref(uri) for uri in _uris(spec, _DEPTH)]
    found += [model_ref(value) for path in fields for value in values_at(config, path) if isinstance(value, str)]
    found += [model_ref(name) for name in _SERVE_CONFIG.findall(text(spec.get("serveConfigV2")))]
    image = mapping(spec.get("image"))
    found += _of_image(f"{text(image.get('repository'))}:{text(image.get('tag'))}") if image else []
    return unique(found)


def _uris(value: object, depth: int) -> Iterator[str]:
    if depth == 0:
        return
    if isinstance(value, dict):
        for key, child in value.items():
            if key in _URI_KEYS and isinstance(child, str):
                yield child
            elif key in _URI_KEYS and isinstance(child, list):
                yield from (text(mapping(item).get("uri")) for item in child)
            else:
                yield from _uris(child, depth - 1)
    elif isinstance(value, list):
        for child in value:
            yield from _uris(child, depth - 1)
