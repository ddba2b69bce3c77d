"""What stands in the small account beside SageMaker and Bedrock: one of each kind, referring to others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from demo.aws.build import (
    agentcore,
    ai_services,
    alerts,
    assistants,
    clusters,
    monitoring,
    organization,
    platform,
    security,
    vector_stores,
)
from demo.aws.build.ai_services import Shelf
from demo.aws.build.site import Network, Site

if TYPE_CHECKING:
    from tests.integrations.aws.estate import Estate


RECOGNIZER = "entity-recognizer/mails/version/1"
OUTSIDER = "arn:aws:iam::444455556666:root"


def make(estate: Estate) -> None:
    """After everything else, so that there are roles, keys, images and functions to refer to."""
    group = estate.group.rpartition("/")[2]
    site = Site(estate.aws, "us-east-1", estate.account, Network("vpc-1", ("subnet-1",), group))
    _agentcore(estate, site)
    _assistants(estate, site)
    _services(estate, site)
    _vectors(estate, site)
    _platform(estate, site)
    _watching(estate, site)


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


def _assistants(estate: Estate, site: Site) -> None:
    role, key = estate.role, estate.key
    application = assistants.q_application(site, "intranet", role, kms=key)
    assistants.q_plugin(site, application, "helpdesk")
    assistants.q_accessor(site, application, "notes", role)
    assistants.kendra_index(site, "search", role, "documents", kms=key)
    logs = assistants.conversation_logs(estate.arn("logs", "log-group:invocations"), "capture", key)
    bot = assistants.lex_bot(site, "phone", role, logs=logs)
    partner = {"AWS": OUTSIDER}
    assistants.policy(site, "qbusiness", application, partner, "qbusiness:SearchRelevantContent")
    assistants.policy(site, "lexv2-models", bot, partner, "lex:RecognizeText")


def _services(estate: Estate, site: Site) -> None:
    shelf = Shelf("data", estate.role, estate.key)
    for arn in (ai_services.comprehend(site, "mails", shelf), estate.arn("comprehend", RECOGNIZER)):
        ai_services.share_model(site, arn, OUTSIDER)
    ai_services.rekognition(site, "returns", shelf, shared=OUTSIDER)
    ai_services.textract(site, "invoices", shelf)
    ai_services.language(site, "shop", shelf)
    ai_services.prediction(site, "shop", shelf)


def _vectors(estate: Estate, site: Site) -> None:
    key = estate.key
    vector_stores.domain(site, "manuals", kms=key)
    vector_stores.collection(site, "articles", kms=key)
    vector_stores.vector_bucket(site, "vectors", kms=key, shared=OUTSIDER)
    vector_stores.graph(site, "parts", kms=key)
    vector_stores.database(site, "graph", "neptune", kms=key)
    vector_stores.memory_cluster(site, "cache", kms=key)
    vector_stores.catalogue(site, "sagemaker_featurestore", "data", kms=key)


def _platform(estate: Estate, site: Site) -> None:
    role, key = estate.role, estate.key
    platform.parameter(site, "/prod/openai/api-key", kms=key)
    platform.batch_job(site, "train-nightly", role, estate.image, environment={"DB_PASSWORD": "hunter2hunter2"})
    platform.build_project(site, "model-build", role, kms=key, OPENAI_API_KEY="hunter2hunter2")
    platform.rest_api(site, "ask", estate.function, acl=platform.web_acl(site, "ask-limits"))
    platform.state_machine(site, "summarise", role)
    platform.identity_pool(site, "shop", role, role)
    platform.machine_image(site, "model-server")
    subnet = site.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
    platform.node_group(replace(site, network=Network("vpc-1", (subnet,), "sg-1")), "gpu", "nodes", role)
    clusters.addon(site, "gpu", "vpc-cni")
    clusters.pod_identity(site, "gpu", "serving/vllm", role)
    clusters.access_entry(site, "gpu", role, "AmazonEKSViewPolicy", "serving")
    clusters.identity_center(site, people=("ReadOnlyAccess",))
    alerts.public_repository(site, "llm-demo")
    vpc = site.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    here = replace(site, network=Network(vpc, ("subnet-1",), "sg-1"))
    platform.flow_log(here, "invocations")


def _watching(estate: Estate, site: Site) -> None:
    key = estate.key
    security.macie(site, "data", sensitive="data")
    security.inspector(site, "ec2", "ecr", "lambda")
    security.inspector_finding(site, estate.function, "A package with a hole", "AWS_LAMBDA_FUNCTION")
    security.security_hub(site)
    security.analyzer(site, "account", ("arn:aws:s3:::data", "AWS::S3::Bucket"))
    security.recorder(site, estate.role)
    security.event_rule(site, "tampering", estate.arn("sns", "oncall"))
    security.delivery(site, "concierge-logs", estate.arn("bedrock-agentcore", "runtime/x"), "logs")
    security.budget(site, "ai", "Amazon Bedrock")
    alerts.metric_filter(site, "invocations", "tampering", "GuardrailRemoved")
    alerts.log_policy(site, "outsider", {"AWS": OUTSIDER})
    alerts.config_rule(site, "notebooks", "SAGEMAKER_NOTEBOOK_INSTANCE_INSIDE_VPC")
    alerts.anomaly_monitor(site, "services", "oncall@example.org")
    alerts.event_data_store(site, "events", kms=key)
    detector = site.client("guardduty").list_detectors()["DetectorIds"][0]
    monitoring.threat(site, detector, "Impact:IAMUser/AnomalousModelInvocation", "A role asked a model oddly")
    organization.organization(site, [organization.Member("444455556666", "science")])
    deny = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "bedrock:*", "Resource": "*"}]}
    for sort in (
        "SERVICE_CONTROL_POLICY",
        "RESOURCE_CONTROL_POLICY",
        "AISERVICES_OPT_OUT_POLICY",
        "BEDROCK_POLICY",
    ):
        organization.policy(site, sort, sort.lower(), deny, organization.ROOT)
