"""Where images, models and code of a workload come from, and whether they can change or run code unasked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from ipaddress import ip_address

from inventory.documents import Document, Unknown
from inventory.facts.estate import Estate, Node
from inventory.facts.k8s_network import pod_spec_flags
from inventory.facts.k8s_pod import TEMPLATES, containers, recognised
from inventory.facts.registry import fact
from inventory.recognition import catalogue
from inventory.recognition.images import parse_image
from inventory.recognition.references import models_of_resource
from inventory.recognition.result import ModelRef
from inventory.recognition.workloads import PREDICTOR, Container, followed, mapping, mappings, text, words

_UNSAFE = re.compile(r"[\w./:@%-]*\.(?:pkl|pickle|pt|pth|ckpt|joblib|dill|h5|keras|mar)\b(?![\w/-]|\.\w)")
_INSTALLS = (
    "pip install",
    "pip3 install",
    "uv pip install",
    "npm install",
    "npm i ",
    "apt-get install",
    "apk add",
    "conda install",
    "npx ",
    "uvx ",
)
_PIPED = re.compile(r"\b(?:curl|wget)\b[^|;&]*\|\s*(?:sudo\s+)?(?:ba)?sh\b")
_REMOTE_CODE_FLAGS = frozenset({"--trust-remote-code", "--trust_remote_code"})
_REMOTE_CODE_ENV = frozenset({"TRUST_REMOTE_CODE", "HF_DATASETS_TRUST_REMOTE_CODE", "VLLM_TRUST_REMOTE_CODE"})
_SWITCHES = {
    "ALLOW_DANGEROUS_CODE": True,
    "ALLOW_DANGEROUS_DESERIALIZATION": True,
    "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD": True,
    "VLLM_ALLOW_INSECURE_SERIALIZATION": True,
    "VLLM_SERVER_DEV_MODE": True,
    "VLLM_ALLOW_RUNTIME_LORA_UPDATING": True,
    "DANGEROUSLY_OMIT_AUTH": True,
    "ALLOW_RESET": True,
    "CUSTOM_MCP_SECURITY_CHECK": False,
    "N8N_BLOCK_ENV_ACCESS_IN_NODE": False,
}
_PLAIN = re.compile(r"\bhttp://([A-Za-z0-9.-]+)(?::\d+)?(/[^\s'\"]*)?")
_FETCHERS = re.compile(r"\b(?:curl|wget|aria2c|git clone|hf download|huggingface-cli)\b")
_COMMIT = re.compile(r"^[0-9a-f]{40}$")
_CODE_REVISION = frozenset({"--revision", "--code-revision", "--code_revision"})
_CODE_FORMATS = {"sklearn": "scikit-learn", "pytorch": "PyTorch"}


def truthy(value: str | None) -> bool | None:
    """What a switch says; None when its value is not known."""
    if value is None:
        return None
    return value.strip().lower() in ("1", "true", "yes", "on", "enabled")


@fact("images", kinds=TEMPLATES, title="Images it runs")
def images(node: Node, estate: Estate) -> list[Document]:
    """Each image taken apart; `pinned` by a digest, `moving` tag, `vendor`: named like the image of an AI vendor."""
    found = {}
    for container in containers(node):
        if container.image:
            image = parse_image(container.image)
            found[container.image] = {
                "image": container.image,
                "registry": image.registry,
                "path": image.path,
                "tag": image.tag,
                "pinned": image.pinned,
                "moving": image.moving,
                "vendor": bool(catalogue().images.match(image.path)),
            }
    return list(found.values())


@fact("product", kinds=TEMPLATES, title="Recognised product and version")
def product(node: Node, estate: Estate) -> Document:
    """`id`, `vendor` and `version`; the version is empty when the image tag does not tell it."""
    found = recognised(node, estate)
    if found is None:
        return {"id": "", "vendor": "", "version": ""}
    return {"id": found.product, "vendor": found.vendor, "version": found.version}


@fact("models", kinds=TEMPLATES, title="Models it names")
def models(node: Node, estate: Estate) -> list[ModelRef]:
    """Models in arguments, variables and specs, with source, publisher, revision, and whether it is pinned."""
    found = recognised(node, estate)
    return list(found.models) if found else list(models_of_resource(node.config))


@fact("unsafe_files", kinds=TEMPLATES, title="Model files whose format can run code")
def unsafe_files(node: Node, estate: Estate) -> list[str]:
    """Names of pickles, PyTorch checkpoints and the like in arguments, variables, download commands and specs."""
    found = {name.lstrip("=") for line in _texts(node) for name in _UNSAFE.findall(line)}
    for item in models_of_resource(node.config):
        found |= set(_UNSAFE.findall(item["ref"]))
    form = _model_format(node)
    if form in _CODE_FORMATS:
        found.add(f"model format {form} ({_CODE_FORMATS[form]} files are pickles)")
    return sorted(found)


def _model_format(node: Node) -> str:
    predictor = mapping(mapping(node.config.get("spec")).get("predictor"))
    return text(mapping(mapping(predictor.get("model")).get("modelFormat")).get("name")).lower()


def _texts(node: Node) -> Iterator[str]:
    for container in containers(node):
        yield container.line
        yield from (value for value in container.env.values() if value)


@fact("remote_code", kinds=TEMPLATES, title="Runs model code from the hub")
def remote_code(node: Node, estate: Estate) -> Document:
    """`on`: code that comes with a model is executed; `pinned`: its revision is a commit."""
    for container in containers(node):
        parts = words(container.line)
        if _trusts(parts, container):
            revisions = [after for flag, after in followed(parts) if flag in _CODE_REVISION]
            return {"on": True, "pinned": any(_COMMIT.match(revision) for revision in revisions)}
    return {"on": False, "pinned": False}


def _trusts(parts: tuple[str, ...], container: Container) -> bool:
    for flag, after in followed(parts):
        if flag in _REMOTE_CODE_FLAGS and after.lower() not in ("false", "0", "no"):
            return True
    if "trust_remote_code=True" in container.line:
        return True
    return any(truthy(container.env[name]) for name in _REMOTE_CODE_ENV & container.env.keys())


@fact("start_installs", kinds=TEMPLATES, title="Packages installed when it starts")
def start_installs(node: Node, estate: Estate) -> list[str]:
    """Install commands in the start line of a container: what they fetch differs from day to day."""
    found = set()
    for container in containers(node):
        line = f" {container.line} "
        found |= {command.strip() for command in _INSTALLS if f" {command}" in line or f";{command}" in line}
        if _PIPED.search(line):
            found.add("a download piped into a shell")
    return sorted(found)


@fact("dangerous_switches", kinds=TEMPLATES, title="Switches that turn protections off")
def dangerous_switches(node: Node, estate: Estate) -> list[str]:
    """Variables that allow unsafe loading, generated code, or calls without a login."""
    return sorted(
        {
            name
            for container in containers(node)
            for name, value in container.env.items()
            if name in _SWITCHES and truthy(value) is _SWITCHES[name]
        }
    )


@fact("plain_http_sources", kinds=TEMPLATES, title="Models or data fetched without TLS")
def plain_http_sources(node: Node, estate: Estate) -> list[str]:
    """Addresses outside the cluster from which a model or a file is fetched over plain HTTP."""
    lines = [c.line for c in containers(node) if c.init or _FETCHERS.search(c.line)]
    lines += [item["ref"] for item in (*models(node, estate), *models_of_resource(node.config))]
    lines += [value for c in containers(node) if (value := c.env.get("HF_ENDPOINT"))]
    return sorted(set(_outside(lines)))


def _outside(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        for host, path in _PLAIN.findall(line):
            if not in_cluster(host):
                yield f"http://{host}{path}"


def in_cluster(host: str) -> bool:
    """Whether a host name can only mean something inside the cluster or the machine."""
    name = host.lower().rstrip(".")
    if "." not in name or name.endswith((".svc", ".cluster.local", ".local", ".localhost")) or ".svc." in name:
        return True
    try:
        return ip_address(name).is_private
    except ValueError:
        return False


@fact("declared_owner", kinds=TEMPLATES, looks_at=("k8s.namespace",), title="Owner named by its labels")
def declared_owner(node: Node, estate: Estate) -> str | Unknown:
    """The value of the owner, team or contact label of the workload or its namespace; empty when there is none."""
    own = _owner_label(node)
    if own:
        return own
    namespace = estate.get("k8s.namespace", node.place)
    if namespace is None:
        return "" if estate.complete("k8s.namespace") else Unknown("Namespaces were not read completely.")
    return _owner_label(namespace)


def _owner_label(node: Node) -> str:
    words = ("owner", "team", "squad", "contact", "cost-owner")
    labels = node.tags.items()
    return next((value for key, value in labels if value and key.rpartition("/")[2].lower() in words), "")


@fact("unprobed", kinds=("k8s.workload",), title="Main containers without probes")
def unprobed(node: Node, estate: Estate) -> list[str]:
    """Names of main containers with neither a liveness nor a readiness nor a startup probe."""
    keys = ("livenessProbe", "readinessProbe", "startupProbe")
    raw = mappings(pod_spec_flags(node).get("containers"))
    return sorted(text(item.get("name")) or PREDICTOR for item in raw if not any(item.get(key) for key in keys))
