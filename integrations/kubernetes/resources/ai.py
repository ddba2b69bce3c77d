"""Custom resources of AI operators, read where a cluster has them."""

from __future__ import annotations

from integrations.kubernetes import gateways
from integrations.kubernetes import links as find
from integrations.kubernetes.resources.table import Api, LinkFinder, Resource, custom_kind

_HEAD_AND_WORKERS = (
    "spec.headGroupSpec.template.spec",
    "spec.workerGroupSpecs[].template.spec",
)
_RAY_CLUSTER_INSIDE = tuple(f"spec.rayClusterSpec.{path.removeprefix('spec.')}" for path in _HEAD_AND_WORKERS)
_RAY_CLUSTER_CONFIG = tuple(f"spec.rayClusterConfig.{path.removeprefix('spec.')}" for path in _HEAD_AND_WORKERS)


def _replicas(field: str) -> tuple[str, ...]:
    return (f"spec.{field}{{}}.template.spec",)


def _ai(
    apis: str,
    plural: str,
    type_name: str,
    *,
    pods: tuple[str, ...] = (),
    links: tuple[LinkFinder, ...] = (),
) -> Resource:
    """`apis` is `group/version[,version]`, several groups separated by a blank; cluster-wide ones end in `!`."""
    namespaced = not apis.endswith("!")
    choices = []
    for part in apis.removesuffix("!").split():
        group, _, versions = part.partition("/")
        choices += [Api(group, version) for version in versions.split(",")]
    return Resource(
        type_name, plural, tuple(choices), custom_kind(choices[0].group, type_name), namespaced=namespaced,
        pod_specs=pods, status=("conditions", "url", "address"), links=(find.model_storage, *links),
    )  # fmt: skip


