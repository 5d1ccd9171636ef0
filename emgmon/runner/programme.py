"""Reads the programme of a day from the store, and keeps what a person chooses in it; a plan alone makes no store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from emgmon.errors import StoreError
from emgmon.exercise.catalogue import packaged
from emgmon.exercise.programme import Chosen, Plan, plan
from emgmon.exercise.programme_table import packaged_programme
from emgmon.model import PastSet
from emgmon.runner.history import existing, local_offset_s, placed_in_time, usual_person
from emgmon.storage.sessions import open_store, past_sets, persons, saying
from emgmon.storage.sessions.writing import FIRST_PERSON


class Programmed(NamedTuple):
    """Everybody in the store, the one who is meant, and their plan."""

    persons: tuple[str, ...]
    person: str
    plan: Plan


def read_plan(where: str | None = None, person: str = "", today: dt.date | None = None) -> Programmed:
    """Read what is due on a day, of the usual person when none is named, today when no day is.

    Raises
    ------
    StoreError
        When the store cannot be used, or nobody in it is called so.
    """
    day = today or dt.datetime.now().astimezone().date()
    named = existing(where)
    there: tuple[str, ...] = ()
    history: tuple[PastSet, ...] = ()
    choices: tuple[Chosen, ...] = ()
    if named:
        with open_store(named) as store:
            there = persons(store)
            if person and person not in there:
                raise StoreError(f"Nobody in the store is called {person!r}; there are {', '.join(there)}.")
            if there:
                person = person or usual_person(there)
                choices = tuple(Chosen(c.utc, c.key, c.value, _day(c.utc)) for c in saying.choices(store, person))
                history = placed_in_time(past_sets(store, person, metrics={"sdi"}))
    return Programmed(there, person or FIRST_PERSON, plan(packaged_programme(), packaged(), history, choices, day))


def keep(where: str | None, person: str, wanted: Iterable[tuple[str, str]]) -> None:
    """Keep choices, each a key and its value, in the store; it is made where there is none.

    Raises
    ------
    StoreError
        When it cannot be used.
    """
    utc = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    with open_store(where) as store:
        there = persons(store)
        owner = person or (usual_person(there) if there else FIRST_PERSON)
        for key, value in wanted:
            saying.choose(store, owner, key, value, utc)


def _day(utc: str) -> str:
    """Return the day of a choice by the clock of this computer; empty when its time is no time."""
    try:
        when = dt.datetime.fromisoformat(utc)
        return (when + dt.timedelta(seconds=local_offset_s(utc))).date().isoformat()
    except (ValueError, OverflowError):
        return ""
