"""Words and shapes of the inventory in templates."""

# icons: world building-community help-circle circle-check circle-half-2 ban circle-minus
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from aispm.core.templatetags.ui import as_json, badge, drawing, share_bar
from inventory.documents import ScopeState
from inventory.kinds import kind_of
from inventory.models import Exposure
from inventory.patches import ABSENT
from inventory.queries import SourceCoverage
from inventory.ui.words import CRITICALITY, PROBLEMS, STATES, role_words

register = template.Library()
ACRONYMS = frozenset({"ai", "api", "crd", "gpu", "mcp"})
EXPOSURE = {
    "internet": ("high", "world"),
    "internal": ("none", "building-community"),
    "unknown": ("unknown", "help-circle"),
}

BARS = {"complete": "ok", "incomplete": "high", "denied": "crit", "never": "unk"}
LONGEST = 160

register.filter("role_words", role_words)


@register.filter
def kind_title(kind: str) -> str:
    return kind_of(kind).title


@register.filter
def kind_plural(kind: str) -> str:
    return kind_of(kind).plural


@register.filter
def problem_words(problem: str) -> str:
    return str(PROBLEMS.get(problem, problem))


@register.filter
def criticality_words(criticality: int) -> str:
    return str(CRITICALITY.get(criticality, criticality))


@register.filter
def signal_words(signal: str) -> str:
    """The name of a clue, readable."""
    words = signal.replace("-", " ").replace("_", " ").capitalize().split()
    return " ".join(word.upper() if word.lower() in ACRONYMS else word for word in words)


@register.simple_tag
def kind_icon(kind: str) -> SafeString:
    """The drawing of a kind on its tile."""
    return format_html('<span class="icon-tile">{}</span>', drawing(kind_of(kind).icon))


@register.simple_tag
def exposure(value: str) -> SafeString:
    """Where an asset can be reached from; a dash for what nobody reaches over a network."""
    if value == Exposure.NONE:
        return format_html('<span class="faint" title="{}">-</span>', _("Nobody reaches this over a network"))
    tone, shape = EXPOSURE.get(value, EXPOSURE["unknown"])
    words = {"internet": _("Internet"), "internal": _("Internal")}.get(value, _("Not known"))
    return badge(words, tone, shape)


@register.simple_tag
def scope_state(state: str) -> SafeString:
    """Whether a scope was read to its end."""
    words, tone, shape = STATES.get(state, (state, "unknown", "help-circle"))
    return badge(words, tone, shape)


@register.simple_tag
def scopes_words(states: Mapping[str, int]) -> str:
    """Scopes read to their end, of those that apply; kinds and regions that do not exist there are no gap."""
    absent = states.get(ScopeState.NOT_OFFERED, 0)
    apply = sum(states.values()) - absent - states.get(ScopeState.NOT_CHOSEN, 0)
    words = _("%(done)d of %(apply)d scopes that apply read to the end") % {
        "done": states.get(ScopeState.COMPLETE, 0),
        "apply": apply,
    }
    return _("%(words)s, %(absent)d not offered here") % {"words": words, "absent": absent} if absent else words


@register.filter
def exposure_words(value: str) -> str:
    return str(dict(Exposure.choices).get(value, value))


@register.filter
def dotted(path: Sequence[str | int]) -> str:
    """A path into a document, as it is written in rules."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".") or _("(all)")


@register.filter
def changed_value(value: Any) -> str:
    """One side of a change."""
    if value is ABSENT:
        return _("(not there)")
    text = as_json(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


@register.filter
def missing_permissions(line: SourceCoverage) -> list[str]:
    """Each missing permission of a source once."""
    return sorted({scope.permission for scope in line.problems if scope.permission})


@register.simple_tag
def coverage_bar(line: SourceCoverage) -> SafeString:
    """The scopes of one source by state."""
    parts = [(line.states[state], tone) for state, tone in BARS.items()]
    words = ", ".join(f"{line.states[state]} {STATES[state][0]}" for state in BARS if line.states[state])
    return share_bar(parts, words or _("Nothing was asked yet"))
