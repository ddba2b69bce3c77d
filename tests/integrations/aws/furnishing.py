"""The rest of the small account: one of everything that SageMaker and Bedrock hold beside models and agents."""

from __future__ import annotations

from demo.aws import SimulatedAws
from demo.aws.build import brought, making, people, prompts, records, studio, watching
from demo.aws.build.site import Network, Site

DATA, ARTIFACTS, OUT = "s3://data/train/", "s3://artifacts/train-1/output/model.tar.gz", "s3://capture/out"


def furnish(aws: SimulatedAws, region: str, role: str, key: str, image: str) -> None:
    for model in (brought.NOVA, prompts.NOVA):
        arn = f"arn:aws:bedrock:{region}::foundation-model/{model}"
        aws.put("bedrock.foundation_model", {"modelId": model, "modelArn": arn, "modelName": model}, region=region)
    site = Site(aws, region, aws.account_id, Network("vpc-1", ("subnet-1",), "sg-12345678"))
    _studio(site, role, key, image)
    _making(site, role, key, image)
    _watching(site, role, key)
    _records(site, role)
    _brought(site, role, key)
    _guarded(site, role)


def _studio(site: Site, role: str, key: str, image: str) -> None:
    domain = site.client("sagemaker").list_domains()["Domains"][0]["DomainId"]
    studio.user_profile(site, domain, "ana", role)
    studio.space(site, domain, "ana-lab", "ana")
    studio.lifecycle_script(site, "install", "pip install vllm\n")
    studio.app(site, domain, "ana-lab")
    studio.image(site, "vision", image)
    studio.app_image_config(site, "vision")
    studio.code_repository(site, "ranking", "https://git.example.com/ranking.git")
    studio.partner_app(site, "comet", role, key)
    studio.project(site, "ranking")


def _making(site: Site, role: str, key: str, image: str) -> None:
    making.tuning_job(site, "tune-1", role, image, data=DATA, output=OUT, kms=key)
    making.automl_job(site, "automl-1", role, data=DATA, output=OUT, kms=key)
    making.compilation_job(site, "compile-1", role, artifact=ARTIFACTS, output=OUT, kms=key)
    making.optimization_job(site, "optimize-1", role, artifact=ARTIFACTS, output=OUT, kms=key)
    making.hyperpod_cluster(site, "pod", role, "s3://artifacts/scripts")
    people.workforce(site)
    team = people.workteam(site, "labellers")["WorkteamArn"]
    people.labeling_job(site, "label-1", role, team, data=DATA, output=OUT, kms=key)
    people.flow_definition(site, "review", role, team, output=OUT, kms=key)


def _watching(site: Site, role: str, key: str) -> None:
    watching.inference_component(site, "ranker-part", "ranker", "ranker-model")
    models = ("ranker-model", "ranker-model")
    watching.inference_experiment(site, "shadow", "ranker", models, role=role, store=OUT, kms=key)
    for kind in watching.NOUNS:
        watching.job_definition(site, kind, kind.replace("_", "-"), "ranker", role=role, store=f"{OUT}/", kms=key)
    watching.schedule(site, "hourly", "ranker", "data-quality")


def _records(site: Site, role: str) -> None:
    records.lineage(site, "train-1", DATA, ARTIFACTS, "ranker")
    records.mlflow_server(site, "tracking", role, "s3://artifacts/mlflow")
    records.mlflow_app(site, "tracking-app", role, "s3://artifacts/mlflow")
    records.model_card(site, "ranker", "ranker-model")
    records.hub(site, "models", "s3://artifacts/hub")
    records.hub_content(site, "models", "llama", "ModelReference")
    records.hub_content(site, "models", "ranker", "Model")


def _brought(site: Site, role: str, key: str) -> None:
    model = brought.imported_model(site, "own-llama", "s3://artifacts/llama/", modelKmsKeyArn=key)
    brought.import_job(site, "own-llama", role, "s3://artifacts/llama/")
    brought.copy_job(site, model["modelArn"], model["modelArn"])
    tuned = site.arn("bedrock", "custom-model/amazon.nova/abc")
    job = brought.customization_job(site, "tuning", role, data="s3://data/tune.jsonl", output=OUT, model=tuned)
    known = site.aws.overlay.twin.get("bedrock.custom_model", (site.account, site.region), tuned)
    site.put("bedrock.custom_model", {**(known or {}), "jobArn": job["jobArn"]})
    brought.deployment(site, "tuned-live", tuned)
    brought.evaluation_job(site, "check", role, tuned, output=OUT, kms=key)
    brought.batch_job(site, "nightly", role, data=DATA, output=OUT, kms=key)
    brought.inference_profile(site, "shop")
    brought.inference_profile(site, "us.amazon.nova", type="SYSTEM_DEFINED")
    brought.prompt_router(site, "cheap-first")
    brought.marketplace_endpoint(site, "ranker", role, kms=key)
    brought.automation_project(site, "invoices", kmsKeyId=key)
    brought.blueprint(site, "invoice")


def _guarded(site: Site, role: str) -> None:
    draft = site.aws.overlay.twin.get("bedrock.guardrail", (site.account, site.region), "gr1", "DRAFT")
    site.put("bedrock.guardrail", {**(draft or {}), "version": "1"})
    brought.enforce(site, "gr1")
    brought.reasoning_policy(site, "refunds")
    brought.retention(site, "none")
    site.put("bedrock.use_case", {"formData": b"{}"})
    shared = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "bedrock:*", "Resource": "*"}]}
    site.protect("endpoint", "ranker", shared)
    imported = site.made_id("imported", "own-llama", size=12).lower()
    for name in ("guardrail/gr1", "custom-model/amazon.nova/abc", "knowledge-base/KB1", f"imported-model/{imported}"):
        site.protect("bedrock", site.arn("bedrock", name), shared)
    prompts.prompt(site, "greeting", "Answer politely: {{question}}")
    prompts.flow(site, "answering", role, [prompts.prompt_node("gr1"), prompts.knowledge_node("KB1", "gr1")])
