"""What is wrong with an asset, or not known of it, in words: from its derived facts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.documents import Unknown
from inventory.facts import decode
from inventory.queries import Lost, Told
from inventory.ui.access import ANYBODY

WRITES = ("write", "write_data", "write_artifact")
NAMES = 3


@dataclass(frozen=True, slots=True)
class Mark:
    """`tone` as of badges; `more`: the reason or the names."""

    words: str
    tone: str
    icon: str
    more: str = ""


# Facts that tell of something wrong when they name anybody or anything.
NAMING: Mapping[str, tuple[str | Promise, str, str]] = {
    "outside_writers": (gettext_lazy("can be overwritten from outside"), "critical", "world"),
    "outside_stores": (gettext_lazy("store outside your organization"), "high", "cloud"),
    "may_write_artifact": (gettext_lazy("may be overwritten by others"), "high", "users"),
    "may_write_data": (gettext_lazy("data may be changed by others"), "high", "users"),
    "replaced_by": (gettext_lazy("artifact was replaced"), "high", "versions"),
    "missing_references": (gettext_lazy("names what does not exist"), "high", "unlink"),
}


def marks_of(told: Told) -> list[Mark]:
    """The marks of one asset, the worst first."""
    found = [*_named(told.facts), *_origin(told.facts), *_outside(told.facts)]
    if told.unread:
        found.append(Mark(_("partly unread"), "unknown", "help-circle"))
    order = ("critical", "high", "unknown", "none")
    return sorted(found, key=lambda mark: order.index(mark.tone))


def lost_mark(lost: Lost) -> Mark:
    if lost.missing:
        return Mark(_("does not exist"), "high", "unlink")
    if lost.elsewhere:
        return Mark(_("not read: another account"), "unknown", "help-circle")
    return Mark(_("not collected"), "unknown", "help-circle")


def _named(facts: Mapping[str, Any]) -> Iterator[Mark]:
    for name, (words, tone, icon) in NAMING.items():
        said = decode(facts.get(name))
        if isinstance(said, Unknown):
            yield Mark(_("not known: {}").format(words), "unknown", "help-circle", said.reason)
        elif said:
            yield Mark(str(words), tone, icon, _few(said))


def _origin(facts: Mapping[str, Any]) -> Iterator[Mark]:
    said = decode(facts.get("from_training_job"))
    if isinstance(said, Unknown):
        yield Mark(_("origin not known"), "unknown", "help-circle", said.reason)
    elif said is False:
        yield Mark(_("no known origin"), "high", "help-circle")


def _outside(facts: Mapping[str, Any]) -> Iterator[Mark]:
    """Of a store: who outside may write to it."""
    said = decode(facts.get("who_can"))
    answers: Mapping[str, Any] = said.get("answers", {}) if isinstance(said, dict) else {}
    named = {name for verb in WRITES for name in answers.get(verb, {}).get("outside", ())}
    if named and "outside_writers" not in facts:
        words = _("anybody can write to it") if ANYBODY in named else _("another account can write to it")
        yield Mark(words, "critical", "world", _few(sorted(named - {ANYBODY})))


def _few(names: list[str]) -> str:
    more = len(names) - NAMES
    return ", ".join(names[:NAMES]) + (_(" and {} more").format(more) if more > 0 else "")
