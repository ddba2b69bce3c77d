"""What the demo says about connecting its account by hand."""

from __future__ import annotations

import re

from aispm.runtime.estate import practice
from demo.aws import SimulatedAws, estate
from integrations.aws.collector import AwsCollector


def test_what_is_printed_connects_the_simulated_account_with_and_without_its_role() -> None:
    with SimulatedAws() as aws:
        estate.seed(aws)
        said = dict(re.findall(r"^ {4}(\w[\w ]*?) {2,}(\S+)", "\n".join(practice(aws.url)), re.MULTILINE))
        external_id = re.findall(r"external id ([\w-]+)", practice(aws.url)[-1])[0]
        secret = {"access_key_id": said["key id"], "secret_access_key": said["secret key"], "external_id": external_id}
        settings = {"regions": ["eu-central-1"], "endpoint_url": said["endpoint"]}
        for given in (settings, settings | {"role_arn": said["role"]}):
            assert AwsCollector(given, secret).identify().external_id == aws.account_id
