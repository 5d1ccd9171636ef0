"""The store as long tidy rows for other programs: one number a row, with unit and interval."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Select, literal, null, select

from emgmon.storage.sessions.schema import ESTIMATES, FACTS, NUMBERS, PERSONS, REP_VALUES, SESSIONS, SETS
from emgmon.storage.sessions.store import Store

COLUMNS = (
    "person",
    "session",
    "started_utc",
    "simulated",
    "set",
    "exercise",
    "reference_kind",
    "device_class",
    "coverage",
    "rep",
    "metric",
    "phase",
    "where",
    "unit",
    "value",
    "low",
    "high",
    "n",
    "flag",
)
"""``rep`` is empty for the set's mean, whose 95 % interval is ``low`` to ``high`` over ``n`` reps."""


def long_rows(store: Store, person: str = "") -> Iterator[tuple[Any, ...]]:
    """Yield the numbers of all sets and reps in the order of `COLUMNS`, oldest set first; null where not computed."""
    with store.reading() as connection:
        numbers = {row.id: (row.metric, row.phase, row.place, row.unit) for row in connection.execute(select(NUMBERS))}
        for item in connection.execute(_sets(person)).all():
            set_id, head = item[0], tuple(item[1:])
            for rep, number, *rest in _of_set(connection, set_id):
                yield (*head, rep, *numbers[number], *rest)


def _sets(person: str) -> Select[Any]:
    asked = (
        select(
            SETS.c.id,
            PERSONS.c.name,
            SESSIONS.c.sha256,
            SESSIONS.c.started_utc,
            SESSIONS.c.simulated,
            SETS.c.number,
            SETS.c.exercise,
            SETS.c.kind,
            SETS.c.device_class,
            SETS.c.coverage,
        )
        .join(SESSIONS, SETS.c.session_id == SESSIONS.c.id)
        .join(FACTS, SESSIONS.c.sha256 == FACTS.c.sha256)
        .join(PERSONS, FACTS.c.person_id == PERSONS.c.id)
        .order_by(SESSIONS.c.started_utc, SESSIONS.c.sha256, SETS.c.number)
    )
    return asked.where(PERSONS.c.name == person) if person else asked


def _of_set(connection: Connection, set_id: int) -> Iterator[tuple[Any, ...]]:
    """Rep, number, value, low, high, n and flag: the set's means first."""
    e, v = ESTIMATES.c, REP_VALUES.c
    means = select(null(), e.number_id, e.mean, e.low, e.high, e.n, literal("")).where(e.set_id == set_id)
    values = select(v.rep, v.number_id, v.value, null(), null(), null(), v.flag).where(v.set_id == set_id)
    yield from map(tuple, connection.execute(means.order_by(e.number_id)))
    yield from map(tuple, connection.execute(values.order_by(v.rep, v.number_id)))
