"""What is asked about each kind of asset: which actions, on which name, with which last word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Verb(StrEnum):
    """What somebody can do to an asset, in the order in which it is shown."""

    INVOKE = "invoke"
    OPEN = "open"
    TRAIN = "train"
    RUN = "run"
    WRITE_DATA = "write_data"
    WRITE_ARTIFACT = "write_artifact"
    WRITE = "write"
    DELETE = "delete"
    READ = "read"
    APPROVE = "approve"
    CHANGE = "change"
    OPEN_UP = "open_up"
    USE = "use"
    DESTROY = "destroy"
    LEND = "pass"
    ASSUME = "assume"


class On(StrEnum):
    """Which resource is meant: the asset, what is in it, or nothing that has a name."""

    ITSELF = "itself"
    INDEXES = "indexes"
    OBJECTS = "objects"
    ALIASES = "aliases"
    PROFILES = "profiles"
    STREAMS = "streams"
    DATA = "data"
    ARTIFACTS = "artifacts"
    FOLDERS = "folders"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Question:
    """Any one of the actions is enough. `gated`: the asset's own policy has the last word."""

    verb: Verb
    actions: tuple[str, ...]
    on: On = On.ITSELF
    gated: bool = False


def _ask(verb: Verb, service: str, names: str, on: On = On.ITSELF, *, gated: bool = False) -> Question:
    return Question(verb, tuple(f"{service}:{name.lower()}" for name in names.split()), on, gated)


V = Verb
INVOKE_MODEL = _ask(V.INVOKE, "bedrock", "InvokeModel InvokeModelWithResponseStream")
PUT_DATA = _ask(V.WRITE_DATA, "s3", "PutObject", On.DATA)
PUT_ARTIFACT = _ask(V.WRITE_ARTIFACT, "s3", "PutObject", On.ARTIFACTS)
PUT_IN_FOLDER = _ask(V.WRITE_ARTIFACT, "s3", "PutObject", On.FOLDERS)

