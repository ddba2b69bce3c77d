"""What scores are computed from, and every score and movement there was."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from aispm.core.models import Identified
from findings.posture.models.rule import Rule
from inventory.models import Asset, Source


class Judgement(models.Model):
    """The verdicts of one asset under every rule that asks about its kind, and what they were judged on."""

    asset = models.OneToOneField(Asset, on_delete=models.CASCADE, primary_key=True, related_name="judgement")
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+")
    environment = models.CharField(max_length=16)
    criticality = models.PositiveSmallIntegerField()
    exposed = models.BooleanField(default=False, help_text=_("Its open critical findings cap the score hardest"))
    verdicts = models.JSONField(default=dict, help_text=_("{rule id: p, f, u or n}"))
    inputs = models.CharField(
        max_length=32, help_text=_("Digest of the document, facts, links and completeness judged")
    )
    rules = models.CharField(max_length=32, help_text=_("Digest of the rules applied"))
    at = models.DateTimeField()


class Tally(models.Model):
    """Verdicts per (source, environment, rule): counted, and weighted by asset criticality."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="tallies")
    environment = models.CharField(max_length=16)
    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="tallies")
    passed = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)
    unknown = models.IntegerField(default=0)
    not_applicable = models.IntegerField(default=0)
    pass_weight = models.IntegerField(default=0, help_text=_("Sum of asset criticality over passes"))
    fail_weight = models.IntegerField(default=0)
    unknown_weight = models.IntegerField(default=0)
    open = models.IntegerField(default=0, help_text=_("Open findings, stale ones too"))
    severe = models.IntegerField(default=0, help_text=_("Open critical findings that cap the score hardest"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("source", "environment", "rule"), name="tally_identity"),
            models.CheckConstraint(
                condition=models.Q(passed__gte=0, failed__gte=0, unknown__gte=0, not_applicable__gte=0),
                name="tally_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(open__gte=0, severe__gte=0, severe__lte=models.F("open")),
                name="tally_open_sensible",
            ),
        ]


class PostureDay(models.Model):
    """The last posture of a day, for everything, one source or one environment. Written when it changed."""

    day = models.DateField()
    area = models.CharField(max_length=60, help_text=_("all, source:<id> or environment:<name>"))
    step = models.CharField(max_length=16, help_text=_("A step's slug, or overall"))
    score = models.PositiveSmallIntegerField(null=True, help_text=_("0 to 100; empty where nothing applies"))
    numerator = models.BigIntegerField()
    denominator = models.BigIntegerField()
    unknown = models.BigIntegerField(help_text=_("Weight of what could not be judged"))
    coverage = models.PositiveSmallIntegerField(null=True, help_text=_("Percent known"))
    cap = models.PositiveSmallIntegerField(null=True)
    cap_reason = models.CharField(max_length=200, blank=True)
    critical = models.PositiveIntegerField(default=0)
    high = models.PositiveIntegerField(default=0)
    medium = models.PositiveIntegerField(default=0)
    low = models.PositiveIntegerField(default=0)
    weights = models.PositiveSmallIntegerField(help_text=_("Version of the weights"))
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("area", "step", "day"), name="posture_day_identity")]


class ScoreChange(Identified):
    """One part of one movement of a step's score. The parts of a movement sum exactly to it."""

    class Cause(models.TextChoices):
        FIX = "fix", _("Fixes")
        REGRESSION = "regression", _("Regressions")
        NEW_ASSET = "new-asset", _("New assets")
        GONE_ASSET = "gone-asset", _("Gone assets")
        RULE = "rule", _("New or changed rules")
        COVERAGE = "coverage", _("Coverage")
        RECLASSIFIED = "reclassified", _("Criticality or environment changed")
        CAP = "cap", _("Cap")

    at = models.DateTimeField()
    area = models.CharField(max_length=60)
    step = models.CharField(max_length=16)
    cause = models.CharField(max_length=16, choices=Cause)
    points = models.IntegerField(help_text=_("Hundredths of a point"))
    before = models.IntegerField(null=True, help_text=_("Hundredths of a point, before the whole movement"))
    after = models.IntegerField(null=True)
    run = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=("area", "step", "-at", "-id"), name="score_change_by_step")]


class Shift(models.Model):
    """Weight that moved since an area's last ledger entry, by cause; emptied when the entry is written."""

    area = models.CharField(max_length=60)
    step = models.CharField(max_length=16)
    cause = models.CharField(max_length=16, choices=ScoreChange.Cause)
    numerator = models.BigIntegerField(default=0)
    denominator = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=("area", "step", "cause"), name="shift_identity")]
