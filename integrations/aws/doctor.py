"""What can and cannot be read: the first page of every list, and the details of its first row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from integrations.aws.errors import NOT_ACCEPTED
from integrations.base import Check, Identity, Page, Reason
from inventory.documents import READ_TO_THE_END, ScopeKey, ScopeOutcome
from inventory.kinds import kind_of


def examined(identity: Identity, events: Iterable[Page | ScopeOutcome]) -> Sequence[Check]:
    """One line for each kind and region; a line of its own for each permission that a detail lacks."""
    checks = [Check(what=f"Credentials of account {identity.external_id}", ok=True)]
    for event in events:
        checks.extend(_of_page(event) if isinstance(event, Page) else [_of_outcome(event)])
    return list(dict.fromkeys(checks))


def no_region(outcome: ScopeOutcome) -> Check:
    """The line of a region that does not exist."""
    return Check(outcome.key.region, False, outcome.problem, outcome.message, "", outcome.key.region, Reason.NO_REGION)


def _of_outcome(outcome: ScopeOutcome) -> Check:
    return Check(
        what=kind_of(outcome.key.collector).plural,
        ok=outcome.state in READ_TO_THE_END,
        problem=outcome.problem,
        message=outcome.message,
        permission=outcome.permission,
        region=_region(outcome.key),
        reason=Reason.STRANGER if outcome.message.startswith(NOT_ACCEPTED) else None,
    )


def _of_page(page: Page) -> list[Check]:
    title = kind_of(page.scope.collector).plural
    return [
        Check(
            what=f"{title}: {part.part or 'details'}",
            ok=False,
            problem=part.problem,
            message=part.message,
            permission=part.permission,
            region=_region(page.scope),
            reason=Reason.STRANGER if part.message.startswith(NOT_ACCEPTED) else None,
        )
        for asset in page.assets
        for part in asset.unread
    ]


def _region(key: ScopeKey) -> str:
    return "" if key.region == "-" else key.region
