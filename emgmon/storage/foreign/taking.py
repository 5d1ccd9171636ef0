"""What is taken of a foreign stream: channels, rows and clock; repeated rows are taken out here."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emgmon.errors import ImportFailed
from emgmon.model import Array, Placement
from emgmon.storage.foreign.base import ForeignStream, Index
from emgmon.storage.foreign.clocks import RATES_HZ, repeats
from emgmon.storage.foreign.maps import ImportMap

MAX_START_S = 1e8


@dataclass(frozen=True, slots=True)
class Wanted:
    """One stream of the recording.

    Attributes
    ----------
    device, quantity, unit : str
        As in `emgmon.model.Stream`.
    fs_hz, start_s, index
        Its clock, as in `ForeignStream`.
    placements : tuple of Placement or None
    samples : (n_file_rows, n_file_channels) array
        Of the file, not copied.
    rows : (n,) integer array or None
        Which of them, None for all.
    columns, factors : tuple
        Which channels, and what brings each to `unit`.
    """

    device: str
    quantity: str
    unit: str
    fs_hz: float
    start_s: float
    index: Index = field(repr=False)
    placements: tuple[Placement | None, ...]
    samples: Array = field(repr=False)
    rows: Index | None
    columns: tuple[int, ...]
    factors: tuple[float, ...]

    def block(self, start: int, stop: int) -> Array:
        """Rows [start, stop) in `unit`, (stop - start, n_channels)."""
        taken = self.samples[start:stop] if self.rows is None else self.samples[self.rows[start:stop]]
        return taken[:, self.columns] * self.factors

    def description(self) -> dict[str, Any]:
        """Return what the description packet says of it."""
        placements = [str(place) if place else None for place in self.placements]
        return {"quantity": self.quantity, "unit": self.unit, "fs_hz": self.fs_hz, "placements": placements}


@dataclass(frozen=True, slots=True)
class Clock:
    """Clock of some channels, as in `ForeignStream`; `rows` tells which of the file's are taken, None for all."""

    fs_hz: float
    start_s: float
    index: Index
    rows: Index | None = None


def clock_of(
    path: Path, stream: ForeignStream, columns: list[int], mapping: ImportMap, *, still: bool = False
) -> tuple[Clock, list[str]]:
    """Clock of some channels of a stream, after repeated rows were taken out.

    `still` channels may stand still by themselves, as an accelerometer does: uneven repeats mean nothing there.
    """
    name = f"stream {stream.name!r} " if stream.name else ""
    if stream.fs_hz is None:
        raise ImportFailed(f"{path}: {name}has no times and no rate; say it in the map ([file] rate_hz = …)")
    if not RATES_HZ[0] <= stream.fs_hz <= RATES_HZ[1]:
        raise ImportFailed(
            f"{path}: {name}has {stream.fs_hz:g} Hz; {RATES_HZ[0]:g} to {RATES_HZ[1]:g} Hz can be imported"
        )
    if not abs(stream.start_s) < MAX_START_S:
        raise ImportFailed(f"{path}: {name}begins at {stream.start_s:g} s, which cannot be")
    clock = Clock(stream.fs_hz, stream.start_s, stream.positions())
    found = repeats(stream.samples[:, columns], clock.fs_hz, clock.start_s, clock.index, mapping.options.rate_hz)
    if found is None or (still and found.grid is None):
        return clock, []
    percent = f"{100 * found.share:.0f} % of the rows of {stream.names[columns[0]]} … repeat the one before"
    if mapping.keep_repeated:
        return clock, [f"{percent}; kept as the map wants it"]
    if found.grid is None:
        span_s = (int(clock.index[found.rows[-1]]) - int(clock.index[found.rows[0]])) / clock.fs_hz
        raise ImportFailed(
            f"{path}: {percent}; about {len(found.rows) / span_s:.0f} true samples a second come at uneven times, so"
            " say the sensor's own rate in the map ([file] rate_hz = …), or keep all ([file] keep_repeated = true)"
        )
    grid = found.grid
    lost = int(grid.index[-1]) + 1 - len(grid.index)
    told = (
        f"{percent}: the true rate is {grid.fs_hz:.5g} Hz, not {clock.fs_hz:.5g} Hz; reduced to the true samples,"
        f" {lost} missing ([file] keep_repeated = true keeps all rows)"
    )
    return Clock(grid.fs_hz, grid.start_s, grid.index, found.rows), [told]
