"""A simulated AWS account behind one loopback endpoint, speaking the real AWS protocols.

    from demo.aws import SimulatedAws

    with SimulatedAws() as aws:
        client = boto3.Session(**aws.credentials).client("bedrock", endpoint_url=aws.url, region_name="us-east-1")
        aws.faults.inject("denied", "bedrock", "ListGuardrails", region="us-east-1")
        aws.calls.count("bedrock")
        aws.overlay.pager.forced = 2                    # every list in pages of two
        aws.put("bedrock.guardrail", {...})             # checked against the service model; aws.remove takes it out
        aws.inside.client("sagemaker", region, account) # changes without a trace in the log

`estate.seed(aws)` builds a whole company, `estate.generator.generate(aws, assets=2000)` any number of assets,
`estate.small.clean(aws)` and `.dirty(aws)` one of each in good and in bad order; `build/` has one function a thing.
Collectors, tests, bench and the demo use it over HTTP; the product code has no test branch.
"""

from demo.aws import moto_server  # first: it seeds moto before any of its modules is imported
from demo.aws.calls import CallLog, Served
from demo.aws.faults import Fault, Faults
from demo.aws.server import SimulatedAws

__all__ = ["CallLog", "Fault", "Faults", "Served", "SimulatedAws", "moto_server"]
