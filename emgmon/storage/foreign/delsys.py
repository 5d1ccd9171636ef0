"""Reads CSV exports of Delsys: EMGworks' file utility and Trigno Discover, a clock before each channel."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from emgmon.storage.foreign.base import Foreign, Options, one_line
from emgmon.storage.foreign.columns import Columns, paired
from emgmon.storage.foreign.layout import Layout, find_layout, name_and_unit, split
from emgmon.storage.foreign.text import read_columns

LABEL = re.compile(r"^Label: (.*?) Sampling frequency: .*? Unit: (.*?)(?: Domain Unit: .*)?$", re.MULTILINE)


def recognises(head: bytes, _ending: str) -> bool:
    """Whether the first bytes are those of such an export."""
    return (
        head.startswith(b"Label: ")
        or b"Trigno Discover" in head
        or (b"Label: " in head and b"Sampling frequency: " in head)
    )


def read(path: Path, options: Options) -> Foreign:
    """Read a whole file; see `emgmon.storage.foreign`."""
    layout = find_layout(path, options)
    discover = _discover_names(layout)
    if discover is not None:
        layout = replace(layout, names=discover[0], units=discover[1])
    columns = read_columns(path, layout)
    return paired(path, replace(columns, units=_units(columns, layout.preamble)), options)


def _units(columns: Columns, preamble: str) -> tuple[str, ...]:
    """Units from the lines ``Label: … Unit: …`` above the table, where its headings have none."""
    said = {one_line(match[1]): match[2].strip() for match in LABEL.finditer(preamble)}
    return tuple(unit or said.get(name, "") for name, unit in zip(columns.names, columns.units, strict=True))


def _discover_names(layout: Layout) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Names with their sensor, as Trigno Discover spreads them over rows above the table; None without these."""
    rows = [split(line, layout.delimiter) for line in layout.preamble.splitlines()]
    at = next((k for k, row in enumerate(rows) if any("Time Series (s)" in cell for cell in row)), None)
    if at is None or len(rows[at]) > len(layout.names):
        return None
    sensors = next(
        (row for row in rows[:at][::-1] if len(row) > 1 and not row[0].lower().startswith("sensor mode")), []
    )
    names, units, sensor = [], [], ""
    for k in range(len(layout.names)):
        heading = rows[at][k] if k < len(rows[at]) else ""
        sensor = (sensors[k] if k < len(sensors) else "") or sensor
        name, unit = name_and_unit(heading)
        clock = "Time Series" in name
        names.append(name if clock or not heading else one_line(f"{sensor} {name}"))
        units.append("s" if clock else unit)
    return tuple(names), tuple(units)
