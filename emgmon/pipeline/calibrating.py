"""The calibration of motion sensors as the person goes through it: stand, bow, squat, lie on the back.

All of it comes from marks and samples, so a replay has it too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from emgmon.dsp.inertial_calibration import SegmentFrame, hinge_axis, sagittal_deg, stance
from emgmon.dsp.orientation import RATE, UP
from emgmon.model import Event, Mark, Notice
from emgmon.pipeline.motion import ImuTrack

SAYINGS = {
    "stand": "Stand still, feet parallel",
    "hinge": "Five slow bows from the hips",
    "squat": "Five slow squats",
    "supine": "Lie still on your back, knees bent",
}
MARKS = tuple(f"{part}_{end}" for part in SAYINGS for end in ("start", "stop"))

MARGIN_S = 0.4
"""Left out at both ends: the person is still settling, or already leaves."""

SLIPPED_DEG = 3.0
"""A repeated stance that differs by more is told: a strap moved, or the person stands otherwise."""

FORWARD: Mapping[str, int] = {"pelvis": 1, "lumbar": 1, "trunk": 1, "thigh": -1, "shank": 1}
"""Where the top of a segment goes in bows and squats: +1 forward. Segments not named have no bending axis."""


@dataclass(slots=True)
class Calibrating:
    """Follows the marks and gives each sensor its `frame`."""

    since_s: Mapping[str, float] | None = None

    def mark(self, t_s: float, mark: Mark, imus: Iterable[ImuTrack]) -> list[Event]:
        """Begin or end one part; returns what is to be said to the person."""
        part, _, end = mark.kind.partition("_")
        if end == "start":
            self.since_s = {part: t_s}
            return [Notice(t_s, SAYINGS[part])]
        if not self.since_s or part not in self.since_s:
            return []
        start_s, self.since_s = self.since_s[part], None
        worn = [imu for imu in imus if imu.placement is not None]
        if not worn:
            return [Notice(t_s, "No motion sensor is worn: there is nothing to calibrate.")]
        act: Mapping[str, Callable[[list[ImuTrack], float, float], str]] = {
            "stand": _stand,
            "hinge": _bend,
            "squat": _bend,
            "supine": _supine,
        }
        return [Notice(t_s, act[part](worn, start_s + MARGIN_S, t_s - MARGIN_S))]


def _stand(worn: list[ImuTrack], start_s: float, stop_s: float) -> str:
    """Take the vertical of each sensor."""
    bad, slipped = [], []
    for imu in worn:
        found = stance(imu.between(start_s, stop_s)[:, UP], imu.stream.fs_hz)
        if found.reason:
            bad.append(f"{imu.placement} {found.reason}")
            continue
        before = imu.frame
        imu.frame, imu.bent = SegmentFrame(found.up) if before is None else before.moved(found.up), None
        if before is not None:
            change_deg = math.degrees(
                math.atan2(float(np.linalg.norm(np.cross(before.up, found.up))), before.up @ found.up)
            )
            if change_deg > SLIPPED_DEG:
                slipped.append(f"{imu.placement} by {change_deg:.0f}°")
    if bad:
        return f"Stand still once more: {'; '.join(bad)}."
    if slipped:
        return f"The stance differs from the last one ({'; '.join(slipped)}): check straps and posture. It was taken."
    return f"Stance taken: {len(worn)} motion sensor{'s' if len(worn) > 1 else ''}."


def _bend(worn: list[ImuTrack], start_s: float, stop_s: float) -> str:
    """Take the mediolateral axis of each sensor, from the largest movement since the last stance."""
    good, bad = [], []
    for imu in worn:
        sign = FORWARD.get(imu.placement.segment if imu.placement else "", 0)
        if not sign:
            continue
        if imu.frame is None:
            bad.append(f"{imu.placement} has no stance yet")
            continue
        rows = imu.between(start_s, stop_s)
        found = hinge_axis(rows[:, UP], rows[:, RATE], imu.frame.up, imu.stream.fs_hz, sign)
        if not found.reason:
            if imu.bent is not None and imu.bent.range_deg > found.range_deg:
                continue
            imu.frame, imu.bent = SegmentFrame(imu.frame.up, found.axis), found
            good.append(f"{imu.placement} {found.explained:.0%} of {found.range_deg:.0f}°")
        elif imu.frame.left is None:
            bad.append(f"{imu.placement} {found.reason}")
    taken = f"Bending axis taken: {'; '.join(good)}." if good else ""
    asked = f"Repeat, slower and deeper: {'; '.join(bad)}." if bad else ""
    return " ".join(part for part in (taken, asked) if part) or "The bending axes were known already."


def _supine(worn: list[ImuTrack], start_s: float, stop_s: float) -> str:
    """Take the inclination of each calibrated sensor lying on the back."""
    taken, bad = [], []
    for imu in worn:
        if imu.frame is None or imu.frame.left is None:
            continue
        found = stance(imu.between(start_s, stop_s)[:, UP], imu.stream.fs_hz)
        if found.reason:
            bad.append(f"{imu.placement} {found.reason}")
        else:
            imu.supine_deg = float(sagittal_deg(imu.frame.seen(found.up[None, :]))[0])
            taken.append(str(imu.placement))
    if bad:
        return f"Lie still once more: {'; '.join(bad)}."
    return (
        f"Lying on the back taken: {'; '.join(taken)}." if taken else "Bow before lying down: no bending axis is known."
    )
