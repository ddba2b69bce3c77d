"""What can and cannot be read: the first page of every list, and the details of its first row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from integrations.base import Check, Identity, Page
from inventory.documents import ScopeOutcome, ScopeState
from inventory.kinds import kind_of


def examined(identity: Identity, events: Iterable[Page | ScopeOutcome]) -> Sequence[Check]:
    """One line for each kind and region; a line of its own for each permission that a detail lacks."""
    checks = [Check(what=f"Credentials of account {identity.external_id}", ok=True)]
    for event in events:
        checks.extend(_of_page(event) if isinstance(event, Page) else [_of_outcome(event)])
    return list(dict.fromkeys(checks))


def _of_outcome(outcome: ScopeOutcome) -> Check:
    title = kind_of(outcome.key.collector).plural
    where = "" if outcome.key.region == "-" else f" in {outcome.key.region}"
    ok = outcome.state in (ScopeState.COMPLETE, ScopeState.NOT_OFFERED)
    return Check(
        what=f"{title}{where}",
        ok=ok,
        problem=outcome.problem,
        message=outcome.message,
        permission=outcome.permission,
    )


def _of_page(page: Page) -> list[Check]:
    title = kind_of(page.scope.collector).plural
    where = "" if page.scope.region == "-" else f" in {page.scope.region}"
    return [
        Check(
            what=f"{title}{where}: {part.part or 'details'}",
            ok=False,
            problem=part.problem,
            message=part.message,
            permission=part.permission,
        )
        for asset in page.assets
        for part in asset.unread
    ]
