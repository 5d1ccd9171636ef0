"""Puts sessions into the store, and what people say about them beside it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from emgmon import __version__
from emgmon.errors import RecordingError, StoreError
from emgmon.model import ChannelQuality, Estimate, RepSummary, SessionSummary, SetSummary
from emgmon.model.history import PastSet
from emgmon.storage.sessions import schema
from emgmon.storage.sessions.remember import SaidOfSet, remembered
from emgmon.storage.sessions.store import Store

ANALYSIS = f"{__version__}/2"
"""What another analysis made is made anew by a rebuild; the number after the slash counts within a version."""

FIRST_PERSON, DEMO_PERSON = "P1", "demo"
LONGEST_NAME = 200
Rows = list[dict[str, Any]]
Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Origin:
    """The recording that a session is made of; `damage` says what of it could not be read."""

    sha256: str
    path: str
    damage: tuple[str, ...] = ()


def origin_of(path: Path, damage: Sequence[str] = ()) -> Origin:
    """Describe a recording on disk; raises `RecordingError` when it cannot be read."""
    try:
        with path.open("rb") as stream:
            return Origin(hashlib.file_digest(stream, "sha256").hexdigest(), str(path.resolve()), tuple(damage))
    except OSError as error:
        raise RecordingError(f"{path}: cannot be read: {error.strerror or error}") from error


def put_session(
    store: Store, origin: Origin, summary: SessionSummary, said: Sequence[SaidOfSet] = (), person: str = ""
) -> None:
    """Store a session, in place of an earlier analysis of the same recording.

    Parameters
    ----------
    store : Store
    origin : Origin
    summary : SessionSummary
    said : sequence of SaidOfSet
        What marks say around each set.
    person : str
        Whose it is. Empty leaves what was said before; a new recording is the first person's, a simulated one that of
        the person called ``demo``.
    """
    pasts = remembered(summary, origin.sha256, said)
    with store.writing() as connection:
        default = DEMO_PERSON if summary.simulated else FIRST_PERSON
        session_id = _new_session(connection, origin, person, default, _session_row(summary))
        muscles = {c.placement: c for c in summary.channels if c.device_class and c.placement}
        _insert(connection, schema.CHANNELS, [_channel_row(session_id, c) for c in muscles.values()])
        numbers = _numbers(connection, summary.sets)
        for item, past in zip(summary.sets, pasts, strict=True):
            set_id = _new_id(connection, schema.SETS, _set_row(session_id, item, past))
            _put_set(connection, set_id, item, numbers)


def put_failure(store: Store, origin: Origin, error: str, person: str = "") -> None:
    """Store that a recording could not be analysed, and why."""
    row = {"started_utc": "", "duration_s": None, "program": "", "source": "", "simulated": False}
    with store.writing() as connection:
        _new_session(connection, origin, person, FIRST_PERSON, row | {"error": error})


def _new_session(connection: Connection, origin: Origin, person: str, default: str, row: dict[str, Any]) -> int:
    keep_fact(connection, origin.sha256, person, default)
    same = schema.SESSIONS.c.sha256 == origin.sha256
    if origin.path:  # what stood in this file before stands there no more
        same |= schema.SESSIONS.c.path == origin.path
    connection.execute(delete(schema.SESSIONS).where(same))
    here = {"sha256": origin.sha256, "path": origin.path, "damage": "; ".join(origin.damage), "analysis": ANALYSIS}
    return _new_id(connection, schema.SESSIONS, here | {"error": ""} | row)


def keep_fact(connection: Connection, sha256: str, person: str, default: str) -> None:
    """Make the place for what is said about a recording, and say whose it is; an empty `person` changes nothing."""
    known = connection.execute(select(schema.FACTS.c.sha256).where(schema.FACTS.c.sha256 == sha256)).first()
    if known is None:
        owner = person_id(connection, person or default)
        connection.execute(insert(schema.FACTS).values(sha256=sha256, person_id=owner, note=""))
    elif person:
        owner = person_id(connection, person)
        connection.execute(update(schema.FACTS).where(schema.FACTS.c.sha256 == sha256).values(person_id=owner))


def person_id(connection: Connection, name: str) -> int:
    """Return the number of a person, who is made when there is none of that name."""
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise StoreError(f"{name[:40]!r} is no name for a person: one line of at most {LONGEST_NAME} letters")
    found = connection.execute(select(schema.PERSONS.c.id).where(schema.PERSONS.c.name == name)).scalar()
    return int(found) if found is not None else _new_id(connection, schema.PERSONS, {"name": name})


def _new_id(connection: Connection, table: Any, row: dict[str, Any]) -> int:
    return int(connection.execute(insert(table).values(**row).returning(table.c.id)).scalar_one())


def _insert(connection: Connection, table: Any, rows: Rows) -> None:
    """Enter rows of the same columns, past SQLAlchemy's own loop over their values, which is half the cost."""
    if not rows:
        return
    names = tuple(rows[0])
    statement = insert(table).compile(dialect=connection.dialect, column_keys=names)
    order = statement.positiontup
    given: Any = rows if order is None else [tuple(row[name] for name in order) for row in rows]
    connection.exec_driver_sql(str(statement), given)


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _session_row(summary: SessionSummary) -> dict[str, Any]:
    return {
        "started_utc": summary.started_utc,
        "duration_s": _known(summary.duration_s),
        "program": summary.program,
        "source": summary.source,
        "simulated": summary.simulated,
    }


