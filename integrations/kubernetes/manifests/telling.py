"""A report as text for people and as JSON for programs. What manifests say is text from outside: no control signs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from findings.posture.engine import patch_for
from integrations.kubernetes.manifests.checking import Answer, Report
from integrations.kubernetes.manifests.files import Trouble

SHOWN = 10


def as_text(report: Report) -> str:
    """Findings with the gravest first, then what is not known, what could not be read, and the sum."""
    lines = [line for answer in report.findings for line in _finding(answer)]
    lines += [*_unknown(report), *_troubles(report), _sum(report)]
    return "".join(f"{plain(line)}\n" for line in lines)


def as_document(report: Report) -> dict[str, Any]:
    """All of it, ready to be written as JSON."""
    return {
        "objects": report.objects,
        "passed": report.passed,
        "findings": [_about(one) | _told(one) for one in report.findings],
        "unknown": [_about(one) | {"reason": one.verdict.reason} for one in report.unknown],
        "errors": [{"file": one.file, "line": one.line, "message": one.message} for one in report.troubles],
        "not_kubernetes": list(report.passed_by),
        "not_judged": [{"kind": kind, "count": count} for kind, count in report.unasked],
    }


def plain(words: str) -> str:
    """One line without signs that a terminal would obey."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in words)


def _about(answer: Answer) -> dict[str, Any]:
    return {
        "rule": answer.rule.id,
        "title": answer.rule.title,
        "severity": answer.rule.severity_name,
        "step": answer.rule.step,
        "object": answer.object,
        "part": answer.discriminator,
        "file": answer.place.file,
        "line": answer.place.line,
    }


def _told(answer: Answer) -> dict[str, Any]:
    rule, patch = answer.rule, patch_for(answer.rule, answer.judged.subject, answer.discriminator)
    return {
        "why": rule.why,
        "fix": rule.fix.summary,
        "decision": rule.fix.decision,
        "patch": {"how": patch.how, "document": patch.document} if patch else None,
        "evidence": answer.verdict.evidence,
    }


def _finding(answer: Answer) -> Iterator[str]:
    part = f", {answer.discriminator}" if answer.discriminator else ""
    where = f"{answer.place.file}:{answer.place.line}"
    yield f"{where}: {answer.rule.severity_name}: {answer.rule.title} ({answer.rule.id})"
    yield f"    {answer.object}{part}"
    yield f"    Fix: {answer.rule.fix.summary}"


def _unknown(report: Report) -> Iterator[str]:
    """By reason, as most have few."""
    by_reason: dict[str, list[Answer]] = defaultdict(list)
    for answer in report.unknown:
        by_reason[answer.verdict.reason].append(answer)
    if by_reason:
        yield ""
        yield "Not known from manifests, so neither in order nor not:"
    for reason, answers in sorted(by_reason.items(), key=lambda item: (-len(item[1]), item[0])):
        yield f"  {reason} {_counted(len(answers), 'answer')} of {_some(sorted({one.rule.id for one in answers}))}"


def _some(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _troubles(report: Report) -> Iterator[str]:
    if report.troubles:
        yield ""
        yield "Could not be checked:"
        yield from (_trouble(one) for one in report.troubles)


def _trouble(one: Trouble) -> str:
    return f"  {one}"


def _sum(report: Report) -> str:
    by_severity: dict[str, int] = defaultdict(int)
    for answer in report.findings:
        by_severity[answer.rule.severity_name] += 1
    found = ", ".join(f"{count} {name}" for name, count in by_severity.items())
    counts = [
        _counted(report.objects, "object"),
        _counted(len(report.findings), "finding") + (f" ({found})" if found else ""),
        f"{report.passed} passed",
        f"{len(report.unknown)} not known",
    ]
    if report.troubles:
        counts.append(_counted(len(report.troubles), "error"))
    if report.unasked:
        counts.append("no rules for " + _some([f"{count} {kind}" for kind, count in report.unasked]))
    if report.passed_by:
        counts.append(_counted(len(report.passed_by), "file") + " without Kubernetes objects")
    return f"\n{'; '.join(counts)}.".lstrip("\n")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
