"""Two reps of a set laid over each other, phase upon phase, and their difference in words. No Qt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

import numpy as np

from emgmon.live.review_picture import LEAST_PERCENT, LEAST_UV, MOST_PERCENT, nice_top
from emgmon.live.review_set import Passage, Start, starts
from emgmon.live.strings import words
from emgmon.metrics.estimates import MIN_REPS
from emgmon.model import GROUPS, PHASE_TITLES, Array, RepSummary
from emgmon.report.reading import Reading, duration_s, index_value, share_value
from emgmon.report.wording import factor, number, percent, signed

GRID = 301
MARGIN = 0.06
"""Shown before the start and after the end of a rep, in lengths of the rep."""
USUAL = 1.96 * math.sqrt(2.0)
"""Two reps of one spread differ by less than this many of it in 19 of 20 cases."""


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Two reps on one axis, 0 at the start and 1 at the end of both.

    Attributes
    ----------
    this, that : int
        Numbers of the reps.
    at : (n,) array
        Places on the axis.
    level : mapping of str to (array, array)
        Mean envelope of each group in both reps, in % or in the unit of the signal.
    bounds : tuple of (str, float, float)
        Title of each phase, its begin and end on the axis.
    tops : mapping of str to float
        End of each group's axis.
    percent : bool
    lines : tuple of str
        The difference in words.
    """

    this: int
    that: int
    at: Array
    level: dict[str, tuple[Array, Array]]
    bounds: tuple[tuple[str, float, float], ...]
    tops: dict[str, float]
    percent: bool
    lines: tuple[str, ...]


def pair(shown: Passage, this: int, that: int) -> Pair | None:
    """Lay two reps over each other; None when one of them is not there."""
    first, second = shown.rep(this), shown.rep(that)
    if first is None or second is None or shown.reading is None:
        return None
    knots, bounds = _axis(first, second)
    at = np.linspace(-MARGIN, 1.0 + MARGIN, GRID)
    relative = shown.kind != "T4"
    scale = 100.0 if relative else 1.0
    level = {}
    for group in GROUPS:
        both = tuple(scale * _group_level(rep, group, at, knots) for rep in (first, second))
        if not all(np.isnan(item).all() for item in both):
            level[group] = (both[0], both[1])
    everything = [item for both in level.values() for item in both]
    common = min(MOST_PERCENT, nice_top(everything, LEAST_PERCENT)) if relative else 0.0
    tops = {group: common or nice_top(both, LEAST_UV) for group, both in level.items()}
    return Pair(this, that, at, level, bounds, tops, relative, _lines(shown, first, second))


def place_on_axis(rep: RepSummary, other: RepSummary, t_s: float) -> float:
    """Return where on the common axis a session time of one rep lies; NaN outside of it."""
    times = rep.rep
    if not times.start_s <= t_s <= times.end_s:
        return math.nan
    knots, _bounds = _axis(rep, other)
    return float(np.interp(t_s, _times(rep, len(knots)), knots))


def _axis(first: RepSummary, second: RepSummary) -> tuple[Array, tuple[tuple[str, float, float], ...]]:
    """Return the places of start, top, release and end, each phase as long as it is in the mean of both reps."""
    reps = (first.rep, second.rep)
    if any(rep.source or rep.release_s <= rep.top_s for rep in reps):
        return np.array([0.0, 1.0]), ((PHASE_TITLES["act"], 0.0, 1.0),)
    names = ("con", "hold", "ecc") if first.rep.first == "con" else ("ecc", "hold", "con")
    lengths = [fmean(rep.bounds_s(name)[1] - rep.bounds_s(name)[0] for rep in reps) for name in names]
    knots = np.concatenate(([0.0], np.cumsum(lengths))) / sum(lengths)
    titles = {str(phase): title for phase, title in PHASE_TITLES.items()}
    bounds = tuple((titles[name], float(knots[k]), float(knots[k + 1])) for k, name in enumerate(names))
    return knots, bounds


def _times(rep: RepSummary, n: int) -> Sequence[float]:
    times = rep.rep
    whole = (times.start_s, times.top_s, times.release_s, times.end_s)
    return whole if n == len(whole) else (times.start_s, times.end_s)


def _group_level(rep: RepSummary, group: str, at: Array, knots: Array) -> Array:
    """Mean over a group's channels of their envelopes on the common axis; NaN where there is none."""
    times = np.array(_times(rep, len(knots)))
    length_s = times[-1] - times[0]
    time_s = np.interp(at, knots, times)
    time_s += np.minimum(at, 0.0) * length_s + np.maximum(at - 1.0, 0.0) * length_s
    found = []
    for curve in rep.curves:
        if curve.placement.group == group and len(curve.level) > 1:
            own_s = curve.start_s + curve.period_s * np.arange(len(curve.level))
            found.append(np.interp(time_s, own_s, curve.level, left=np.nan, right=np.nan))
    if not found:
        return np.full(at.size, np.nan)
    counted = np.isfinite(found).sum(axis=0)
    return np.asarray(np.where(counted > 0, np.nansum(found, axis=0) / np.maximum(counted, 1), np.nan))


def _lines(shown: Passage, first: RepSummary, second: RepSummary) -> tuple[str, ...]:
    """Say how the first rep differs from the second, and whether two reps usually differ by as much."""
    reading = shown.reading
    assert reading is not None  # noqa: S101 - the caller looked
    lines = []
    share, other = share_value(first, "G", reading), share_value(second, "G", reading)
    if share is not None and other is not None:
        lines.append(words("review.compare.share", this=percent(share.value), that=percent(other.value)))
        lines.append(_usual(shown, reading, abs(share.value - other.value)))
    else:
        index, against = index_value(first, reading), index_value(second, reading)
        if index is not None and against is not None:
            this, that = factor(index.value), factor(against.value)
            lines.append(words("review.compare.index", this=this, that=that))
    for name, phase in (("hold", "hold"), ("rep", "act")):
        lengths = [duration_s(rep, phase) for rep in (first, second)]
        if all(item > 0.0 for item in lengths):
            lines.append(words(f"review.compare.{name}", this=number(lengths[0]), that=number(lengths[1])))
    onsets = [_glutes(starts(rep, ())) for rep in (first, second)]
    if all(map(math.isfinite, onsets)):
        lines.append(words("review.compare.onset", this=signed(onsets[0], 0), that=signed(onsets[1], 0)))
    return tuple(lines)


def _usual(shown: Passage, reading: Reading, change: float) -> str:
    """Hold a difference of shares against the spread of the set's reps."""
    reps = shown.summary.reps if shown.summary is not None else ()
    known = [item.value for rep in reps if rep.valid and (item := share_value(rep, "G", reading))]
    if len(known) < MIN_REPS:
        return words("review.compare.few")
    usual = USUAL * stdev(known)
    return words(f"review.compare.{'usual' if change <= usual else 'unusual'}", points=percent(usual))


def _glutes(found: Sequence[Start]) -> float:
    return next((item.at_ms for item in found if item.group == "G"), math.nan)
