"""Reads the store: sets in order of time for comparisons, and sessions as lists show them."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from emgmon.errors import StoreError
from emgmon.model import Estimate
from emgmon.model.history import PastSet
from emgmon.storage.sessions.schema import ESTIMATES, FACTS, NUMBERS, PERSONS, SESSIONS, SETS, TAGS
from emgmon.storage.sessions.store import Store

_ESTIMATE_FIELDS = tuple(field.name for field in fields(Estimate))
_MANY = 500
"""So many keys are asked for at once."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One session as a list shows it; `error` says why it could not be analysed, `damage` what of it was not whole."""

    sha256: str
    person: str
    started_utc: str
    duration_s: float
    exercises: tuple[str, ...]
    sets: int
    reps: int
    simulated: bool
    tags: tuple[str, ...]
    note: str
    tension: float
    path: str
    program: str
    source: str
    analysis: str
    damage: str
    error: str


def past_sets(
    store: Store, person: str, exercise: str | None = None, metrics: Collection[str] | None = None
) -> tuple[PastSet, ...]:
    """Return the sets of a person in order of time.

    Parameters
    ----------
    store : Store
    person : str
        Name as in `persons`.
    exercise : str, optional
        Only this one.
    metrics : collection of str, optional
        Only estimates of these; all when absent, which takes some hundred times as long to read.

    Raises
    ------
    StoreError
        When nobody is called so.
    """
    with store.reading() as connection:
        asked = (
            select(SETS, SESSIONS.c.sha256, SESSIONS.c.started_utc, SESSIONS.c.simulated, FACTS.c.tension.label("felt"))
            .join(SESSIONS, SETS.c.session_id == SESSIONS.c.id)
            .join(FACTS, SESSIONS.c.sha256 == FACTS.c.sha256)
            .where(FACTS.c.person_id == _person(connection, person))
            .order_by(SESSIONS.c.started_utc, SESSIONS.c.sha256, SETS.c.number)
        )
        rows = connection.execute(asked.where(SETS.c.exercise == exercise) if exercise else asked).all()
        found = _estimates(connection, [row.id for row in rows], metrics)
    return tuple(_past(row, tuple(found.get(row.id, ()))) for row in rows)


def _past(row: Row[Any], estimates: tuple[Estimate, ...]) -> PastSet:
    return PastSet(
        session=row.sha256,
        started_utc=row.started_utc,
        index=row.number,
        exercise=row.exercise,
        exercise_title=row.exercise_title,
        reps=row.reps,
        reps_valid=row.reps_valid,
        kind=row.kind,
        device_class=row.device_class,
        composition=row.composition,
        load_kg=_real(row.load_kg),
        knee_deg=_real(row.knee_deg),
        hold_s=_real(row.hold_s),
        tempo_s=_real(row.tempo_s),
        pain=_real(row.pain),
        tension=_real(row.felt if row.felt is not None else row.tension),
        coverage=_real(row.coverage),
        simulated=row.simulated,
        estimates=estimates,
        utc_offset_s=_real(row.utc_offset_s),
    )


def _real(value: float | None) -> float:
    return math.nan if value is None else value


def _estimates(
    connection: Connection, sets: Sequence[int], metrics: Collection[str] | None
) -> dict[int, list[Estimate]]:
    """Estimates of many sets, in the order in which numbers were first seen."""
    names = {row.id: row for row in connection.execute(select(NUMBERS)) if metrics is None or row.metric in metrics}
    found: dict[int, list[Estimate]] = {}
    table = ESTIMATES.c
    numeric = _ESTIMATE_FIELDS[4:]
    for first in range(0, len(sets), _MANY):
        asked: Select[Any] = select(table.set_id, table.number_id, *(table[name] for name in numeric)).where(
            table.set_id.in_(sets[first : first + _MANY])
        )
        if metrics is not None:
            asked = asked.where(table.number_id.in_(sorted(names)))
        for set_id, number, *values in connection.execute(asked.order_by(table.set_id, table.number_id)):
            name = names[number]
            known: list[Any] = [math.nan if value is None else value for value in values]
            found.setdefault(set_id, []).append(Estimate(name.metric, name.phase, name.place, name.unit, *known))
    return found


def persons(store: Store) -> tuple[str, ...]:
    """Names of all persons, in the order in which they came."""
    with store.reading() as connection:
        return tuple(connection.execute(select(PERSONS.c.name).order_by(PERSONS.c.id)).scalars())


def _person(connection: Connection, name: str) -> int:
    found = connection.execute(select(PERSONS.c.id).where(PERSONS.c.name == name)).scalar()
    if found is None:
        there = connection.execute(select(PERSONS.c.name).order_by(PERSONS.c.id)).scalars().all()
        known = f"there are {', '.join(map(str, there))}" if there else "the store is empty"
        raise StoreError(f"Nobody in the store is called {name!r}; {known}.")
    return int(found)


def listed(store: Store, person: str = "", tag: str = "") -> tuple[Listed, ...]:
    """Return all sessions in order of time, of one person or with one tag where named."""
    with store.reading() as connection:
        wanted = select(SESSIONS.c.id, SESSIONS.c.sha256).join(FACTS, SESSIONS.c.sha256 == FACTS.c.sha256)
        if person:
            wanted = wanted.where(FACTS.c.person_id == _person(connection, person))
        if tag:
            wanted = wanted.where(SESSIONS.c.sha256.in_(select(TAGS.c.sha256).where(TAGS.c.tag == tag)))
        these = wanted.subquery()
        asked = (
            select(SESSIONS, PERSONS.c.name.label("person"), FACTS.c.note, FACTS.c.tension)
            .join(these, SESSIONS.c.id == these.c.id)
            .join(FACTS, SESSIONS.c.sha256 == FACTS.c.sha256)
            .join(PERSONS, FACTS.c.person_id == PERSONS.c.id)
            .order_by(SESSIONS.c.started_utc, SESSIONS.c.sha256)
        )
        rows = connection.execute(asked).all()
        tags: dict[str, list[str]] = {}
        said = select(TAGS.c.sha256, TAGS.c.tag).join(these, TAGS.c.sha256 == these.c.sha256)
        for sha256, each in connection.execute(said.order_by(TAGS.c.tag)):
            tags.setdefault(sha256, []).append(each)
        done: dict[int, list[Row[Any]]] = {}
        per_exercise = (
            select(SETS.c.session_id, SETS.c.exercise, func.count().label("sets"), func.sum(SETS.c.reps).label("reps"))
            .join(these, SETS.c.session_id == these.c.id)
            .group_by(SETS.c.session_id, SETS.c.exercise)
            .order_by(func.min(SETS.c.number))
        )
        for row in connection.execute(per_exercise):
            done.setdefault(row.session_id, []).append(row)
    return tuple(_listed(row, done.get(row.id, []), tuple(tags.get(row.sha256, ()))) for row in rows)


def _listed(row: Row[Any], done: Sequence[Row[Any]], tags: tuple[str, ...]) -> Listed:
    return Listed(
        sha256=row.sha256,
        person=row.person,
        started_utc=row.started_utc,
        duration_s=_real(row.duration_s),
        exercises=tuple(each.exercise for each in done),
        sets=sum(each.sets for each in done),
        reps=sum(each.reps for each in done),
        simulated=row.simulated,
        tags=tags,
        note=row.note,
        tension=_real(row.tension),
        path=row.path,
        program=row.program,
        source=row.source,
        analysis=row.analysis,
        damage=row.damage,
        error=row.error,
    )
