"""The fingerprint files, read once, checked and compiled."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from inventory.recognition.images import version_grammars
from inventory.recognition.patterns import Commands, Hosts, Names, Suffixes
from inventory.recognition.result import ROLES
from inventory.recognition.yamlfile import LINE, CatalogueError, Problems, load

FOLDER = Path(__file__).parent
SIGNALS = frozenset(
    [
        "owner",
        "kind",
        "image",
        "command",
        "provider-key",
        "provider-host",
        "accelerator",
        "image-name",
        "own-image",
        "product-env",
        "client-env",
        "agent-env",
        "own-task",
        "label",
        "model-uri",
        "script",
        "weak-key",
        "hub",
        "rendezvous",
        "port-name",
        "port",
    ]
)
_PRODUCT_KEYS = [
    "id",
    "title",
    "vendor",
    "role",
    "guarded",
    "dual",
    "base",
    "images",
    "image_registries",
    "names",
    "commands",
    "env",
    "ports",
    "port_names",
    "labels",
    "owners",
    "version",
]
_PROVIDER_KEYS = ("id", "title", "names", "keys", "weak", "settings", "hosts")


@dataclass(frozen=True, slots=True)
class Product:
    """One product. `guarded`: its name is a common word; `dual`: AI only next to another AI signal;

    `base`: other software is built on its image, so that a command says more.
    """

    id: str
    title: str
    vendor: str
    role: str
    version: str
    guarded: bool
    dual: bool
    base: bool
    ports: frozenset[int]
    registries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KindRole:
    """`models` and `providers`: paths of the fields in which objects of a custom kind name these."""

    role: str
    product: str
    vendor: str
    models: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Relation:
    """An asset of `kinds` becomes AI by a link to or from an AI asset."""

    id: str
    kinds: frozenset[str]
    link: str
    target: bool
    neighbours: frozenset[str]
    only: bool
    role: str
    confidence: int


@dataclass(slots=True)
class Catalogue:
    """All fingerprints in searchable form."""

    threshold: float = 0.6
    weights: dict[str, float] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)
    images: Suffixes = field(default_factory=Suffixes)
    image_names: Suffixes = field(default_factory=Suffixes)
    commands: Commands = field(default_factory=Commands)
    scripts: Commands = field(default_factory=Commands)
    product_env: Names = field(default_factory=Names)
    port_names: dict[str, list[str]] = field(default_factory=dict)
    port_numbers: dict[int, list[str]] = field(default_factory=dict)
    labels: dict[str, list[str]] = field(default_factory=dict)
    owners: list[tuple[str, str]] = field(default_factory=list)
    provider_titles: dict[str, str] = field(default_factory=dict)
    provider_env: Names = field(default_factory=Names)
    env_classes: Names = field(default_factory=Names)
    provider_names: dict[str, str] = field(default_factory=dict)
    hosts: Hosts = field(default_factory=Hosts)
    hubs: frozenset[str] = frozenset()
    accelerators: frozenset[str] = frozenset()
    accelerator_prefixes: tuple[str, ...] = ()
    accelerator_node_labels: tuple[str, ...] = ()
    accelerator_runtimes: frozenset[str] = frozenset()
    uri_marks: tuple[str, ...] = ()
    own_projects: frozenset[str] = frozenset()
    own_tasks: tuple[tuple[str, str], ...] = ()
    kinds: dict[str, KindRole] = field(default_factory=dict)
    instance_families: dict[str, str] = field(default_factory=dict)
    relations: tuple[Relation, ...] = ()


def kind_key(kind: str) -> str:
    """Kinds without underscores: `k8s.kubeflow.pytorchjob`, however its name was cut into words."""
    return kind.replace("_", "").lower()


def provider_key(name: str) -> str:
    """A provider's name without case, blanks and dashes: `AzureOpenAI`, `azure-openai`."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """The product's own fingerprints."""
    return read_catalogue(FOLDER)


def read_catalogue(folder: Path) -> Catalogue:
    """Read and check a folder of fingerprint files. Raises CatalogueError with every mistake in it."""
    found: list[str] = []
    made = Catalogue()
    for reader, path in (
        (_weights, folder / "weights.yaml"),
        *((_products, path) for path in sorted((folder / "products").glob("*.yaml"))),
        (_providers, folder / "providers.yaml"),
        (_kinds, folder / "kinds.yaml"),
        (_relations, folder / "relations.yaml"),
    ):
        content = load(path, found)
        if content is not None:
            reader(made, content, Problems(path, found))
    if found:
        raise CatalogueError(found)
    return made


def digest(folder: Path = FOLDER) -> str:
    """A digest of everything recognition depends on: data and code."""
    hashed = hashlib.sha256()
    for path in sorted((*folder.rglob("*.yaml"), *folder.rglob("*.py"))):
        hashed.update(path.relative_to(folder).as_posix().encode())
        hashed.update(path.read_bytes())
    return hashed.hexdigest()[:32]


def _weights(made: Catalogue, content: Any, problems: Problems) -> None:
    if not isinstance(content, dict) or not isinstance(content.get("weights"), dict):
        problems.add(content, "must have `threshold` and `weights`")
        return
    weights = {key: value for key, value in content["weights"].items() if key != LINE}
    for name in sorted(SIGNALS ^ weights.keys()):
        problems.add(content["weights"], f"`{name}` " + ("has no weight" if name in SIGNALS else "is not a signal"))
    for name, weight in weights.items():
        if not isinstance(weight, (int, float)) or not 0 < weight <= 1:
            problems.add(content["weights"], f"the weight of `{name}` must be above 0 and at most 1")
    made.weights = weights
    made.threshold = float(content.get("threshold", 0.6))


def _products(made: Catalogue, content: Any, problems: Problems) -> None:
    if not isinstance(content, list):
        problems.add(content, "must be a list of products")
        return
    for item in content:
        if isinstance(item, dict):
            _product(made, item, problems)
        else:
            problems.add(item, "each product must be a mapping")


def _product(made: Catalogue, item: Mapping[str, Any], problems: Problems) -> None:
    problems.only(item, _PRODUCT_KEYS)
    name, role = problems.text(item, "id"), problems.text(item, "role")
    grammar = problems.text(item, "version", "none")
    if name in made.products:
        problems.add(item, f"the product `{name}` stands twice")
    if role not in ROLES:
        problems.add(item, f"`{role}` is not a role")
    if grammar not in version_grammars():
        problems.add(item, f"`{grammar}` is not a way to read a version")
    if not any(item.get(key) for key in ("images", "names", "commands", "owners", "labels")):
        problems.add(item, f"`{name}` has no fingerprint that can identify it")
    ports = problems.integers(item, "ports")
    made.products[name] = Product(
        id=name,
        title=problems.text(item, "title"),
        vendor=problems.text(item, "vendor", ""),
        role=role,
        version=grammar,
        guarded=bool(item.get("guarded", False)),
        dual=bool(item.get("dual", False)),
        base=bool(item.get("base", False)),
        ports=frozenset(ports),
        registries=problems.strings(item, "image_registries"),
    )
    _index_product(made, name, item, problems)


def _index_product(made: Catalogue, name: str, item: Mapping[str, Any], problems: Problems) -> None:
    made.images.add(problems.strings(item, "images"), name)
    made.image_names.add(problems.strings(item, "names"), name)
    made.commands.add(problems.strings(item, "commands"), name)
    made.product_env.add(problems.strings(item, "env"), name)
    made.owners += [(prefix, name) for prefix in problems.strings(item, "owners")]
    for label in problems.strings(item, "labels"):
        made.labels.setdefault(label, []).append(name)
    for port in problems.strings(item, "port_names"):
        made.port_names.setdefault(port, []).append(name)
    for number in made.products[name].ports:
        made.port_numbers.setdefault(number, []).append(name)


def _providers(made: Catalogue, content: Any, problems: Problems) -> None:
    if not isinstance(content, dict):
        problems.add(content, "must be a mapping")
        return
    for group in ("providers", "hubs"):
        for item in content.get(group, []):
            problems.only(item, _PROVIDER_KEYS)
            _provider(made, item, problems, hub=group == "hubs")
    made.hubs = frozenset(item.get("id", "") for item in content.get("hubs", []))
    for signal in ("client-env", "agent-env", "rendezvous-env"):
        made.env_classes.add(problems.strings(content, signal.replace("-", "_")), signal.removesuffix("-env"))
    accelerators = content.get("accelerators", {})
    made.accelerators = frozenset(problems.strings(accelerators, "exact"))
    made.accelerator_prefixes = problems.strings(accelerators, "prefixes")
    made.accelerator_node_labels = problems.strings(accelerators, "node_labels")
    made.accelerator_runtimes = frozenset(problems.strings(accelerators, "runtime_classes"))
    made.uri_marks = problems.strings(content, "model_uris")
    made.scripts.add(problems.strings(content, "training_scripts"), "training")
    made.own_projects = frozenset(problems.strings(content, "own_projects"))
    tasks = content.get("own_tasks", {})
    made.own_tasks = tuple((word, role) for role in tasks if role != LINE for word in problems.strings(tasks, role))


def _provider(made: Catalogue, item: Mapping[str, Any], problems: Problems, *, hub: bool) -> None:
    name = problems.text(item, "id")
    made.provider_titles[name] = problems.text(item, "title")
    for spelling in (name, made.provider_titles[name], *problems.strings(item, "names")):
        made.provider_names[provider_key(spelling)] = name
    made.provider_env.add(problems.strings(item, "keys"), f"{'hub' if hub else 'provider-key'} {name}")
    made.provider_env.add(problems.strings(item, "weak"), f"weak-key {name}")
    made.provider_env.add(problems.strings(item, "settings"), f"{'hub' if hub else 'client-env'} {name}")
    made.hosts.add(problems.strings(item, "hosts"), name)


def _kinds(made: Catalogue, content: Any, problems: Problems) -> None:
    if not isinstance(content, dict):
        problems.add(content, "must be a mapping")
        return
    for item in content.get("kubernetes", []):
        _group(made, item, problems)
    for item in content.get("aws", []):
        role = KindRole(problems.text(item, "role"), _text(item, "product"), "AWS")
        _kind(made, item, problems.text(item, "kind"), role, problems)
    families = content.get("instance_families", {})
    for weight in ("sole", "shared"):
        made.instance_families.update(dict.fromkeys(problems.strings(families, weight), weight))


def _group(made: Catalogue, item: Mapping[str, Any], problems: Problems) -> None:
    first = problems.text(item, "group").partition(".")[0]
    for kind, role in item.get("kinds", {}).items():
        if kind != LINE:
            named, providers = problems.strings(item, "models"), problems.strings(item, "providers")
            known = KindRole(str(role), _text(item, "product"), _text(item, "vendor"), named, providers)
            _kind(made, item, f"k8s.{first}.{kind}", known, problems)


def _text(item: Mapping[str, Any], key: str) -> str:
    value = item.get(key, "")
    return value if isinstance(value, str) else ""


def _kind(made: Catalogue, item: Mapping[str, Any], kind: str, known: KindRole, problems: Problems) -> None:
    if known.role not in ROLES:
        problems.add(item, f"`{known.role}` is not a role")
    made.kinds[kind_key(kind)] = known


def _relations(made: Catalogue, content: Any, problems: Problems) -> None:
    found: list[Relation] = []
    for item in content if isinstance(content, list) else []:
        problems.only(item, ("id", "kinds", "link", "end", "neighbours", "only", "role", "confidence"))
        role, end = problems.text(item, "role"), problems.text(item, "end")
        neighbours = problems.strings(item, "neighbours")
        if role not in (*ROLES, "same") or set(neighbours) - set(ROLES):
            problems.add(item, f"`{item.get('id')}` names a role that does not exist")
        if end not in ("origin", "target"):
            problems.add(item, "`end` must be `origin` (the asset has the link) or `target` (the link points at it)")
        confidence = item.get("confidence")
        if not isinstance(confidence, int) or not 60 <= confidence <= 100:
            problems.add(item, "`confidence` must be from 60 to 100")
            continue
        found.append(
            Relation(
                id=problems.text(item, "id"),
                kinds=frozenset(problems.strings(item, "kinds")),
                link=problems.text(item, "link"),
                target=end == "target",
                neighbours=frozenset(neighbours),
                only=bool(item.get("only", False)),
                role=role,
                confidence=confidence,
            )
        )
    made.relations = tuple(found)
