"""The first step in a region: the tags of everything and the names of keys, in a few bulk calls."""

from __future__ import annotations

import time

from integrations.aws.caller import Ask, Meter
from integrations.aws.errors import CallFailed, NotOffered, Stopped
from integrations.aws.reading import NEWLY_TAGGED, Closed, Context, Reading
from integrations.aws.rows import listed, tags_in
from integrations.base import Page
from inventory.documents import Document, Observed, Problem, ScopeKey, ScopeOutcome, ScopeState, Unread

REGION = "aws.region"
TAGS = ("resourcegroupstaggingapi", "get_resources")
ALIASES = ("kms", "list_aliases")
TABLES = 2
# Services whose own answers carry no tags, by the name that the tagging service gives them.
TAGGED = ("sagemaker", "bedrock", "lambda", "s3", "kms", "ecr", "logs", "cloudtrail", "cloudwatch")


class Opening:
    """The scope of `aws.region`: one asset, and the tables that the region's other scopes use."""

    def __init__(self, region: str, reading: Reading) -> None:
        self.region, self.reading, self.meter = region, reading, Meter()
        self.key = ScopeKey(region, REGION)
        self.context = Context()
        self.started = time.monotonic()

    def run(self) -> None:
        try:
            self._table("Tags", self._tags)
            self._table("Aliases", self._aliases)
        except Stopped:
            self._close(CallFailed(Problem.CANCELLED, "The collection was cancelled."))
            return
        finally:
            self.reading.contexts[self.region] = self.context
        if not self._nobody_there():
            self.reading.emit(Page(self.key, [self._asset()]))
        self._close(next(iter(self.context.problems.values()), None))

    def _table(self, name: str, read: object) -> None:
        assert callable(read)
        try:
            read()
        except CallFailed as failure:
            self.context.problems[name] = failure
        except NotOffered as nothing:
            self.context.problems[name] = CallFailed(Problem.OTHER, str(nothing))

    def _tags(self) -> None:
        services = {resource.service for resource in self.reading.table.values()}
        self._tagged([name for name in TAGGED if name in services])
        newer = sorted({NEWLY_TAGGED[name] for name in services if name in NEWLY_TAGGED})
        try:
            self._tagged(newer)
        except CallFailed as failure:
            # Which services the tagging API knows differs between regions: that costs these services' tags alone.
            self.context.newer = failure

    def _tagged(self, wanted: list[str]) -> None:
        if not wanted:
            return
        ask = Ask(*TAGS, self.region, {"ResourceTypeFilters": wanted})
        for page in self.reading.caller.pages(ask, self.meter):
            for row in listed(page, "ResourceTagMappingList"):
                self.context.tags[str(row.get("ResourceARN"))] = tags_in(row.get("Tags"))

    def _aliases(self) -> None:
        ask = Ask(*ALIASES, self.region)
        for page in self.reading.caller.pages(ask, self.meter):
            for row in listed(page, "Aliases"):
                self._alias(row)

    def _alias(self, row: Document) -> None:
        key, name = row.get("TargetKeyId"), str(row.get("AliasName"))
        if key:
            self.context.aliases.setdefault(str(key), []).append(name)
            ambient = self.reading.ambient(self.region)
            arn = f"arn:{ambient['partition']}:kms:{self.region}:{ambient['account']}:key/{key}"
            self.reading.known.learn(f"{self.region}:{name}", arn)
            if name.startswith("alias/aws/"):
                self.reading.known.learn(f"managed:{arn}", name)

    def _nobody_there(self) -> bool:
        """Whether no call was even heard: such a region may be mistyped or not enabled, and is no asset."""
        heard = [p for p in self.context.problems.values() if p.problem is not Problem.UNREACHABLE and not p.stranger]
        return len(self.context.problems) == TABLES and not heard

    def _asset(self) -> Observed:
        ambient = self.reading.ambient(self.region)
        unread = [
            Unread(part, problem.problem, problem.message, problem.permission)
            for part, problem in self.context.problems.items()
        ]
        return Observed(
            kind=REGION,
            external_id=f"arn:{ambient['partition']}:account:{self.region}:{ambient['account']}:region",
            name=self.region,
            place=self.region,
            config={"RegionName": self.region},
            unread=unread,
        )

    def _close(self, failure: CallFailed | None) -> None:
        outcome = ScopeOutcome(
            key=self.key,
            state=ScopeState.INCOMPLETE if failure else ScopeState.COMPLETE,
            problem=failure.problem if failure else None,
            message=failure.message if failure else "",
            permission=failure.permission if failure else "",
            calls=self.meter.calls,
            seconds=round(time.monotonic() - self.started, 3),
        )
        self.reading.close(REGION, Closed(outcome))
