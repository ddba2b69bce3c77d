"""Pages obey the Content-Security-Policy by construction, and say what they need."""

import re

import pytest

from tests.architecture.sources import shown, templates

FORBIDDEN = {
    "a script written into the page": re.compile(r"<script(?![^>]*\bsrc=)", re.I),
    "a style sheet written into the page": re.compile(r"<style\b", re.I),
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.I),
    "an event handler attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.I),
    "htmx event code": re.compile(r"\bhx-on\b", re.I),
    "htmx values computed by script": re.compile(r"""["'{]\s*js(?:cript)?:""", re.I),
    "an HTML comment (use a template comment)": re.compile(r"<!--"),
    "unescaped output": re.compile(r"\|\s*safe\b|{%\s*autoescape off"),
    "a file from another host": re.compile(r"""(?:src|href)\s*=\s*["'](?:https?:)?//[^"']+\.(?:js|css|woff2?)""", re.I),
}
DATA_ISLAND = re.compile(r"<script[^>]*type=[\"']application/json[\"'][^>]*>", re.I)
COMMENT = re.compile(r"{#.*?#}|{%\s*comment.*?endcomment\s*%}", re.S)


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_contains(what: str) -> None:
    found = []
    for path in templates():
        text = DATA_ISLAND.sub("", COMMENT.sub(lambda m: "\n" * m[0].count("\n"), path.read_text(encoding="utf-8")))
        found += [shown(path, text.count("\n", 0, match.start()) + 1) for match in FORBIDDEN[what].finditer(text)]
    assert not found


def test_every_template_starts_by_naming_its_context() -> None:
    silent = [shown(path) for path in templates() if not path.read_text(encoding="utf-8").startswith("{# Context:")]
    assert not silent
