"""Words and shapes of posture in templates: severity is word + shape + colour, everywhere."""

# icons: square-rotated-filled triangle-filled square-filled point-filled circle-x circle-check help-circle circle-minus
# icons: eye shield-half database server bell circle-dot check clock-pause ban
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import gettext as _

from aispm.core.templatetags.ui import ago, badge, drawing, share_bar
from findings.posture.models import Finding, Severity, Status
from findings.posture.queries import FrameworkStanding
from findings.posture.rule import SEVERITIES, frameworks
from findings.posture.scoring import five_steps
from findings.posture.ui.words import EFFORTS, STANDINGS
from inventory.facts.registry import fact_title

register = template.Library()
SEVERITY = {
    4: ("critical", "square-rotated-filled"),
    3: ("high", "triangle-filled"),
    2: ("medium", "square-filled"),
    1: ("low", "point-filled"),
}
VERDICT = {
    "fail": ("critical", "circle-x"),
    "unknown": ("unknown", "help-circle"),
    "pass": ("ok", "circle-check"),
    "not-applicable": ("none", "circle-minus"),
    "not-asked": ("none", "circle-dot"),
    "not-automatable": ("none", "ban"),
}
STATUS = {
    Status.OPEN: ("accent", "circle-dot"),
    Status.ACCEPTED: ("none", "clock-pause"),
    Status.RESOLVED: ("ok", "check"),
}
STEP_ICONS = {
    "visibility": "eye",
    "vulnerabilities": "shield-half",
    "data": "database",
    "runtime": "server",
    "response": "bell",
}
BAR = {"critical": "crit", "high": "high", "medium": "med", "low": "low"}


@register.simple_tag
def severity(value: int) -> SafeString:
    """How bad it is."""
    tone, shape = SEVERITY[value]
    return badge(Severity(value).label, tone, shape)


@register.simple_tag
def verdict(outcome: str) -> SafeString:
    """One of the four answers of a rule, or why a control has none."""
    return badge(STANDINGS[outcome], *VERDICT[outcome])


@register.simple_tag
def finding_status(finding: Finding) -> SafeString:
    """Where a finding stands, and whether that can still be checked."""
    known = Status(finding.status)
    shown = badge(known.label, *STATUS[known])
    if not finding.stale:
        return shown
    return format_html("{} {}", shown, badge(_("stale"), "unknown", "help-circle"))


@register.inclusion_tag("posture/_evidence_line.html")
def evidence_line(path: str, value: Any) -> dict[str, Any]:
    """A value that a rule read; a derived fact in words as well."""
    name = path.partition("facts.")[2].partition(".")[0].removesuffix("[]")
    return {"path": path, "words": fact_title(name) if name else "", "value": value}


@register.filter
def step_title(slug: str) -> str:
    return five_steps().step(slug).title if slug in STEP_ICONS else slug


@register.filter
def step_short(slug: str) -> str:
    """One word, where there is no room for the title."""
    return slug.capitalize()


@register.filter
def step_question(slug: str) -> str:
    return five_steps().step(slug).question if slug in STEP_ICONS else ""


@register.simple_tag
def step_icon(slug: str) -> SafeString:
    return drawing(STEP_ICONS.get(slug, "circle-dot"))


@register.simple_tag
def due(at: datetime | None, status: str = "open") -> SafeString:
    """When something is due; late is said in words."""
    if at is None:
        return format_html('<span class="faint">{}</span>', _("no date"))
    if status == Status.OPEN and at < now():
        return badge(_("overdue"), "high", "triangle-filled") + format_html(' <span class="small">{}</span>', ago(at))
    return ago(at)


@register.simple_tag
def open_bar(counts: Mapping[str, int]) -> SafeString:
    """Open findings by severity, as a bar."""
    words = ", ".join(f"{counts[name]} {name}" for name in BAR if counts.get(name))
    return share_bar([(counts.get(name, 0), tone) for name, tone in BAR.items()], words or _("No open findings"))


@register.simple_tag
def severity_counts(counts: Mapping[int, int]) -> SafeString:
    """Open findings of one row: a badge a severity, the worst first."""
    shown = [
        (SEVERITY[value][0], drawing(SEVERITY[value][1]), counts[value], Severity(value).label)
        for value in SEVERITY
        if counts.get(value)
    ]
    return format_html_join(
        " ", '<span class="badge sev-{}">{}{}<span class="visually-hidden"> {}</span></span>', shown
    )


@register.filter
def framework_title(framework: str) -> str:
    known = frameworks().get(framework)
    return known.title if known else framework


@register.simple_tag
def framework_link(framework: str) -> SafeString:
    """Its title, as a link to its page where it has one."""
    if framework not in frameworks():
        return format_html("{}", framework)
    address = reverse("posture:framework", args=[framework])
    return format_html('<a href="{}">{}</a>', address, framework_title(framework))


@register.simple_tag
def control_title(framework: str, control: str) -> str:
    known = frameworks().get(framework)
    found = known.controls.get(control) if known else None
    return found.title if found else ""


@register.filter
def points(hundredths: int | None) -> str:
    """Hundredths of a point as signed points: 150 → +1.50."""
    return "" if hundredths is None else f"{hundredths / 100:+.2f}"


@register.filter
def first_line(value: Any) -> str:
    return str(value).strip().partition("\n")[0]


@register.simple_tag
def severity_named(name: str) -> SafeString:
    """As `severity`, from its name."""
    return severity(SEVERITIES[name])


@register.simple_tag
def verdict_bar(rule: Any) -> SafeString:
    """A rule's answers as a bar; what does not apply is left out."""
    parts = [(rule.failed, "crit"), (rule.unknown, "unk"), (rule.passed, "ok")]
    words = _("%(failed)d fail, %(unknown)d unknown, %(passed)d pass") % {
        "failed": rule.failed,
        "unknown": rule.unknown,
        "passed": rule.passed,
    }
    return share_bar(parts, words)


@register.filter
def standing_counts(found: FrameworkStanding) -> list[tuple[str, str, int]]:
    """(verdict, its words, how many controls come out so), every verdict."""
    return [(name, str(STANDINGS[name]), count) for name, count in found.counts.items()]


@register.simple_tag
def standing_bar(found: FrameworkStanding) -> SafeString:
    """A framework's controls as a bar; those that do not apply or that nobody can ask are left out."""
    counts = found.counts
    tones = (("fail", "crit"), ("unknown", "unk"), ("pass", "ok"), ("not-asked", "back"))
    words = ", ".join(f"{counts[name]} {str(STANDINGS[name]).lower()}" for name, _tone in tones)
    return share_bar([(counts[name], tone) for name, tone in tones], words)


@register.filter
def effort_words(effort: str) -> str:
    return str(EFFORTS.get(effort, effort))
