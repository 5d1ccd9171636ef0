"""Other people's files, turned into entries like those of a sensor.

A map (TOML) says what the file does not: which column is which muscle and side, in what unit, and which exercise it
was. What neither says is asked for or marked unknown, never invented. The samples go into packets of the driver
``imported`` and are analysed like any other.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from emgmon import __version__
from emgmon.devices import imported
from emgmon.errors import ImportFailed
from emgmon.exercise.catalogue import packaged
from emgmon.model import MUSCLES, SIDES, Array, Entry, Mark, Packet, Placement
from emgmon.storage.tables import Table, read_table

BLOCK_S = 0.1
HOST_START_NS = 1_000_000_000
TO_MICROVOLT = {"uv": 1.0, "µv": 1.0, "μv": 1.0, "mv": 1e3, "v": 1e6, "nv": 1e-3}
CHANNEL_KEYS = ("muscle", "side", "unit")
FILE_KEYS = ("stream", "delimiter", "decimal", "time", "rate_hz")
SESSION_KEYS = ("exercise", "source", "started_utc")


@dataclass(frozen=True, slots=True)
class ChannelMap:
    """What one column is; `unit` empty when the file says it."""

    placement: Placement
    unit: str = ""


@dataclass(frozen=True, slots=True)
class ImportMap:
    """A map file. `rate_hz` is None when the file has times or its own rate."""

    where: str
    channels: Mapping[str, ChannelMap]
    exercise: str = "recording"
    source: str = ""
    started_utc: str = ""
    stream: str = ""
    delimiter: str = ""
    decimal: str = ""
    time: str = ""
    rate_hz: float | None = None


def read_map(text: str, where: str) -> ImportMap:
    """Read a map.

    Parameters
    ----------
    text : str
        TOML with the tables ``[file]``, ``[session]`` and one ``[channels.NAME]`` for each column that is wanted.
    where : str
        Name of the map, for messages.

    Raises
    ------
    ImportFailed
        Naming table, key, value and what is allowed.
    """
    try:
        tables = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ImportFailed(f"{where}: not valid TOML: {error}") from error
    _known(tables, ("file", "session", "channels"), where, "table")
    file, session, channels = (_table(tables, key, where) for key in ("file", "session", "channels"))
    _known(file, FILE_KEYS, f"{where}: [file]", "key")
    _known(session, SESSION_KEYS, f"{where}: [session]", "key")
    exercise = str(session.get("exercise", "recording"))
    if exercise not in packaged():
        raise ImportFailed(f"{where}: exercise {exercise!r} is unknown; known are {', '.join(sorted(packaged()))}")
    if not channels:
        raise ImportFailed(f"{where}: no [channels.NAME] table; at least one column must be given a muscle")
    rate_hz = file.get("rate_hz")
    if rate_hz is not None and not (isinstance(rate_hz, int | float) and 1.0 <= rate_hz <= 100_000.0):
        raise ImportFailed(f"{where}: rate_hz = {rate_hz!r}; allowed is 1 to 100000")
    return ImportMap(
        where,
        {name: _channel(name, table, where) for name, table in channels.items()},
        exercise,
        source=str(session.get("source", "")),
        started_utc=str(session.get("started_utc", "")),
        **{key: str(file.get(key, "")) for key in ("stream", "delimiter", "decimal", "time")},
        rate_hz=float(rate_hz) if rate_hz is not None else None,
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


def _channel(name: str, table: Any, where: str) -> ChannelMap:
    place = f"{where}: [channels.{name}]"
    if not isinstance(table, Mapping):
        raise ImportFailed(f"{place} must be a table with {', '.join(CHANNEL_KEYS)}")
    _known(table, CHANNEL_KEYS, place, "key")
    for key, allowed in (("muscle", tuple(MUSCLES)), ("side", SIDES)):
        if table.get(key) not in allowed:
            raise ImportFailed(f"{place}: {key} = {table.get(key)!r}; allowed is {', '.join(allowed)}")
    return ChannelMap(Placement(table["muscle"], table["side"]), str(table.get("unit", "")))


def import_file(path: Path, mapping: ImportMap | None) -> tuple[Iterator[Entry], list[str]]:
    """Read a foreign file.

    Parameters
    ----------
    path : path
        Table of columns (``.csv``, ``.tsv``, ``.txt``) or streams (``.npz``).
    mapping : ImportMap or None
        None only tells, in the error, what the file has.

    Returns
    -------
    entries : iterator of Entry
        A whole session with one set.
    told : list of str
        One line for each thing the user should know: columns left out, missing samples, a rate that differs.

    Raises
    ------
    ImportFailed
        When the file cannot be read, or map and file do not fit.
    """
    table = read_table(path, mapping or ImportMap("", {}))
    if mapping is None:
        raise ImportFailed(f"{path}: say with --map which column is which muscle; columns are {', '.join(table.names)}")
    absent = [name for name in mapping.channels if name not in table.names]
    if absent:
        columns_text = ", ".join(table.names)
        raise ImportFailed(
            f"{mapping.where}: no column {', '.join(map(repr, absent))} in {path.name}; columns are {columns_text}"
        )
    places = [channel.placement for channel in mapping.channels.values()]
    twice = {str(place) for place in places if places.count(place) > 1}
    if twice:
        raise ImportFailed(f"{mapping.where}: {', '.join(sorted(twice))} is given to more than one column")
    columns = _columns(table, mapping)
    told = list(table.told)
    left_out = [name for name in table.names if name not in mapping.channels]
    if left_out:
        told.append(f"left out, as the map does not name them: {', '.join(left_out)}")
    told += [f"{name}: unit unknown, kept as a.u." for name, column in columns.items() if column.unit == "a.u."]
    return _entries(path, table, mapping, columns), told


@dataclass(frozen=True, slots=True)
class _Column:
    placement: Placement
    unit: str
    samples: Array = field(repr=False)


def _columns(table: Table, mapping: ImportMap) -> dict[str, _Column]:
    found = {}
    for name, channel in mapping.channels.items():
        at = table.names.index(name)
        unit = (channel.unit or table.units[at]).strip()
        factor = TO_MICROVOLT.get(unit.lower())
        samples = table.samples[:, at] * (factor or 1.0)
        found[name] = _Column(channel.placement, "uv" if factor else "a.u.", samples)
    return found


def _entries(path: Path, table: Table, mapping: ImportMap, columns: Mapping[str, _Column]) -> Iterator[Entry]:
    """One stream for each unit, in blocks of `BLOCK_S`, host times as if each block arrived when it was taken."""
    device = path.stem
    by_unit: dict[str, list[_Column]] = {}
    for column in columns.values():
        by_unit.setdefault(column.unit, []).append(column)

    def host_ns(index: int) -> int:
        return HOST_START_NS + round((table.start_s + index / table.fs_hz) * 1e9)

    begin_ns = host_ns(int(table.index[0]))
    header = {
        "program": f"emgmon {__version__}",
        "source": mapping.source or f"imported from {path.name}",
        "started_utc": mapping.started_utc,
        "simulated": False,
    }
    yield Mark(begin_ns, "session", header)
    yield Mark(begin_ns, "exercise", packaged()[mapping.exercise].table())
    yield Mark(begin_ns, "device", {"device": device, "driver": imported.DRIVER.name})
    yield Mark(begin_ns, "connected", {"device": device})
    streams = [
        {"quantity": "emg", "unit": unit, "fs_hz": table.fs_hz, "placements": [str(c.placement) for c in group]}
        for unit, group in by_unit.items()
    ]
    yield Packet(device, imported.DESCRIPTION, begin_ns, imported.description_payload(streams))
    yield Mark(begin_ns, "set_start", {"exercise": mapping.exercise})
    data = [np.column_stack([column.samples for column in group]) for group in by_unit.values()]
    for start, stop in _blocks(table):
        first, last = int(table.index[start]), int(table.index[stop - 1])
        for port, samples in enumerate(data):
            payload = imported.data_payload(first, table.start_s + first / table.fs_hz, samples[start:stop])
            yield Packet(device, str(port), host_ns(last), payload)
    yield Mark(host_ns(int(table.index[-1]) + 1), "set_stop", {})


def _blocks(table: Table) -> Iterator[tuple[int, int]]:
    """Yield runs of rows without a hole, at most `BLOCK_S` long."""
    longest = max(1, round(BLOCK_S * table.fs_hz))
    holes = (np.flatnonzero(np.diff(table.index) != 1) + 1).tolist()
    for start, stop in zip([0, *holes], [*holes, len(table.index)], strict=True):
        for at in range(start, stop, longest):
            yield at, min(at + longest, stop)