QUESTIONS: Mapping[str, tuple[Question, ...]] = {
    "aws.sagemaker.endpoint": (
        _ask(V.INVOKE, "sagemaker", "InvokeEndpoint InvokeEndpointAsync InvokeEndpointWithResponseStream"),
        _ask(V.CHANGE, "sagemaker", "UpdateEndpoint UpdateEndpointWeightsAndCapacities DeleteEndpoint"),
    ),
    "aws.sagemaker.model": (PUT_ARTIFACT, _ask(V.DELETE, "sagemaker", "DeleteModel")),
    "aws.sagemaker.model_package_group": (
        _ask(V.CHANGE, "sagemaker", "PutModelPackageGroupPolicy DeleteModelPackageGroupPolicy DeleteModelPackageGroup"),
    ),
    "aws.sagemaker.model_package": (PUT_ARTIFACT, _ask(V.APPROVE, "sagemaker", "UpdateModelPackage")),
    "aws.sagemaker.training_job": (_ask(V.TRAIN, "sagemaker", "CreateTrainingJob"), PUT_DATA, PUT_ARTIFACT),
    "aws.sagemaker.notebook_instance": (
        _ask(V.OPEN, "sagemaker", "CreatePresignedNotebookInstanceUrl"),
        _ask(V.CHANGE, "sagemaker", "UpdateNotebookInstance"),
    ),
    "aws.sagemaker.domain": (
        _ask(V.OPEN, "sagemaker", "CreatePresignedDomainUrl", On.PROFILES),
        _ask(V.CHANGE, "sagemaker", "UpdateDomain DeleteDomain"),
    ),
    "aws.sagemaker.user_profile": (_ask(V.OPEN, "sagemaker", "CreatePresignedDomainUrl"),),
    "aws.sagemaker.mlflow_tracking_server": (
        _ask(V.OPEN, "sagemaker", "CreatePresignedMlflowTrackingServerUrl"),
        _ask(V.CHANGE, "sagemaker", "UpdateMlflowTrackingServer DeleteMlflowTrackingServer"),
    ),
    "aws.sagemaker.hyperpod_cluster": (
        PUT_IN_FOLDER,
        _ask(V.CHANGE, "sagemaker", "UpdateCluster UpdateClusterSoftware DeleteCluster"),
    ),
    "aws.sagemaker.hub": (PUT_IN_FOLDER,),
    "aws.sagemaker.monitoring_schedule": (
        _ask(V.CHANGE, "sagemaker", "UpdateMonitoringSchedule StopMonitoringSchedule DeleteMonitoringSchedule"),
    ),
    "aws.sagemaker.inference_component": (
        _ask(V.CHANGE, "sagemaker", "UpdateInferenceComponent DeleteInferenceComponent"),
    ),
    "aws.sagemaker.pipeline": (
        _ask(V.RUN, "sagemaker", "StartPipelineExecution"),
        _ask(V.CHANGE, "sagemaker", "UpdatePipeline DeletePipeline"),
    ),
    "aws.sagemaker.feature_group": (
        _ask(V.WRITE, "sagemaker", "PutRecord DeleteRecord"),
        _ask(V.READ, "sagemaker", "GetRecord BatchGetRecord"),
    ),
    "aws.bedrock.foundation_model": (INVOKE_MODEL,),
    "aws.bedrock.provisioned_throughput": (
        INVOKE_MODEL,
        _ask(V.CHANGE, "bedrock", "UpdateProvisionedModelThroughput DeleteProvisionedModelThroughput"),
    ),
    "aws.bedrock.inference_profile": (INVOKE_MODEL,),
    "aws.bedrock.prompt_router": (INVOKE_MODEL,),
    "aws.bedrock.custom_model_deployment": (
        INVOKE_MODEL,
        _ask(V.CHANGE, "bedrock", "UpdateCustomModelDeployment DeleteCustomModelDeployment"),
    ),
    "aws.bedrock.imported_model": (INVOKE_MODEL, _ask(V.DELETE, "bedrock", "DeleteImportedModel")),
    "aws.bedrock.customization_job": (PUT_DATA,),
    "aws.bedrock.flow": (_ask(V.CHANGE, "bedrock", "UpdateFlow DeleteFlow"),),
    "aws.bedrock.flow_alias": (_ask(V.INVOKE, "bedrock", "InvokeFlow"),),
    "aws.bedrock.prompt": (_ask(V.CHANGE, "bedrock", "UpdatePrompt DeletePrompt"),),
    "aws.bedrock.enforced_guardrail": (
        _ask(V.CHANGE, "bedrock", "PutEnforcedGuardrailConfiguration DeleteEnforcedGuardrailConfiguration", On.ACCOUNT),
    ),
    "aws.bedrock.custom_model": (
        _ask(V.TRAIN, "bedrock", "CreateModelCustomizationJob"),
        PUT_DATA,
        _ask(V.DELETE, "bedrock", "DeleteCustomModel"),
    ),
    "aws.bedrock.agent": (
        _ask(V.INVOKE, "bedrock", "InvokeAgent", On.ALIASES),
        _ask(V.CHANGE, "bedrock", "UpdateAgent CreateAgentActionGroup UpdateAgentActionGroup DeleteAgent"),
    ),
    "aws.bedrock.action_group": (PUT_ARTIFACT,),
    "aws.bedrock.agent_alias": (
        _ask(V.INVOKE, "bedrock", "InvokeAgent"),
        _ask(V.CHANGE, "bedrock", "UpdateAgentAlias DeleteAgentAlias"),
    ),
    "aws.bedrock.guardrail": (_ask(V.CHANGE, "bedrock", "UpdateGuardrail DeleteGuardrail"),),
    "aws.bedrock.logging_configuration": (
        _ask(
            V.CHANGE,
            "bedrock",
            "PutModelInvocationLoggingConfiguration DeleteModelInvocationLoggingConfiguration",
            On.ACCOUNT,
        ),
    ),
    "aws.bedrock.knowledge_base": (
        _ask(V.READ, "bedrock", "Retrieve"),
        _ask(V.CHANGE, "bedrock", "UpdateKnowledgeBase DeleteKnowledgeBase CreateDataSource"),
    ),
    "aws.bedrock.data_source": (PUT_DATA,),
    "aws.agentcore.runtime": (
        _ask(V.INVOKE, "bedrock-agentcore", "InvokeAgentRuntime"),
        _ask(V.CHANGE, "bedrock-agentcore", "UpdateAgentRuntime DeleteAgentRuntime"),
    ),
    "aws.agentcore.gateway": (
        _ask(V.INVOKE, "bedrock-agentcore", "InvokeGateway"),
        _ask(V.CHANGE, "bedrock-agentcore", "UpdateGateway DeleteGateway CreateGatewayTarget UpdateGatewayTarget"),
    ),
    "aws.agentcore.gateway_target": (PUT_ARTIFACT,),
    "aws.agentcore.memory": (
        _ask(V.WRITE, "bedrock-agentcore", "CreateEvent BatchCreateMemoryRecords BatchUpdateMemoryRecords"),
        _ask(V.READ, "bedrock-agentcore", "RetrieveMemoryRecords ListEvents GetEvent"),
        _ask(V.CHANGE, "bedrock-agentcore", "UpdateMemory DeleteMemory"),
    ),
    "aws.agentcore.code_interpreter": (
        _ask(V.RUN, "bedrock-agentcore", "StartCodeInterpreterSession InvokeCodeInterpreter"),
    ),
    "aws.agentcore.browser": (_ask(V.RUN, "bedrock-agentcore", "StartBrowserSession"),),
    "aws.agentcore.policy_engine": (
        _ask(V.CHANGE, "bedrock-agentcore", "UpdatePolicyEngine DeletePolicyEngine CreatePolicy"),
    ),
    "aws.s3vectors.bucket": (
        _ask(V.WRITE, "s3vectors", "PutVectors DeleteVectors", On.INDEXES),
        _ask(V.READ, "s3vectors", "QueryVectors GetVectors", On.INDEXES),
        _ask(V.OPEN_UP, "s3vectors", "PutVectorBucketPolicy"),
    ),
    "aws.kendra.index": (
        _ask(V.READ, "kendra", "Query Retrieve"),
        _ask(V.WRITE, "kendra", "BatchPutDocument BatchDeleteDocument"),
        _ask(V.CHANGE, "kendra", "UpdateIndex DeleteIndex"),
    ),
    "aws.qbusiness.application": (_ask(V.CHANGE, "qbusiness", "UpdateApplication DeleteApplication"),),
    "aws.s3.bucket": (
        _ask(V.WRITE, "s3", "PutObject", On.OBJECTS),
        _ask(V.DELETE, "s3", "DeleteObject DeleteObjectVersion", On.OBJECTS),
        _ask(V.READ, "s3", "GetObject", On.OBJECTS),
        _ask(V.OPEN_UP, "s3", "PutBucketPolicy DeleteBucketPolicy PutBucketPublicAccessBlock PutBucketAcl"),
    ),
    "aws.ecr.repository": (
        _ask(V.WRITE, "ecr", "PutImage"),
        _ask(V.READ, "ecr", "BatchGetImage"),
        _ask(V.OPEN_UP, "ecr", "SetRepositoryPolicy"),
    ),
    "aws.lambda.function": (
        _ask(V.INVOKE, "lambda", "InvokeFunction"),
        _ask(V.CHANGE, "lambda", "UpdateFunctionCode UpdateFunctionConfiguration"),
        _ask(V.OPEN_UP, "lambda", "AddPermission"),
    ),
    "aws.kms.key": (
        _ask(V.USE, "kms", "Decrypt", gated=True),
        _ask(V.DESTROY, "kms", "ScheduleKeyDeletion DisableKey PutKeyPolicy", gated=True),
    ),
    "aws.secretsmanager.secret": (
        _ask(V.READ, "secretsmanager", "GetSecretValue"),
        _ask(V.CHANGE, "secretsmanager", "PutSecretValue UpdateSecret DeleteSecret"),
    ),
    "aws.ssm.parameter": (
        _ask(V.READ, "ssm", "GetParameter GetParameters GetParametersByPath GetParameterHistory"),
        _ask(V.CHANGE, "ssm", "PutParameter DeleteParameter"),
    ),
    "aws.iam.role": (
        _ask(V.LEND, "iam", "PassRole"),
        _ask(V.ASSUME, "sts", "AssumeRole", gated=True),
    ),
    "aws.logs.log_group": (
        _ask(V.DELETE, "logs", "DeleteLogGroup PutRetentionPolicy", On.STREAMS),
        _ask(V.READ, "logs", "FilterLogEvents StartQuery", On.STREAMS),
    ),
    "aws.cloudtrail.trail": (_ask(V.CHANGE, "cloudtrail", "StopLogging DeleteTrail UpdateTrail PutEventSelectors"),),
}

