"""Reads foreign files of columns: CSV and its kin, and ``.npz`` files of streams."""

from __future__ import annotations

import csv
import io
import math
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from emgmon.errors import ImportFailed
from emgmon.model import Array

MAX_BYTES = 2 << 30
"""Larger files are refused: they are read into memory."""

TIME_NAMES = ("time", "t", "timestamp", "seconds", "zeit")
TIME_UNITS = {"s": 1.0, "sec": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6}
TEXT_ENDINGS = (".csv", ".tsv", ".txt", ".dat")


class TableMap(Protocol):
    """What of a map the readers need; see `emgmon.storage.importing.ImportMap`."""

    @property
    def stream(self) -> str:
        """Name of the stream in an ``.npz``."""

    @property
    def delimiter(self) -> str:
        """Between columns; found when empty."""

    @property
    def decimal(self) -> str:
        """Decimal sign; found when empty."""

    @property
    def time(self) -> str:
        """Name of the column with times; found when empty."""

    @property
    def rate_hz(self) -> float | None:
        """Rate of a file without times."""


@dataclass(frozen=True, slots=True)
class Table:
    """Columns on one clock.

    Attributes
    ----------
    names, units : tuple of str
        Of each column; a unit is empty where the file does not say it.
    samples : (n_rows, n_columns) array
    fs_hz : float
    start_s : float
        Time of index 0.
    index : (n_rows,) integer array
        Position of each row on the even grid of `fs_hz`; a jump means missing rows.
    told : list of str
        What the user should know.
    """

    names: tuple[str, ...]
    units: tuple[str, ...]
    samples: Array
    fs_hz: float
    start_s: float
    index: NDArray[np.int64]
    told: list[str] = field(default_factory=list)


