"""The company's estate: large enough, complete where it must be, and the same at every start."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from demo.aws import SimulatedAws
from demo.aws.estate import small
from demo.aws.estate.generator import generate
from demo.aws.server import REGIONS
from tests.demo.reading import KINDS, read_everything

ROOT = Path(__file__).parents[2]
READ_TWICE = """
import json, sys
from datetime import UTC, datetime
from demo.aws import SimulatedAws, estate
from tests.demo.reading import read_everything
with SimulatedAws(epoch=datetime(2026, 11, 20, tzinfo=UTC)) as aws:
    estate.seed(aws)
    read = {region: read_everything(aws, region, region == "us-east-1") for region in sys.argv[1:]}
    json.dump(read, sys.stdout, default=str, sort_keys=True)
"""
COUNTED_APART = {"get_resources", "list_aliases", "list_foundation_models"}


def rows_of(read: dict[str, list[Any]], result: str) -> list[Any]:
    return next(rows for name, rows in read.items() if name.endswith(f".{result}"))


def test_the_estate_has_more_than_150_assets_in_two_regions(halden: SimulatedAws) -> None:
    counted = 0
    for region in REGIONS:
        read = read_everything(halden, region, once=region == REGIONS[0])
        counted += sum(len(rows) for name, rows in read.items() if name.split(".")[1] not in COUNTED_APART)
    assert counted > 200
    assert halden.calls.regions() == set(REGIONS)
    assert all(served.status != 501 for served in halden.calls.all())


def test_lineage_is_complete_from_the_data_to_the_endpoint(halden: SimulatedAws) -> None:
    client = halden.client("sagemaker")
    endpoint = client.describe_endpoint(EndpointName="fraud-scorer-prod")
    config = client.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    model = client.describe_model(ModelName=config["ProductionVariants"][0]["ModelName"])
    package = client.describe_model_package(ModelPackageName=model["PrimaryContainer"]["ModelPackageName"])
    artifact = package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
    job = client.describe_training_job(TrainingJobName="fraud-scorer-train-002")
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == artifact
    data = job["InputDataConfig"][0]["DataSource"]["S3DataSource"]["S3Uri"]
    buckets = {row["Name"] for row in halden.client("s3").list_buckets()["Buckets"]}
    assert {data.split("/")[2], artifact.split("/")[2]} <= buckets


def test_every_weakness_stands_beside_its_counterpart(halden: SimulatedAws) -> None:
    read = read_everything(halden, "us-east-1")
    notebooks = [row["describe_notebook_instance"] for row in rows_of(read, "NotebookInstances")]
    assert {row["DirectInternetAccess"] for row in notebooks} == {"Enabled", "Disabled"}
    assert {row["RootAccess"] for row in notebooks} == {"Enabled", "Disabled"}
    models = [row["describe_model"] for row in rows_of(read, "Models")]
    assert {row["EnableNetworkIsolation"] for row in models} == {True, False}
    configs = [row["describe_endpoint_config"] for row in rows_of(read, "EndpointConfigs")]
    assert {bool(row.get("KmsKeyId")) for row in configs} == {True, False}
    assert {row["row"]["imageTagMutability"] for row in rows_of(read, "repositories")} == {"MUTABLE", "IMMUTABLE"}
    logging = "get_model_invocation_logging_configuration"
    assert "loggingConfig" in getattr(halden.client("bedrock", "eu-central-1"), logging)()
    assert "loggingConfig" not in getattr(halden.client("bedrock", "us-east-1"), logging)()
    assert halden.client("guardduty", "us-east-1").list_detectors()["DetectorIds"] == []
    agents = [row["get_agent"]["agent"] for row in rows_of(read_everything(halden, "eu-central-1"), "agentSummaries")]
    assert {"guardrailConfiguration" in agent for agent in agents} == {True, False}


@pytest.mark.slow
def test_two_processes_show_the_same_estate_whatever_is_read_first() -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", READ_TWICE, *regions], cwd=ROOT, stdout=subprocess.PIPE)
        for regions in (REGIONS, REGIONS[::-1])
    ]
    first, second = (process.communicate()[0] for process in processes)
    assert without_deliveries(json.loads(first)) == without_deliveries(json.loads(second))


def without_deliveries(read: dict[str, dict[str, list[Any]]]) -> dict[str, dict[str, list[Any]]]:
    """A trail's last delivery is always now, in AWS too."""
    for rows in read.values():
        for trail in rows_of(rows, "trailList"):
            trail.pop("get_trail_status")
    return read


@pytest.mark.parametrize("build", [small.clean, small.dirty])
def test_the_small_accounts_have_at_least_one_of_each_main_kind(aws: SimulatedAws, build: Any) -> None:
    build(aws)
    read = read_everything(aws, "us-east-1")
    missing = {name.rpartition(".")[2] for name, rows in read.items() if not rows}
    watching = {"trailList", "logGroups", "MetricAlarms", "DetectorIds", "VpcEndpoints", "Keys", "Aliases"}
    elsewhere = {"modelSummaries", "provisionedModelSummaries", "ProcessingJobSummaries", "TransformJobSummaries"}
    unused = {"PipelineSummaries", "clusterArns", "taskDefinitionArns", "UserDetailList", "ResourceTagMappingList"}
    assert missing <= watching | elsewhere | unused
    assert len(KINDS) > 35


def test_the_generator_makes_as_many_as_asked_and_the_same_each_time(aws: SimulatedAws) -> None:
    def names() -> list[str]:
        aws.reset()
        assert generate(aws, assets=60, seed=7) >= 60
        return [row["EndpointName"] for row in aws.client("sagemaker").list_endpoints()["Endpoints"]]

    assert names() == names()
