"""Who may touch what: the environment, the clock, the outside world."""

import ast
import json
import re
from pathlib import Path

from tests.architecture.sources import ROOT, product_modules, shown, text_files, tree

# The supervisor reads the environment before there are settings, and hands it on to its children.
MAY_READ_THE_ENVIRONMENT = ("aispm/settings/env.py", "aispm/runtime/")
WIRING = ("aispm/__main__.py", "aispm/celery.py", "aispm/wsgi.py", "aispm/asgi.py")
CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
# Where packages come from is the machine's to say: no option or setting for an index, no address of a package.
SOURCE_OF_PACKAGES = re.compile(
    r"--(?:extra-)?index-url[ =]|--find-links[ =]|--registry[ =]|^\s*index-url\s*=|registry\s*=\s*https?:"
    r"|https?://[^\s\"'`)]+(?:/simple\b|\.whl\b|\.tgz\b)",
    re.MULTILINE,
)
MACHINE_PATHS = re.compile(r"(?<![\w./-])/(?:root|home/[a-z]+|work)/[\w.-]")


def _reads_environment(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
        and node.attr in {"environ", "getenv", "environb"}
    )


def test_only_the_typed_readers_read_the_environment() -> None:
    allowed = tuple(str(ROOT / part) for part in MAY_READ_THE_ENVIRONMENT + WIRING)
    found = [
        shown(path, node.lineno)
        for path in product_modules()
        if not str(path).startswith(allowed)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and _reads_environment(node)
    ]
    assert not found


def test_the_wiring_only_names_the_settings_module() -> None:
    for name in WIRING:
        lines = [line for line in (ROOT / name).read_text(encoding="utf-8").splitlines() if "os.environ" in line]
        assert all("DJANGO_SETTINGS_MODULE" in line for line in lines), name


def test_the_time_comes_from_django_only() -> None:
    found = [
        shown(path, node.lineno)
        for path in product_modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func).removeprefix("datetime.") in CLOCKS
    ]
    assert not found


def test_no_service_sees_a_request_or_a_form() -> None:
    wrong = {"django.http", "django.forms", "rest_framework", "django.shortcuts"}
    found = [
        shown(path, node.lineno)
        for path in product_modules()
        if "services" in {path.stem, *path.parent.parts}
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(tuple(wrong))
    ]
    assert not found


def test_no_file_says_where_packages_are_fetched_from() -> None:
    found = [
        shown(path)
        for path in text_files()
        if SOURCE_OF_PACKAGES.search(path.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert not found


def test_lock_files_say_what_to_fetch_but_not_from_where() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        assert "://" not in (ROOT / name).read_text(encoding="utf-8"), name
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert not [name for name, facts in packages.items() if "resolved" in facts]
    assert all("integrity" in facts for name, facts in packages.items() if name)


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    found = []
    for path in text_files():
        if path.suffix in {".py", ".mjs", ".js", ".toml", ".sh", ".md", ""} and not _is_data(path):
            text = path.read_text(encoding="utf-8", errors="ignore")
            found += [f"{shown(path)}: {match[0]}" for match in MACHINE_PATHS.finditer(text)]
    assert not found


def _is_data(path: Path) -> bool:
    return bool({"data", "examples", "recognition"} & set(path.relative_to(ROOT).parts))