# The part of a document that holds the resource's own policy, of every kind that is read with one.
POLICY_FIELDS: Mapping[str, str] = {
    "aws.s3.bucket": "Policy",
    "aws.lambda.function": "Policy",
    "aws.ecr.repository": "Policy",
    "aws.kms.key": "Policy",
    "aws.iam.role": "AssumeRolePolicyDocument",
    "aws.sagemaker.model_package_group": "ResourcePolicy",
    "aws.sagemaker.endpoint": "ResourcePolicy",
    "aws.agentcore.runtime": "ResourcePolicy",
    "aws.agentcore.gateway": "ResourcePolicy",
    "aws.bedrock.guardrail": "ResourcePolicy",
    "aws.bedrock.custom_model": "ResourcePolicy",
    "aws.bedrock.imported_model": "ResourcePolicy",
    "aws.bedrock.knowledge_base": "ResourcePolicy",
    "aws.comprehend.classifier": "ResourcePolicy",
    "aws.comprehend.recognizer": "ResourcePolicy",
    "aws.lex.bot": "ResourcePolicy",
    "aws.qbusiness.application": "Policy",
    "aws.opensearch.domain": "AccessPolicies",
    "aws.s3vectors.bucket": "Policy",
    "aws.secretsmanager.secret": "ResourcePolicy",
    "aws.logs.resource_policy": "policyDocument",
}
