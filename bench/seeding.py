"""Many assets and findings by a few statements: what lists and pages are measured on. The same seed, the same rows.

Kinds, roles, statuses and times are spread as in a real estate: a sixth of the assets is not AI, seven of ten findings
are open, every asset has ten of them, and their priorities are the sums that `findings.posture.scoring` gives.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from bench.recording import analyze
from findings.posture.services import sync_rules
from findings.posture.services.days import write_posture
from inventory.models import Source

PER_ASSET = 10
SOURCES = 20
KINDS = (
    "aws.sagemaker.endpoint", "aws.sagemaker.model", "aws.sagemaker.notebook_instance", "aws.sagemaker.training_job",
    "aws.bedrock.agent", "aws.bedrock.guardrail", "aws.s3.bucket", "aws.iam.role", "aws.lambda.function",
    "k8s.deployment", "k8s.stateful_set", "k8s.service",
)  # fmt: skip
ROLES = ("endpoint", "model", "notebook", "training", "agent", "guardrail", "dataset", "", "agent", "endpoint",
         "vector-store", "")  # fmt: skip

SOURCE = """
INSERT INTO inventory_source (id, kind, external_id, name, environment, criticality, owner, created_at, collected_at,
    judged_at, derived_digest, rules_digest)
SELECT uuidv7(), CASE WHEN n %% 4 = 0 THEN 'kubernetes' ELSE 'aws' END, lpad(n::text, 12, '0'), 'source-' || n,
    (ARRAY['production', 'staging', 'development', 'unknown'])[1 + n %% 4], 1 + n %% 3, '', %(at)s, %(at)s, %(at)s,
    '', ''
FROM generate_series(1, %(sources)s) n
"""
SCOPE = """
INSERT INTO inventory_scope (id, source_id, region, collector, state, problem, message, permission, calls, seconds,
    assets, attempted_at, complete_at)
SELECT uuidv7(), s.id, '-', k.kind, CASE WHEN k.n = 3 THEN 'denied' ELSE 'complete' END,
    CASE WHEN k.n = 3 THEN 'denied' ELSE '' END, '', '', 4, 1, 0, %(at)s, %(at)s
FROM inventory_source s CROSS JOIN unnest(%(kinds)s::text[]) WITH ORDINALITY k(kind, n)
"""
ASSET = """
INSERT INTO inventory_asset (id, source_id, scope_id, kind, external_id, name, place, config, config_digest, unread,
    tags, facts, facts_digest, ai_role, ai_product, ai_confidence, ai_evidence, exposure, data_class, environment,
    criticality, owner, search, first_seen, last_seen, changed_at, gone_at)
SELECT uuidv7(), s.id, p.id, k.kind, 'arn:aws:bench:::' || i, 'asset-' || md5(i::text), '-',
    jsonb_build_object('Name', i, 'Description', repeat(md5(i::text), 20)), md5(i::text), '[]',
    jsonb_build_object('team', 'team-' || i %% 40), jsonb_build_object('exposed', i %% 3 = 0), md5(i::text),
    r.role, '', 90, '[{"what": "kind"}]', (ARRAY['internet', 'internal', 'unknown'])[1 + i %% 3], '',
    s.environment, 1 + i %% 3, CASE WHEN i %% 5 = 0 THEN '' ELSE 'team-' || i %% 40 END,
    array_to_tsvector(ARRAY['asset', 'bench', md5(i::text), r.role || 'x']),
    %(at)s - random() * interval '90 days', %(at)s, %(at)s - random() * interval '30 days', NULL
FROM generate_series(1, %(assets)s) g(i)
JOIN (SELECT id, environment, row_number() OVER (ORDER BY external_id) - 1 AS n FROM inventory_source) s
    ON s.n = i %% %(sources)s
JOIN unnest(%(kinds)s::text[]) WITH ORDINALITY k(kind, n) ON k.n - 1 = (i / %(sources)s) %% %(of)s
JOIN unnest(%(roles)s::text[]) WITH ORDINALITY r(role, n) ON r.n = k.n
JOIN inventory_scope p ON p.source_id = s.id AND p.collector = k.kind
"""
FINDING = """
WITH asset AS (
    SELECT id, source_id, kind, name, environment, row_number() OVER (ORDER BY external_id) AS n,
        CASE exposure WHEN 'internet' THEN 20 WHEN 'unknown' THEN 8 ELSE 0 END + 5 * (criticality - 1)
        + CASE WHEN ai_role IN ('endpoint', 'gateway', 'agent') THEN 10 WHEN ai_role = '' THEN 0 ELSE 5 END AS points
    FROM inventory_asset
), rule AS (
    SELECT id, title, step, severity, document #>> '{fix,key}' AS fix, row_number() OVER (ORDER BY id) - 1 AS n,
        count(*) OVER () AS of
    FROM posture_rule WHERE withdrawn_at IS NULL
), drawn AS MATERIALIZED (
    SELECT a.id AS asset_id, a.source_id, a.name, a.kind, a.environment, r.id AS rule_id, r.title, r.step, r.severity,
        r.fix, (ARRAY[5, 15, 28, 40])[r.severity] + a.points AS priority, random() AS fate,
        random() * interval '90 days' AS age
    FROM asset a CROSS JOIN generate_series(0, %(per)s - 1) j JOIN rule r ON r.n = (a.n * 7 + j * 3) %% r.of
    LIMIT %(findings)s
)
INSERT INTO posture_finding (id, fingerprint, rule_id, asset_id, source_id, discriminator, title, step, severity,
    environment, status, resolution, stale, stale_reason, evidence, priority, factors, fix_key, search, opened_at,
    first_seen, changed_at, resolved_at, due_at)
