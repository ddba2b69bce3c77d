"""Amazon Q Business, Kendra and Lex, wholly from the twin."""

from __future__ import annotations

from demo.aws.overlay.declared import Thing, serve, shared_policies
from demo.aws.overlay.registry import Registry

Q, KENDRA, LEX = "qbusiness", "kendra", "lexv2-models"
OF_APP = {"applicationId": "_applicationId"}


def _of_application(name: str, key: str, operation: str, result: str) -> Thing:
    """Listed for an application that the document itself does not name."""
    return Thing(
        name=f"qbusiness.{name}",
        service=Q,
        keys=("_applicationId", key),
        lists=(operation, result),
        where=OF_APP,
    )


THINGS = (
    Thing(
        name="qbusiness.application",
        service=Q,
        keys=("applicationId",),
        lists=("ListApplications", "applications"),
        describes=("GetApplication", ""),
    ),
    Thing(
        name="qbusiness.chat_controls",
        service=Q,
        keys=("_applicationId",),
        describes=("GetChatControlsConfiguration", ""),
        asks=OF_APP,
    ),
    _of_application("index", "indexId", "ListIndices", "indices"),
    _of_application("data_accessor", "dataAccessorId", "ListDataAccessors", "dataAccessors"),
    _of_application("web_experience", "webExperienceId", "ListWebExperiences", "webExperiences"),
    Thing(
        name="qbusiness.plugin",
        service=Q,
        keys=("applicationId", "pluginId"),
        lists=("ListPlugins", "plugins"),
        describes=("GetPlugin", ""),
        where={"applicationId": "applicationId"},
    ),
    Thing(
        name="qbusiness.data_source",
        service=Q,
        keys=("_applicationId", "_indexId", "dataSourceId"),
        lists=("ListDataSources", "dataSources"),
        where={**OF_APP, "indexId": "_indexId"},
    ),
    Thing(
        name="kendra.index",
        service=KENDRA,
        keys=("Id",),
        lists=("ListIndices", "IndexConfigurationSummaryItems"),
        describes=("DescribeIndex", ""),
    ),
    Thing(
        name="kendra.data_source",
        service=KENDRA,
        keys=("IndexId", "Id"),
        lists=("ListDataSources", "SummaryItems"),
        describes=("DescribeDataSource", ""),
        where={"IndexId": "IndexId"},
    ),
    Thing(
        name="lex.bot", service=LEX, keys=("botId",), lists=("ListBots", "botSummaries"), describes=("DescribeBot", "")
    ),
    Thing(
        name="lex.bot_alias",
        service=LEX,
        keys=("botId", "botAliasId"),
        lists=("ListBotAliases", "botAliasSummaries"),
        describes=("DescribeBotAlias", ""),
        where={"botId": "botId"},
    ),
)


def register(registry: Registry) -> None:
    serve(registry, THINGS)
    shared_policies(registry, Q, "GetPolicy", "applicationId", "policy")
    shared_policies(registry, LEX, "DescribeResourcePolicy", "resourceArn", "policy")
