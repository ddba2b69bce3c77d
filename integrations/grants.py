"""What has to be granted, as text: generated from the tables that collecting uses, shown by page and terminal."""

from __future__ import annotations

from django.conf import settings
from django.utils.crypto import salted_hmac

from integrations.kubernetes import access

WORKER = "arn:aws:iam::ACCOUNT-OF-AISPM:role/ROLE-OF-AISPM"


def aws_policies() -> list[str]:
    """The read-only IAM policies: several, because AWS limits the size of one."""
    from integrations.aws import policy

    return [policy.as_json(document) for document in policy.permissions_policies()]


def aws_policy() -> str:
    """All of them as one text."""
    return "\n".join(aws_policies())


def aws_trust(external_id: str) -> str:
    """The trust policy of the role. Who assumes it is this installation's own identity, where that is known."""
    from integrations.aws import policy

    return policy.as_json(policy.trust_policy(aws_identity() or WORKER, external_id))


def aws_identity() -> str:
    """The ARN of this installation's own user or role in AWS; empty when it has none or cannot tell."""
    from integrations.aws import identity

    return identity.own_arn(settings.AWS_ENDPOINT_URL)


def aws_external_id() -> str:
    """The external id of this installation: the same tomorrow, and nobody else's."""
    return f"aispm-{salted_hmac('aispm.aws.external-id', 'installation', algorithm='sha256').hexdigest()[:24]}"


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


def snapshot_commands() -> str:
    """Commands that save every list we can read, and nothing else."""
    return access.snapshot_recipe()
