"""Follows the sensors of motion of one segment through a set: late samples, gaps, and reps judged on all that came."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from emgmon.dsp.motion_loops import Vector
from emgmon.exercise.boundaries import refine
from emgmon.exercise.catalogue import Exercise
from emgmon.exercise.own import OwnMovement, Seen, another, learn
from emgmon.exercise.reps import TICK_S, RepFinder, RepSettings
from emgmon.metrics import top_window_s
from emgmon.model import Array, Phase, Rep
from emgmon.pipeline.motion import ImuTrack

LOOK_BACK_S = 2.0
FARTHER, AGREES = 1.5, 0.5
"""An excursion so many times the largest so far gives the direction of moving, if it departs from it by over 60 deg."""

PATIENCE_S = 10.0
"""A sensor that is late is waited for this long; what it says then is judged as if it had come in time."""

LEAST = 1e-12
"""A length that is smaller is taken for this, so that it can be divided by."""

LIMBS = ("thigh", "shank", "foot")
"""Segments that there are two of."""


class Found(NamedTuple):
    """A rep, its range in degrees, and when the movement was within a tenth of its top."""

    rep: Rep
    range_deg: float
    top_s: tuple[float, float]


@dataclass(slots=True)
class Follower:
    """Sensors that move together, their mean excursion from the rest pose, and the reps in it.

    Attributes
    ----------
    imus : sequence of ImuTrack
    finder : RepFinder
    start_s : float
        Of the set: what was before does not count.
    side : str
        Side that is followed, empty for both.
    angle_deg : float
        Excursion at the newest tick that was judged; NaN while the sensors are late or away.
    hold_s : float
        Length of the present hold, or of the last one while moving back and resting.
    other : int
        Movements that were not the person's own first three reps' kind.
    """

    imus: Sequence[ImuTrack]
    finder: RepFinder
    start_s: float
    side: str = ""
    angle_deg: float = math.nan
    hold_s: float = 0.0
    other: int = 0
    _learning: list[Seen] = field(default_factory=list)
    _own: OwnMovement | None = None
    _waiting: list[float] = field(default_factory=list)
    _axes: dict[int, Vector] = field(default_factory=dict)
    _largest_deg: dict[int, float] = field(default_factory=dict)

    def tick(self, t_s: float) -> list[Found]:
        """Move on to one tick, or as far as the sensors have come; returns the reps that were finished."""
        self._waiting.append(t_s)
        return self._judge(t_s - PATIENCE_S)

    def close(self) -> list[Found]:
        """Judge what still waits, at the end of the set; returns the reps that were finished."""
        return self._judge(math.inf)

    def _judge(self, until_s: float) -> list[Found]:
        found, judged = [], 0
        for waits_s in self._waiting:
            angles = [angle for k in range(len(self.imus)) if not math.isnan(angle := self._excursion(k, waits_s))]
            if not angles and waits_s > max(until_s, *(imu.up.newest_s for imu in self.imus)):
                break
            judged += 1
            rep = self._step(waits_s, sum(angles) / len(angles) if angles else math.nan)
            found += [rep] if rep else []
        if self._waiting and judged < len(self._waiting):
            self.angle_deg = math.nan
        del self._waiting[:judged]
        return found

    def _excursion(self, k: int, t_s: float) -> float:
        """Signed excursion of one sensor, degrees: negative against the direction of the first that was large."""
        imu = self.imus[k]
        now = imu.direction_at(t_s)
        if now is None or imu.rest is None:
            return math.nan
        (ux, uy, uz, _still), (rx, ry, rz) = now, imu.rest.tolist()
        x, y, z = ry * uz - rz * uy, rz * ux - rx * uz, rx * uy - ry * ux
        sine = math.hypot(x, y, z)
        angle_deg = math.degrees(math.atan2(sine, ux * rx + uy * ry + uz * rz))
        axis = self._axes.get(k)
        if (
            angle_deg >= 0.5 * self.finder.min_range_deg
            and (axis is None or not self._learning)
            and angle_deg >= FARTHER * self._largest_deg.get(k, 0.0)
        ):
            axis = self._learn_axis(k, angle_deg, (x, y, z))
        if axis is None:
            return angle_deg
        ax, ay, az = axis
        size = sine * math.hypot(ax, ay, az)
        along = (x * ax + y * ay + z * az) / max(size, LEAST) * (1.0 + 4.0 * angle_deg * angle_deg)
        return angle_deg if along >= 1.0 else -angle_deg if along <= -1.0 else angle_deg * along

    def _learn_axis(self, k: int, angle_deg: float, turned: Vector) -> Vector:
        """Take the direction of the largest excursion: the first one may have been a jolt, or a damaged sample."""
        known = self._axes.get(k)
        if known is None or sum(a * b for a, b in zip(turned, known, strict=True)) < AGREES * (
            math.hypot(*turned) * math.hypot(*known)
        ):
            known = self._axes[k] = turned
        self._largest_deg[k] = angle_deg
        return known

    def _step(self, t_s: float, angle_deg: float) -> Found | None:
        finder = self.finder
        self.angle_deg = angle_deg
        if finder.phase is Phase.REST and angle_deg < 0.5 * finder.min_range_deg:
            for imu in self.imus:
                imu.drift_rest(t_s)
        inside_s = finder.feed(t_s, angle_deg)
        if finder.phase is Phase.HOLD and finder.hold_began_s is not None:
            self.hold_s = t_s - finder.hold_began_s
        elif finder.moving_out:
            self.hold_s = 0.0
        return self._refined(inside_s, t_s) if inside_s is not None else None

    def _refined(self, inside_s: float, now_s: float) -> Found | None:
        """Look again at what may have been a rep, on all samples that came; None when it was none."""
        time_s = np.arange(max(self.start_s, inside_s - LOOK_BACK_S), now_s, TICK_S)
        angle_deg = self.course(time_s)
        if angle_deg is None:
            return None
        time_s, angle_deg = _whole(time_s, angle_deg, inside_s, self.finder.settings)
        refined = refine(time_s, angle_deg, inside_s, self.finder.settings)
        if refined is None:
            return None
        begins_high = angle_deg[0] - angle_deg.min() > self.finder.settings.end_level * refined[1]
        if time_s[0] > self.start_s and refined[0].start_s < time_s[0] + TICK_S and begins_high:
            self.finder.partial += 1  # a gap hid how it began
            return None
        seen = self._seen(refined[0], refined[1])
        if seen and self._own and another(seen, self._own):
            self.other += 1
            return None
        rep = self.finder.accept(*refined)
        if rep is None:
            return None
        if seen and self._own is None:
            self._learning.append(seen)
            self._own = learn(self._learning)
        return Found(rep, refined[1], top_window_s(time_s, angle_deg, rep))

    def _seen(self, rep: Rep, range_deg: float) -> Seen | None:
        """Return the rep as the first sensor saw it; None where samples are lost."""
        rest, top = self.imus[0].ups(np.array([rep.start_s, (rep.top_s + rep.release_s) / 2]))
        return Seen(rest, top, range_deg) if np.isfinite([rest, top]).all() else None

    def course(self, time_s: Array) -> Array | None:
        """Mean excursion of those sensors that are whole, of all where none is; None where none has a sample."""
        each = [self._excursions(k, time_s) for k in range(len(self.imus))]
        whole = [angle for angle in each if np.isfinite(angle).all()]
        used = whole or [angle for angle in each if np.isfinite(angle).any()][:1]
        return np.asarray(sum(used) / len(used)) if used else None

    def _excursions(self, k: int, time_s: Array) -> Array:
        imu = self.imus[k]
        angle_deg = imu.excursions_deg(time_s)
        if k not in self._axes or imu.rest is None:
            return angle_deg
        return _signed(angle_deg, np.cross(imu.rest, _ups(imu, time_s)), np.array(self._axes[k]))


def _signed(angle_deg: Array, turned: Array, axis: Array) -> Array:
    """Give excursions (n,) a sign by their turning (n, 3): negative against the axis; without a jump near rest."""
    lengths = np.linalg.norm(turned, axis=1) * np.linalg.norm(axis)
    along = (turned @ axis) / np.maximum(lengths, LEAST)
    return np.asarray(angle_deg * np.clip(along * (1.0 + 4.0 * angle_deg**2), -1.0, 1.0))


def _ups(imu: ImuTrack, time_s: Array) -> Array:
    """Direction of gravity in a sensor's frame, (n, 3), at the last sample before each time."""
    return imu.up.rows[np.maximum(imu.up.time_s.searchsorted(time_s, "right") - 1, 0), :3]


