"""Shapes what the queries of posture give into what its pages show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from aispm.accounts.models import User
from aispm.core.filtering import Facet, facet
from aispm.core.templatetags.ui import link_to
from findings.posture.filters import DUE_CHOICES, STATUS_CHOICES
from findings.posture.models import Finding, Rule, Severity
from findings.posture.queries import Trend, path_root
from findings.posture.rule import frameworks
from findings.posture.scoring import five_steps
from findings.posture.ui.fixes import filled, left_open
from findings.posture.ui.words import COMMANDS, EFFORTS
from inventory import queries as inventory
from inventory.filters import YES_NO
from inventory.kinds import expand
from inventory.models import Asset, Environment, Exposure, Source
from inventory.queries import Reference, References
from inventory.ui.words import link_words

TREND_NEEDS = 2  # days: one point draws no line
SEVERITIES = [(value.name.lower(), value.label) for value in sorted(Severity, reverse=True)]


@dataclass(frozen=True, slots=True)
class Words:
    """What a rule's file says, ready to show."""

    why: str
    confirm: str
    likelihood: str
    impact: str
    summary: str
    decision: str
    effort: str
    commands: Sequence[tuple[str, str, str]]
    left_open: Sequence[str]
    maps: Sequence[tuple[str, Sequence[str]]]
    document: Mapping[str, Any]


def words_of(rule: Rule, asset: Asset | None = None, *, patched: bool = False) -> Words:
    """The words of a rule, whatever its file leaves out; commands name the asset where there is one.

    `patched`: a patch for the very object takes the place of the YAML that shows how it is done in general.
    """
    document = rule.document
    fix = document.get("fix") or {}
    rationale = document.get("rationale") or {}
    commands = [(key, str(label), str(fix[key]).strip()) for key, label in COMMANDS.items() if fix.get(key)]
    if patched:
        commands = [command for command in commands if command[0] != "yaml"]
    if asset is not None:
        commands = [(key, label, filled(text, asset)) for key, label, text in commands]
    return Words(
        why=str(document.get("why", "")),
        confirm=str(document.get("confirm", "")),
        likelihood=str(rationale.get("likelihood", "")),
        impact=str(rationale.get("impact", "")),
        summary=str(fix.get("summary", "")),
        decision=str(fix.get("decision", "")),
        effort=str(EFFORTS.get(fix.get("effort", ""), "")),
        commands=commands,
        left_open=left_open(text for _key, _label, text in commands),
        maps=[
            (name, [str(control) for control in controls]) for name, controls in (document.get("maps") or {}).items()
        ],
        document=document,
    )


def evidence_beside_path(finding: Finding) -> list[tuple[str, Any]]:
    """The values read, but those that are drawn as a path."""
    root = path_root(finding.evidence)
    return [(name, value) for name, value in finding.evidence.items() if not root or not name.startswith(root)]


@dataclass(frozen=True, slots=True)
class Looked:
    """Assets beside its own that a rule looked at: their name in the rule, the link that leads there, and which."""

    alias: str
    words: str
    references: Sequence[Reference]


def looked_at(user: User, finding: Finding) -> list[Looked]:
    """The linked assets that the rule of a finding reads, as they are linked now."""
    wanted = finding.rule.document.get("with") or {}
    if not wanted:
        return []
    links = inventory.links_of(user, finding.asset)
    return [_looked(str(alias), str(text), links) for alias, text in wanted.items()]


def _looked(alias: str, text: str, links: References) -> Looked:
    type_, _space, kind = text.partition(" ")
    incoming, name = type_.startswith("<"), type_.strip("<[]")
    kinds = expand(kind.strip()) if kind.strip() else ()
    shown = [
        reference
        for reference in (links.incoming if incoming else links.outgoing)
        if reference.type == name and (not kinds or (reference.other and reference.other.kind in kinds))
    ]
    return Looked(alias, link_words(name, outgoing=not incoming), shown)


def finding_facets(query: QueryDict, sources: Iterable[Source]) -> list[Facet]:
    """The facets of the finding list."""
    return [
        facet(query, "status", _("Status"), [("", _("Open")), *STATUS_CHOICES[1:]], single=True),
        facet(query, "severity", _("Severity"), SEVERITIES),
        facet(query, "step", _("Step"), [(step.slug, step.title) for step in five_steps().steps]),
        facet(query, "source", _("Source"), [(source.pk, source.name) for source in sources]),
        facet(query, "exposure", _("Exposure"), Exposure.choices),
        facet(query, "environment", _("Environment"), Environment.choices),
        facet(query, "due", _("Due"), [("", _("Any due date")), *DUE_CHOICES], single=True),
        *(facet(query, name, label, hidden=True) for name, label in HIDDEN),
    ]


