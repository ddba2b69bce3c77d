"""Every page's address, with something in the place of each parameter."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

PARAMETERS: dict[str, object] = {"pk": UUID(int=7), "slug": "data"}
RULE = {"posture:rule": {"pk": "public-bucket"}, "posture:framework": {"slug": "owasp-llm-2025"}}
NAMESPACES = frozenset({"pages", "accounts", "inventory", "posture", "integrations"})
OPEN_TO_ALL = frozenset({"accounts:sign-in"})


def page_names() -> list[str]:
    """The names of all pages (the API has its own tests)."""
    return sorted(set(_names(get_resolver().url_patterns)))


def _names(patterns: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _names(pattern.url_patterns, pattern.app_name or namespace)
        elif pattern.name and namespace in NAMESPACES:
            yield f"{namespace}:{pattern.name}"


def address(name: str, **known: object) -> str:
    """The address of a page, whatever parameters it takes."""
    for wanted in ((), ("pk",), ("slug",)):
        values = {key: known.get(key, RULE.get(name, {}).get(key, PARAMETERS[key])) for key in wanted}
        try:
            return reverse(name, kwargs=values)
        except NoReverseMatch:
            continue
    raise AssertionError(f"No address for {name}")
