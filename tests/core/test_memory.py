"""Rare garbage collection ends with the work it was for."""

import gc

import pytest

from aispm.core.memory import RARELY, rare_collection


def test_collection_is_rare_only_within_the_block() -> None:
    before = gc.get_threshold()
    with rare_collection():
        assert gc.get_threshold() == RARELY
        with rare_collection():
            pass
        assert gc.get_threshold() == RARELY
    assert gc.get_threshold() == before


def test_collection_is_as_before_after_an_error() -> None:
    before = gc.get_threshold()
    with pytest.raises(RuntimeError), rare_collection():
        raise RuntimeError
    assert gc.get_threshold() == before
