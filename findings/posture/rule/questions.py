"""The part of a rule that decides: kinds, reads, links, expressions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import cel

from findings.posture.rule.expressions import Path, renamed, uses
from findings.posture.rule.fields import Fields, called, near
from findings.posture.rule.model import LinkRead
from findings.posture.rule.paths import ASSET, ELEMENT, FACTS, Default, Read, parse_read, show
from findings.posture.rule.vocabulary import ROW_FACTS, Vocabulary
from inventory.provenance import LinkType

PARAMS = "params"
_VALUES = frozenset({"now", PARAMS})
LINK_TYPES = frozenset(str(type) for type in LinkType)


@dataclass(frozen=True, slots=True)
class Question:
    """What decides a verdict."""

    kinds: frozenset[str]
    reads: tuple[Read, ...]
    links: Mapping[str, LinkRead]
    params: Mapping[str, Any]
    when: str
    fail: str
    discriminator: str
    when_reads: frozenset[str]
    programs: Mapping[str, cel.Program]

    def digest(self, severity: int) -> str:
        """Changes when a verdict or its weight may change; words do not matter."""
        links = sorted((link.alias, link.type, link.many, link.kind) for link in self.links.values())
        decides = [
            sorted(self.kinds), [read.text for read in self.reads], links, self.when, self.fail, self.discriminator,
            self.params, severity,
        ]  # fmt: skip
        return blake2b(json.dumps(decides, sort_keys=True).encode(), digest_size=16).hexdigest()


def question(fields: Fields, words: Vocabulary) -> Question:
    """Reads and checks the deciding part."""
    kinds = _kinds(fields, words)
    links = _links(fields, words)
    roots = frozenset({FACTS, *words.views, *links})
    reads = _reads(fields, roots)
    _known_facts_and_views(fields, words, kinds, reads)
    params = fields.mapping("params")
    programs = {key: program for key in ("when", "fail", "discriminator") if (program := _compile(fields, key))}
    used: dict[str, frozenset[Path]] = {}
    for key in programs:
        used[key] = _check_uses(fields, key, roots, reads, params)
    return Question(
        kinds=kinds, reads=reads, links=links, params=params,
        when=fields.text("when"), fail=fields.text("fail", required=True), discriminator=fields.text("discriminator"),
        when_reads=frozenset(read.text for path in used.get("when", ()) for read in reads if _covers(read, path)),
        programs=programs,
    )  # fmt: skip


def _kinds(fields: Fields, words: Vocabulary) -> frozenset[str]:
    found: set[str] = set()
    for kind in fields.texts("kind", required=True):
        if kind in words.groups:
            found.update(words.groups[kind])
        elif kind in words.kinds:
            found.add(kind)
        else:
            fields.fault(f"`{kind}` is not a kind of asset{near(kind, words.kinds | words.groups.keys())}", "kind")
    return frozenset(found)


def _links(fields: Fields, words: Vocabulary) -> Mapping[str, LinkRead]:
    found = {}
    for alias, text in fields.mapping("with").items():
        link = _link(alias, text)
        where = ("with", alias)
        if link is None:
            fields.fault(
                f"`{text}` is not a link; expected a type as in `uses_role`, `reads_data[]`, `<uses_role` or "
                "`in_network[] aws.ec2.security_group`", *where,
            )  # fmt: skip
        elif link.type.lstrip("<") not in LINK_TYPES:
            fields.fault(f"`{link.type}` is not a type of link{near(link.type.lstrip('<'), LINK_TYPES)}", *where)
        elif link.kind and link.kind not in words.kinds and link.kind not in words.groups:
            fields.fault(f"`{link.kind}` is not a kind of asset{near(link.kind, words.kinds)}", *where)
        elif alias in words.views or alias in _VALUES | {ASSET, FACTS} or not alias.isidentifier():
            fields.fault(f"`{alias}` cannot be used as a name here; choose another", *where)
        else:
            found[alias] = link
    return found


def _link(alias: str, text: Any) -> LinkRead | None:
    parts = text.split() if isinstance(text, str) else []
    if not 1 <= len(parts) <= 2:
        return None
    type_, kind = parts[0], "".join(parts[1:])
    return LinkRead(alias, type_.removesuffix("[]"), type_.endswith("[]"), kind)


def _reads(fields: Fields, roots: frozenset[str]) -> tuple[Read, ...]:
    found = []
    for at, text in enumerate(fields.texts("reads")):
        try:
            found.append(parse_read(text, roots))
        except ValueError as error:
            fields.fault(str(error), "reads", at)
    return tuple(found)


def _known_facts_and_views(fields: Fields, words: Vocabulary, kinds: Iterable[str], reads: Iterable[Read]) -> None:
    for read in reads:
        if read.root == FACTS:
            name, has, known = read.part, words.has_fact, set(words.facts) | set(ROW_FACTS)
        elif read.root in words.views:
            name, has, known = read.root, words.has_view, set(words.views)
        else:
            continue
        lacking = [kind for kind in sorted(kinds) if not has(name, kind)]
        if name not in known:
            fields.fault(f"`{name}` is not a known fact{near(name, known)}", "reads")
        elif lacking:
            fields.fault(f"`{read.text}` does not exist for {', '.join(lacking)}", "reads")


def _compile(fields: Fields, key: str) -> cel.Program | None:
    text = fields.get(key)
    if text is None:
        return None
    if isinstance(text, bool):
        text = str(text).lower()
    if not isinstance(text, str):
        fields.fault(f"`{key}` is {called(text)}; expected an expression", key)
        return None
    if not text.strip():
        fields.fault(f"`{key}` is empty; expected an expression", key)
        return None
    try:
        return cel.compile(renamed(text.strip(), PARAMS, params_name(fields.text("id"))))
    except ValueError as error:
        detail = str(error).partition("ERROR: ")[2].splitlines() or [str(error)]
        fields.fault(f"`{key}` is not a valid expression: {detail[0]}", key)
        return None


def params_name(id_: str) -> str:
    """The variable that holds a rule's params, so that rules can share one context."""
    return f"{PARAMS}_{id_.replace('-', '_')}"


def _check_uses(
    fields: Fields, key: str, roots: frozenset[str], reads: tuple[Read, ...], params: Mapping[str, Any]
) -> frozenset[Path]:
    found = uses(fields.text(key), roots | _VALUES | {ASSET})
    for name in found.unknown:
        known = sorted(roots | _VALUES | {ASSET})
        fields.fault(f"`{key}` uses `{name}`, which is not defined; known are {', '.join(known)}", key)
    for path in sorted(found.paths):
        if path[0] == "params":
            if len(path) < 2 or path[1] not in params:
                fields.fault(f"`{key}` uses `{'.'.join(path)}`, which `params` does not define", key)
        elif path[0] != "now" and not _declared(path, reads, roots):
            fields.fault(f"`{key}` uses `{show(path[0], path[1:])}`, which is not declared in `reads`", key)
    return found.paths


def _declared(path: Path, reads: tuple[Read, ...], roots: frozenset[str]) -> bool:
    alias = path[0] in roots and path[0] != FACTS
    if alias and len(path) <= 2 and path[1:] in ((), (ELEMENT,)):
        return True
    return any(_covers(read, path) for read in reads)


def _covers(read: Read, path: Path) -> bool:
    """Exactly this path, an element of a declared list or map, or a list whose elements are declared."""
    if read.root != path[0]:
        return False
    steps = path[1:]
    if read.steps == steps or (read.default is not Default.NULL and (*read.steps, ELEMENT) == steps):
        return True
    return read.steps[: len(steps) + 1] == (*steps, ELEMENT)
