"""Typed reading of a document's fields: a mistake is noted with its line, and reading goes on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from findings.posture.rule.errors import Fault
from findings.posture.rule.yaml_lines import Lined

_NAMES = {dict: "a mapping", list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number"}


def called(value: Any) -> str:
    """What a value is, in words."""
    return "nothing" if value is None else _NAMES.get(type(value), type(value).__name__)


def near(word: str, known: Collection[str]) -> str:
    """`; did you mean x?` when something similar is known."""
    found = get_close_matches(word, list(known), n=1, cutoff=0.75)
    return f"; did you mean `{found[0]}`?" if found else ""


@dataclass(slots=True)
class Fields:
    """One document being read."""

    lined: Lined
    file: str
    faults: list[Fault]

    def fault(self, message: str, *where: str | int) -> None:
        self.faults.append(Fault(self.file, self.lined.line(*where), message))

    def keys(self, allowed: Collection[str], *where: str | int) -> None:
        """Notes every key that is not one of these."""
        for key in self.mapping(*where):
            if key not in allowed:
                hint = near(key, allowed) or f"; expected one of {', '.join(sorted(allowed))}"
                self.fault(f"`{key}` is not a key that is known here{hint}", *where, key)

    def get(self, *where: str | int) -> Any:
        value = self.lined.value
        for step in where:
            if isinstance(value, dict):
                value = value.get(str(step))
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return value

    def text(self, *where: str | int, required: bool = False, longest: int = 4000) -> str:
        value = self.get(*where)
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)
        name = ".".join(map(str, where))
        if value is None:
            if required:
                self.fault(f"`{name}` is missing; expected text", *where)
            return ""
        if not isinstance(value, str):
            self.fault(f"`{name}` is {called(value)}; expected text", *where)
            return ""
        if not value.strip() and required:
            self.fault(f"`{name}` is empty; expected text", *where)
        if len(value) > longest:
            self.fault(f"`{name}` has {len(value)} characters; at most {longest} are allowed", *where)
        return value.strip()

    def choice(self, options: Collection[str], *where: str | int) -> str:
        value = self.text(*where, required=True)
        if value and value not in options:
            expected = ", ".join(options)
            self.fault(f"`{'.'.join(map(str, where))}` is `{value}`; expected one of {expected}", *where)
            return ""
        return value

    def mapping(self, *where: str | int, required: bool = False) -> Mapping[str, Any]:
        value = self.get(*where)
        if isinstance(value, dict):
            return value
        if value is not None or required:
            name = ".".join(map(str, where)) or "the file"
            self.fault(f"`{name}` is {called(value)}; expected a mapping", *where)
        return {}

    def texts(self, *where: str | int, required: bool = False) -> Sequence[str]:
        """A list of texts; a single text stands for a list of one."""
        value = self.get(*where)
        name = ".".join(map(str, where))
        if isinstance(value, str):
            return [value]
        if not isinstance(value, list):
            if value is not None or required:
                self.fault(f"`{name}` is {called(value)}; expected a list of texts", *where)
            return []
        if required and not value:
            self.fault(f"`{name}` is empty; expected at least one entry", *where)
        for at, entry in enumerate(value):
            if not isinstance(entry, str | int | float) or isinstance(entry, bool):
                self.fault(f"entry {at + 1} of `{name}` is {called(entry)}; expected text", *where, at)
        return [str(entry) for entry in value]
