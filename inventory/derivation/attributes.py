"""Who owns an asset, where it belongs and how much it matters: from tags, the namespace's labels, else the source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from inventory import cleaning
from inventory.documents import Unknown
from inventory.facts.estate import Estate, Node

OWNER = ("owner", "team", "ownedby", "contact", "squad", "costowner")
ENVIRONMENT = ("environment", "env", "stage", "deploymentenvironment")
CRITICALITY = ("criticality", "businesscriticality", "importance")
DATA_CLASS = ("dataclass", "dataclassification", "classification", "sensitivity", "confidentiality")
ENVIRONMENTS = {
    "production": ("prod", "prd", "production", "live"),
    "staging": ("staging", "stage", "stg", "uat", "preprod", "preproduction", "qa", "test", "testing"),
    "development": ("dev", "develop", "development", "sandbox", "lab", "experimental", "playground"),
}
CRITICALITIES = {
    "1": 1, "low": 1, "minor": 1,
    "2": 2, "medium": 2, "moderate": 2, "normal": 2,
    "3": 3, "high": 3, "critical": 3, "missioncritical": 3,
}  # fmt: skip
_BY_WORD = {word: environment for environment, words in ENVIRONMENTS.items() for word in words}


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the source says of assets that say nothing themselves."""

    environment: str
    criticality: int
    owner: str


@dataclass(frozen=True, slots=True)
class Attributes:
    """The columns that describe an asset to people. `criticality` is 1 (low) to 3."""

    exposure: str
    data_class: str
    environment: str
    criticality: int
    owner: str


def attributes_of(node: Node, estate: Estate, facts: Mapping[str, Any], defaults: Defaults) -> Attributes:
    said = list(_said(node, estate))
    return Attributes(
        exposure=_exposure(facts),
        data_class=_data_class(facts.get("data_class")) or _data_class(_first(said, DATA_CLASS)),
        environment=_environment(_first(said, ENVIRONMENT)) or defaults.environment,
        criticality=CRITICALITIES.get(_squeeze(_first(said, CRITICALITY)), defaults.criticality),
        owner=cleaning.cut(_first(said, OWNER).strip(), 120) or defaults.owner,
    )


def doubtful_attributes(node: Node, estate: Estate) -> dict[str, Unknown]:
    """What the asset leaves to the labels of its namespace, while those cannot be read; by the name of the fact."""
    if not node.kind.startswith("k8s.") or node.kind == "k8s.namespace" or node.place == "-":
        return {}
    namespace, stale = estate.doubt_of(lambda: estate.get("k8s.namespace", node.place))
    unread = namespace is None and not estate.complete("k8s.namespace")
    if not stale and not unread:
        return {}
    own = [_squeezed(node.tags)]
    words = {"owner": OWNER, "environment": ENVIRONMENT, "criticality": CRITICALITY, "data_class": DATA_CLASS}
    reason = Unknown(stale or "Namespaces could not be read.")
    return {name: reason for name, asked in words.items() if not _first(own, asked)}


def _exposure(facts: Mapping[str, Any]) -> str:
    """`none` for kinds that nobody reaches over a network: keys, roles, models as such."""
    return _one_of(facts["exposure"], ("internet", "internal"), "unknown") if "exposure" in facts else "none"


def _said(node: Node, estate: Estate) -> Iterable[dict[str, str]]:
    """Tags by squeezed name: the asset's own, then its namespace's."""
    yield _squeezed(node.tags)
    if node.kind.startswith("k8s.") and node.kind != "k8s.namespace":
        namespace = estate.get("k8s.namespace", node.place)
        if namespace is not None:
            yield estate.once(f"said by {node.place}", lambda: _squeezed(namespace.tags))


def _squeezed(tags: Mapping[str, str]) -> dict[str, str]:
    """`example.org/Data-Class` and `data_class` are the same word."""
    return {_squeeze(name.rpartition("/")[2]): value for name, value in tags.items()}


@lru_cache(maxsize=4096)
def _squeeze(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())


def _first(said: Iterable[dict[str, str]], names: Iterable[str]) -> str:
    return next((tags[name] for tags in said for name in names if tags.get(name)), "")


def _environment(text: str) -> str:
    word = _squeeze(text)
    return _BY_WORD.get(word) or _BY_WORD.get(word.rstrip("0123456789"), "")


def _one_of(value: Any, allowed: tuple[str, ...], otherwise: str) -> str:
    return value if isinstance(value, str) and value in allowed else otherwise


def _data_class(value: Any) -> str:
    return cleaning.cut(value.strip().lower(), 24) if isinstance(value, str) else ""
