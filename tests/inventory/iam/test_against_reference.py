"""The product's evaluator against one written apart from it, over generated policies."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

from inventory.iam.population import Access
from tests.inventory.iam.asking import ask
from tests.inventory.iam.generating import CONTEXT, case, contexts
from tests.inventory.iam.reference import permitted

CASES = 1000
SETTLED = [*CONTEXT, "aws:PrincipalArn", "aws:PrincipalAccount"]
# Keys that the caller does not choose: what they hold is not known offline.
UNDECIDED = ["aws:SourceIp", "aws:CurrentTime", "aws:MultiFactorAuthPresent", "aws:SourceVpce"]


def test_with_everything_known_the_answer_is_the_reference_answer() -> None:
    random = Random(3)
    seen: Counter[Access] = Counter()
    for _number in range(CASES):
        asked = case(random)
        expected = Access.ALLOWED if permitted(asked) else Access.DENIED
        assert ask(asked, SETTLED) is expected, asked
        seen[expected] += 1
    assert min(seen[Access.ALLOWED], seen[Access.DENIED]) > CASES // 8


def test_a_sure_answer_holds_whatever_the_undecided_keys_hold() -> None:
    random = Random(4)
    seen: Counter[Access] = Counter()
    for _number in range(CASES):
        asked, open_keys = case(random), random.sample(UNDECIDED, 2)
        answer = ask(asked, [key for key in SETTLED if key not in open_keys])
        seen[answer] += 1
        if answer is not Access.UNKNOWN:
            outcomes = {permitted(replace(asked, context=context)) for context in contexts(asked, open_keys)}
            assert outcomes == {answer is Access.ALLOWED}, asked
    assert min(seen.values()) > CASES // 100


def test_one_undecided_key_that_matters_makes_the_answer_unknown() -> None:
    random = Random(5)
    mattered = 0
    for _number in range(CASES):
        key = random.choice(UNDECIDED)
        asked = case(random, key)
        outcomes = {permitted(replace(asked, context=context)) for context in contexts(asked, [key])}
        if len(outcomes) == 2:
            mattered += 1
            assert ask(asked, [other for other in SETTLED if other != key]) is Access.UNKNOWN, asked
    assert mattered > CASES // 10
