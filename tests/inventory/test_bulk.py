"""Statements over many rows: what they wait for."""

import pytest

from inventory.services.bulk import execute, flushed_together

pytestmark = pytest.mark.django_db


def _waits() -> str:
    return str(execute("SHOW synchronous_commit")[0][0])


def test_commits_wait_for_the_disk_again_after_the_block() -> None:
    before = _waits()
    with flushed_together():
        assert _waits() == "off"
    assert _waits() == before


def test_commits_wait_for_the_disk_again_after_an_error() -> None:
    before = _waits()
    with pytest.raises(LookupError), flushed_together():
        raise LookupError
    assert _waits() == before
