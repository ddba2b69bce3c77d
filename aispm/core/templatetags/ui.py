"""Template components, available in every template without a load."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django import template
from django.http import HttpRequest
from django.template import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.formats import localize
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime, now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aispm.core.filtering import Chip, chips_of, unknown_in

# icons: arrow-up arrow-down
register = template.Library()


@register.simple_tag(name="icon")
@lru_cache(maxsize=1024)
def drawing(name: str, label: str = "") -> SafeString:
    """A drawing from the sprite; silent to screen readers unless it has a label."""
    said = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon" {}><use href="{}#{}"></use></svg>', said, static("vendor/icons/sprite.svg"), name
    )


@register.simple_block_tag
def card(content: str, title: str = "", hint: str = "", id: str = "", **more: str) -> SafeString:
    """A panel. `more`: class, link and link_text (at the right of the head), level (h2 unless told)."""
    words = {"content": content, "title": title, "hint": hint, "id": id, "level": "h2"}
    return SafeString(render_to_string("ui/_card.html", words | more | {"css": more.get("class", "")}))


@register.simple_block_tag
def empty(content: str, icon: str, title: str, kind: str = "") -> SafeString:
    """One of the five empty states; the content says what to do."""
    return SafeString(
        render_to_string("ui/_empty.html", {"content": content, "icon": icon, "title": title, "kind": kind})
    )


@register.simple_block_tag
def note(content: str, kind: str = "", icon: str = "info-circle") -> SafeString:
    """A boxed remark; kind: warning, danger or unknown."""
    return SafeString(render_to_string("ui/_note.html", {"content": content, "kind": kind, "icon": icon}))


@register.simple_tag
def badge(label: Any, tone: str = "none", icon: str = "") -> SafeString:
    """A word with a tone (critical … ok, unknown, accent, none) and an optional shape."""
    shape = drawing(icon) if icon else ""
    return format_html('<span class="badge sev-{}{}">{}{}</span>', tone, "" if icon else " plain", shape, str(label))


@register.simple_tag
def ago(at: datetime | None, never: str = "") -> SafeString:
    """How long ago, with the exact time on hover and for machines."""
    if at is None:
        return format_html('<span class="faint">{}</span>', never or _("never"))
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        at.isoformat(timespec="seconds"),
        f"{localtime(at):%Y-%m-%d %H:%M %Z}",
        in_words(at, now()),
    )


@register.simple_tag
def moment(at: datetime | None, never: str = "") -> SafeString:
    """The exact time, to the second."""
    if at is None:
        return format_html('<span class="faint">{}</span>', never or _("not yet"))
    shown = f"{localtime(at):%Y-%m-%d %H:%M:%S %Z}"
    return format_html('<time datetime="{}">{}</time>', at.isoformat(timespec="seconds"), shown)


@register.simple_tag
def lasted(start: datetime | None, end: datetime | None) -> str:
    """How long something took, or has taken so far."""
    if start is None:
        return _("not yet")
    seconds = max(0, round(((end or now()) - start).total_seconds()))
    hours, minutes = seconds // 3_600, seconds % 3_600 // 60
    if hours:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    if minutes:
        return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": seconds % 60}
    return _("%d s") % seconds


def in_words(at: datetime, reference: datetime) -> str:
    """A distance in time in its largest unit: `5 minutes ago`, `in 3 days`."""
    seconds = (reference - at).total_seconds()
    size = abs(seconds)
    if size < 45:
        return _("just now")
    if size < 3_600:
        text = _minutes(max(1, round(size / 60)))
    elif size < 86_400:
        text = _hours(round(size / 3_600))
    else:
        text = _days(round(size / 86_400))
    return _("%s ago") % text if seconds > 0 else _("in %s") % text


def _minutes(count: int) -> str:
    return ngettext("%d minute", "%d minutes", count) % count


def _hours(count: int) -> str:
    return ngettext("%d hour", "%d hours", count) % count


def _days(count: int) -> str:
    return ngettext("%d day", "%d days", count) % count


@register.simple_tag(takes_context=True)
def sort_head(context: Context, label: str, ascending: str = "", descending: str = "", **more: Any) -> SafeString:
    """A table head that sorts by the named sorts (give one or both); `more`: class."""
    request: HttpRequest = context["request"]
    current = context["page"].sort
    offered = [name for name in (descending, ascending) if name in context["sorts"]]
    if not offered:
        return format_html('<th scope="col" class="{}">{}</th>', more.get("class", ""), label)
    wanted = next((name for name in offered if name != current), offered[0])
    query = request.GET.copy()
    for name in ("cursor", "open"):
        query.pop(name, None)
    query["sort"] = wanted
    direction = "ascending" if current == ascending else "descending"
    state = format_html(' aria-sort="{}"', direction) if current in offered else ""
    arrow = drawing("arrow-up" if current == ascending else "arrow-down") if current in offered else ""
    address = f"?{query.urlencode()}"
    return format_html(
        '<th scope="col" class="{}"{}><a href="{}" hx-get="{}" hx-target="#results" hx-push-url="true">{}{}</a></th>',
        more.get("class", ""),
        state,
        address,
        address,
        label,
        arrow,
    )


@register.inclusion_tag("ui/_chips.html", takes_context=True)
def chips(context: Context) -> dict[str, Any]:
    """How many rows match `facets`, the filters in force, each a link that removes it, and those that do not exist."""
    request: HttpRequest = context["request"]
    known = {entry.name for entry in context["facets"]}.union(context.get("known") or ())
    active = chips_of(context["facets"], request.GET)
    words = request.GET.get("q", "")
    if words:
        query = request.GET.copy()
        for name in ("q", "cursor", "open"):
            query.pop(name, None)
        active = [Chip(_("Search"), words, query.urlencode()), *active]
    shown = {"chips": active, "clear": request.path, "unknown": unknown_in(request.GET, known)}
    return shown | {"page": context.get("page"), "noun": context.get("noun", "")}


@register.inclusion_tag("ui/_filters.html", takes_context=True)
def filter_bar(context: Context, placeholder: str = "") -> dict[str, Any]:
    """Search and `facets` of a list, a plain GET form that htmx speeds up."""
    request: HttpRequest = context["request"]
    kept = [("sort", request.GET["sort"])] if "sort" in request.GET else []
    facets = context["facets"]
    kept += [(entry.name, value) for entry in facets if entry.hidden for value in entry.chosen]
    offered = [entry for entry in facets if not entry.hidden]
    words = request.GET.get("q", "")
    return {"facets": offered, "kept": kept, "path": request.path, "words": words, "placeholder": placeholder}


@register.inclusion_tag("ui/_pager.html", takes_context=True)
def pager(context: Context) -> dict[str, Any]:
    """Links to the previous and next page of `page`."""
    query = context["request"].GET.copy()
    for name in ("cursor", "open"):
        query.pop(name, None)
    return {"page": context["page"], "query": query.urlencode()}


@register.simple_tag(takes_context=True)
def nav_item(context: Context, name: str, label: str, icon: str, **more: str) -> SafeString:
    """An entry of the navigation, marked when it leads to the section that is open. `more`: key, also (a page of the
    section with an address of its own)."""
    request: HttpRequest = context["request"]
    address = reverse(name)
    key, places = more.get("key", ""), [address, *([reverse(more["also"])] if "also" in more else [])]
    here = request.path == address if address == "/" else request.path.startswith(tuple(places))
    return format_html(
        '<li><a href="{}"{}{}>{}<span>{}</span></a></li>',
        address,
        mark_safe(' aria-current="page"') if here else "",
        format_html(' data-key="{}"', key) if key else "",
        drawing(icon),
        label,
    )


@register.simple_tag
def share_bar(parts: Sequence[tuple[float, str]], label: str) -> SafeString:
    """A thin bar of parts (size, class); the label says the same in words."""
    total = sum(size for size, _tone in parts) or 1
    offset, drawn = 0.0, []
    for size, tone in parts:
        width = 100 * size / total
        if width:
            drawn.append((tone, f"{offset:.2f}", f"{width:.2f}"))
        offset += width
    return format_html(
        '<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect class="back" width="100" height="6"></rect>{}</svg>',
        label,
        format_html_join("", '<rect class="{}" x="{}" width="{}" height="6"></rect>', drawn),
    )


@register.simple_tag
def score_bar(value: int | None, label: str, tone: str = "fill") -> SafeString:
    """A bar from 0 to 100."""
    return share_bar([(value or 0, tone), (100 - (value or 0), "back")], label)


@register.simple_tag
def sparkline(values: Sequence[int | None], label: str) -> SafeString:
    """A small line of scores from 0 to 100; the label says what it shows."""
    known = [(index, value) for index, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return SafeString("")
    low, high = min(v for _i, v in known), max(v for _i, v in known)
    span = max(high - low, 10)
    last = max(len(values) - 1, 1)
    points = " ".join(f"{100 * i / last:.1f},{27 - 24 * (v - low) / span:.1f}" for i, v in known)
    area = f"{100 * known[0][0] / last:.1f},30 {points} {100 * known[-1][0] / last:.1f},30"
    return format_html(
        '<svg class="spark" viewBox="0 0 100 30" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<polygon points="{}"></polygon><polyline points="{}"></polyline></svg>',
        label,
        area,
        points,
    )


@register.inclusion_tag("ui/_chart.html")
def chart(data: Mapping[str, Any], title: str, kind: str, summary: str = "", **more: str) -> dict[str, Any]:
    """A chart of `data` ({columns, rows, …}), with its text and its table; `more`: id and class."""
    return {
        "id": more.get("id", f"chart-{kind}"),
        "css": more.get("class", ""),
        "kind": kind,
        "title": title,
        "summary": summary,
        "columns": data.get("columns", []),
        "rows": format_html_join("", "<tr>{}</tr>", ((_cells(row),) for row in data.get("rows", []))),
        "json": json.dumps(data, default=str, separators=(",", ":")),
    }


def _cells(row: Sequence[Any]) -> SafeString:
    """Cells of a chart's table, made here: a template takes ten times as long for some hundred of them."""
    absent = _("n/a")
    shown = ((absent if cell is None else localize(cell),) for cell in row)
    return format_html_join("", '<td class="num">{}</td>', shown)


