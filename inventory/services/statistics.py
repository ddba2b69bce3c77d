"""Keeps the planner's estimates right while one run fills tables: autovacuum comes only minutes later."""

from __future__ import annotations

from django.db import models, transaction

from inventory.services.bulk import be_patient, execute

MANY = 20_000
"""Rows; fewer are found quickly by any plan."""
NOTABLE = 5
"""A table is looked at again when more than a fifth of it is new."""
KNOWN = "SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = to_regclass(%(table)s)"


class Statistics:
    """Counts the rows that a run adds to tables, and has the tables analysed after many, twice as many, and so on.

    For work in the background, outside of transactions: it takes up to some seconds.
    """

    def __init__(self, *filled: type[models.Model]) -> None:
        self._tables = [model._meta.db_table for model in filled]
        self._written, self._next = 0, MANY

    def wrote(self, rows: int) -> None:
        """So many rows were added to the first of the tables."""
        self._written += rows
        if self._written >= self._next:
            self._next = 2 * self._written
            self._analyse()

    def _analyse(self) -> None:
        for table in self._tables:
            ((known,),) = execute(KNOWN, table=table)
            if self._written * NOTABLE > known:
                with transaction.atomic():
                    be_patient()
                    execute(f'ANALYZE (SKIP_LOCKED) "{table}"')
