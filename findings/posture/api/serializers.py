"""Posture as JSON."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from aispm.core.sparse import SparseSerializer
from findings.posture.models import Finding, Rule, Severity, Transition
from findings.posture.queries import OfferedPatch, path_told
from findings.posture.rule import SEVERITY_NAMES


class SeverityField(serializers.ChoiceField):
    """critical, high, medium or low."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=[SEVERITY_NAMES[level] for level in sorted(Severity.values, reverse=True)], **options)

    def to_representation(self, value: Any) -> str:
        return SEVERITY_NAMES[int(value)]


class FindingAssetSerializer(serializers.Serializer[Any]):
    """The asset that a finding is about."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    external_id = serializers.CharField()
    name = serializers.CharField()
    place = serializers.CharField()
    ai_role = serializers.CharField()
    exposure = serializers.CharField()
    owner = serializers.CharField()


class FindingSerializer(SparseSerializer[Finding]):
    """One row of the list of findings."""

    severity = SeverityField(read_only=True)
    asset = FindingAssetSerializer(read_only=True)
    rule: Any = serializers.CharField(source="rule_id", read_only=True)

    class Meta:
        model = Finding
        fields: tuple[str, ...] = (
            "id", "fingerprint", "title", "rule", "step", "severity", "status", "resolution", "stale", "stale_reason",
            "source", "asset", "discriminator", "environment", "priority", "fix_key", "first_seen", "opened_at",
            "changed_at", "resolved_at", "due_at",
        )  # fmt: skip
        read_only_fields = fields


class TransitionSerializer(serializers.ModelSerializer[Transition]):
    class Meta:
        model = Transition
        fields = ("at", "before", "after", "cause", "run", "note")
        read_only_fields = fields


class HopSerializer(serializers.Serializer[Any]):
    """One step of an attack path: what is reached, how, by which value or policy, and whether to cut it here."""

    kind = serializers.CharField()
    ref = serializers.CharField(help_text="The asset's external_id; empty for what is no single asset")
    name = serializers.CharField()
    how = serializers.CharField()
    evidence = serializers.CharField()
    cut = serializers.BooleanField()


class AttackPathSerializer(serializers.Serializer[Any]):
    """The way from the internet to what matters."""

    hops = HopSerializer(many=True)
    fix = serializers.CharField(help_text="The change that closes this path and most others")
    more = serializers.ListField(child=serializers.CharField(), help_text="Further ends of the same kind, by name")
    more_number = serializers.IntegerField(help_text="How many further ends there are")


class FindingDetailSerializer(FindingSerializer):
    """One finding with its evidence, what its priority is made of, the rule's words, and its history."""

    why: Any = serializers.CharField(source="rule.document.why", read_only=True)
    confirm: Any = serializers.CharField(source="rule.document.confirm", read_only=True)
    fix: Any = serializers.JSONField(source="rule.document.fix", read_only=True)
    maps: Any = serializers.JSONField(source="rule.document.maps", read_only=True)
    path = serializers.SerializerMethodField(help_text="Of an attack path: its hops, and the change that cuts it")
    history = TransitionSerializer(source="transitions", many=True, read_only=True)

    class Meta(FindingSerializer.Meta):
        fields = (
            *FindingSerializer.Meta.fields,
            "evidence",
            "path",
            "factors",
            "why",
            "confirm",
            "fix",
            "maps",
            "history",
        )
        read_only_fields = fields

    @extend_schema_field(AttackPathSerializer(allow_null=True))
    def get_path(self, finding: Finding) -> dict[str, Any] | None:
        return path_told(finding.evidence)


