"""Whether an AI server asks its callers who they are, by product. A key that guards half the paths is said so."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inventory.documents import Document, Unknown
from inventory.facts.estate import Dangling, Estate, Node
from inventory.facts.k8s_exposure import ray_heads
from inventory.facts.k8s_images import truthy
from inventory.facts.k8s_network import pod_spec_flags, spec_of
from inventory.facts.k8s_pod import TEMPLATES, containers, recognised
from inventory.facts.registry import fact
from inventory.recognition.images import release
from inventory.recognition.workloads import Container, followed, mapping, mappings, text, words

_REFERENCE = re.compile(r"^\$[({](\w+)[)}]$")
_LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")
_NEVER = {
    "ollama": "Ollama has no login of its own.",
    "triton": "Triton has no login of its own.",
    "tensorflow-serving": "TensorFlow Serving has no login of its own.",
    "seldon": "MLServer has no login of its own.",
    "nim": "NIM has no login of its own.",
    "bentoml": "BentoML has no login of its own.",
    "openvino": "OpenVINO Model Server has no login of its own.",
    "fastchat": "FastChat workers have no login of their own.",
    "kserve": "KServe leaves logins to the gateway in front of it.",
    "vespa": "Vespa has no login without mutual TLS.",
    "marqo": "Marqo has no login of its own.",
    "comfyui": "ComfyUI has no login of its own.",
    "tensorboard": "TensorBoard has no login of its own.",
    "aim": "Aim has no login of its own.",
    "dcgm-exporter": "Metrics exporters answer everybody.",
    "dask": "Dask has no login of its own.",
}
# product -> flags and variables of which one must be set
_KEYED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "vllm": (("--api-key", "--api_key"), ("VLLM_API_KEY",)),
    "sglang": (("--api-key",), ()),
    "tgi": (("--api-key",), ("API_KEY",)),
    "tei": (("--api-key",), ("API_KEY",)),
    "infinity-embeddings": (("--api-key",), ("INFINITY_API_KEY",)),
    "lmdeploy": (("--api-keys",), ()),
    "llama-cpp": (("--api-key", "--api-key-file"), ("LLAMA_API_KEY",)),
    "text-generation-webui": (("--api-key", "--gradio-auth"), ()),
    "localai": (("--api-keys",), ("LOCALAI_API_KEY", "API_KEY")),
    "xinference": (("--auth-config",), ()),
    "qdrant": ((), ("QDRANT__SERVICE__API_KEY",)),
    "litellm": ((), ("LITELLM_MASTER_KEY",)),
    "anythingllm": ((), ("AUTH_TOKEN",)),
}
_PARTLY = {
    "vllm": "The key guards only the paths below /v1, /v2 and /inference.",
    "llama-cpp": "The list of models and the health check stay open.",
}
_ACCOUNTS = frozenset(
    {"argilla", "cvat", "dify", "doccano", "label-studio", "langfuse", "librechat", "n8n", "onyx", "ragflow"}
)


@dataclass(frozen=True, slots=True)
class Server:
    """What the table looks at: the containers of one workload, its product and version."""

    node: Node
    estate: Estate
    containers: Sequence[Container]
    product: str
    version: str

    def env(self, name: str) -> str | None:
        """The value of a variable: "" when it is not set, None when it is set to something not readable here."""
        for container in self.containers:
            if name in container.env:
                return container.env[name]
        return ""

    def flag(self, *names: str) -> str | None:
        """The value after a flag; None when no container has it."""
        for container in self.containers:
            parts = words(container.line)
            for part, after in followed(parts):
                if part in names:
                    return after
        return None

    @property
    def imported(self) -> str:
        """Where further variables come from, which cannot be seen in the template."""
        for raw in mappings(pod_spec_flags(self.node).get("containers")):
            for source in mappings(raw.get("envFrom")):
                for kind, key in (("Secret", "secretRef"), ("ConfigMap", "configMapRef")):
                    name = text(mapping(source.get(key)).get("name"))
                    if name:
                        return f"{kind} {name}"
        return ""


Answer = Document | Unknown


def _answer(required: bool | None, how: str) -> Document:
    return {"required": required, "how": how}


@fact("authentication", kinds=TEMPLATES, looks_at=("k8s.config_map",), title="Asks callers who they are")
def authentication(node: Node, estate: Estate) -> Answer:
    """`required` is true or false for AI servers, null for what is none; `how` says by what."""
    found = recognised(node, estate)
    if found is None or not found.product:
        return _answer(None, "")
    server = Server(node, estate, _serving(containers(node)), found.product, found.version)
    if server.product in _NEVER:
        return _answer(False, _NEVER[server.product])
    if server.product in _ACCOUNTS:
        return _answer(True, "It keeps accounts of its own.")
    if server.product in _KEYED:
        return _keyed(server)
    special = _SPECIAL.get(server.product)
    return special(server) if special else _answer(None, "")


def _serving(found: Sequence[Container]) -> list[Container]:
    return [container for container in found if not container.init]


def _keyed(server: Server) -> Answer:
    flags, names = _KEYED[server.product]
    value = server.flag(*flags) if flags else None
    if value is not None:
        return _by_flag(server, flags[0], value)
    for name in names:
        stated = server.env(name)
        if stated is None or stated.strip():
            return _answer(True, f"{name} is set. {_PARTLY.get(server.product, '')}".strip())
    return _not_set(server, *flags, *names)


def _by_flag(server: Server, flag: str, value: str) -> Answer:
    reference = _REFERENCE.match(value)
    if reference:
        stated = server.env(reference.group(1))
        if stated == "":
            if server.imported:
                return Unknown(f"{flag} refers to {reference.group(1)}, which may come from {server.imported}.")
            return Unknown(f"{flag} refers to {reference.group(1)}, which the pod does not define.")
    return _answer(True, f"{flag} is given. {_PARTLY.get(server.product, '')}".strip())


def _not_set(server: Server, *names: str) -> Answer:
    """Nothing is set, as far as the template shows."""
    if server.product == "litellm":
        configured = _litellm_key(server)
        if configured is not None:
            return configured
    if server.imported:
        return Unknown(f"{' or '.join(names)} may come from {server.imported}, whose values are not read.")
    script = next((c.line for c in server.containers if re.search(r"\S+\.sh\b", c.line)), None)
    if script is not None:
        return Unknown("It is started by a script, whose content is not known.")
    return _answer(False, f"Neither of {', '.join(names)} is set." if len(names) > 1 else f"{names[0]} is not set.")


def _litellm_key(server: Server) -> Answer | None:
    if server.flag("--config", "-c") is None:
        return None
    files = config_files(server.node, server.estate)
    if isinstance(files, Unknown):
        return files
    for content in files:
        general = mapping(mapping(content).get("general_settings"))
        if general.get("master_key"):
            return _answer(True, "general_settings.master_key is set.")
    return None if files else Unknown("Its configuration file is not in a ConfigMap that could be read.")


def config_files(node: Node, estate: Estate) -> list[Any] | Unknown:
    """Parsed configuration files of the ConfigMaps that the workload mounts."""
    found: list[Any] = []
    for target in estate.out(node, "mounts"):
        if target.kind != "k8s.config_map":
            continue
        if isinstance(target, Dangling):
            return Unknown(f"ConfigMap {target.ref} was not read.")
        found += mapping(target.config.get("dataFiles")).values()
    return found


def _mlflow(server: Server) -> Answer:
    if server.flag("--app-name") == "basic-auth":
        return _answer(True, "The basic-auth app is on.")
    return _answer(False, "The server runs without --app-name basic-auth.")


def _chroma(server: Server) -> Answer:
    version = release(server.version)
    if version is None:
        return Unknown("The version of Chroma is not known from its image tag.")
    if version >= (1,):
        return _answer(False, "Chroma 1.x has no login of its own; older variables are ignored.")
    names = ("CHROMA_SERVER_AUTHN_PROVIDER", "CHROMA_SERVER_AUTH_PROVIDER")
    if any(server.env(name) != "" for name in names):
        return _answer(True, "An authentication provider is set.")
    return _not_set(server, *names)


def _jupyter(server: Server) -> Answer:
    lines = " ".join(container.line for container in server.containers)
    lines += " " + (server.env("NOTEBOOK_ARGS") or "")
    flat = lines.replace("'", "").replace('"', "")
    if re.search(r"allow_unauthenticated_access=True", flat) or truthy(
        server.env("JUPYTER_SERVER_ALLOW_UNAUTHENTICATED_ACCESS")
    ):
        return _answer(False, "Unauthenticated access is allowed.")
    emptied = re.search(r"(?:NotebookApp|ServerApp|IdentityProvider)\.token=(?=\s|$)", flat)
    password = re.search(r"(?:NotebookApp|ServerApp|PasswordIdentityProvider)\.(?:hashed_)?password=(?=\S)", flat)
    if emptied and not password:
        return _answer(False, "The token is emptied and there is no password.")
    return _answer(True, "A password is set." if password else "The generated token is kept.")


def _ray(server: Server) -> Answer:
    heads = list(ray_heads(server.node))
    options = mapping(spec_of(server.node).get("authOptions"))
    version = release(server.version)
    if heads and options:
        mode = text(options.get("mode")) or "token"
        return _answer(mode == "token", f"authOptions.mode is {mode}.")
    if server.env("RAY_AUTH_MODE") == "token":
        if version is None:
            return Unknown("RAY_AUTH_MODE is set, but the version of Ray is not known from its image tag.")
        known = version >= (2, 52)
        return _answer(known, "Token mode is on." if known else "This version of Ray ignores RAY_AUTH_MODE.")
    return _not_set(server, "RAY_AUTH_MODE")


def _weaviate(server: Server) -> Answer:
    if truthy(server.env("AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED")):
        return _answer(False, "Anonymous access is on.")
    switches = ("AUTHENTICATION_APIKEY_ENABLED", "AUTHENTICATION_OIDC_ENABLED", "AUTHENTICATION_DB_USERS_ENABLED")
    if any(truthy(server.env(name)) for name in switches):
        return _answer(True, "Keys or OIDC are on.")
    return _not_set(server, *switches)


def _milvus(server: Server) -> Answer:
    if truthy(server.env("COMMON_SECURITY_AUTHORIZATIONENABLED")):
        return _answer(True, "Authorisation is on.")
    files = config_files(server.node, server.estate)
    if isinstance(files, Unknown):
        return files
    for content in files:
        security = mapping(mapping(mapping(content).get("common")).get("security"))
        if security.get("authorizationEnabled") is True:
            return _answer(True, "Authorisation is on in its configuration.")
    return _not_set(server, "common.security.authorizationEnabled")


def _switch(name: str, *, needs: bool, default: bool) -> Callable[[Server], Answer]:
    """A product whose login hangs on one switch: required when the switch is `needs`."""

    def decide(server: Server) -> Answer:
        stated = server.env(name)
        if stated == "":
            if server.imported:
                return Unknown(f"{name} may come from {server.imported}, whose values are not read.")
            return _answer(default, f"{name} is not set.")
        value = truthy(stated)
        if value is None:
            return Unknown(f"{name} is set to a value that is not read.")
        return _answer(value is needs, f"{name} is {str(value).lower()}.")

    return decide


def _flowise(server: Server) -> Answer:
    version = release(server.version)
    if version is None:
        return Unknown("The version of Flowise is not known from its image tag.")
    if version >= (3,):
        return _answer(True, "Flowise 3 keeps accounts of its own.")
    if server.env("FLOWISE_USERNAME") != "" and server.env("FLOWISE_PASSWORD") != "":
        return _answer(True, "A user name and a password are set.")
    return _not_set(server, "FLOWISE_USERNAME", "FLOWISE_PASSWORD")


def _torchserve(server: Server) -> Answer:
    lines = " ".join(container.line for container in server.containers)
    if "--disable-token-auth" in lines or truthy(server.env("TS_DISABLE_TOKEN_AUTHORIZATION")):
        return _answer(False, "Token authorisation is switched off.")
    version = release(server.version)
    if version is None:
        return Unknown("The version of TorchServe is not known from its image tag.")
    modern = version >= (0, 11, 1)
    return _answer(modern, "Tokens are on by default." if modern else "This version has no tokens.")


def _pgvector(server: Server) -> Answer:
    trusting = server.env("POSTGRES_HOST_AUTH_METHOD") == "trust"
    return _answer(not trusting, "Every connection is trusted." if trusting else "A password is asked for.")


_SPECIAL: Mapping[str, Callable[[Server], Answer]] = {
    "mlflow": _mlflow,
    "chroma": _chroma,
    "jupyter": _jupyter,
    "kubeflow-notebook": _jupyter,
    "gpu-notebook": _jupyter,
    "ray": _ray,
    "weaviate": _weaviate,
    "milvus": _milvus,
    "flowise": _flowise,
    "torchserve": _torchserve,
    "pgvector": _pgvector,
    "langflow": _switch("LANGFLOW_AUTO_LOGIN", needs=False, default=False),
    "open-webui": _switch("WEBUI_AUTH", needs=True, default=True),
    "phoenix": _switch("PHOENIX_ENABLE_AUTH", needs=True, default=False),
}


@fact("login_known", kinds=TEMPLATES, title="How it asks for a login is known")
def login_known(node: Node, estate: Estate) -> bool:
    """Whether the product is one whose ways to ask for a login are known, so that `authentication` can answer."""
    found = recognised(node, estate)
    name = found.product if found else ""
    return any(name in table for table in (_NEVER, _ACCOUNTS, _KEYED, _SPECIAL))


@fact("loopback_only", kinds=TEMPLATES, title="Listens on the loopback address only")
def loopback_only(node: Node, estate: Estate) -> bool:
    """Whether the server is told to listen where only its own pod reaches it."""
    found = recognised(node, estate)
    server = Server(node, estate, _serving(containers(node)), found.product if found else "", "")
    if server.product == "ollama":
        return _is_loopback(server.env("OLLAMA_HOST"))
    if server.product == "ray":
        heads = [mapping(head.get("rayStartParams")).get("dashboard-host") for head in ray_heads(node)]
        return (
            all(_is_loopback(text(host)) for host in heads) if heads else _is_loopback(server.flag("--dashboard-host"))
        )
    return _is_loopback(server.flag("--host", "--ip", "--ServerApp.ip", "--listen-host"))


def _is_loopback(value: str | None) -> bool:
    return bool(value) and text(value).removeprefix("http://").startswith(_LOOPBACK)