def followers(exercise: Exercise, imus: Sequence[ImuTrack], start_s: float, settings: RepSettings) -> list[Follower]:
    """Choose the best segment that is worn; one follower, or one for each side where the exercise is one-sided.

    A segment that was seen at rest as the set began is better than any that was not.
    """
    rested = [(imu, imu.placement) for imu in imus if imu.rest is not None and imu.placement is not None]
    fresh = {place.segment for imu, place in rested if imu.rest_s == start_s}
    seen = [segment for segment in exercise.segments if any(place.segment == segment for _imu, place in rested)]
    segment = next((s for s in seen if s in fresh), seen[0] if seen else "")
    worn = [(imu, place.side) for imu, place in rested if place.segment == segment]
    if not worn:
        return []
    sides = sorted({side for _imu, side in worn})
    if exercise.sides == "both" or segment not in LIMBS:
        sides = [""]
    low_deg = exercise.min_range_deg[exercise.segments.index(segment)]
    return [
        Follower(
            [imu for imu, own in worn if side in {"", own}],
            RepFinder(low_deg, settings, exercise.first, exercise.largest_deg(segment)),
            start_s,
            side,
        )
        for side in sides
    ]


def _whole(time_s: Array, angle_deg: Array, inside_s: float, settings: RepSettings) -> tuple[Array, Array]:
    """Bridge short gaps in a course, and cut it behind the last long one before a moment."""
    there = np.flatnonzero(np.isfinite(angle_deg))
    long_gaps = np.flatnonzero(np.diff(there) * TICK_S > settings.gap_s)
    first = int(there[0])
    for gap in long_gaps.tolist():
        if time_s[there[gap + 1]] <= inside_s:
            first = int(there[gap + 1])
    filled = np.interp(time_s, time_s[there], angle_deg[there])
    last = int(there[-1]) + 1
    return time_s[first:last], filled[first:last]
