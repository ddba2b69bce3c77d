"""What a test of a connection found, in words: why parts cannot be read, grouped by reason and region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from integrations.base import Check, Reason
from inventory.documents import Problem
from inventory.ui.words import PROBLEMS, Words

MESSAGES_SHOWN, PERMISSIONS_SHOWN = 3, 12
# Words, tone, shape and what to do, by reason; what is not listed has the words of its problem.
REASONS: dict[Reason, tuple[Words, str, str, Words]] = {
    Reason.ABSENT: (
        _("Not in the snapshot"),
        "unknown",
        "help-circle",
        _("Make it anew with the commands on this page."),
    ),
    Reason.NO_REGION: (_("No such region"), "critical", "ban", _("Correct the list of regions.")),
    Reason.STRANGER: (
        _("Credentials not accepted here"),
        "critical",
        "ban",
        _("Enable the region for the account, or take it off the list."),
    ),
}
ADVICE: dict[Problem, Words] = {
    Problem.DENIED: _("Grant what is missing, now or later; the text on this page has all of it."),
    Problem.UNREACHABLE: _("Check the address, the region and the way there."),
    Problem.TIMEOUT: _("Check the way there; slow answers are tried again at each collection."),
    Problem.THROTTLED: _("Too much is asked at once; it is tried again at each collection."),
    Problem.SERVER_ERROR: _("Something is wrong over there; it is tried again at each collection."),
    Problem.MALFORMED: _("Something between us changes or cuts the answers: a proxy, or a broken file."),
    Problem.EXPIRED: _("Enter new credentials."),
}


@dataclass(slots=True)
class Group:
    """Reads that do not work for one reason, in one region; rights that are missing are so in every region."""

    words: Words
    tone: str
    icon: str
    advice: Words
    region: str
    checks: list[Check] = field(default_factory=list)

    @property
    def messages(self) -> list[str]:
        """What was answered, each text once; a reason that explains itself and a missing right need none."""
        told = (check.message for check in self.checks if not check.permission)
        texts = dict.fromkeys(text for text in told if text != str(self.words) + ".")
        return [text for text in texts if text][:MESSAGES_SHOWN]

    @property
    def permissions(self) -> list[str]:
        """The first rights that are missing."""
        return self._permissions[:PERMISSIONS_SHOWN]

    @property
    def further(self) -> int:
        """How many more."""
        return len(self._permissions[PERMISSIONS_SHOWN:])

    @property
    def _permissions(self) -> list[str]:
        return list(dict.fromkeys(check.permission for check in self.checks if check.permission))


@dataclass(slots=True)
class Examination:
    """What the doctor found, or why it found nothing."""

    name: str = ""
    checks: Sequence[Check] = field(default_factory=tuple)
    error: str = ""

    @property
    def missing(self) -> list[Check]:
        return [check for check in self.checks if not check.ok]

    @property
    def working(self) -> list[Check]:
        return [check for check in self.checks if check.ok]

    @property
    def groups(self) -> list[Group]:
        """Largest first."""
        groups: dict[tuple[str, str], Group] = {}
        for check in self.missing:
            words, tone, icon, advice = _explained(check)
            region = "" if check.permission else check.region
            made = groups.setdefault((str(words), region), Group(words, tone, icon, advice, region))
            made.checks.append(check)
        return sorted(groups.values(), key=lambda group: (-len(group.checks), group.region))

    @property
    def reasons(self) -> str:
        """`90 not reachable, 11 access denied`."""
        totals: dict[str, int] = {}
        for group in self.groups:
            totals[str(group.words)] = totals.get(str(group.words), 0) + len(group.checks)
        return ", ".join(f"{number} {words[:1].lower()}{words[1:]}" for words, number in totals.items())

    @property
    def summary(self) -> str:
        numbers = {"name": self.name, "missing": len(self.missing), "all": len(self.checks), "reasons": self.reasons}
        if not self.missing:
            return (
                ngettext(
                    "Reached %(name)s. The one read works.",
                    "Reached %(name)s. All %(all)d reads work.",
                    len(self.checks),
                )
                % numbers
            )
        if len(self.checks) == 1:
            return _("Reached %(name)s. The one read does not work: %(reasons)s.") % numbers
        text = ngettext(
            "Reached %(name)s. %(missing)d of %(all)d reads does not work: %(reasons)s.",
            "Reached %(name)s. %(missing)d of %(all)d reads do not work: %(reasons)s.",
            len(self.missing),
        )
        return text % numbers


def _explained(check: Check) -> tuple[Words, str, str, Words]:
    if check.reason is not None:
        return REASONS[check.reason]
    problem = check.problem or Problem.OTHER
    denied = problem in (Problem.DENIED, Problem.EXPIRED)
    tone, icon = ("critical", "ban") if denied else ("high", "circle-half-2")
    return PROBLEMS[problem], tone, icon, ADVICE.get(problem, "")
