"""Sessions, sets, reps and their numbers in a database: a cache that can be made anew from the recordings."""

from __future__ import annotations

from emgmon.storage.sessions.finding import found
from emgmon.storage.sessions.reading import Listed, listed, past_sets, persons
from emgmon.storage.sessions.rebuilding import add_recording, rebuild
from emgmon.storage.sessions.remember import Heard, SaidOfSet, remembered
from emgmon.storage.sessions.saying import Choice, choices, choose
from emgmon.storage.sessions.store import Store, open_store
from emgmon.storage.sessions.writing import Origin, origin_of, put_failure, put_session

__all__ = [
    "Choice",
    "Heard",
    "Listed",
    "Origin",
    "SaidOfSet",
    "Store",
    "add_recording",
    "choices",
    "choose",
    "found",
    "listed",
    "open_store",
    "origin_of",
    "past_sets",
    "persons",
    "put_failure",
    "put_session",
    "rebuild",
    "remembered",
]
