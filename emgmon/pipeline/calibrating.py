"""The calibration of motion sensors as the person goes through it: stand, bow, squat, lie on the back; and posture.

All of it comes from marks and samples, so a replay has it too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from emgmon.dsp.inertial_calibration import SegmentFrame, hinge_axis, sagittal_deg, stance
from emgmon.dsp.orientation import RATE, UP
from emgmon.exercise.posture import Standing
from emgmon.model import Array, CalibrationTaken, Event, Mark, Notice, Placement, SensorSeen
from emgmon.pipeline.motion import ImuTrack


class Part(NamedTuple):
    """One part of the calibration, as a person is led through it.

    Attributes
    ----------
    title, instruction : str
    length_s : float
        How long stillness is asked for; of movements, how long they usually take: then the person ends them.
    times : int
        How many movements; 0 for stillness.
    """

    title: str
    instruction: str
    length_s: float
    times: int = 0


PARTS: Mapping[str, Part] = {
    "stand": Part("Stand still", "Stand still, feet parallel", 5.0),
    "hinge": Part("Bow", "Five slow bows from the hips", 20.0, 5),
    "squat": Part("Squat", "Five slow squats", 20.0, 5),
    "supine": Part("Lie on the back", "Lie still on your back, knees bent", 5.0),
    "posture": Part("Posture", "Stand still as you always stand", 5.0),
}
"""In the order of a session. ``supine`` serves exercises done lying; ``posture`` is no calibration but a check."""

MARKS = tuple(f"{part}_{end}" for part in PARTS for end in ("start", "stop", "cancel"))

MARGIN_S = 0.4
"""Left out at both ends: the person is still settling, or already leaves."""

SLIPPED_DEG = 3.0
"""A repeated stance that differs by more is told: a strap moved, or the person stands otherwise."""

FORWARD: Mapping[str, int] = {"pelvis": 1, "lumbar": 1, "trunk": 1, "thigh": -1, "shank": 1}
"""Where the top of a segment goes in bows and squats: +1 forward. Segments not named have no bending axis."""

PELVIS = "sacrum"
"""Site of the sensor that tells how the pelvis stands."""
STOOD = ("posture", "stand")
"""Parts that tell it, the best first: as one always stands, or the stance of the calibration."""


class _Answer(NamedTuple):
    text: str
    good: bool
    seen: tuple[SensorSeen, ...] = ()


@dataclass(slots=True)
class Calibrating:
    """Follows the marks and gives each sensor its `frame`; knows how the pelvis stood."""

    since_s: Mapping[str, float] | None = None
    _stood: dict[str, Array] = field(default_factory=dict)
    _why: str = "Standing was not recorded (marks posture_start and posture_stop, or stand_start and stand_stop)."

    def mark(self, t_s: float, mark: Mark, imus: Iterable[ImuTrack]) -> list[Event]:
        """Begin, end or leave one part; returns what is to be said to the person."""
        part, _, end = mark.kind.partition("_")
        if end == "start":
            self.since_s = {part: t_s}
            return [Notice(t_s, PARTS[part].instruction)]
        if not self.since_s or part not in self.since_s:
            return []
        start_s, self.since_s = self.since_s[part], None
        if end == "cancel":
            return []
        worn = [(imu, imu.placement) for imu in imus if imu.placement is not None]
        if not worn:
            text = "No motion sensor is worn: there is nothing to calibrate."
            return [CalibrationTaken(t_s, text, part, good=False)]
        act: Mapping[str, Callable[[Worn, float, float], _Answer]] = {
            "stand": _stand,
            "hinge": _bend,
            "squat": _bend,
            "supine": _supine,
            "posture": _posture,
        }
        first_s, last_s = start_s + MARGIN_S, t_s - MARGIN_S
        if part in STOOD:
            self._stand(part, worn, first_s, last_s)
        text, good, seen = act[part](worn, first_s, last_s)
        return [CalibrationTaken(t_s, text, part, good, seen)]

    def _stand(self, part: str, worn: Worn, start_s: float, stop_s: float) -> None:
        for imu, place in worn:
            if place.muscle == PELVIS:
                found = stance(imu.between(start_s, stop_s)[:, UP], imu.stream.fs_hz)
                if found.reason:
                    self._why = f"Standing cannot be judged: the sensor {found.reason}."
                else:
                    self._stood[part] = found.up

    def standing(self, pelvis: ImuTrack | None) -> Standing | str:
        """Return how the pelvis stood last, with what is calibrated by now, or one sentence why that is not known."""
        if pelvis is None:
            return "It needs a motion sensor on the sacrum."
        up = next((self._stood[part] for part in STOOD if part in self._stood), None)
        if up is None:
            return self._why
        if pelvis.frame is None or pelvis.frame.left is None:
            return Standing(up)
        inclined_deg = float(sagittal_deg(pelvis.frame.seen(up[None, :]))[0])
        return Standing(up, pelvis.frame.left, pelvis.supine_deg - inclined_deg)


Worn = Sequence[tuple[ImuTrack, Placement]]
"""Motion sensors with where they are worn."""


def _stand(worn: Worn, start_s: float, stop_s: float) -> _Answer:
    """Take the vertical of each sensor."""
    seen, slipped = [], []
    for imu, place in worn:
        found = stance(imu.between(start_s, stop_s)[:, UP], imu.stream.fs_hz)
        seen.append(SensorSeen(place, found.reason, found.sway_deg))
        if found.reason:
            continue
        before = imu.frame
        imu.frame, imu.bent = SegmentFrame(found.up) if before is None else before.moved(found.up), None
        if before is not None:
            change_deg = math.degrees(
                math.atan2(float(np.linalg.norm(np.cross(before.up, found.up))), before.up @ found.up)
            )
            if change_deg > SLIPPED_DEG:
                slipped.append(f"{place} by {change_deg:.0f}°")
    if bad := _reasons(seen):
        return _Answer(f"Stand still once more: {bad}.", good=False, seen=tuple(seen))
    text = f"Stance taken: {len(worn)} motion sensor{'s' if len(worn) > 1 else ''}."
    if slipped:
        text = f"The stance differs from the last one ({'; '.join(slipped)}): check straps and posture. It was taken."
    return _Answer(text, good=True, seen=tuple(seen))


def _bend(worn: Worn, start_s: float, stop_s: float) -> _Answer:
    """Take the mediolateral axis of each sensor, from the largest movement since the last stance."""
    seen, good, bad = [], [], []
    for imu, place in worn:
        sign = FORWARD.get(place.segment, 0)
        if not sign:
            continue
        if imu.frame is None:
            bad.append(SensorSeen(place, "has no stance yet"))
            continue
        rows = imu.between(start_s, stop_s)
        found = hinge_axis(rows[:, UP], rows[:, RATE], imu.frame.up, imu.stream.fs_hz, sign)
        shown = SensorSeen(place, found.reason, math.nan, found.explained, found.range_deg)
        seen.append(shown)
        if not found.reason:
            if imu.bent is not None and imu.bent.range_deg > found.range_deg:
                continue
            imu.frame, imu.bent = SegmentFrame(imu.frame.up, found.axis), found
            good.append(f"{place} {found.explained:.0%} of {found.range_deg:.0f}°")
        elif imu.frame.left is None:
            bad.append(shown)
    taken = f"Bending axis taken: {'; '.join(good)}." if good else ""
    asked = f"Repeat, slower and deeper: {_reasons(bad)}." if bad else ""
    text = " ".join(part for part in (taken, asked) if part) or "The bending axes were known already."
    return _Answer(text, not bad, (*seen, *(item for item in bad if item not in seen)))


def _supine(worn: Worn, start_s: float, stop_s: float) -> _Answer:
    """Take the inclination of each calibrated sensor lying on the back."""
    seen = []
    for imu, place in worn:
        if imu.frame is None or imu.frame.left is None:
            continue
        found = stance(imu.between(start_s, stop_s)[:, UP], imu.stream.fs_hz)
        seen.append(SensorSeen(place, found.reason, found.sway_deg))
        if not found.reason:
            imu.supine_deg = float(sagittal_deg(imu.frame.seen(found.up[None, :]))[0])
    if bad := _reasons(seen):
        return _Answer(f"Lie still once more: {bad}.", good=False, seen=tuple(seen))
    if not seen:
        return _Answer("Bow before lying down: no bending axis is known.", good=False)
    return _Answer(
        f"Lying on the back taken: {'; '.join(str(item.placement) for item in seen)}.", good=True, seen=tuple(seen)
    )


def _posture(worn: Worn, start_s: float, stop_s: float) -> _Answer:
    """See whether the pelvis stood still; what it means is said against earlier standing."""
    found = [(place, stance(imu.between(start_s, stop_s)[:, UP], imu.stream.fs_hz)) for imu, place in worn]
    seen = tuple(SensorSeen(place, s.reason, s.sway_deg) for place, s in found if place.muscle == PELVIS)
    if not seen:
        return _Answer("Posture needs a motion sensor on the sacrum.", good=False)
    if bad := _reasons(seen):
        return _Answer(f"Stand still once more: {bad}.", good=False, seen=seen)
    return _Answer("Standing taken.", good=True, seen=seen)


def _reasons(seen: Sequence[SensorSeen]) -> str:
    return "; ".join(f"{item.placement} {item.reason}" for item in seen if item.reason)
