"""A mistake in a fingerprint file is named with its file and line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from inventory.recognition import CatalogueError, read_catalogue
from inventory.recognition.catalogue import FOLDER, digest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "recognition"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


ROLE = "title: A, role: endpoint"
RELATION = "id: a, kinds: [k8s.service], link: selects, neighbours: [agent], role: same, confidence: 80"
PRODUCTS = "products/x.yaml"


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        (
            PRODUCTS,
            f"- {{id: a, {ROLE}, images: [a]}}\n- {{id: a, {ROLE}, images: [b]}}\n",
            "2: the product `a` stands",
        ),
        (PRODUCTS, "- {id: a, title: A, role: king, images: [a/b]}\n", "1: `king` is not a role"),
        (PRODUCTS, f"- {{id: a, {ROLE}, env: [A_*]}}\n", "1: `a` has no fingerprint that can identify it"),
        (PRODUCTS, "- {id: a, role: endpoint, images: [a/b]}\n", "1: `title` is missing"),
        (PRODUCTS, f"\n- {{id: a, {ROLE}, images: a/b}}\n", "2: `images` must be a list of texts"),
        (PRODUCTS, f"- {{id: a, {ROLE}, images: [a/b], colour: red}}\n", "1: `colour` is not known here"),
        (PRODUCTS, "- {id: a, id: b}\n", "1: 'id' stands twice"),
        (PRODUCTS, "- [unclosed\n", "2: "),
        ("weights.yaml", "threshold: 0.6\nweights: {image: 2}\n", "2: the weight of `image` must be above 0"),
        ("relations.yaml", f"- {{{RELATION}, end: middle}}\n", "1: `end` must be"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(folder: Path, file: str, text: str, message: str) -> None:
    (folder / file).write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError) as raised:
        read_catalogue(folder)
    assert any(problem.startswith(f"{Path(file).name}:{message}") for problem in raised.value.problems), (
        raised.value.problems
    )


def test_the_digest_changes_with_any_fingerprint(folder: Path) -> None:
    before = digest(folder)
    with (folder / "providers.yaml").open("a", encoding="utf-8") as file:
        file.write("# one more line\n")
    assert digest(folder) != before
