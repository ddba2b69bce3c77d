"""AI services and vector stores over HTTP: of every kind a document that makes a rule fail, and one that passes."""

from __future__ import annotations

import pytest

from tests.integrations.company.judging import Verdicts

# rule | kind | fails on | passes on
CASES = """
qbusiness-anonymous | qbusiness.application | help-for-all | intranet
qbusiness-no-customer-key | qbusiness.application | help-for-all | intranet
qbusiness-open-scope | qbusiness.application | help-for-all | intranet
qbusiness-plugin-unsigned | qbusiness.plugin | wiki-bridge | helpdesk
qbusiness-outside-accessor | qbusiness.data_accessor | note-taker | meeting-notes
kendra-index-no-customer-key | kendra.index | old-search | intranet-search
kendra-answers-anybody-alike | kendra.index | old-search | intranet-search
lex-bot-shared | lex.bot | old-hotline | order-phone
lex-conversations-unlogged | lex.bot_alias | old-hotline-live | order-phone-live
comprehend-model-no-customer-key | comprehend.classifier | old-sorter 1 | mail-sorter 1
comprehend-model-no-network | comprehend.recognizer | old-sorter 1 | mail-sorter 1
comprehend-model-shared | comprehend.classifier | old-sorter 1 | mail-sorter 1
comprehend-job-no-customer-key | comprehend.pii_job | old-sorter-redact-0 | mail-sorter-redact-0
comprehend-job-no-customer-key | comprehend.entities_job | old-sorter-names | mail-sorter-names
comprehend-job-no-customer-key | comprehend.classification_job | old-sorter-sort | mail-sorter-sort
ai-asset-no-owner | transcribe.call_analytics_job | pilot-mood-0 | shop-mood-0
rekognition-project-shared | rekognition.project | badge-check | returns
rekognition-no-customer-key | rekognition.project_version | badge-check v1 | returns v1
rekognition-no-customer-key | rekognition.stream_processor | badge-check-door | returns-door
rekognition-pictures-shared | rekognition.stream_processor | badge-check-door | returns-door
transcribe-output-uncontrolled | transcribe.job | pilot-call-0 | shop-call-0
translate-output-no-customer-key | translate.job | pilot-catalogue-0 | shop-catalogue-0
translate-examples-no-customer-key | translate.parallel_data | pilot | shop
personalize-no-customer-key | personalize.dataset_group | pilot | shop
forecast-no-customer-key | forecast.dataset | pilot_demand | shop_demand
frauddetector-no-customer-key | frauddetector.settings | Fraud Detector in us-east-1 | Fraud Detector in eu-central-1
healthlake-no-customer-key | healthlake.datastore | pilot-records | shop-records
opensearch-vectors-exposed | opensearch.domain | pilot-domain | halden-manuals
opensearch-vectors-weak | opensearch.domain | pilot-domain | halden-manuals
aoss-collection-public | aoss.collection | pilot-vectors | care-articles
aoss-collection-no-customer-key | aoss.collection | pilot-vectors | care-articles
aoss-collection-wide-access | aoss.collection | pilot-vectors | care-articles
s3vectors-shared-outside | s3vectors.bucket | pilot-vector-bucket | halden-vectors
s3vectors-no-customer-key | s3vectors.bucket | pilot-vector-bucket | halden-vectors
neptune-graph-public | neptune.graph | pilot-graph | halden-parts
neptune-graph-no-customer-key | neptune.graph | pilot-graph | halden-parts
rds-ai-database-clear | rds.cluster | pilot-pgvector | halden-pgvector
rds-ai-database-public | rds.cluster | pilot-pgvector | halden-pgvector
neptune-cluster-no-iam | rds.cluster | pilot-neptune | halden-graph
memorydb-vectors-open | memorydb.cluster | pilot-cache | halden-cache
glue-catalogue-clear | glue.catalog | Data catalogue in us-east-1 | Data catalogue in eu-central-1
"""


def cases(table: str) -> list[tuple[str, ...]]:
    return [tuple(cell.strip() for cell in line.split("|")) for line in table.strip().splitlines()]


@pytest.mark.parametrize(("rule", "kind", "bad", "good"), cases(CASES))
def test_documents_of_ai_services_fail_and_pass(judged: Verdicts, rule: str, kind: str, bad: str, good: str) -> None:
    rule, kind = f"aws-{rule}", f"aws.{kind}"
    assert (judged[rule, kind, bad], judged[rule, kind, good]) == ("fail", "pass")
