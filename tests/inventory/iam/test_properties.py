"""What must hold for every policy."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest

from inventory.iam.context import Principal, Request
from inventory.iam.language import statements
from inventory.iam.layers import Crowd
from inventory.iam.population import Held, Population, layer
from tests.inventory.iam.asking import Access, ask, population_of, request_of
from tests.inventory.iam.generating import ACCOUNT, ACTIONS, ROLE, _document, case, statement
from tests.inventory.iam.test_against_reference import SETTLED, UNDECIDED

ORDER = {Access.DENIED: 0, Access.UNKNOWN: 1, Access.ALLOWED: 2}
OPEN = [key for key in SETTLED if key not in UNDECIDED]
CASES = 300


@pytest.mark.parametrize("settled", [SETTLED, OPEN])
def test_one_more_deny_never_widens_an_answer(settled: list[str]) -> None:
    random = Random(11)
    for _number in range(CASES):
        asked = case(random)
        more = {"Version": "2012-10-17", "Statement": [statement(random, denies=1.0)]}
        narrower = replace(asked, identity=[*asked.identity, more])
        assert ORDER[ask(narrower, settled)] <= ORDER[ask(asked, settled)], more


@pytest.mark.parametrize("settled", [SETTLED, OPEN])
def test_one_more_allow_never_narrows_an_answer(settled: list[str]) -> None:
    random = Random(12)
    for _number in range(CASES):
        asked = case(random)
        more = {"Version": "2012-10-17", "Statement": [statement(random, denies=0.0)]}
        wider = replace(asked, identity=[*asked.identity, more])
        assert ORDER[ask(wider, settled)] >= ORDER[ask(asked, settled)], more


def test_a_boundary_a_session_and_a_control_policy_only_take_away() -> None:
    random = Random(13)
    for _number in range(CASES):
        asked = case(random)
        bare = replace(asked, boundary=None, session=None, services=[], resources=[])
        assert ORDER[ask(asked, OPEN)] <= ORDER[ask(bare, OPEN)]


def test_not_action_covers_exactly_what_action_does_not() -> None:
    random = Random(14)
    for _number in range(CASES):
        line = statement(random)
        patterns = line.pop("Action", None) or line.pop("NotAction", None)
        one, other = (next(statements({"Statement": line | {word: patterns}})) for word in ("Action", "NotAction"))
        for action in ACTIONS:
            assert one.grants(action.lower()) is not other.grants(action.lower())


def test_knowing_more_never_turns_a_sure_answer_round() -> None:
    random = Random(15)
    for _number in range(CASES):
        asked = case(random)
        before, after = ask(asked, OPEN), ask(asked, SETTLED)
        assert before is Access.UNKNOWN or before is after


def test_everybody_at_once_is_answered_as_everybody_alone() -> None:
    random = Random(16)
    for _round in range(40):
        cases = [replace(case(random), boundary=None, session=None, services=[], resources=[]) for _number in range(12)]
        people = [
            Principal(
                arn=f"{ROLE}-{number}", account=ACCOUNT, name=str(number), tags={"team": random.choice(["data", "x"])}
            )
            for number in range(len(cases))
        ]
        crowd = Crowd(people)
        documents = [(document, 1 << number) for number, one in enumerate(cases) for document in one.identity]
        many = Population(crowd, Held(identity=layer(crowd, documents), boundary=layer(crowd, [])))
        request = replace(request_of(cases[0], []), values={})
        policy = list(statements(_document(random, resource_based=True)))
        found = many.ask(request, policy)
        for number, one in enumerate(cases):
            alone = _alone(people[number], one.identity).decide(request, policy)
            told = {True: Access.ALLOWED, False: Access.DENIED, None: Access.UNKNOWN}[found.of(number)]
            assert told is alone.access
            assert set(alone.reasons) <= set(found.reasons_of(number))


def _alone(who: Principal, identity: Any) -> Population:
    crowd = Crowd([who])
    return Population(
        crowd, Held(identity=layer(crowd, [(document, 1) for document in identity]), boundary=layer(crowd, []))
    )


def test_a_request_of_a_case_keeps_the_answer_when_others_stand_beside() -> None:
    random = Random(17)
    for _number in range(CASES // 3):
        asked = case(random)
        others = [Principal(arn=f"arn:aws:iam::{ACCOUNT}:role/bystander", account=ACCOUNT)]
        policy = list(statements(asked.resource_policy)) if asked.resource_policy else None
        answer = population_of(asked, others).decide(request_of(asked, SETTLED), policy, gated=asked.gated)
        assert answer.access is ask(asked, SETTLED)


def test_a_request_can_be_narrowed_to_more_keys() -> None:
    request = Request(action="s3:getobject").having({"aws:sourceip": ("10.0.0.1",)})
    assert request.having({"aws:sourcevpce": ()}).values == {"aws:sourceip": ("10.0.0.1",), "aws:sourcevpce": ()}
