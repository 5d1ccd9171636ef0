"""A finished rep's signals, and the shape of a metric."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

import numpy as np

from emgmon.dsp.envelope import HOP_S, rms
from emgmon.dsp.onset import Onset, Rise
from emgmon.exercise.reference import PERMITS, Permit, common_kind
from emgmon.model import Array, Placement, Reference, Rep, Value

LOD_NOISE = 1.5
"""Limit of detection as a multiple of the relaxed channel's noise."""

MAX_LOST = 0.10
"""A phase of which more than this is lost gives no number for that muscle."""


BOUNDS = ("<=", ">=", "~")
"""Flags of values that are only bounds: at most, at least, either."""

INVERSE = {"<=": ">=", ">=": "<="}


def joined(*flags: str) -> str:
    """Flag of a sum or a mean of values with these flags: ``~`` when they point to both sides."""
    found = {flag for flag in flags if flag in BOUNDS}
    return found.pop() if len(found) == 1 else "~" if found else ""


def ratio_flag(above: str, below: str) -> str:
    """Flag of a quotient, or of its logarithm: a divisor that is too large makes it too small."""
    return joined(above, INVERSE.get(below, below))


class HopSeries(NamedTuple):
    """Mean squares of one channel's hops: `time_s` (n,) middle of each hop, `power` (n,) unit squared.

    `clipped` (n,) is above 0 for hops of a second in which the signal was cut off; None where nobody looked.
    """

    time_s: Array
    power: Array
    clipped: Array | None = None

    def rows(self, start_s: float, stop_s: float) -> slice:
        """Hops whose middle lies in [start_s, stop_s)."""
        first = int(self.time_s.searchsorted(start_s))
        return slice(first, first + int(self.time_s[first:].searchsorted(stop_s)))

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


class Start(NamedTuple):
    """A channel's onset, its times in s after the start of the movement.

    `rise` is what it was placed by, None where there is no start; the movement began `moved_s` after its stretch.
    """

    onset: Onset
    rise: Rise | None = None
    moved_s: float = 0.0


class Level(NamedTuple):
    """Amplitude of one muscle in one phase; ``flag`` as in `emgmon.model.Value`."""

    value: float
    flag: str = ""


P = ParamSpec("P")
T = TypeVar("T")


def once(compute: Callable[Concatenate[RepSignals, P], T]) -> Callable[Concatenate[RepSignals, P], T]:
    """Let a function of a rep's signals be computed once for each of its other arguments: many metrics share it."""

    @wraps(compute)
    def kept(signals: RepSignals, /, *where: P.args, **named: P.kwargs) -> T:
        key = (compute, *where, *named.items())
        if key not in signals.kept:
            signals.kept[key] = compute(signals, *where, **named)
        found: T = signals.kept[key]
        return found

    return kept


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
    kept: dict[tuple[Any, ...], Any] = field(init=False, default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        compared = [place for place in self.series if place.group in self.groups] or list(self.series)
        known = ([self.references[place].kind] if place in self.references else [] for place in compared)
        object.__setattr__(self, "kind", common_kind(known))

    @property
    def referenced(self) -> bool:
        """Whether every compared channel has a reference, all of one kind."""
        return self.kind != "T4"

    @property
    def permits(self) -> Permit:
        """What may be said with these references."""
        return PERMITS[self.kind]

    def unit(self, placement: Placement) -> str:
        """Return the unit of `level`: ``ref`` for a fraction of the reference, else that of the channel."""
        return "ref" if self.referenced and placement in self.references else self.units[placement]

    def scale(self, placement: Placement) -> float:
        """Return what a level is divided by: the reference where all compared channels have one, else 1."""
        return self.references[placement].level if self.unit(placement) == "ref" else 1.0

    @once
    def rows(self, placement: Placement, phase: str) -> slice:
        """Hops of one channel in a phase."""
        return self.series[placement].rows(*self.rep.bounds_s(phase))

    @once
    def power(self, placement: Placement, phase: str) -> Array:
        """Mean squares of the hops of one channel in a phase, (n,) unit squared."""
        return self.series[placement].power[self.rows(placement, phase)]

    @once
    def cut_off(self, placement: Placement, phase: str) -> bool:
        """Whether the signal was cut off in a second that overlaps a phase."""
        return self.series[placement].cut_off(*self.rep.bounds_s(phase))

    @once
    def lost(self, placement: Placement, phase: str) -> str:
        """Say why a phase gives no number for a muscle: ``signal lost``, ``signal cut off``, or empty when it does."""
        start_s, stop_s = self.rep.bounds_s(phase)
        power = self.power(placement, phase)
        expected = max((stop_s - start_s) / HOP_S, 1.0)
        if len(power) and np.isfinite(power).sum() >= (1.0 - MAX_LOST) * expected - 1.0:
            return ""
        return "signal cut off" if self.cut_off(placement, phase) else "signal lost"

    @once
    def level(self, placement: Placement, phase: str) -> Level:
        """Noise-subtracted RMS over a phase, as a fraction of the reference where `referenced`, else in the unit.

        Below the limit of detection LOD it is LOD/√2 and flagged ``<=``; where the signal was cut off it is what is
        left, flagged ``>=``; of a reference that was cut off it is at most this.
        """
        lost = self.lost(placement, phase)
        if lost:
            return Level(math.nan, lost)
        scale, noise = self.scale(placement), self.noise.get(placement, math.nan)
        value, limit = rms(self.power(placement, phase), noise) / scale, LOD_NOISE * noise / scale
        if self.cut_off(placement, phase):
            return Level(value, joined(">=", self.reference_flag(placement)))
        if value < limit:
            return Level(limit / math.sqrt(2.0), "<=")
        return Level(value, self.reference_flag(placement))

    def reference_flag(self, placement: Placement) -> str:
        """Return ``<=`` for what is a fraction of a reference that was cut off, else empty."""
        return "<=" if self.unit(placement) == "ref" and self.references[placement].cut_off else ""

    @property
    def invalid(self) -> tuple[Placement, ...]:
        """Compared muscles of whose active time more than `MAX_LOST` was lost or masked."""
        return tuple(place for place in self.series if place.group in self.groups and self.lost(place, "act"))

    @once
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
        return Level(value, joined(*(level.flag for level in levels)))

    @property
    def sides(self) -> tuple[str, ...]:
        """Sides on which anything is worn."""
        return self._sides()

    @once
    def _sides(self) -> tuple[str, ...]:
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
        flag = joined(*(level.flag for level in good))
        mean = sum(level.value for level in good) / len(good)
        values.append(Value(name, phase, "both", mean, unit, flag))
    elif sided:
        values.append(Value(name, phase, "both", math.nan, unit, next(iter(sided.values())).flag))
    return values
