"""Who, besides administrators and the pipelines that are meant to, can do one thing to an asset. For rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from inventory.documents import Unknown
from inventory.facts.aws_access import LINKED, LOOKS_AT, concerns_ai, holders
from inventory.facts.aws_principals import LENS, administrators_of, complete, numbers, policies_unread, population
from inventory.facts.aws_relations import AWS, REFERRING
from inventory.facts.aws_targets import ROLE, targets
from inventory.facts.estate import Estate, Node
from inventory.facts.registry import FactFunction, fact
from inventory.facts.unseen import first, unseen_origins, untold
from inventory.iam.masks import bits
from inventory.iam.questions import QUESTIONS, Question, Verb

MOST = 25
# Of these, the roles of the assets that write to the same bucket are expected; who reads it may read it.
BY_PIPELINES = frozenset({Verb.WRITE_DATA, Verb.WRITE_ARTIFACT, Verb.WRITE, Verb.READ})
WRITING = frozenset({"writes_data", "produces", "stores_in"})
FACTS: Mapping[str, tuple[Verb, str]] = {
    "may_invoke": (Verb.INVOKE, "Who may call it, besides administrators"),
    "may_change": (Verb.CHANGE, "Who may change it, besides administrators"),
    "may_write_data": (Verb.WRITE_DATA, "Who may write its data, besides administrators and its pipelines"),
    "may_write_artifact": (
        Verb.WRITE_ARTIFACT,
        "Who may overwrite it, besides administrators and its pipelines",
    ),
    "may_write": (Verb.WRITE, "Who may write to it, besides administrators and its pipelines"),
    "may_read": (Verb.READ, "Who may read it, besides administrators and its pipelines"),
    "may_approve": (Verb.APPROVE, "Who may approve it, besides administrators"),
    "may_open": (Verb.OPEN, "Who may open it in a browser, besides administrators"),
    "may_open_up": (Verb.OPEN_UP, "Who may let others in, besides administrators"),
    "may_destroy": (Verb.DESTROY, "Who may destroy it, besides administrators"),
    "may_pass": (Verb.LEND, "Who may hand it to a service, besides administrators"),
    "may_assume": (Verb.ASSUME, "Who may become it, besides administrators"),
}


def _declare(name: str, verb: Verb, title: str) -> None:
    questions = {kind: question for kind, asked in QUESTIONS.items() for question in asked if question.verb is verb}

    def compute(node: Node, estate: Estate) -> list[str] | Unknown:
        return beyond(node, questions[node.kind], estate)

    linked, looks_at = (AWS, (*LOOKS_AT, *REFERRING)) if verb in BY_PIPELINES else (LINKED, LOOKS_AT)
    declare = fact(name, kinds=tuple(questions), looks_at=looks_at, linked=linked, through=LENS, title=title)
    declared: FactFunction = declare(compute)
    declared.__name__ = name


def beyond(node: Node, question: Question, estate: Estate) -> list[str] | Unknown:
    """Names of those who surely can; unknown when there are none but some of whom it is not known."""
    if not concerns_ai(node):
        doubt = estate.role_doubt(node)
        return [] if doubt is None else doubt
    unread = policies_unread(estate)
    found = holders(node, question, estate) if unread is None else unread
    if isinstance(found, Unknown):
        return found
    left = ~(administrators_of(estate).yes | _expected(node, question, estate))
    named = found.yes & left
    missing = _unseen_expected(node, question, estate) if named else complete(estate)
    if missing is not None:
        return missing
    if found.maybe & left and not named:
        return Unknown(" ".join(found.reasons()[:3]))
    return [population(estate).crowd.principals[bit].name for bit in bits(named)][:MOST]


def _expected(node: Node, question: Question, estate: Estate) -> int:
    """The roles of what writes, or reads, the same data as part of its work, and the asset's own."""
    return _roles([node, *_around(node, question, estate)], estate) if question.verb in BY_PIPELINES else 0


def _around(node: Node, question: Question, estate: Estate) -> list[Node]:
    found = [one for end in _ends(node, question, estate) for one in estate.links_into(end)]
    return [origin for type, origin in found if question.verb is Verb.READ or type in WRITING]


def _ends(node: Node, question: Question, estate: Estate) -> list[Node]:
    asked = targets(node, question, estate)
    buckets = [] if isinstance(asked, Unknown) else [target.bucket for target in asked if target.bucket]
    return buckets or [node]


def _unseen_expected(node: Node, question: Question, estate: Estate) -> Unknown | None:
    """Why more roles may be expected than are known: somebody who is named may be one of them."""
    if question.verb not in BY_PIPELINES:
        return None
    kinds = {end.kind for end in _ends(node, question, estate)}
    missing = first(unseen_origins(estate, kind, among=frozenset(REFERRING)) for kind in kinds)
    if missing is not None:
        return missing
    return first(untold(one, "uses_role", ROLE) for one in (node, *_around(node, question, estate)))


def _roles(nodes: Iterable[Node], estate: Estate) -> int:
    numbered = estate.once("iam numbers", lambda: numbers(population(estate)))
    arns = {role.external_id for node in nodes for role in estate.out_nodes(node, "uses_role") if role.kind == ROLE}
    return sum(1 << numbered[arn] for arn in arns if arn in numbered)


for _name, (_verb, _title) in FACTS.items():
    _declare(_name, _verb, _title)
