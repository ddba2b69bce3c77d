"""What one collection knows while it runs: the account, the regional tables, what was read and what was not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from integrations.aws.caller import Caller
from integrations.aws.errors import CallFailed
from integrations.aws.references import Known
from integrations.aws.table import ALL_REGIONS, Resource
from integrations.base import Page
from inventory.documents import READ_TO_THE_END, Document, Problem, ScopeOutcome

Emit = Callable[[Page | ScopeOutcome], None]
# Services that the tagging API learned later: their name in a kind, and in ARNs.
NEWLY_TAGGED = {
    "agentcore": "bedrock-agentcore", "aoss": "aoss", "cognito": "cognito-identity", "comprehend": "comprehend",
    "events": "events", "forecast": "forecast", "frauddetector": "frauddetector", "glue": "glue",
    "healthlake": "healthlake", "kendra": "kendra", "lex": "lex", "memorydb": "memorydb", "neptune": "neptune-graph",
    "opensearch": "es", "personalize": "personalize", "qbusiness": "qbusiness", "rekognition": "rekognition",
    "s3vectors": "s3vectors", "securityhub": "securityhub", "ssm": "ssm", "stepfunctions": "states",
    "textract": "textract", "transcribe": "transcribe", "translate": "translate", "wafv2": "wafv2",
}  # fmt: skip


@dataclass(slots=True)
class Context:
    """Regional tables that are read once, before the resources of the region, and why one was not."""

    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    aliases: dict[str, list[str]] = field(default_factory=dict)
    problems: dict[str, CallFailed] = field(default_factory=dict)
    newer: CallFailed | None = None


@dataclass(frozen=True, slots=True)
class Closed:
    """How a scope ended; `doubt` when it was read to its end but a part of some document was not."""

    outcome: ScopeOutcome
    doubt: CallFailed | None = None

    def reason(self) -> CallFailed | None:
        """Why what this scope says about other assets may be incomplete; nothing when it is not."""
        if self.outcome.state in READ_TO_THE_END:
            return self.doubt
        problem = self.outcome.problem or Problem.OTHER
        return CallFailed(problem, self.outcome.message, permission=self.outcome.permission)


@dataclass(slots=True)
class Reading:
    """Shared by every walk of one collection."""

    account: str
    partition: str
    home: str
    regions: tuple[str, ...]
    table: Mapping[str, Resource]
    caller: Caller
    rows: ThreadPoolExecutor
    emit: Emit
    first_only: bool = False
    known: Known = field(default_factory=Known)
    contexts: dict[str, Context] = field(default_factory=dict)
    _parents: dict[tuple[str, str], list[Document]] = field(default_factory=dict)
    _closed: dict[tuple[str, str], Closed] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ambient(self, region: str) -> dict[str, str]:
        """The words that templates may use besides the document's own."""
        here = self.home if region == ALL_REGIONS else region
        return {"partition": self.partition, "region": here, "account": self.account}

    def context(self, region: str) -> Context:
        """The tables of one region; of all regions together for what has none."""
        if region != ALL_REGIONS:
            return self.contexts.get(region, Context())
        merged = Context()
        for context in list(self.contexts.values()):
            merged.tags.update(context.tags)
            merged.aliases.update(context.aliases)
            merged.problems.update(context.problems)
            merged.newer = merged.newer or context.newer
        return merged

    def has_children(self, kind: str) -> bool:
        return any(kind in resource.asks_of() for resource in self.table.values())

    def remember(self, kind: str, region: str, documents: Sequence[Document]) -> None:
        with self._lock:
            self._parents.setdefault((kind, region), []).extend(documents)

    def parents(self, kind: str, region: str) -> list[Document]:
        with self._lock:
            return list(self._parents.get((kind, region), ()))

    def close(self, kind: str, closed: Closed) -> None:
        with self._lock:
            self._closed[(kind, closed.outcome.key.region)] = closed
        self.emit(closed.outcome)

    def closed(self, kind: str, region: str) -> Closed | None:
        with self._lock:
            return self._closed.get((kind, region))

    def closed_in(self, kind: str, region: str) -> list[Closed]:
        """How the scopes of a kind ended: in one region (or without one), or everywhere."""
        with self._lock:
            return [
                closed
                for (one, where), closed in self._closed.items()
                if one == kind and (region == ALL_REGIONS or where in (region, ALL_REGIONS))
            ]
