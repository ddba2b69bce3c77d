"""The product without its faces: what a collector hands over is recorded, derived and judged, and looked at whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from findings.posture.queries.sums import sums_by_area
from findings.posture.services import evaluate
from integrations.base import Collector, Page
from inventory.documents import Observed, Problem, ScopeKey, ScopeOutcome, ScopeState
from inventory.models import Asset, Exposure, Source
from inventory.services import Recorder, derive

READ = (ScopeState.COMPLETE, ScopeState.NOT_OFFERED)
Identity = tuple[str, str]


@dataclass(slots=True)
class ScopeSeen:
    """What a collector said of one scope."""

    outcome: ScopeOutcome
    assets: list[Observed] = field(default_factory=list)

    @property
    def read(self) -> bool:
        return self.outcome.state in READ

    def identities(self) -> set[Identity]:
        return {(asset.kind, asset.external_id) for asset in self.assets}

    def meaning(self) -> bytes:
        """What the product makes of it: everything but words, reasons and measures. Denied is as unread as cut off."""
        assets = sorted((_meaning(asset) for asset in self.assets), key=lambda asset: asset[:2])
        state = "read" if self.read else "unread"
        return orjson.dumps([state, assets], option=orjson.OPT_SORT_KEYS)


def _meaning(asset: Observed) -> list[Any]:
    unread = sorted(part.part for part in asset.unread)
    links = sorted([link.type, link.kind, link.ref] for link in asset.links)
    return [asset.kind, asset.external_id, asset.name, asset.place, asset.config, unread, links, dict(asset.tags)]


Seen = Mapping[ScopeKey, ScopeSeen]


def gather(collector: Collector) -> dict[ScopeKey, ScopeSeen]:
    """Everything that a collector hands over, by scope."""
    assets: dict[ScopeKey, list[Observed]] = defaultdict(list)
    seen: dict[ScopeKey, ScopeSeen] = {}
    for event in collector.collect(lambda: False):
        if isinstance(event, Page):
            assets[event.scope].extend(event.assets)
        else:
            seen[event.key] = ScopeSeen(event, assets[event.key])
    return seen


def differing(seen: Seen, usual: Seen) -> dict[ScopeKey, ScopeSeen]:
    """The scopes that mean something else than usually. Recording the others would change nothing."""
    assert seen.keys() == usual.keys(), "a fault may not add or lose scopes"
    return {key: one for key, one in seen.items() if one.meaning() != usual[key].meaning()}


ASSETS = """
SELECT kind, external_id, name, facts::text, ai_role, ai_product, exposure, data_class, environment, criticality, owner,
    unread::text
FROM inventory_asset WHERE source_id = %s AND gone_at IS NULL
"""
# Facts that conclude nothing and change with what could not be read.
FINGERPRINTS = {"permits"}
COLUMNS = ("name", "facts", "ai_role", "ai_product", "exposure", "data_class", "environment", "criticality", "owner")
FINDINGS = """
SELECT f.fingerprint, a.kind, a.external_id, f.rule_id, f.id, f.status, f.opened_at, f.resolution, f.stale,
    f.stale_reason, f.evidence::text, f.priority, f.first_seen, f.due_at
