"""Two small accounts for tests: in `clean` everything is in order, in `dirty` nothing is. Same things in both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.aws.build import agents, bedrock, compute, identity, monitoring, sagemaker, storage
from demo.aws.build.identity import allow
from demo.aws.build.site import Site
from demo.aws.build.storage import Bucket, Repository
from demo.aws.estate.company import owned, s3

if TYPE_CHECKING:
    from demo.aws.server import SimulatedAws

TAGS = owned("ml", "scoring", data="confidential")
DATA_EVENTS = (
    "AWS::S3::Object",
    "AWS::Bedrock::AgentAlias",
    "AWS::Bedrock::KnowledgeBase",
    "AWS::Bedrock::Guardrail",
    "AWS::Bedrock::Model",
    "AWS::SageMaker::Endpoint",
)


def clean(aws: SimulatedAws, region: str = "us-east-1") -> Site:
    """One of each, all in order."""
    site = Site(aws, region, aws.account_id)
    with site.ago(40):
        site = compute.network(site, "ml", "10.10.0.0/16", TAGS)
        storage.block_account(site)
        kms = storage.key(site, "ml", tags=TAGS)
        bedrock.foundation_models(site)
        _watched(site, kms)
        _trained(site, kms)
        _answering(site, kms)
        _running(site, kms)
    return site


def _watched(site: Site, kms: str) -> None:
    storage.bucket(site, "clean-access-logs", Bucket(kms=kms, takes_logs=True, tags=TAGS))
    storage.bucket(site, "clean-trail", Bucket(kms=kms, log_to="clean-access-logs", tags=TAGS))
    monitoring.trail(site, "clean-trail", "clean-trail", TAGS, kms=kms, data_events=DATA_EVENTS)
    monitoring.detector(site, tags=TAGS)
    monitoring.log_group(site, "/clean/bedrock", days=400, kms=kms, tags=TAGS)
    writer = identity.role(site, "bedrock-logging", "bedrock", allow("logs:PutLogEvents", "*"), tags=TAGS)
    bedrock.invocation_logging(site, log_group="/clean/bedrock", role=writer)
    action = site.arn("sns", "oncall")
    monitoring.alarm(site, "bedrock-errors", "AWS/Bedrock", "InvocationClientErrors", action=action, tags=TAGS)


def _trained(site: Site, kms: str) -> None:
    for name in ("clean-training-data", "clean-models", "clean-capture"):
        storage.bucket(site, name, Bucket(kms=kms, log_to="clean-access-logs", tags=TAGS))
    role = identity.role(
        site,
        "clean-sagemaker",
        "sagemaker",
        allow(["s3:GetObject", "s3:ListBucket"], ["arn:aws:s3:::clean-training-data/*"]),
        tags=TAGS,
    )
    storage.repository(site, "clean/scorer", Repository(kms=kms, tags=TAGS))
    image = storage.image(site, "clean/scorer", "1.0.0", LOW=1)
    artifact = sagemaker.training_job(
        site, "scorer-1", role, image, data=s3("clean-training-data"), output=s3("clean-models"), kms=kms, tags=TAGS
    )
    sagemaker.package_group(site, "scorer", tags=TAGS)
    package = sagemaker.package(site, "scorer", image, artifact, SecurityConfig={"KmsKeyId": kms})
    sagemaker.model(site, "scorer", role, {"ModelPackageName": package}, tags=TAGS)
    sagemaker.endpoint_config(site, "scorer", "scorer", kms=kms, capture=s3("clean-capture"), tags=TAGS)
    sagemaker.endpoint(site, "scorer", "scorer", TAGS)
    sagemaker.lifecycle_config(site, "standard", "#!/bin/bash\nset -e\n")
    sagemaker.notebook(site, "study", role, TAGS, KmsKeyId=kms, LifecycleConfigName="standard")
    sagemaker.domain(site, "studio", role, TAGS, KmsKeyId=kms)
    sagemaker.feature_group(site, "features", role, s3("clean-training-data", "features"), kms=kms, tags=TAGS)


def _answering(site: Site, kms: str) -> None:
    guardrail = bedrock.guardrail(site, "assistant", TAGS, kms=kms)
    role = identity.role(
        site, "clean-agent", "bedrock",
        allow("bedrock:InvokeModel", bedrock.model_arn(site, "amazon.nova-pro-v1:0")), tags=TAGS,
    )  # fmt: skip
    storage.bucket(site, "clean-documents", Bucket(kms=kms, log_to="clean-access-logs", tags=TAGS))
    base = agents.knowledge_base(site, "documents", role, TAGS)
    agents.data_source(site, base, "documents", bucket="clean-documents", kms=kms)
    assistant = agents.agent(site, "assistant", role, TAGS, guardrail=guardrail, kms=kms)
    agents.knows(assistant, base, "Public documents")
    agents.action_group(assistant, "look_up_order", function=_function(site, kms))


def _function(site: Site, kms: str) -> str:
    runner = identity.role(
        site, "clean-lookup", "lambda", allow("dynamodb:GetItem", site.arn("dynamodb", "table/orders")), tags=TAGS
    )
    return compute.function(
        site,
        "look-up-order",
        runner,
        TAGS,
        kms=kms,
        environment={"TABLE": "orders"},
        invoked_by="bedrock.amazonaws.com",
    )


def _running(site: Site, kms: str) -> None:
    for service in ("bedrock-runtime", "sagemaker.api", "sagemaker.runtime", "s3"):
        compute.vpc_endpoint(site, service, _own_account(site), TAGS)
    identity.role(site, "clean-gpu", "ec2", allow("s3:GetObject", "arn:aws:s3:::clean-models/*"), tags=TAGS)
    profile = identity.instance_profile(site, "clean-gpu", "clean-gpu")
    compute.instance(site, "gpu-1", "g5.xlarge", TAGS, profile=profile)
    plane = identity.role(site, "clean-eks", "eks", managed=("AmazonEKSClusterPolicy",), tags=TAGS)
    compute.eks_cluster(site, "serving", plane, TAGS, kms=kms)
    storage.secret(site, "ml/openai-api-key", kms=kms, rotated=True, tags=TAGS)


def _own_account(site: Site) -> dict[str, object]:
    own = {"StringEquals": {"aws:PrincipalAccount": site.account}}
    statement = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": own}
    return {"Version": "2012-10-17", "Statement": [statement]}


def dirty(aws: SimulatedAws, region: str = "us-east-1") -> Site:
    """One of each, all wrong; nobody watches."""
    site = Site(aws, region, aws.account_id)
    with site.ago(40):
        site = compute.network(site, "ml", "10.10.0.0/16")
        bedrock.foundation_models(site)
        mighty = identity.role(
            site, "everything", "sagemaker", allow("*"), trust=identity.trust(site, "sagemaker", guarded=False)
        )
        _dirty_training(site, mighty)
        _dirty_agents(site)
        _dirty_hosts(site)
    return site


def _dirty_training(site: Site, role: str) -> None:
    wrong = Bucket(public=True, versioned=False, tls_only=False)
    for name in ("dirty-training-data", "dirty-models"):
        storage.bucket(site, name, wrong)
    storage.repository(site, "dirty/scorer", Repository(immutable=False, scan=False))
    image = storage.image(site, "dirty/scorer", "latest", CRITICAL=3, HIGH=8)
    exposed = {"VpcConfig": None, "EnableNetworkIsolation": False}
    artifact = sagemaker.training_job(
        site, "scorer-1", role, image, data=s3("dirty-training-data"), output=s3("dirty-models"),
        EnableInterContainerTrafficEncryption=False,
        Environment={"OPENAI_API_KEY": "sk-not-a-real-key-44444444"}, **exposed,
    )  # fmt: skip
    sagemaker.package_group(site, "scorer")
    sagemaker.package(site, "scorer", image, artifact, ModelApprovalStatus="PendingManualApproval")
    sagemaker.model(site, "scorer", role, {"Image": image, "ModelDataUrl": artifact}, **exposed)
    sagemaker.endpoint_config(site, "scorer", "scorer")
    sagemaker.endpoint(site, "scorer", "scorer")
    sagemaker.lifecycle_config(site, "leaky", "#!/bin/bash\nexport OPENAI_API_KEY=sk-not-a-real-key-0000000000000000\n")
    sagemaker.open_notebook(site, "study", role, LifecycleConfigName="leaky")
    sagemaker.domain(site, "studio", role, AppNetworkAccessType="PublicInternetOnly")
    sagemaker.feature_group(site, "features", role, s3("dirty-training-data", "features"))


def _dirty_agents(site: Site) -> None:
    bedrock.guardrail(site, "weak", strength="NONE", attacks="", personal="", complete=False, versions=0)
    role = identity.role(
        site, "dirty-agent", "bedrock", allow("*"), trust=identity.trust(site, "bedrock", guarded=False)
    )
    base = agents.knowledge_base(site, "documents", role)
    agents.data_source(site, base, "documents", bucket="dirty-training-data", retain=True)
    assistant = agents.agent(site, "assistant", role, alias_to="DRAFT", model="amazon.titan-text-express-v1")
    agents.knows(assistant, base, "Everything")
    function = compute.function(
        site,
        "pay",
        role,
        vpc=False,
        url="NONE",
        invoked_by="*",
        environment={"OPENAI_API_KEY": "sk-not-a-real-key-55555555"},
    )
    agents.action_group(assistant, "pay", function=function, confirm=False)


def _dirty_hosts(site: Site) -> None:
    open_group = compute.security_group(site, "open", (22, "0.0.0.0/0"), (11434, "0.0.0.0/0"))
    identity.role(site, "dirty-gpu", "ec2", allow("*"))
    profile = identity.instance_profile(site, "dirty-gpu", "dirty-gpu")
    compute.instance(site, "gpu-1", "g5.xlarge", profile=profile, groups=[open_group], public=True, imds1=True)
    plane = identity.role(site, "dirty-eks", "eks", managed=("AmazonEKSClusterPolicy",))
    compute.eks_cluster(site, "serving", plane, public=("0.0.0.0/0",), logs=False, version="1.29")
    storage.secret(site, "ml/openai-api-key")