def read_table(path: Path, mapping: TableMap) -> Table:
    """Read a file of columns; raises `ImportFailed` with the file's name and what to do."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ImportFailed(f"{path}: {size >> 20} MB is more than can be imported ({MAX_BYTES >> 20} MB)")
        if not size:
            raise ImportFailed(f"{path}: the file is empty")
        if path.suffix.lower() == ".npz":
            return _read_npz(path, mapping)
        if path.suffix.lower() in TEXT_ENDINGS:
            return _read_text(path, mapping)
    except OSError as error:
        raise ImportFailed(f"{path}: cannot be read: {error.strerror or error}") from error
    raise ImportFailed(f"{path}: no reader for {path.suffix or 'files without an ending'}; readable are .csv .tsv .npz")


# --- npz --------------------------------------------------------------------------------------------------------------


def _read_npz(path: Path, mapping: TableMap) -> Table:
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(item.file_size for item in archive.infolist())
        if unpacked > MAX_BYTES:
            raise ImportFailed(f"{path}: unpacks to {unpacked >> 20} MB, more than can be imported")
        with np.load(path, allow_pickle=False) as found:
            return _stream_of(path, found, mapping)
    except (zipfile.BadZipFile, ValueError, EOFError, KeyError) as error:
        raise ImportFailed(f"{path}: not a readable .npz: {error}") from error


def _stream_of(path: Path, found: Any, mapping: TableMap) -> Table:
    streams = [key.removesuffix("_data") for key in found.files if key.endswith("_data")]
    name = mapping.stream or ("emg" if "emg" in streams else (streams[0] if len(streams) == 1 else ""))
    if name not in streams:
        known = ", ".join(streams) or "none"
        raise ImportFailed(f"{path}: say in the map which stream is meant ([file] stream = …); there are {known}")
    samples = np.asarray(found[f"{name}_data"], np.float64)
    if samples.ndim != 2 or not samples.size:
        raise ImportFailed(f"{path}: stream {name!r} is not a table of samples x channels")
    n_columns = samples.shape[1]
    names = tuple(map(str, found.get(f"{name}_names", [f"{k}" for k in range(n_columns)])))
    units = tuple(_unit(str(unit)) for unit in found.get(f"{name}_units", [""] * n_columns))
    if len(names) != n_columns or len(units) != n_columns:
        raise ImportFailed(f"{path}: stream {name!r} has {n_columns} channels but {len(names)} names")
    time_s = found.get(f"{name}_t")
    rate_hz = float(found.get(f"{name}_fs", 0.0)) or mapping.rate_hz
    if time_s is not None:
        return _on_clock(path, names, units, samples, np.asarray(time_s, np.float64), rate_hz)
    return _even(path, names, units, samples, rate_hz)


def _unit(text: str) -> str:
    """Take a unit as the source states it; one with a question mark is not stated."""
    return "" if "?" in text else text


# --- text -------------------------------------------------------------------------------------------------------------


def _read_text(path: Path, mapping: TableMap) -> Table:
    text = path.read_bytes().decode("utf-8-sig", "replace")
    delimiter = mapping.delimiter or _delimiter(text[:65536])
    decimal = mapping.decimal or ("," if delimiter != "," and re.search(r"\d,\d", text[:65536]) else ".")
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True) if any(row)]
    start = next((k for k, row in enumerate(rows) if len(row) > 1 and _all_numbers(row, decimal)), None)
    start = start if start is not None else next((k for k, row in enumerate(rows) if _all_numbers(row, decimal)), None)
    if start is None:
        raise ImportFailed(
            f"{path}: no row of numbers found (columns parted by {delimiter!r}, decimal sign {decimal!r})"
        )
    width = len(rows[start])
    header = rows[start - 1] if start and len(rows[start - 1]) == width else [f"column{k + 1}" for k in range(width)]
    samples = np.full((len(rows) - start, width), np.nan)
    for k, row in enumerate(rows[start:]):
        if len(row) != width:
            raise ImportFailed(f"{path}: line with {len(row)} instead of {width} columns, row {k + 1} of the data")
        for column, cell in enumerate(row):
            samples[k, column] = _number(cell, decimal)
    names, units = zip(*(_name_and_unit(cell) for cell in header), strict=True)
    if len(set(names)) < width:
        raise ImportFailed(f"{path}: two columns have the same name")
    time = mapping.time or next((n for n in names if n.lower() in TIME_NAMES), "")
    if not time:
        return _even(path, names, units, samples, mapping.rate_hz)
    if time not in names:
        raise ImportFailed(f"{path}: no column {time!r} for the times; columns are {', '.join(names)}")
    at = names.index(time)
    kept = [k for k in range(width) if k != at]
    time_s = samples[:, at] * TIME_UNITS.get(units[at].lower(), 1.0)
    columns = samples[:, kept]
    return _on_clock(
        path, tuple(names[k] for k in kept), tuple(units[k] for k in kept), columns, time_s, mapping.rate_hz
    )


def _delimiter(sample: str) -> str:
    lines = [line for line in sample.splitlines() if line.strip()][-50:]
    counts = {mark: [line.count(mark) for line in lines] for mark in ("\t", ";", ",", " ")}
    steady = [
        mark for mark, found in counts.items() if found and min(found) > 0 and found.count(found[0]) == len(found)
    ]
    return (steady or [","])[0]


def _number(cell: str, decimal: str) -> float:
    text = cell.strip()
    if not text:
        return math.nan
    try:
        return float(text.replace(decimal, ".") if decimal != "." else text)
    except ValueError:
        return math.nan


def _all_numbers(row: list[str], decimal: str) -> bool:
    filled = [cell for cell in row if cell.strip()]
    return bool(filled) and all(
        not math.isnan(_number(cell, decimal)) or cell.strip().lower() == "nan" for cell in filled
    )


def _name_and_unit(cell: str) -> tuple[str, str]:
    """Name and unit of a heading such as ``BF [mV]`` or ``Time (s)``."""
    match = re.fullmatch(r"(.*?)\s*[\[(]([^\])]*)[\])]\s*", cell.strip())
    return (match[1], match[2]) if match and match[1] else (cell.strip(), "")


# --- clocks -----------------------------------------------------------------------------------------------------------


def _even(path: Path, names: tuple[str, ...], units: tuple[str, ...], samples: Array, rate_hz: float | None) -> Table:
    if rate_hz is None:
        raise ImportFailed(f"{path}: has no times and no rate; say it in the map ([file] rate_hz = …)")
    return Table(names, units, samples, rate_hz, 0.0, np.arange(len(samples), dtype=np.int64))


def _on_clock(
    path: Path, names: tuple[str, ...], units: tuple[str, ...], samples: Array, time_s: Array, rate_hz: float | None
) -> Table:
    """Put rows with times on an even grid; rows that are missing stay missing."""
    if len(time_s) != len(samples) or not np.isfinite(time_s).all():
        raise ImportFailed(f"{path}: a time is missing or not a number")
    steps = np.diff(time_s)
    if len(time_s) < 2 or (steps <= 0).any():
        at = int(np.argmax(steps <= 0)) + 2 if len(time_s) > 1 else 1
        raise ImportFailed(
            f"{path}: times do not rise at row {at}; name a rate instead ([file] rate_hz = …) or mend them"
        )
    measured_hz = 1.0 / float(np.median(steps))
    told = []
    if rate_hz is None:
        rate_hz = measured_hz
    elif abs(rate_hz / measured_hz - 1.0) > 0.01:
        told.append(f"the file says {rate_hz:g} Hz but its times say {measured_hz:.2f} Hz; the times are believed")
        rate_hz = measured_hz
    if not 1.0 <= rate_hz <= 100_000.0:
        raise ImportFailed(
            f"{path}: its times mean {rate_hz:g} Hz; 1 to 100000 Hz can be imported (is the unit seconds?)"
        )
    index = np.cumsum(np.concatenate([[0], np.maximum(np.round(steps * rate_hz), 1.0)])).astype(np.int64)
    missing = int(index[-1] + 1 - len(index))
    if missing > MAX_BYTES // 8:
        raise ImportFailed(f"{path}: its times leap by {float(steps.max()):.0f} s; mend them")
    if missing:
        told.append(f"{missing} rows are missing by the file's own times")
    return Table(names, units, samples, rate_hz, float(time_s[0]), index, told)
