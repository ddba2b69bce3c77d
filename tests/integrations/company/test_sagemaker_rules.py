"""SageMaker over HTTP: of every kind a document that makes a rule fail, and one that makes it pass."""

from __future__ import annotations

import pytest

from tests.integrations.aws.collecting import Collected
from tests.integrations.company.judging import Verdicts

LAB_SCRIPT, SEARCH_SCRIPT = "lab-hugging-face", "search-packages"
SAGEMAKER = [
    # rule, kind, fails on, passes on
    ("domain-no-sso", "domain", "lab-studio", ""),
    ("domain-shared-role", "domain", "lab-studio", "search-studio"),
    ("domain-no-source-identity", "domain", "lab-studio", "search-studio"),
    ("user-profile-domain-role", "user_profile", "deniz", "lena"),
    ("space-remote-access", "space", "workshop", "lena-notes"),
    ("app-forgotten", "app", "bruno-lab CodeEditor", "lena-notes JupyterLab"),
    ("studio-lifecycle-secret", "studio_lifecycle_config", LAB_SCRIPT, SEARCH_SCRIPT),
    ("studio-script-fetches-code", "studio_lifecycle_config", "lab-studio-tools", SEARCH_SCRIPT),
    ("notebook-script-fetches-code", "notebook_lifecycle_config", "lab-tools", "lab-standard"),
    ("image-outdated", "image", "lab-everything", "search-notebook"),
    ("image-untagged", "image", "lab-everything", "search-notebook"),
    ("app-image-config-untagged", "app_image_config", "lab-everything", "search-notebook"),
    ("code-repository-plain", "code_repository", "lab-snippets", "search-ranking"),
    ("partner-app-no-customer-key", "partner_app", "lab-fiddler", "search-comet"),
    ("partner-app-shared-identity", "partner_app", "lab-fiddler", "search-comet"),
    ("project-failed", "project", "lab-template", "search-ranking"),
    ("artifact-outside-write", "model", "demand-forecast", "fraud-scorer-v2"),
    ("artifact-writable", "model", "fraud-scorer-v2", ""),
    ("model-no-training-run", "model", "downloaded-classifier", "fraud-scorer-v2"),
    ("model-replaced", "model", "recommender-basket", "recommender-for-you"),
    ("package-replaced", "model_package", "recommender 3", "recommender 2"),
    ("training-data-writable", "training_job", "fraud-scorer-train-002", ""),
    ("training-not-isolated", "training_job", "ocr-invoices-2", "fraud-scorer-train-001"),
    ("processing-not-isolated", "processing_job", "demand-clean-2026-11", "fraud-bias-report-003"),
    ("processing-no-customer-key", "processing_job", "demand-clean-2026-11", "fraud-bias-report-003"),
    ("transform-no-customer-key", "transform_job", "demand-weekly-47", "fraud-backfill-2026-10"),
    ("tuning-no-customer-key", "tuning_job", "demand-tuning", "search-ranker-tuning"),
    ("tuning-not-isolated", "tuning_job", "demand-tuning", "search-ranker-tuning"),
    ("environment-secret", "tuning_job", "demand-tuning", "search-ranker-tuning"),
    ("automl-no-customer-key", "automl_job", "demand-automl", "search-intent"),
    ("automl-no-vpc", "automl_job", "demand-automl", "search-intent"),
    ("compiled-no-customer-key", "compilation_job", "demand-compiled", "search-ranker-c5"),
    ("compiled-no-customer-key", "optimization_job", "demand-optimized", "search-ranker-small"),
    ("hyperpod-no-vpc", "hyperpod_cluster", "lab-cluster", "search-cluster"),
    ("hyperpod-image-outdated", "hyperpod_cluster", "lab-cluster", "search-cluster"),
    ("image-version-failed", "image_version", "lab-everything 1", "search-notebook 1"),
    ("hyperpod-script-writable", "hyperpod_cluster", "lab-cluster", ""),
    ("workforce-open-ip", "workforce", "lab-labellers", "private"),
    ("workteam-unnoticed", "workteam", "lab-friends", "search-judges"),
    ("labeling-public-workforce", "labeling_job", "receipts-labelling", "search-relevance-judgements"),
    ("labeling-no-customer-key", "labeling_job", "receipts-labelling", "search-relevance-judgements"),
    ("labeling-no-customer-key", "flow_definition", "receipts-review", "search-answer-review"),
    ("review-public-workforce", "flow_definition", "receipts-review", "search-answer-review"),
    ("feature-store-no-customer-key", "feature_group", "demand-store-features", "fraud-card-features"),
    ("environment-secret", "inference_component", "classifier-part", "search-ranker-part"),
    ("component-own-artifact", "inference_component", "classifier-part", "search-ranker-part"),
    ("experiment-volume-no-customer-key", "inference_experiment", "demand-shadow", "search-ranker-shadow"),
    ("experiment-data-no-customer-key", "inference_experiment", "demand-shadow", "search-ranker-shadow"),
    ("schedule-not-isolated", "monitoring_schedule", "demand-forecast-daily", "search-embedder-daily"),
    ("schedule-plain-traffic", "monitoring_schedule", "demand-forecast-daily", "search-embedder-daily"),
    ("model-bias-plain-traffic", "model_bias_job_definition", "demand-model-bias", "search-ranker-model-bias"),
    ("model-platform-registry", "model", "demand-forecast", "search-ranker"),
    ("monitor-broken", "monitoring_schedule", "demand-forecast-daily", "search-ranker-hourly"),
    ("data-quality-plain-traffic", "data_quality_job_definition", "demand-data-quality", "search-ranker-data-quality"),
    ("data-quality-not-isolated", "data_quality_job_definition", "demand-data-quality", "search-ranker-data-quality"),
    ("monitor-no-customer-key", "data_quality_job_definition", "demand-data-quality", "search-ranker-data-quality"),
    ("model-quality-plain-traffic", "model_quality_job_definition", "demand-model-quality",
     "search-ranker-model-quality"),
    ("model-quality-not-isolated", "model_quality_job_definition", "demand-model-quality",
     "search-ranker-model-quality"),
    ("model-bias-not-isolated", "model_bias_job_definition", "demand-model-bias", "search-ranker-model-bias"),
    ("monitor-no-customer-key", "model_bias_job_definition", "demand-model-bias", "search-ranker-model-bias"),
    ("explainability-plain-traffic", "model_explainability_job_definition", "demand-model-explainability",
     "search-ranker-model-explainability"),
    ("explainability-not-isolated", "model_explainability_job_definition", "demand-model-explainability",
     "search-ranker-model-explainability"),
    ("endpoint-policy-open", "endpoint", "demand-forecast", "search-ranker-prod"),
    ("endpoint-not-monitored", "endpoint", "demand-forecast", "search-ranker-prod"),
    ("endpoint-single-instance", "endpoint_config", "demand-forecast", "fraud-scorer-prod-v2"),
    ("model-card-missing", "model", "demand-forecast", "search-ranker"),
    ("model-card-unapproved", "model_card", "demand-forecast", "search-ranker"),
    ("package-validation-skipped", "model_package", "demand-forecast 1", "fraud-scorer 1"),
    ("mlflow-bucket-unverified", "mlflow_tracking_server", "lab-mlflow", "search-mlflow"),
    ("mlflow-outdated", "mlflow_tracking_server", "lab-mlflow", "search-mlflow"),
    ("mlflow-outdated", "mlflow_app", "lab-runs", "search-runs"),
    ("mlflow-app-no-customer-key", "mlflow_app", "lab-runs", "search-runs"),
    ("hub-bucket-open", "hub", "lab-models", ""),
    ("hub-model-unsupported", "hub_model", "old-classifier", "search-ranker"),
    ("hub-model-unsupported", "hub_model_reference", "old-language-model", "reranker"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "kind", "bad", "good"), SAGEMAKER)
