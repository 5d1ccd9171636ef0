"""Gathers from the store what each session of a person shows of where the electrodes sat."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, Select, select

from emgmon.metrics.placement import FREQUENCY, LEVEL, NOISE, RATIO, Shown, Sign
from emgmon.model import PastSet
from emgmon.storage.sessions import Store, past_sets, schema

MEASURED = frozenset(("mdf", "level"))
PHASES = ("hold", "act")
Levels = Mapping[tuple[str, str, str], float]
"""Levels of reference tasks by place, task and kind, in the unit that the task names."""


def shown_by(store: Store, person: str, sets: Sequence[PastSet]) -> dict[str, Shown]:
    """Return what each session of a person shows, by its name; sensors of another class are never held together."""
    sensors = {item.session: f"{item.device_class} {item.simulated}" for item in sets}
    signs: dict[str, dict[Sign, float]] = {session: {} for session in sensors}
    patterns: dict[str, dict[tuple[str, str], float]] = {session: {} for session in sensors}
    levels: dict[str, dict[tuple[str, str, str], float]] = {session: {} for session in sensors}
    table = schema.REFERENCES.c
    columns = (table.place, table.kind, table.position, table.load_kg, table.unit, table.level)
    asked = select(schema.SESSIONS.c.sha256, *columns).join(schema.SETS, table.set_id == schema.SETS.c.id)
    asked = asked.join(schema.SESSIONS, schema.SETS.c.session_id == schema.SESSIONS.c.id)
    for row in _of(store, person, asked.where(table.origin == "trial", table.level > 0.0)):
        if row.sha256 in sensors:
            levels[row.sha256][row.place, f"{row.position} {row.load_kg} {row.unit}", row.kind] = row.level
    for session, found in levels.items():
        signs[session].update(_of_references(found, sensors[session]))
    channels = schema.CHANNELS.c
    quiet = select(schema.SESSIONS.c.sha256, channels.place, channels.noise).where(channels.noise > 0.0)
    for row in _of(store, person, quiet.join(schema.SESSIONS, channels.session_id == schema.SESSIONS.c.id)):
        if row.sha256 in sensors:
            signs[row.sha256][NOISE, row.place, sensors[row.sha256]] = row.noise
    for item in reversed(past_sets(store, person, metrics=MEASURED)):  # the first set of several counts: still fresh
        _add_set(item, levels[item.session], sensors[item.session], signs[item.session], patterns[item.session])
    return {session: Shown(signs[session], patterns[session]) for session in sensors}


def _of(store: Store, person: str, asked: Select[Any]) -> Iterator[Row[Any]]:
    """Yield the rows of the sessions of one person."""
    asked = asked.join(schema.FACTS, schema.SESSIONS.c.sha256 == schema.FACTS.c.sha256)
    asked = asked.join(schema.PERSONS, schema.FACTS.c.person_id == schema.PERSONS.c.id)
    with store.reading() as connection:
        yield from connection.execute(asked.where(schema.PERSONS.c.name == person))


def _of_references(levels: Levels, sensor: str) -> Iterator[tuple[Sign, float]]:
    """Yield levels of light tasks; of others the biceps femoris against the semitendinosus, where effort cancels."""
    for (place, task, kind), level in levels.items():
        muscle, _, side = place.partition("/")
        beside = levels.get((f"semitendinosus/{side}", task, kind))
        if kind == "T2":
            yield (LEVEL, place, f"{task} {sensor}"), level
        elif muscle == "biceps_femoris" and beside:
            yield (RATIO, place, f"{task} {sensor}"), level / beside


def _add_set(
    item: PastSet,
    levels: Levels,
    sensor: str,
    signs: dict[Sign, float],
    pattern: dict[tuple[str, str], float],
) -> None:
    """Add median frequencies, and levels in the unit of the sensors, of one set."""
    references = {place: level for (place, _task, _kind), level in levels.items()}
    for each in item.estimates:
        task = f"{item.exercise} {each.phase} {sensor}"
        if each.phase not in PHASES or not math.isfinite(each.mean):
            continue
        if each.metric == "mdf":
            signs[FREQUENCY, each.where, task] = each.mean
        elif each.unit != "ref" or each.where in references:
            pattern[each.where, task] = each.mean * (references[each.where] if each.unit == "ref" else 1.0)
