"""One channel in one rep: its hops and samples in each phase, and the level that most numbers are made of."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from emgmon.dsp.envelope import HOP_S, rms
from emgmon.metrics.level import LOD_NOISE, LOST, MAX_LOST, Level, joined
from emgmon.model import Array, Placement


class HopSeries(NamedTuple):
    """Mean squares of one channel's hops: `time_s` (n,) middle of each hop, `power` (n,) unit squared.

    `clipped` (n,) is above 0 for hops of a second in which the signal was cut off; None where nobody looked.
    """

    time_s: Array
    power: Array
    clipped: Array | None = None

    def rows(self, start_s: float, stop_s: float) -> slice:
        """Hops whose middle lies in [start_s, stop_s)."""
        first, last = self.time_s.searchsorted((start_s, stop_s)).tolist()
        return slice(first, max(first, last))

    def between(self, start_s: float, stop_s: float) -> Array:
        """Powers of the hops whose middle lies in [start_s, stop_s)."""
        return self.power[self.rows(start_s, stop_s)]

    def cut_off(self, start_s: float, stop_s: float) -> bool:
        """Whether the signal was cut off in a second that overlaps [start_s, stop_s)."""
        return self.clipped is not None and bool(self.clipped[self.rows(start_s, stop_s)].any())


class Stretch(NamedTuple):
    """Filtered samples of one channel with their times: both (n,), `time_s` on the session clock; NaN where lost.

    `raw` is False when the sensor hands out an envelope.
    """

    time_s: Array
    samples: Array
    fs_hz: float
    raw: bool = True


class Part(NamedTuple):
    """One phase of a channel.

    Attributes
    ----------
    rows : slice
        Its hops.
    lost : str
        Why there is no number: ``signal lost``, ``signal cut off``, or empty.
    own_flag : str
        ``>=`` where the signal was cut off in a second that overlaps the phase, else empty.
    level : Level
        As `emgmon.metrics.base.RepSignals.level` says.
    """

    rows: slice
    lost: str
    own_flag: str
    level: Level


@dataclass(slots=True)
class Channel:
    """One channel in one rep.

    Attributes
    ----------
    place : Placement
    series : HopSeries
    stretch : Stretch or None
        Filtered samples of the rep, None where they are not kept any more.
    bounds_s : mapping of str to (float, float)
        Start and end of each phase of the rep, with ``act``.
    unit : str
        Of its levels: ``ref`` for fractions of the reference.
    scale : float
        What they are divided by.
    noise : float
        RMS of the relaxed channel, NaN when unknown.
    reference_flag : str
        ``<=`` for fractions of a reference that was cut off, else empty.
    name, group, side : str
        Of the place.
    kept : dict
        What `once` keeps.
    """

    place: Placement
    series: HopSeries
    stretch: Stretch | None
    bounds_s: Mapping[str, tuple[float, float]]
    unit: str
    scale: float
    noise: float
    reference_flag: str
    name: str = field(init=False)
    group: str = field(init=False)
    side: str = field(init=False)
    kept: dict[tuple[Any, ...], Any] = field(init=False, default_factory=dict, repr=False, compare=False)
    _rows: dict[str, slice] = field(init=False, default_factory=dict)
    _parts: dict[str, Part] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.name, self.group, self.side = str(self.place), self.place.group, self.place.side

    @property
    def limit(self) -> float:
        """Limit of detection, in the unit of the levels."""
        return LOD_NOISE * self.noise / self.scale

    def rows(self) -> dict[str, slice]:
        """Return the hops of each phase."""
        if not self._rows:
            self._rows = {phase: slice(first, last) for phase, first, last in _edges(self.series.time_s, self.bounds_s)}
        return self._rows

    def samples(self) -> dict[str, slice]:
        """Return which samples of `stretch` each phase has."""
        time_s = np.empty(0) if self.stretch is None else self.stretch.time_s
        return {phase: slice(first, last) for phase, first, last in _edges(time_s, self.bounds_s)}

    def part(self, phase: str) -> Part:
        """Return what is known of a phase."""
        if phase not in self._parts:
            self._parts[phase] = self._part(phase)
        return self._parts[phase]

    def _part(self, phase: str) -> Part:
        series, rows = self.series, self.rows()[phase]
        power = series.power[rows]
        own_flag = ">=" if series.clipped is not None and series.clipped[rows].any() else ""
        start_s, stop_s = self.bounds_s[phase]
        expected = max((stop_s - start_s) / HOP_S, 1.0)
        if not len(power) or not np.isfinite(power).sum() >= (1.0 - MAX_LOST) * expected - 1.0:
            lost = "signal cut off" if own_flag else LOST
            return Part(rows, lost, own_flag, Level(math.nan, lost))
        value = rms(power, self.noise) / self.scale
        if own_flag:
            return Part(rows, "", own_flag, Level(value, joined(own_flag, self.reference_flag)))
        return Part(rows, "", "", self.censored(Level(value, self.reference_flag)))

    def censored(self, found: Level) -> Level:
        """Hold an amplitude against the limit of detection: below it is at most LOD/√2."""
        limit = self.limit
        return Level(limit / math.sqrt(2.0), "<=") if found.value < limit and found.flag != ">=" else found


def _edges(time_s: Array, bounds_s: Mapping[str, tuple[float, float]]) -> list[tuple[str, int, int]]:
    """First row of each phase, and the one after its last."""
    ends = time_s.searchsorted([at_s for bounds in bounds_s.values() for at_s in bounds]).tolist()
    each = zip(bounds_s, ends[::2], ends[1::2], strict=True)
    return [(phase, first, max(first, last)) for phase, first, last in each]
