"""Gathers what the signs of an exercise read: angles where sensors are calibrated, excursions where they are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from emgmon.exercise.catalogue import Exercise
from emgmon.exercise.reps import TICK_S
from emgmon.exercise.signs import RepMotion, signs_of
from emgmon.model import Array, Rep, SignOfRep
from emgmon.pipeline.following import Follower
from emgmon.pipeline.motion import ImuTrack, angles_of


def signs_in(
    exercise: Exercise,
    rep: Rep,
    imus: Sequence[ImuTrack],
    followers: Sequence[Follower],
    changes: Mapping[str, float],
) -> tuple[SignOfRep, ...]:
    """Measure the signs that an exercise scores in one rep that was seen by sensors of motion."""
    if not exercise.signs or rep.source or not followers:
        return ()
    time_s = np.arange(rep.start_s, rep.end_s, TICK_S)
    excursion: dict[tuple[str, str], Array] = {}
    for follower in followers:
        course = follower.course(time_s)
        if course is not None and follower.side == rep.side:
            excursion["", ""] = course
    for imu in imus:
        if imu.placement and imu.rest is not None:
            side = "" if imu.placement.segment == "pelvis" else imu.placement.side
            excursion.setdefault((imu.placement.segment, side), imu.excursions_deg(time_s))
    return signs_of(RepMotion(rep, time_s, angles_of(imus, time_s, rep.start_s), excursion, changes), exercise.signs)
