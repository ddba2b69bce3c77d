"""What the architecture tests look at: the repository's own files."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PRODUCT = ("aispm", "inventory", "findings", "integrations")
OTHERS = ("demo", "bench", "tests")


def product_modules() -> Iterator[Path]:
    return _modules(PRODUCT)


def all_modules() -> Iterator[Path]:
    return _modules(PRODUCT + OTHERS)


def _modules(packages: tuple[str, ...]) -> Iterator[Path]:
    for package in packages:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def templates() -> list[Path]:
    return sorted((ROOT / "templates").rglob("*.html"))


def text_files() -> Iterator[Path]:
    """Every text file that belongs to the repository, whether committed yet or not."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        if name and path.is_file() and b"\0" not in path.read_bytes()[:4096]:
            yield path


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def shown(path: Path, line: int | None = None) -> str:
    """`inventory/queries.py:12`, for a message that an editor can follow."""
    where = path.relative_to(ROOT).as_posix()
    return f"{where}:{line}" if line else where
