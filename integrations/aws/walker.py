"""Executes a declared resource in one region: lists, describes, hands over pages, says how it ended."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.aws.caller import Ask, Meter
from integrations.aws.errors import MALFORMED, CallFailed, NamedElsewhere, NotOffered, Stopped
from integrations.aws.paths import first, plain, values
from integrations.aws.reading import Closed, Reading
from integrations.aws.rows import Rows, Seen, is_absent, listed, parameters_of
from integrations.aws.table import ALL_REGIONS, Absent, Each, Named, Resource, Shared, Single, Window
from integrations.base import Page
from inventory.documents import READ_TO_THE_END, Document, Observed, Problem, ScopeKey, ScopeOutcome, ScopeState

# How any service says that it does not know the operation in this region.
UNKNOWN_HERE = ("UnknownOperationException", "InvalidAction", "UnknownOperation")
CHUNK = 100


class Walk:
    """One (region, kind) scope."""

    def __init__(self, resource: Resource, region: str, reading: Reading) -> None:
        self.resource, self.region, self.reading = resource, region, reading
        self.key = ScopeKey(region, resource.kind)
        self.meter = Meter()
        self.rows = Rows(resource, region, reading, self.meter)
        self.found = 0
        self.doubt: CallFailed | None = None
        self.started = time.monotonic()
        self._made: set[str] = set()
        self._listed: set[str] = set()

    def run(self) -> None:
        """Reads the scope and closes it, whatever happens."""
        try:
            self._read()
        except NotOffered as nothing:
            self.close(not_offered=str(nothing))
        except CallFailed as failure:
            self.close(failure)
        except Stopped:
            self.close(CallFailed(Problem.CANCELLED, "The collection was cancelled."))
        else:
            self.close()

    def _read(self) -> None:
        each = self.resource.each
        if self._not_given():
            return
        if isinstance(each, Single):
            self._single(each)
        elif self.resource.for_each:
            self._children(each)
        elif isinstance(each, Each):
            self._top(each)
        self._check_referrers()

    def close(self, failure: CallFailed | None = None, *, not_offered: str = "") -> None:
        if not_offered:
            state, problem, message = ScopeState.NOT_OFFERED, None, not_offered
        elif failure is None:
            state, problem, message = ScopeState.COMPLETE, None, ""
        else:
            indirect = isinstance(failure, NamedElsewhere)
            denied = failure.problem is Problem.DENIED and not self.found and not indirect
            state = ScopeState.DENIED if denied else ScopeState.INCOMPLETE
            problem, message = failure.problem, failure.message
        outcome = ScopeOutcome(
            key=self.key,
            state=state,
            problem=problem,
            message=message,
            permission=failure.permission if failure else "",
            calls=self.meter.calls,
            seconds=round(time.monotonic() - self.started, 3),
        )
        self.reading.close(self.resource.kind, Closed(outcome, self.doubt))

    # -- where rows come from ---------------------------------------------------------------------

    def _single(self, each: Single) -> None:
        ambient = self.reading.ambient(self.region)
        needs = (each.take,) if each.take else ()
        parameters = parameters_of(each.parameters, {}, ambient)
        ask = Ask(self.resource.client, each.operation, ambient["region"], parameters, needs)
        try:
            answer = self._listing(lambda: self.reading.caller.one(ask, self.meter))
        except CallFailed as failure:
            if any(is_absent(one, failure) for one in each.missing):
                return
            if not any(is_absent(absent, failure) for absent in each.absent):
                raise
            answer = {}
        kept = {key: value for key, value in answer.items() if key != "ResponseMetadata"}
        if each.into and kept:
            kept = {each.into: kept.get(each.take)}
        self.page([kept], None)

    def _top(self, each: Each) -> None:
        if self._nobody_refers():
            return
        for rows in self._pages(each, None):
            self.page(rows, None)
        if self.resource.window and self.resource.window.recall:
            self._recall(self.resource.window.recall)
        if self.resource.window:
            self._recall_named(self.resource.window)

    def _nobody_refers(self) -> bool:
        """Kinds that exist for us only where referred to cost no call when nothing refers to them."""
        keep = self.resource.keep
        only_referred = keep is not None and keep.referenced and not keep.matching and not keep.present
        return only_referred and not self.reading.known.refers_to(self.resource.kind)

    def _not_given(self) -> bool:
        """Kinds that matter only beside others cost no call where none of those is."""
        given = self.resource.given
        if not given or any(self.reading.parents(kind, self.region) for kind in given):
            return False
        self._check_parents(given, named=False)
        return True

    def _children(self, each: Each | Named | Shared | Single) -> None:
        for kind in self.resource.for_each:
            parents = self.reading.parents(kind, self.region)
            if isinstance(each, Named):
                self._named(each, parents)
            elif isinstance(each, Each):
                self._in_parallel(each, parents)
        self._check_parents(self.resource.for_each, named=isinstance(each, Named))

    def _named(self, each: Named, parents: Sequence[Document]) -> None:
        named: dict[str, Document] = {}
        for parent in parents:
            for value in values(parent, each.path):
                if isinstance(value, str) and value not in each.skip:
                    row = {each.row: value} | {name: first(parent, path) for name, path in self.resource.carry.items()}
                    named.setdefault(self.rows.identity(row), row)
        self.page(list(named.values()), None)

    def _in_parallel(self, each: Each, parents: Sequence[Document]) -> None:
        """Asks for the rows of many parents at once; each parent's own rows follow one another."""
        failed: CallFailed | None = None
        pending = [self.reading.rows.submit(self._of_parent, each, parent) for parent in parents]
        for future in pending:
            try:
                future.result()
            except CallFailed as failure:
                failed = failed or failure
        if failed:
            raise failed

    def _of_parent(self, each: Each, parent: Document) -> None:
        for rows in self._pages(each, parent):
            self.page(rows, parent, parallel=False)

    def _check_parents(self, kinds: Sequence[str], *, named: bool) -> None:
        """Children of what was not read are not known either."""
        closed = [self.reading.closed(kind, self.region) for kind in kinds]
        if all(one and one.outcome.state is ScopeState.NOT_OFFERED for one in closed):
            raise NotOffered(next(one.outcome.message for one in closed if one))
        for one in closed:
            unread = one.outcome.state not in READ_TO_THE_END if one else True
            reason = one.reason() if one and (unread or named) else None
            if reason:
                raise _through(reason, one.outcome.key if one else self.key)

    def _pages(self, each: Each, parent: Document | None) -> Iterator[list[Any]]:
        ambient = self.reading.ambient(self.region)
        parameters = parameters_of(each.parameters, parent or {}, ambient) | self._window()
        ask = Ask(self.resource.client, each.operation, ambient["region"], parameters)
        pages = self.reading.caller.pages(ask, self.meter, size=each.page_size, token=each.token)
        while True:
            page = self._listing(lambda: next(pages, None))
            if page is None:
                return
            yield self._rows_in(page, each)
            if self.reading.first_only:
                return

    def _window(self) -> Document:
        window = self.resource.window
        return {window.parameter: datetime.now(UTC) - timedelta(days=window.days)} if window else {}

    def _rows_in(self, page: Document, each: Each) -> list[Any]:
        rows = listed(page, each.result)
        if each.inside:
            rows = [inside for row in rows for inside in listed(row, each.inside)]
        return [{each.row: row} for row in rows] if each.row else rows

    def _listing(self, call: Any) -> Any:
        """A list call: some of its errors mean that the region does not have the service.

        Not when a parent was listed before: then the service is there, and the error is one.
        """
        try:
            return call()
        except CallFailed as failure:
            means = (*self.resource.not_offered, *UNKNOWN_HERE)
            if not self.resource.for_each and any(_means(one, failure) for one in means):
                raise NotOffered(failure.message) from failure
            raise

    # -- what becomes of rows ---------------------------------------------------------------------

    def page(self, rows: Sequence[Any], parent: Document | None, *, parallel: bool = True) -> None:
        """Rows of one page → assets, handed over at once."""
        if not all(isinstance(row, dict) for row in rows):
            raise CallFailed(Problem.MALFORMED, f"{MALFORMED} A row is not an object.")
        begun = [self.rows.begin(row, parent) for row in rows]
        wanted = [seen for seen in begun if self.rows.wanted(seen)]
        if self.reading.first_only:
            wanted = wanted[:1]
        for start in range(0, len(wanted), CHUNK):
            self._hand_over(wanted[start : start + CHUNK], parallel=parallel)

    def _hand_over(self, wanted: Sequence[Seen], *, parallel: bool) -> None:
        described = self._in_batches(wanted) if self.resource.batch else wanted
        if parallel and self.resource.detail and len(described) > 1:
            assets = list(self.reading.rows.map(self.rows.finish, described))
        else:
            assets = [self.rows.finish(seen) for seen in described]
        present = [asset for asset in assets if asset is not None]
        for seen in described:
            self.doubt = self.doubt or seen.failure
        self._give(present)

    def _give(self, present: Sequence[Observed]) -> None:
        if not present:
            return
        self.found += len(present)
        for asset in present:
            self.reading.known.refer(asset.links)
            if self.resource.window:
                self._listed.add(asset.external_id)
                self._made.update(values(asset.config, self.resource.window.recall))
        if self.reading.has_children(self.resource.kind):
            self.reading.remember(self.resource.kind, self.region, [asset.config for asset in present])
        self.reading.emit(Page(self.key, present))

    def _in_batches(self, wanted: Sequence[Seen]) -> list[Seen]:
        batch = self.resource.batch
        assert batch is not None
        described: list[Seen] = []
        for start in range(0, len(wanted), batch.size):
            described.extend(self._described(wanted[start : start + batch.size]))
        return described

    def _described(self, some: Sequence[Seen]) -> list[Seen]:
        batch = self.resource.batch
        assert batch is not None
        ambient = self.reading.ambient(self.region)
        parameters = parameters_of(batch.parameters, some[0].document, ambient)
        parameters[batch.ids] = [seen.document[batch.key] for seen in some]
        try:
            ask = Ask(self.resource.client, batch.operation, ambient["region"], parameters)
            rows = listed(self.reading.caller.one(ask, self.meter), batch.result)
        except CallFailed as failure:
            for seen in some:
                seen.miss(batch.into, failure)
            return list(some)
        by_key = {row.get(batch.key): plain(row) for row in rows if isinstance(row, dict)}
        present = [seen for seen in some if seen.document[batch.key] in by_key]
        for seen in present:
            seen.document.update(by_key[seen.document[batch.key]])
        return present

    # -- references -------------------------------------------------------------------------------

    def _recall(self, path: str) -> None:
        """Jobs older than the window that made what a model loads: their name stands before /output/."""
        for uri in sorted(self.reading.known.artifacts.get(self.region, ())):
            name = uri.partition("/output/")[0].rpartition("/")[2] if "/output/" in uri else ""
            if name and uri not in self._made:
                self._recalled(name, path, uri)

    def _recall_named(self, window: Window) -> None:
        """Jobs older than the window that an asset names as the one it comes from."""
        arn, detail = self.resource.identity.strip("{}"), self.resource.detail[:1]
        for kind, path in window.named:
            found = {job for parent in self.reading.parents(kind, self.region) for job in values(parent, path)}
            for job in sorted(found - self._listed):
                by_arn = arn in detail[0].parameters.values()
                self._recalled(job if by_arn else job.rpartition("/")[2], arn, job)

    def _recalled(self, name: str, path: str, uri: str) -> None:
        detail = self.resource.detail[0]
        ask = Ask(self.resource.client, detail.operation, self.region, dict.fromkeys(detail.parameters, name))
        try:
            answer = plain(self.reading.caller.one(ask, self.meter))
        except CallFailed as failure:
            if any(is_absent(absent, failure) for absent in (*detail.absent, Absent("ValidationException"))):
                return
            raise
        if first(answer, path) == uri:
            self._give([self.rows.asset(Seen(answer))])

    def _check_referrers(self) -> None:
        """What is kept because others refer to it is only known when all of those were read."""
        resource = self.resource
        depends = resource.kind if resource.keep and resource.keep.referenced else ""
        kinds: Iterable[str] = ()
        if depends:
            kinds = (one.kind for one in self.reading.table.values() if _refers(one, depends))
        elif resource.window and resource.window.recall:
            kinds = (one for one in resource.after if one.startswith("aws.sagemaker."))
        elif resource.window:
            kinds = (kind for kind, _path in resource.window.named)
        for kind in kinds:
            for closed in self.reading.closed_in(kind, self.region):
                reason = closed.reason()
                if reason:
                    raise _through(reason, closed.outcome.key)
        if "Tags" in resource.context and "Tags" in self.rows.context.problems:
            raise self.rows.context.problems["Tags"]


