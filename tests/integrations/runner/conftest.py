"""A source whose collector does what each test tells it to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from integrations import registry
from integrations.base import Check, Collector, Identity, Page
from integrations.models import Connection, ConnectionKind, Run
from inventory.documents import Observed, ScopeKey, ScopeOutcome, ScopeState
from inventory.models import Source, SourceKind

NOTEBOOKS = ScopeKey("eu-central-1", "aws.sagemaker.notebook_instance")


def notebook(name: str, **config: object) -> Observed:
    arn = f"arn:aws:sagemaker:eu-central-1:111122223333:notebook-instance/{name}"
    return Observed(NOTEBOOKS.collector, arn, name, "eu-central-1", {"NotebookInstanceName": name, **config})


@dataclass
class Scripted:
    """A collector that yields a script; an exception in it is raised, a callable is called."""

    account: str = "111122223333"
    script: list[object] = field(default_factory=list)
    error: Exception | None = None

    def identify(self) -> Identity:
        if self.error is not None:
            raise self.error
        return Identity(self.account, "research")

    def scopes(self) -> Sequence[ScopeKey]:
        return [NOTEBOOKS]

    def collect(self, cancelled: Callable[[], bool]) -> Iterator[Page | ScopeOutcome]:
        for item in self.script:
            if isinstance(item, Exception):
                raise item
            if callable(item):
                item(cancelled)
            elif isinstance(item, Page | ScopeOutcome):
                yield item

    def doctor(self) -> Sequence[Check]:
        return []

    def sees(self, *assets: Observed, state: ScopeState = ScopeState.COMPLETE) -> None:
        self.script = [Page(NOTEBOOKS, assets), ScopeOutcome(NOTEBOOKS, state, calls=len(assets) + 1)]


@pytest.fixture
def source(db: None) -> Source:
    return Source.objects.create(kind=SourceKind.AWS, external_id="111122223333", name="research")


@pytest.fixture
def connection(source: Source) -> Connection:
    return Connection.objects.create(source=source, kind=ConnectionKind.AWS, settings={"regions": ["eu-central-1"]})


@pytest.fixture
def scripted(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> Scripted:
    collector = Scripted()

    @contextmanager
    def build(_: Connection) -> Iterator[Collector]:
        yield collector

    monkeypatch.setattr(registry, "collector_for", build)
    return collector


@pytest.fixture
def run(connection: Connection) -> Run:
    return Run.objects.create(source=connection.source)
