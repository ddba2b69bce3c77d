"""Compiled forms of what the fingerprint files say: image suffixes, commands, variable names, hosts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar


def glob(pattern: str) -> re.Pattern[str]:
    """`*` stands for any text without a slash."""
    return re.compile("^" + re.escape(pattern.lower()).replace(r"\*", "[^/]*") + "$")


def command(pattern: str) -> re.Pattern[str]:
    """A command as it may stand in a line: at a word or path boundary, `*` for the rest of a word."""
    body = r"\s+".join(_word(part) for part in pattern.split())
    return re.compile(rf"(?:^|[\s/;&|\"'=(]){body}(?=$|[\s;&|\"')@:])")


def _word(part: str) -> str:
    return re.escape(part).replace(r"\*", r"[^\s;&|\"']*")


def needle(pattern: str) -> str:
    """The longest plain piece of a pattern: lines without it need not be searched."""
    return max(re.split(r"[\s*]+", pattern), key=len)


_REMEMBERED = 20_000
T = TypeVar("T")


class Memory(Generic[T]):
    """Answers already given, forgotten all at once when there are too many."""

    def __init__(self, answer: Callable[[str], T]) -> None:
        self._answer = answer
        self._seen: dict[str, T] = {}

    def __call__(self, question: str) -> T:
        known = self._seen.get(question)
        if known is None:
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            known = self._seen[question] = self._answer(question)
        return known

    def forget(self) -> None:
        self._seen.clear()


class Suffixes:
    """Finds values by the end of a repository path on a `/` boundary."""

    def __init__(self) -> None:
        self.match = Memory(self._search)
        self._exact: dict[str, list[str]] = {}
        self._globs: list[tuple[int, re.Pattern[str], str]] = []
        self._any: re.Pattern[str] | None = None

    def add(self, patterns: Iterable[str], value: str) -> None:
        for pattern in patterns:
            if "*" in pattern:
                self._globs.append((pattern.count("/") + 1, glob(pattern), value))
                self._globs.sort(key=lambda entry: -len(entry[1].pattern))
            else:
                self._exact.setdefault(pattern.lower(), []).append(value)
        self._any = None
        self.match.forget()

    def _search(self, path: str) -> list[str]:
        """Every value one of whose patterns is a suffix of the path, the most specific pattern first."""
        parts = path.split("/")
        ends = ["/".join(parts[-count:]) for count in range(1, len(parts) + 1)]
        found = [value for end in reversed(ends) for value in self._exact.get(end, ())]
        for count, pattern, value in self._globs if self._any_glob().search(path) else ():
            if count <= len(ends) and pattern.match(ends[count - 1]):
                found.append(value)
        return found

    def _any_glob(self) -> re.Pattern[str]:
        """All globs in one, so that most paths are refused by a single search."""
        if self._any is None:
            bodies = "|".join(pattern.pattern[1:-1] for _, pattern, _ in self._globs)
            self._any = re.compile(f"(?:^|/)(?:{bodies})$" if bodies else "(?!)")
        return self._any


class Names:
    """Which of many names or `PREFIX_*` patterns a variable name matches."""

    def __init__(self) -> None:
        self.match = Memory(self._search)
        self._exact: dict[str, list[str]] = {}
        self._prefixes: dict[str, list[str]] = {}

    def add(self, patterns: Iterable[str], value: str) -> None:
        for pattern in patterns:
            table = self._prefixes if pattern.endswith("*") else self._exact
            table.setdefault(pattern.rstrip("*"), []).append(value)
        self.match.forget()

    def _search(self, name: str) -> list[str]:
        """The values whose pattern matches: exact names, and prefixes that end at an underscore."""
        found = list(self._exact.get(name, ()))
        position = name.find("_")
        while position >= 0:
            found += self._prefixes.get(name[: position + 1], ())
            position = name.find("_", position + 1)
        return found


class Commands:
    """Which of many commands stand in a line."""

    def __init__(self) -> None:
        self._patterns: list[tuple[str, re.Pattern[str], str, str]] = []
        self.match = Memory(self._search)

    def add(self, patterns: Iterable[str], value: str) -> None:
        self.match.forget()
        self._patterns += [(needle(pattern), command(pattern), pattern, value) for pattern in patterns]

    def _search(self, line: str) -> list[tuple[str, str]]:
        """(value, pattern) of every command in the line."""
        return [
            (value, pattern) for plain, regex, pattern, value in self._patterns if plain in line and regex.search(line)
        ]


class Hosts:
    """Which provider a host belongs to: exact, or the end of it on a label boundary, `*` inside one label."""

    def __init__(self) -> None:
        self.match = Memory(self._search)
        self._exact: dict[str, str] = {}
        self._globs: list[tuple[re.Pattern[str], str]] = []

    def add(self, patterns: Iterable[str], value: str) -> None:
        for pattern in patterns:
            if "*" in pattern:
                body = re.escape(pattern).replace(r"\*", "[^.]*")
                self._globs.append((re.compile(rf"(?:^|.*\.){body}$"), value))
            else:
                self._exact[pattern] = value
        self.match.forget()

    def _search(self, host: str) -> str:
        """The provider's id, or nothing."""
        labels = host.lower().split(".")
        for start in range(len(labels) - 1):
            found = self._exact.get(".".join(labels[start:]))
            if found:
                return found
        return next((value for pattern, value in self._globs if pattern.match(host.lower())), "")