AI: tuple[Resource, ...] = (
    # KServe
    _ai("serving.kserve.io/v1beta1", "inferenceservices", "InferenceService",
        pods=("spec.predictor", "spec.transformer", "spec.explainer")),
    _ai("serving.kserve.io/v1alpha1", "servingruntimes", "ServingRuntime", pods=("spec",)),
    _ai("serving.kserve.io/v1alpha1!", "clusterservingruntimes", "ClusterServingRuntime"),
    _ai("serving.kserve.io/v1alpha1", "trainedmodels", "TrainedModel"),
    _ai("serving.kserve.io/v1alpha1", "inferencegraphs", "InferenceGraph"),
    _ai("serving.kserve.io/v1alpha1!", "clusterstoragecontainers", "ClusterStorageContainer"),
    _ai("serving.kserve.io/v1alpha1!", "localmodelcaches", "LocalModelCache"),
    _ai("serving.kserve.io/v1alpha2,v1alpha1", "llminferenceservices", "LLMInferenceService",
        pods=("spec.template", "spec.prefill.template", "spec.worker")),
    _ai("serving.kserve.io/v1alpha2,v1alpha1", "llminferenceserviceconfigs", "LLMInferenceServiceConfig"),
    # Ray
    _ai("ray.io/v1,v1alpha1", "rayclusters", "RayCluster", pods=_HEAD_AND_WORKERS),
    _ai("ray.io/v1,v1alpha1", "rayjobs", "RayJob", pods=_RAY_CLUSTER_INSIDE),
    _ai("ray.io/v1,v1alpha1", "rayservices", "RayService", pods=_RAY_CLUSTER_CONFIG),
    _ai("ray.io/v1", "raycronjobs", "RayCronJob"),
    # Kubeflow
    _ai("kubeflow.org/v1,v1beta1", "notebooks", "Notebook", pods=("spec.template.spec",)),
    _ai("kubeflow.org/v1", "pytorchjobs", "PyTorchJob", pods=_replicas("pytorchReplicaSpecs")),
    _ai("kubeflow.org/v1", "tfjobs", "TFJob", pods=_replicas("tfReplicaSpecs")),
    _ai("kubeflow.org/v1", "xgboostjobs", "XGBoostJob", pods=_replicas("xgbReplicaSpecs")),
    _ai("kubeflow.org/v1", "paddlejobs", "PaddleJob", pods=_replicas("paddleReplicaSpecs")),
    _ai("kubeflow.org/v1", "jaxjobs", "JAXJob", pods=_replicas("jaxReplicaSpecs")),
    _ai("kubeflow.org/v2beta1,v1", "mpijobs", "MPIJob", pods=_replicas("mpiReplicaSpecs")),
    _ai("kubeflow.org/v1beta1", "experiments", "Experiment"),
    _ai("kubeflow.org/v1alpha1", "poddefaults", "PodDefault"),
    _ai("kubeflow.org/v1,v1beta1!", "profiles", "Profile"),
    _ai("trainer.kubeflow.org/v1alpha1", "trainjobs", "TrainJob"),
    _ai("trainer.kubeflow.org/v1alpha1", "trainingruntimes", "TrainingRuntime"),
    _ai("trainer.kubeflow.org/v1alpha1!", "clustertrainingruntimes", "ClusterTrainingRuntime"),
    _ai("pipelines.kubeflow.org/v2beta1", "pipelines", "Pipeline"),
    _ai("tensorboard.kubeflow.org/v1alpha1", "tensorboards", "Tensorboard"),
    # Seldon
    _ai("machinelearning.seldon.io/v1", "seldondeployments", "SeldonDeployment",
        pods=("spec.predictors[].componentSpecs[].spec",)),
    _ai("mlops.seldon.io/v1alpha1", "models", "Model"),
    _ai("mlops.seldon.io/v1alpha1", "servers", "Server", pods=("spec.podSpec",)),
    _ai("mlops.seldon.io/v1alpha1", "pipelines", "Pipeline"),
    # NVIDIA
    _ai("apps.nvidia.com/v1alpha1", "nimservices", "NIMService", pods=("spec",)),
    _ai("apps.nvidia.com/v1alpha1", "nimcaches", "NIMCache"),
    _ai("apps.nvidia.com/v1alpha1", "nimpipelines", "NIMPipeline"),
    _ai("apps.nvidia.com/v1alpha1", "nimbuilds", "NIMBuild"),
    _ai("apps.nvidia.com/v1alpha1", "nemocustomizers", "NemoCustomizer"),
    _ai("apps.nvidia.com/v1alpha1", "nemodatastores", "NemoDatastore"),
    _ai("apps.nvidia.com/v1alpha1", "nemoevaluators", "NemoEvaluator"),
    _ai("apps.nvidia.com/v1alpha1", "nemoguardrails", "NemoGuardrail"),
    _ai("nvidia.com/v1!", "clusterpolicies", "ClusterPolicy"),
    _ai("nvidia.com/v1alpha1!", "nvidiadrivers", "NVIDIADriver"),
    _ai("nvidia.com/v1alpha1", "dynamographdeployments", "DynamoGraphDeployment"),
    _ai("nvidia.com/v1alpha1", "dynamocomponentdeployments", "DynamoComponentDeployment"),
    _ai("resource.nvidia.com/v1beta1", "computedomains", "ComputeDomain"),
    # KAITO
    _ai("kaito.sh/v1beta1,v1alpha1", "workspaces", "Workspace", pods=("inference.template.spec",)),
    _ai("kaito.sh/v1beta1,v1alpha1", "ragengines", "RAGEngine"),
    _ai("kaito.sh/v1beta1,v1alpha1", "inferencesets", "InferenceSet"),
    _ai("kaito.sh/v1beta1,v1alpha1", "multiroleinferences", "MultiRoleInference"),
    _ai("kaito.sh/v1beta1,v1alpha1!", "modelmirrors", "ModelMirror"),
    # Agents and tools
    _ai("kagent.dev/v1alpha3,v1alpha2,v1alpha1", "agents", "Agent",
        links=(find.agent_tools, gateways.agent_model)),
    _ai("kagent.dev/v1alpha3,v1alpha2", "sandboxagents", "SandboxAgent"),
    _ai("kagent.dev/v1alpha2", "modelproviderconfigs", "ModelProviderConfig"),
    _ai("kagent.dev/v1alpha3,v1alpha2,v1alpha1", "modelconfigs", "ModelConfig"),
    _ai("kagent.dev/v1alpha3,v1alpha2", "remotemcpservers", "RemoteMCPServer", links=(gateways.addressed,)),
    _ai("kagent.dev/v1alpha1", "mcpservers", "MCPServer"),
    _ai("kagent.dev/v1alpha1", "toolservers", "ToolServer"),
    _ai("kagent.dev/v1alpha2,v1alpha1", "memories", "Memory"),
    _ai("toolhive.stacklok.dev/v1beta1,v1alpha1", "mcpservers", "MCPServer", links=(gateways.tool_server,)),
    _ai("toolhive.stacklok.dev/v1beta1,v1alpha1", "mcpserverentries", "MCPServerEntry", links=(gateways.tool_server,)),
    _ai("toolhive.stacklok.dev/v1beta1,v1alpha1", "mcpgroups", "MCPGroup"),
    _ai("toolhive.stacklok.dev/v1beta1,v1alpha1", "mcpoidcconfigs", "MCPOIDCConfig"),
    _ai("toolhive.stacklok.dev/v1beta1,v1alpha1", "embeddingservers", "EmbeddingServer"),
    _ai("toolhive.stacklok.dev/v1beta1,v1alpha1", "mcpremoteproxies", "MCPRemoteProxy", links=(gateways.tool_server,)),
    _ai("toolhive.stacklok.dev/v1beta1,v1alpha1", "virtualmcpservers", "VirtualMCPServer",
        links=(gateways.tool_server,)),
    _ai("toolhive.stacklok.dev/v1beta1,v1alpha1", "mcpregistries", "MCPRegistry"),
    _ai("toolhive.stacklok.dev/v1beta1,v1alpha1", "mcpexternalauthconfigs", "MCPExternalAuthConfig"),
    _ai("toolhive.stacklok.dev/v1beta1,v1alpha1", "mcptoolconfigs", "MCPToolConfig"),
    _ai("mcp.kuadrant.io/v1,v1alpha1", "mcpserverregistrations", "MCPServerRegistration",
        links=(gateways.registered_server,)),
    _ai("mcp.kuadrant.io/v1,v1alpha1", "mcpvirtualservers", "MCPVirtualServer"),
    _ai("agents.x-k8s.io/v1beta1,v1alpha1", "sandboxes", "Sandbox", pods=("spec.podTemplate.spec",)),
    _ai("extensions.agents.x-k8s.io/v1beta1,v1alpha1", "sandboxtemplates", "SandboxTemplate",
        pods=("spec.podTemplate.spec",)),
    _ai("extensions.agents.x-k8s.io/v1beta1,v1alpha1", "sandboxclaims", "SandboxClaim",
        links=(gateways.sandbox_template,)),
    _ai("ark.mckinsey.com/v1alpha1", "agents", "Agent", links=(gateways.ark_agent,)),
    _ai("ark.mckinsey.com/v1alpha1", "teams", "Team"),
    _ai("ark.mckinsey.com/v1alpha1", "models", "Model"),
    _ai("ark.mckinsey.com/v1alpha1", "tools", "Tool"),
    _ai("ark.mckinsey.com/v1alpha1", "mcpservers", "MCPServer", links=(gateways.addressed,)),
    _ai("llamastack.io/v1alpha1", "llamastackdistributions", "LlamaStackDistribution"),
    _ai("core.k8sgpt.ai/v1alpha1", "k8sgpts", "K8sGPT"),
    # Gateways for models
    _ai("inference.networking.k8s.io/v1 inference.networking.x-k8s.io/v1alpha2", "inferencepools", "InferencePool",
        links=(gateways.pool_picker,)),
    _ai("inference.networking.x-k8s.io/v1alpha2 llm-d.ai/v1alpha2", "inferenceobjectives", "InferenceObjective",
        links=(gateways.pool_of,)),
    _ai("inference.networking.x-k8s.io/v1alpha2", "inferencemodels", "InferenceModel", links=(gateways.pool_of,)),
    _ai("aigateway.envoyproxy.io/v1beta1,v1alpha1", "aigatewayroutes", "AIGatewayRoute", links=(gateways.ai_route,)),
    _ai("aigateway.envoyproxy.io/v1beta1,v1alpha1", "aiservicebackends", "AIServiceBackend",
        links=(gateways.ai_backend,)),
    _ai("aigateway.envoyproxy.io/v1beta1,v1alpha1", "backendsecuritypolicies", "BackendSecurityPolicy"),
    _ai("aigateway.envoyproxy.io/v1beta1,v1alpha1", "mcproutes", "MCPRoute", links=(gateways.mcp_route,)),
    _ai("aigateway.envoyproxy.io/v1beta1,v1alpha1", "quotapolicies", "QuotaPolicy"),
    _ai("agentgateway.dev/v1alpha1", "agentgatewaybackends", "AgentgatewayBackend", links=(gateways.addressed,)),
    _ai("agentgateway.dev/v1alpha1", "agentgatewaymodels", "AgentgatewayModel"),
    _ai("agentgateway.dev/v1alpha1", "agentgatewaypolicies", "AgentgatewayPolicy"),
    # Batch, queues and several-node serving
    _ai("leaderworkerset.x-k8s.io/v1", "leaderworkersets", "LeaderWorkerSet",
        pods=("spec.leaderWorkerTemplate.leaderTemplate.spec", "spec.leaderWorkerTemplate.workerTemplate.spec")),
    _ai("jobset.x-k8s.io/v1alpha2", "jobsets", "JobSet", pods=("spec.replicatedJobs[].template.spec.template.spec",)),
    _ai("kueue.x-k8s.io/v1beta2,v1beta1!", "clusterqueues", "ClusterQueue"),
    _ai("kueue.x-k8s.io/v1beta2,v1beta1", "localqueues", "LocalQueue"),
    _ai("kueue.x-k8s.io/v1beta2,v1beta1!", "resourceflavors", "ResourceFlavor"),
    _ai("batch.volcano.sh/v1alpha1", "jobs", "Job", pods=("spec.tasks[].template.spec",)),
    _ai("scheduling.volcano.sh/v1beta1!", "queues", "Queue"),
    _ai("workload.serving.volcano.sh/v1alpha1", "modelservings", "ModelServing"),
    _ai("workload.serving.volcano.sh/v1alpha1", "modelboosters", "ModelBooster"),
    _ai("networking.serving.volcano.sh/v1alpha1", "modelservers", "ModelServer"),
    _ai("networking.serving.volcano.sh/v1alpha1", "externalmodelproviders", "ExternalModelProvider"),
    # Other serving operators
    _ai("orchestration.aibrix.ai/v1alpha1", "stormservices", "StormService"),
    _ai("orchestration.aibrix.ai/v1alpha1", "rayclusterfleets", "RayClusterFleet"),
    _ai("model.aibrix.ai/v1alpha1", "modeladapters", "ModelAdapter"),
    _ai("model.aibrix.ai/v1alpha1", "modelclaims", "ModelClaim"),
    _ai("production-stack.vllm.ai/v1alpha1", "vllmruntimes", "VLLMRuntime"),
    _ai("production-stack.vllm.ai/v1alpha1", "vllmrouters", "VLLMRouter"),
    _ai("production-stack.vllm.ai/v1alpha1", "loraadapters", "LoraAdapter"),
    _ai("ome.io/v1beta1", "inferenceservices", "InferenceService"),
    _ai("ome.io/v1beta1", "servingruntimes", "ServingRuntime", pods=("spec",)),
    _ai("ome.io/v1beta1", "basemodels", "BaseModel"),
    _ai("ome.io/v1beta1!", "clusterbasemodels", "ClusterBaseModel"),
    _ai("ome.io/v1beta1!", "clusterservingruntimes", "ClusterServingRuntime"),
    _ai("kubeai.org/v1", "models", "Model"),
    _ai("llmaz.io/v1alpha1!", "openmodels", "OpenModel"),
    _ai("inference.llmaz.io/v1alpha1", "playgrounds", "Playground"),
    _ai("ollama.ayaka.io/v1", "models", "Model", pods=("spec",)),
    # Data and machine-learning operations
    _ai("milvus.io/v1beta1,v1alpha1", "milvuses", "Milvus"),
    _ai("feast.dev/v1,v1alpha1", "featurestores", "FeatureStore"),
    _ai("data.fluid.io/v1alpha1", "datasets", "Dataset"),
    _ai("datasciencecluster.opendatahub.io/v1!", "datascienceclusters", "DataScienceCluster"),
    _ai("trustyai.opendatahub.io/v1,v1alpha1", "trustyaiservices", "TrustyAIService"),
    _ai("trustyai.opendatahub.io/v1alpha1", "lmevaljobs", "LMEvalJob"),
    _ai("trustyai.opendatahub.io/v1alpha1", "guardrailsorchestrators", "GuardrailsOrchestrator"),
    _ai("sparkoperator.k8s.io/v1beta2", "sparkapplications", "SparkApplication"),
    _ai("kubernetes.dask.org/v1", "daskclusters", "DaskCluster"),
    _ai("argoproj.io/v1alpha1", "workflowtemplates", "WorkflowTemplate"),
    _ai("argoproj.io/v1alpha1", "cronworkflows", "CronWorkflow"),
    _ai("sagemaker.services.k8s.aws/v1alpha1", "models", "Model"),
    _ai("sagemaker.services.k8s.aws/v1alpha1", "endpoints", "Endpoint"),
    _ai("sagemaker.services.k8s.aws/v1alpha1", "trainingjobs", "TrainingJob"),
    _ai("sagemaker.services.k8s.aws/v1alpha1", "notebookinstances", "NotebookInstance"),
    _ai("bedrockagent.services.k8s.aws/v1alpha1", "agents", "Agent"),
    _ai("amd.com/v1alpha1", "deviceconfigs", "DeviceConfig"),
)  # fmt: skip
