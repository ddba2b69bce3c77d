"""Rule files into rules. Every mistake of every file is reported, with its line."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

from findings.posture.rule import yaml_lines
from findings.posture.rule.checks import build
from findings.posture.rule.errors import Fault, RuleErrors
from findings.posture.rule.model import Rule, RuleSet
from findings.posture.rule.vocabulary import Vocabulary, product_vocabulary

BUILT_IN = Path(__file__).resolve().parents[2] / "rules"
MAX_BYTES = 64 * 1024


_loaded: dict[tuple[object, ...], RuleSet] = {}


def load_rules(*places: Path, vocabulary: Vocabulary | None = None) -> RuleSet:
    """The rules of these folders or files (default: the built-in ones), read again only when a file has changed.

    Raises RuleErrors with every mistake.
    """
    words = vocabulary or product_vocabulary()
    found = [rule_files(place) for place in places or (BUILT_IN,)]
    files = [file for held, _ in found for file in held]
    faults = [fault for _, unread in found for fault in unread]
    key = (id(words), *map(stamp, files))
    if faults or key not in _loaded:
        if len(_loaded) > 7:
            _loaded.clear()
        _loaded[key] = _load(files, words, faults)
    return _loaded[key]


def rule_files(place: Path) -> tuple[list[Path], list[Fault]]:
    """The rule files of a folder and what is below it, or the one file; and the folders that cannot be read.

    Names that start with a dot are passed by: a mounted ConfigMap keeps its files once more behind them.
    """
    files: list[Path] = []
    faults: list[Fault] = []
    seen: set[str] = set()

    def unread(error: OSError) -> None:
        faults.append(Fault(Path(str(error.filename)).name, 1, f"the folder cannot be read: {error.strerror}"))

    if place.is_file():
        return [place], []
    for folder, folders, names in os.walk(place, onerror=unread, followlinks=True):
        real = os.path.realpath(folder)
        folders[:] = [] if real in seen else [name for name in folders if not name.startswith(".")]
        if real not in seen:
            files += [Path(folder, name) for name in names if name.endswith(".yaml") and not name.startswith(".")]
        seen.add(real)
    return sorted(files), faults


def stamp(file: Path) -> tuple[str, int, int, int]:
    """What changes with a file, be it only that it can be read now."""
    try:
        found = file.stat()
    except OSError:
        return str(file), 0, 0, -1
    return str(file), found.st_mtime_ns, found.st_ctime_ns, found.st_size


def parse_rule(text: str, *, name: str, family: str = "custom", vocabulary: Vocabulary | None = None) -> Rule:
    """One rule from text, for instance from a form; `name` is its file name. Raises RuleErrors."""
    faults: list[Fault] = []
    rule = _parse(text, f"{family}/{name}", vocabulary or product_vocabulary(), faults)
    if rule is None or faults:
        raise RuleErrors(faults)
    return rule


def rule_of(document: Mapping[str, Any], *, name: str, family: str) -> Rule:
    """One rule from its document, as `Rule.document` holds it. Raises RuleErrors."""
    faults: list[Fault] = []
    rule = build(yaml_lines.Lined(document), f"{family}/{name}", product_vocabulary(), faults)
    if rule is None:
        raise RuleErrors(faults)
    return rule


def _load(files: Sequence[Path], words: Vocabulary, faults: list[Fault]) -> RuleSet:
    rules: dict[str, Rule] = {}
    for file in files:
        shown = f"{file.parent.name}/{file.name}"
        text = _text(file, shown, faults)
        rule = _parse(text, shown, words, faults) if text is not None else None
        if rule is None:
            continue
        if rule.id in rules:
            faults.append(Fault(shown, 1, f"the id `{rule.id}` is already taken by {rules[rule.id].file}"))
        rules[rule.id] = rule
    if faults:
        raise RuleErrors(faults)
    return rule_set(list(rules.values()))


def _text(file: Path, shown: str, faults: list[Fault]) -> str | None:
    try:
        content = file.read_bytes()
        if len(content) > MAX_BYTES:
            raise ValueError(f"the file is larger than {MAX_BYTES // 1024} KiB")
        return content.decode("utf-8")
    except (OSError, ValueError) as error:
        faults.append(Fault(shown, 1, f"cannot be read: {error}"))
        return None


def _parse(text: str, shown: str, words: Vocabulary, faults: list[Fault]) -> Rule | None:
    try:
        lined = yaml_lines.read(text)
    except yaml_lines.Malformed as error:
        faults.append(Fault(shown, error.line, str(error)))
        return None
    return build(lined, shown, words, faults)


def rule_set(rules: Sequence[Rule], *, held: Mapping[str, Sequence[str]] | None = None) -> RuleSet:
    """Rules in order of their ids, indexed. `held`: id → kinds of those that cannot be asked (see RuleSet)."""
    ordered = tuple(sorted(rules, key=lambda rule: rule.id))
    held = held or {}
    by_kind: dict[str, list[Rule]] = defaultdict(list)
    for kinds in held.values():
        for kind in kinds:
            by_kind[kind] = []
    for rule in ordered:
        for kind in rule.kinds:
            by_kind[kind].append(rule)
    return RuleSet(
        rules=ordered,
        digest=_digest(ordered),
        by_id={rule.id: rule for rule in ordered},
        by_kind={kind: tuple(asked) for kind, asked in by_kind.items()},
        digest_by_kind={kind: _digest(asked) for kind, asked in by_kind.items()},
        held=frozenset(held),
    )


def _digest(rules: Sequence[Rule]) -> str:
    return blake2b(json.dumps([(r.id, r.digest) for r in rules]).encode(), digest_size=16).hexdigest()
