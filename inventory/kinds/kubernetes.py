"""Kinds of assets in Kubernetes, by family; a line as in `aws.py`."""

KUBERNETES = {
    "Workloads": """
        k8s.deployment | Deployment | stack-2
        k8s.stateful_set | StatefulSet | stack-3
        k8s.daemon_set | DaemonSet | stack
        k8s.job | Job | player-play
        k8s.cron_job | CronJob | clock-play
        k8s.pod | Pod | box
        k8s.replica_set | ReplicaSet | copy
    """,
    "Network": """
        k8s.service | Service | affiliate
        k8s.ingress | Ingress | login | Ingresses
        k8s.gateway | Gateway | door
        k8s.http_route | HTTPRoute | route
        k8s.grpc_route | GRPCRoute | route
        k8s.network_policy | NetworkPolicy | wall | NetworkPolicies
    """,
    "Access control": """
        k8s.service_account | ServiceAccount | id-badge-2
        k8s.role | Role | license
        k8s.cluster_role | ClusterRole | license
        k8s.role_binding | RoleBinding | link
        k8s.cluster_role_binding | ClusterRoleBinding | link
    """,
    "Storage": """
        k8s.persistent_volume | PersistentVolume | database
        k8s.persistent_volume_claim | PersistentVolumeClaim | database-import
        k8s.storage_class | StorageClass | database-cog | StorageClasses
        k8s.config_map | ConfigMap | file-settings
    """,
    "Cluster": """
        k8s.cluster | Cluster | hexagons
        k8s.namespace | Namespace | folder
        k8s.node | Node | server
        k8s.resource_quota | ResourceQuota | gauge
        k8s.limit_range | LimitRange | gauge
        k8s.validating_admission_policy | ValidatingAdmissionPolicy | shield-check | ValidatingAdmissionPolicies
        k8s.validating_admission_policy_binding | ValidatingAdmissionPolicyBinding | link
        k8s.validating_webhook_configuration | ValidatingWebhookConfiguration | webhook
        k8s.mutating_webhook_configuration | MutatingWebhookConfiguration | webhook
        k8s.runtime_class | RuntimeClass | engine | RuntimeClasses
        k8s.pod_disruption_budget | PodDisruptionBudget | gauge
        k8s.custom_resource_definition | CustomResourceDefinition | puzzle
    """,
    "AI resources": """
        k8s.serving.inference_service | KServe InferenceService | api
        k8s.serving.llm_inference_service | KServe LLMInferenceService | api
        k8s.serving.serving_runtime | KServe ServingRuntime | engine
        k8s.serving.cluster_serving_runtime | KServe ClusterServingRuntime | engine
        k8s.ray.ray_cluster | RayCluster | topology-star-3
        k8s.ray.ray_job | RayJob | school
        k8s.ray.ray_service | RayService | api
        k8s.kubeflow.notebook | Kubeflow Notebook | notebook
        k8s.kubeflow.py_torch_job | PyTorchJob | school
        k8s.kubeflow.tf_job | TFJob | school
        k8s.kubeflow.mpi_job | MPIJob | school
        k8s.kaito.workspace | KAITO Workspace | api
        k8s.kaito.inference_set | KAITO InferenceSet | api
        k8s.apps.nim_service | NIMService | api
        k8s.nvidia.cluster_policy | NVIDIA ClusterPolicy | engine | NVIDIA ClusterPolicies
        k8s.core.k8_s_gpt | K8sGPT | affiliate
        k8s.inference.inference_pool | InferencePool | topology-star-3
        k8s.networking.external_model_provider | kthena ExternalModelProvider | door
        k8s.kagent.agent | kagent Agent | affiliate
        k8s.kagent.model_config | kagent ModelConfig | api
        k8s.kagent.remote_mcp_server | kagent RemoteMCPServer | puzzle
        k8s.ark.model | Ark Model | api
        k8s.ark.mcp_server | Ark MCPServer | puzzle
        k8s.toolhive.mcp_server | ToolHive MCPServer | puzzle
        k8s.toolhive.mcp_remote_proxy | ToolHive MCPRemoteProxy | puzzle | ToolHive MCPRemoteProxies
        k8s.toolhive.mcp_server_entry | ToolHive MCPServerEntry | puzzle | ToolHive MCPServerEntries
        k8s.toolhive.virtual_mcp_server | ToolHive VirtualMCPServer | door
        k8s.aigateway.ai_service_backend | Envoy AIServiceBackend | door
        k8s.aigateway.mcp_route | Envoy MCPRoute | route
        k8s.agentgateway.agentgateway_backend | AgentgatewayBackend | door
        k8s.agents.sandbox | Agent Sandbox | box | Agent Sandboxes
        k8s.extensions.sandbox_template | Agent SandboxTemplate | box
    """,
    "Custom resources": """
        k8s.cilium.cilium_network_policy | CiliumNetworkPolicy | wall | CiliumNetworkPolicies
        k8s.cilium.cilium_clusterwide_network_policy | Cilium cluster policy | wall | Cilium cluster policies
        k8s.networking.service_entry | Istio ServiceEntry | route | Istio ServiceEntries
        k8s.security.peer_authentication | Istio PeerAuthentication | shield-check
        k8s.gateway.backend | Envoy Backend | affiliate
    """,
}
