"""Q Business, Kendra and Lex: good unless said otherwise."""

from __future__ import annotations

import json
from typing import Any

from demo.aws.build.site import Site, Tags, without_nothing
from demo.aws.wire import Document


def policy(site: Site, service: str, resource: str, principal: Any, action: str) -> None:
    """The policy of a resource of one of these services, by which `principal` may call it."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    site.aws.overlay.twin.policies[(site.account, site.region), service, resource] = text


def q_application(site: Site, name: str, role: str, tags: Tags | None = None, **more: Any) -> str:
    """More: kms, identity (type), open_scope. Returns its id."""
    made = site.made_uuid("q", name)
    document = without_nothing(
        applicationArn=site.arn("qbusiness", f"application/{made}"),
        applicationId=made,
        displayName=name,
        identityType=more.get("identity", "AWS_IAM_IDC"),
        roleArn=role,
        status="ACTIVE",
        encryptionConfiguration={"kmsKeyId": more["kms"]} if more.get("kms") else None,
        attachmentsConfiguration={"attachmentsControlMode": "DISABLED"},
        createdAt=site.now(),
        updatedAt=site.now(),
    )
    site.put("qbusiness.application", document, tags)
    wide = bool(more.get("open_scope"))
    site.put(
        "qbusiness.chat_controls",
        {
            "_applicationId": made,
            "responseScope": "EXTENDED_KNOWLEDGE_ENABLED" if wide else "ENTERPRISE_CONTENT_ONLY",
            "creatorModeConfiguration": {"creatorModeControl": "ENABLED" if wide else "DISABLED"},
            "hallucinationReductionConfiguration": {"hallucinationReductionControl": "DISABLED" if wide else "ENABLED"},
        },
    )
    _parts(site, made)
    return made


def _parts(site: Site, application: str) -> None:
    index, hidden = site.made_uuid("index", application), {"_applicationId": application}
    times = {"createdAt": site.now(), "updatedAt": site.now()}
    site.put(
        "qbusiness.index",
        {**hidden, "indexId": index, "displayName": "everything", "status": "ACTIVE", **times},
    )
    for name, sort in (("handbook", "S3"), ("tickets", "JIRA"), ("wiki", "CONFLUENCE")):
        source = {"dataSourceId": site.made_uuid("source", index, name), "displayName": name, "type": sort}
        site.put("qbusiness.data_source", {**hidden, "_indexId": index, **source, "status": "ACTIVE", **times})
    page = {"webExperienceId": site.made_uuid("page", application), "status": "ACTIVE", **times}
    site.put("qbusiness.web_experience", {**hidden, **page})


def q_plugin(
    site: Site, application: str, name: str, *, signed: bool = True, url: str = "https://jira.example"
) -> None:
    made = site.made_uuid("plugin", application, name)
    secret = {
        "secretArn": site.arn("secretsmanager", f"secret:{name}"),
        "roleArn": f"arn:aws:iam::{site.account}:role/q",
    }
    site.put(
        "qbusiness.plugin",
        {
            "pluginArn": site.arn("qbusiness", f"application/{application}/plugin/{made}"),
            "applicationId": application,
            "pluginId": made,
            "displayName": name,
            "type": "JIRA",
            "serverUrl": url,
            "authConfiguration": {"oAuth2ClientCredentialConfiguration": secret}
            if signed
            else {"noAuthConfiguration": {}},
            "state": "ENABLED",
            "createdAt": site.now(),
            "updatedAt": site.now(),
        },
    )


def q_accessor(site: Site, application: str, name: str, principal: str) -> None:
    """A software vendor that may search the index."""
    made = site.made_uuid("accessor", application, name)
    site.put(
        "qbusiness.data_accessor",
        {
            "_applicationId": application,
            "dataAccessorArn": site.arn("qbusiness", f"application/{application}/data-accessor/{made}"),
            "dataAccessorId": made,
            "displayName": name,
            "principal": principal,
            "createdAt": site.now(),
            "updatedAt": site.now(),
        },
    )


def kendra_index(site: Site, name: str, role: str, bucket: str, tags: Tags | None = None, **more: Any) -> None:
    """More: kms, checks_users=False. With one data source that reads `bucket`."""
    made = site.made_uuid("kendra", name)
    document = without_nothing(
        _arn=site.arn("kendra", f"index/{made}"),
        Name=name,
        Id=made,
        Edition="ENTERPRISE_EDITION",
        RoleArn=role,
        ServerSideEncryptionConfiguration={"KmsKeyId": more["kms"]} if more.get("kms") else None,
        Status="ACTIVE",
        UserContextPolicy="USER_TOKEN" if more.get("checks_users", True) else "ATTRIBUTE_FILTER",
        CreatedAt=site.now(),
        UpdatedAt=site.now(),
    )
    site.put("kendra.index", document, tags)
    site.put(
        "kendra.data_source",
        {
            "Id": site.made_uuid("kendra source", name),
            "IndexId": made,
            "Name": f"{name}-files",
            "Type": "S3",
            "Configuration": {"S3Configuration": {"BucketName": bucket}},
            "RoleArn": role,
            "Status": "ACTIVE",
            "CreatedAt": site.now(),
            "UpdatedAt": site.now(),
        },
    )


def lex_bot(site: Site, name: str, role: str, tags: Tags | None = None, *, logs: Document | None = None) -> str:
    """A bot with one alias; `logs` are its conversation log settings. Returns the bot's ARN."""
    made = site.made_id("bot", name)
    arn = site.arn("lex", f"bot/{made}")
    site.put(
        "lex.bot",
        {
            "_arn": arn,
            "botId": made,
            "botName": name,
            "roleArn": role,
            "dataPrivacy": {"childDirected": False},
            "idleSessionTTLInSeconds": 300,
            "botStatus": "Available",
            "botType": "Bot",
            "creationDateTime": site.now(),
            "lastUpdatedDateTime": site.now(),
        },
        tags,
    )
    alias = without_nothing(
        botAliasId="TSTALIASID",
        botAliasName=f"{name}-live",
        botVersion="1",
        botId=made,
        botAliasStatus="Available",
        conversationLogSettings=logs,
        creationDateTime=site.now(),
        lastUpdatedDateTime=site.now(),
    )
    site.put("lex.bot_alias", alias)
    return arn


def conversation_logs(group: str, bucket: str, kms: str = "") -> Document:
    """Texts to a log group, voices to a bucket."""
    audio = without_nothing(kmsKeyArn=kms or None, s3BucketArn=f"arn:aws:s3:::{bucket}", logPrefix="voice")
    text = {"cloudWatchLogGroupArn": group, "logPrefix": "text"}
    return {
        "textLogSettings": [{"enabled": True, "destination": {"cloudWatch": text}}],
        "audioLogSettings": [{"enabled": True, "destination": {"s3Bucket": audio}}],
    }
