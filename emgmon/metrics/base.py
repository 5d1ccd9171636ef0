"""A finished rep's signals, and the shape of a metric."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from emgmon.dsp.onset import Onset, Rise
from emgmon.exercise.reference import PERMITS, Permit, common_kind
from emgmon.metrics.channel import Channel, HopSeries, Stretch
from emgmon.metrics.level import BOUNDS, INVERSE, LOD_NOISE, LOST, MAX_LOST, Level, joined, once, ratio_flag
from emgmon.model import Placement, Reference, Rep, Value

__all__ = [
    "BOUNDS", "INVERSE", "LOD_NOISE", "LOST", "MAX_LOST", "Channel", "HopSeries", "Level", "Metric", "RepSignals",
    "Start", "Stretch", "both_sides", "joined", "once", "ratio_flag",
]  # fmt: skip


class Start(NamedTuple):
    """A channel's onset, its times in s after the start of the movement.

    `rise` is what it was placed by, None where there is no start; the movement began `moved_s` after its stretch.
    """

    onset: Onset
    rise: Rise | None = None
    moved_s: float = 0.0


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
    kind : str
        Of the reference that all compared channels have; ``T4`` when they have none in common.
    channels : mapping of Placement to Channel
        The same by channel, in the order of `series`.
    sides : tuple of str
        Sides on which anything is worn.
    kept : dict
        What `once` keeps.
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
    kind: str = field(init=False)
    channels: Mapping[Placement, Channel] = field(init=False, repr=False, compare=False)
    sides: tuple[str, ...] = field(init=False)
    kept: dict[tuple[Any, ...], Any] = field(init=False, default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        compared = [place for place in self.series if place.group in self.groups] or list(self.series)
        known = ([self.references[place].kind] if place in self.references else [] for place in compared)
        object.__setattr__(self, "kind", common_kind(known))
        bounds_s = {phase: self.rep.bounds_s(phase) for phase in (*self.phases, "act")}
        object.__setattr__(self, "channels", {place: self._channel(place, bounds_s) for place in self.series})
        worn = {channel.side for channel in self.channels.values()}
        object.__setattr__(self, "sides", tuple(side for side in ("left", "right") if side in worn))

    def _channel(self, place: Placement, bounds_s: Mapping[str, tuple[float, float]]) -> Channel:
        unit, scale, flag = self.units.get(place, ""), 1.0, ""
        reference = self.references.get(place) if self.referenced else None
        if reference is not None:
            unit, scale, flag = "ref", reference.level, "<=" if reference.cut_off else ""
        noise = self.noise.get(place, math.nan)
        return Channel(place, self.series[place], self.filtered.get(place), bounds_s, unit, scale, noise, flag)

    @property
    def referenced(self) -> bool:
        """Whether every compared channel has a reference, all of one kind."""
        return self.kind != "T4"

    @property
    def permits(self) -> Permit:
        """What may be said with these references."""
        return PERMITS[self.kind]

    def level(self, placement: Placement, phase: str) -> Level:
        """Noise-subtracted RMS over a phase, as a fraction of the reference where `referenced`, else in the unit.

        Below the limit of detection LOD it is LOD/√2 and flagged ``<=``; where the signal was cut off it is what is
        left, flagged ``>=``; of a reference that was cut off it is at most this.
        """
        return self.channels[placement].part(phase).level

    @property
    def invalid(self) -> tuple[Placement, ...]:
        """Compared muscles of whose active time more than `MAX_LOST` was lost or masked."""
        return tuple(c.place for c in self.channels.values() if c.group in self.groups and c.part("act").lost)

    @once
    def worn(self, group: str, side: str) -> Sequence[Channel]:
        """Channels of a group on one side."""
        return [channel for channel in self.channels.values() if channel.group == group and channel.side == side]

    @once
    def group_level(self, group: str, side: str, phase: str) -> Level:
        """Amplitude of a group on one side; the geometric mean where two of its muscles are worn."""
        levels = [channel.part(phase).level for channel in self.worn(group, side)]
        if not levels:
            return Level(math.nan, "not worn")
        lost = next((level for level in levels if math.isnan(level.value)), None)
        if lost is not None:
            return lost
        if min(level.value for level in levels) <= 0.0:
            return Level(math.nan, "no activity above the noise")
        value = math.exp(sum(math.log(level.value) for level in levels) / len(levels))
        return Level(value, joined(*(level.flag for level in levels)))


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
        flag = joined(*(level.flag for level in good))
        mean = sum(level.value for level in good) / len(good)
        values.append(Value(name, phase, "both", mean, unit, flag))
    elif sided:
        values.append(Value(name, phase, "both", math.nan, unit, next(iter(sided.values())).flag))
    return values
