"""From signals to one answer: which product or AI task explains a workload, and how surely."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from inventory.recognition.catalogue import Catalogue, Product
from inventory.recognition.images import version_of
from inventory.recognition.result import Evidence, Recognition
from inventory.recognition.signals import SHARED, Signals

# Signals that can tell which product it is. The others only support one that is already claimed.
IDENTIFYING = frozenset({"owner", "image", "image-name", "command", "label"})
# What may support a product: a hosted provider's key says little about which server this is, but that it is AI.
SUPPORT = frozenset({"accelerator", "provider-key", "provider-host", "model-uri", "hub", "client-env", "agent-env"})
# A common word needs one of these beside its usual port.
CONFIRMING = frozenset({"accelerator", "provider-key", "client-env", "agent-env", "hub"})

# AI that is no product of the catalogue: role -> the shared signals that speak for it, and those it cannot do without.
GENERIC: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = (
    (
        "training",
        frozenset({"script", "accelerator", "rendezvous", "model-uri", "hub", "own-image", "own-task"}),
        frozenset({"script"}),
    ),
    (
        "agent",
        frozenset({"agent-env", "provider-key", "provider-host", "client-env", "own-image", "own-task", "weak-key"}),
        frozenset({"agent-env"}),
    ),
    (
        "api-client",
        frozenset({"provider-key", "provider-host", "client-env", "product-env", "weak-key", "hub", "own-image"}),
        frozenset({"provider-key", "provider-host", "weak-key", "client-env"}),
    ),
    (
        "endpoint",
        frozenset({"accelerator", "model-uri", "hub", "own-image", "client-env"}),
        frozenset({"model-uri", "hub", "own-image"}),
    ),
)


# A base image without a command of its own gives way to whatever is run in it.
_BUILT_ON = 0.4


def decide(found: Catalogue, signals: Signals) -> Recognition | None:
    """The best explanation that reaches the threshold, or none."""
    best = _best_product(found, signals)
    if best is not None:
        return best
    return _own_task(found, signals) or _best_generic(found, signals)


def _best_product(found: Catalogue, signals: Signals) -> Recognition | None:
    best: tuple[float, float, float] = (-1.0, 0.0, 0.0)
    answer: Recognition | None = None
    for name, claims in signals.claims.items():
        product = found.products.get(name)
        if product is None or not _identified(product, claims, signals):
            continue
        evidence = _product_evidence(product, claims, signals)
        total = sum(item["weight"] for item in evidence)
        built_on = product.base and "command" not in claims
        rank = (
            min(total, 1.0) - (_BUILT_ON if built_on else 0),
            max(item["weight"] for item in claims.values()),
            total,
        )
        if total + 1e-9 >= found.threshold and rank > best:
            best = rank
            version = version_of(product.version, signals.images.get(name, ""))
            answer = replace(
                _recognition(product.role, evidence, signals),
                product=product.id,
                vendor=product.vendor,
                version=version,
            )
    return answer


def _identified(product: Product, claims: Mapping[str, Evidence], signals: Signals) -> bool:
    strong = claims.keys() & IDENTIFYING
    if not strong:
        return False
    if product.dual and not signals.shared.keys() & SUPPORT:
        return False
    if product.guarded and not strong - {"image-name", "label"}:
        beside = signals.shared.keys() & CONFIRMING or "product-env" in claims
        return bool(signals.ports & product.ports and beside)
    return True


def _product_evidence(product: Product, claims: Mapping[str, Evidence], signals: Signals) -> list[Evidence]:
    own = list(claims.values())
    if "image" in claims and "image-name" in claims:
        own = [item for item in own if item["signal"] != "image-name"]
    return own + [item for signal, item in signals.shared.items() if signal in SUPPORT]


def _own_task(found: Catalogue, signals: Signals) -> Recognition | None:
    """A private image in an AI project that is named for one AI task."""
    shared = signals.shared
    if not signals.tasks or "own-image" not in shared or "own-task" not in shared:
        return None
    roles = list(signals.tasks)
    role = "training" if "training" in roles or "script" in shared else roles[0]
    if role == "pipeline" and "agent-env" in shared:
        role = "agent"
    evidence = [item for signal, item in shared.items() if signal not in ("rendezvous",) or role == "training"]
    total = sum(item["weight"] for item in evidence)
    return _recognition(role, evidence, signals) if total + 1e-9 >= found.threshold else None


def _best_generic(found: Catalogue, signals: Signals) -> Recognition | None:
    claims = dict(signals.shared)
    client = _client_of_a_product(signals)
    if client is not None:
        claims.setdefault("product-env", client)
    best, answer = 0.0, None
    for role, speaking, needed in GENERIC:
        evidence = [item for signal, item in claims.items() if signal in speaking]
        total = sum(item["weight"] for item in evidence)
        if claims.keys() & needed and total + 1e-9 >= found.threshold and min(total, 1.0) > best:
            best, answer = min(total, 1.0), _recognition(role, evidence, signals)
    return answer


def _client_of_a_product(signals: Signals) -> Evidence | None:
    """A product's variable in a container that is not the product: it talks to one."""
    for name, claims in signals.claims.items():
        if name != SHARED and "product-env" in claims:
            return claims["product-env"]
    return None


def _recognition(role: str, evidence: Iterable[Evidence], signals: Signals) -> Recognition:
    ordered = sorted(evidence, key=lambda item: (-item["weight"], item["signal"]))
    confidence = min(100, round(100 * sum(item["weight"] for item in ordered)))
    return Recognition(role=role, providers=tuple(signals.providers), confidence=confidence, evidence=tuple(ordered))
