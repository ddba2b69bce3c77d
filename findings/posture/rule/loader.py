"""Rule files into rules. Every mistake of every file is reported, with its line."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

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
    files = [file for place in places or (BUILT_IN,) for file in _files(place)]
    stamps = [file.stat() for file in files]
    key = (
        id(words),
        *((str(file), stamp.st_mtime_ns, stamp.st_size) for file, stamp in zip(files, stamps, strict=True)),
    )
    if key not in _loaded:
        if len(_loaded) > 7:
            _loaded.clear()
        _loaded[key] = _load(files, words)
    return _loaded[key]


def _files(place: Path) -> list[Path]:
    return sorted(place.rglob("*.yaml")) if place.is_dir() else [place] if place.is_file() else []


def parse_rule(text: str, *, name: str, family: str = "custom", vocabulary: Vocabulary | None = None) -> Rule:
    """One rule from text, for instance from a form; `name` is its file name. Raises RuleErrors."""
    faults: list[Fault] = []
    rule = _parse(text, f"{family}/{name}", vocabulary or product_vocabulary(), faults)
    if rule is None or faults:
        raise RuleErrors(faults)
    return rule


def _load(files: Sequence[Path], words: Vocabulary) -> RuleSet:
    faults: list[Fault] = []
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


def rule_set(rules: Sequence[Rule]) -> RuleSet:
    """Rules in order of their ids, indexed."""
    ordered = tuple(sorted(rules, key=lambda rule: rule.id))
    by_kind: dict[str, list[Rule]] = defaultdict(list)
    for rule in ordered:
        for kind in rule.kinds:
            by_kind[kind].append(rule)
    return RuleSet(
        rules=ordered,
        digest=_digest(ordered),
        by_id={rule.id: rule for rule in ordered},
        by_kind={kind: tuple(asked) for kind, asked in by_kind.items()},
        digest_by_kind={kind: _digest(asked) for kind, asked in by_kind.items()},
    )


def _digest(rules: Sequence[Rule]) -> str:
    return blake2b(json.dumps([(r.id, r.digest) for r in rules]).encode(), digest_size=16).hexdigest()
