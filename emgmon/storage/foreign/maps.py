"""Reads map files: what a foreign file does not say of its channels."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from emgmon.errors import ImportFailed
from emgmon.exercise.catalogue import packaged
from emgmon.model import MUSCLES, SIDES, Placement
from emgmon.storage.foreign.base import Options

UNKNOWN = "unknown"
KINDS = ("emg", "envelope")
TABLES = ("file", "session", "channels", "imu", "set")
FILE_KEYS = ("stream", "delimiter", "decimal", "time", "rate_hz", "keep_repeated")
SESSION_KEYS = ("exercise", "source", "started_utc")
CHANNEL_KEYS = ("muscle", "side", "unit", "kind")
IMU_KEYS = ("muscle", "side", "stream", "acc", "gyro", "acc_unit", "gyro_unit")
SET_KEYS = ("exercise", "start_s", "stop_s")


@dataclass(frozen=True, slots=True)
class ChannelMap:
    """What one EMG channel is; `unit` empty when the file says it, `kind` empty when the samples are to tell it.

    `placement` is None where the map says that muscle or side is unknown.
    """

    placement: Placement | None
    unit: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class ImuMap:
    """Which channels are one inertial sensor; found by their names where `acc` and `gyro` are empty."""

    placement: Placement | None
    stream: str = ""
    acc: tuple[str, ...] = ()
    gyro: tuple[str, ...] = ()
    acc_unit: str = ""
    gyro_unit: str = ""


@dataclass(frozen=True, slots=True)
class SetMap:
    """One set, in s of the file's clock."""

    exercise: str
    start_s: float
    stop_s: float


@dataclass(frozen=True, slots=True)
class ImportMap:
    """A map file; ``docs/import.md`` explains each key."""

    where: str
    channels: Mapping[str, ChannelMap]
    imus: Mapping[str, ImuMap]
    sets: tuple[SetMap, ...] = ()
    exercise: str = "recording"
    source: str = ""
    started_utc: str = ""
    stream: str = ""
    keep_repeated: bool = False
    options: Options = field(default_factory=Options)


def read_map(text: str, where: str) -> ImportMap:
    """Read a map.

    Parameters
    ----------
    text : str
        TOML with the tables ``[file]`` and ``[session]``, one ``[channels.NAME]`` for each EMG channel that is wanted,
        one ``[imu.NAME]`` for each inertial sensor, and one ``[[set]]`` for each set.
    where : str
        Name of the map, for messages.

    Raises
    ------
    ImportFailed
        Naming table, key, value and what is allowed.
    """
    try:
        tables = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a number of 4300 digits is a mere ValueError
        raise ImportFailed(f"{where}: not valid TOML: {error}") from error
    _known(tables, TABLES, where, "table")
    file, session, channels, imus = (_table(tables, key, where) for key in ("file", "session", "channels", "imu"))
    _known(file, FILE_KEYS, f"{where}: [file]", "key")
    _known(session, SESSION_KEYS, f"{where}: [session]", "key")
    if not channels and not imus:
        raise ImportFailed(
            f"{where}: no [channels.NAME] table; at least one column must be given a muscle, or a sensor an [imu.NAME]"
        )
    rate_hz = file.get("rate_hz")
    if rate_hz is not None and not (_is_number(rate_hz) and 1.0 <= rate_hz <= 100_000.0):
        raise ImportFailed(f"{where}: rate_hz = {rate_hz!r}; allowed is 1 to 100000")
    keep_repeated = file.get("keep_repeated", False)
    if not isinstance(keep_repeated, bool):
        raise ImportFailed(f"{where}: keep_repeated = {keep_repeated!r}; allowed is true or false")
    delimiter, decimal, time = (str(file.get(key, "")) for key in ("delimiter", "decimal", "time"))
    for key, value in (("delimiter", delimiter), ("decimal", decimal)):
        if len(value) > 1 or value in {'"', "\n", "\r"}:
            raise ImportFailed(f"{where}: {key} = {value!r}; allowed is one letter")
    return ImportMap(
        where,
        {name: _channel(name, table, where) for name, table in channels.items()},
        {name: _imu(name, table, where) for name, table in imus.items()},
        _sets(tables.get("set", []), where),
        exercise=_exercise(session.get("exercise", "recording"), where),
        source=str(session.get("source", "")),
        started_utc=str(session.get("started_utc", "")),
        stream=str(file.get("stream", "")),
        keep_repeated=keep_repeated,
        options=Options(delimiter, decimal, time, float(rate_hz) if rate_hz is not None else None),
    )


