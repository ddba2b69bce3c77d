"""ECR: where container images come from and what the registry's scanner counted in them."""

from __future__ import annotations

from integrations.aws.table import Absent, Detail, Each, Link, Resource

RESOURCES = (
    Resource(
        kind="aws.ecr.repository",
        client="ecr",
        each=Each("describe_repositories", "repositories"),
        identity="{repositoryArn}",
        name="{repositoryName}",
        detail=(
            Detail(
                operation="get_registry_scanning_configuration",
                parameters={},
                into="RegistryScanning",
                take="scanningConfiguration",
                once=True,
            ),
            Detail(
                operation="get_repository_policy",
                parameters={"repositoryName": "repositoryName", "registryId": "registryId"},
                into="Policy",
                take="policyText",
                decode=True,
                absent=(Absent("RepositoryPolicyNotFoundException"),),
            ),
        ),
        links=(Link("encrypted_by", "encryptionConfiguration.kmsKey", "aws.kms.key", "kms"),),
        tags="@",
    ),
    Resource(
        kind="aws.ecr.image",
        client="ecr",
        each=Each("describe_images", "imageDetails", {"repositoryName": "repositoryName", "registryId": "registryId"}),
        for_each=("aws.ecr.repository",),
        carry={"repositoryUri": "repositoryUri", "repositoryArn": "repositoryArn"},
        identity="{repositoryUri}@{imageDigest}",
        name="{repositoryName}:{imageTags[]|imageDigest}",
        links=(Link("part_of", "repositoryArn", "aws.ecr.repository"),),
        noise=("lastRecordedPullTime",),
        also=("{repositoryUri}:{imageTags[]}",),
    ),
    Resource(
        kind="aws.ecrpublic.repository",
        client="ecr-public",
        each=Each("describe_repositories", "repositories", page_size=1000),
        everywhere=True,
        identity="{repositoryArn}",
        name="{repositoryName}",
        place="-",
    ),
)
