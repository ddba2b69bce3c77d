"""What stands in the small account beside SageMaker and Bedrock: one of each kind, referring to others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.aws.build import agentcore
from demo.aws.build.site import Network, Site

if TYPE_CHECKING:
    from tests.integrations.aws.estate import Estate


def make(estate: Estate) -> None:
    """After everything else, so that there are roles, keys, images and functions to refer to."""
    group = estate.group.rpartition("/")[2]
    site = Site(estate.aws, "us-east-1", estate.account, Network("vpc-1", ("subnet-1",), group))
    _agentcore(estate, site)


def _agentcore(estate: Estate, site: Site) -> None:
    role, key = estate.role, estate.key
    runtime = agentcore.runtime(site, "concierge", role, estate.image, environment={"DB_PASSWORD": "hunter2hunter2"})
    agentcore.share(site, runtime, "*")
    agentcore.harness(site, "night", role, runtime=runtime, model=estate.model)
    agentcore.memory(site, "memory", role, kms=key)
    engine = agentcore.policy_engine(site, "rules", kms=key)
    gateway = agentcore.gateway(site, "tools", role, engine=engine, kms=key)
    agentcore.target(site, gateway, "orders", agentcore.function_tool(estate.function))
    agentcore.browser(site, "browser", role, bucket="capture")
    agentcore.code_interpreter(site, "sums", role)
    agentcore.key_provider(site, "weather")
    agentcore.oauth_provider(site, "github")
    agentcore.token_vault(site, key)
    agentcore.registry(site, "agents")
    agentcore.online_evaluation(site, "concierge", role)
