"""Platform AI: an LLM gateway, model servers on GPUs, clusters, functions and the secrets of providers."""

from __future__ import annotations

from demo.aws.build import clusters, compute, identity, monitoring, storage
from demo.aws.build.identity import allow
from demo.aws.build.site import Site
from demo.aws.estate.company import VENDOR_ACCOUNT, Company, owned

TAGS = owned("platform-ai", "llm-gateway")
PROVIDERS = ("openai", "mistral", "cohere", "huggingface")
ANYWHERE = "0.0.0.0/0"


def build(company: Company) -> None:
    site = company.us
    with site.ago(190):
        secrets = _secrets(company)
        _watch(site)
        _gateway(company, secrets)
        _sandbox(company)
        _clusters(company)
    with site.ago(120):
        _instances(company)
        _functions(company)


def _secrets(company: Company) -> dict[str, str]:
    us, eu, kms = company.us, company.eu, company.keys["halden-ml-data"]
    made = {}
    for name in PROVIDERS:
        good = name in ("openai", "mistral")
        made[name] = storage.secret(
            us,
            f"llm-gateway/{name}-api-key",
            kms=kms if good else "",
            rotated=good,
            tags=TAGS if good else None,
        )
    storage.secret(us, "lab/OPENAI_API_KEY")
    storage.share_secret(us, "lab/OPENAI_API_KEY", f"arn:aws:iam::{VENDOR_ACCOUNT}:root")
    storage.secret(us, "lab/wandb-token")
    storage.secret(us, "recommender/pinecone-api-key", kms=kms, rotated=True, tags=TAGS)
    storage.secret(eu, "care/zendesk-token", kms=company.keys["halden-care"], tags=TAGS)
    storage.secret(eu, "search/cohere-api-key")
    return made


def _watch(site: Site) -> None:
    monitoring.log_group(site, "/ecs/llm-gateway", days=90, tags=TAGS)
    oncall = site.arn("sns", "platform-oncall")
    monitoring.alarm(site, "llm-gateway-spend", "Halden/LlmGateway", "TokensOut", action=oncall, tags=TAGS)
    monitoring.alarm(site, "bedrock-throttles", "AWS/Bedrock", "InvocationThrottles", enabled=False)


def _gateway(company: Company, secrets: dict[str, str]) -> None:
    site = company.us
    task = identity.role(
        site,
        "llm-gateway-task",
        "ecs-tasks",
        allow("bedrock:InvokeModel", "arn:aws:bedrock:*::foundation-model/*"),
        tags=TAGS,
    )
    starter = identity.role(
        site, "llm-gateway-execution", "ecs-tasks", allow("secretsmanager:GetSecretValue", sorted(secrets.values())),
        managed=("service-role/AmazonECSTaskExecutionRolePolicy",), tags=TAGS,
    )  # fmt: skip
    cluster = compute.ecs_cluster(site, "ai-platform", TAGS)
    logs = {
        "logDriver": "awslogs",
        "options": {"awslogs-group": "/ecs/llm-gateway", "awslogs-region": site.region, "awslogs-stream-prefix": "gw"},
    }
    good = {
        "image": company.images["llm-gateway"],
        "portMappings": [{"containerPort": 4000}],
        "secrets": [{"name": f"{name.upper()}_API_KEY", "valueFrom": arn} for name, arn in secrets.items()],
        "environment": [{"name": "LITELLM_MODE", "value": "PRODUCTION"}],
        "readonlyRootFilesystem": True,
        "logConfiguration": logs,
    }
    compute.ecs_service(site, cluster, "litellm-gateway", good, role=task, execution_role=starter, tags=TAGS)
    shop = {
        "image": "public.ecr.aws/nginx/nginx:1.29",
        "portMappings": [{"containerPort": 80}],
        "readonlyRootFilesystem": True,
    }
    compute.ecs_service(site, cluster, "status-page", shop, role=task, execution_role=starter, tags=TAGS)


def _sandbox(company: Company) -> None:
    """What people started on their own: keys in plain sight, root, open to the world."""
    site = company.us
    open_group = compute.security_group(site, "litellm-open", (4000, ANYWHERE))
    bad = {
        "image": "ghcr.io/berriai/litellm:main-latest",
        "portMappings": [{"containerPort": 4000}],
        "environment": [
            {"name": "OPENAI_API_KEY", "value": "sk-not-a-real-key-111111111111111111111111"},
            {"name": "LITELLM_MASTER_KEY", "value": "sk-1234"},
        ],
        "privileged": True,
        "user": "root",
    }
    wide = identity.role(site, "sandbox-task", "ecs-tasks", allow("*"))
    sandbox = compute.ecs_cluster(site, "sandbox", insights=False)
    compute.ecs_service(
        site, sandbox, "litellm-trial", bad, role=wide, execution_role=wide, groups=[open_group], public=True
    )
    chat = {"image": "ghcr.io/open-webui/open-webui:latest", "portMappings": [{"containerPort": 8080}]}
    compute.ecs_service(site, sandbox, "open-webui", chat, role=wide, execution_role=wide, public=True)


