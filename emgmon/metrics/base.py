"""A finished rep's signals, and the shape of a metric."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from emgmon.dsp.envelope import HOP_S, rms
from emgmon.dsp.onset import Onset
from emgmon.model import Array, Placement, Reference, Rep, Value

LOD_NOISE = 1.5
"""Limit of detection as a multiple of the relaxed channel's noise."""

MAX_LOST = 0.10
"""A phase of which more than this is lost gives no number for that muscle."""


class HopSeries(NamedTuple):
    """Mean squares of one channel's hops: `time_s` (n,) middle of each hop, `power` (n,) unit squared."""

    time_s: Array
    power: Array

    def between(self, start_s: float, stop_s: float) -> Array:
        """Powers of the hops whose middle lies in [start_s, stop_s)."""
        first = self.time_s.searchsorted(start_s)
        return self.power[first : first + self.time_s[first:].searchsorted(stop_s)]


class Stretch(NamedTuple):
    """Filtered samples of one channel with their times: both (n,), `time_s` on the session clock; NaN where lost."""

    time_s: Array
    samples: Array
    fs_hz: float


class Start(NamedTuple):
    """A channel's onset, its times in s after the start of the movement, and the stretch it was found in."""

    onset: Onset
    stretch: Stretch


class Level(NamedTuple):
    """Amplitude of one muscle in one phase; ``flag`` as in `emgmon.model.Value`."""

    value: float
    flag: str = ""


@dataclass(frozen=True, slots=True)
class RepSignals:
    """All that a metric may look at.

    Attributes
    ----------
    rep : Rep
    phases : tuple of str
        Those that this rep has: ``act`` always, ``con`` and ``ecc`` where a movement was seen, ``hold`` when held.
    series : mapping of Placement to HopSeries
    units : mapping of Placement to str
    noise : mapping of Placement to float
        RMS of the relaxed channel; NaN when unknown.
    references : mapping of Placement to Reference
    groups : tuple of str
        Groups that the exercise compares and that are worn.
    sdi_scored : bool
        Whether the exercise's catalogue entry lets the index be scored.
    range_deg : float
        NaN without an inclination.
    starts : mapping of Placement to Start
        When each channel became active; empty without a movement to find it near.
    filtered : mapping of Placement to Stretch
        Filtered samples of the rep, for what hops do not hold: spectra and rectified means. Empty where they are not
        kept any more.
    top_s : tuple of float
        First and last moment within a tenth of the range from the top of the movement; NaN without one.
    """

    rep: Rep
    phases: tuple[str, ...]
    series: Mapping[Placement, HopSeries]
    units: Mapping[Placement, str]
    noise: Mapping[Placement, float]
    references: Mapping[Placement, Reference]
    groups: tuple[str, ...]
    sdi_scored: bool
    range_deg: float
    starts: Mapping[Placement, Start] = field(default_factory=dict)
    filtered: Mapping[Placement, Stretch] = field(default_factory=dict)
    top_s: tuple[float, float] = (math.nan, math.nan)

    @property
    def referenced(self) -> bool:
        """Whether every compared channel has a reference."""
        return all(place in self.references for place in self.series if place.group in self.groups)

    def unit(self, placement: Placement) -> str:
        """Return the unit of `level`: ``ref`` for a fraction of the reference, else that of the channel."""
        return "ref" if self.referenced else self.units[placement]

    def level(self, placement: Placement, phase: str) -> Level:
        """Noise-subtracted RMS over a phase, as a fraction of the reference where `referenced`, else in the unit."""
        start_s, stop_s = self.rep.bounds_s(phase)
        power = self.series[placement].between(start_s, stop_s)
        expected = max((stop_s - start_s) / HOP_S, 1.0)
        if np.isfinite(power).sum() < (1.0 - MAX_LOST) * expected - 1.0 or not len(power):
            return Level(math.nan, "signal lost")
        scale = self.references[placement].level if self.referenced else 1.0
        noise = self.noise.get(placement, math.nan)
        value, limit = rms(power, noise) / scale, LOD_NOISE * noise / scale
        if value < limit:
            return Level(limit / math.sqrt(2.0), "<=")
        return Level(value)

    def group_level(self, group: str, side: str, phase: str) -> Level:
        """Amplitude of a group on one side; the geometric mean where two of its muscles are worn."""
        worn = [place for place in self.series if place.group == group and place.side == side]
        levels = [self.level(place, phase) for place in worn]
        if not levels:
            return Level(math.nan, "not worn")
        lost = next((level for level in levels if math.isnan(level.value)), None)
        if lost is not None:
            return lost
        if min(level.value for level in levels) <= 0.0:
            return Level(math.nan, "no activity above the noise")
        value = math.exp(sum(math.log(level.value) for level in levels) / len(levels))
        return Level(value, "<=" if any(level.flag for level in levels) else "")

    @property
    def sides(self) -> tuple[str, ...]:
        """Sides on which anything is worn."""
        return tuple(side for side in ("left", "right") if any(place.side == side for place in self.series))


class Metric(NamedTuple):
    """One number of a rep: its name, what to call it, its unit, whether high is wanted, and the function."""

    name: str
    title: str
    unit: str
    direction: int
    compute: Callable[[RepSignals], list[Value]]


def both_sides(name: str, unit: str, phase: str, sided: Mapping[str, Level]) -> list[Value]:
    """Values of each side and their mean as ``both`` (of one side, when only one is worn or can be said)."""
    values = [Value(name, phase, side, level.value, unit, level.flag) for side, level in sided.items()]
    good = [level for level in sided.values() if not math.isnan(level.value)]
    if good:
        flag = "<=" if any(level.flag for level in good) else ""
        mean = sum(level.value for level in good) / len(good)
        values.append(Value(name, phase, "both", mean, unit, flag))
    elif sided:
        values.append(Value(name, phase, "both", math.nan, unit, next(iter(sided.values())).flag))
    return values