def test_sagemaker_documents_fail_and_pass(judged: Verdicts, rule: str, kind: str, bad: str, good: str) -> None:
    rule, kind = f"aws-sagemaker-{rule}", f"aws.sagemaker.{kind}"
    assert judged[rule, kind, bad] == "fail"
    assert not good or judged[rule, kind, good] == "pass"


def test_recorded_lineage_leads_from_the_data_to_the_endpoint(collected: Collected) -> None:
    steps = {
        (one.config["SourceArn"], one.config["DestinationArn"])
        for one in collected.of("aws.sagemaker.lineage_association")
    }
    artifacts = {
        one.external_id: one.config["Source"]["SourceUri"] for one in collected.of("aws.sagemaker.lineage_artifact")
    }
    runs = {one.external_id: one.config["TrialComponentSource"]["SourceArn"]
            for one in collected.of("aws.sagemaker.trial_component")}  # fmt: skip
    contexts = {
        one.external_id: one.config["Source"]["SourceUri"] for one in collected.of("aws.sagemaker.lineage_context")
    }
    context = next(arn for arn, uri in contexts.items() if uri.endswith("endpoint/fraud-scorer-prod"))
    action = next(source for source, destination in steps if destination == context)
    model = next(source for source, destination in steps if destination == action)
    run = next(source for source, destination in steps if destination == model)
    data = next(source for source, destination in steps if destination == run)
    assert artifacts[data] == "s3://halden-fraud-training-data/curated/v2"
    assert runs[run].endswith("training-job/fraud-scorer-train-002")
    assert "fraud-scorer-train-002/output/model.tar.gz" in artifacts[model]
    assert {one.external_id for one in collected.of("aws.sagemaker.lineage_action")} >= {action}


def test_nodes_are_judged_by_the_image_that_they_run(judged: Verdicts) -> None:
    """They have numbers for names: two of the lab's cluster, two of the search team's."""
    rule = "aws-sagemaker-hyperpod-node-outdated"
    assert sorted(outcome for (one, _kind, _name), outcome in judged.items() if one == rule) == [
        "fail", "fail", "pass", "pass",
    ]  # fmt: skip
