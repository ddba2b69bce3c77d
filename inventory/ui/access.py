"""Who can do what to an asset, in words: from the fact `who_can`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from inventory.documents import Unknown
from inventory.facts import decode
from inventory.iam.questions import Verb
from inventory.models import Asset

WORDS: Mapping[Verb, Any] = {
    Verb.INVOKE: _("call it"),
    Verb.OPEN: _("open it in a browser"),
    Verb.TRAIN: _("train it anew"),
    Verb.RUN: _("run it"),
    Verb.WRITE_DATA: _("write the data it learns or reads from"),
    Verb.WRITE_ARTIFACT: _("overwrite the model's files"),
    Verb.WRITE: _("write to it"),
    Verb.DELETE: _("delete it or what is in it"),
    Verb.READ: _("read it"),
    Verb.APPROVE: _("approve it"),
    Verb.CHANGE: _("change it"),
    Verb.OPEN_UP: _("let others in"),
    Verb.USE: _("decrypt with it"),
    Verb.DESTROY: _("destroy it"),
    Verb.LEND: _("hand it to a service"),
    Verb.ASSUME: _("become it"),
}
ANYBODY = "anybody"
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Holders:
    """The answer to one question. Administrators are counted, not named.

    `more` and `unsure_more`: how many names follow; `rest` and `unsure_rest` are those of them that were stored.
    """

    verb: str
    words: Any
    count: int
    administrators: int
    names: Sequence[str]
    rest: Sequence[str]
    more: int
    unsure: int
    unsure_names: Sequence[str]
    unsure_rest: Sequence[str]
    unsure_more: int
    because: Sequence[str]
    accounts: Sequence[str]
    perhaps_accounts: Sequence[str]
    anybody: bool


@dataclass(frozen=True, slots=True)
class Access:
    """Everything that is known of an asset's access. `unknown`: why nothing is."""

    holders: Sequence[Holders] = ()
    assumes: Sequence[str] = ()
    unknown: str = ""

    def __bool__(self) -> bool:
        return bool(self.holders or self.unknown)


def access_to(asset: Asset) -> Access:
    """Who can do what to it; empty for kinds that are not asked about."""
    return access_in(asset.facts)


def access_in(facts: Mapping[str, Any]) -> Access:
    """As `access_to`, from derived facts in stored form."""
    said = decode(facts.get("who_can"))
    if isinstance(said, Unknown):
        return Access(unknown=said.reason)
    if not said:
        return Access()
    answers = said.get("answers", {})
    return Access([_holders(verb, answers[verb]) for verb in Verb if verb in answers], said.get("assumes", ()))


def _holders(verb: Verb, answer: Mapping[str, Any]) -> Holders:
    outside, perhaps = answer["outside"], answer["outside_unsure"]
    return Holders(
        verb=verb.value,
        words=WORDS[verb],
        count=answer["count"],
        administrators=answer["administrators"],
        names=answer["names"][:SHOWN],
        rest=answer["names"][SHOWN:],
        more=answer["count"] - answer["administrators"] - len(answer["names"][:SHOWN]),
        unsure=answer["unsure"],
        unsure_names=answer["unsure_names"][:SHOWN],
        unsure_rest=answer["unsure_names"][SHOWN:],
        unsure_more=answer["unsure"] - len(answer["unsure_names"][:SHOWN]),
        because=answer["because"],
        accounts=[name for name in outside if name != ANYBODY],
        perhaps_accounts=perhaps,
        anybody=ANYBODY in outside,
    )
