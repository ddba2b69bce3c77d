"""The demo's account as a process: it says where it listens, remembers its first start, and ends when told."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest

ROOT = Path(__file__).parents[2]


def started(state: Path) -> tuple[subprocess.Popen[str], dict[str, Any]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "demo.aws", "--state", str(state)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())


@pytest.mark.slow
def test_a_second_start_shows_what_the_first_showed(tmp_path: Path) -> None:
    (tmp_path / "simulated-aws.json").write_text(json.dumps({"epoch": "2026-06-01T00:00:00+00:00"}))
    process, said = started(tmp_path)
    try:
        session = boto3.Session(said["access_key_id"], said["secret_access_key"], region_name="us-east-1")
        client = session.client("sagemaker", endpoint_url=said["url"])
        model = client.describe_model(ModelName="demand-forecast")
        assert model["CreationTime"].isoformat() == "2026-05-27T00:00:00+00:00"
        assert session.client("sts", endpoint_url=said["url"]).get_caller_identity()["Account"] == said["account"]
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode == 0
