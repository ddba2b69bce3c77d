"""Which texts to check: files, folders with all that is below them, and standard input."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

STDIN = "-"
SUFFIXES = (".yaml", ".yml", ".json")
MOST_FILES = 5_000
MIB = 1024 * 1024
LARGEST = 16 * MIB


@dataclass(frozen=True, slots=True, order=True)
class Trouble:
    """Something that was to be checked and could not be."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass(frozen=True, slots=True)
class Text:
    """The content of one file. `named`: somebody asked for this very file."""

    name: str
    content: bytes
    named: bool


def read(paths: Iterable[str]) -> Iterator[Text | Trouble]:
    """Every file once. A file that cannot be read is a Trouble, and the others are read all the same."""
    seen: set[str] = set()
    for path in paths:
        for name, named in _below(path):
            real = os.path.realpath(name)
            if name == STDIN or real not in seen:
                seen.add(real)
                yield _read(name, named)
            if len(seen) > MOST_FILES:
                yield Trouble(name, 1, f"More than {MOST_FILES} files. Check a part of them at a time.")
                return


def _below(path: str) -> Iterator[tuple[str, bool]]:
    """The files under a folder, in the order of their names. Hidden ones, and links, are passed by."""
    if not os.path.isdir(path):
        yield path, True
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = os.path.join(folder, name)
            if name.lower().endswith(SUFFIXES) and not name.startswith(".") and not os.path.islink(file):
                yield file, False


def _read(name: str, named: bool) -> Text | Trouble:
    try:
        if name == STDIN:
            name, content = "stdin", sys.stdin.buffer.read(LARGEST + 1)
        else:
            with Path(name).open("rb") as file:
                content = file.read(LARGEST + 1)
    except OSError as error:
        return Trouble(name, 1, f"It cannot be read: {error.strerror}.")
    if len(content) > LARGEST:
        return Trouble(name, 1, f"It is larger than {LARGEST // MIB} MB and is not read. Split it.")
    return Text(name, content, named)
