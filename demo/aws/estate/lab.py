"""The data science lab: notebooks of every kind, scripts with secrets in them, roles shared by all."""

from __future__ import annotations

from demo.aws.build import agents, bedrock, identity, sagemaker, storage
from demo.aws.build.identity import allow
from demo.aws.build.storage import Bucket, grant
from demo.aws.estate.company import Company, owned, s3

TAGS = owned("data-science-lab", "research", "dev")
SCRATCH, UPLOADS, PARTNER = "halden-ml-scratch", "halden-labelling-uploads", "lumen-shared-collections"
INSTALL = "#!/bin/bash\nset -e\npip install --quiet pandas scikit-learn\n"
LEAKY = "#!/bin/bash\nexport OPENAI_API_KEY=sk-not-a-real-key-0000000000000000\nsudo -u ec2-user pip install openai\n"
FETCHING = "#!/bin/bash\ncurl -s http://tools.example/setup.sh | bash\n"


def build(company: Company) -> None:
    site = company.us
    with site.ago(260):
        storage.bucket(site, SCRATCH, Bucket(kms=company.keys["halden-experiments"], versioned=False, tls_only=False))
        anybody = grant(UPLOADS, "*", "s3:PutObject")
        everybody = Bucket(versioned=False, tls_only=False, blocked=False, acl="public-read", statements=(anybody,))
        storage.bucket(site, UPLOADS, everybody)
        storage.bucket(site, "halden-lab-datasets", Bucket(kms=company.keys["halden-ml-data"], tags=TAGS))
        shared = identity.role(
            site, "lab-notebooks", "sagemaker",
            allow(["s3:*", "bedrock:*", "secretsmanager:GetSecretValue", "iam:PassRole"]),
            managed=("AmazonSageMakerFullAccess",), trust=identity.trust(site, "sagemaker", guarded=False),
        )  # fmt: skip
        careful = identity.role(
            site, "lab-curated", "sagemaker",
            allow(["s3:GetObject", "s3:ListBucket"], [f"arn:aws:s3:::halden-lab-datasets{end}" for end in ("", "/*")]),
            tags=TAGS,
        )  # fmt: skip
        for name, script in (("lab-standard", INSTALL), ("lab-openai", LEAKY), ("lab-tools", FETCHING)):
            sagemaker.lifecycle_config(site, name, script)
        sagemaker.domain(site, "lab-studio", shared, AppNetworkAccessType="PublicInternetOnly", AuthMode="IAM")
    _notebooks(company, shared, careful)
    _experiments(company, shared)
    _borrowed(company, shared)


def _notebooks(company: Company, shared: str, careful: str) -> None:
    site, kms = company.us, company.keys["halden-ml-data"]
    for index, person in enumerate(("aiko", "bruno", "chiara", "deniz")):
        with site.ago(200 - 30 * index):
            config = "lab-openai" if person == "bruno" else "lab-tools" if person == "deniz" else None
            sagemaker.open_notebook(
                site, f"{person}-experiments", shared, LifecycleConfigName=config,
                InstanceType="ml.p3.2xlarge" if person == "chiara" else "ml.t3.xlarge",
            )  # fmt: skip
    for index, name in enumerate(("churn-study", "pricing-study", "returns-study", "supplier-risk")):
        with site.ago(150 - 25 * index):
            sagemaker.notebook(site, name, careful, TAGS, KmsKeyId=kms, LifecycleConfigName="lab-standard")
    with site.ago(15):
        sagemaker.notebook(site, "workshop-2026", shared, TAGS, RootAccess="Enabled")
        sagemaker.open_notebook(company.eu, "import-test", shared)


def _experiments(company: Company, shared: str) -> None:
    site = company.us
    for index, name in enumerate(("llm-finetune-trial", "ocr-invoices", "sentiment-baseline")):
        with site.ago(38 - 9 * index):
            source = s3(UPLOADS if name == "ocr-invoices" else SCRATCH, name)
            artifact = sagemaker.training_job(
                site, f"{name}-{index + 1}", shared, company.images["notebook-tools"], data=source,
                output=s3(SCRATCH, "models"), VpcConfig=None, EnableNetworkIsolation=False,
                instance="ml.p4d.24xlarge" if index == 0 else "ml.g5.xlarge", EnableManagedSpotTraining=index == 0,
            )  # fmt: skip
            sagemaker.model(
                site, name, shared, {"Image": company.images["notebook-tools"], "ModelDataUrl": artifact},
                VpcConfig=None, EnableNetworkIsolation=False,
            )  # fmt: skip
    with site.ago(14):
        helper = identity.role(site, "lab-agent", "bedrock", allow("bedrock:*"))
        agents.agent(
            site, "lab-helper", helper, TAGS, model="meta.llama3-3-70b-instruct-v1:0", alias_to="DRAFT",
            guardrail="deletedguard", guardrail_version="1",
        )  # fmt: skip
        bedrock.guardrail(site, "lab-none", strength="NONE", attacks="", personal="", complete=False, versions=0)
        sagemaker.model(
            site, "downloaded-classifier", shared,
            {
                "Image": company.images["vllm-serving"],
                "ModelDataUrl": s3(SCRATCH, "downloads/classifier.tar.gz"),
                "Environment": {"HF_MODEL_ID": "somebody/classifier-7b", "HF_TRUST_REMOTE_CODE": "true"},
            },
            VpcConfig=None, EnableNetworkIsolation=False,
        )  # fmt: skip
        sagemaker.endpoint_config(site, "downloaded-classifier", "downloaded-classifier", count=1)
        sagemaker.endpoint(site, "downloaded-classifier", "downloaded-classifier")
        sagemaker.endpoint_config(site, "sentiment-baseline", "sentiment-baseline", count=1)
        sagemaker.endpoint(site, "sentiment-baseline", "sentiment-baseline")


def _borrowed(company: Company, shared: str) -> None:
    """What lies in a bucket of a partner, and is used where it lies."""
    site, image = company.us, company.images["notebook-tools"]
    with site.ago(6):
        sagemaker.processing_job(
            site, "receipts-borrowed", shared, image, data=s3(PARTNER, "receipts"), output=s3(SCRATCH, "receipts"),
        )  # fmt: skip
        container = {"Image": image, "ModelDataUrl": s3(PARTNER, "translator/model.tar.gz")}
        sagemaker.model(site, "borrowed-translator", shared, container)
        sagemaker.endpoint_config(site, "borrowed-translator", "borrowed-translator", count=1)
        sagemaker.endpoint(site, "borrowed-translator", "borrowed-translator")