def _means(error: str | Absent, failure: CallFailed) -> bool:
    return is_absent(error if isinstance(error, Absent) else Absent(error), failure)


def _refers(resource: Resource, kind: str) -> bool:
    return resource.kind != kind and any(link.kind == kind for link in resource.links)


def _through(reason: CallFailed, key: ScopeKey) -> CallFailed:
    where = "" if key.region == ALL_REGIONS else f" in {key.region}"
    return NamedElsewhere(
        reason.problem,
        f"What belongs here is named by {key.collector}{where}, which was not fully read: {reason.message}",
        permission=reason.permission,
    )


def walk_shared(walks: Sequence[Walk]) -> None:
    """Several kinds out of one list operation: its pages are read once."""
    try:
        _read_shared(walks)
    except CallFailed as failure:
        for walk in walks:
            walk.close(failure)
    except Stopped:
        for walk in walks:
            walk.close(CallFailed(Problem.CANCELLED, "The collection was cancelled."))
    else:
        for walk in walks:
            walk.close()


def _read_shared(walks: Sequence[Walk]) -> None:
    lead = walks[0]
    each = lead.resource.each
    assert isinstance(each, Shared)
    reading = lead.reading
    ask = Ask(lead.resource.client, each.operation, reading.ambient(lead.region)["region"])
    held: dict[str, list[Any]] = {}
    joined: dict[str, list[Any]] = {}
    for page in reading.caller.pages(ask, lead.meter, size=each.page_size):
        for walk in walks:
            _take(walk, page, held, joined)
        if reading.first_only:
            break
    for walk in walks:
        if walk.resource.kind in held:
            walk.page(_with_joined(walk, held[walk.resource.kind], joined), None)


def _take(walk: Walk, page: Document, held: dict[str, list[Any]], joined: dict[str, list[Any]]) -> None:
    each = walk.resource.each
    assert isinstance(each, Shared)
    rows = listed(page, each.result)
    if each.join:
        held.setdefault(walk.resource.kind, []).extend(rows)
        joined.setdefault(each.join[0], []).extend(listed(page, each.join[0]))
    else:
        walk.page(rows, None)


def _with_joined(walk: Walk, rows: list[Any], joined: dict[str, list[Any]]) -> list[Any]:
    each = walk.resource.each
    assert isinstance(each, Shared)
    if not each.join:
        return rows
    member, key, names, into = each.join
    by_key = {one.get(key): one for one in joined.get(member, ())}
    return [row | {into: [by_key[name] for name in row.get(names) or () if name in by_key]} for row in rows]
