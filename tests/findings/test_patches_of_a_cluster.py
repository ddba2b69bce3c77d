"""Every patch offered for a recorded cluster is valid, and together they put their findings right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from findings.posture.engine import MERGE, NEW, STRATEGIC, Patch, patch_for
from findings.posture.engine.unstored import Judged, judge_unstored
from findings.posture.rule import BUILT_IN, Outcome, load_rules
from integrations.kubernetes.reader import Reader
from integrations.kubernetes.resources import row_for
from inventory.documents import Observed
from tests.findings.merging import merged, mistakes
from tests.inventory.facts_k8s import snapshot

pytestmark = pytest.mark.skipif(not snapshot.present(), reason="the shared snapshot is not here")
RULES = load_rules(BUILT_IN / "kubernetes")
BY_READER = "secretsFound[].path"
"""What the reader notes while it reads stays in a document that is read already."""
Key = tuple[str, str, str, str]


def offers(judged: Sequence[Judged]) -> Iterator[tuple[Key, Patch]]:
    for one in judged:
        for verdict in one.verdicts:
            rule = RULES.by_id[verdict.rule_id]
            for discriminator in verdict.discriminators if verdict.outcome is Outcome.FAIL else ():
                patch = patch_for(rule, one.subject, discriminator)
                if patch is not None:
                    yield (rule.id, one.seen.kind, one.seen.external_id, discriminator), patch


def patched(one: Observed, patches: Sequence[Patch]) -> Observed:
    config = one.config
    for patch in patches:
        config = merged(config, patch.document, strategic=patch.how == STRATEGIC)
    return replace(one, config=config)


def added(patch: Patch) -> Observed:
    row = row_for(patch.document["apiVersion"], patch.document["kind"])
    assert row is not None
    assets, broken = Reader().read(row, row.apis[0], [patch.document])
    assert broken == []
    return assets[0]


def test_all_patches_of_a_cluster_are_valid_and_put_their_findings_right() -> None:
    seen, scopes = snapshot.collected()
    now = datetime.now(UTC)
    found = list(offers(list(judge_unstored(seen, scopes, RULES, now))))
    assert len(found) > 200
    assert [mistake for _, patch in found if patch.how != MERGE for mistake in mistakes(patch.document)] == []
    changes: dict[tuple[str, str], list[Patch]] = {}
    for (_rule, kind, external_id, _part), patch in found:
        if patch.how != NEW:
            changes.setdefault((kind, external_id), []).append(patch)
    new = {asset.external_id: asset for _, patch in found if patch.how == NEW for asset in (added(patch),)}
    after = [patched(one, changes.get((one.kind, one.external_id), ())) for one in seen]
    still = {key for key, _ in offers(list(judge_unstored([*after, *new.values()], scopes, RULES, now)))}
    mended = {key for key, _ in found if all(read.text != BY_READER for read in RULES.by_id[key[0]].reads)}
    assert mended & still == set()
