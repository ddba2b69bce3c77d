"""What the platform and security teams run beside the products: clusters, alerts, people's rights, public images."""

from __future__ import annotations

from demo.aws.build import alerts, clusters, identity, monitoring
from demo.aws.build.identity import allow
from demo.aws.estate.company import VENDOR_ACCOUNT, Company, owned

SECURITY = owned("security", "audit", data="confidential")
CHECKED = ("AWS::SageMaker::NotebookInstance",)


def build(company: Company) -> None:
    with company.us.ago(120):
        _serving(company)
        _people(company)
        _america(company)
    with company.eu.ago(120):
        _research(company)
        _europe(company)


def _serving(company: Company) -> None:
    """The cluster that answers customers: everybody gets in by a role."""
    site, cluster = company.us, "ai-serving"
    for name in ("vpc-cni", "eks-pod-identity-agent"):
        clusters.addon(site, cluster, name)
    admin = identity.role(site, "cluster-admins", "", trust=_sso(site.account))
    clusters.access_entry(site, cluster, admin, "AmazonEKSClusterAdminPolicy")
    clusters.access_entry(
        site, cluster, f"arn:aws:iam::{site.account}:user/tom.okafor", "AmazonEKSViewPolicy", "serving"
    )


def _research(company: Company) -> None:
    """The cluster for trials: a robot's key opens all of it, and its pods may do anything."""
    site, cluster = company.eu, "ai-research"
    clusters.addon(site, cluster, "vpc-cni")
    clusters.addon(site, cluster, "aws-guardduty-agent", "DEGRADED")
    clusters.access_entry(site, cluster, f"arn:aws:iam::{site.account}:user/build-robot", "AmazonEKSClusterAdminPolicy")
    anything = identity.role(site, "research-pods", "pods.eks", allow("*"))
    clusters.pod_identity(site, cluster, "default/notebook", anything)
    reads = identity.role(site, "research-data", "pods.eks", allow("s3:GetObject", "arn:aws:s3:::halden-search-*/*"))
    clusters.pod_identity(site, cluster, "data/loader", reads)


def _sso(account: str) -> str:
    trusted = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:AssumeRole"}
    return identity.policy_text(trusted)


def _people(company: Company) -> None:
    clusters.identity_center(
        company.us,
        Readers=("ReadOnlyAccess",),
        DataScientists=("AmazonSageMakerFullAccess", "AmazonBedrockFullAccess"),
    )


def _america(company: Company) -> None:
    """Counts attacks on its defences and tells nobody; its checks look at what nobody records."""
    site = company.us
    alerts.metric_filter(site, "halden-cloudtrail", "ai-defences-removed", "BedrockDefencesRemoved")
    alerts.log_policy(site, "vendor-logs", {"AWS": f"arn:aws:iam::{VENDOR_ACCOUNT}:root"})
    alerts.config_rule(site, "sagemaker-notebook-no-internet", "SAGEMAKER_NOTEBOOK_NO_DIRECT_INTERNET_ACCESS", *CHECKED)
    alerts.config_rule(site, "sagemaker-notebook-in-vpc", "SAGEMAKER_NOTEBOOK_INSTANCE_INSIDE_VPC", *CHECKED)
    alerts.anomaly_monitor(site, "services")
    alerts.anomaly_monitor(site, "services-watched", "finops@halden.example")
    alerts.public_repository(site, "llm-demo")
    alerts.public_repository(site, "storefront-widgets")
    alerts.event_data_store(site, "halden-short", kept=False)


def _europe(company: Company) -> None:
    site = company.eu
    key = company.keys["halden-logs-eu"]
    monitoring.log_group(site, "/halden/cloudtrail-eu", days=400, kms=key, tags=SECURITY)
    alerts.metric_filter(site, "/halden/cloudtrail-eu", "ai-defences", "GuardrailRemoved")
    told = site.arn("sns", "security-oncall")
    monitoring.alarm(site, "guardrail-removed", "Halden/Security", "GuardrailRemoved", action=told, tags=SECURITY)
    own = {"StringEquals": {"aws:SourceAccount": site.account}}
    alerts.log_policy(site, "bedrock-logs", {"Service": "bedrock.amazonaws.com"}, Condition=own)
    alerts.config_rule(
        site,
        "sagemaker-endpoint-key",
        "SAGEMAKER_ENDPOINT_CONFIGURATION_KMS_KEY_CONFIGURED",
        "AWS::SageMaker::EndpointConfig",
    )
    alerts.config_rule(site, "sagemaker-notebook-key", "SAGEMAKER_NOTEBOOK_INSTANCE_KMS_KEY_CONFIGURED", *CHECKED)
    alerts.event_data_store(site, "halden-events-eu", "AWS::SageMaker::Endpoint", kms=key, tags=SECURITY)
    site.client("ec2").enable_ebs_encryption_by_default()
