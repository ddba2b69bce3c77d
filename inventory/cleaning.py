"""Makes what a provider said fit for PostgreSQL, without losing anything. Pure.

PostgreSQL takes neither NUL nor lone surrogates, and columns have lengths. Real documents have none of these, so the
common path is one serialisation and one search for an escaped NUL.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

import orjson

OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z
NUL_SHOWN = "\u2400"
DEEPEST = 200
SUFFIX = 17


def encode(value: Any) -> bytes:
    """Canonical JSON that jsonb takes."""
    try:
        encoded = orjson.dumps(value, default=_plain, option=OPTIONS)
    except (orjson.JSONEncodeError, RecursionError):
        return orjson.dumps(_clean(value, 0), option=OPTIONS)
    if b"\\u0000" in encoded:
        return orjson.dumps(_clean(orjson.loads(encoded), 0), option=OPTIONS)
    return encoded


def text(value: str) -> str:
    """The same text without NUL and lone surrogates."""
    if value.isascii() and "\x00" not in value:
        return value
    return value.replace("\x00", NUL_SHOWN).encode("utf-8", "replace").decode()


def fit(value: str, length: int) -> str:
    """The same text within so many characters. What had to be altered ends in a hash, so it stays unique."""
    cleaned = text(value)
    if cleaned == value and len(cleaned) <= length:
        return value
    mark = blake2b(value.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return f"{cleaned[: length - SUFFIX]}~{mark}"


def cut(value: str, length: int) -> str:
    """The beginning of the text, for columns where nothing depends on the rest."""
    cleaned = text(value)
    return cleaned if len(cleaned) <= length else f"{cleaned[: length - 1]}…"


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | bytearray | memoryview):
        return b64encode(bytes(value)).decode()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    if isinstance(value, Sequence):
        return list(value)
    return str(value)


def _clean(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return text(value)
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**64 else str(value)
    if depth > DEEPEST:
        return text(json.dumps(value, default=str, sort_keys=True))
    if isinstance(value, Mapping):
        return _clean_keys(value, depth)
    if isinstance(value, list | tuple):
        return [_clean(item, depth + 1) for item in value]
    return _clean(orjson.loads(orjson.dumps(value, default=_plain, option=OPTIONS)), depth + 1)


def _clean_keys(value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
    cleaned: dict[str, Any] = {}
    for key, item in value.items():
        word = text(str(key))
        if word in cleaned:
            word = fit(f"{key}\x00", len(word) + SUFFIX + 1)
        cleaned[word] = _clean(item, depth + 1)
    return cleaned
