"""What has to be granted, as text: generated from the tables that collecting uses, shown by page and terminal."""

from __future__ import annotations

from django.conf import settings
from django.utils.crypto import salted_hmac

from integrations.kubernetes import access

EKS_GROUP = "aispm-readers"
AWS_FORMS = ("json", "cloudformation", "terraform", "stackset")


def aws_access(form: str, external_id: str) -> str:
    """What has to be granted in one of `AWS_FORMS`; all but JSON make the role too."""
    if form == "json":
        return aws_named_policies()
    if form == "cloudformation":
        return aws_template(external_id)
    return aws_terraform(external_id) if form == "terraform" else aws_stack_set(external_id)


def aws_policies() -> list[str]:
    """The read-only IAM policies: several, because AWS limits the size of one."""
    from integrations.aws import policy

    return [policy.as_json(document) for document in policy.permissions_policies()]


def aws_named_policies() -> str:
    """The same policies as one JSON object, by the names that Terraform gives them."""
    from integrations.aws import policy

    documents = enumerate(policy.permissions_policies(), 1)
    return policy.as_json({f"{aws_member_role()}-{number}": document for number, document in documents})


def aws_template(external_id: str) -> str:
    """The CloudFormation template of the role and its policies."""
    from integrations.aws import cloudformation

    return cloudformation.template(aws_identity(), external_id)


def aws_stack_commands() -> str:
    """Commands that make the template's stack in one account."""
    from integrations.aws import cloudformation

    return cloudformation.stack_commands(aws_identity())


def aws_stack_set_commands(external_id: str) -> str:
    """Commands that bring the template to every account of an organization, and connect each."""
    from integrations.aws import cloudformation

    rolling_out = cloudformation.stack_set_commands(aws_identity())
    return f"{rolling_out}\n{cloudformation.connect_commands(external_id)}"


def aws_stack_set(external_id: str) -> str:
    """A whole recipe: the template into its file, then the commands."""
    from integrations.aws import cloudformation

    written = f"cat > {cloudformation.FILE} <<'TEMPLATE'\n{aws_template(external_id)}TEMPLATE\n"
    return f"{written}\n{aws_stack_set_commands(external_id)}"


def aws_terraform(external_id: str) -> str:
    """The role and its policies in Terraform's language."""
    from integrations.aws import terraform

    return terraform.configuration(aws_identity(), external_id)


def aws_trust(external_id: str) -> str:
    """The trust policy of the role. Who assumes it is this installation's own identity, where that is known."""
    from integrations.aws import cloudformation, policy

    return policy.as_json(policy.trust_policy(aws_identity() or cloudformation.UNKNOWN_PRINCIPAL, external_id))


def aws_identity() -> str:
    """The ARN of this installation's own user or role in AWS; empty when it has none or cannot tell."""
    from integrations.aws import identity

    return identity.own_arn(settings.AWS_ENDPOINT_URL)


def aws_external_id() -> str:
    """The external id of this installation: the same tomorrow, and nobody else's."""
    return f"aispm-{salted_hmac('aispm.aws.external-id', 'installation', algorithm='sha256').hexdigest()[:24]}"


def aws_member_role() -> str:
    """The role that the StackSet makes in every account of an organization."""
    from integrations.aws import cloudformation

    return cloudformation.ROLE


def kubernetes_role() -> str:
    """Namespace, account, ClusterRole and binding, ready for kubectl."""
    return access.manifest()


def kubeconfig_commands() -> str:
    """Commands that print a kubeconfig with a token of the account, valid for a year at most."""
    name, space = access.NAME, access.NAMESPACE
    return "\n".join(
        (
            f"TOKEN=$(kubectl create token {name} --namespace {space} --duration 8760h)",
            "kubectl config view --minify --flatten --raw > aispm.kubeconfig",
            f'kubectl --kubeconfig aispm.kubeconfig config set-credentials {name} --token "$TOKEN"',
            f"kubectl --kubeconfig aispm.kubeconfig config set-context --current --user {name}",
        )
    )


def eks_commands() -> str:
    """Commands that let the identity that reads an AWS account into a cluster that the account runs."""
    return "\n".join(
        (
            "kubectl apply -f aispm-reader.yaml",
            f"kubectl create clusterrolebinding {EKS_GROUP} --clusterrole {access.NAME} --group {EKS_GROUP}",
            "aws eks create-access-entry --cluster-name CLUSTER --region REGION \\",
            f"  --principal-arn ROLE_ARN --kubernetes-groups {EKS_GROUP}",
        )
    )


def snapshot_commands() -> str:
    """Commands that save every list we can read, and nothing else."""
    return access.snapshot_recipe()