HIDDEN = (
    ("rule", _("Rule")),
    ("asset", _("Asset")),
    ("kind", _("Kind")),
    ("role", _("AI role")),
    ("owner", _("Owner")),
    ("control", _("Control")),
    ("fix", _("Fix")),
    ("stale", _("Stale")),
    ("opened_since", _("Opened since")),
)


def rule_facets(query: QueryDict) -> list[Facet]:
    """The facets of the catalogue."""
    families = Rule.objects.filter(withdrawn_at=None).order_by("family").values_list("family", flat=True).distinct()
    return [
        facet(query, "step", _("Step"), [(step.slug, step.title) for step in five_steps().steps]),
        facet(query, "severity", _("Severity"), SEVERITIES),
        facet(query, "family", _("Family"), [(family, family) for family in families]),
        facet(query, "framework", _("Framework"), [(key, known.title) for key, known in frameworks().items()]),
        facet(query, "failing", _("Failing"), YES_NO, hidden=True),
        facet(query, "control", _("Control"), hidden=True),
        facet(query, "kind", _("Kind"), hidden=True),
    ]


def asked(rule: Any) -> bool:
    """Whether the rule has an answer for some asset."""
    return bool(rule.passed or rule.failed or rule.unknown or rule.not_applicable)


def failing_first(rule: Any) -> tuple[Any, ...]:
    """Sorts rules: those that fail somewhere first, the gravest on top."""
    return (not rule.failed, -rule.severity, -rule.failed, rule.pk)


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart's data, its title (which says the finding) and a sentence."""

    data: Mapping[str, Any]
    title: str
    summary: str

    @property
    def drawn(self) -> bool:
        """Whether there are days enough for a line."""
        return len(self.data["rows"]) >= TREND_NEEDS


def score_chart(trend: Trend, name: str) -> Chart:
    """The scores of one step (or overall) by day, from the first known day on."""
    scores, coverage = trend.scores[name], trend.coverage[name]
    start = next((index for index, value in enumerate(scores) if value is not None), len(scores))
    rows = [[f"{day:%d %b}", scores[i], coverage[i]] for i, day in enumerate(trend.days) if i >= start]
    known = [value for value in scores if value is not None]
    columns = [_("Day"), _("Score"), _("Coverage %")]
    data = {"columns": [str(column) for column in columns], "rows": rows, "min": 0, "max": 100}
    if not known:
        return Chart(data, str(_("No score yet")), str(_("The first evaluation starts the trend.")))
    if len(known) == 1:
        return Chart(data, _("The trend starts at %d") % known[0], str(_("From the second day on it is drawn here.")))
    moved = known[-1] - known[0]
    words = _("The score rose by %d") if moved > 0 else _("The score fell by %d") if moved < 0 else _("The score held")
    title = words % abs(moved) if moved else str(words)
    summary = _("From %(first)d to %(last)d in %(days)d days.") % {
        "first": known[0],
        "last": known[-1],
        "days": len(known),
    }
    return Chart(data, title, summary)


def severity_chart(trend: Trend) -> Chart:
    """Open findings by severity, by day."""
    levels = ("low", "medium", "high", "critical")
    start = next((i for i, value in enumerate(trend.open["critical"]) if value is not None), len(trend.days))
    counts = [[trend.open[level][i] or 0 for level in levels] for i in range(start, len(trend.days))]
    rows = [[f"{day:%d %b}", *found] for day, found in zip(trend.days[start:], counts, strict=True)]
    columns = [str(_("Day")), *(str(dict(SEVERITIES)[level]) for level in levels)]
    links = {str(words): link_to("posture:findings", severity=level) for level, words in SEVERITIES}
    data = {"columns": columns, "rows": rows, "links": links}
    if not rows:
        return Chart(data, str(_("No findings counted yet")), "")
    if len(rows) == 1:
        return Chart(data, _("%d findings are open") % sum(counts[0]), _("%d of them are critical.") % counts[0][3])
    first, last = sum(counts[0]), sum(counts[-1])
    moved = last - first
    title = _("%(now)d findings are open, %(moved)+d since %(day)s") % {"now": last, "moved": moved, "day": rows[0][0]}
    return Chart(data, title, _("%d of them are critical.") % counts[-1][3])
