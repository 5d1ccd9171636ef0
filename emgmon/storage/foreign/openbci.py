"""Reads the text logs of the OpenBCI GUI: Cyton, Daisy and Ganglion, with and without a row of headings.

The board's sample counter tells which rows are missing; the computer's stamps, which come in bursts, tell the rate.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from emgmon.model import Array
from emgmon.storage.foreign.base import MAX_MARKS, Foreign, ForeignMark, ForeignStream, Options, tidy
from emgmon.storage.foreign.clocks import EPOCH_S, Grid, counted, line, on_clock
from emgmon.storage.foreign.columns import Columns, seconds
from emgmon.storage.foreign.layout import find_layout
from emgmon.storage.foreign.text import read_columns

CHANNELS = re.compile(r"Number of channels\s*=\s*(\d+)")
MIN_SPAN_S = 5.0
"""Stamps over less than this do not tell a rate better than the board's nominal one."""


def recognises(head: bytes, _ending: str) -> bool:
    """Whether the first bytes are those of such a log."""
    return head.startswith(b"%OpenBCI")


def read(path: Path, options: Options) -> Foreign:
    """Read a whole file; see `emgmon.storage.foreign`."""
    layout = find_layout(path, options)
    match = CHANNELS.search(layout.preamble)
    names = _names(list(layout.names), int(match[1]) if match else 0)
    columns = read_columns(path, replace(layout, names=names))
    lower = [name.lower() for name in columns.names]
    stamps = next((columns.samples[:, k] for k, name in enumerate(lower) if name == "timestamp"), None)
    stamps_s = seconds(stamps, "timestamp", "", of_day=False) if stamps is not None else None
    grid, nominal_hz = _grid(path, columns, stamps_s, options)
    kept = [
        k for k, name in enumerate(lower) if not name.startswith(("sample index", "timestamp", "marker", "not used"))
    ]
    stream = ForeignStream(
        "",
        tuple(columns.names[k] for k in kept),
        tuple(_unit(columns.names[k]) for k in kept),
        columns.samples[:, kept],
        grid.fs_hz if grid else nominal_hz,
        grid.start_s if grid else 0.0,
        grid.index if grid else None,
    )
    marker = next((columns.samples[:, k] for k, name in enumerate(lower) if name.startswith("marker")), None)
    return Foreign((stream,), _marks(marker, stream), grid.told if grid else ())


def _names(names: list[str], n_channels: int) -> tuple[str, ...]:
    """Headings, or the order of older logs, which have none."""
    if not any(names):
        names[0] = "Sample Index"
        for k in range(1, min(n_channels, len(names) - 1) + 1):
            names[k] = f"EXG Channel {k - 1}"
        for k in range(n_channels + 1, min(n_channels + 4, len(names))):
            names[k] = f"Accel Channel {k - n_channels - 1}"
    return tidy(names)


def _unit(name: str) -> str:
    if re.match(r"(EXG|EEG|EMG) Channel", name):
        return "uV"
    return "g" if name.startswith("Accel") else ""


def _grid(path: Path, columns: Columns, stamps_s: Array | None, options: Options) -> tuple[Grid | None, float | None]:
    """Clock of the rows: positions by the counter, rate by the stamps; None where the log has neither."""
    nominal_hz = columns.rate_hz or options.rate_hz
    at = next((k for k, name in enumerate(columns.names) if name.lower() == "sample index"), None)
    index = counted(columns.samples[:, at]) if at is not None else None
    known = stamps_s is not None and bool(np.isfinite(stamps_s).all()) and len(stamps_s) > 1
    if index is None or not known or stamps_s is None or stamps_s[-1] - stamps_s[0] < MIN_SPAN_S:
        if index is not None and nominal_hz is not None:
            return Grid(nominal_hz, 0.0, index, _missing(len(index), int(index[-1]))), nominal_hz
        return (on_clock(str(path), stamps_s, nominal_hz) if known and stamps_s is not None else None), nominal_hz
    period_s, start_s = line(index, stamps_s - stamps_s[0])
    fs_hz = float(f"{1.0 / period_s:.9g}") if period_s > 0 else 0.0
    told = _missing(len(index), int(index[-1]))
    if nominal_hz and abs(nominal_hz / fs_hz - 1.0) > 0.01:
        told += (f"the file says {nominal_hz:g} Hz but its times say {fs_hz:.2f} Hz; the times are believed",)
    begins_s = 0.0 if abs(stamps_s[0]) > EPOCH_S else float(stamps_s[0])
    return Grid(fs_hz, begins_s + start_s, index, told), nominal_hz


def _missing(n_rows: int, last: int) -> tuple[str, ...]:
    return (f"{last + 1 - n_rows} rows are missing by the board's own counter",) if last + 1 > n_rows else ()


def _marks(marker: Array | None, stream: ForeignStream) -> tuple[ForeignMark, ...]:
    if marker is None or stream.fs_hz is None:
        return ()
    at = np.flatnonzero(np.isfinite(marker) & (marker != 0) & (np.diff(marker, prepend=0.0) != 0))[:MAX_MARKS]
    index = stream.positions()
    return tuple(
        ForeignMark(stream.start_s + int(index[k]) / stream.fs_hz, f"marker {marker[k]:g}") for k in at.tolist()
    )
