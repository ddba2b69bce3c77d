"""SageMaker Studio: people, rooms, apps, scripts, images. Good by default; a change of None leaves a member out."""

from __future__ import annotations

import base64
from typing import Any

from demo.aws.build.site import Site
from demo.aws.wire import Document

SERVICE = "sagemaker"


def domain_id(arn: str) -> str:
    return arn.rpartition("/")[2]


def _times(site: Site) -> Document:
    return {"CreationTime": site.now(), "LastModifiedTime": site.now()}


def user_profile(site: Site, domain: str, name: str, role: str, **changed: Any) -> Document:
    """`domain` is the domain's id."""
    settings = {"ExecutionRole": role, "StudioWebPortal": "ENABLED"}
    document = {
        "UserProfileArn": site.arn(SERVICE, f"user-profile/{domain}/{name}"),
        "DomainId": domain,
        "UserProfileName": name,
        "Status": "InService",
        "UserSettings": settings,
        **_times(site),
    }
    return site.placed("sagemaker.user_profile", document, changed)


def space(site: Site, domain: str, name: str, owner: str, **changed: Any) -> Document:
    document = {
        "DomainId": domain,
        "SpaceName": name,
        "Status": "InService",
        "SpaceSettingsSummary": {"AppType": "JupyterLab", "RemoteAccess": "DISABLED"},
        "SpaceSharingSettingsSummary": {"SharingType": "Private"},
        "OwnershipSettingsSummary": {"OwnerUserProfileName": owner},
        **_times(site),
    }
    return site.placed("sagemaker.space", document, changed)


def app(site: Site, domain: str, space_name: str, **changed: Any) -> Document:
    document = {
        "DomainId": domain,
        "SpaceName": space_name,
        "AppType": "JupyterLab",
        "AppName": "default",
        "Status": "InService",
        "CreationTime": site.now(),
        "ResourceSpec": {"InstanceType": "ml.t3.medium"},
    }
    return site.placed("sagemaker.app", document, changed)


def lifecycle_script(site: Site, name: str, script: str, **changed: Any) -> Document:
    document = {
        "StudioLifecycleConfigArn": site.arn(SERVICE, f"studio-lifecycle-config/{name}"),
        "StudioLifecycleConfigName": name,
        "StudioLifecycleConfigContent": base64.b64encode(script.encode()).decode(),
        "StudioLifecycleConfigAppType": "JupyterLab",
        **_times(site),
    }
    return site.placed("sagemaker.studio_lifecycle_config", document, changed)


def image(site: Site, name: str, base: str, **changed: Any) -> Document:
    """An image with one version made of `base`; `changed` is about the version. `failed` versions came before it."""
    arn = site.arn(SERVICE, f"image/{name}")
    tags, failed = changed.pop("tags", None), changed.pop("failed", 0)
    known = {"ImageArn": arn, "ImageName": name, "ImageStatus": "CREATED", **_times(site)}
    site.put("sagemaker.image", known, tags)
    for number in range(1, failed + 2):
        version = {
            "ImageArn": arn,
            "ImageVersionArn": site.arn(SERVICE, f"image-version/{name}/{number}"),
            "ImageVersionStatus": "CREATE_FAILED" if number <= failed else "CREATED",
            "Version": number,
            **_times(site),
        }
        site.put("sagemaker.version_of_image", version)
    document = {
        **version,
        "BaseImage": base,
        "ContainerImage": base,
        "VendorGuidance": "STABLE",
    }
    # The lower layer asks for the version by the image's name, which the answer itself does not hold.
    merged = {key: value for key, value in {**document, **changed}.items() if value is not None}
    return site.aws.overlay.twin.keep("sagemaker.image_version", (site.account, site.region), (name,), merged)


def app_image_config(site: Site, name: str, **changed: Any) -> Document:
    arn = site.arn(SERVICE, f"app-image-config/{name}")
    document = {"AppImageConfigArn": arn, "AppImageConfigName": name, **_times(site)}
    return site.placed("sagemaker.app_image_config", document, changed)


def code_repository(site: Site, name: str, url: str, **changed: Any) -> Document:
    document = {
        "CodeRepositoryArn": site.arn(SERVICE, f"code-repository/{name}"),
        "CodeRepositoryName": name,
        "GitConfig": {"RepositoryUrl": url, "Branch": "main", "SecretArn": site.arn("secretsmanager", "secret:git")},
        **_times(site),
    }
    return site.placed("sagemaker.code_repository", document, changed)


def partner_app(site: Site, name: str, role: str, kms: str, **changed: Any) -> Document:
    document = {
        "Arn": site.arn(SERVICE, f"partner-app/{site.made_id('partner', name).lower()}"),
        "Name": name,
        "Type": "comet",
        "Status": "Available",
        "ExecutionRoleArn": role,
        "KmsKeyId": kms,
        "AuthType": "IAM",
        "EnableIamSessionBasedIdentity": True,
        "EnableAutoMinorVersionUpgrade": True,
        "ApplicationConfig": {"AdminUsers": ["ml-platform"]},
        **_times(site),
    }
    return site.placed("sagemaker.partner_app", document, changed)


def project(site: Site, name: str, **changed: Any) -> Document:
    document = {
        "ProjectArn": site.arn(SERVICE, f"project/{name}"),
        "ProjectName": name,
        "ProjectId": f"p-{site.made_id('project', name).lower()}",
        "ProjectStatus": "CreateCompleted",
        "CreationTime": site.now(),
    }
    return site.placed("sagemaker.project", document, changed)
