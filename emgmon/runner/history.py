"""Reads what a person did over weeks from the store, where there is one; makes none."""

from __future__ import annotations

import datetime as dt
import math
import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import platformdirs

from emgmon.metrics.placement import Placed, placements
from emgmon.model import PastSet
from emgmon.report.compare import READ
from emgmon.runner.placement_signs import shown_by
from emgmon.storage.sessions import Store, open_store, past_sets, persons, saying
from emgmon.storage.sessions.store import ENVIRONMENT, FILE
from emgmon.storage.sessions.writing import DEMO_PERSON

CHOSEN = "compare.exercise"
"""Key of the choice of the exercise whose index is judged; all else is exploratory."""


class Known(NamedTuple):
    """What the store knows of one person: all names in it, the one that is meant, their sets, the chosen exercise."""

    persons: tuple[str, ...]
    person: str
    sets: tuple[PastSet, ...]
    chosen: str


def existing(where: str | None = None) -> str:
    """Return the store that was named, that of ``EMGMON_STORE``, or the user's own; empty when there is none yet."""
    named = where or os.environ.get(ENVIRONMENT, "") or str(platformdirs.user_data_path("emgmon") / FILE)
    return named if "://" in named or Path(named).is_file() else ""


def stamp(where: str | None = None) -> str:
    """Return a text that is another one after the store's files changed.

    That of a database elsewhere ends in ``?``: nothing here tells whether it changed.
    """
    named = existing(where)
    if "://" in named:
        return f"{named}?"
    files = [file for file in (Path(named), Path(f"{named}-wal")) if named and file.is_file()]
    return "|".join([named, *(f"{file.stat().st_mtime_ns},{file.stat().st_size}" for file in files)])


def read_known(where: str | None = None, person: str = "") -> Known | None:
    """Read the sets of one person, of the usual one when none is named; None when there is no store or nobody in it.

    Only the numbers that are shown beside each other are read.

    Raises
    ------
    StoreError
        When the store cannot be used, or nobody in it is called so.
    """
    named = existing(where)
    if not named:
        return None
    with open_store(named) as store:
        there = persons(store)
        if not there:
            return None
        person = person or usual_person(there)
        return Known(there, person, history_of(store, person, READ), chosen_of(store, person))


def usual_person(there: Sequence[str]) -> str:
    """Return whose sessions are meant when nobody is named: the first who is no demo; `there` is not empty."""
    return next((name for name in there if name != DEMO_PERSON), there[0])


def history_of(store: Store, person: str, metrics: Collection[str] | None = None) -> tuple[PastSet, ...]:
    """Read the sets of a person, and judge from what each session shows whether the electrodes sat as before.

    Parameters
    ----------
    store : Store
    person : str
    metrics : collection of str, optional
        Only estimates of these; all when absent, which takes much longer.
    """
    sets = placed_in_time(past_sets(store, person, metrics=metrics))
    shown = shown_by(store, person, sets)
    order = list(dict.fromkeys(item.session for item in sets if item.session in shown))
    words = dict(zip(order, placements([shown[session] for session in order]), strict=True))
    nothing = Placed("")
    return tuple(
        replace(item, placement=found.word, placement_why="; ".join(found.why))
        for item in sets
        for found in (words.get(item.session, nothing),)
    )


def placed_in_time(sets: Iterable[PastSet]) -> tuple[PastSet, ...]:
    """Give sets whose recording does not say how far clocks were ahead of UTC the time zone of this computer."""
    return tuple(
        item if math.isfinite(item.utc_offset_s) else replace(item, utc_offset_s=local_offset_s(item.started_utc))
        for item in sets
    )


def local_offset_s(utc: str) -> float:
    """Return how far this computer's clock was ahead of UTC at a time (ISO 8601), with summer time; NaN for none."""
    try:
        when = dt.datetime.fromisoformat(utc)
        when = when.replace(tzinfo=dt.UTC) if when.tzinfo is None else when
        offset = when.astimezone().utcoffset()
    except (ValueError, OverflowError, OSError):
        return math.nan
    return offset.total_seconds() if offset is not None else math.nan


def chosen_of(store: Store, person: str) -> str:
    """Return the exercise that a person chose for comparisons, empty when none was."""
    found = [choice.value for choice in saying.choices(store, person) if choice.key == CHOSEN]
    return found[-1] if found else ""