def _channel_row(session_id: int, item: ChannelQuality) -> dict[str, Any]:
    return {
        "session_id": session_id,
        "place": str(item.placement),
        "device": item.device,
        "device_class": item.device_class,
        "unit": item.unit,
        "noise": _known(item.noise),
        "samples": item.samples,
        "lost": item.lost,
        "masked": item.masked,
    }


def _set_row(session_id: int, item: SetSummary, past: PastSet) -> dict[str, Any]:
    reals = ("load_kg", "knee_deg", "hold_s", "tempo_s", "pain", "tension", "coverage", "utc_offset_s")
    same = ("exercise", "exercise_title", "reps", "reps_valid", "kind", "device_class", "composition")
    return {
        "session_id": session_id,
        "number": item.index,
        "start_s": _known(item.start_s),
        "stop_s": _known(item.stop_s),
        **{name: getattr(past, name) for name in same},
        **{name: _known(getattr(past, name)) for name in reals},
    }


def _put_set(connection: Connection, set_id: int, item: SetSummary, numbers: dict[Key, int]) -> None:
    levels = {reference.placement: reference for reference in item.references}
    _insert(
        connection,
        schema.REFERENCES,
        [
            {
                "set_id": set_id,
                "place": str(place),
                "kind": reference.kind,
                "level": _known(reference.level),
                "unit": reference.unit,
                "position": reference.position,
                "load_kg": _known(reference.load_kg),
                "origin": reference.origin,
            }
            for place, reference in levels.items()
        ],
    )
    _insert(connection, schema.REPS, [_rep_row(set_id, rep) for rep in item.reps])
    _insert(connection, schema.ESTIMATES, [_estimate_row(set_id, each, numbers) for each in item.estimates])
    values: dict[tuple[int, int], dict[str, Any]] = {}
    for rep in item.reps:
        index = rep.index
        for value in rep.values:
            number, known = numbers[value.metric, value.phase, value.where, value.unit], _known(value.value)
            values[index, number] = {
                "set_id": set_id,
                "rep": index,
                "number_id": number,
                "value": known,
                "flag": value.flag,
            }
    _insert(connection, schema.REP_VALUES, list(values.values()))


def _rep_row(set_id: int, item: RepSummary) -> dict[str, Any]:
    times = ("start_s", "top_s", "release_s", "end_s")
    return {
        "set_id": set_id,
        "number": item.index,
        **{name: _known(getattr(item.rep, name)) for name in times},
        "side": item.rep.side,
        "source": item.rep.source,
        "valid": item.valid,
        "target": item.target,
        "hold": item.hold,
    }


ESTIMATED = tuple(each.name for each in fields(Estimate) if each.name not in {"metric", "phase", "where", "unit"})
"""What of an estimate is a column; the rest is the number's name."""


def _estimate_row(set_id: int, item: Estimate, numbers: dict[Key, int]) -> dict[str, Any]:
    row: dict[str, Any] = {"set_id": set_id, "number_id": numbers[item.metric, item.phase, item.where, item.unit]}
    for name in ESTIMATED:
        value = getattr(item, name)
        row[name] = _known(value) if isinstance(value, float) else value
    return row


def _numbers(connection: Connection, sets: Iterable[SetSummary]) -> dict[Key, int]:
    """Return the key of each number that the sets have; new ones are entered."""
    table = schema.NUMBERS
    wanted: dict[Key, None] = {}
    for item in sets:
        wanted |= dict.fromkeys((e.metric, e.phase, e.where, e.unit) for e in item.estimates)
        for rep in item.reps:
            wanted |= dict.fromkeys((v.metric, v.phase, v.where, v.unit) for v in rep.values)
    columns = (table.c.metric, table.c.phase, table.c.place, table.c.unit)
    found = {(m, p, w, u): key for m, p, w, u, key in connection.execute(select(*columns, table.c.id))}
    for metric, phase, where, unit in wanted:
        if (metric, phase, where, unit) not in found:
            row = {"metric": metric, "phase": phase, "place": where, "unit": unit}
            found[metric, phase, where, unit] = _new_id(connection, table, row)
    return found
