"""A made-up estate of any size for measurements: the kinds of a real AI account in their usual proportion.

Names and choices come from a seeded generator; a third of the things are set up badly, as it is in life.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from demo.aws.build import agents, bedrock, compute, identity, monitoring, sagemaker, storage
from demo.aws.build.identity import allow
from demo.aws.build.site import Site
from demo.aws.build.storage import Bucket, Repository
from demo.aws.estate.company import owned, s3

if TYPE_CHECKING:
    from demo.aws.server import SimulatedAws

TOPICS = ("fraud", "churn", "pricing", "search", "vision", "speech", "forecast", "routing", "ranking", "support")
STAGES = ("prod", "staging", "dev")
# What one block of work of a team holds; a block is about 35 assets.
NOTEBOOKS, CHAINS, AGENTS, FUNCTIONS = 3, 3, 1, 2


@dataclass(slots=True)
class Plan:
    """What is built where; `made` counts the assets so far. Names of buckets are the world's: `suffix` tells accounts
    apart."""

    site: Site
    random: Random
    suffix: str = ""
    made: int = 0
    images: list[str] = field(default_factory=list)

    def bad(self) -> bool:
        return self.random.random() < 1 / 3


def generate(aws: SimulatedAws, *, assets: int, seed: int = 1, account: str = "") -> int:
    """Adds at least `assets` assets, spread over both regions of an account: the simulator's own unless another one is
    named. Returns how many were made."""
    sites = [Site(aws, region, account or aws.account_id) for region in ("us-east-1", "eu-central-1")]
    suffix = f"-{account}" if account else ""
    plans = [_prepared(site, seed + index, suffix) for index, site in enumerate(sites)]
    block = 0
    while sum(plan.made for plan in plans) < assets:
        plan = plans[block % len(plans)]
        with plan.site.ago(5 + plan.random.random() * 80):
            _block(plan, f"{plan.random.choice(TOPICS)}-{block:04d}{plan.suffix}")
        block += 1
    return sum(plan.made for plan in plans)


def _prepared(site: Site, seed: int, suffix: str) -> Plan:
    with site.ago(200):
        site = compute.network(site, "generated", "10.90.0.0/16")
        bedrock.foundation_models(site)
    plan = Plan(site, Random(seed), suffix)  # noqa: S311 - repeatable, not secret
    for number in range(3):
        name = f"generated/serving-{number}"
        storage.repository(site, name, Repository(immutable=number != 1))
        plan.images.append(storage.image(site, name, "1.0", HIGH=number))
    return plan


def _block(plan: Plan, name: str) -> None:
    site = plan.site
    stage = plan.random.choice(STAGES)
    tags = {} if plan.bad() else owned(name.partition("-")[0], name, stage)
    key = storage.key(site, name, rotation=not plan.bad(), tags=tags)
    data, artifacts = f"{name}-training-data", f"{name}-model-artifacts"
    for bucket in (data, artifacts):
        bad = plan.bad()
        storage.bucket(site, bucket, Bucket(kms="" if bad else key, versioned=not bad, tls_only=not bad, tags=tags))
    wide = plan.bad()
    actions = allow("s3:*" if wide else ["s3:GetObject", "s3:PutObject"], "*" if wide else f"arn:aws:s3:::{data}/*")
    role = identity.role(site, f"{name}-sagemaker", "sagemaker", actions, tags=tags)
    plan.made += 4
    for number in range(NOTEBOOKS):
        build = sagemaker.open_notebook if plan.bad() else sagemaker.notebook
        build(site, f"{name}-notebook-{number}", role, tags)
    plan.made += NOTEBOOKS
    for number in range(CHAINS):
        _chain(plan, f"{name}-{number}", role, (s3(data), s3(artifacts)), key)
    _agents(plan, name, tags)
    _surroundings(plan, name, tags)


def _chain(plan: Plan, name: str, role: str, uris: tuple[str, str], key: str) -> None:
    site, bad = plan.site, plan.bad()
    image = plan.random.choice(plan.images)
    exposed = {"VpcConfig": None, "EnableNetworkIsolation": False} if bad else {}
    artifact = sagemaker.training_job(
        site, f"{name}-train", role, image, data=uris[0], output=uris[1], kms="" if bad else key, **exposed
    )
    sagemaker.model(site, f"{name}-model", role, {"Image": image, "ModelDataUrl": artifact}, **exposed)
    sagemaker.endpoint_config(site, f"{name}-config", f"{name}-model", kms="" if bad else key)
    sagemaker.endpoint(site, f"{name}-endpoint", f"{name}-config")
    plan.made += 4


def _agents(plan: Plan, name: str, tags: dict[str, str]) -> None:
    site = plan.site
    role = identity.role(site, f"{name}-agent", "bedrock", allow("bedrock:*" if plan.bad() else "bedrock:InvokeModel"))
    bad = plan.bad()
    guardrail = "" if bad else bedrock.guardrail(site, name, tags)
    agents.agent(site, name, role, tags, guardrail=guardrail)
    plan.made += 4 if bad else 5
    for number in range(FUNCTIONS):
        environment = {"OPENAI_API_KEY": "sk-not-a-real-key-33333333"} if plan.bad() else {"STAGE": "prod"}
        compute.function(site, f"{name}-function-{number}", role, tags, environment=environment)
    plan.made += FUNCTIONS


def _surroundings(plan: Plan, name: str, tags: dict[str, str]) -> None:
    """What every workload has around it: logs, alarms, a secret, a new image."""
    site = plan.site
    storage.secret(site, f"{name}/openai-api-key", tags={} if plan.bad() else tags)
    for number in range(CHAINS):
        days = 0 if plan.bad() else 90
        monitoring.log_group(site, f"/aws/sagemaker/Endpoints/{name}-{number}-endpoint", days=days, tags=tags)
    for metric in ("Invocation5XXErrors", "ModelLatency"):
        monitoring.alarm(site, f"{name}-model-{metric}", "AWS/SageMaker", metric, enabled=not plan.bad())
    storage.image(site, f"generated/serving-{plan.random.randrange(3)}", name, HIGH=plan.random.randrange(4), LOW=2)
    plan.made += 4 + CHAINS
