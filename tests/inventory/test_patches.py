"""Reverse patches are exact."""

from itertools import pairwise
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.patches import ABSENT, Change, apply, changes, reverse_patch

SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e6, 1e6, width=32) | st.text()
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abcde"), inner, max_size=4),
    max_leaves=20,
)
DOCUMENTS = st.dictionaries(st.sampled_from("abcde"), VALUES, max_size=5)
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def exact(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


@PATIENT
@given(DOCUMENTS, DOCUMENTS)
def test_a_patch_turns_the_newer_document_into_exactly_the_older_one(newer: Any, older: Any) -> None:
    before = exact(newer)
    patch = orjson.loads(orjson.dumps(reverse_patch(newer, older)))
    assert exact(apply(newer, patch)) == exact(older)
    assert exact(newer) == before


@PATIENT
@given(st.lists(DOCUMENTS, min_size=2, max_size=6))
def test_patches_applied_backwards_give_every_earlier_document(history: list[Any]) -> None:
    patches = [reverse_patch(new, old) for old, new in pairwise(history)]
    document = history[-1]
    for patch, earlier in zip(reversed(patches), reversed(history[:-1]), strict=True):
        document = apply(document, patch)
        assert exact(document) == exact(earlier)


@PATIENT
@given(DOCUMENTS)
def test_the_same_document_needs_no_patch(document: Any) -> None:
    assert reverse_patch(document, orjson.loads(orjson.dumps(document))) == []


def test_a_patch_names_only_what_differs() -> None:
    newer = {"a": {"b": 1, "c": [1, 2]}, "new": True}
    older = {"a": {"b": 2, "c": [1, 2]}, "old": None}
    assert reverse_patch(newer, older) == [[["a", "b"], 2], [["new"]], [["old"], None]]


def test_true_and_one_are_different_values() -> None:
    assert reverse_patch({"a": True}, {"a": 1}) == [[["a"], 1]]


def test_changes_say_before_and_after() -> None:
    newer, older = {"a": 1, "c": 3}, {"a": 0, "b": 2}
    assert changes(newer, reverse_patch(newer, older)) == [
        Change(("a",), 0, 1),
        Change(("b",), 2, ABSENT),
        Change(("c",), ABSENT, 3),
    ]
