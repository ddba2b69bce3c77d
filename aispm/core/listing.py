"""How many rows a command lists: some in the terminal, all for a program."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

SHOWN = 50


def add_limit(parser: ArgumentParser) -> None:
    """The options `--limit` and `--json` of a command that lists."""
    parser.add_argument("--limit", type=int, help=f"how many to list; 0: all (default: {SHOWN}, as JSON all)")
    parser.add_argument("--json", action="store_true", help="print JSON")


def limit_of(options: dict[str, Any]) -> int | None:
    """How many rows; None: all. CommandError when fewer than none are asked for."""
    given: int | None = options["limit"]
    if given is None:
        return None if options["json"] else SHOWN
    if given < 0:
        raise CommandError("--limit must be 0 or more.", returncode=2)
    return given or None


def counted(shown: int, count: int, what: str) -> str:
    """The last line of a list: "50 of 346 assets. --limit 0 lists all."."""
    rest = " --limit 0 lists all." if shown < count else ""
    return f"{shown} of {count} {what}.{rest}"
