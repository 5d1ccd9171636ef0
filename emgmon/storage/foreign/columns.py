"""From columns of numbers to streams: which column is the clock, and whether there is one for each channel."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from emgmon.errors import ImportFailed
from emgmon.model import Array
from emgmon.storage.foreign.base import Foreign, ForeignMark, ForeignStream, Index, Options, tidy
from emgmon.storage.foreign.clocks import on_clock

TIME_NAMES = ("time", "t", "times", "timestamp", "timestamps", "seconds", "zeit", "x", "time_s", "time_ms", "time_us")
TIME_UNITS = {"s": 1.0, "sec": 1.0, "seconds": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
EPOCHS = ((1e17, 1e-9), (1e14, 1e-6), (1e11, 1e-3))
"""A time without unit from a calendar's epoch: above the first, the second makes seconds of it."""

DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Columns:
    """A table as it stands in a file.

    Attributes
    ----------
    names, units : tuple of str
    samples : (n_rows, n_columns) array
        Missing cells NaN.
    clocks : set of str
        Names of columns that held dates or times of day, now in s.
    rate_hz : float or None
        As the file says it.
    notes : tuple of (row, text)
    told : tuple of str
    file_width : int
        Columns in the file, with those that are not here.
    """

    names: tuple[str, ...]
    units: tuple[str, ...]
    samples: Array = field(repr=False)
    clocks: frozenset[str] = frozenset()
    rate_hz: float | None = None
    notes: tuple[tuple[int, str], ...] = ()
    told: tuple[str, ...] = ()
    file_width: int = 0


def streams_of(path: Path, columns: Columns, options: Options) -> Foreign:
    """Make one stream of a table, or several where it has a clock for each channel."""
    times = [k for k, name in enumerate(columns.names) if _time_like(name)]
    repeated = len(times) > 1 and len({columns.names[k] for k in times}) == 1
    series = [k for k in times if "time series" in columns.names[k].lower()]
    if not options.time and times[:1] == [0] and (repeated or series):
        return paired(path, columns, options)
    names = columns.names
    if len(set(names)) < len(names):
        raise ImportFailed(f"{path}: two columns have the same name")
    rate_hz = columns.rate_hz or options.rate_hz
    time = options.time or _time_name(columns)
    if not time:
        stream = ForeignStream("", names, columns.units, columns.samples, rate_hz)
        marks = tuple(ForeignMark(row / rate_hz, text) for row, text in columns.notes) if rate_hz else ()
        return Foreign((stream,), marks, columns.told)
    if time not in names:
        raise ImportFailed(f"{path}: no column {time!r} for the times; columns are {', '.join(names)}")
    at = names.index(time)
    time_s = seconds(columns.samples[:, at], names[at], columns.units[at], of_day=time in columns.clocks)
    grid = on_clock(str(path), time_s, rate_hz)
    kept = [k for k in range(len(names)) if k != at]
    stream = ForeignStream(
        "",
        tuple(names[k] for k in kept),
        tuple(columns.units[k] for k in kept),
        columns.samples[:, 1:] if at == 0 else columns.samples[:, kept],
        grid.fs_hz,
        grid.start_s,
        grid.index,
    )
    notes = tuple(ForeignMark(grid.start_s + int(grid.index[row]) / grid.fs_hz, text) for row, text in columns.notes)
    return Foreign((stream,), notes, (*columns.told, *grid.told))


def paired(path: Path, columns: Columns, options: Options) -> Foreign:
    """Read a table in which a column of times stands before each channel, or before some.

    Channels whose times are the same go into one stream. Rows below a channel's last time are not its own.
    """
    groups: dict[bytes, list[int]] = {}
    clocks: dict[bytes, Array] = {}
    key = b""
    for k, name in enumerate(columns.names):
        if _time_like(name):
            time_s = seconds(columns.samples[:, k], name, columns.units[k], of_day=False)
            there = np.flatnonzero(np.isfinite(time_s))
            time_s = time_s[: int(there[-1]) + 1] if len(there) else time_s[:0]
            key = time_s.tobytes()
            clocks[key] = time_s
        elif key in clocks:
            groups.setdefault(key, []).append(k)
    streams, told = [], list(columns.told)
    for at, (clock, kept) in enumerate(groups.items()):
        time_s = clocks[clock]
        if len(time_s) < 2:
            told.append(f"no samples: {', '.join(columns.names[k] for k in kept)}")
            continue
        grid = on_clock(f"{path}: {columns.names[kept[0]]}", time_s, options.rate_hz if len(groups) == 1 else None)
        told += [f"{columns.names[kept[0]]}: {line}" for line in grid.told]
        names, units = tidy([columns.names[k] for k in kept]), tuple(columns.units[k] for k in kept)
        samples = columns.samples[: len(time_s), kept]
        streams.append(
            ForeignStream(f"clock{at + 1}", names, units, samples, grid.fs_hz, grid.start_s, _index(grid.index))
        )
    return Foreign(tuple(streams), (), tuple(told))


def seconds(times: Array, name: str, unit: str, *, of_day: bool) -> Array:
    """Give times in s, by the unit in the heading or, where there is none, by their size if they are of an epoch."""
    if of_day:
        back = np.flatnonzero(np.diff(times) < -DAY_S / 2) + 1
        days = np.zeros(len(times))
        days[back] = DAY_S
        return np.asarray(times + np.cumsum(days), np.float64)
    if unit.lower() in TIME_UNITS:
        return times * TIME_UNITS[unit.lower()]
    suffix = re.search(r"[_\s](ms|us|ns)$", name.lower())
    if suffix:
        return times * TIME_UNITS[suffix[1]]
    known = times[np.isfinite(times)]
    size = abs(float(known[0])) if len(known) else 0.0
    return times * next((scale for bound, scale in EPOCHS if size > bound), 1.0)


def _index(index: Index) -> Index | None:
    return None if int(index[-1]) + 1 == len(index) and int(index[0]) == 0 else index


def _time_like(name: str) -> bool:
    lower = name.lower()
    return lower in TIME_NAMES or "time series" in lower or re.fullmatch(r"x\s*\(\d+\)", lower) is not None


def _time_name(columns: Columns) -> str:
    """Name of the column with times: by its name, or the first that held dates."""
    by_name = {name.lower(): name for name in reversed(columns.names)}
    found = next((by_name[name] for name in TIME_NAMES if name in by_name and name != "x"), "")
    return found or next((name for name in columns.names if name in columns.clocks), "")
