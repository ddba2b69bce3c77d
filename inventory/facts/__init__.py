"""Facts: what CEL cannot say in a readable line. Importing this package declares all of them."""

from inventory.facts import aws_access as aws_access
from inventory.facts import aws_agentcore as aws_agentcore
from inventory.facts import aws_artifacts as aws_artifacts
from inventory.facts import aws_bedrock as aws_bedrock
from inventory.facts import aws_checks as aws_checks
from inventory.facts import aws_eks as aws_eks
from inventory.facts import aws_everywhere as aws_everywhere
from inventory.facts import aws_identity as aws_identity
from inventory.facts import aws_images as aws_images
from inventory.facts import aws_lineage as aws_lineage
from inventory.facts import aws_monitoring as aws_monitoring
from inventory.facts import aws_network as aws_network
from inventory.facts import aws_organization as aws_organization
from inventory.facts import aws_origins as aws_origins
from inventory.facts import aws_platform as aws_platform
from inventory.facts import aws_policies as aws_policies
from inventory.facts import aws_reach as aws_reach
from inventory.facts import aws_relations as aws_relations
from inventory.facts import aws_sagemaker as aws_sagemaker
from inventory.facts import aws_stores as aws_stores
from inventory.facts import aws_tampering as aws_tampering
from inventory.facts import aws_trails as aws_trails
from inventory.facts import aws_watching as aws_watching
from inventory.facts import k8s_access as k8s_access
from inventory.facts import k8s_agents as k8s_agents
from inventory.facts import k8s_authentication as k8s_authentication
from inventory.facts import k8s_cloud as k8s_cloud
from inventory.facts import k8s_cluster as k8s_cluster
from inventory.facts import k8s_drift as k8s_drift
from inventory.facts import k8s_exposure as k8s_exposure
from inventory.facts import k8s_flaws as k8s_flaws
from inventory.facts import k8s_gateways as k8s_gateways
from inventory.facts import k8s_images as k8s_images
from inventory.facts import k8s_network as k8s_network
from inventory.facts import k8s_pod as k8s_pod
from inventory.facts import k8s_policies as k8s_policies
from inventory.facts import k8s_providers as k8s_providers
from inventory.facts import k8s_security as k8s_security
from inventory.facts import k8s_storage as k8s_storage
from inventory.facts import k8s_subjects as k8s_subjects
from inventory.facts import paths as paths
from inventory.facts.estate import Dangling, Edge, Estate, Node, unread_reason
from inventory.facts.registry import decode, encode, fact_names, facts_of, views_of

# One import a topic module, in alphabetical order: `from inventory.facts import aws_iam as aws_iam`.

__all__ = [
    "Dangling",
    "Edge",
    "Estate",
    "Node",
    "decode",
    "encode",
    "fact_names",
    "facts_of",
    "unread_reason",
    "views_of",
]
