"""Small files, small functions. At the cap, split by meaning."""

import ast
from pathlib import Path

from tests.architecture.sources import ROOT, all_modules, shown, templates, tree

FILE_LINES, FUNCTION_LINES, TEMPLATE_LINES = 400, 40, 150


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_module_is_longer_than_400_lines() -> None:
    scripts = [*(ROOT / "static" / "js").rglob("*.js"), *(ROOT / "deploy").glob("*.mjs")]
    too_long = {shown(path): _lines(path) for path in [*all_modules(), *scripts] if _lines(path) > FILE_LINES}
    assert not too_long


def test_no_function_is_longer_than_40_lines() -> None:
    too_long = [
        f"{shown(path, node.lineno)} {node.name}: {(node.end_lineno or 0) - node.lineno + 1} lines"
        for path in all_modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES
    ]
    assert not too_long


def test_no_template_is_longer_than_150_lines() -> None:
    too_long = {shown(path): _lines(path) for path in templates() if _lines(path) > TEMPLATE_LINES}
    assert not too_long