FROM posture_finding f JOIN inventory_asset a ON a.id = f.asset_id WHERE f.source_id = %s
"""
VERDICTS = """
SELECT a.kind, a.external_id, j.verdicts::text FROM posture_judgement j JOIN inventory_asset a ON a.id = j.asset_id
WHERE j.source_id = %s
"""


class Standing(NamedTuple):
    """A finding as it is stored."""

    kind: str
    external_id: str
    rule: str
    id: UUID
    status: str
    opened_at: datetime
    resolution: str
    stale: bool
    stale_reason: str
    evidence: str
    priority: int
    first_seen: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class State:
    """Everything that the product answers about one source at a moment."""

    assets: Mapping[Identity, Mapping[str, Any]]
    verdicts: Mapping[tuple[Identity, str], str]
    findings: Mapping[str, Standing]
    coverage: Mapping[str, int]


def state_of(source: Source) -> State:
    area = f"source:{source.pk}"
    weights = {step: found.sums for step, found in sums_by_area(area)[area].items()}
    return State(
        assets={
            (kind, id): dict(zip((*COLUMNS, "unread"), row, strict=True)) for kind, id, *row in _rows(ASSETS, source)
        },
        verdicts={
            ((kind, id), rule): letter
            for kind, id, verdicts in _rows(VERDICTS, source)
            for rule, letter in orjson.loads(verdicts).items()
        },
        findings={fingerprint: Standing(*row) for fingerprint, *row in _rows(FINDINGS, source)},
        coverage={step: _coverage(sums.passed + sums.failed, sums.unknown) for step, sums in weights.items()},
    )


def _rows(statement: str, source: Source) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [source.pk])
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _coverage(known: int, unknown: int) -> int:
    """In hundredths of a percent; full where nothing applies."""
    return 10_000 * known // (known + unknown) if known + unknown else 10_000


@dataclass(slots=True)
class World:
    """One source, its usual readings and what is known of it then."""

    source: Source
    usual: Seen
    before: State = field(init=False)
    proven: set[bytes] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.take_in(self.usual)
        self.before = state_of(self.source)

    def take_in(self, seen: Seen) -> None:
        """Records, derives and judges, as a run does."""
        recorder = Recorder(source=self.source, at=timezone.now())
        for key, scope in seen.items():
            recorder.page(key, scope.assets)
            recorder.close(scope.outcome)
        derive(source=self.source, touched=recorder.finish().touched)
        evaluate(source=self.source)

    def prove(self, seen: Seen) -> None:
        """No silent answer while it lasts, everything as before when it is over. What means the same is proven once."""
        wrong = differing(seen, self.usual)
        assert wrong, "the failure left no trace"
        meaning = b"".join(str(key).encode() + wrong[key].meaning() for key in sorted(wrong, key=str))
        if meaning in self.proven:
            return  # the product was given the same before
        with undone():
            self.take_in(wrong)
            assert_nothing_silent(self.before, state_of(self.source), wrong)
            self.take_in({key: self.usual[key] for key in wrong})
            assert_as_before(self.before, state_of(self.source))
        self.proven.add(meaning)

    def said_at_first(self, seen: Seen) -> dict[Any, str]:
        """What is known and other when this is the very first reading than when everything was read."""
        wrong = differing(seen, self.usual)
        with undone():
            self._forget(wrong)
            self.take_in(wrong)
            now = state_of(self.source)
        verdicts = {asked: (self.before.verdicts.get(asked), letter) for asked, letter in now.verdicts.items()}
        said: dict[Any, str] = {k: f"{was}, not {is_}" for k, (was, is_) in verdicts.items() if is_ not in (was, "u")}
        for identity, asset in now.assets.items():
            said |= {(identity, name): text for name, text in _values_said(self.before.assets[identity], asset)}
        return said

    def _forget(self, scopes: Iterable[ScopeKey]) -> None:
        """As if these scopes had never been read, and nothing been derived of the others."""
        for key in scopes:
            rows = Asset.objects.filter(source=self.source, scope__collector=key.collector, scope__region=key.region)
            rows.delete()
        Asset.objects.filter(source=self.source).update(
            facts={}, facts_digest="", ai_role="", exposure=Exposure.UNKNOWN
        )

    def certain_without(self, kind: str) -> dict[tuple[Identity, str], str]:
        """Verdicts on other assets that stay while a kind is unread, although they would be others without it.

        An asset may go on being judged as what it was used for: that a rule would not apply is no other verdict, nor
        that one would which does not while the asset has the use that it had.
        """
        usual, without = self.before.verdicts, self._while(kind, ScopeState.COMPLETE)
        moved = {id for id, asset in without.assets.items() if asset["ai_role"] != self.before.assets[id]["ai_role"]}
        other = {
            asked: letter
            for asked, letter in without.verdicts.items()
            if asked[0][0] != kind and letter not in (usual[asked], "n")
            if not (usual[asked] == "n" and asked[0] in moved)
        }
        unread = self._while(kind, ScopeState.DENIED).verdicts if other else {}
        return {
            asked: f"{usual[asked]}, without {letter}, unread {unread[asked]}"
            for asked, letter in other.items()
            if unread[asked] != "u"
        }

    def _while(self, kind: str, state: ScopeState) -> State:
        problem = Problem.DENIED if state is ScopeState.DENIED else None
        scopes = {
            key: ScopeSeen(replace(scope.outcome, state=state, problem=problem))
            for key, scope in self.usual.items()
            if key.collector == kind
        }
        with undone():
            self.take_in(scopes)
            return state_of(self.source)


@contextmanager
def undone() -> Iterator[None]:
    """Whatever the block writes is forgotten."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """What the fixtures of a module write is committed; each test then rolls back what it writes."""
    with django_db_blocker.unblock():
        yield
        call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)


@pytest.fixture(autouse=True)
def swept(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> None:
    """Hundreds of readings rolled back leave dead rows that would make every later one slower."""
    if request.node.nodeid.endswith("-denied]"):
        apart = connection.copy()
        with django_db_blocker.unblock(), apart.cursor() as cursor:
            cursor.execute(
                "VACUUM inventory_asset, inventory_link, inventory_scope, posture_finding, posture_judgement"
            )
        apart.close()


def assert_nothing_silent(before: State, after: State, wrong: Seen) -> None:
    """Not known is said to be not known, and nothing else is said differently."""
    assert after.assets.keys() == before.assets.keys(), "an asset vanished or appeared"
    _assert_values_known_or_unknown(before, after)
    assert after.verdicts.keys() == before.verdicts.keys()
    moved = {
        asked: (before.verdicts[asked], now) for asked, now in after.verdicts.items() if now != before.verdicts[asked]
    }
    assert {now for _, now in moved.values()} <= {"u"}, f"a verdict moved: {moved}"
    for key, scope in wrong.items():
        for identity in _unseen(before, after, key, scope):
            said = {now for (asked, _), now in after.verdicts.items() if asked == identity}
            assert said <= {"u"}, f"{identity} was not seen again and still has verdicts"
    _assert_findings_stand(before, after)
    assert all(after.coverage[step] <= known for step, known in before.coverage.items()), "coverage rose"


def _unseen(before: State, after: State, key: ScopeKey, scope: ScopeSeen) -> set[Identity]:
    """Assets of an unread scope that this reading did not show."""
    if scope.read or key.region != "-":
        return set()
    return {identity for identity in after.assets if identity[0] == key.collector} - scope.identities()


def _assert_values_known_or_unknown(before: State, after: State) -> None:
    for identity, was in before.assets.items():
        now = after.assets[identity]
        if now == was:
            continue
        for column in COLUMNS:
            unknown = column == "exposure" and now[column] == "unknown" and was[column] != "internet"
            assert column == "facts" or unknown or now[column] == was[column], (identity, column, was, now)
        facts = orjson.loads(now["facts"])
        for name, value in orjson.loads(was["facts"]).items():
            found = facts.get(name, "nothing")
            same = name in FINGERPRINTS or _concluded(found) == _concluded(value) or _partly(value, found)
            assert same or _is_unknown(found), (identity, name, value, found)


# What is behind a role is known when the role is; who uses an asset is told as far as it was seen, but never "nobody",
# and so is what AI runs in a network: rules ask whether there is any.
NOT_COMPARED = {"ai", "ai_users", "ai_inside", "ai_hosts", "ai_hosts_here", *FINGERPRINTS}


def _values_said(usual: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Facts and columns that are known and others than usually."""
    was, facts = orjson.loads(usual["facts"]), orjson.loads(now["facts"])
    for name in (was.keys() | facts.keys()) - NOT_COMPARED:
        if name in COLUMNS or _is_unknown(facts.get(name)):
            continue
        usually, found = was.get(name, "nothing"), facts.get(name, "nothing")
        if not _partly(usually, found) and _concluded(found) != _concluded(usually):
            yield name, f"{was.get(name, 'nothing')}, not {facts.get(name, 'nothing')}"
    tagged = () if '"Tags"' in now["unread"] else ("data_class", "environment", "criticality", "owner")
    for name in ("ai_role", "exposure", *tagged):
        if now[name] not in (usual[name], "unknown") and not _is_unknown(facts.get(name)):
            yield name, f"{usual[name]}, not {now[name]}"


