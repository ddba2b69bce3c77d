"""One run from claim to end: collect, derive, judge. Killed anywhere, it is taken up again and ends the same."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from django.db import DatabaseError
from django.utils import timezone

from aispm.core.errors import DomainError, PermanentError, TransientError
from aispm.core.memory import rare_collection
from findings.posture.services import Busy, Evaluated, evaluate, leave_unjudged
from integrations import queries, registry
from integrations.base import Collector, Page
from integrations.models import WAITING, Connection, Run, RunState
from integrations.services.connecting import no_longer_asked
from integrations.services.leasing import Lease
from integrations.services.members import join_members
from inventory.documents import READ_TO_THE_END, Problem, ScopeKey, ScopeOutcome, ScopeState
from inventory.models import Scope
from inventory.services import Interrupted, Recorder, derive
from inventory.services.bulk import flushed_together

log = structlog.get_logger(__name__)

ATTEMPTS = 5
BACK_OFF = (15, 30, 60, 120)  # seconds before the next attempt
BUSY_SECONDS = 2.0
COUNTS = (
    "calls", "scopes_done", "scopes_total", "scopes_unread", "assets_seen", "assets_new", "assets_changed",
    "assets_gone", "findings_opened", "findings_resolved",
)  # fmt: skip


class LeaseLost(Exception):
    """Another worker holds the run now; this one writes nothing more."""


@dataclass(slots=True)
class Progress:
    """Counts of a run, written at most once a second."""

    run: Run
    lease: Lease
    calls: int = 0
    done: int = 0
    unread: int = 0
    seen: int = 0
    _written: float = field(default=0.0)

    def write(self, *, phase: str = "collecting", force: bool = False) -> None:
        if not force and time.monotonic() - self._written < 1:
            return
        self._written = time.monotonic()
        self.run.phase = phase
        self.run.calls, self.run.scopes_done = self.calls, self.done
        self.run.scopes_unread, self.run.assets_seen = self.unread, self.seen
        _save(self.run, self.lease, "phase", "calls", "scopes_done", "scopes_total", "scopes_unread", "assets_seen")


def perform_run(*, run_id: uuid.UUID, collector: Collector | None = None) -> None:
    """Do the run unless somebody else holds it, or it waits for another try. `collector`: other than the source's own.

    TransientError means: it was queued again, and `take_due_runs` hands it out when it has waited.
    """
    lease = Lease(run_id)
    if not lease.claim():
        log.info("run_not_claimed", run=str(run_id))
        return
    run = Run.objects.select_related("source").get(pk=run_id)
    with structlog.contextvars.bound_contextvars(run=str(run_id), source=run.source.name), lease:
        try:
            _perform(run, lease, collector)
        except LeaseLost:
            log.warning("run_lost")
        except DatabaseError:
            log.exception("run_interrupted")  # the lease runs out and the run is taken up again
            raise
        except TransientError as error:
            log.warning("run_waits", error=str(error))
            raise
        except DomainError as error:
            log.warning("run_refused", error=str(error))  # collected, but not judged: the rules are broken, say
            with suppress(LeaseLost):
                _end(run, lease, RunState.FAILED, error=str(error))
        except Exception as error:
            # The runner's own boundary: whatever broke, the run must not stay "running" for ever.
            log.exception("run_failed")
            text = f"Internal error ({type(error).__name__}). The worker's log has the details."
            with suppress(LeaseLost):
                _end(run, lease, RunState.FAILED, error=text)
            raise


@rare_collection()
def _perform(run: Run, lease: Lease, given: Collector | None) -> None:
    if run.attempts > ATTEMPTS:
        given_up = f"Given up after {ATTEMPTS} attempts: each time the worker died. See its log."
        _end(run, lease, RunState.FAILED, error=given_up)
        return
    connection = Connection.objects.get(source_id=run.source_id)
    recorder = Recorder(source=run.source, at=timezone.now())
    progress = Progress(run, lease)
    failure = ""
    try:
        with nullcontext(given) if given else registry.collector_for(connection) as collector:
            _check_identity(run, collector)
            with flushed_together():  # a run that was cut off is collected again
                _collect(collector, recorder, progress, lease)
    except TransientError as error:
        if run.attempts < ATTEMPTS and not lease.stopped():
            _requeue(run, lease, str(error))
            raise
        failure = _given_up(progress, recorder, Problem.UNREACHABLE, error)
    except (PermanentError, DomainError) as error:
        failure = _given_up(progress, recorder, Problem.DENIED, error)
    _digest(run, recorder, progress, lease, failure)
    if not failure:
        join_members(parent=connection, at=timezone.now())


def _given_up(progress: Progress, recorder: Recorder, problem: Problem, error: Exception) -> str:
    """Why nothing could be read; nothing when the run was called off, for then nobody wanted to know."""
    progress.write(force=True)  # refuses when the lease is lost: another worker may read what we could not
    if progress.lease.cancelled:
        return ""
    _close_all(progress.run, recorder, problem, str(error))
    return str(error)


def _check_identity(run: Run, collector: Collector) -> None:
    identity = collector.identify()
    if identity.external_id != run.source.external_id:
        raise PermanentError(
            f"These credentials now lead to {identity.external_id}, not to {run.source.external_id}. "
            "Nothing was changed. Connect that one as a source of its own, or correct the credentials."
        )


def _collect(collector: Collector, recorder: Recorder, progress: Progress, lease: Lease) -> None:
    keys = set(collector.scopes())
    progress.run.scopes_total = len(keys)
    progress.write(force=True)
    for item in collector.collect(lease.stopped):
        if lease.lost:
            raise LeaseLost
        if isinstance(item, Page):
            recorder.page(item.scope, item.assets)
            progress.seen += len(item.assets)
        else:
            progress.write(force=True)  # refuses when the lease is lost: a close may retire assets
            _close(item, recorder, progress)
            keys.add(item.key)
        progress.write()
    if not lease.stopped():
        progress.write(force=True)
        _drop_unasked(progress.run, recorder, keys)


def _drop_unasked(run: Run, recorder: Recorder, keys: set[ScopeKey]) -> None:
    """Scopes that are no longer collected vouch for nothing from now on; those that nobody wants any more, a region
    taken out say, go with all that is in them."""
    connection = Connection.objects.get(source_id=run.source_id)
    known = Scope.objects.filter(source=run.source).exclude(state=ScopeState.NOT_CHOSEN)
    for region, name, state in known.values_list("region", "collector", "state"):
        key = ScopeKey(region, name)
        if key in keys:
            continue
        if no_longer_asked(connection, key):
            recorder.drop(key)
        elif state not in (ScopeState.NEVER, ScopeState.NOT_OFFERED):
            recorder.close(ScopeOutcome(key, ScopeState.NEVER, message="No longer collected."))


def _close(outcome: ScopeOutcome, recorder: Recorder, progress: Progress) -> None:
    progress.calls += outcome.calls
    if outcome.problem is Problem.CANCELLED:
        return  # nobody failed to read it: what was known of this scope still holds
    progress.done += 1
    progress.unread += outcome.state not in READ_TO_THE_END
    recorder.close(outcome)


def _close_all(run: Run, recorder: Recorder, problem: Problem, message: str) -> None:
    """Nothing could be read at all: say so for every scope that was ever read."""
    state = ScopeState.DENIED if problem is Problem.DENIED else ScopeState.INCOMPLETE
    scopes = Scope.objects.filter(source=run.source).exclude(state=ScopeState.NOT_CHOSEN)
    keys: Iterable[tuple[str, str]] = scopes.values_list("region", "collector")
    for region, collector in list(keys):
        recorder.close(ScopeOutcome(ScopeKey(region, collector), state, problem=problem, message=message))


def _digest(run: Run, recorder: Recorder, progress: Progress, lease: Lease, failure: str) -> None:
    """Derives and judges what was recorded. Called off, it ends at once: what is left undone is marked, and the tick
    sees to it."""
    progress.write(phase="deriving", force=True)
    recorded = recorder.finish()
    run.assets_new, run.assets_changed, run.assets_gone = recorded.new, recorded.changed, recorded.gone
    if not lease.stopped():
        whole = run.attempts > 1 or not queries.previous_run_finished_for_system(run)
        with suppress(Interrupted):  # the assets stay marked, and what is marked is derived before it is judged
            derive(source=run.source, touched=None if whole else recorded.touched, stopped=lease.stopped)
    if lease.lost:
        raise LeaseLost
    progress.write(phase="judging", force=True)
    judged = _judge(run, lease)
    run.findings_opened, run.findings_resolved = judged.opened, judged.resolved
    if lease.cancelled:
        leave_unjudged(source=run.source)
    _end(run, lease, _final_state(progress, lease, failure), error=failure)


def _judge(run: Run, lease: Lease) -> Evaluated:
    """Judges the source; waits while another process judges it after a change of rules."""
    while not lease.stopped():
        try:
            return evaluate(source=run.source, run=run.pk, cancelled=lease.stopped)
        except Busy:
            time.sleep(BUSY_SECONDS)
    if lease.lost:
        raise LeaseLost
    return Evaluated(0, 0, 0, 0)


def _final_state(progress: Progress, lease: Lease, failure: str) -> RunState:
    if failure:
        return RunState.FAILED
    if lease.cancelled:
        return RunState.CANCELLED
    return RunState.INCOMPLETE if progress.unread else RunState.COMPLETE


def _save(run: Run, lease: Lease, *names: str) -> None:
    """Writes these fields, and nothing else, if the run is still ours."""
    held = Run.objects.filter(pk=run.pk, holder=lease.holder, state=RunState.RUNNING)
    if not held.update(**{name: getattr(run, name) for name in names}):
        raise LeaseLost


def _requeue(run: Run, lease: Lease, error: str) -> None:
    run.error = error
    held = Run.objects.filter(pk=run.pk, holder=lease.holder, state=RunState.RUNNING)
    later = timezone.now() + timedelta(seconds=BACK_OFF[min(run.attempts, len(BACK_OFF)) - 1])
    if not held.update(state=RunState.QUEUED, phase=WAITING, error=error, holder=None, lease_until=later):
        raise LeaseLost


def _end(run: Run, lease: Lease, state: RunState, *, error: str = "") -> None:
    run.error, run.phase, run.finished_at = error, "", timezone.now()
    _save(run, lease, "error", "phase", "finished_at", *COUNTS)
    Run.objects.filter(pk=run.pk, holder=lease.holder).update(state=state, lease_until=None, holder=None)
    if state in {RunState.COMPLETE, RunState.INCOMPLETE}:
        run.source.collected_at = run.finished_at
        run.source.save(update_fields=["collected_at"])
    log.info("run_ended", state=state, seen=run.assets_seen, opened=run.findings_opened)
