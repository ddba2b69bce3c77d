"""Judging again what no collection asks for: other rules, another day, other code, or a run that was cut short."""

from __future__ import annotations

import uuid

import structlog
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from aispm.core.errors import Invalid
from findings.posture.queries import rules_digest
from findings.posture.services import Busy, evaluate
from integrations.models import ACTIVE, Purpose, Run, Watch
from inventory.models import UNDERIVED, Asset, Source
from inventory.services import derive

log = structlog.get_logger(__name__)


def sources_to_judge(*, all_of_them: bool = False) -> list[uuid.UUID]:
    """Sources whose last judgement is not what the rules in force would say of what is known now.

    `all_of_them`: whatever is recorded of them, for the first time after a start, when the code may be another one.
    Invalid when the rules that ship with AISPM are broken: then nothing can be judged.
    """
    return list(_differing(all_of_them).order_by("judged_at", "pk").values_list("pk", flat=True))


def _differing(all_of_them: bool) -> QuerySet[Source]:
    other_rules = ~Q(rules_digest=rules_digest(timezone.now()))
    assets = Asset.objects.filter(source=OuterRef("pk"))
    active = Run.objects.filter(source=OuterRef("pk"), state__in=ACTIVE)
    # A run derives and judges what it marks; it need not wait for its end to judge what was known by other rules.
    idle = ~Exists(active)
    marked = Exists(assets.filter(UNDERIVED))
    followed = Exists(Watch.objects.held().filter(source=OuterRef("pk")))  # who follows it derives what it marks
    wanted = Q(idle) & (other_rules | Q(marked) & ~Q(followed)) | other_rules & Q(judged_at__isnull=False)
    if all_of_them:
        wanted |= Q(idle)
    removed = Exists(active.filter(purpose=Purpose.REMOVE))
    return Source.objects.filter(Exists(assets), wanted).exclude(removed)


def judge_source(*, source_id: uuid.UUID) -> bool:
    """Derive what is marked, or everything when the code is another one, and judge it. False: somebody is at it."""
    source = Source.objects.filter(pk=source_id).first()
    if source is None:
        return True
    try:
        if not Run.objects.filter(source=source, state__in=ACTIVE).exists():
            derive(source=source, touched=set())
        evaluate(source=source)
    except (Busy, Source.DoesNotExist):
        log.info("judging_busy", source=source.name)
        return False
    return True


def judge_differing(*, all_of_them: bool = False) -> bool:
    """Judge every source that has to be judged again, one after the other. False when one is left for later."""
    try:
        due = sources_to_judge(all_of_them=all_of_them)
    except Invalid as error:
        log.error("rules_broken", faults=str(error))  # what was judged stands until they are put right
        return False
    judged = [_judged(source_id) for source_id in due]  # each, whatever became of the one before
    return all(judged)


def _judged(source_id: uuid.UUID) -> bool:
    try:
        return judge_source(source_id=source_id)
    except Exception:
        # The boundary of background work: one source that cannot be judged must not keep the others from it.
        log.exception("judging_failed", source=str(source_id))
        return False
