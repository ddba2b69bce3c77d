"""Which paths a CEL expression uses. CEL itself is compiled and run by the library; this only reads names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from findings.posture.rule.paths import ELEMENT

Path = tuple[str, ...]
_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*)
      | (?P<string>[rRbB]{0,2}(?:\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
      | (?P<number>(?:0x[0-9a-fA-F]+|\d+\.?\d*(?:[eE][+-]?\d+)?)u?)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<sign>&&|\|\||[<>=!]=|.)""",
    re.VERBOSE | re.DOTALL,
)
_MACROS = frozenset({"exists", "all", "filter", "map", "exists_one"})
_WORDS = frozenset({"true", "false", "null", "in"})
_TYPES = frozenset({"int", "uint", "double", "bool", "string", "bytes", "list", "map", "null_type", "type"})
_CLOSES = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class Uses:
    """The paths an expression reads (root word first), and names it uses that nothing declares."""

    paths: frozenset[Path]
    unknown: tuple[str, ...]


def uses(expression: str, roots: frozenset[str]) -> Uses:
    """Works out what an expression that compiles reads. Loop variables stand for elements of their list."""
    scan = _Scan(_tokens(expression), roots)
    scan.expression({}, "")
    return Uses(frozenset(scan.paths), tuple(dict.fromkeys(scan.unknown)))


def _tokens(expression: str) -> list[tuple[str, str]]:
    return [(m.lastgroup or "", m.group()) for m in _TOKEN.finditer(expression) if m.lastgroup != "space"]


@dataclass(slots=True)
class _Scan:
    tokens: list[tuple[str, str]]
    roots: frozenset[str]
    at: int = 0
    paths: set[Path] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)

    def expression(self, bound: Mapping[str, Path | None], until: str) -> None:
        """Scans up to and over the closing sign `until` (or to the end)."""
        while self.at < len(self.tokens):
            kind, text = self.tokens[self.at]
            self.at += 1
            if text == until:
                return
            if kind == "name":
                self.name(text, bound)
            elif kind == "string":
                self.tail(None, bound)
            elif text in _CLOSES:
                self.expression(bound, _CLOSES[text])
                self.tail(None, bound)

    def name(self, word: str, bound: Mapping[str, Path | None]) -> None:
        path: Path | None = None
        if word in _WORDS:
            return
        if self.ahead("("):
            self.at += 1
            self.expression(bound, ")")
        elif word in bound:
            path = bound[word]
        elif word in self.roots:
            path = (word,)
        elif word not in _TYPES:
            self.unknown.append(word)
        self.tail(path, bound)

    def tail(self, path: Path | None, bound: Mapping[str, Path | None]) -> None:
        """What follows a value: fields, indexes and calls."""
        while self.at < len(self.tokens):
            if self.ahead("."):
                path = self.member(path, bound)
            elif self.ahead("["):
                path = self.index(path, bound)
            else:
                break
        self.record(path)

    def member(self, path: Path | None, bound: Mapping[str, Path | None]) -> Path | None:
        word = self.tokens[self.at + 1][1]
        self.at += 2
        if not self.ahead("("):
            return None if path is None else (*path, word)
        self.at += 1
        self.record(path)
        if word in _MACROS and self.ahead(",", 1):
            element = None if path is None else (*path, ELEMENT)
            self.at += 2
            self.expression({**bound, self.tokens[self.at - 2][1]: element}, ")")
            return path if word == "filter" else None
        self.expression(bound, ")")
        return None

    def index(self, path: Path | None, bound: Mapping[str, Path | None]) -> Path | None:
        self.at += 1
        kind, text = self.tokens[self.at]
        if kind in ("string", "number") and self.ahead("]", 1):
            self.at += 2
            step = ELEMENT if kind == "number" else text.strip("\"'")
            return None if path is None else (*path, step)
        self.record(path)
        self.expression(bound, "]")
        return None

    def ahead(self, sign: str, further: int = 0) -> bool:
        at = self.at + further
        return at < len(self.tokens) and self.tokens[at][1] == sign

    def record(self, path: Path | None) -> None:
        if path is not None:
            self.paths.add(path)


def renamed(expression: str, name: str, new: str) -> str:
    """The expression with the variable `name` called `new`; fields and text of that name stay."""
    out: list[str] = []
    last = ""
    for match in _TOKEN.finditer(expression):
        text = match.group()
        out.append(new if match.lastgroup == "name" and text == name and last != "." else text)
        last = last if match.lastgroup == "space" else text
    return "".join(out)
