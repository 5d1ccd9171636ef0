"""What is found when a set is over: holds, cycles and bursts of the muscles, and which values are only bounds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from emgmon.exercise.bursts import find_bursts, find_cycles
from emgmon.exercise.catalogue import Exercise
from emgmon.exercise.holds import Worn, find_holds
from emgmon.exercise.reps import TICK_S, RepSettings
from emgmon.model import Estimate, Placement, Rep, RepSummary
from emgmon.pipeline.frames import BAR_S
from emgmon.pipeline.motion import ImuTrack
from emgmon.pipeline.tracks import EmgTrack


def held_reps(exercise: Exercise, imus: Sequence[ImuTrack], start_s: float, stop_s: float) -> tuple[list[Rep], str]:
    """Find the holds of a set, and say in one sentence what is unsure about them, empty when nothing is.

    Without a sensor on a segment of the exercise the clock counts, from start to stop.
    """
    time_s = np.arange(start_s, stop_s, TICK_S)
    worn = []
    for imu in imus:
        if imu.placement and imu.placement.segment in exercise.segments and imu.rest is not None and len(time_s) > 1:
            range_deg = exercise.min_range_deg[exercise.segments.index(imu.placement.segment)]
            worn.append(Worn(imu.ups(time_s), imu.rest, range_deg))
    if not worn:
        clock = [Rep(1, start_s, start_s, stop_s, stop_s)] if stop_s > start_s else []
        return clock, "No motion sensor saw the hold: the whole time from start to stop was counted."
    found = find_holds(time_s, worn)
    reps = [Rep(k + 1, a, a, b, b) for k, (a, b) in enumerate(found.spans_s)]
    if not reps:
        return [], "The sensors were never still for 3 s: no hold was found."
    doubt = "The pose was the same from the start of the set: all stillness was counted, rest too."
    return reps, "" if found.left_rest else doubt


def burst_reps(
    exercise: Exercise, emg: Mapping[Placement, EmgTrack], start_s: float, stop_s: float, rules: RepSettings | None
) -> list[Rep]:
    """Find bursts of the muscles in place of a movement that no sensor saw, or cycles where `rules` is None."""
    time_s = np.arange(start_s + BAR_S / 2, stop_s - BAR_S / 2, TICK_S)
    total = np.zeros(len(time_s))
    for place, track in emg.items():
        if place.group in exercise.groups:
            level = track.levels(time_s, BAR_S)
            if np.isfinite(level).any() and np.nanmax(level) > 0:
                total += np.nan_to_num(level / np.nanmax(level))
    if rules is not None:
        return find_bursts(time_s, total, rules.min_s, rules.max_s)
    return find_cycles(time_s, total, exercise.min_cycle_s, exercise.max_cycle_s)


def with_bounds(estimates: Sequence[Estimate], reps: Sequence[RepSummary]) -> tuple[Estimate, ...]:
    """Count in each estimate the reps whose value is only a bound."""
    flags: dict[tuple[str, str, str], list[str]] = {}
    for rep in reps:
        for value in rep.values:
            if rep.valid and value.flag and not math.isnan(value.value):
                flags.setdefault((value.metric, value.phase, value.where), []).append(value.flag)
    return tuple(
        replace(item, at_most=sum(f in {"<=", "~"} for f in found), at_least=sum(f in {">=", "~"} for f in found))
        if (found := flags.get((item.metric, item.phase, item.where)))
        else item
        for item in estimates
    )
