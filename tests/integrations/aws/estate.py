"""A small account with one asset of every kind, each referring to others; sentences in tests say what matters."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from datetime import UTC, datetime
from typing import Any

from demo.aws import SimulatedAws
from tests.integrations.aws import estate_services
from tests.integrations.aws.furnishing import furnish

HERE = "us-east-1"
OPENAI = "sk-proj-" + "A1b2C3d4E5f6G7h8I9j0K1l2"
HUGGING_FACE = "hf_" + "AbCdEfGhIjKlMnOpQrStUvWxYz"
SECRETS = (OPENAI, HUGGING_FACE, "hunter2hunter2")
NOW = datetime(2026, 11, 1, tzinfo=UTC)
MODEL_ID = "anthropic.claude-sonnet-4-20250514-v1:0"


class Estate:
    """The names that tests ask for, after everything was made."""

    def __init__(self, aws: SimulatedAws) -> None:
        self.aws, self.account, self.model = aws, aws.account_id, MODEL_ID

    def arn(self, service: str, path: str, region: str = HERE) -> str:
        return f"arn:aws:{service}:{region}:{self.account}:{path}"

    def client(self, service: str, region: str = HERE) -> Any:
        return self.aws.client(service, region)

    def make(self) -> Estate:
        self.identity()
        self.buckets()
        self.images()
        self.sagemaker()
        self.bedrock()
        self.agents()
        self.compute()
        self.monitoring()
        estate_services.make(self)
        furnish(self.aws, HERE, self.role, self.key, self.image)
        return self

    def identity(self) -> None:
        iam = self.client("iam")
        self.role = self._role(iam, "ml-role")
        iam.create_instance_profile(InstanceProfileName="gpu-profile")
        iam.add_role_to_instance_profile(InstanceProfileName="gpu-profile", RoleName="ml-role")
        statement = [{"Effect": "Allow", "Action": "bedrock:InvokeModel", "Resource": "*"}]
        document = json.dumps({"Version": "2012-10-17", "Statement": statement})
        self.policy = iam.create_policy(PolicyName="invoke", PolicyDocument=document)["Policy"]["Arn"]
        iam.attach_role_policy(RoleName="ml-role", PolicyArn=self.policy)
        iam.create_user(UserName="ana")
        iam.create_group(GroupName="scientists")
        iam.attach_group_policy(GroupName="scientists", PolicyArn=self.policy)
        iam.add_user_to_group(GroupName="scientists", UserName="ana")
        iam.create_account_alias(AccountAlias="acme-ml")
        kms = self.client("kms")
        self.key = kms.create_key(Description="models")["KeyMetadata"]["Arn"]
        kms.create_alias(AliasName="alias/models", TargetKeyId=self.key)
        self.secret = self.client("secretsmanager").create_secret(Name="openai-key", SecretString=OPENAI)["ARN"]

    def _role(self, iam: Any, name: str) -> str:
        principal = {"Service": ["sagemaker.amazonaws.com", "bedrock.amazonaws.com", "lambda.amazonaws.com"]}
        trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}]}
        return str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"])

    def buckets(self) -> None:
        s3 = self.client("s3")
        for name in ("data", "artifacts", "capture", "documents", "logs-bucket", "trail-bucket", "holiday-photos"):
            s3.create_bucket(Bucket=name)
        writers = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
        s3.put_bucket_ownership_controls(Bucket="data", OwnershipControls=writers)
        statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*"}
        s3.put_bucket_policy(Bucket="data", Policy=json.dumps({"Statement": [statement]}))
        writer = {"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject"}
        allow = {"Statement": [writer | {"Resource": "arn:aws:s3:::logs-bucket/*"}]}
        s3.put_bucket_policy(Bucket="logs-bucket", Policy=json.dumps(allow))
        s3.put_bucket_logging(
            Bucket="data",
            BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": "logs-bucket", "TargetPrefix": "data/"}},
        )
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": self.key}}
        s3.put_bucket_encryption(Bucket="data", ServerSideEncryptionConfiguration={"Rules": [rule]})
        s3.put_bucket_tagging(Bucket="data", Tagging={"TagSet": [{"Key": "team", "Value": "vision"}]})

    def images(self) -> None:
        ecr = self.client("ecr")
        repository = ecr.create_repository(
            repositoryName="serve", encryptionConfiguration={"encryptionType": "KMS", "kmsKey": self.key}
        )["repository"]
        statement = {"Sid": "pull", "Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}
        ecr.set_repository_policy(repositoryName="serve", policyText=json.dumps({"Statement": [statement]}))
        manifest = {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json"}
        config = {
            "mediaType": "application/vnd.docker.container.image.v1+json",
            "size": 1,
            "digest": "sha256:" + "0" * 64,
        }
        put = ecr.put_image(
            repositoryName="serve", imageManifest=json.dumps(manifest | {"config": config, "layers": []}), imageTag="v1"
        )
        self.repository = repository["repositoryArn"]
        self.image = f"{repository['repositoryUri']}:v1"
        self.image_id = f"{repository['repositoryUri']}@{put['image']['imageId']['imageDigest']}"

    def sagemaker(self) -> None:
        sm = self.client("sagemaker")
        sm.create_domain(
            DomainName="studio",
            AuthMode="IAM",
            DefaultUserSettings={"ExecutionRole": self.role, "SecurityGroups": ["sg-12345678"]},
            SubnetIds=["subnet-1"],
            VpcId="vpc-1",
            KmsKeyId=self.key,
        )
        script = base64.b64encode(f"#!/bin/bash\nexport HF_TOKEN={HUGGING_FACE}\npip install vllm\n".encode()).decode()
        sm.create_notebook_instance_lifecycle_config(
            NotebookInstanceLifecycleConfigName="start", OnStart=[{"Content": script}]
        )
        sm.create_notebook_instance(
            NotebookInstanceName="lab",
            InstanceType="ml.t3.medium",
            RoleArn=self.role,
            KmsKeyId="alias/models",
            LifecycleConfigName="start",
            Tags=[{"Key": "owner", "Value": "ana"}],
        )
        sm.create_model_package_group(ModelPackageGroupName="ranker", ModelPackageGroupDescription="Ranks")
        reader = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "sagemaker:*"}
        sm.put_model_package_group_policy(
            ModelPackageGroupName="ranker", ResourcePolicy=json.dumps({"Statement": [reader | {"Resource": "*"}]})
        )
        self.package = sm.create_model_package(
            ModelPackageGroupName="ranker",
            ModelPackageDescription="first",
            InferenceSpecification={
                "Containers": [{"Image": self.image, "ModelDataUrl": "s3://artifacts/train-1/output/model.tar.gz"}],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
            ModelApprovalStatus="Approved",
        )["ModelPackageArn"]
        self._jobs(sm)
        self._serving(sm)
        self._stores(sm)

    def _jobs(self, sm: Any) -> None:
        source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://data/train/"}}
        cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10, "VolumeKmsKeyId": self.key}
        sm.create_training_job(
            TrainingJobName="train-1",
            RoleArn=self.role,
            AlgorithmSpecification={"TrainingImage": self.image, "TrainingInputMode": "File"},
            InputDataConfig=[{"ChannelName": "train", "DataSource": source}],
            OutputDataConfig={"S3OutputPath": "s3://artifacts"},
            ResourceConfig=cluster,
            StoppingCondition={"MaxRuntimeInSeconds": 3600},
            HyperParameters={"epochs": "3", "hub_token": HUGGING_FACE},
            Environment={"OPENAI_API_KEY": OPENAI, "LOG_LEVEL": "info", "DB_PASSWORD": "hunter2hunter2"},
        )
        self._other_jobs(sm)

    def _other_jobs(self, sm: Any) -> None:
        sm.create_processing_job(
            ProcessingJobName="prepare-1",
            RoleArn=self.role,
            AppSpecification={"ImageUri": self.image},
            ProcessingInputs=[
                {
                    "InputName": "in",
                    "S3Input": {"S3Uri": "s3://data/raw/", "S3DataType": "S3Prefix", "S3InputMode": "File"},
                }
            ],
            ProcessingOutputConfig={
                "Outputs": [
                    {
                        "OutputName": "o",
                        "S3Output": {"S3Uri": "s3://data/train/", "LocalPath": "/o", "S3UploadMode": "EndOfJob"},
                    }
                ],
                "KmsKeyId": self.key,
            },
            ProcessingResources={
                "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 10}
            },
        )
        sm.create_transform_job(
            TransformJobName="score-1",
            ModelName="ranker-model",
            TransformInput={"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://data/score/"}}},
            TransformOutput={"S3OutputPath": "s3://capture/out"},
            TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        )

    def _serving(self, sm: Any) -> None:
        sm.create_model(
            ModelName="ranker-model",
            ExecutionRoleArn=self.role,
            PrimaryContainer={
                "Image": self.image,
                "ModelDataUrl": "s3://artifacts/train-1/output/model.tar.gz",
                "Environment": {"HF_TRUST_REMOTE_CODE": "true", "HF_TOKEN": HUGGING_FACE},
            },
            VpcConfig={"SecurityGroupIds": ["sg-12345678"], "Subnets": ["subnet-1"]},
        )
        sm.create_endpoint_config(
            EndpointConfigName="ranker-config",
            ProductionVariants=[
                {
                    "VariantName": "a",
                    "ModelName": "ranker-model",
                    "InitialInstanceCount": 1,
                    "InstanceType": "ml.m5.large",
                }
            ],
            KmsKeyId=self.key,
            DataCaptureConfig={
                "EnableCapture": True,
                "InitialSamplingPercentage": 100,
                "DestinationS3Uri": "s3://capture/ranker",
                "CaptureOptions": [{"CaptureMode": "Input"}],
            },
        )
        sm.create_endpoint(EndpointName="ranker", EndpointConfigName="ranker-config")

    def _stores(self, sm: Any) -> None:
        definition = json.dumps({"Version": "2020-12-01", "Steps": [{"Name": "Train", "Type": "Training"}]})
        sm.create_pipeline(PipelineName="nightly", PipelineDefinition=definition, RoleArn=self.role)
        sm.create_feature_group(
            FeatureGroupName="clicks",
            RecordIdentifierFeatureName="id",
            EventTimeFeatureName="at",
            FeatureDefinitions=[{"FeatureName": "id", "FeatureType": "String"}],
            RoleArn=self.role,
            OfflineStoreConfig={"S3StorageConfig": {"S3Uri": "s3://data/features/"}},
        )

    def bedrock(self) -> None:
        bedrock = self.client("bedrock")
        for model in (MODEL_ID, "amazon.titan-embed-text-v2:0", "meta.llama3-unused-v1:0"):
            arn = f"arn:aws:bedrock:{HERE}::foundation-model/{model}"
            self.aws.put("bedrock.foundation_model", {"modelId": model, "modelArn": arn, "modelName": model})
        guardrail = {"guardrailId": "gr1", "guardrailArn": self.arn("bedrock", "guardrail/gr1"), "name": "safe"}
        times = {"createdAt": NOW, "updatedAt": NOW}
        words = {"blockedInputMessaging": "no", "blockedOutputsMessaging": "no", "status": "READY"}
        self.aws.put("bedrock.guardrail", guardrail | times | words | {"version": "DRAFT", "kmsKeyArn": self.key})
        self.custom = self.arn("bedrock", "custom-model/amazon.nova/abc")
        base = f"arn:aws:bedrock:{HERE}::foundation-model/{MODEL_ID}"
        self.aws.put("bedrock.custom_model", {"modelArn": self.custom, "modelName": "tuned", "creationTime": NOW,
                     "baseModelArn": base, "trainingDataConfig": {"s3Uri": "s3://data/tune.jsonl"},
                     "outputDataConfig": {"s3Uri": "s3://artifacts/tuned/"}, "modelKmsKeyArn": self.key})  # fmt: skip
        self.aws.put("bedrock.provisioned_throughput", {
            "modelUnits": 1, "desiredModelUnits": 1, "provisionedModelName": "fast", "modelArn": self.custom,
            "provisionedModelArn": self.arn("bedrock", "provisioned-model/p1"), "desiredModelArn": self.custom,
            "foundationModelArn": base, "status": "InService", "creationTime": NOW, "lastModifiedTime": NOW,
        })  # fmt: skip
        self.client("logs").create_log_group(logGroupName="invocations", kmsKeyId=self.key)
        bedrock.put_model_invocation_logging_configuration(
            loggingConfig={
                "cloudWatchConfig": {"logGroupName": "invocations", "roleArn": self.role},
                "s3Config": {"bucketName": "logs-bucket"},
            }
        )

    def agents(self) -> None:
        role, times = self.role, {"createdAt": NOW, "updatedAt": NOW}
        agent = {"agentId": "AG1", "agentName": "helper", "agentArn": self.arn("bedrock", "agent/AG1"),
                 "agentStatus": "PREPARED", "agentResourceRoleArn": role, "foundationModel": f"us.{MODEL_ID}",
                 "idleSessionTTLInSeconds": 600, "instruction": f"Call us with {OPENAI}"}  # fmt: skip
        guarded = {"guardrailConfiguration": {"guardrailIdentifier": "gr1", "guardrailVersion": "1"}}
        self.aws.put("bedrock.agent", agent | times | {"agentVersion": "DRAFT", "customerEncryptionKeyArn": self.key,
                     "agentCollaboration": "SUPERVISOR"})  # fmt: skip
        version = {key: value for key, value in agent.items() if key != "agentId"}
        self.aws.put("bedrock.agent_version", version | times | guarded | {"agentId": "AG1", "version": "1",
                     "agentCollaboration": "SUPERVISOR_ROUTER"})  # fmt: skip
        route = {
            "routingConfiguration": [{"agentVersion": "1"}],
            "agentAliasName": "live",
            "agentAliasStatus": "PREPARED",
        }
        self.alias = self.arn("bedrock", "agent-alias/AG1/AL1")
        self.aws.put("bedrock.agent_alias", route | times | {"agentId": "AG1", "agentAliasId": "AL1",
                     "agentAliasArn": self.alias})  # fmt: skip
        self.function = self.arn("lambda", "function:tool")
        group = {"agentId": "AG1", "actionGroupId": "AC1", "actionGroupName": "orders", "actionGroupState": "ENABLED"}
        for number in ("DRAFT", "1"):
            self.aws.put("bedrock.action_group", group | times | {
                "agentVersion": number, "actionGroupExecutor": {"lambda": f"{self.function}:live"},
                "apiSchema": {"s3": {"s3BucketName": "documents", "s3ObjectKey": "schema.json"}}})  # fmt: skip
            self.aws.put("bedrock.agent_knowledge_base", times | {"agentId": "AG1", "agentVersion": number,
                         "knowledgeBaseId": "KB1", "description": "all", "knowledgeBaseState": "ENABLED"})  # fmt: skip
        self.aws.put("bedrock.agent_collaborator", {
            "agentId": "AG1", "agentVersion": "DRAFT", "collaboratorId": "CO1", "collaboratorName": "other",
            "agentDescriptor": {"aliasArn": self.alias}, "collaborationInstruction": "ask",
            "createdAt": NOW, "lastUpdatedAt": NOW})  # fmt: skip
        self._knowledge(times)

    def _knowledge(self, times: dict[str, Any]) -> None:
        embedding = f"arn:aws:bedrock:{HERE}::foundation-model/amazon.titan-embed-text-v2:0"
        self.aws.put("bedrock.knowledge_base", times | {
            "knowledgeBaseId": "KB1", "name": "manuals", "knowledgeBaseArn": self.arn("bedrock", "knowledge-base/KB1"),
            "roleArn": self.role, "status": "ACTIVE",
            "knowledgeBaseConfiguration": {
                "type": "VECTOR", "vectorKnowledgeBaseConfiguration": {"embeddingModelArn": embedding}},
            "storageConfiguration": {"type": "S3_VECTORS", "s3VectorsConfiguration": {
                "vectorBucketArn": self.arn("s3vectors", "bucket/vectors")}}})  # fmt: skip
        self.aws.put("bedrock.data_source", times | {
            "knowledgeBaseId": "KB1", "dataSourceId": "DS1", "name": "pages", "status": "AVAILABLE",
            "serverSideEncryptionConfiguration": {"kmsKeyArn": self.key},
            "dataSourceConfiguration": {
                "type": "S3", "s3Configuration": {"bucketArn": "arn:aws:s3:::documents"}}})  # fmt: skip

    def compute(self) -> None:
        ec2 = self.client("ec2")
        vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        group = ec2.create_security_group(GroupName="open", Description="open to all", VpcId=vpc)["GroupId"]
        anyone = [{"IpProtocol": "tcp", "FromPort": 8000, "ToPort": 8000, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=anyone)
        self.group = self.arn("ec2", f"security-group/{group}")
        for size in ("g5.xlarge", "t3.micro"):
            ec2.run_instances(
                ImageId="ami-12c6146b",
                MinCount=1,
                MaxCount=1,
                InstanceType=size,
                SecurityGroupIds=[group],
                IamInstanceProfile={"Name": "gpu-profile"},
            )
        ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{HERE}.s3", PolicyDocument='{"Statement": []}')
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as packed:
            packed.writestr("main.py", "def handler(event, context): pass")
        self.client("lambda").create_function(
            FunctionName="tool",
            Runtime="python3.12",
            Role=self.role,
            Handler="main.handler",
            Code={"ZipFile": archive.getvalue()},
            Environment={"Variables": {"OPENAI_API_KEY": OPENAI, "MODEL_ID": "gpt-4o"}},
        )
        self.client("lambda").create_function_url_config(FunctionName="tool", AuthType="NONE")
        self.client("eks").create_cluster(
            name="gpu", roleArn=self.role, resourcesVpcConfig={"subnetIds": [], "securityGroupIds": [group]}
        )
        self._containers()

    def _containers(self) -> None:
        ecs = self.client("ecs")
        self.cluster = ecs.create_cluster(clusterName="apps")["cluster"]["clusterArn"]
        container = {
            "name": "gateway",
            "image": self.image,
            "memory": 512,
            "environment": [
                {"name": "ANTHROPIC_API_KEY", "value": "hunter2hunter2"},
                {"name": "PORT", "value": "8080"},
            ],
        }
        task = ecs.register_task_definition(family="gateway", taskRoleArn=self.role, containerDefinitions=[container])
        self.task = task["taskDefinition"]["taskDefinitionArn"]
        ecs.create_service(cluster="apps", serviceName="gateway", taskDefinition=self.task, desiredCount=1)

    def monitoring(self) -> None:
        trail = self.client("cloudtrail")
        trail.create_trail(Name="main", S3BucketName="trail-bucket", IsMultiRegionTrail=True)
        trail.start_logging(Name="main")
        alarm = {"MetricName": "Invocations", "Namespace": "AWS/Bedrock", "Statistic": "Sum", "Period": 300}
        cloudwatch = self.client("cloudwatch")
        for name, more in (("bedrock-spend", {}), ("disk-full", {"Namespace": "AWS/EBS"})):
            cloudwatch.put_metric_alarm(
                AlarmName=name,
                EvaluationPeriods=1,
                Threshold=1.0,
                ComparisonOperator="GreaterThanThreshold",
                **(alarm | more),
            )
        self.client("guardduty").create_detector(Enable=True)
