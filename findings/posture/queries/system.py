"""The same reads for the system itself: commands on the server's own terminal."""

from __future__ import annotations

from findings.posture.models import Finding, FindingQuerySet
from findings.posture.queries.people import with_words
from findings.posture.queries.posture import Posture, Term, judged_at, posture_of, terms_of
from findings.posture.queries.sums import sums_by_area


def findings_for_system() -> FindingQuerySet:
    return with_words(Finding.objects.all())


def posture_for_system(area: str) -> Posture:
    return posture_of(area, sums_by_area(area)[area], judged_at(area))


def arithmetic_for_system(area: str, step: str) -> list[Term]:
    return terms_of(area, step)