SELECT uuidv7(-age), '1' || md5(rule_id || asset_id), rule_id, asset_id, source_id, '', title, step, severity,
    environment, CASE WHEN fate < 0.7 THEN 'open' WHEN fate < 0.75 THEN 'accepted' ELSE 'resolved' END,
    CASE WHEN fate < 0.75 THEN '' ELSE 'fixed' END, fate < 0.03, '',
    jsonb_build_object('KmsKeyId', NULL, 'Name', name), priority,
    '[{"name": "severity", "value": "high", "points": 40, "source": "rule"}]', coalesce(fix, rule_id),
    array_to_tsvector(ARRAY(SELECT DISTINCT word FROM regexp_split_to_table(lower(title), '[^a-z0-9]+') word
        WHERE word <> '') || ARRAY[kind, name]),
    %(at)s - age, %(at)s - age, %(at)s - age / 2, CASE WHEN fate < 0.75 THEN NULL ELSE %(at)s - age / 2 END,
    CASE WHEN fate < 0.7 THEN %(at)s - age + interval '60 days' END
FROM drawn
"""
TRANSITION = """
INSERT INTO posture_transition (id, finding_id, at, before, after, cause, actor_id, run, note)
SELECT uuidv7(t.at - now()), f.id, t.at, t.before, t.after, t.cause, NULL, NULL, ''
FROM posture_finding f CROSS JOIN LATERAL (VALUES (f.opened_at, '', 'open', 'new'),
    (f.resolved_at, 'open', 'resolved', 'fix')) t(at, before, after, cause)
WHERE t.at IS NOT NULL
"""
TALLY = """
INSERT INTO posture_tally (source_id, environment, rule_id, passed, failed, unknown, not_applicable, pass_weight,
    fail_weight, unknown_weight, open, severe)
SELECT f.source_id, f.environment, f.rule_id, count(*) FILTER (WHERE f.status = 'resolved'),
    count(*) FILTER (WHERE f.status <> 'resolved'), 1, 2,
    coalesce(sum(a.criticality) FILTER (WHERE f.status = 'resolved'), 0),
    coalesce(sum(a.criticality) FILTER (WHERE f.status <> 'resolved'), 0), 2, count(*) FILTER (WHERE f.status = 'open'),
    count(*) FILTER (WHERE f.status = 'open' AND f.severity = 4 AND (a.exposure = 'internet' OR a.criticality = 3))
FROM posture_finding f JOIN inventory_asset a ON a.id = f.asset_id
GROUP BY f.source_id, f.environment, f.rule_id
"""
DAYS = """
INSERT INTO posture_postureday (day, area, step, score, numerator, denominator, unknown, coverage, cap, cap_reason,
    critical, high, medium, low, weights, at)
SELECT day - back, area, step, greatest(0, score - back / 3), numerator, denominator, unknown, coverage, cap,
    cap_reason, critical + back, high + back, medium + back, low + back, weights, at - back * interval '1 day'
FROM posture_postureday CROSS JOIN generate_series(1, 60) back
"""


@transaction.atomic
def seed_estate(*, assets: int, findings: int, seed: int) -> None:
    """Sources, scopes, assets, findings, their history, tallies, and two months of posture."""
    now = timezone.now()
    sync_rules(at=now - timedelta(days=90))
    values: dict[str, Any] = {
        "at": now, "sources": SOURCES, "kinds": list(KINDS), "roles": list(ROLES), "assets": assets,
        "findings": findings, "per": PER_ASSET, "of": len(KINDS),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SELECT setseed(%s)", [seed / 1000])
        for statement in (SOURCE, SCOPE, ASSET, FINDING, TRANSITION, TALLY):
            cursor.execute(statement, values)
    for source in Source.objects.all():
        write_posture(source_id=source.pk, run=None)
    with connection.cursor() as cursor:
        cursor.execute(DAYS)


def seeded(*, assets: int, findings: int, seed: int) -> None:
    """As above, with the housekeeping that a database does in time."""
    seed_estate(assets=assets, findings=findings, seed=seed)
    analyze()