class PatchSerializer(serializers.Serializer[OfferedPatch]):
    """The change that puts a finding right."""

    how = serializers.ChoiceField(
        ("strategic", "merge", "new"), read_only=True, help_text="How it is applied; new: an object to add"
    )
    document: Any = serializers.DictField(read_only=True)
    file = serializers.CharField(read_only=True)
    text = serializers.CharField(read_only=True, help_text="The document as YAML")
    try_it = serializers.CharField(read_only=True, help_text="Shows what would change")
    apply = serializers.CharField(read_only=True)
    once = serializers.BooleanField(
        read_only=True, help_text="The cluster refuses to change such an object: make it anew"
    )


class RuleSerializer(SparseSerializer[Rule]):
    """A rule with how often it passes, fails, cannot be judged or does not apply."""

    severity = SeverityField(read_only=True)
    passed = serializers.IntegerField(read_only=True)
    failed = serializers.IntegerField(read_only=True)
    unknown = serializers.IntegerField(read_only=True)
    not_applicable = serializers.IntegerField(read_only=True)

    class Meta:
        model = Rule
        fields: tuple[str, ...] = (
            "id", "title", "step", "severity", "family", "kinds", "changed_at", "withdrawn_at", "passed", "failed",
            "unknown", "not_applicable",
        )  # fmt: skip
        read_only_fields = fields


class RuleDetailSerializer(RuleSerializer):
    """A rule with its whole file."""

    class Meta(RuleSerializer.Meta):
        fields = (*RuleSerializer.Meta.fields, "document")
        read_only_fields = fields


class StepSerializer(serializers.Serializer[Any]):
    """One step: anyone can redo floor(100 · numerator / denominator), then the cap."""

    step = serializers.CharField(source="slug")
    title = serializers.CharField()
    score = serializers.IntegerField(source="score.value", allow_null=True)
    numerator = serializers.IntegerField(source="score.numerator")
    denominator = serializers.IntegerField(source="score.denominator")
    unknown = serializers.IntegerField(source="score.unknown")
    coverage = serializers.IntegerField(source="score.coverage", allow_null=True)
    provisional = serializers.BooleanField(source="score.provisional")
    cap = serializers.IntegerField(source="score.cap", allow_null=True)
    cap_reason = serializers.CharField(source="score.cap_reason")
    open: Any = serializers.DictField(child=serializers.IntegerField())


class PostureSerializer(serializers.Serializer[Any]):
    """Where posture stands."""

    area = serializers.CharField()
    score = serializers.IntegerField(source="overall.value", allow_null=True)
    lowest = serializers.IntegerField(source="overall.lowest", allow_null=True, help_text="Score of the lowest step")
    lowest_step = serializers.CharField(source="overall.lowest_step", allow_null=True, help_text="Its slug")
    coverage = serializers.IntegerField(allow_null=True)
    provisional = serializers.BooleanField()
    weights_version = serializers.IntegerField()
    judged_at = serializers.DateTimeField(allow_null=True)
    open: Any = serializers.DictField(child=serializers.IntegerField())
    steps = StepSerializer(many=True)


class TrendSerializer(serializers.Serializer[Any]):
    """One value a day; null where nothing applied or nothing was known."""

    area = serializers.CharField()
    days = serializers.ListField(child=serializers.DateField())
    scores = serializers.DictField(child=serializers.ListField(child=serializers.IntegerField(allow_null=True)))
    coverage = serializers.DictField(child=serializers.ListField(child=serializers.IntegerField(allow_null=True)))
    open: Any = serializers.DictField(child=serializers.ListField(child=serializers.IntegerField(allow_null=True)))


class TermSerializer(serializers.Serializer[Any]):
    """One line of a step's sum: the weights times the counts give numerator and denominator."""

    rule = serializers.CharField(source="rule_id")
    title = serializers.CharField()
    severity = serializers.CharField()
    weight = serializers.IntegerField()
    passed = serializers.IntegerField()
    failed = serializers.IntegerField()
    unknown = serializers.IntegerField()
    not_applicable = serializers.IntegerField()
    pass_weight = serializers.IntegerField()
    fail_weight = serializers.IntegerField()
    unknown_weight = serializers.IntegerField()
