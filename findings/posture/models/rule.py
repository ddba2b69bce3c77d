"""The rules in force, as rows: findings point at them and lists show their words."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Rule(models.Model):
    """One posture rule as last loaded. A rule whose file is gone stays, withdrawn, for its history."""

    id = models.SlugField(primary_key=True, max_length=120)
    title = models.CharField(max_length=200)
    step = models.CharField(max_length=16)
    severity = models.PositiveSmallIntegerField()
    family = models.CharField(max_length=60)
    kinds = models.JSONField(default=list, help_text=_("Asset kinds the rule asks about"))
    digest = models.CharField(
        max_length=32, help_text=_("Of what decides a verdict: changes when it is worth judging again")
    )
    document = models.JSONField(help_text=_("The rule file"))
    changed_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.title
