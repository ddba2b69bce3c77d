"""From assets to findings, tallies and scores."""

from __future__ import annotations

from pathlib import Path

import pytest

from findings.posture.models import Finding, Judgement, PostureDay, ScoreChange, Status, Tally, Transition
from findings.posture.services import evaluate
from tests.builders import make_asset, make_source
from tests.findings.rulemaking import write

pytestmark = pytest.mark.django_db


def test_a_failing_asset_opens_a_finding_and_a_fixed_one_resolves_it(own_rules: Path) -> None:
    write(own_rules)
    source = make_source()
    asset = make_asset(source, config={"Public": True})
    first = evaluate(source=source)
    assert (first.judged, first.opened) == (1, 1)
    finding = Finding.objects.get()
    assert (finding.status, finding.evidence) == (Status.OPEN, {"Public": True})
    asset.config, asset.config_digest = {"Public": False}, "b" * 32
    asset.save()
    second = evaluate(source=source)
    assert (second.judged, second.resolved) == (1, 1)
    finding.refresh_from_db()
    assert (finding.status, finding.resolution) == ("resolved", "fixed")
    assert list(Transition.objects.values_list("cause", flat=True).order_by("pk")) == ["new", "fix"]
    tally = Tally.objects.get()
    assert (tally.passed, tally.failed, tally.open) == (1, 0, 0)
    assert PostureDay.objects.get(area="all", step="data").score == 100
    assert [(c.cause, c.points) for c in ScoreChange.objects.filter(area="all").order_by("pk")] == [("fix", 10000)]
    assert Judgement.objects.get().verdicts == {"a-rule": "p"}