def _clusters(company: Company) -> None:
    role = identity.role(company.us, "eks-control-plane", "eks", managed=("AmazonEKSClusterPolicy",), tags=TAGS)
    compute.eks_cluster(company.us, "ai-serving", role, TAGS, kms=company.keys["halden-ml-data"])
    compute.eks_cluster(company.eu, "ai-research", role, public=(ANYWHERE,), logs=False, version="1.30")
    pod_role = identity.role(
        company.us,
        "ai-serving-vllm",
        "pods.eks",
        allow("s3:GetObject", "arn:aws:s3:::halden-fraud-models/*"),
        tags=TAGS,
    )
    clusters.pod_identity(company.us, "ai-serving", "serving/vllm", pod_role)


def _instances(company: Company) -> None:
    us, eu = company.us, company.eu
    identity.role(us, "gpu-serving", "ec2", allow("s3:GetObject", "arn:aws:s3:::halden-*-models/*"), tags=TAGS)
    identity.role(us, "gpu-lab", "ec2", allow("*"), managed=("AdministratorAccess",))
    serving = identity.instance_profile(us, "gpu-serving", "gpu-serving")
    lab = identity.instance_profile(us, "gpu-lab", "gpu-lab")
    for number in (1, 2):
        compute.instance(us, f"vllm-serving-{number}", "g5.12xlarge", TAGS, profile=serving)
    ssh = compute.security_group(us, "gpu-lab-open", (22, ANYWHERE), (8888, ANYWHERE), (11434, ANYWHERE))
    compute.instance(us, "ollama-box", "g4dn.xlarge", profile=lab, groups=[ssh], public=True, imds1=True)
    compute.instance(
        us, "finetune-trial", "p4d.24xlarge", owned("data-science-lab", "research", "dev"), profile=lab, imds1=True
    )
    compute.instance(us, "shop-web-1", "m7i.large", owned("shop", "web"))
    compute.instance(eu, "embedding-batch", "inf2.xlarge", owned("search-relevance", "product-search"))
    jupyter = compute.security_group(eu, "jupyter-open", (8888, ANYWHERE))
    compute.instance(eu, "jupyter-eu", "g6.xlarge", groups=[jupyter], public=True, imds1=True)


def _functions(company: Company) -> None:
    us, eu = company.us, company.eu
    careful = _function_role(us, "product-texts", allow("bedrock:InvokeModel", us.arn("bedrock", "custom-model/*")))
    compute.function(us, "product-texts", careful, TAGS, kms=company.keys["halden-ml-data"], url="AWS_IAM")
    wide = _function_role(us, "summarise-reviews", allow(["bedrock:*", "s3:*"]))
    compute.function(
        us, "summarise-reviews", wide, vpc=False, runtime="python3.9", url="NONE", invoked_by="*",
        environment={"OPENAI_API_KEY": "sk-not-a-real-key-222222222222222222222222", "MODEL": "gpt-4o"},
    )  # fmt: skip
    compute.function(
        us, "score-payment", careful, owned("risk-ml", "fraud-scoring"), environment={"ENDPOINT": "fraud-scorer-prod"}
    )
    compute.function(us, "resize-images", careful, owned("shop", "web"), environment={"SIZE": "1200"})
    compute.function(
        us, "recommender-preview", careful, TAGS, url="NONE", image=company.images["recommender"],
        environment={"ANTHROPIC_API_KEY": us.arn("secretsmanager", "secret:recommender/anthropic")},
    )  # fmt: skip
    key = {"SECRET_ARN": eu.arn("secretsmanager", "secret:search/cohere-api-key")}
    compute.function(
        eu,
        "embed-documents",
        _function_role(eu, "embed-documents", allow("bedrock:InvokeModel")),
        TAGS,
        environment=key,
    )
    compute.function(
        eu, "translate-reviews", _function_role(eu, "translate-reviews", allow("secretsmanager:GetSecretValue")),
        vpc=False,
        environment={"HF_TOKEN": "hf_not_a_real_token_00000000000000000000"},
    )  # fmt: skip
    for site, name in ((us, "summarise-reviews"), (us, "product-texts"), (eu, "embed-documents")):
        monitoring.log_group(site, f"/aws/lambda/{name}")


def _function_role(site: Site, name: str, statement: dict[str, object]) -> str:
    return identity.role(site, f"lambda-{name}", "lambda", statement)
