"""The envelopes of a rep, joined to one curve for each group, and the one scale on which a whole set is drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median

import numpy as np

from emgmon.model import GROUPS, Curve, Placement, RepSummary
from emgmon.report.reading import BASELINE_REPS, Reading, counted

POINTS = 60
"""Points of a drawn curve; more cannot be seen in a figure that is 3 cm wide."""

MAX_GAP = 0.2
"""A channel that lacks more than this part of a rep is left out of its group's mean, and the figure says so."""

Trace = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class RepTraces:
    """One rep as it is drawn.

    ``groups`` maps a group letter to (time since the rep's start in s, level) with NaN in gaps; ``missing`` names the
    channels that other reps have and this one lacks.
    """

    rep: RepSummary
    groups: Mapping[str, Trace]
    missing: tuple[str, ...]


def _binned(curve: Curve, start_s: float, bin_s: float) -> list[float]:
    """Return the mean level in each of `POINTS` bins from `start_s`; NaN in an empty one."""
    level = np.array(curve.level)
    after_s = curve.start_s - start_s + curve.period_s * np.arange(len(level))
    at = (after_s / bin_s + 1e-6).astype(int)
    there = (at >= 0) & (at < POINTS) & np.isfinite(level)
    count = np.bincount(at[there], minlength=POINTS)
    total = np.bincount(at[there], level[there], POINTS)
    means: list[float] = np.where(count > 0, total / np.maximum(count, 1), math.nan).tolist()
    return means


def _trace(rep: RepSummary, usual: Sequence[Placement]) -> tuple[Trace, tuple[str, ...]]:
    """Return one group's mean curve over `usual` placements, and the labels of those that this rep lacks."""
    start_s, stop_s = rep.rep.bounds_s("act")
    longest = max((len(curve.level) for curve in rep.curves), default=0)
    if not stop_s > start_s or not longest:
        return (), tuple(item.label for item in usual)
    period_s = max(curve.period_s for curve in rep.curves)
    bin_s = max((stop_s - start_s) / POINTS, period_s)
    found = {curve.placement: _binned(curve, start_s, bin_s) for curve in rep.curves if curve.placement in usual}
    used = max(1, min(POINTS, math.ceil((stop_s - start_s) / bin_s - 1e-6)))
    kept = {
        place: levels[:used] for place, levels in found.items() if sum(map(math.isnan, levels[:used])) <= MAX_GAP * used
    }
    missing = tuple(place.label for place in usual if place not in kept)
    if not kept:
        return (), missing
    means = [fmean(column) for column in zip(*kept.values(), strict=True)]
    return tuple(((number + 0.5) * bin_s, level) for number, level in enumerate(means)), missing


def rep_traces(reps: Sequence[RepSummary]) -> tuple[RepTraces, ...]:
    """Join the curves of each rep by group."""
    seen = {curve.placement for rep in reps for curve in rep.curves if any(map(math.isfinite, curve.level))}
    usual = {group: sorted(place for place in seen if place.group == group) for group in GROUPS}
    drawn = []
    for rep in reps:
        groups: dict[str, Trace] = {}
        missing: list[str] = []
        for group, placements in usual.items():
            if placements:
                groups[group], lacking = _trace(rep, placements)
                missing.extend(lacking)
        drawn.append(RepTraces(rep, groups, tuple(missing)))
    return tuple(drawn)


def _peak(trace: Trace) -> float:
    return max((level for _, level in trace if math.isfinite(level)), default=math.nan)


def scaled(traces: Sequence[RepTraces], reading: Reading) -> tuple[RepTraces, ...]:
    """Put the groups on one scale: as they are with references, else each against its own peak in the first two reps.

    Levels in µV of two muscles cannot be compared (gain, skin and fat differ), their changes can.
    """
    if reading.comparable:
        return tuple(traces)
    one: dict[str, float] = {}
    for group in GROUPS:
        peaks = [_peak(item.groups.get(group, ())) for item in traces if item.rep.valid]
        first = [peak for peak in peaks if peak > 0][:BASELINE_REPS]
        one[group] = fmean(first) if first else math.nan
    return tuple(
        RepTraces(
            item.rep,
            {group: tuple((t, level / one[group]) for t, level in trace) for group, trace in item.groups.items()},
            item.missing,
        )
        for item in traces
    )


def top_level(traces: Sequence[RepTraces]) -> tuple[float, bool]:
    """Return the level at the top of all figures (1 when there is nothing to draw), and whether a curve goes beyond.

    It is the highest, but at most twice the median rep's: one spike would else flatten every other rep.
    """
    peaks = [peak for item in traces if (peak := _highest(item)) > 0]
    top = 1.04 * min(max(peaks), 2 * median(peaks)) if peaks else 1.0
    return top, any(peak > top for peak in peaks)


def _highest(item: RepTraces) -> float:
    return max((peak for trace in item.groups.values() if math.isfinite(peak := _peak(trace))), default=0.0)


def span_s(reps: Sequence[RepSummary]) -> float:
    """Return the time that each figure spans, s: the longest rep, but at most twice the median one."""
    lengths = [rep.rep.end_s - rep.rep.start_s for rep in counted(reps) or reps]
    lengths = [length for length in lengths if length > 0]
    return min(max(lengths), 2 * median(lengths)) if lengths else 1.0
