"""Assistants and what they search: Amazon Q Business, Kendra, Lex."""

from __future__ import annotations

from integrations.aws.table import Absent, Detail, Each, Link, Resource

GONE = (Absent("ResourceNotFoundException"),)
APP, INDEX, KENDRA, BOT = "aws.qbusiness.application", "aws.qbusiness.index", "aws.kendra.index", "aws.lex.bot"
ROLE, KEY, BUCKET = "aws.iam.role", "aws.kms.key", "aws.s3.bucket"
OF_APP = {"applicationId": "applicationId"}
PART_OF_APP = Link("part_of", "applicationId", APP, "arn:qbusiness:application/{}")
PAGES = ("NextToken", "NextToken")
LEX_PAGES = ("nextToken", "nextToken")


def _of_application(kind: str, operation: str, result: str, key: str, **more: object) -> Resource:
    """Something that belongs to one application and has no ARN in its list."""
    word = kind.rpartition(".")[2].replace("_", "-")
    own: dict[str, object] = {"detail": (), "links": (PART_OF_APP,), "name": "{displayName}"} | more
    return Resource(
        kind=kind,
        client="qbusiness",
        each=Each(operation, result, OF_APP),
        for_each=(APP,),
        carry=OF_APP,
        identity=f"arn:{{partition}}:qbusiness:{{region}}:{{account}}:application/{{applicationId}}/{word}/{{{key}}}",
        **own,  # type: ignore[arg-type]
    )


Q_BUSINESS = (
    Resource(
        kind=APP,
        client="qbusiness",
        each=Each("list_applications", "applications"),
        identity="arn:{partition}:qbusiness:{region}:{account}:application/{applicationId}",
        name="{displayName}",
        detail=(
            Detail(
                operation="get_application",
                parameters=OF_APP,
                needs="applicationId",
                describes=True,
                absent=GONE,
            ),
            Detail(operation="get_chat_controls_configuration", parameters=OF_APP, into="ChatControls", absent=GONE),
            Detail(
                operation="get_policy",
                parameters=OF_APP,
                into="Policy",
                take="policy",
                decode=True,
                optional=True,
                absent=GONE,
            ),
        ),
        links=(
            Link("uses_role", "roleArn", ROLE, "role"),
            Link("encrypted_by", "encryptionConfiguration.kmsKeyId", KEY, "kms"),
        ),
        tags="@",
    ),
    _of_application(INDEX, "list_indices", "indices", "indexId"),
    _of_application(
        "aws.qbusiness.plugin",
        "list_plugins",
        "plugins",
        "pluginId",
        detail=(
            Detail(
                operation="get_plugin",
                parameters=OF_APP | {"pluginId": "pluginId"},
                needs="pluginId",
                describes=True,
                absent=GONE,
            ),
        ),
        links=(PART_OF_APP, Link("loads", "customPluginConfiguration.apiSchema.s3.bucket", BUCKET, "bucket")),
    ),
    _of_application("aws.qbusiness.data_accessor", "list_data_accessors", "dataAccessors", "dataAccessorId"),
    _of_application(
        "aws.qbusiness.web_experience",
        "list_web_experiences",
        "webExperiences",
        "webExperienceId",
        name="Web page {webExperienceId}",
    ),
    Resource(
        kind="aws.qbusiness.data_source",
        client="qbusiness",
        each=Each("list_data_sources", "dataSources", OF_APP | {"indexId": "indexId"}),
        for_each=(INDEX,),
        carry=OF_APP | {"indexId": "indexId"},
        identity="arn:{partition}:qbusiness:{region}:{account}:application/{applicationId}/index/{indexId}"
        "/data-source/{dataSourceId}",
        name="{displayName}",
        links=(Link("part_of", "indexId", INDEX, "arn:qbusiness:application/{applicationId}/index/{}"),),
    ),
)
SEARCH = (
    Resource(
        kind=KENDRA,
        client="kendra",
        each=Each("list_indices", "IndexConfigurationSummaryItems", token=PAGES),
        identity="arn:{partition}:kendra:{region}:{account}:index/{Id}",
        name="{Name|Id}",
        detail=(Detail(operation="describe_index", parameters={"Id": "Id"}, needs="Id", describes=True, absent=GONE),),
        links=(
            Link("uses_role", "RoleArn", ROLE, "role"),
            Link("encrypted_by", "ServerSideEncryptionConfiguration.KmsKeyId", KEY, "kms"),
        ),
        tags="@",
        noise=("IndexStatistics",),
    ),
    Resource(
        kind="aws.kendra.data_source",
        client="kendra",
        each=Each("list_data_sources", "SummaryItems", {"IndexId": "Id"}, token=PAGES),
        for_each=(KENDRA,),
        carry={"IndexId": "Id"},
        identity="arn:{partition}:kendra:{region}:{account}:index/{IndexId}/data-source/{Id}",
        name="{Name|Id}",
        detail=(
            Detail(
                operation="describe_data_source",
                parameters={"Id": "Id", "IndexId": "IndexId"},
                needs="Id",
                describes=True,
                absent=GONE,
            ),
        ),
        links=(
            Link("part_of", "IndexId", KENDRA, "arn:kendra:index/{}"),
            Link("uses_role", "RoleArn", ROLE, "role"),
            Link("reads_data", "Configuration.S3Configuration.BucketName", BUCKET, "bucket"),
        ),
        tags="@",
    ),
)
LEX = (
    Resource(
        kind=BOT,
        client="lexv2-models",
        each=Each("list_bots", "botSummaries", token=LEX_PAGES),
        identity="arn:{partition}:lex:{region}:{account}:bot/{botId}",
        name="{botName}",
        detail=(
            Detail(operation="describe_bot", parameters={"botId": "botId"}, needs="botId", describes=True, absent=GONE),
            Detail(
                operation="describe_resource_policy",
                parameters={"resourceArn": "arn:{partition}:lex:{region}:{account}:bot/{botId}"},
                into="ResourcePolicy",
                take="policy",
                decode=True,
                optional=True,
                absent=GONE,
            ),
        ),
        links=(Link("uses_role", "roleArn", ROLE, "role"),),
        tags="@",
    ),
    Resource(
        kind="aws.lex.bot_alias",
        client="lexv2-models",
        each=Each("list_bot_aliases", "botAliasSummaries", {"botId": "botId"}, token=LEX_PAGES),
        for_each=(BOT,),
        carry={"botId": "botId"},
        identity="arn:{partition}:lex:{region}:{account}:bot-alias/{botId}/{botAliasId}",
        name="{botAliasName}",
        detail=(
            Detail(
                operation="describe_bot_alias",
                parameters={"botId": "botId", "botAliasId": "botAliasId"},
                needs="botAliasId",
                describes=True,
                absent=GONE,
            ),
        ),
        links=(
            Link("serves", "botId", BOT, "arn:lex:bot/{}"),
            Link(
                "logs_to",
                "conversationLogSettings.textLogSettings[].destination.cloudWatch.cloudWatchLogGroupArn",
                "aws.logs.log_group",
                "log_group",
            ),
            Link("logs_to", "conversationLogSettings.audioLogSettings[].destination.s3Bucket.s3BucketArn", BUCKET),
        ),
        tags="@",
        noise=("botAliasHistoryEvents",),
    ),
)
RESOURCES = (*Q_BUSINESS, *SEARCH, *LEX)
