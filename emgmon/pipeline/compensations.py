"""Gathers what the signs of an exercise read: angles where sensors are calibrated, excursions where they are not."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from emgmon.exercise.catalogue import Exercise
from emgmon.exercise.reps import TICK_S
from emgmon.exercise.signs import RepMotion, signs_of
from emgmon.model import Array, Rep, SignOfRep
from emgmon.pipeline.following import Follower
from emgmon.pipeline.motion import ImuTrack
from emgmon.pipeline.worn_angles import angles_of

READ = frozenset({"pelvis", "thigh"})
"""Segments whose excursion a sign reads; others are seen by angles alone."""
READS_UNREST = "sway"
"""The sign that reads how far the exercise's own sensor is from its mean in the hold."""


def signs_in(
    exercise: Exercise,
    rep: Rep,
    imus: Sequence[ImuTrack],
    followers: Sequence[Follower],
    changes: Mapping[str, float],
) -> tuple[SignOfRep, ...]:
    """Measure the signs that an exercise scores in one rep or hold that sensors of motion saw."""
    if not exercise.signs or rep.source or not (followers or exercise.held):
        return ()
    time_s = np.arange(rep.start_s, rep.end_s, TICK_S)
    worn = [(imu, imu.placement) for imu in imus if imu.placement and imu.rest is not None]
    excursion: dict[tuple[str, str], Array] = {}
    for follower in followers:
        course = follower.course(time_s)
        if course is not None and follower.side == rep.side:
            excursion["", ""] = course
    for imu, place in worn:
        at = place.segment, "" if place.segment == "pelvis" else place.side
        if place.segment in READ and at not in excursion:
            excursion[at] = imu.excursions_deg(time_s)
    sees = [(exercise.segments.index(place.segment), imu) for imu, place in worn if place.segment in exercise.segments]
    unrest = np.empty(0)
    if sees:
        best = min(sees, key=lambda item: item[0])[1]
        if READS_UNREST in exercise.signs:
            unrest = _unrest_deg(best.ups(time_s), (time_s >= rep.top_s) & (time_s <= rep.release_s))
        if ("", "") not in excursion:
            excursion["", ""] = best.excursions_deg(time_s)
    angles = angles_of(imus, time_s, rep.start_s)
    return signs_of(RepMotion(rep, time_s, angles, excursion, changes, unrest, exercise.held), exercise.signs)


def _unrest_deg(up: Array, held: NDArray[np.bool_]) -> Array:
    """Angle (n,) of directions (n, 3) from their mean in the hold (mask); NaN where they are lost."""
    there = up[held & np.isfinite(up).all(axis=1)]
    if not len(there):
        return np.full(len(up), math.nan)
    mean = there.mean(axis=0)
    return np.asarray(np.degrees(np.arctan2(np.linalg.norm(np.cross(up, mean), axis=1), up @ mean)))
