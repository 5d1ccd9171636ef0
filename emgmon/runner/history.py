"""Reads what a person did over weeks from the store, where there is one; makes none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import platformdirs

from emgmon.model import PastSet
from emgmon.report.compare import READ
from emgmon.storage.sessions import Store, open_store, past_sets, persons, saying
from emgmon.storage.sessions.store import ENVIRONMENT, FILE

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


def read_known(where: str | None = None, person: str = "") -> Known | None:
    """Read the sets of one person, of the first when none is named; None when there is no store or nobody in it.

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
        person = person or there[0]
        return Known(there, person, past_sets(store, person, metrics=READ), chosen_of(store, person))


def chosen_of(store: Store, person: str) -> str:
    """Return the exercise that a person chose for comparisons, empty when none was."""
    found = [choice.value for choice in saying.choices(store, person) if choice.key == CHOSEN]
    return found[-1] if found else ""