def _concluded(value: Any) -> Any:
    """Without what `who_can` says that it assumes: that tells by itself what was not read. Of a path, which change cuts
    it is advice, the best for the paths that are known, and the evidence may be another one: but there are both."""
    if isinstance(value, dict) and "hops" in value:
        hops = [{**hop, "cut": False, "evidence": bool(hop["evidence"])} for hop in value["hops"]]
        return hops, any(hop["cut"] for hop in value["hops"]), value["more"], value["more_number"]
    return {**value, "assumes": []} if isinstance(value, dict) and "assumes" in value else value


def _partly(usually: Any, found: Any) -> bool:
    """Whether it says less than usually, nothing else, and tells itself that there may be more."""
    if not all(isinstance(one, dict) for one in (usually, found)) or not found.get("unread"):
        return False
    if "hops" in usually and "hops" in found:
        return _is_less_of_a_path(usually, found)
    return "where" in usually and all(set(found[side]) <= set(usually[side]) for side in ("where", "inside", "outside"))


def _is_less_of_a_path(usually: Any, found: Any) -> bool:
    """It starts alike and wins the same sort of thing; shorter than the shortest that there is, it cannot be."""
    first, last = found["hops"][0], found["hops"][-1]
    door = usually["hops"][0]
    return (
        (first["kind"], first["ref"], first["evidence"]) == (door["kind"], door["ref"], door["evidence"])
        and len(found["hops"]) >= len(usually["hops"])
        and any(hop["cut"] for hop in found["hops"])
        and bool(last["evidence"])
    )


def _is_unknown(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"unknown"}


def _assert_findings_stand(before: State, after: State) -> None:
    assert after.findings.keys() == before.findings.keys(), "findings appeared or disappeared"
    for fingerprint, was in before.findings.items():
        now = after.findings[fingerprint]
        assert (now.id, now.status, now.opened_at) == (was.id, was.status, was.opened_at), now
        verdict = after.verdicts[(was.kind, was.external_id), was.rule]
        assert now.stale is (verdict == "u"), now
        assert bool(now.stale_reason) is now.stale


def assert_as_before(before: State, after: State) -> None:
    """Recovered: nothing doubled, nothing stale, the same rows with the same values."""
    assert after.assets == before.assets
    assert after.verdicts == before.verdicts
    assert after.coverage == before.coverage
    assert after.findings == before.findings