@register.inclusion_tag("ui/_code.html")
def code_block(text: str, label: str, id: str) -> dict[str, str]:
    """Text to copy, with a button that copies it."""
    return {"text": text, "label": label, "id": id}


@register.inclusion_tag("ui/_tree.html")
def tree(value: Any, depth: int = 0) -> dict[str, Any]:
    """A document as nested disclosure lists."""
    if isinstance(value, Mapping):
        items = [(str(key), value[key]) for key in sorted(value, key=str)]
    else:
        items = [(str(index), item) for index, item in enumerate(value)]
    return {"items": items, "depth": depth + 1, "open": depth < 1}


@register.filter
def with_code(text: str) -> SafeString:
    """Text whose `quoted` parts are shown as code."""
    parts = str(text).split("`")
    if len(parts) % 2 == 0:  # an odd number of marks: they mean something else
        return format_html("{}", text)
    return format_html_join("", "{}", ((_code(part) if index % 2 else part,) for index, part in enumerate(parts)))


def _code(text: str) -> SafeString:
    return format_html("<code>{}</code>", text)


@register.filter
def is_branch(value: Any) -> bool:
    """Whether a value of a document has parts of its own."""
    return isinstance(value, Mapping | list) and bool(value)


@register.filter
def as_json(value: Any) -> str:
    """A value the way the provider writes it."""
    return json.dumps(value, ensure_ascii=False, default=str)


@register.filter
def pretty_json(value: Any) -> str:
    """A document over several lines."""
    return json.dumps(value, ensure_ascii=False, default=str, indent=2, sort_keys=True)


@register.simple_tag
def link_to(name: str, *arguments: Any, **query: Any) -> str:
    """The address of a page with a query string, for links to filtered lists."""
    given = {key: value for key, value in query.items() if value not in (None, "")}
    return reverse(name, args=arguments) + (f"?{urlencode(given, doseq=True)}" if given else "")
