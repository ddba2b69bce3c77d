"""The first rows of a list in its order, where a walk along the order's index would read far too much.

Two cases that the database does not see by itself:

- One of several values: an index that starts with a column gives the rows of one value in order, those of two in none.
  So each value is read by itself, and the results are merged. Where a column has a few values only, that goes for all.
- Words searched for: when few rows have them, those are fetched and sorted. The walk would pass by all rows that come
  before the first with these words, and words often go with a place in the order.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import product
from math import prod
from typing import Any, TypeVar

from django.contrib.postgres.search import SearchVectorExact
from django.db.models import F, Model, QuerySet
from django.db.models.expressions import Col
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, In, IsNull

MOST_PARTS = 12
FEW = 20_000  # as many rows are fetched and sorted in less than 100 ms
Row = TypeVar("Row", bound=Model)
_Choices = dict[str, list[Any]]


def in_order(rows: QuerySet[Row], keys: Sequence[str], count: int) -> QuerySet[Row]:
    """The first `count` rows by these keys."""
    conditions = _conditions(rows)
    if any(isinstance(one, SearchVectorExact) for one in conditions) and _few(rows):
        rows = rows.filter(pk__in=list(_sorted(rows, keys).values_list("pk", flat=True)[:count]))
    parts = _parts(rows, keys, conditions)
    if len(parts) > 1:
        sliced = [part.order_by(*keys)[:count] for part in parts]
        rows = sliced[0].union(*sliced[1:], all=True)
    return rows.order_by(*keys)[:count]


def _conditions(rows: QuerySet[Row]) -> list[Any]:
    """What must hold together."""
    where = rows.query.where
    return [] if where.connector != "AND" or where.negated else list(where.children)


def _few(rows: QuerySet[Row]) -> bool:
    told = rows.order_by().values("pk").explain(format="json")
    if not told:  # nothing can match: the database is not even asked
        return True
    plan = json.loads(told)
    return int(plan[0]["Plan"]["Plan Rows"]) <= FEW


def _sorted(rows: QuerySet[Row], keys: Sequence[str]) -> QuerySet[Row]:
    """By an expression that no index has, so that none is walked along."""
    field = F(keys[0].lstrip("-"))
    first = Coalesce(field, field)
    return rows.order_by(first.desc() if keys[0].startswith("-") else first.asc(), *keys[1:])


def _parts(rows: QuerySet[Row], keys: Sequence[str], conditions: Sequence[Any]) -> list[QuerySet[Row]]:
    """The same rows apart by the values of the columns with which an index in this order starts."""
    choices: _Choices = {}
    stated: dict[str, Any] = {}
    for condition in conditions:
        column, values = getattr(condition, "lhs", None), _values(condition)
        if values and isinstance(column, Col) and column.alias == rows.model._meta.db_table:
            choices[column.target.name], stated[column.target.name] = values, condition
    several = _served(rows.model, keys, choices)
    others = _without(rows, [stated[name] for name in several if name in stated]) if several else rows
    return [others.filter(**dict(zip(several, values, strict=True))) for values in product(*several.values())]


def _values(condition: Any) -> list[Any]:
    """Of which the column must have one; none when the condition says something else."""
    if isinstance(condition, In) and isinstance(condition.rhs, list | tuple | set):
        return list(dict.fromkeys(condition.rhs))
    if isinstance(condition, Exact) and not hasattr(condition.rhs, "resolve_expression"):
        return [condition.rhs]
    return [None] if isinstance(condition, IsNull) and condition.rhs else []


def _served(model: type[Model], keys: Sequence[str], choices: _Choices) -> _Choices:
    """The columns with several values, and these, with which an index starts that goes on in the order of the keys.

    A column that nothing is said of has one of the few values that its field allows. Most columns asked for win.
    """
    best, rank = _Choices(), (0, 0, 0)
    for index in model._meta.indexes:
        names = [name for name, _order in index.fields_orders]
        values = {name: choices.get(name) or _allowed(model, name) for name in names[: -len(keys)]}
        several = {name: found for name, found in values.items() if len(found) > 1}
        asked = values.keys() & choices.keys()
        fits = all(values.values()) and prod(len(found) for found in several.values()) <= MOST_PARTS
        here = (len(asked), len(asked & several.keys()), len(asked) - len(values))
        if fits and here > rank and _same_order(list(index.fields_orders)[-len(keys) :], keys):
            best, rank = several, here
    return best


def _allowed(model: type[Model], name: str) -> list[Any]:
    return [value for value, _words in getattr(model._meta.get_field(name), "flatchoices", ())]


def _same_order(fields: Sequence[tuple[str, str]], keys: Sequence[str]) -> bool:
    """Read forwards or backwards."""
    wanted = [(key.lstrip("-"), key.startswith("-")) for key in keys]
    found = [(name, order == "DESC") for name, order in fields]
    return found in (wanted, [(name, not descending) for name, descending in wanted])


def _without(rows: QuerySet[Row], conditions: Sequence[Any]) -> QuerySet[Row]:
    others = rows.all()
    others.query.where = others.query.where.clone()
    others.query.where.children = [
        one for one in others.query.where.children if all(one is not old for old in conditions)
    ]
    return others