def _table(tables: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
    table = tables.get(key, {})
    if not isinstance(table, Mapping):
        raise ImportFailed(f"{where}: {key} must be a table")
    return table


def _known(table: Mapping[str, Any], known: tuple[str, ...], where: str, what: str) -> None:
    for key in table:
        if key not in known:
            raise ImportFailed(f"{where}: unknown {what} {key!r}; known are {', '.join(known)}")


def _exercise(name: Any, where: str) -> str:
    if not isinstance(name, str) or name not in packaged():
        raise ImportFailed(f"{where}: exercise {name!r} is unknown; known are {', '.join(sorted(packaged()))}")
    return name


def _one_of(table: Mapping[str, Any], key: str, allowed: tuple[str, ...], place: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or value not in allowed:
        raise ImportFailed(f"{place}: {key} = {value!r}; allowed is {', '.join(allowed)}")
    return value


def _placement(table: Mapping[str, Any], place: str) -> Placement | None:
    """Muscle and side; None where one of them is `UNKNOWN`."""
    muscle = _one_of(table, "muscle", (*MUSCLES, UNKNOWN), place)
    if muscle == UNKNOWN and "side" not in table:
        return None
    side = _one_of(table, "side", (*SIDES, UNKNOWN), place)
    return None if UNKNOWN in {muscle, side} else Placement(muscle, side)


def _channel(name: str, table: Any, where: str) -> ChannelMap:
    place = f"{where}: [channels.{name}]"
    if not isinstance(table, Mapping):
        raise ImportFailed(f"{place} must be a table with {', '.join(CHANNEL_KEYS)}")
    _known(table, CHANNEL_KEYS, place, "key")
    kind = _one_of(table, "kind", KINDS, place) if "kind" in table else ""
    return ChannelMap(_placement(table, place), str(table.get("unit", "")), kind)


def _imu(name: str, table: Any, where: str) -> ImuMap:
    place = f"{where}: [imu.{name}]"
    if not isinstance(table, Mapping):
        raise ImportFailed(f"{place} must be a table with {', '.join(IMU_KEYS)}")
    _known(table, IMU_KEYS, place, "key")
    axes = {}
    for key in ("acc", "gyro"):
        value = table.get(key, [])
        if not isinstance(value, list) or len(value) not in {0, 3} or not all(isinstance(v, str) for v in value):
            raise ImportFailed(f"{place}: {key} = {value!r}; allowed is a list of three channels, x y z")
        axes[key] = tuple(value)
    worn = _placement(table, place) if "muscle" in table or "side" in table else None
    stream, acc_unit, gyro_unit = (str(table.get(key, "")) for key in ("stream", "acc_unit", "gyro_unit"))
    return ImuMap(worn, stream, axes["acc"], axes["gyro"], acc_unit, gyro_unit)


def _sets(tables: Any, where: str) -> tuple[SetMap, ...]:
    if not isinstance(tables, list):
        raise ImportFailed(f"{where}: set must be written as [[set]]")
    out: list[SetMap] = []
    for k, table in enumerate(tables):
        place = f"{where}: [[set]] {k + 1}"
        if not isinstance(table, Mapping):
            raise ImportFailed(f"{place} must be a table with {', '.join(SET_KEYS)}")
        _known(table, SET_KEYS, place, "key")
        start_s, stop_s = table.get("start_s"), table.get("stop_s")
        if not (_is_number(start_s) and _is_number(stop_s) and start_s < stop_s):
            raise ImportFailed(
                f"{place}: start_s = {start_s!r}, stop_s = {stop_s!r}; needed are two times in s, rising"
            )
        if out and start_s < out[-1].stop_s:
            raise ImportFailed(f"{place}: start_s = {start_s!r} lies before the end of the set before")
        out.append(SetMap(_exercise(table.get("exercise", "recording"), place), float(start_s), float(stop_s)))
    return tuple(out)


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12
