"""The words under which an asset is found. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

WORD = re.compile(r"[^\W_]+")
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
LONGEST_WORD = 60
MOST_WORDS = 400


def words_of(texts: Iterable[str]) -> list[str]:
    """Lower-case words, each once and sorted; CamelCase counts whole and in parts."""
    found: set[str] = set()
    for text in texts:
        for word in WORD.findall(text[:5000]):
            lower = word.lower()
            found.add(lower[:LONGEST_WORD])
            if lower != word:
                found.update(part.lower()[:LONGEST_WORD] for part in CAMEL.split(word))
        if len(found) > MOST_WORDS:
            break
    return sorted(found)[:MOST_WORDS]


def prefix_query(text: str) -> str:
    """A tsquery that asks for every word as a beginning; empty when the text has no word."""
    words = dict.fromkeys(word.lower()[:LONGEST_WORD] for word in WORD.findall(text[:500]))
    return " & ".join(f"'{word}':*" for word in words)
